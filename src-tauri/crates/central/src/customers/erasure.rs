//! Erasure (GDPR, article 17): nothing of a customer stays but the line in the feed that tells every copy to go too.

use crate::{Error, db::Db};

/// Erases an account and all that hangs on it: profile, activity, consents, sessions, tokens. False when there is none.
pub(crate) async fn erase(db: &Db, subject: &str) -> Result<bool, Error> {
    let mut writing = db.write().await?;
    // The schema takes all that refers to the account with it, and writes the line.
    let gone = sqlx::query!("DELETE FROM accounts WHERE subject = ?", subject)
        .execute(&mut *writing)
        .await?
        .rows_affected();
    writing.commit().await?;
    Ok(gone == 1)
}
