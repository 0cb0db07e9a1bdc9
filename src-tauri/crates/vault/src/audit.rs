//! Audit.

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use uuid::Uuid;

use crate::{Error, Vault};

/// One line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// The associate who did it; none where the till did it by itself.
    pub who: Option<Uuid>,
    /// The customer whom it was about.
    pub whom: CustomerKey,
    /// What was done.
    pub act: AuditAct,
    /// Why.
    pub why: Why,
    /// Whether the centre could be reached.
    pub online: bool,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAct {
    /// A profile was opened.
    Opened,
    /// A match was refused: the profile stayed closed.
    Refused,
    /// A preference was changed.
    Edited,
    /// The till's copy was removed.
    Removed,
}

/// Why it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The customer signed in at this counter.
    SignedIn,
    /// An associate opened a remembered customer.
    OpenedByAssociate,
    /// The date that the customer agreed to was over.
    RetentionOver,
    /// The customer is to be forgotten.
    Forgotten,
}

/// What a check of the trail found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every line is as it was written.
    Intact {
        /// How many there are.
        lines: u64,
    },
    /// A line was changed, removed or inserted.
    Broken {
        /// Number of the first line that does not fit.
        line: u64,
    },
}

impl Vault {
    /// Writes a line.
    pub async fn audit(&self, line: AuditLine, now: DateTime<Utc>) -> Result<(), Error> {
        todo!()
    }

    /// Checks every line.
    pub async fn verify_audit(&self) -> Result<AuditCheck, Error> {
        todo!()
    }
}
