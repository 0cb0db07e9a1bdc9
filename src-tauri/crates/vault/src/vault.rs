//! Opening and closing a vault.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::{Engine, Keyring, OpenError, Rescued};

/// The memory of one till. A cheap clone; the folder is free again when [`Vault::close`] has ended.
#[derive(Clone, Debug)]
pub struct Vault;

impl Vault {
    /// Opens the vault of a folder. At the first start this makes the folder, the key and the database.
    pub async fn open(folder: &Path, keyring: &Keyring, now: DateTime<Utc>) -> Result<Vault, OpenError> {
        todo!()
    }

    /// Begins a new database, with a new key. The old files stay in the folder, untouched, under a dated name.
    pub async fn start_anew(
        folder: &Path,
        keyring: &Keyring,
        now: DateTime<Utc>,
    ) -> Result<(Vault, Rescued), OpenError> {
        todo!()
    }

    /// Ends all connections and lets another program have the folder.
    pub async fn close(&self) {
        todo!()
    }

    /// What the database engine says it is.
    pub fn engine(&self) -> &Engine {
        todo!()
    }
}
