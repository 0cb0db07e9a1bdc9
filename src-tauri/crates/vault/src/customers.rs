//! Copies of customers who agreed to be remembered, until the date they agreed to.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::{Activity, CustomerKey, Profile};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    AuditAct, AuditLine, Error, QueuedEdit, Vault, Why, audit, index, outbox,
    search::Entry,
    stored::{micros, number, time},
    time_seen,
};

/// A till's copy of a customer.
#[derive(Clone)]
pub struct Copy {
    /// Key in this vault.
    pub id: Uuid,
    /// Who it is.
    pub customer: CustomerKey,
    /// The document, with the waiting edits applied.
    pub profile: Profile,
    /// Activity as far as copied, newest first.
    pub activity: Vec<Activity>,
    /// Where older activity starts.
    pub older: Option<String>,
    /// When the copy was made.
    pub copied_at: DateTime<Utc>,
    /// Until when the customer agreed to be remembered.
    pub until: DateTime<Utc>,
    /// Edits that the centre does not have, refused ones too, oldest first.
    pub waiting: Vec<QueuedEdit>,
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copy")
            .field("id", &self.id)
            .field("copied_at", &self.copied_at)
            .finish_non_exhaustive()
    }
}

/// What [`Vault::forget`] does with edits that have not been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// Refuse to forget, with [`Error::UnsentEdits`].
    Refuse,
    /// Leave them in the queue, without the copy: the customer wants to be forgotten, not their wishes.
    Keep,
    /// Discard them: the customer was erased at the centre, or a person has decided it.
    Discard,
}

impl Vault {
    /// Keeps a copy of a customer who agreed to it until a date. Again for the same customer it makes the copy anew and
    /// keeps the queued edits and the id; a document that is older than the one in the copy does not replace it.
    pub async fn remember(
        &self,
        customer: &CustomerKey,
        profile: &Profile,
        activity: &[Activity],
        older: Option<&str>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        if until <= now {
            return Err(Error::Expired);
        }
        let (fresh, activity, until, at) =
            (Uuid::new_v4(), serde_json::to_string(activity)?, micros(until), micros(now));
        let (document, revision) = stored_profile(profile)?;
        let mut tx = self.database.write().await?;
        let row = sqlx::query!(
            r#"INSERT INTO customer (id, issuer, subject) VALUES (?, ?, ?)
               ON CONFLICT (issuer, subject) DO UPDATE SET issuer = excluded.issuer
               RETURNING seq, id AS "id: Uuid""#,
            fresh,
            customer.issuer,
            customer.subject
        )
        .fetch_one(&mut *tx)
        .await?;
        // Who is remembered is here.
        let before = place(&mut tx, row.seq).await?;
        let place = index::last_place(&mut tx).await?;
        sqlx::query!(
            "INSERT INTO copy (customer, place, until, copied_at, last_seen, revision, older, profile, activity)
             VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (customer) DO UPDATE SET place = ?2, until = ?3, last_seen = ?4, older = ?6, activity = ?8",
            row.seq,
            place,
            until,
            at,
            revision,
            older,
            document,
            activity
        )
        .execute(&mut *tx)
        .await?;
        match before {
            Some(before) => index::move_to(&mut tx, before, place).await?,
            None => index::put(&mut tx, place, Entry::of(profile)).await?,
        }
        if before.is_some() {
            refresh_copy(&mut tx, row.id, profile, now).await?;
        }
        tx.commit().await?;
        Ok(row.id)
    }

    /// Removes everything of a customer: copy, index entries, refresh token. Where edits have not been sent it depends
    /// on `unsent`: answers how many stay in the queue. A keyring that does not answer now is asked again by
    /// [`Vault::purge_expired`].
    pub async fn forget(&self, id: Uuid, unsent: Unsent, now: DateTime<Utc>) -> Result<u32, Error> {
        let mut tx = self.database.write().await?;
        let Some(row) = sqlx::query!("SELECT seq, issuer, subject FROM customer WHERE id = ?", id)
            .fetch_optional(&mut *tx)
            .await?
        else {
            return Err(Error::NotRemembered);
        };
        let edits = sqlx::query_scalar!("SELECT count(*) FROM queued_edit WHERE customer_id = ?", id)
            .fetch_one(&mut *tx)
            .await?;
        let edits = number(edits)?;
        let stay = match unsent {
            Unsent::Refuse if 0 < edits => return Err(Error::UnsentEdits(edits)),
            Unsent::Refuse | Unsent::Keep => edits,
            Unsent::Discard => {
                sqlx::query!("DELETE FROM queued_edit WHERE customer_id = ?", id).execute(&mut *tx).await?;
                0
            }
        };
        let whom = CustomerKey { issuer: row.issuer, subject: row.subject };
        remove(&mut tx, row.seq, id, whom, Why::Forgotten, now).await?;
        tx.commit().await?;
        self.remove_dead_tokens().await?;
        self.database.checkpoint().await?;
        Ok(stay)
    }

    /// Removes every copy whose date is over, with its index entries and refresh token, and empties the log. Edits
    /// that wait stay in the queue, without the copy, and the token stays until they are sent. Answers how many copies
    /// were removed. A clock that is wrong by years removes nobody (`time_seen`).
    pub async fn purge_expired(&self, now: DateTime<Utc>) -> Result<u32, Error> {
        let mut tx = self.database.write().await?;
        let at = micros(time_seen::believed(&mut tx, now).await?);
        let over = sqlx::query!(
            r#"SELECT u.seq, u.id AS "id: Uuid", u.issuer, u.subject
               FROM copy c JOIN customer u ON u.seq = c.customer WHERE c.until <= ?"#,
            at
        )
        .fetch_all(&mut *tx)
        .await?;
        let removed = number(over.len())?;
        for row in over {
            let whom = CustomerKey { issuer: row.issuer, subject: row.subject };
            remove(&mut tx, row.seq, row.id, whom, Why::RetentionOver, now).await?;
        }
        tx.commit().await?;
        self.remove_dead_tokens().await?;
        if 0 < removed {
            self.database.checkpoint().await?;
        }
        Ok(removed)
    }

    /// A customer was at this counter: moves them up in lists.
    pub async fn seen(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
        let now = micros(now);
        let mut tx = self.database.write().await?;
        let Some(before) = sqlx::query_scalar!(
            "SELECT c.place FROM customer u JOIN copy c ON c.customer = u.seq WHERE u.id = ?",
            id
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(());
        };
        let place = index::last_place(&mut tx).await?;
        sqlx::query!("UPDATE copy SET place = ?, last_seen = ? WHERE place = ?", place, now, before)
            .execute(&mut *tx)
            .await?;
        index::move_to(&mut tx, before, place).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Opens a copy; none where the customer is not, or no longer, remembered.
    pub async fn open_customer(&self, id: Uuid) -> Result<Option<Copy>, Error> {
        // One read transaction: copy and edits are of one moment.
        let mut tx = self.database.read().begin().await?;
        let Some(row) = sqlx::query!(
            "SELECT u.issuer, u.subject, c.until, c.copied_at, c.older, c.profile, c.activity
             FROM customer u JOIN copy c ON c.customer = u.seq WHERE u.id = ?",
            id
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(None);
        };
        let waiting = outbox::of_customer(&mut tx, id).await?;
        let mut profile: Profile = serde_json::from_str(&row.profile)?;
        outbox::apply(&mut profile.preferences, &waiting);
        Ok(Some(Copy {
            id,
            customer: CustomerKey { issuer: row.issuer, subject: row.subject },
            profile,
            activity: serde_json::from_str(&row.activity)?,
            older: row.older,
            copied_at: time(row.copied_at)?,
            until: time(row.until)?,
            waiting,
        }))
    }

    /// The id of a customer, where remembered.
    pub async fn find(&self, customer: &CustomerKey) -> Result<Option<Uuid>, Error> {
        let id = sqlx::query_scalar!(
            r#"SELECT u.id AS "id: Uuid" FROM customer u JOIN copy c ON c.customer = u.seq
               WHERE u.issuer = ? AND u.subject = ?"#,
            customer.issuer,
            customer.subject
        )
        .fetch_optional(self.database.read())
        .await?;
        Ok(id)
    }
}

fn stored_profile(profile: &Profile) -> Result<(String, i64), Error> {
    Ok((serde_json::to_string(profile)?, number(profile.revision)?))
}

/// Where a customer stands in the index; none where there is no copy.
async fn place(connection: &mut SqliteConnection, seq: i64) -> Result<Option<i64>, Error> {
    let place = sqlx::query_scalar!("SELECT place FROM copy WHERE customer = ?", seq);
    Ok(place.fetch_optional(connection).await?)
}

/// Takes over what the centre answered, unless the copy is newer already or there is no copy any more.
pub(crate) async fn refresh_copy(
    connection: &mut SqliteConnection,
    id: Uuid,
    fresh: &Profile,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (document, revision) = stored_profile(fresh)?;
    let now = micros(now);
    let place = sqlx::query_scalar!(
        "UPDATE copy SET profile = ?, revision = ?, copied_at = ?
         WHERE revision <= ? AND customer = (SELECT seq FROM customer WHERE id = ? AND subject = ?)
         RETURNING place",
        document,
        revision,
        now,
        revision,
        id,
        fresh.subject
    )
    .fetch_optional(&mut *connection)
    .await?;
    match place {
        Some(place) => {
            index::take_out(connection, place).await?;
            index::put(connection, place, Entry::of(fresh)).await?;
            outbox::settle(connection, id, fresh).await
        }
        None => Ok(()),
    }
}

/// Removes the copy of a customer, and leaves the proof of it in the audit trail.
async fn remove(
    connection: &mut SqliteConnection,
    seq: i64,
    id: Uuid,
    whom: CustomerKey,
    why: Why,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if why == Why::Forgotten {
        sqlx::query!("INSERT OR IGNORE INTO dead_token (customer_id) VALUES (?)", id)
            .execute(&mut *connection)
            .await?;
    }
    remove_copy(connection, seq, id).await?;
    let line = AuditLine { who: None, whom, act: AuditAct::Removed, why, online: false };
    audit::write_line(connection, &line, now).await
}

/// Removes the copy and index entries of a customer. Token and key stay as long as the queue needs them.
pub(crate) async fn remove_copy(connection: &mut SqliteConnection, seq: i64, id: Uuid) -> Result<(), Error> {
    if let Some(place) = place(connection, seq).await? {
        index::take_out(connection, place).await?;
    }
    sqlx::query!("DELETE FROM copy WHERE customer = ?", seq).execute(&mut *connection).await?;
    let_go_if_unused(connection, id).await
}

/// Lets go of a customer of whom there is no copy: of their token once no edit waits for it, and of their key once there
/// is no edit in the queue at all. [`Vault::remove_dead_tokens`] is to follow.
pub(crate) async fn let_go_if_unused(connection: &mut SqliteConnection, id: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "INSERT OR IGNORE INTO dead_token (customer_id) SELECT id FROM customer WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.customer = customer.seq)
            AND NOT EXISTS (SELECT 1 FROM queued_edit WHERE customer_id = ?1 AND refused_status IS NULL)",
        id
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM customer WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.customer = customer.seq)
            AND NOT EXISTS (SELECT 1 FROM queued_edit WHERE customer_id = ?1)",
        id
    )
    .execute(connection)
    .await?;
    Ok(())
}
