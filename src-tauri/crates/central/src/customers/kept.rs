//! Edits that a till handed over sealed and that were not applied. Nobody at the till can say any more what they were, so
//! they are kept until a person has decided about each.

use chrono::{DateTime, Utc};
use profile::{Author, Channel};
use serde::Serialize;
use serde_json::Value;

use super::{
    from_millis,
    preferences::{Applied, Patch, Source, change_key, patch_preferences},
};
use crate::{Error, db::Db};

/// Why an edit was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotApplied {
    /// Somebody else has changed the same preference since.
    ChangedSince,
    /// The preference cannot have the value.
    Invalid,
    /// The customer's yes to the till is over.
    YesIsOver,
}

impl NotApplied {
    fn stored(self) -> &'static str {
        match self {
            Self::ChangedSince => "changed_since",
            Self::Invalid => "invalid",
            Self::YesIsOver => "yes_is_over",
        }
    }
}

/// A sealed edit that was opened and not applied.
#[derive(Debug, Serialize)]
pub struct KeptEdit {
    /// Its number, which names it.
    pub number: i64,
    /// The till that handed it over.
    pub till: String,
    /// The customer.
    pub subject: String,
    /// A JSON Merge Patch of the customer's preferences.
    pub change: Value,
    /// When it was made, by the clock of the till.
    pub made_at: DateTime<Utc>,
    /// `changed_since`, `invalid` or `yes_is_over`.
    pub why: String,
    /// When it was handed over.
    pub kept_at: DateTime<Utc>,
}

/// What is to be done with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Apply it, whatever has been set since.
    Apply,
    /// Let go of it.
    Drop,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It was carried out.
    Done,
    /// There is no such edit.
    Unknown,
    /// The preference cannot have the value: the edit is where it was.
    Invalid,
}

/// An edit that is to be kept.
#[derive(Debug)]
pub(crate) struct ToKeep<'a> {
    pub(crate) id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) change: &'a str,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) why: NotApplied,
}

/// Keeps it once for each idempotency key.
pub(crate) async fn keep(db: &Db, edit: &ToKeep<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let (made_at, now, why) = (edit.made_at.timestamp_millis(), now.timestamp_millis(), edit.why.stored());
    let mut writing = db.write().await?;
    sqlx::query!(
        "INSERT INTO kept_edits (id, client_id, subject, change, made_at, why, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id, client_id, subject) DO NOTHING",
        edit.id,
        edit.client_id,
        edit.subject,
        edit.change,
        made_at,
        why,
        now
    )
    .execute(&mut *writing)
    .await?;
    writing.commit().await?;
    Ok(())
}

/// All that are kept, oldest first.
pub(crate) async fn kept_edits(db: &Db) -> Result<Vec<KeptEdit>, Error> {
    let rows = sqlx::query!(
        "SELECT number, client_id, subject, change, made_at, why, kept_at FROM kept_edits ORDER BY number"
    )
    .fetch_all(db.read())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(KeptEdit {
                number: row.number,
                till: row.client_id,
                subject: row.subject,
                change: parsed(&row.change)?,
                made_at: from_millis(row.made_at, "kept_edits.made_at")?,
                why: row.why,
                kept_at: from_millis(row.kept_at, "kept_edits.kept_at")?,
            })
        })
        .collect()
}

/// Carries out what a person has decided about one.
pub(crate) async fn decide(
    db: &Db,
    number: i64,
    decision: Decision,
    now: DateTime<Utc>,
) -> Result<Decided, Error> {
    let row = sqlx::query!("SELECT id, client_id, subject, change FROM kept_edits WHERE number = ?", number)
        .fetch_optional(db.read())
        .await?;
    let Some(row) = row else { return Ok(Decided::Unknown) };
    if decision == Decision::Apply {
        let change = parsed(&row.change)?;
        let Ok(patch) = Patch::parse(&change) else { return Ok(Decided::Invalid) };
        let key = change_key(&row.client_id, &row.subject, &row.id, &change);
        let source = Source { channel: Channel::Store, by: Author::Associate };
        match patch_preferences(db, &key, &patch, None, source, now).await? {
            Applied::Profile(_) | Applied::NoCustomer => {}
            Applied::Conflicts { .. } | Applied::Unknown { .. } | Applied::TooMany | Applied::KeyReused => {
                return Ok(Decided::Invalid);
            }
        }
    }
    let mut writing = db.write().await?;
    sqlx::query!("DELETE FROM kept_edits WHERE number = ?", number).execute(&mut *writing).await?;
    writing.commit().await?;
    Ok(Decided::Done)
}

fn parsed(change: &str) -> Result<Value, Error> {
    serde_json::from_str(change).map_err(|_| Error::Stored("kept_edits.change"))
}
