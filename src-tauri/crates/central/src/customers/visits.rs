//! Visits: a customer is at a counter, until one of them ends it.

use chrono::{DateTime, SecondsFormat, Utc};
use profile::{Activity, ActivityKind, Channel};
use serde::Serialize;
use sqlx::SqliteConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    adding::add_activity,
    changes::{ChangeKind, record_change},
    idempotency::{Key, Known, keep, look_up},
    reading::revision_within,
};
use crate::{Error, clients::Store, db::Db};

/// A visit that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenedVisit {
    /// The visit, for ending it.
    pub(crate) id: String,
}

/// What became of opening a visit.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Opened, now or when it was first asked for.
    Visit(OpenedVisit),
    /// Not opened: the idempotency key was used for another request.
    KeyReused,
    /// There is no such customer.
    NoCustomer,
}

/// How a visit ended that an associate has written down, without a sign-in of the customer.
const NOTED: &str = "noted";

/// The same visit has the same key, however a till tells of it.
pub(crate) fn visit_key<'a>(
    client_id: &'a str,
    subject: &'a str,
    name: &'a str,
    at: DateTime<Utc>,
) -> Key<'a> {
    let content = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Key::new(client_id, subject, name, "POST /v1/remembered/visits", &content)
}

/// Opens a visit at a store once for each idempotency key, and writes it into the customer's activity.
pub(crate) async fn open_visit(
    db: &Db,
    key: &Key<'_>,
    store: &Store,
    opened_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    write_visit(db, key, store, opened_at, None, now).await
}

/// Writes down that a customer was at a store: a visit that has ended. Once for each idempotency key.
pub(crate) async fn note_visit(
    db: &Db,
    key: &Key<'_>,
    store: &Store,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    write_visit(db, key, store, at, Some(NOTED), now).await
}

async fn write_visit(
    db: &Db,
    key: &Key<'_>,
    store: &Store,
    opened_at: DateTime<Utc>,
    how: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Opened, Error> {
    let mut writing = db.write().await?;
    match look_up(&mut writing, key).await? {
        Known::No => {}
        Known::Done { made } => {
            let id = made.ok_or(Error::Stored("idempotency.made"))?;
            return Ok(Opened::Visit(OpenedVisit { id }));
        }
        Known::Reused => return Ok(Opened::KeyReused),
    }
    let subject = key.subject;
    if revision_within(&mut writing, subject).await?.is_none() {
        return Ok(Opened::NoCustomer);
    }
    // A till whose clock is ahead cannot open a visit in the future.
    let opened_at = opened_at.min(now);
    let id = Uuid::new_v4().to_string();
    let millis = opened_at.timestamp_millis();
    sqlx::query!(
        "INSERT INTO visits (id, subject, client_id, store_id, opened_at, ended_at, how)
         VALUES (?1, ?2, ?3, ?4, ?5, iif(?6 IS NULL, NULL, ?5), ?6)",
        id,
        subject,
        key.client_id,
        store.id,
        millis,
        how
    )
    .execute(&mut *writing)
    .await?;
    let done = Activity {
        id: id.clone(),
        at: opened_at,
        channel: Channel::Store,
        kind: ActivityKind::Visit,
        title: store.name.clone(),
        brand: Some(store.brand.clone()),
        store: Some(store.name.clone()),
        amount: None,
    };
    add_activity(&mut writing, subject, &[done]).await?;
    record_change(&mut writing, subject, ChangeKind::Changed).await?;
    keep(&mut writing, key, Some(&id), now).await?;
    writing.commit().await?;
    Ok(Opened::Visit(OpenedVisit { id }))
}

/// How a visit ends that the customer ends on their phone.
const BY_PHONE: &str = "phone";

/// Ends the customer's visits at a store from their phone. Called in the transaction that ends the store's access.
pub(crate) async fn end_visits_by_phone(
    db: &mut SqliteConnection,
    subject: &str,
    store_id: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ended_at = now.timestamp_millis();
    sqlx::query!(
        "UPDATE visits SET ended_at = max(opened_at, ?), how = ?
         WHERE subject = ? AND store_id = ? AND ended_at IS NULL",
        ended_at,
        BY_PHONE,
        subject,
        store_id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a visit of the customer; one that has ended stays as it is. False when there is no such visit.
pub(crate) async fn end_visit(
    db: &Db,
    subject: &str,
    id: &str,
    ended_at: DateTime<Utc>,
    how: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let ended_at = ended_at.min(now).timestamp_millis();
    let mut writing = db.write().await?;
    let found = sqlx::query!(
        "UPDATE visits SET ended_at = coalesce(ended_at, max(opened_at, ?)), how = coalesce(how, ?)
         WHERE id = ? AND subject = ?",
        ended_at,
        how,
        id,
        subject
    )
    .execute(&mut *writing)
    .await?
    .rows_affected();
    writing.commit().await?;
    Ok(found == 1)
}
