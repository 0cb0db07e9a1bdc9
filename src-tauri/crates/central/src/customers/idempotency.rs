//! Requests that may come twice: that one was carried out is kept with its effect, in one transaction, under the key
//! that the client chose. The same request again has no effect; another request under the key is an error.
//!
//! What is kept of an answer is what cannot be read again: the identifier of what was made. Never a profile.

use chrono::{DateTime, Days, Utc};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use crate::{Error, db::Db};

/// How long a key is kept: longer than a till is expected to be away from the network.
const KEPT: Days = Days::new(90);

/// The key of a request, within its client and customer.
#[derive(Clone, Debug)]
pub(crate) struct Key<'a> {
    pub(super) client_id: &'a str,
    pub(super) subject: &'a str,
    name: &'a str,
    /// What tells one request from another: endpoint and content.
    request: [u8; 32],
}

impl<'a> Key<'a> {
    pub(crate) fn new(
        client_id: &'a str,
        subject: &'a str,
        name: &'a str,
        endpoint: &str,
        content: &str,
    ) -> Self {
        let request =
            Sha256::new().chain_update(endpoint).chain_update([0]).chain_update(content).finalize().into();
        Self { client_id, subject, name, request }
    }
}

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Not seen: go on.
    No,
    /// Carried out before; `made` is the identifier of what that made.
    Done {
        /// None where nothing was made.
        made: Option<String>,
    },
    /// Used for another request.
    Reused,
}

pub(super) async fn look_up(db: &mut SqliteConnection, key: &Key<'_>) -> Result<Known, Error> {
    let row = sqlx::query!(
        "SELECT request, made FROM idempotency WHERE client_id = ? AND subject = ? AND key = ?",
        key.client_id,
        key.subject,
        key.name
    )
    .fetch_optional(db)
    .await?;
    Ok(match row {
        None => Known::No,
        Some(row) if row.request != key.request => Known::Reused,
        Some(row) => Known::Done { made: row.made },
    })
}

/// Whether a request was carried out before.
pub(crate) async fn was_done(db: &Db, key: &Key<'_>) -> Result<bool, Error> {
    let known = look_up(&mut *db.read().acquire().await?, key).await?;
    Ok(matches!(known, Known::Done { .. }))
}

pub(super) async fn keep(
    db: &mut SqliteConnection,
    key: &Key<'_>,
    made: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let oldest = (now - KEPT).timestamp_millis();
    sqlx::query!("DELETE FROM idempotency WHERE done_at < ?", oldest).execute(&mut *db).await?;
    let (request, now) = (key.request.as_slice(), now.timestamp_millis());
    sqlx::query!(
        "INSERT INTO idempotency (client_id, subject, key, request, made, done_at) VALUES (?, ?, ?, ?, ?, ?)",
        key.client_id,
        key.subject,
        key.name,
        request,
        made,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
