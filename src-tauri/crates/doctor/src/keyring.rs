//! The keyring: puts something in, reads it, and takes it away.

use secrecy::{ExposeSecret as _, SecretString};
use vault::{Keyring, KeyringError};

use crate::{Check, Code, Line};

const ENTRY: &str = "doctor-probe";
const PROBE: &str = "probe";

/// Reads first: where the keyring is locked, nothing is left waiting to be written.
pub(crate) async fn look(keyring: &Keyring) -> Line {
    let code = match code(probe(keyring).await) {
        Code::KeyringMissing if keyring.has_key_elsewhere() => Code::KeyringNotNeeded,
        code => code,
    };
    Line::new(Check::Keyring, code)
}

async fn probe(keyring: &Keyring) -> Result<bool, KeyringError> {
    keyring.get(ENTRY).await?;
    keyring.set(ENTRY, &SecretString::from(PROBE)).await?;
    let read = keyring.get(ENTRY).await?;
    keyring.delete(ENTRY).await?;
    Ok(read.is_some_and(|read| read.expose_secret() == PROBE))
}

fn code(probed: Result<bool, KeyringError>) -> Code {
    match probed {
        Ok(true) => Code::KeyringWorks,
        Ok(false) | Err(KeyringError::Other) => Code::KeyringFails,
        Err(KeyringError::Missing) => Code::KeyringMissing,
        Err(KeyringError::Locked) => Code::KeyringLocked,
        Err(KeyringError::Silent) => Code::KeyringSilent,
    }
}
