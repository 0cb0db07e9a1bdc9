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

/// The fewest characters of a new password (NIST SP 800-63B, section 5.1.1.2).
const SHORTEST: usize = 8;
/// The most characters of a password that is looked at.
const LONGEST: usize = 256;

/// Whether a new account can have the password. Characters are counted as a person counts them, not bytes.
pub(crate) fn can_be_new(password: &SecretString) -> bool {
    is_looked_at(password) && password.expose_secret().chars().count() >= SHORTEST
}

/// Whether the password is one that somebody can have: a longer one is not worth the time of a hash.
pub(crate) fn is_looked_at(password: &SecretString) -> bool {
    password.expose_secret().chars().count() <= LONGEST
}

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
        self.in_turn(move || hash(password.expose_secret())).await
    }

    /// Whether the password fits the hash. With no hash it takes as long, and the answer is no.
    pub(crate) async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.as_ref().to_owned());
        let fits = self
            .in_turn(move || {
                let parsed = PasswordHash::new(&stored).map_err(|_| Error::Stored("a password hash"))?;
                Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(fits && known)
    }

    /// Does blocking work when its turn has come. The turn ends with the work, not with the request: a client that hangs
    /// up does not stop what was begun for it.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Error::Hash)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| Error::Hash)?
    }
}

/// Hashes a password at once, blocking: a PHC string, Argon2id with the library's parameters (OWASP's minimum).
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(|_| Error::Hash)?.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_client_that_hangs_up_does_not_make_room_for_the_next_one() {
        let passwords = Passwords::new().unwrap();
        let (finish, finished) = mpsc::channel::<()>();
        let mut work = Box::pin(passwords.in_turn(move || finished.recv().map_err(|_| Error::Hash)));
        assert!(futures::poll!(&mut work).is_pending());
        drop(work);
        assert_eq!(passwords.turns.available_permits(), AT_ONCE - 1);
        finish.send(()).unwrap();
        drop(passwords.turns.acquire_many(AT_ONCE.try_into().unwrap()).await.unwrap());
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let can_be_new = |password: &str| can_be_new(&password.to_owned().into());
        assert!(!can_be_new("ñandúes"), "seven characters in nine bytes");
        assert!(can_be_new("ñandúes!"));
        assert!(can_be_new(&"猫".repeat(LONGEST)));
        assert!(!can_be_new(&"x".repeat(LONGEST + 1)));
    }
}
