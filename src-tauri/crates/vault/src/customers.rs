//! Customers.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::{Activity, CustomerKey, Name, Profile};
use uuid::Uuid;

use crate::{Error, QueuedEdit, Vault};

/// A till's copy of a customer.
#[derive(Clone)]
pub struct Copy {
    /// Key in this vault.
    pub id: Uuid,
    /// Who it is.
    pub customer: CustomerKey,
    /// The document, with the waiting edits applied.
    pub profile: Profile,
    /// Activity as far as copied, newest first.
    pub activity: Vec<Activity>,
    /// Where older activity starts.
    pub older: Option<String>,
    /// When the copy was made.
    pub copied_at: DateTime<Utc>,
    /// Until when the customer agreed to be remembered.
    pub until: DateTime<Utc>,
    /// Edits that the centre does not have, refused ones too, oldest first.
    pub waiting: Vec<QueuedEdit>,
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copy").field("id", &self.id).field("copied_at", &self.copied_at).finish_non_exhaustive()
    }
}

/// A remembered customer in a list.
#[derive(Clone)]
pub struct RememberedRow {
    /// Key in this vault.
    pub id: Uuid,
    /// Name.
    pub name: Name,
    /// What tells two of the same name apart: tier and member number.
    pub hint: Option<String>,
    /// When the copy was made.
    pub copied_at: DateTime<Utc>,
    /// When the customer was last at this counter.
    pub last_seen: DateTime<Utc>,
    /// Edits that wait.
    pub waiting: u32,
}

impl fmt::Debug for RememberedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What [`Vault::forget`] does with edits that have not been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// Refuse to forget: the ordinary case.
    Refuse,
    /// Discard them: the customer was erased at the centre, or a person has decided it.
    Discard,
}

impl Vault {
    /// Keeps a copy of a customer who agreed to it. Again for the same customer: updates the copy, keeps queued edits.
    pub async fn remember(
        &self,
        customer: &CustomerKey,
        profile: &Profile,
        activity: &[Activity],
        older: Option<&str>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        todo!()
    }

    /// Removes everything of a customer: copy, index entries, refresh token.
    pub async fn forget(&self, id: Uuid, unsent: Unsent, now: DateTime<Utc>) -> Result<(), Error> {
        todo!()
    }

    /// Removes every copy whose date is over. Their unsent edits stay in the queue.
    pub async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u32, Error> {
        todo!()
    }

    /// A customer was at this counter: moves them up in lists.
    pub async fn seen(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
        todo!()
    }

    /// Opens a copy.
    pub async fn open_customer(&self, id: Uuid) -> Result<Option<Copy>, Error> {
        todo!()
    }

    /// The id of a customer, where remembered.
    pub async fn find(&self, customer: &CustomerKey) -> Result<Option<Uuid>, Error> {
        todo!()
    }

    /// Remembered customers that match.
    pub async fn search(&self, query: &str, limit: u32) -> Result<Vec<RememberedRow>, Error> {
        todo!()
    }

    /// Customers last seen here, newest first.
    pub async fn recent(&self, limit: u32) -> Result<Vec<RememberedRow>, Error> {
        todo!()
    }

    /// How many customers are remembered.
    pub async fn count(&self) -> Result<u32, Error> {
        todo!()
    }

    /// The refresh token of a remembered customer, from the keyring.
    pub async fn refresh_token(&self, id: Uuid) -> Result<Option<secrecy::SecretString>, crate::KeyringError> {
        todo!()
    }

    /// Keeps a refresh token in the keyring.
    pub async fn set_refresh_token(&self, id: Uuid, token: &secrecy::SecretString) -> Result<(), crate::KeyringError> {
        todo!()
    }

    /// Removes a refresh token.
    pub async fn delete_refresh_token(&self, id: Uuid) -> Result<(), crate::KeyringError> {
        todo!()
    }
}
