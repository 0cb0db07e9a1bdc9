//! Keyring.

use std::{fmt, sync::Arc};

use secrecy::SecretString;
use thiserror::Error;

/// Why the keyring gave no answer that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyringError {
    /// No keyring service runs here.
    #[error("no keyring service runs")]
    Missing,
    /// The keyring is locked and stayed so.
    #[error("the keyring is locked")]
    Locked,
    /// The service runs but did not answer in time.
    #[error("the keyring does not answer")]
    Silent,
    /// Anything else: two entries of one name, an entry that is not text.
    #[error("the keyring failed")]
    Other,
}

/// A place for secrets, called on a thread of its own: it may block.
pub trait SecretStore: Send + Sync + 'static {
    /// Reads; none only where it is certain that there is no such entry.
    fn get(&self, account: &str) -> Result<Option<SecretString>, KeyringError>;
    /// Writes or replaces.
    fn set(&self, account: &str, secret: &SecretString) -> Result<(), KeyringError>;
    /// Removes; it is no failure when there is nothing.
    fn delete(&self, account: &str) -> Result<(), KeyringError>;
}

/// The keyring of the operating system, as one till sees it.
#[derive(Clone)]
pub struct Keyring {
    store: Arc<dyn SecretStore>,
    namespace: Arc<str>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Keyring {
    /// The keyring of the operating system. The namespace keeps two data folders of one user apart.
    pub fn system(namespace: &str) -> Keyring {
        let _ = namespace;
        todo!()
    }

    /// A keyring over another store: for tests and for other key stores.
    pub fn over(store: Arc<dyn SecretStore>, namespace: &str) -> Keyring {
        Keyring { store, namespace: namespace.into() }
    }

    /// For tests alone: forgets everything when the last clone is gone.
    pub fn in_memory() -> Keyring {
        todo!()
    }

    /// Reads an entry.
    pub async fn get(&self, name: &str) -> Result<Option<SecretString>, KeyringError> {
        self.store.get(name)
    }

    /// Writes an entry.
    pub async fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeyringError> {
        self.store.set(name, secret)
    }

    /// Removes an entry.
    pub async fn delete(&self, name: &str) -> Result<(), KeyringError> {
        self.store.delete(name)
    }
}
