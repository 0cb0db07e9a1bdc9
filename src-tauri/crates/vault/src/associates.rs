//! Associates.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{Error, Vault};

/// The answer to a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// The PIN was right.
    Opened,
    /// The PIN was wrong, or there is no such associate.
    Wrong,
    /// Too many wrong PINs: this one was not looked at.
    Blocked {
        /// Until when.
        until: DateTime<Utc>,
    },
}

impl Vault {
    /// Who works here, by name.
    pub async fn associates(&self) -> Result<Vec<(Uuid, String)>, Error> {
        todo!()
    }

    /// A new associate.
    pub async fn add_associate(&self, name: &str, pin: &SecretString, now: DateTime<Utc>) -> Result<Uuid, Error> {
        todo!()
    }

    /// Checks a PIN.
    pub async fn unlock(&self, id: Uuid, pin: &SecretString, now: DateTime<Utc>) -> Result<Unlock, Error> {
        todo!()
    }
}
