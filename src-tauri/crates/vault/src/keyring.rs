//! The keyring of the operating system: Secret Service, Keychain or Credential Manager.
//!
//! A locked or dead Secret Service blocks its caller for ever, so every call runs on a thread of its own and is given up
//! after [`PATIENCE`]. A write that was given up may still happen later, when somebody types the keyring's
//! password; until it has ended no other write begins, so that it can never overtake one.
//!
//! There is no fall-back: no file in plain text, no kernel keyring that forgets at the next start. Only the key of the
//! database may be elsewhere, where store IT says so by name ([`Keyring::with_key_at`]).

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use keyring_core::api::CredentialStoreApi;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::KeyPlace;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store as SystemStore;
#[cfg(windows)]
use windows_native_keyring_store::Store as SystemStore;
#[cfg(all(unix, not(target_os = "macos")))]
use zbus_secret_service_keyring_store::Store as SystemStore;

/// How long an answer is waited for.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The service name of every entry.
const SERVICE: &str = "countersign";

/// Why the keyring gave no answer that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyringError {
    /// No keyring service runs here.
    #[error("no keyring service runs")]
    Missing,
    /// The keyring is locked: it was asked to unlock and did not, or waits for somebody to type its password.
    #[error("the keyring is locked")]
    Locked,
    /// The service is there but did not even begin to answer in time.
    #[error("the keyring does not answer")]
    Silent,
    /// Anything else: two entries of one name, an entry that is not text.
    #[error("the keyring failed")]
    Other,
}

/// A place for secrets. Called on a thread of its own: it may block.
pub trait SecretStore: Send + Sync + 'static {
    /// Reads an entry; none only where it is certain that there is no such entry. `reached` is set as soon as the
    /// service has answered at all, which tells a locked keyring from a silent one.
    fn get(&self, account: &str, reached: &AtomicBool) -> Result<Option<SecretString>, KeyringError>;
    /// Writes or replaces an entry.
    fn set(&self, account: &str, secret: &SecretString, reached: &AtomicBool) -> Result<(), KeyringError>;
    /// Removes an entry; it is no failure when there is none.
    fn delete(&self, account: &str, reached: &AtomicBool) -> Result<(), KeyringError>;
}

/// The keyring as one till sees it.
#[derive(Clone)]
pub struct Keyring {
    store: Arc<dyn SecretStore>,
    namespace: Arc<str>,
    writing: Arc<tokio::sync::Mutex<()>>,
    /// Where the key of the database is.
    pub(crate) place: Arc<KeyPlace>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Keyring {
    /// The keyring of the operating system. The namespace keeps two data folders of one user apart.
    pub fn system(namespace: &str) -> Keyring {
        Keyring::over(Arc::new(System), namespace)
    }

    /// A keyring over another place for secrets.
    pub fn over(store: Arc<dyn SecretStore>, namespace: &str) -> Keyring {
        Keyring { store, namespace: namespace.into(), writing: Arc::default(), place: Arc::default() }
    }

    /// The same with the key of the database at another place.
    #[must_use]
    pub fn with_key_at(self, place: KeyPlace) -> Keyring {
        Keyring { place: place.into(), ..self }
    }

    /// Whether the key of the database is at another place.
    pub fn has_key_elsewhere(&self) -> bool {
        self.place.is_its_own()
    }

    /// For tests alone: everything is forgotten with the last clone.
    pub fn in_memory() -> Keyring {
        Keyring::over(Arc::new(InMemory::default()), "memory")
    }

    /// Reads an entry; none only where it is certain that there is no such entry.
    pub async fn get(&self, name: &str) -> Result<Option<SecretString>, KeyringError> {
        let (store, account) = (Arc::clone(&self.store), self.account(name));
        on_own_thread(move |reached| store.get(&account, reached)).await
    }

    /// Writes or replaces an entry.
    pub async fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeyringError> {
        let (store, account, secret) = (Arc::clone(&self.store), self.account(name), secret.clone());
        self.write(move |reached| store.set(&account, &secret, reached)).await
    }

    /// Removes an entry; it is no failure when there is none.
    pub async fn delete(&self, name: &str) -> Result<(), KeyringError> {
        let (store, account) = (Arc::clone(&self.store), self.account(name));
        self.write(move |reached| store.delete(&account, reached)).await
    }

    fn account(&self, name: &str) -> String {
        format!("{}/{name}", self.namespace)
    }

    async fn write(
        &self,
        call: impl FnOnce(&AtomicBool) -> Result<(), KeyringError> + Send + 'static,
    ) -> Result<(), KeyringError> {
        let Ok(turn) = tokio::time::timeout(PATIENCE, Arc::clone(&self.writing).lock_owned()).await else {
            // An earlier write still waits in the keyring, most likely for its password.
            return Err(KeyringError::Locked);
        };
        on_own_thread(move |reached| {
            let answer = call(reached);
            drop(turn);
            answer
        })
        .await
    }
}

/// Runs a call on a thread of its own and waits for it no longer than [`PATIENCE`].
async fn on_own_thread<T: Send + 'static>(
    call: impl FnOnce(&AtomicBool) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (send, answer) = oneshot::channel();
    let reached = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&reached);
    thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            // Nobody listens any more when the call took too long.
            drop(send.send(call(&seen)));
        })
        .map_err(|_| KeyringError::Other)?;
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(KeyringError::Other),
        Err(_) if reached.load(Ordering::Acquire) => Err(KeyringError::Locked),
        Err(_) => Err(KeyringError::Silent),
    }
}

/// The store of the operating system, connected anew for each call: a service that was started, unlocked or replaced
/// in the meantime is found. Entries that are locked are asked to unlock before they are read.
struct System;

impl System {
    fn entry(account: &str, reached: &AtomicBool) -> Result<keyring_core::Entry, KeyringError> {
        let store = SystemStore::new().map_err(|error| {
            tracing::debug!(%error, "no connection to a keyring");
            KeyringError::Missing
        })?;
        reached.store(true, Ordering::Release);
        store.build(SERVICE, account, None).map_err(|error| failure(&error))
    }
}

impl SecretStore for System {
    fn get(&self, account: &str, reached: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        match System::entry(account, reached)?.get_password() {
            Ok(secret) => Ok(Some(secret.into())),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    fn set(&self, account: &str, secret: &SecretString, reached: &AtomicBool) -> Result<(), KeyringError> {
        let entry = System::entry(account, reached)?;
        entry.set_password(secret.expose_secret()).map_err(|error| failure(&error))
    }

    fn delete(&self, account: &str, reached: &AtomicBool) -> Result<(), KeyringError> {
        match System::entry(account, reached)?.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

/// Sorts a failure after the service has answered once. The text of an error that may carry a secret is not logged.
fn failure(error: &keyring_core::Error) -> KeyringError {
    match error {
        keyring_core::Error::NoStorageAccess(cause) => {
            tracing::debug!(%cause, "the keyring is locked");
            KeyringError::Locked
        }
        keyring_core::Error::PlatformFailure(cause) => {
            tracing::warn!(%cause, "the keyring failed");
            KeyringError::Other
        }
        _ => KeyringError::Other,
    }
}

/// For tests: a map.
#[derive(Default)]
struct InMemory(Mutex<HashMap<String, SecretString>>);

impl SecretStore for InMemory {
    fn get(&self, account: &str, _: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned())
    }

    fn set(&self, account: &str, secret: &SecretString, _: &AtomicBool) -> Result<(), KeyringError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(account.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, account: &str, _: &AtomicBool) -> Result<(), KeyringError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
        Ok(())
    }
}
