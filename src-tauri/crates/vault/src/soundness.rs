//! Whether all of the database is as it should be: every page, every row, every document, every line of the trail.
//!
//! A read that takes minutes keeps the log from being emptied, so it gives way to whoever wants that, and goes on
//! afterwards. Nothing is repaired.

use std::time::Duration;

use futures::TryStreamExt;
use profile::Profile;

use crate::{AuditCheck, Error, Vault, stored::number};

/// Slept after every few steps of a look in the background: it never reads more than some hundred megabytes a second.
const REST: Duration = Duration::from_millis(1);

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soundness {
    /// Pages whose authentication code is not theirs.
    pub damaged_pages: u32,
    /// Faults in tables and indexes.
    pub damaged_rows: u32,
    /// Rows that belong to others which are not there.
    pub orphans: u32,
    /// Documents of customers and edits that this version cannot read.
    pub unreadable: u32,
    /// The trail.
    pub trail: AuditCheck,
    /// Copies.
    pub customers: u32,
    /// Edits that the centre does not have.
    pub edits: u32,
}

impl Soundness {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        let Soundness { damaged_pages, damaged_rows, orphans, unreadable, trail, .. } = self;
        *damaged_pages == 0
            && *damaged_rows == 0
            && *orphans == 0
            && *unreadable == 0
            && matches!(trail, AuditCheck::Intact { .. })
    }
}

impl Vault {
    /// Looks at every row, and so at every page in use, without haste: for the time after opening. At a million customers
    /// it takes minutes.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::Interrupted`] when the vault is closed meanwhile.
    pub async fn check_in_background(&self) -> Result<(), Error> {
        let faults = match self.database.damaged_rows(REST).await {
            // The engine has many words for a page that it cannot read.
            Err(error @ Error::Database(_)) => match self.database.damaged_pages().await? {
                0 => return Err(error),
                pages => pages,
            },
            faults => faults?,
        };
        if faults == 0 {
            return Ok(());
        }
        tracing::error!(faults, "the database is damaged");
        Err(Error::Damaged)
    }

    /// Looks at everything.
    pub async fn soundness(&self) -> Result<Soundness, Error> {
        let damaged_pages = self.database.damaged_pages().await?;
        let damaged_rows =
            if damaged_pages > 0 { 0 } else { self.database.damaged_rows(Duration::ZERO).await? };
        if damaged_pages > 0 {
            // What else is read from here may end in an error at any row.
            let trail = AuditCheck::Intact { lines: 0 };
            let (orphans, unreadable, customers, edits) = (0, 0, 0, 0);
            return Ok(Soundness {
                damaged_pages,
                damaged_rows,
                orphans,
                unreadable,
                trail,
                customers,
                edits,
            });
        }
        let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(self.database.read()).await?.len();
        let (mut unreadable, mut customers) = (0, 0);
        let mut copies = sqlx::query!("SELECT profile, activity FROM copy").fetch(self.database.read());
        while let Some(copy) = copies.try_next().await? {
            customers += 1;
            let is_readable = serde_json::from_str::<Profile>(&copy.profile).is_ok()
                && serde_json::from_str::<Vec<profile::Activity>>(&copy.activity).is_ok();
            unreadable += u32::from(!is_readable);
        }
        drop(copies);
        let queue = self.queue().await?;
        Ok(Soundness {
            damaged_pages,
            damaged_rows,
            orphans: number(orphans)?,
            unreadable,
            trail: self.verify_audit(None).await?,
            customers,
            edits: queue.waiting + queue.refused,
        })
    }
}
