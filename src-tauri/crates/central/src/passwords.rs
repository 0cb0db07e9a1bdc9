//! Passwords: Argon2id, a few at a time, and as slow for an unknown account as for a known one.

use std::{fmt, sync::Arc};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, secret::Fresh};

/// Each hash takes 19 MiB and some 20 ms: more at once would let anybody exhaust the machine.
const AT_ONCE: usize = 2;

/// The shortest password that a new account can have (NIST SP 800-63B, section 5.1.1.2).
pub(crate) const SHORTEST: usize = 8;
/// The longest one that is looked at.
pub(crate) const LONGEST: usize = 256;

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    /// The hash of a password that nobody knows, checked when there is no account.
    nobody: Arc<str>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, Error> {
        let nobody = hash(Fresh::random().expose())?;
        Ok(Self { turns: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// Hashes a new password when its turn has come.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Error> {
        let _turn = self.turns.acquire().await.map_err(|_| Error::Hash)?;
        tokio::task::spawn_blocking(move || hash(password.expose_secret())).await.map_err(|_| Error::Hash)?
    }

    /// Whether the password fits the hash. With no hash it takes as long, and the answer is no.
    pub(crate) async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<bool, Error> {
        let _turn = self.turns.acquire().await.map_err(|_| Error::Hash)?;
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.as_ref().to_owned());
        let fits = tokio::task::spawn_blocking(move || {
            let parsed = PasswordHash::new(&stored).map_err(|_| Error::Stored("a password hash"))?;
            Ok::<_, Error>(
                Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok(),
            )
        })
        .await
        .map_err(|_| Error::Hash)??;
        Ok(fits && known)
    }
}

/// Hashes a password at once, blocking: a PHC string, Argon2id with the library's parameters (OWASP's minimum).
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(|_| Error::Hash)?.to_string())
}
