//! Outbox.

use chrono::{DateTime, Utc};
use profile::{CustomerKey, PreferenceEdit, PreferenceValue, Profile};
use uuid::Uuid;

use crate::{Error, Vault};

/// An edit that the centre does not have yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedEdit {
    /// Idempotency key, for ever the same.
    pub id: Uuid,
    /// The customer's key in this vault.
    pub customer_id: Uuid,
    /// The customer at the centre.
    pub customer: CustomerKey,
    /// What was changed.
    pub edit: PreferenceEdit,
    /// What stood there before, for undo.
    pub before: Option<PreferenceValue>,
    /// Revision of the copy that was edited.
    pub base_revision: u64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How often it was sent without an answer.
    pub attempts: u32,
    /// How far it has come.
    pub state: EditState,
}

/// How far a queued edit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditState {
    /// Waits for the centre; shown as applied.
    Waiting,
    /// The centre refused it; kept until a person has looked, and no longer applied.
    Refused {
        /// HTTP status of the refusal.
        status: u16,
    },
}

/// The queue in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSummary {
    /// Edits that wait.
    pub waiting: u32,
    /// Edits that the centre refused.
    pub refused: u32,
    /// When the oldest of both was made.
    pub oldest: Option<DateTime<Utc>>,
}

impl Vault {
    /// Saves an edit of a remembered customer. When this has answered, the edit is on the disk.
    pub async fn edit_preference(
        &self,
        id: Uuid,
        edit: &PreferenceEdit,
        edit_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<QueuedEdit, Error> {
        todo!()
    }

    /// The oldest waiting edit of each customer.
    pub async fn next_to_send(&self) -> Result<Vec<QueuedEdit>, Error> {
        todo!()
    }

    /// An edit was sent and no answer came.
    pub async fn mark_tried(&self, edit_id: Uuid) -> Result<(), Error> {
        todo!()
    }

    /// The centre has the edit; `fresh` is the profile it answered with.
    pub async fn mark_sent(&self, edit_id: Uuid, fresh: &Profile, now: DateTime<Utc>) -> Result<(), Error> {
        todo!()
    }

    /// The centre refused the edit.
    pub async fn mark_refused(&self, edit_id: Uuid, status: u16, now: DateTime<Utc>) -> Result<(), Error> {
        todo!()
    }

    /// A person has looked at a refused edit: it goes.
    pub async fn discard_refused(&self, edit_id: Uuid) -> Result<(), Error> {
        todo!()
    }

    /// The queue in numbers.
    pub async fn queue(&self) -> Result<QueueSummary, Error> {
        todo!()
    }
}
