//! All that this till has of one customer, for the customer: an answer to GDPR art. 15 (access) and 20 (portability) as far
//! as this till goes. Its form is `assets/customer-export.schema.json`.
//!
//! Associates are not named in it: who saw the profile is the store's to say, not the file's.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use serde::Serialize;
use serde_json::Value;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    AuditAct, Error, Vault, Why, audit,
    stored::{micros, number, time},
};

/// Rises when a field changes its meaning or goes away.
const SCHEMA: u32 = 2;

/// All that this till has of one customer.
#[derive(Serialize)]
pub struct Export {
    schema: u32,
    made_at: DateTime<Utc>,
    customer: CustomerKey,
    copy: Option<ExportedCopy>,
    entered_here: Option<ExportedEntry>,
    waiting_edits: Vec<ExportedEdit>,
    waiting_visits: Vec<DateTime<Utc>>,
    taken_back_at: Vec<DateTime<Utc>>,
    trail: Vec<ExportedLine>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("made_at", &self.made_at).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct ExportedCopy {
    copied_at: DateTime<Utc>,
    last_seen: DateTime<Utc>,
    kept_until: DateTime<Utc>,
    /// The parts that the customer agreed to leave.
    agreed: Value,
    /// As they are kept: a document that cannot be read as JSON is given as text.
    profile: Value,
    activity: Value,
}

/// Somebody whom the centre does not have yet.
#[derive(Serialize)]
struct ExportedEntry {
    made_at: DateTime<Utc>,
    entered: Value,
    refused_with: Option<u16>,
}

#[derive(Serialize)]
struct ExportedEdit {
    id: Uuid,
    made_at: DateTime<Utc>,
    edit: Value,
    before: Option<Value>,
    /// The HTTP status with which the centre refused it; none while it waits.
    refused_with: Option<u16>,
}

#[derive(Serialize)]
struct ExportedLine {
    at: DateTime<Utc>,
    act: String,
    why: String,
    by_an_associate: bool,
}

impl Vault {
    /// The customers of whom something is kept here and who have this id in the vault, subject, member number or e-mail
    /// address.
    pub async fn look_up(&self, words: &str) -> Result<Vec<CustomerKey>, Error> {
        let (words, id) = (words.trim(), Uuid::try_parse(words.trim()).ok());
        let rows = sqlx::query!(
            r#"SELECT u.issuer AS "issuer!", u.subject AS "subject!" FROM customer u
               LEFT JOIN copy c ON c.customer = u.seq AND json_valid(c.profile)
               WHERE u.id = ?1 OR u.subject = ?2 OR c.profile ->> '$.loyalty.number' = ?2
                  OR lower(c.profile ->> '$.email') = lower(?2)
               UNION SELECT issuer, subject FROM audit_subject WHERE subject = ?2"#,
            id,
            words
        )
        .fetch_all(self.database.read())
        .await?;
        Ok(rows.into_iter().map(|row| CustomerKey { issuer: row.issuer, subject: row.subject }).collect())
    }

    /// All that is kept here of a customer; leaves a line in the audit trail before anything is given out. `by` says who
    /// asked for it.
    pub async fn export(
        &self,
        customer: &CustomerKey,
        by: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Export, Error> {
        let mut tx = self.database.write().await?;
        let what = (AuditAct::Exported, Why::AccessRequest);
        audit::write_command(&mut tx, Some(customer), what, by, now).await?;
        let export = Export {
            schema: SCHEMA,
            made_at: time(micros(now))?,
            customer: customer.clone(),
            copy: copy(&mut tx, customer).await?,
            entered_here: entry(&mut tx, customer).await?,
            waiting_edits: edits(&mut tx, customer).await?,
            waiting_visits: visits(&mut tx, customer).await?,
            taken_back_at: withdrawals(&mut tx, customer).await?,
            trail: trail(&mut tx, customer).await?,
        };
        tx.commit().await?;
        Ok(export)
    }
}

async fn copy(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Option<ExportedCopy>, Error> {
    let row = sqlx::query!(
        "SELECT c.copied_at, c.last_seen, c.until, c.scopes, c.profile, c.activity
         FROM copy c JOIN customer u ON u.seq = c.customer WHERE u.issuer = ? AND u.subject = ?",
        customer.issuer,
        customer.subject
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(ExportedCopy {
            copied_at: time(row.copied_at)?,
            last_seen: time(row.last_seen)?,
            kept_until: time(row.until)?,
            agreed: as_kept(row.scopes),
            profile: as_kept(row.profile),
            activity: as_kept(row.activity),
        })
    })
    .transpose()
}

async fn entry(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Option<ExportedEntry>, Error> {
    let row = sqlx::query!(
        "SELECT document, made_at, refused_status FROM new_customer WHERE issuer = ? AND subject = ?",
        customer.issuer,
        customer.subject
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(ExportedEntry {
            made_at: time(row.made_at)?,
            entered: as_kept(row.document),
            refused_with: row.refused_status.map(number).transpose()?,
        })
    })
    .transpose()
}

async fn visits(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Vec<DateTime<Utc>>, Error> {
    let times = sqlx::query_scalar!(
        "SELECT at FROM queued_visit WHERE issuer = ? AND subject = ? ORDER BY at",
        customer.issuer,
        customer.subject
    );
    times.fetch_all(connection).await?.into_iter().map(time).collect()
}

async fn withdrawals(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Vec<DateTime<Utc>>, Error> {
    let times = sqlx::query_scalar!(
        "SELECT at FROM queued_withdrawal WHERE issuer = ? AND subject = ? ORDER BY at",
        customer.issuer,
        customer.subject
    );
    times.fetch_all(connection).await?.into_iter().map(time).collect()
}

async fn edits(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Vec<ExportedEdit>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: Uuid", made_at, edit, before, refused_status FROM queued_edit
           WHERE issuer = ? AND subject = ? ORDER BY seq"#,
        customer.issuer,
        customer.subject
    )
    .fetch_all(connection)
    .await?;
    let edits = rows.into_iter().map(|row| {
        Ok(ExportedEdit {
            id: row.id,
            made_at: time(row.made_at)?,
            edit: as_kept(row.edit),
            before: row.before.map(as_kept),
            refused_with: row.refused_status.map(number).transpose()?,
        })
    });
    edits.collect()
}

async fn trail(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
) -> Result<Vec<ExportedLine>, Error> {
    let rows = sqlx::query!(
        r#"SELECT l.at, l.act, l.why, l.who IS NOT NULL AS "by_an_associate!: bool"
           FROM audit_line l JOIN audit_subject s ON s.pseudonym = l.whom
           WHERE s.issuer = ? AND s.subject = ? ORDER BY l.seq"#,
        customer.issuer,
        customer.subject
    )
    .fetch_all(connection)
    .await?;
    let lines = rows.into_iter().map(|row| {
        let (act, why, by_an_associate) = (row.act, row.why, row.by_an_associate);
        Ok(ExportedLine { at: time(row.at)?, act, why, by_an_associate })
    });
    lines.collect()
}

/// What is kept belongs to the customer also where it is no JSON any more.
fn as_kept(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
