//! Random values that are shown once and kept as hashes: codes, cookies, tokens.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::Error;

/// The SHA-256 hash of a secret: what the database knows of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SecretHash([u8; 32]);

impl SecretHash {
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Reads one back from the database.
    pub(crate) fn stored(bytes: &[u8]) -> Result<Self, Error> {
        bytes.try_into().map(Self).map_err(|_| Error::Stored("a hash"))
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// A secret that was just made.
pub(crate) struct Fresh {
    secret: SecretString,
}

impl Fresh {
    /// 256 random bits, written so that they fit into a URL, a header and a form.
    pub(crate) fn random() -> Self {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes);
        Self { secret: URL_SAFE_NO_PAD.encode(bytes).into() }
    }

    /// The successor of a refresh token. It follows from the old one and a key that never leaves this machine, so that a
    /// client whose answer was lost is given the same one again, and none is kept in plain text.
    pub(crate) fn successor(of: &str, key: &[u8]) -> Result<Self, Error> {
        Ok(Self { secret: URL_SAFE_NO_PAD.encode(mac(of, key)?).into() })
    }

    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(self.expose())
    }
}

/// What only this machine can say of a text: 128 bits, written so that they fit into a URL and keep it short.
pub(crate) fn proof(of: &str, key: &[u8]) -> Result<String, Error> {
    let mac = mac(of, key)?;
    let (half, _) = mac.split_at(16);
    Ok(URL_SAFE_NO_PAD.encode(half))
}

fn mac(of: &str, key: &[u8]) -> Result<[u8; 32], Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Error::Stored("a key"))?;
    mac.update(of.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}
