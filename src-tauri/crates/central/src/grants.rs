//! Device grants in the database (RFC 8628). The states are drawn in the migration.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use crate::{
    Error,
    db::Db,
    secret::{Fresh, SecretHash},
    user_code::UserCode,
};

/// How long a code lives.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody has decided; `scanned` once the phone page was opened.
    Pending {
        /// The phone page was opened.
        scanned: bool,
    },
    /// The customer said yes, the till has not asked since.
    Approved,
    /// The customer said no.
    Denied,
    /// The till has its tokens.
    Exchanged,
    /// Too late.
    Expired,
}

/// A device grant as the token endpoint sees it.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) id: i64,
    pub(crate) client_id: String,
    pub(crate) stage: Stage,
    pub(crate) expires_at: i64,
}

/// A device grant as the phone page sees it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: i64,
    pub(crate) device_code: SecretHash,
    pub(crate) till: String,
    pub(crate) store: String,
    pub(crate) store_id: String,
    pub(crate) brand: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) stage: Stage,
    /// Who said yes, and the check that was shown to them.
    pub(crate) approved: Option<(String, String)>,
    /// Until when the store may remember them.
    pub(crate) remember_until: Option<DateTime<Utc>>,
    /// The till was given tokens.
    pub(crate) exchanged: bool,
}

impl Request {
    pub(crate) fn is_approved_by(&self, subject: &str) -> bool {
        self.approved.as_ref().is_some_and(|(who, _)| who == subject)
    }
}

/// The customer's yes.
#[derive(Debug)]
pub(crate) struct Yes<'a> {
    pub(crate) subject: &'a str,
    pub(crate) auth_time: i64,
    pub(crate) scopes: &'a str,
    pub(crate) remember_until: Option<DateTime<Utc>>,
    pub(crate) check: &'a str,
}

fn stage(state: &str, scanned_at: Option<i64>, expires_at: i64, now: DateTime<Utc>) -> Result<Stage, Error> {
    match state {
        "exchanged" => Ok(Stage::Exchanged),
        "denied" => Ok(Stage::Denied),
        _ if expires_at <= now.timestamp() => Ok(Stage::Expired),
        "approved" => Ok(Stage::Approved),
        "pending" => Ok(Stage::Pending { scanned: scanned_at.is_some() }),
        _ => Err(Error::Stored("the state of a device grant")),
    }
}

/// Begins a grant.
pub(crate) async fn begin(
    db: &Db,
    client_id: &str,
    scopes: &str,
    now: DateTime<Utc>,
) -> Result<(Fresh, UserCode), Error> {
    let (device_code, user_code) = (Fresh::random(), UserCode::random());
    let (device_hash, user_hash) = (device_code.hash(), user_code.hash());
    let (device_hash, user_hash) = (device_hash.as_slice(), user_hash.as_slice());
    let (created_at, expires_at) = (now.timestamp(), (now + LIFETIME).timestamp());
    let mut write = db.write().await?;
    sqlx::query!(
        "INSERT INTO device_grants (device_code_hash, user_code_hash, client_id, scopes, state, created_at, expires_at)
         VALUES (?, ?, ?, ?, 'pending', ?, ?)",
        device_hash,
        user_hash,
        client_id,
        scopes,
        created_at,
        expires_at
    )
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok((device_code, user_code))
}

/// Finds a grant by its device code: one read by an index.
pub(crate) async fn by_device_code(
    db: &Db,
    code: SecretHash,
    now: DateTime<Utc>,
) -> Result<Option<Grant>, Error> {
    let hash = code.as_slice();
    let row = sqlx::query!(
        "SELECT id, client_id, state, scanned_at, expires_at FROM device_grants WHERE device_code_hash = ?",
        hash
    )
    .fetch_optional(db.read())
    .await?;
    row.map(|row| {
        Ok(Grant {
            id: row.id,
            client_id: row.client_id,
            stage: stage(&row.state, row.scanned_at, row.expires_at, now)?,
            expires_at: row.expires_at,
        })
    })
    .transpose()
}

/// Finds a grant by the code that the customer has.
pub(crate) async fn by_user_code(
    db: &Db,
    code: &UserCode,
    now: DateTime<Utc>,
) -> Result<Option<Request>, Error> {
    let hash = code.hash();
    let hash = hash.as_slice();
    let row = sqlx::query!(
        r#"SELECT g.id, g.device_code_hash, g.scopes, g.state, g.scanned_at, g.expires_at, g.subject,
                  g.match_check, g.remember_until, g.authorization_id, c.name AS till, s.id AS store_id, s.name AS store, s.brand
           FROM device_grants g
           JOIN clients c ON c.id = g.client_id
           JOIN stores s ON s.id = c.store_id
           WHERE g.user_code_hash = ?"#,
        hash
    )
    .fetch_optional(db.read())
    .await?;
    row.map(|row| {
        Ok(Request {
            id: row.id,
            device_code: SecretHash::stored(&row.device_code_hash)?,
            till: row.till,
            store: row.store,
            store_id: row.store_id,
            brand: row.brand,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            stage: stage(&row.state, row.scanned_at, row.expires_at, now)?,
            approved: row.subject.zip(row.match_check),
            remember_until: row.remember_until.and_then(|until| DateTime::from_timestamp(until, 0)),
            exchanged: row.authorization_id.is_some(),
        })
    })
    .transpose()
}

/// Notes that the phone page was opened; true the first time.
pub(crate) async fn mark_scanned(db: &Db, id: i64, now: DateTime<Utc>) -> Result<bool, Error> {
    let now = now.timestamp();
    let mut write = db.write().await?;
    let marked = sqlx::query!(
        "UPDATE device_grants SET scanned_at = ? WHERE id = ? AND state = 'pending' AND scanned_at IS NULL",
        now,
        id
    )
    .execute(&mut *write)
    .await?
    .rows_affected();
    write.commit().await?;
    Ok(marked == 1)
}

/// Writes the yes; false when somebody decided before, or time was up.
pub(crate) async fn approve(
    db: &mut SqliteConnection,
    id: i64,
    yes: &Yes<'_>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let now = now.timestamp();
    let remember_until = yes.remember_until.map(|until| until.timestamp());
    let approved = sqlx::query!(
        "UPDATE device_grants
         SET state = 'approved', subject = ?, auth_time = ?, scopes = ?, remember_until = ?, match_check = ?
         WHERE id = ? AND state = 'pending' AND expires_at > ?",
        yes.subject,
        yes.auth_time,
        yes.scopes,
        remember_until,
        yes.check,
        id,
        now
    )
    .execute(db)
    .await?
    .rows_affected();
    Ok(approved == 1)
}

/// Writes the no; false when somebody decided before, or time was up: the till was told so by then.
pub(crate) async fn deny(db: &Db, id: i64, now: DateTime<Utc>) -> Result<bool, Error> {
    let now = now.timestamp();
    let mut write = db.write().await?;
    let denied = sqlx::query!(
        "UPDATE device_grants SET state = 'denied' WHERE id = ? AND state = 'pending' AND expires_at > ?",
        id,
        now
    )
    .execute(&mut *write)
    .await?
    .rows_affected();
    write.commit().await?;
    Ok(denied == 1)
}

/// Takes a yes back, and with it all that the store can see of the customer: what its tills have been given ends, and a
/// till that has not asked yet gets nothing.
pub(crate) async fn take_back(
    db: &mut SqliteConnection,
    id: i64,
    subject: &str,
    store_id: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM authorizations
         WHERE subject = ? AND client_id IN (SELECT id FROM clients WHERE store_id = ?)",
        subject,
        store_id
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE device_grants
         SET state = 'denied', subject = NULL, auth_time = NULL, remember_until = NULL, match_check = NULL
         WHERE subject = ? AND (id = ?
             OR (state = 'approved' AND client_id IN (SELECT id FROM clients WHERE store_id = ?)))",
        subject,
        id,
        store_id
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

/// Ends what the tills of a store were given because the customer let it remember them, and what they would still be
/// given. A visit that nobody was to be remembered for goes on.
pub(crate) async fn forget_at_store(
    db: &mut SqliteConnection,
    subject: &str,
    store_id: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM authorizations
         WHERE subject = ? AND remember_until IS NOT NULL
             AND client_id IN (SELECT id FROM clients WHERE store_id = ?)",
        subject,
        store_id
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE device_grants SET remember_until = NULL
         WHERE subject = ? AND state = 'approved' AND client_id IN (SELECT id FROM clients WHERE store_id = ?)",
        subject,
        store_id
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}
