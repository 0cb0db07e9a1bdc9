//! Visits that an associate has written down, of customers who did not sign in. They wait for the centre like edits, and
//! meet nothing there that they could be in conflict with.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::{CustomerKey, Name};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, Vault,
    customers::let_go_if_unused,
    stored::{micros, number, time},
};

/// A visit that the centre does not know of.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedVisit {
    /// Idempotency key, for ever the same.
    pub id: Uuid,
    /// The customer's key in this vault.
    pub customer_id: Uuid,
    /// The customer at the centre.
    pub customer: CustomerKey,
    /// When they were here.
    pub at: DateTime<Utc>,
    /// HTTP status with which the centre refused it; none while it waits.
    pub refused: Option<u16>,
}

impl fmt::Debug for QueuedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedVisit").field("id", &self.id).field("at", &self.at).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    customer_id: Uuid,
    issuer: String,
    subject: String,
    at: i64,
    refused_status: Option<i64>,
}

impl Row {
    fn into_visit(self) -> Result<QueuedVisit, Error> {
        Ok(QueuedVisit {
            id: self.id,
            customer_id: self.customer_id,
            customer: CustomerKey { issuer: self.issuer, subject: self.subject },
            at: time(self.at)?,
            refused: self.refused_status.map(number).transpose()?,
        })
    }
}

impl Vault {
    /// Writes down that a remembered customer is here. When this has answered, it is on the disk. Again under the
    /// same `visit` it changes nothing.
    pub async fn note_visit(&self, id: Uuid, visit: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
        let at = micros(now);
        let mut tx = self.database.write().await?;
        let written = sqlx::query_as!(
            Row,
            r#"INSERT INTO queued_visit (id, customer_id, issuer, subject, at)
               SELECT ?1, u.id, u.issuer, u.subject, ?3 FROM customer u JOIN copy c ON c.customer = u.seq WHERE u.id = ?2
               ON CONFLICT (id) DO UPDATE SET at = at
               RETURNING id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, at, refused_status"#,
            visit,
            id,
            at
        )
        .fetch_optional(&mut *tx)
        .await?;
        let queued = written.ok_or(Error::NotRemembered)?.into_visit()?;
        self.seal_visit(&mut tx, &queued).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The oldest visit of a customer that waits for the centre.
    pub async fn visit_to_send(&self, customer: Uuid) -> Result<Option<QueuedVisit>, Error> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, at, refused_status
               FROM queued_visit WHERE customer_id = ?1 AND refused_status IS NULL
                  AND NOT EXISTS (SELECT 1 FROM new_customer WHERE customer_id = ?1)
               ORDER BY at LIMIT 1"#,
            customer
        )
        .fetch_optional(self.database.read())
        .await?;
        row.map(Row::into_visit).transpose()
    }

    /// The centre knows of a visit. Answers whose it was; none where it was not there.
    pub async fn visit_is_over(&self, visit: Uuid) -> Result<Option<(Uuid, CustomerKey)>, Error> {
        let mut tx = self.database.write().await?;
        let Some((id, customer)) = remove(&mut tx, visit).await? else { return Ok(None) };
        let_go_if_unused(&mut tx, id).await?;
        tx.commit().await?;
        self.remove_leftovers().await?;
        Ok(Some((id, customer)))
    }

    /// The centre does not take a visit: a person must look at it.
    pub async fn visit_is_refused(&self, visit: Uuid, status: u16) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE queued_visit SET refused_status = ? WHERE id = ?", status, visit)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Takes a visit out of the queue. Answers whose it was.
pub(crate) async fn remove(
    connection: &mut SqliteConnection,
    visit: Uuid,
) -> Result<Option<(Uuid, CustomerKey)>, Error> {
    let row = sqlx::query!(
        r#"DELETE FROM queued_visit WHERE id = ? RETURNING customer_id AS "customer: Uuid", issuer, subject"#,
        visit
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.customer, CustomerKey { issuer: row.issuer, subject: row.subject })))
}

/// All visits of a customer, oldest first.
pub(crate) async fn of_customer(
    connection: &mut SqliteConnection,
    customer: Uuid,
) -> Result<Vec<QueuedVisit>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, at, refused_status
           FROM queued_visit WHERE customer_id = ? ORDER BY at"#,
        customer
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_visit).collect()
}

/// So many are listed at once.
const MOST_LISTED: i64 = 500;

/// A visit that the centre does not know of, as a person looks at it.
#[derive(Clone, Debug)]
pub struct UnsentVisit {
    /// The visit.
    pub visit: QueuedVisit,
    /// Whose; none where no copy of them is left.
    pub name: Option<Name>,
}

/// Those that the centre does not know of, refused ones first.
pub(crate) async fn unsent(connection: &mut SqliteConnection) -> Result<Vec<UnsentVisit>, Error> {
    let rows = sqlx::query!(
        r#"SELECT q.id AS "id: Uuid", q.customer_id AS "customer_id: Uuid", q.issuer, q.subject, q.at, q.refused_status,
              iif(json_valid(c.profile), c.profile ->> 'name', NULL) AS "name: String"
           FROM queued_visit q JOIN customer u ON u.id = q.customer_id LEFT JOIN copy c ON c.customer = u.seq
           ORDER BY q.refused_status IS NULL, q.at LIMIT ?"#,
        MOST_LISTED
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let visit = Row {
                id: row.id,
                customer_id: row.customer_id,
                issuer: row.issuer,
                subject: row.subject,
                at: row.at,
                refused_status: row.refused_status,
            };
            let name = row.name.and_then(|name| serde_json::from_str(&name).ok());
            Ok(UnsentVisit { visit: visit.into_visit()?, name })
        })
        .collect()
}
