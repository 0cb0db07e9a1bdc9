//! The key of the database: 256 random bits, used as they are (no derivation, so opening takes no time).
//!
//! The key is in one [place](crate::KeyPlace) alone. Beside the database lies a fingerprint of it: a wrong key and a damaged
//! file give the same error in SQLCipher, and the fingerprint tells them apart. It says nothing about the key, which is
//! random.

use std::{fmt, fs, io, path::Path};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    Keyring, KeyringError,
    place::{KeyError, KeyFileError},
};

/// The name of the key where it is kept.
pub(crate) const ENTRY: &str = "database-key";
/// The name of the key that a database is about to get.
const NEXT: &str = "database-key/next";

/// The key of a database, as 64 hexadecimal digits.
#[derive(Clone)]
pub(crate) struct Key(SecretString);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// What the keyring has under the name of the key.
pub(crate) enum Stored {
    /// Nothing, for certain.
    Nothing,
    /// Something that is no key.
    NoKey,
    /// A key.
    Key(Key),
}

impl Key {
    /// Makes the key of a new database; it is used only once it has been read back from its place.
    pub(crate) async fn make(keyring: &Keyring) -> Result<Key, KeyError> {
        if keyring.place.is_its_own() {
            return Err(KeyFileError::Missing.into());
        }
        Key::put(keyring, ENTRY, Key::fresh()).await
    }

    /// Makes the key that the database in use is about to get.
    pub(crate) async fn make_next(keyring: &Keyring) -> Result<Key, KeyError> {
        Key::put(keyring, NEXT, Key::fresh()).await
    }

    /// Reads the key of the database in use.
    pub(crate) async fn stored(keyring: &Keyring) -> Result<Stored, KeyError> {
        Key::read(keyring, ENTRY).await
    }

    /// Reads the key that the database in use was about to get.
    pub(crate) async fn next(keyring: &Keyring) -> Result<Stored, KeyError> {
        Key::read(keyring, NEXT).await
    }

    /// Reads the key of a database that was set aside.
    pub(crate) async fn kept(keyring: &Keyring, label: &str) -> Result<Stored, KeyError> {
        match Key::read(keyring, &kept_entry(label)).await? {
            // A key that is given is the key also of what was set aside, unless it was changed since.
            Stored::Nothing if keyring.place.is_its_own() => Key::stored(keyring).await,
            stored => Ok(stored),
        }
    }

    /// Keeps the key of the database in use under a label, so that the file which is set aside can still be opened.
    pub(crate) async fn keep(keyring: &Keyring, label: &str) -> Result<(), KeyError> {
        match keyring.place.get(keyring, ENTRY).await? {
            Some(_) if keyring.place.is_read_only() => Ok(()),
            Some(key) => keyring.place.set(keyring, &kept_entry(label), &key).await,
            None => Ok(()),
        }
    }

    /// This key, which has opened the database, is the one in use from now on.
    pub(crate) async fn use_from_now_on(self, keyring: &Keyring) -> Result<(), KeyError> {
        Key::put(keyring, ENTRY, self).await.map(drop)
    }

    /// Removes the key that the database in use was about to get.
    pub(crate) async fn remove_next(keyring: &Keyring) -> Result<(), KeyError> {
        keyring.place.delete(keyring, NEXT).await
    }

    /// Removes the key of the database in use; one that store IT gave stays.
    pub(crate) async fn remove(keyring: &Keyring) -> Result<(), KeyError> {
        if keyring.place.is_its_own() { Ok(()) } else { keyring.place.delete(keyring, ENTRY).await }
    }

    fn fresh() -> Key {
        Key(hex::encode(rand::random::<[u8; 32]>()).into())
    }

    async fn put(keyring: &Keyring, entry: &str, key: Key) -> Result<Key, KeyError> {
        keyring.place.set(keyring, entry, &key.0).await?;
        match keyring.place.get(keyring, entry).await? {
            Some(stored) if stored.expose_secret() == key.0.expose_secret() => Ok(key),
            _ => Err(KeyringError::Other.into()),
        }
    }

    async fn read(keyring: &Keyring, entry: &str) -> Result<Stored, KeyError> {
        Ok(match keyring.place.get(keyring, entry).await? {
            None => Stored::Nothing,
            Some(text) if is_key(text.expose_secret()) => Stored::Key(Key(text)),
            Some(_) => Stored::NoKey,
        })
    }

    /// The value of `PRAGMA key` for a raw key.
    pub(crate) fn pragma(&self) -> String {
        format!("\"x'{}'\"", self.0.expose_secret())
    }

    /// What is written beside the database.
    pub(crate) fn fingerprint(&self) -> String {
        let digest =
            Sha256::new().chain_update("countersign vault key: ").chain_update(self.0.expose_secret());
        hex::encode(&digest.finalize()[..16])
    }

    /// Whether the fingerprint beside a database is this key's; none where there is no fingerprint.
    pub(crate) fn fits(&self, fingerprint: &Path) -> io::Result<Option<bool>> {
        match fs::read_to_string(fingerprint) {
            Ok(text) => Ok(Some(text.trim() == self.fingerprint())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn kept_entry(label: &str) -> String {
    format!("{ENTRY}/{label}")
}

fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
