//! Erasure (GDPR, article 17): nothing of a customer stays but the line in the feed that tells every copy to go too, and
//! which tills have said that theirs is gone.

use chrono::{DateTime, Utc};

use super::kept;
use crate::{Error, db::Db};

/// Erases an account and all that hangs on it: profile, activity, consents, sessions, tokens. What was erased is then not
/// in the file either. False when there is none.
pub(crate) async fn erase(db: &Db, subject: &str) -> Result<bool, Error> {
    let mut writing = db.write().await?;
    kept::let_go_within(&mut writing, subject).await?;
    // The schema takes all that refers to the account with it, and writes the line.
    let gone = sqlx::query!("DELETE FROM accounts WHERE subject = ?", subject)
        .execute(&mut *writing)
        .await?
        .rows_affected();
    writing.commit().await?;
    db.empty_log().await?;
    Ok(gone == 1)
}

/// Notes that a till has erased its copy; false where nobody of that name was erased.
pub(crate) async fn confirm_erasure(
    db: &Db,
    subject: &str,
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let now = now.timestamp_millis();
    let mut writing = db.write().await?;
    let erased =
        sqlx::query_scalar!("SELECT count(*) FROM changes WHERE subject = ? AND kind = 'erased'", subject)
            .fetch_one(&mut *writing)
            .await?;
    if erased == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "INSERT INTO erasure_confirmations (subject, client_id, at) VALUES (?, ?, ?)
         ON CONFLICT (subject, client_id) DO NOTHING",
        subject,
        client_id,
        now
    )
    .execute(&mut *writing)
    .await?;
    writing.commit().await?;
    Ok(true)
}
