//! The feed of changes: who has changed or is gone, in the order in which it was committed. One connection writes,
//! so a number that was seen is never followed by a lower one.

use serde::Serialize;
use sqlx::SqliteConnection;
use utoipa::ToSchema;

use super::{from_word, word};
use crate::{Error, db::Db};

/// Most lines in an answer.
const PAGE: i64 = 500;

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
}

/// What happened to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangeKind {
    /// The profile or the activity is not what it was.
    Changed,
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
    Ok(sqlx::query_scalar!(r#"SELECT coalesce(max(seq), 0) AS "seq!: i64" FROM changes"#)
        .fetch_one(db.read())
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
            Ok(Change { seq: row.seq, subject: row.subject, kind: from_word(&row.kind, "changes.kind")? })
        })
        .collect()
}
