//! What a till handed over sealed and was not applied. Nobody at the till can say any more what it was, so it is kept until a
//! person has decided about it.

use std::fmt;

use chrono::{DateTime, Utc};
use sealing::What;
use serde::Serialize;
use sqlx::SqliteConnection;

use super::from_millis;
use crate::{Error, db::Db};

/// Why something was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotApplied {
    /// Somebody else has changed the same preference since.
    ChangedSince,
    /// The preference cannot have the value.
    Invalid,
    /// The customer's yes to the till is over.
    YesIsOver,
    /// Somebody new may be somebody who is known already.
    MaybeKnown,
    /// It is about somebody new who is kept.
    BehindACustomer,
}

impl NotApplied {
    fn stored(self) -> &'static str {
        match self {
            Self::ChangedSince => "changed_since",
            Self::Invalid => "invalid",
            Self::YesIsOver => "yes_is_over",
            Self::MaybeKnown => "maybe_known",
            Self::BehindACustomer => "behind_a_customer",
        }
    }
}

/// Something that was opened and not applied.
#[derive(Serialize)]
pub struct Kept {
    /// Its number, which names it.
    pub number: i64,
    /// Its idempotency key.
    #[serde(skip)]
    pub(crate) id: String,
    /// The till that handed it over.
    pub till: String,
    /// The customer.
    pub subject: String,
    /// What it is.
    pub what: What,
    /// When it was made, by the clock of the till.
    pub made_at: DateTime<Utc>,
    /// `changed_since`, `invalid`, `yes_is_over`, `maybe_known` or `behind_a_customer`.
    pub why: String,
    /// When it was handed over.
    pub kept_at: DateTime<Utc>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("number", &self.number).field("why", &self.why).finish_non_exhaustive()
    }
}

/// Something that is to be kept.
pub(crate) struct ToKeep<'a> {
    pub(crate) id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) what: &'a What,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) why: NotApplied,
}

/// Keeps it once for each idempotency key, for the newest reason.
pub(crate) async fn keep(db: &Db, thing: &ToKeep<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let (made_at, now, why) = (thing.made_at.timestamp_millis(), now.timestamp_millis(), thing.why.stored());
    let what = serde_json::to_string(thing.what).map_err(|_| Error::Stored("kept.what"))?;
    let mut writing = db.write().await?;
    sqlx::query!(
        "INSERT INTO kept (id, client_id, subject, what, made_at, why, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id, client_id, subject) DO UPDATE SET why = excluded.why",
        thing.id,
        thing.client_id,
        thing.subject,
        what,
        made_at,
        why,
        now
    )
    .execute(&mut *writing)
    .await?;
    writing.commit().await?;
    Ok(())
}

struct Row {
    number: i64,
    id: String,
    client_id: String,
    subject: String,
    what: String,
    made_at: i64,
    why: String,
    kept_at: i64,
}

impl Row {
    fn read(self) -> Result<Kept, Error> {
        Ok(Kept {
            number: self.number,
            id: self.id,
            till: self.client_id,
            subject: self.subject,
            what: serde_json::from_str(&self.what).map_err(|_| Error::Stored("kept.what"))?,
            made_at: from_millis(self.made_at, "kept.made_at")?,
            why: self.why,
            kept_at: from_millis(self.kept_at, "kept.kept_at")?,
        })
    }
}

/// All that is kept, oldest first.
pub(crate) async fn all_kept(db: &Db) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT number, id, client_id, subject, what, made_at, why, kept_at FROM kept ORDER BY number"
    );
    rows.fetch_all(db.read()).await?.into_iter().map(Row::read).collect()
}

/// What is kept of a customer whom a till entered, in the order in which it was made there.
pub(crate) async fn kept_behind(db: &Db, client_id: &str, subject: &str) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT number, id, client_id, subject, what, made_at, why, kept_at FROM kept
         WHERE client_id = ? AND subject = ? AND why = 'behind_a_customer' ORDER BY made_at, number",
        client_id,
        subject
    );
    rows.fetch_all(db.read()).await?.into_iter().map(Row::read).collect()
}

/// One of them.
pub(crate) async fn kept(db: &Db, number: i64) -> Result<Option<Kept>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT number, id, client_id, subject, what, made_at, why, kept_at FROM kept WHERE number = ?",
        number
    );
    row.fetch_optional(db.read()).await?.map(Row::read).transpose()
}

/// Whether somebody new is kept of whom nobody has decided yet who they are.
pub(crate) async fn is_kept(db: &Db, client_id: &str, subject: &str) -> Result<bool, Error> {
    let kept = sqlx::query_scalar!(
        "SELECT count(*) FROM kept WHERE client_id = ? AND subject = ? AND why = 'maybe_known'",
        client_id,
        subject
    );
    Ok(kept.fetch_one(db.read()).await? > 0)
}

/// Lets go of one.
pub(crate) async fn let_go(db: &Db, number: i64) -> Result<(), Error> {
    let mut writing = db.write().await?;
    sqlx::query!("DELETE FROM kept WHERE number = ?", number).execute(&mut *writing).await?;
    writing.commit().await?;
    Ok(())
}

/// Lets go of all that is kept of a customer. What it was is then not in the file either.
pub(crate) async fn let_go_of_customer(db: &Db, subject: &str) -> Result<(), Error> {
    let mut writing = db.write().await?;
    let_go_within(&mut writing, subject).await?;
    writing.commit().await?;
    db.empty_log().await?;
    Ok(())
}

pub(super) async fn let_go_within(writing: &mut SqliteConnection, subject: &str) -> Result<(), Error> {
    sqlx::query!("DELETE FROM kept WHERE subject = ?", subject).execute(writing).await?;
    Ok(())
}
