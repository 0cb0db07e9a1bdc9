//! The feed of changes: who has changed or is gone, in the order in which it was committed. One connection writes,
//! so a number that was seen is never followed by a lower one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::SqliteConnection;
use utoipa::ToSchema;

use super::{
    from_word,
    remembered::{Remembered, remembered_within},
    word,
};
use crate::{Error, db::Db};

/// Most lines in an answer.
const PAGE: i64 = 500;
/// Most lines in an answer that has profiles in it.
const STORE_PAGE: i64 = 100;

/// One line of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    /// Rises with each line.
    #[schema(minimum = 1)]
    pub(crate) seq: i64,
    /// Whom it is about.
    pub(crate) subject: String,
    /// What happened.
    pub(crate) kind: ChangeKind,
    /// For a store, where somebody has changed: what it may know of them now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remembered: Option<Remembered>,
}

/// What happened to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeKind {
    /// The profile or the activity is not what it was.
    Changed,
    /// For a store: the customer is not to be remembered there any more.
    Left,
    /// The customer is erased: every copy must go.
    Erased,
}

/// Writes a line, in the transaction of what it tells of.
pub(super) async fn record_change(
    db: &mut SqliteConnection,
    subject: &str,
    kind: ChangeKind,
) -> Result<(), Error> {
    let kind = word(&kind)?;
    sqlx::query!("INSERT INTO changes (subject, kind) VALUES (?, ?)", subject, kind).execute(db).await?;
    Ok(())
}

/// The number of the newest line; 0 where there is none.
pub(crate) async fn newest_change(db: &Db) -> Result<i64, Error> {
    newest_change_within(&mut *db.read().acquire().await?).await
}

pub(super) async fn newest_change_within(db: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(r#"SELECT coalesce(max(seq), 0) AS "seq!: i64" FROM changes"#)
        .fetch_one(db)
        .await?)
}

/// The lines after `since`, oldest first: of one customer, or of all.
pub(crate) async fn changes_since(db: &Db, since: i64, subject: Option<&str>) -> Result<Vec<Change>, Error> {
    let rows = sqlx::query!(
        "SELECT seq, subject, kind FROM changes WHERE seq > ? AND (? IS NULL OR subject = ?) ORDER BY seq LIMIT ?",
        since,
        subject,
        subject,
        PAGE
    )
    .fetch_all(db.read())
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = from_word(&row.kind, "changes.kind")?;
            Ok(Change { seq: row.seq, subject: row.subject, kind, remembered: None })
        })
        .collect()
}

/// The lines after `since` that are a store's business, and how far the feed was read: whoever is remembered there or was,
/// as they are now, and everybody who is erased. Of several lines about one customer the newest alone.
pub(crate) async fn changes_for_store(
    db: &Db,
    store: &str,
    since: i64,
    now: DateTime<Utc>,
) -> Result<(Vec<Change>, i64), Error> {
    let mut reading = db.read().begin().await?;
    let newest = newest_change_within(&mut reading).await?;
    let rows = sqlx::query!(
        "SELECT c.seq, c.subject, c.kind FROM changes c
         WHERE c.seq > ? AND (c.kind = 'erased'
             OR EXISTS (SELECT 1 FROM remembered r WHERE r.store_id = ? AND r.subject = c.subject))
         ORDER BY c.seq LIMIT ?",
        since,
        store,
        STORE_PAGE
    )
    .fetch_all(&mut *reading)
    .await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == STORE_PAGE);
    let read_to = rows.last().filter(|_| is_full).map_or(newest, |last| last.seq);
    let (mut told, mut changes) = (HashSet::new(), Vec::new());
    for row in rows.into_iter().rev() {
        if !told.insert(row.subject.clone()) {
            continue;
        }
        let mut change = Change {
            seq: row.seq,
            kind: from_word(&row.kind, "changes.kind")?,
            remembered: remembered_within(&mut reading, store, &row.subject, now).await?,
            subject: row.subject,
        };
        if change.kind == ChangeKind::Changed && change.remembered.is_none() {
            change.kind = ChangeKind::Left;
        }
        changes.push(change);
    }
    changes.reverse();
    Ok((changes, read_to))
}
