//! What customers took back at this till and the centre does not know yet.
//!
//! The copy is gone with the same transaction that queues the act, so that nobody who was told "forgotten" is still there
//! after a power cut, and the centre hears of it once there is a network. The refresh token stays in the keyring until then:
//! it is what the act is sent with.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, Vault, Why,
    customers::{discard_queue, let_go_if_unused, remove},
    new_customers,
    stored::{micros, time},
};

/// An act of consent that waits for the centre.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedWithdrawal {
    /// The act's id, for ever the same.
    pub id: Uuid,
    /// The customer's key in this vault.
    pub customer_id: Uuid,
    /// The customer at the centre.
    pub customer: CustomerKey,
    /// The act that is taken back, where it is known.
    pub act: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl fmt::Debug for QueuedWithdrawal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedWithdrawal").field("id", &self.id).field("at", &self.at).finish_non_exhaustive()
    }
}

impl Vault {
    /// A customer took back, before an associate, what they agreed to leave here: the copy is gone, what was not sent
    /// stays, and the act waits for the centre under the id `act`. Of somebody new whom the centre has refused nothing stays:
    /// it has nobody to whom the act could be about.
    pub async fn take_back(
        &self,
        id: Uuid,
        act: Uuid,
        who: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let at = micros(now);
        let mut tx = self.database.write().await?;
        let row = sqlx::query!(
            "SELECT u.seq, u.issuer, u.subject, c.act FROM customer u JOIN copy c ON c.customer = u.seq WHERE u.id = ?",
            id
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotRemembered)?;
        let whom = CustomerKey { issuer: row.issuer, subject: row.subject };
        if new_customers::is_refused(&mut tx, id).await? {
            discard_queue(&mut tx, id).await?;
            remove(&mut tx, row.seq, id, whom, who, Why::Forgotten, now).await?;
            tx.commit().await?;
            self.remove_leftovers().await?;
            return self.database.checkpoint().await;
        }
        sqlx::query!(
            "INSERT INTO queued_withdrawal (id, customer_id, issuer, subject, act, at) VALUES (?, ?, ?, ?, ?, ?)",
            act,
            id,
            whom.issuer,
            whom.subject,
            row.act,
            at
        )
        .execute(&mut *tx)
        .await?;
        let queued = QueuedWithdrawal {
            id: act,
            customer_id: id,
            customer: whom.clone(),
            act: row.act,
            at: time(at)?,
        };
        self.seal_withdrawal(&mut tx, &queued).await?;
        remove(&mut tx, row.seq, id, whom, who, Why::Forgotten, now).await?;
        tx.commit().await?;
        self.database.checkpoint().await
    }

    /// The oldest act of a customer that waits for the centre.
    pub async fn withdrawal_of(&self, customer: Uuid) -> Result<Option<QueuedWithdrawal>, Error> {
        let all = of_customer(&mut *self.database.read().acquire().await?, customer).await?;
        Ok(all.into_iter().next())
    }

    /// Customers with acts that wait for the centre.
    pub async fn customers_with_withdrawals(&self) -> Result<Vec<Uuid>, Error> {
        let ids = sqlx::query_scalar!(r#"SELECT DISTINCT customer_id AS "id: Uuid" FROM queued_withdrawal"#);
        Ok(ids.fetch_all(self.database.read()).await?)
    }

    /// The centre knows of it, or never will. Answers whether the customer is gone from here: not who agreed anew since.
    pub async fn withdrawal_is_over(&self, act: Uuid) -> Result<bool, Error> {
        let mut tx = self.database.write().await?;
        let customer = sqlx::query_scalar!(
            r#"DELETE FROM queued_withdrawal WHERE id = ? RETURNING customer_id AS "id: Uuid""#,
            act
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(customer) = customer else { return Ok(false) };
        let is_gone = !is_remembered(&mut tx, customer).await?;
        let_go_if_unused(&mut tx, customer).await?;
        tx.commit().await?;
        self.remove_leftovers().await?;
        Ok(is_gone)
    }
}

/// Whether there are acts of a customer that wait for the centre.
pub(crate) async fn is_queued(connection: &mut SqliteConnection, customer: Uuid) -> Result<bool, Error> {
    let acts = sqlx::query_scalar!("SELECT count(*) FROM queued_withdrawal WHERE customer_id = ?", customer);
    Ok(acts.fetch_one(connection).await? > 0)
}

/// All acts of a customer that wait for the centre, oldest first.
pub(crate) async fn of_customer(
    connection: &mut SqliteConnection,
    customer: Uuid,
) -> Result<Vec<QueuedWithdrawal>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: Uuid", issuer, subject, act, at FROM queued_withdrawal WHERE customer_id = ? ORDER BY at"#,
        customer
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(QueuedWithdrawal {
                id: row.id,
                customer_id: customer,
                customer: CustomerKey { issuer: row.issuer, subject: row.subject },
                act: row.act,
                at: time(row.at)?,
            })
        })
        .collect()
}

async fn is_remembered(connection: &mut SqliteConnection, id: Uuid) -> Result<bool, Error> {
    let copies = sqlx::query_scalar!(
        "SELECT count(*) FROM copy WHERE customer = (SELECT seq FROM customer WHERE id = ?)",
        id
    );
    Ok(copies.fetch_one(connection).await? > 0)
}
