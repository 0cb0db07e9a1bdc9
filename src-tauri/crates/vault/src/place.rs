//! Where the key of the database is: in the keyring of the operating system, or, on a machine without one, where store IT
//! says by name: in a file that only the till's user may read, or a credential of systemd.
//!
//! A key in a file is store IT's: it is never made here in the place of one that is missing, and nothing falls back to it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::{Keyring, KeyringError, key::ENTRY, vault::write_whole};

/// No key is longer.
const LONGEST: u64 = 1024;

/// Where the key of the database is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the keyring, with everything else.
    #[default]
    Keyring,
    /// In a file with 64 hexadecimal digits. Its folder can be written, for a new key.
    File(PathBuf),
    /// In a file that another program provides at each start, and that cannot be changed; none where it did not.
    Credential(Option<PathBuf>),
}

/// Why a key that store IT gives cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("the file with the key is missing")]
    Missing,
    /// Others may read it, or it cannot be known here whether they may.
    #[error("the file with the key can be read by others; it must be its user's alone (mode 0600)")]
    ReadableByOthers,
    /// It is not a file, or cannot be read or written.
    #[error("the file with the key cannot be used: {0}")]
    Unusable(io::ErrorKind),
    /// A credential cannot be changed by the program that it is given to.
    #[error("the key is a credential of systemd, which only store IT can replace")]
    Given,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum KeyError {
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    File(#[from] KeyFileError),
}

impl KeyPlace {
    /// Whether somebody else looks after the key.
    pub(crate) fn is_its_own(&self) -> bool {
        *self != KeyPlace::Keyring
    }

    pub(crate) fn is_read_only(&self) -> bool {
        matches!(self, KeyPlace::Credential(_))
    }

    pub(crate) async fn get(&self, keyring: &Keyring, entry: &str) -> Result<Option<SecretString>, KeyError> {
        Ok(match self {
            KeyPlace::Keyring => keyring.get(entry).await?,
            KeyPlace::File(file) => read(&beside(file, entry))?,
            KeyPlace::Credential(Some(file)) if entry == ENTRY => read(file)?,
            KeyPlace::Credential(_) => None,
        })
    }

    pub(crate) async fn set(
        &self,
        keyring: &Keyring,
        entry: &str,
        secret: &SecretString,
    ) -> Result<(), KeyError> {
        match self {
            KeyPlace::Keyring => keyring.set(entry, secret).await?,
            KeyPlace::File(file) => {
                write_whole(&beside(file, entry), secret.expose_secret())
                    .map_err(|error| unusable(&error))?;
            }
            KeyPlace::Credential(_) => return Err(KeyFileError::Given.into()),
        }
        Ok(())
    }

    pub(crate) async fn delete(&self, keyring: &Keyring, entry: &str) -> Result<(), KeyError> {
        match self {
            KeyPlace::Keyring => keyring.delete(entry).await?,
            KeyPlace::File(file) => match fs::remove_file(beside(file, entry)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(&error).into()),
                _ => {}
            },
            KeyPlace::Credential(_) => {}
        }
        Ok(())
    }
}

/// The key in use is in the file itself; others (the next one, those of what was set aside) in files beside it.
fn beside(file: &Path, entry: &str) -> PathBuf {
    match entry.strip_prefix(ENTRY).map(|label| label.replace('/', ".")) {
        Some(label) if !label.is_empty() => {
            let mut name = file.as_os_str().to_owned();
            name.push(label);
            name.into()
        }
        _ => file.to_owned(),
    }
}

/// None where there is no file. One that others may read is not read.
fn read(file: &Path) -> Result<Option<SecretString>, KeyFileError> {
    let found = match fs::metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(&error)),
    };
    if !found.is_file() || found.len() > LONGEST {
        return Err(KeyFileError::Unusable(io::ErrorKind::InvalidData));
    }
    if !is_private(&found) {
        return Err(KeyFileError::ReadableByOthers);
    }
    let text = fs::read_to_string(file).map_err(|error| unusable(&error))?;
    Ok(Some(text.trim().to_owned().into()))
}

#[cfg(unix)]
fn is_private(found: &fs::Metadata) -> bool {
    let for_others = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077;
    for_others == 0
}

/// Elsewhere there is a keyring, and who may read a file is not said by a number.
#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    false
}

fn unusable(error: &io::Error) -> KeyFileError {
    KeyFileError::Unusable(error.kind())
}
