//! Copies of customers who agreed to be remembered: of what they agreed to, until the date they agreed to. What is written
//! of a profile is decided in [`crate::kept`] alone.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::{Activity, CustomerKey, Profile, Remember, RememberScope};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    AuditAct, AuditLine, Error, QueuedEdit, Vault, Why, audit, index,
    kept::{self, Agreement, Kept},
    outbox,
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
    /// What the customer agreed to: the rest is not in the copy.
    pub remember: Remember,
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
    /// Keeps a copy of what a customer agreed to leave here. Again for the same customer it makes the copy anew and keeps
    /// the queued edits and the id; a document that is older than the one in the copy does not replace it. An agreement
    /// that is over, or that the profile's own log takes back, is [`Error::Expired`].
    pub async fn remember(
        &self,
        customer: &CustomerKey,
        profile: &Profile,
        activity: &[Activity],
        older: Option<&str>,
        remember: impl Into<Remember>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        let remember = remember.into();
        let mut tx = self.database.write().await?;
        let id = write_copy(&mut tx, customer, profile, activity, older, &remember, now).await?;
        tx.commit().await?;
        Ok(id)
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
        let edits =
            sqlx::query_scalar!(r#"SELECT count(*) AS "edits!: i64" FROM unsent WHERE customer_id = ?"#, id)
                .fetch_one(&mut *tx)
                .await?;
        let edits = number(edits)?;
        let stay = match unsent {
            Unsent::Refuse if 0 < edits => return Err(Error::UnsentEdits(edits)),
            Unsent::Refuse | Unsent::Keep => edits,
            Unsent::Discard => {
                discard_queue(&mut tx, id).await?;
                0
            }
        };
        let whom = CustomerKey { issuer: row.issuer, subject: row.subject };
        remove(&mut tx, row.seq, id, whom, None, Why::Forgotten, now).await?;
        tx.commit().await?;
        self.remove_leftovers().await?;
        self.database.checkpoint().await?;
        Ok(stay)
    }

    /// Removes every copy whose date is over, with its index entries and refresh token, and empties the log. Edits
    /// that wait stay in the queue, without the copy, and the token stays until they are sent; those of somebody whom the
    /// centre does not have go with them. Answers how many copies
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
            // Nobody was ever to know them but this store.
            if is_new(&mut tx, row.id).await? {
                discard_queue(&mut tx, row.id).await?;
            }
            remove(&mut tx, row.seq, row.id, whom, None, Why::RetentionOver, now).await?;
        }
        tx.commit().await?;
        self.remove_leftovers().await?;
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
            "SELECT u.issuer, u.subject, c.until, c.scopes, c.act, c.copied_at, c.older, c.profile, c.activity
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
            remember: Remember {
                until: time(row.until)?,
                scopes: serde_json::from_str(&row.scopes)?,
                act: row.act,
            },
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

/// Writes a copy of whoever is at the counter now.
pub(crate) async fn write_copy(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
    profile: &Profile,
    activity: &[Activity],
    older: Option<&str>,
    remember: &Remember,
    now: DateTime<Utc>,
) -> Result<Uuid, Error> {
    let remember = remember.renewed(&profile.consents).ok_or(Error::Expired)?;
    if remember.until <= now {
        return Err(Error::Expired);
    }
    let Agreement { until, scopes, act } = Agreement::of(&remember)?;
    let Kept { document, revision, entry } = Kept::of(profile, &remember.scopes)?;
    let activity = kept::activity(activity, &remember.scopes)?;
    let older = older.filter(|_| remember.scopes.has(RememberScope::Activity));
    let (fresh, at) = (Uuid::new_v4(), micros(now));
    let row = sqlx::query!(
        r#"INSERT INTO customer (id, issuer, subject) VALUES (?, ?, ?)
           ON CONFLICT (issuer, subject) DO UPDATE SET issuer = excluded.issuer
           RETURNING seq, id AS "id: Uuid""#,
        fresh,
        customer.issuer,
        customer.subject
    )
    .fetch_one(&mut *connection)
    .await?;
    let before = place(connection, row.seq).await?;
    let place = index::last_place(connection).await?;
    sqlx::query!(
        "INSERT INTO copy
            (customer, place, until, scopes, act, copied_at, last_seen, revision, older, profile, activity, snapshot)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10,
             coalesce((SELECT snapshot FROM feed WHERE issuer = ?11), 0))
         ON CONFLICT (customer) DO UPDATE SET
             place = ?2, until = ?3, scopes = ?4, act = ?5, last_seen = ?6, older = ?8, activity = ?10,
             snapshot = excluded.snapshot",
        row.seq,
        place,
        until,
        scopes,
        act,
        at,
        revision,
        older,
        document,
        activity,
        customer.issuer
    )
    .execute(&mut *connection)
    .await?;
    match before {
        Some(before) => {
            index::move_to(connection, before, place).await?;
            refresh_copy(connection, row.id, profile, now).await?;
        }
        None => index::put(connection, place, entry).await?,
    }
    Ok(row.id)
}

/// The id of a customer of whom there is anything.
pub(crate) async fn id_of(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Option<Uuid>, Error> {
    let id = sqlx::query_scalar!(
        r#"SELECT id AS "id: Uuid" FROM customer WHERE issuer = ? AND subject = ?"#,
        customer.issuer,
        customer.subject
    );
    Ok(id.fetch_optional(connection).await?)
}

/// What became of a copy when the centre told of the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It is what the centre says, as far as the customer agreed to leave it here; or there was none.
    Kept,
    /// The customer has taken back what they agreed to, and it is gone.
    Withdrawn,
}

/// Where a customer stands in the index; none where there is no copy.
async fn place(connection: &mut SqliteConnection, seq: i64) -> Result<Option<i64>, Error> {
    let place = sqlx::query_scalar!("SELECT place FROM copy WHERE customer = ?", seq);
    Ok(place.fetch_optional(connection).await?)
}

/// Takes over what the centre told: the customer's newest act about this store, and what they leave here of the profile.
/// A document that is older than the one in the copy does not replace it.
pub(crate) async fn refresh_copy(
    connection: &mut SqliteConnection,
    id: Uuid,
    fresh: &Profile,
    now: DateTime<Utc>,
) -> Result<Refreshed, Error> {
    let Some(row) = sqlx::query!(
        "SELECT u.seq, u.issuer, u.subject, c.place, c.until, c.scopes, c.act, c.revision, c.profile, c.copied_at
         FROM customer u JOIN copy c ON c.customer = u.seq WHERE u.id = ? AND u.subject = ?",
        id,
        fresh.subject
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(Refreshed::Kept);
    };
    let agreed =
        Remember { until: time(row.until)?, scopes: serde_json::from_str(&row.scopes)?, act: row.act };
    let Some(remember) = agreed.renewed(&fresh.consents) else {
        let whom = CustomerKey { issuer: row.issuer, subject: row.subject };
        remove(connection, row.seq, id, whom, None, Why::Forgotten, now).await?;
        return Ok(Refreshed::Withdrawn);
    };
    let is_newer = row.revision <= number(fresh.revision)?;
    let (kept, copied_at) = if is_newer {
        (Kept::of(fresh, &remember.scopes)?, micros(now))
    } else {
        (Kept::of(&serde_json::from_str(&row.profile)?, &remember.scopes)?, row.copied_at)
    };
    let Agreement { until, scopes, act } = Agreement::of(&remember)?;
    let with_activity = remember.scopes.has(RememberScope::Activity);
    sqlx::query!(
        "UPDATE copy SET profile = ?, revision = ?, copied_at = ?, until = ?, scopes = ?, act = ?,
            activity = iif(?7, activity, '[]'), older = iif(?7, older, NULL)
         WHERE customer = ?8",
        kept.document,
        kept.revision,
        copied_at,
        until,
        scopes,
        act,
        with_activity,
        row.seq
    )
    .execute(&mut *connection)
    .await?;
    index::take_out(connection, row.place).await?;
    index::put(connection, row.place, kept.entry).await?;
    outbox::settle(connection, id, fresh).await?;
    Ok(Refreshed::Kept)
}

/// Removes the copy of a customer, and leaves the proof of it in the audit trail.
pub(crate) async fn remove(
    connection: &mut SqliteConnection,
    seq: i64,
    id: Uuid,
    whom: CustomerKey,
    who: Option<Uuid>,
    why: Why,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if why == Why::Forgotten {
        sqlx::query!("INSERT OR IGNORE INTO dead_token (customer_id) VALUES (?)", id)
            .execute(&mut *connection)
            .await?;
    }
    remove_copy(connection, seq, id).await?;
    let line = AuditLine { who, whom, act: AuditAct::Removed, why, online: false };
    audit::write_line(connection, &line, now).await
}

/// Whether the centre does not have the customer.
async fn is_new(connection: &mut SqliteConnection, id: Uuid) -> Result<bool, Error> {
    let new = sqlx::query_scalar!("SELECT count(*) FROM new_customer WHERE customer_id = ?", id);
    Ok(new.fetch_one(connection).await? > 0)
}

/// Removes all that waits of a customer for the centre, which will never get it. Answers how much that was.
pub(crate) async fn discard_queue(connection: &mut SqliteConnection, id: Uuid) -> Result<u32, Error> {
    let edits =
        sqlx::query!("DELETE FROM queued_edit WHERE customer_id = ?", id).execute(&mut *connection).await?;
    let visits =
        sqlx::query!("DELETE FROM queued_visit WHERE customer_id = ?", id).execute(&mut *connection).await?;
    let new =
        sqlx::query!("DELETE FROM new_customer WHERE customer_id = ?", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM queued_withdrawal WHERE customer_id = ?", id).execute(connection).await?;
    number(edits.rows_affected() + visits.rows_affected() + new.rows_affected())
}

/// Removes the copy and index entries of a customer. Token and key stay as long as the queue needs them.
pub(crate) async fn remove_copy(connection: &mut SqliteConnection, seq: i64, id: Uuid) -> Result<(), Error> {
    if let Some(place) = place(connection, seq).await? {
        index::take_out(connection, place).await?;
    }
    sqlx::query!("DELETE FROM copy WHERE customer = ?", seq).execute(&mut *connection).await?;
    let_go_if_unused(connection, id).await
}

/// Lets go of a customer of whom there is no copy: of their token once no edit waits for it, and of their key once
/// nothing of theirs is in the queue at all. [`Vault::remove_leftovers`] is to follow.
pub(crate) async fn let_go_if_unused(connection: &mut SqliteConnection, id: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "INSERT OR IGNORE INTO dead_token (customer_id) SELECT id FROM customer WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.customer = customer.seq)
            AND NOT EXISTS (SELECT 1 FROM unsent WHERE customer_id = ?1 AND refused_status IS NULL)",
        id
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM customer WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM copy WHERE copy.customer = customer.seq)
            AND NOT EXISTS (SELECT 1 FROM unsent WHERE customer_id = ?1)
            AND NOT EXISTS (SELECT 1 FROM queued_withdrawal WHERE customer_id = ?1)",
        id
    )
    .execute(connection)
    .await?;
    Ok(())
}
