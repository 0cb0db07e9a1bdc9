//! Somebody new: entered at this till, and unknown to the centre until it has answered. From the first moment they are
//! remembered like anybody else, under the subject that the till asks for; what is changed of them waits until they are
//! made. Whether they are somebody whom the centre knows already is a question, and only a person answers it.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::{Candidate, CustomerKey, NewCustomer, Profile, Remember};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    AuditAct, AuditLine, Error, Refreshed, Vault, Why, audit,
    customers::{self, let_go_if_unused, refresh_copy, write_copy},
    stored::{micros, number, time},
    time_seen, withdrawals,
};

/// Somebody whom the centre does not have yet.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedCustomer {
    /// The customer's key in this vault.
    pub customer_id: Uuid,
    /// The customer, as the centre is asked to make them.
    pub customer: CustomerKey,
    /// Who they are, and what they agreed to.
    pub new: NewCustomer,
    /// Candidates whom they were asked about, and are not.
    pub somebody_else: Vec<String>,
}

impl fmt::Debug for QueuedCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedCustomer").field("customer_id", &self.customer_id).finish_non_exhaustive()
    }
}

impl Vault {
    /// Keeps somebody new, with what they agreed to. When this has answered, they are on the disk. Again for the same
    /// customer it changes nothing. By a clock that is behind, what they agreed to would be over before it began: it counts
    /// from the time that retention goes by.
    pub async fn add_customer(
        &self,
        customer: &CustomerKey,
        new: &NewCustomer,
        who: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        let mut tx = self.database.write().await?;
        if let Some(id) = customers::id_of(&mut tx, customer).await? {
            return Ok(id);
        }
        let from = now.max(time_seen::believed(&mut tx, now).await?);
        let id = keep_new(&mut tx, customer, &new.entered_at(from), now).await?;
        let line = AuditLine {
            who,
            whom: customer.clone(),
            act: AuditAct::Entered,
            why: Why::Entered,
            online: false,
        };
        audit::write_line(&mut tx, &line, now).await?;
        self.seal_all_of(&mut tx, id).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The issuer of the customer who came here last.
    pub async fn last_issuer(&self) -> Result<Option<String>, Error> {
        let issuer = sqlx::query_scalar!("SELECT issuer FROM customer ORDER BY seq DESC LIMIT 1");
        Ok(issuer.fetch_optional(self.database.read()).await?)
    }

    /// Somebody new who waits for the centre; none where a person must decide first.
    pub async fn new_customer_to_send(&self, id: Uuid) -> Result<Option<QueuedCustomer>, Error> {
        let mut tx = self.database.read().begin().await?;
        if is_refused(&mut tx, id).await? {
            return Ok(None);
        }
        queued(&mut tx, id).await
    }

    /// The centre has made them; `fresh` is what it says of them. What was changed of them meanwhile can be sent now.
    pub async fn customer_is_made(
        &self,
        id: Uuid,
        fresh: &Profile,
        now: DateTime<Utc>,
    ) -> Result<Refreshed, Error> {
        let mut tx = self.database.write().await?;
        let gone =
            sqlx::query!("DELETE FROM new_customer WHERE customer_id = ?", id).execute(&mut *tx).await?;
        let mut refreshed = Refreshed::Kept;
        if gone.rows_affected() > 0 {
            refreshed = refresh_copy(&mut tx, id, fresh, now).await?;
            let_go_if_unused(&mut tx, id).await?;
        }
        tx.commit().await?;
        self.remove_leftovers().await?;
        if refreshed == Refreshed::Withdrawn {
            self.database.checkpoint().await?;
        }
        Ok(refreshed)
    }

    /// The centre did not make them: a person must decide. Answers false where nobody must any more: they have taken back
    /// meanwhile what they agreed to, and all that waited of them goes with that.
    pub async fn customer_is_refused(
        &self,
        id: Uuid,
        status: u16,
        candidates: &[Candidate],
    ) -> Result<bool, Error> {
        let candidates = serde_json::to_string(candidates)?;
        let mut tx = self.database.write().await?;
        if withdrawals::is_queued(&mut tx, id).await? {
            customers::discard_queue(&mut tx, id).await?;
            let_go_if_unused(&mut tx, id).await?;
            tx.commit().await?;
            self.remove_leftovers().await?;
            self.database.checkpoint().await?;
            return Ok(false);
        }
        sqlx::query!(
            "UPDATE new_customer SET refused_status = ?, candidates = ? WHERE customer_id = ?",
            status,
            candidates,
            id
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A person has decided: they are none of those whom the centre named, or it is to be asked again. Answers whether
    /// there is somebody to ask for.
    pub async fn send_customer_again(&self, id: Uuid) -> Result<bool, Error> {
        let mut tx = self.database.write().await?;
        let Some(row) = sqlx::query!(
            "SELECT somebody_else, candidates FROM new_customer WHERE customer_id = ? AND refused_status IS NOT NULL",
            id
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(false);
        };
        let mut somebody_else: Vec<String> = serde_json::from_str(&row.somebody_else)?;
        somebody_else
            .extend(candidates(row.candidates.as_deref())?.into_iter().map(|candidate| candidate.id));
        somebody_else.dedup();
        let somebody_else = serde_json::to_string(&somebody_else)?;
        sqlx::query!(
            "UPDATE new_customer SET refused_status = NULL, candidates = NULL, somebody_else = ? WHERE customer_id = ?",
            somebody_else,
            id
        )
        .execute(&mut *tx)
        .await?;
        self.seal_all_of(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A person lets go of somebody new whom the centre does not have: of all that this till has of them. Answers who it
    /// was; none where there is no such person any more.
    pub async fn drop_new_customer(
        &self,
        id: Uuid,
        who: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<Option<CustomerKey>, Error> {
        let mut tx = self.database.write().await?;
        let Some(row) = sqlx::query!(
            "SELECT u.seq, n.issuer, n.subject FROM new_customer n JOIN customer u ON u.id = n.customer_id
             WHERE n.customer_id = ?",
            id
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(None);
        };
        let whom = CustomerKey { issuer: row.issuer, subject: row.subject };
        customers::discard_queue(&mut tx, id).await?;
        customers::remove(&mut tx, row.seq, id, whom.clone(), who, Why::Unsent, now).await?;
        tx.commit().await?;
        self.remove_leftovers().await?;
        self.database.checkpoint().await?;
        Ok(Some(whom))
    }
}

/// Writes somebody new: the copy, and what the centre is to be asked.
pub(crate) async fn keep_new(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
    new: &NewCustomer,
    now: DateTime<Utc>,
) -> Result<Uuid, Error> {
    let act = new.act(&customer.subject, None);
    let remember = Remember { until: new.until, scopes: new.scopes.clone(), act: Some(act.id.clone()) };
    let profile = new.profile(&customer.subject, 0, act);
    let id = write_copy(connection, customer, &profile, &[], None, &remember, now).await?;
    let (document, at) = (serde_json::to_string(new)?, micros(new.at));
    sqlx::query!(
        "INSERT INTO new_customer (customer_id, issuer, subject, document, made_at) VALUES (?, ?, ?, ?, ?)",
        id,
        customer.issuer,
        customer.subject,
        document,
        at
    )
    .execute(connection)
    .await?;
    Ok(id)
}

/// Somebody new who waits, for the centre or for a person.
pub(crate) async fn queued(
    connection: &mut SqliteConnection,
    id: Uuid,
) -> Result<Option<QueuedCustomer>, Error> {
    let row = sqlx::query!(
        "SELECT issuer, subject, document, somebody_else FROM new_customer WHERE customer_id = ?",
        id
    );
    let row = row.fetch_optional(connection).await?;
    row.map(|row| {
        Ok(QueuedCustomer {
            customer_id: id,
            customer: CustomerKey { issuer: row.issuer, subject: row.subject },
            new: serde_json::from_str(&row.document)?,
            somebody_else: serde_json::from_str(&row.somebody_else)?,
        })
    })
    .transpose()
}

/// Whether the centre has refused somebody new, so that nobody but this till knows them.
pub(crate) async fn is_refused(connection: &mut SqliteConnection, id: Uuid) -> Result<bool, Error> {
    let refused = sqlx::query_scalar!(
        "SELECT count(*) FROM new_customer WHERE customer_id = ? AND refused_status IS NOT NULL",
        id
    );
    Ok(refused.fetch_one(connection).await? > 0)
}

/// Somebody whom the centre does not have, as a person looks at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsentCustomer {
    /// Key in this vault.
    pub customer_id: Uuid,
    /// Who they are; none where the row cannot be read.
    pub new: Option<NewCustomer>,
    /// When they were entered.
    pub made_at: DateTime<Utc>,
    /// HTTP status with which the centre refused them; none while they wait.
    pub refused: Option<u16>,
    /// Whom the centre knows already.
    pub candidates: Vec<Candidate>,
}

/// All of them, those that a person must look at first.
pub(crate) async fn unsent(connection: &mut SqliteConnection) -> Result<Vec<UnsentCustomer>, Error> {
    let rows = sqlx::query!(
        r#"SELECT customer_id AS "id: Uuid", document, made_at, refused_status, candidates FROM new_customer
           ORDER BY refused_status IS NULL, made_at"#
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(UnsentCustomer {
                customer_id: row.id,
                new: serde_json::from_str(&row.document).ok(),
                made_at: time(row.made_at)?,
                refused: row.refused_status.map(number).transpose()?,
                candidates: candidates(row.candidates.as_deref()).unwrap_or_default(),
            })
        })
        .collect()
}

fn candidates(stored: Option<&str>) -> Result<Vec<Candidate>, Error> {
    Ok(stored.map(serde_json::from_str).transpose()?.unwrap_or_default())
}
