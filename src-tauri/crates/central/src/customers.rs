//! Customers: the profile document and what changes it.

use chrono::{DateTime, Utc};
use profile::{ConsentAct, Profile};
use sqlx::SqliteConnection;

use crate::{Error, db::Db};

/// Makes the profile of a new account. Called in the transaction that adds the account.
pub(crate) async fn create(
    _db: &mut SqliteConnection,
    _subject: &str,
    _email: &str,
    _locale: Option<&str>,
    _now: DateTime<Utc>,
) -> Result<(), Error> {
    Ok(())
}

/// The profile of a subject.
pub(crate) async fn profile(_db: &Db, _subject: &str) -> Result<Option<Profile>, Error> {
    Ok(None)
}

/// Writes an act of consent. Called in the transaction of the customer's yes.
pub(crate) async fn record_consent(
    _db: &mut SqliteConnection,
    _subject: &str,
    _act: &ConsentAct,
) -> Result<(), Error> {
    Ok(())
}
