//! What a store may know of its own accord: the customers who agreed to be remembered there, until the day they agreed to.
//!
//! The table is kept by the database itself, from the log of consents. Nobody who took it back, or never said yes, may be
//! read through this module, whatever is asked.

use chrono::{DateTime, Utc};
use profile::{Profile, RememberScopes};
use serde::Serialize;
use sqlx::SqliteConnection;
use utoipa::ToSchema;

use super::{from_millis, newest_change_within, profile_within};
use crate::{Error, db::Db};

/// A customer whom a store may remember.
#[derive(Serialize, ToSchema)]
pub(crate) struct Remembered {
    /// The parts of the profile that the customer agreed to leave at the store.
    pub(crate) profile: Profile,
    /// Which parts those are.
    #[schema(value_type = Vec<String>)]
    pub(crate) scopes: RememberScopes,
    /// Until when it may be kept.
    pub(crate) until: DateTime<Utc>,
    /// The act of consent that says so, by its id in the log.
    pub(crate) act: String,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").field("until", &self.until).finish_non_exhaustive()
    }
}

/// A page of them, in the order of their subjects.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Remembered>,
    /// Who is erased among the subjects that the page reaches over, whichever store it was that remembered them.
    pub(crate) erased: Vec<String>,
    /// The subject that the next page begins after; none at the end.
    pub(crate) next: Option<String>,
    /// Number of the newest change that was there before this page was read.
    pub(crate) feed: i64,
    /// How many there are in all.
    pub(crate) total: i64,
}

pub(crate) async fn remembered_page(
    db: &Db,
    store: &str,
    after: &str,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Page, Error> {
    let mut reading = db.read().begin().await?;
    let now = now.timestamp_millis();
    let feed = newest_change_within(&mut reading).await?;
    let total =
        sqlx::query_scalar!("SELECT count(*) FROM remembered WHERE store_id = ? AND until > ?", store, now)
            .fetch_one(&mut *reading)
            .await?;
    // One more than asked for tells whether there is a next page.
    let asked = i64::from(limit) + 1;
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT subject, act, until AS "until!" FROM remembered
           WHERE store_id = ? AND subject > ? AND until > ? ORDER BY subject LIMIT ?"#,
        store,
        after,
        now,
        asked
    )
    .fetch_all(&mut *reading)
    .await?;
    let erased = sqlx::query_scalar!(
        "SELECT DISTINCT subject FROM changes WHERE kind = 'erased' AND subject > ? ORDER BY subject LIMIT ?",
        after,
        asked
    )
    .fetch_all(&mut *reading)
    .await?;
    let mut subjects: Vec<&str> =
        rows.iter().map(|row| &row.subject).chain(&erased).map(String::as_str).collect();
    subjects.sort_unstable();
    let next = match subjects.get(limit as usize) {
        Some(_) => subjects.get(limit as usize - 1).map(|last| (*last).to_owned()),
        None => None,
    };
    let is_here = |subject: &str| next.as_deref().is_none_or(|last| subject <= last);
    let erased = erased.iter().filter(|subject| is_here(subject)).cloned().collect();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| is_here(&row.subject)) {
        items.extend(row.read(&mut reading).await?);
    }
    Ok(Page { items, erased, next, feed, total })
}

/// A customer, where the store remembers them.
pub(crate) async fn remembered(
    db: &Db,
    store: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<Option<Remembered>, Error> {
    let mut reading = db.read().begin().await?;
    remembered_within(&mut reading, store, subject, now).await
}

/// Whether a store remembers a customer, or did until they took it back or their date was over.
pub(crate) async fn was_remembered(db: &Db, store: &str, subject: &str) -> Result<bool, Error> {
    let rows = sqlx::query_scalar!(
        "SELECT count(*) FROM remembered WHERE store_id = ? AND subject = ?",
        store,
        subject
    );
    Ok(rows.fetch_one(db.read()).await? > 0)
}

pub(super) async fn remembered_within(
    db: &mut SqliteConnection,
    store: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<Option<Remembered>, Error> {
    let now = now.timestamp_millis();
    let row = sqlx::query_as!(
        Row,
        r#"SELECT subject, act, until AS "until!" FROM remembered
           WHERE store_id = ? AND subject = ? AND until > ?"#,
        store,
        subject,
        now
    )
    .fetch_optional(&mut *db)
    .await?;
    match row {
        Some(row) => row.read(db).await,
        None => Ok(None),
    }
}

struct Row {
    subject: String,
    act: String,
    until: i64,
}

impl Row {
    async fn read(self, db: &mut SqliteConnection) -> Result<Option<Remembered>, Error> {
        let until = from_millis(self.until, "remembered.until")?;
        let Some(whole) = profile_within(db, &self.subject).await? else { return Ok(None) };
        let yes = whole.consents.iter().find(|act| act.id == self.act);
        let scopes = yes.and_then(|act| act.scopes.clone()).unwrap_or_else(RememberScopes::all);
        Ok(Some(Remembered { profile: scopes.of_profile(&whole), scopes, until, act: self.act }))
    }
}
