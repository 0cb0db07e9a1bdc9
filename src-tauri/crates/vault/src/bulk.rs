//! Many customers at once: what a till takes over when it first meets the centre.
//!
//! Rows go to the database in a few statements a batch, and the next batch is prepared (folded, written as JSON) on
//! another thread while one is being written. So there are never more than three batches in memory, however many
//! customers come. A customer who was remembered before keeps id, activity, queued edits and place in lists; a document
//! that is newer here is not replaced, nor an agreement that the centre does not know yet; and who took it back here does
//! not come back by a word that is older than that.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use profile::{CustomerKey, Profile, Purpose, Remember, RememberScope};
use serde::Serialize;
use sqlx::SqliteConnection;
use tokio::task;
use uuid::{ContextV7, Timestamp, Uuid};

use crate::{
    Error, Vault, index,
    kept::{Agreement, Kept},
    search::Entry,
    spelling,
    stored::{micros, number},
    time_seen,
};

/// Customers that are prepared and written together.
const BATCH: usize = 1000;

/// A customer as the centre tells of them.
#[derive(Clone)]
pub struct Arriving {
    /// Who it is.
    pub customer: CustomerKey,
    /// The document.
    pub profile: Profile,
    /// What the customer agreed to leave here, and until when.
    pub remember: Remember,
}

impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arriving").finish_non_exhaustive()
    }
}

impl Vault {
    /// Keeps copies of customers who agreed to it, all or none of them. Whose date is over is left out.
    pub async fn remember_many(&self, customers: Vec<Arriving>, now: DateTime<Utc>) -> Result<(), Error> {
        let mut customers = customers.into_iter();
        let batches = std::iter::from_fn(|| {
            let batch: Vec<Arriving> = customers.by_ref().take(BATCH).collect();
            (!batch.is_empty()).then_some(batch)
        });
        let mut prepared = stream::iter(batches)
            .map(|batch| task::spawn_blocking(move || Batch::prepare(&batch, now)))
            .buffered(2);
        let (mut tx, mut words) = (self.database.write().await?, BTreeSet::new());
        while let Some(batch) = prepared.next().await {
            let batch = batch.map_err(|_| Error::Interrupted)??;
            batch.put(&mut tx, &mut words, now).await?;
        }
        index::learn(&mut tx, words.iter().map(String::as_str)).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Customers, ready to be written.
pub(crate) struct Batch(Vec<Row>);

struct Row {
    customer: CustomerKey,
    remember: Remember,
    /// The acts about being remembered that the centre knows, by their ids.
    acts: Vec<String>,
    kept: Kept,
    /// What stands in the tables after the number of the customer.
    columns: Columns,
}

/// Parts of JSON arrays, each up to its end.
struct Columns {
    customer: String,
    copy: String,
    entry: String,
}

impl Columns {
    fn of(id: Uuid, customer: &CustomerKey, remember: &Remember, kept: &Kept) -> Result<Columns, Error> {
        let CustomerKey { issuer, subject } = customer;
        let Agreement { until, scopes, act } = Agreement::of(remember)?;
        let Entry { name, email, phone, member } = &kept.entry;
        Ok(Columns {
            customer: columns(&(id.simple(), issuer, subject))?,
            copy: columns(&(until, kept.revision, &kept.document, scopes, act))?,
            entry: columns(&(name, email, phone, member))?,
        })
    }
}

fn columns(values: &impl Serialize) -> Result<String, Error> {
    let mut json = serde_json::to_string(values)?;
    json.replace_range(..1, ",");
    Ok(json)
}

/// Rows of a table, as one JSON array.
#[derive(Default)]
struct Rows(String);

impl Rows {
    fn push(&mut self, seq: i64, columns: &str) {
        self.0.push_str(if self.0.is_empty() { "[[" } else { ",[" });
        self.0.push_str(&seq.to_string());
        self.0.push_str(columns);
    }

    fn json(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "[]" } else { "]" });
        self.0
    }
}

impl Row {
    /// Whether the agreement of the copy is one that the centre did not know yet.
    fn is_older_than(&self, copy: &KnownCopy) -> bool {
        let Some(act) = &copy.act else { return false };
        self.remember.act.as_ref().is_some_and(|told| told != act) && !self.acts.contains(act)
    }
}

/// What is here of a customer already.
struct Known {
    seq: i64,
    copy: Option<KnownCopy>,
    /// What the centre tells of was taken back here, and the centre does not know that yet.
    taken_back: bool,
}

struct KnownCopy {
    place: i64,
    revision: i64,
    scopes: String,
    act: Option<String>,
}

impl Batch {
    /// Does what can be done without the database. To be called where it may take its time.
    pub(crate) fn prepare(customers: &[Arriving], now: DateTime<Utc>) -> Result<Batch, Error> {
        // In the order of their index, and with ids in the order of theirs, which are then written page by page.
        let mut told: Vec<&Arriving> = customers.iter().collect();
        told.sort_by_key(|arriving| (&arriving.customer.issuer, &arriving.customer.subject));
        let context = ContextV7::new();
        let (seconds, nanos) = (number(now.timestamp().max(0))?, now.timestamp_subsec_nanos());
        let mut rows: Vec<Row> = Vec::with_capacity(customers.len());
        for arriving in told {
            let log = &arriving.profile.consents;
            let Some(remember) = arriving.remember.renewed(log) else { continue };
            let customer = arriving.customer.clone();
            let kept = Kept::of(&arriving.profile, &remember.scopes)?;
            let id = Uuid::new_v7(Timestamp::from_unix(&context, seconds, nanos));
            let columns = Columns::of(id, &customer, &remember, &kept)?;
            let acts = log
                .iter()
                .filter(|act| act.purpose == Purpose::RememberAtStore)
                .map(|act| act.id.clone())
                .collect();
            let row = Row { customer, remember, acts, kept, columns };
            match rows.last_mut() {
                // Told of twice: the newer word counts.
                Some(twice) if twice.customer == row.customer => {
                    if twice.kept.revision <= row.kept.revision {
                        *twice = row;
                    }
                }
                _ => rows.push(row),
            }
        }
        Ok(Batch(rows))
    }

    /// Writes into a transaction.
    pub(crate) async fn write(
        self,
        connection: &mut SqliteConnection,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let mut words = BTreeSet::new();
        self.put(connection, &mut words, now).await?;
        index::learn(connection, words.iter().map(String::as_str)).await
    }

    /// The same but for the words of the names, which are to be learnt before the transaction ends: many batches have most
    /// of them in common.
    async fn put(
        self,
        connection: &mut SqliteConnection,
        words: &mut BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        // Not by the clock alone: one that is years ahead would leave out whom the centre tells of once only.
        let believed = time_seen::believed(connection, now).await?;
        let mut known = known(connection, &self.0).await?;
        let next = sqlx::query_scalar!("SELECT max(seq) FROM customer").fetch_one(&mut *connection).await?;
        let mut next = next.unwrap_or_default();
        let (mut customers, mut copies, mut entries) = (Rows::default(), Rows::default(), Rows::default());
        for (nth, row) in self.0.iter().enumerate() {
            if row.remember.until <= believed {
                continue;
            }
            let here = known.remove(&nth);
            let seq = match &here {
                Some(Known { copy: Some(copy), .. }) if row.is_older_than(copy) => continue,
                Some(Known { copy: Some(copy), .. }) => {
                    refresh(connection, copy, row, now).await?;
                    continue;
                }
                Some(Known { copy: None, taken_back: true, .. }) => continue,
                Some(Known { seq, copy: None, .. }) => *seq,
                None => {
                    next += 1;
                    customers.push(next, &row.columns.customer);
                    next
                }
            };
            copies.push(seq, &row.columns.copy);
            entries.push(seq, &row.columns.entry);
            for word in spelling::words(&row.kept.entry.name) {
                if !words.contains(word) {
                    words.insert(word.to_owned());
                }
            }
        }
        insert(connection, customers.json(), copies.json(), entries.json(), now).await
    }
}

async fn known(connection: &mut SqliteConnection, rows: &[Row]) -> Result<HashMap<usize, Known>, Error> {
    let keys: Vec<_> =
        rows.iter().map(|row| (&row.customer.issuer, &row.customer.subject, &row.remember.act)).collect();
    let keys = serde_json::to_string(&keys)?;
    let known = sqlx::query!(
        r#"SELECT CAST(k.key AS INTEGER) AS "nth!: i64", u.seq AS "seq!: i64", c.place AS "place?: i64", c.revision AS "revision?: i64",
               c.scopes AS "scopes?: String", c.act,
               EXISTS (SELECT 1 FROM queued_withdrawal w
                   WHERE w.customer_id = u.id AND (w.act IS NULL OR w.act IS k.value ->> 2)) AS "taken_back!: bool"
           FROM json_each(?) k
           CROSS JOIN customer u ON u.issuer = k.value ->> 0 AND u.subject = k.value ->> 1
           LEFT JOIN copy c ON c.customer = u.seq"#,
        keys
    )
    .fetch_all(connection)
    .await?;
    known
        .into_iter()
        .map(|row| {
            let copy = match (row.place, row.revision, row.scopes) {
                (Some(place), Some(revision), Some(scopes)) => {
                    Some(KnownCopy { place, revision, scopes, act: row.act })
                }
                _ => None,
            };
            Ok((number(row.nth)?, Known { seq: row.seq, copy, taken_back: row.taken_back }))
        })
        .collect()
}

/// Customers of whom there is no copy, in the order of their places: the index takes that at its best.
async fn insert(
    connection: &mut SqliteConnection,
    customers: String,
    copies: String,
    entries: String,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let now = micros(now);
    sqlx::query!(
        "INSERT INTO customer (seq, id, issuer, subject)
         SELECT value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3 FROM json_each(?)",
        customers
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO copy (customer, place, until, copied_at, last_seen, revision, profile, activity, scopes, act)
         SELECT value ->> 0, value ->> 0, value ->> 1, ?, 0, value ->> 2, value ->> 3, '[]', value ->> 4, value ->> 5
         FROM json_each(?)",
        now,
        copies
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO customer_search (rowid, name, email, phone, member)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
        entries
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A customer of whom there is a copy. Most of them have not changed: then the index is left alone.
async fn refresh(
    connection: &mut SqliteConnection,
    known: &KnownCopy,
    row: &Row,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Agreement { until, scopes, act } = Agreement::of(&row.remember)?;
    let is_newer = known.revision <= row.kept.revision;
    let has_changed = known.revision < row.kept.revision || known.scopes != scopes;
    if !has_changed {
        let copied_at = is_newer.then(|| micros(now));
        sqlx::query!(
            "UPDATE copy SET until = ?, act = ?, copied_at = coalesce(?, copied_at) WHERE place = ?",
            until,
            act,
            copied_at,
            known.place
        )
        .execute(connection)
        .await?;
        return Ok(());
    }
    let stored;
    let (kept, copied_at) = if is_newer {
        (&row.kept, Some(micros(now)))
    } else {
        let document = sqlx::query_scalar!("SELECT profile FROM copy WHERE place = ?", known.place)
            .fetch_one(&mut *connection)
            .await?;
        stored = Kept::of(&serde_json::from_str(&document)?, &row.remember.scopes)?;
        (&stored, None)
    };
    let with_activity = row.remember.scopes.has(RememberScope::Activity);
    sqlx::query!(
        "UPDATE copy SET until = ?1, scopes = ?2, act = ?3, profile = ?4, revision = ?5,
            copied_at = coalesce(?6, copied_at),
            activity = iif(?7, activity, '[]'), older = iif(?7, older, NULL)
         WHERE place = ?8",
        until,
        scopes,
        act,
        kept.document,
        kept.revision,
        copied_at,
        with_activity,
        known.place
    )
    .execute(&mut *connection)
    .await?;
    index::take_out(connection, known.place).await?;
    index::put(connection, known.place, kept.entry.clone()).await
}
