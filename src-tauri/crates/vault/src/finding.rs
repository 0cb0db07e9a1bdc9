//! Lists of remembered customers: those who fit what was typed, and those who were here last.
//!
//! The index is read from its end, where whoever was here last stands ([`crate::index`]), until the list is full: a query
//! costs what it shows, not what it fits. An exact number or address comes before everything else. Only where nobody
//! fits is one typing mistake forgiven. Nothing is ever opened by itself.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use profile::{Loyalty, Name};
use serde::Deserialize;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, Vault, index,
    search::Query,
    spelling,
    stored::{micros, number, time},
};

/// Words that a mistaken one may have been meant for, at most.
const MEANT: usize = 40;
/// Spellings that are looked at for the beginning of a word.
const LOOKED_AT: i64 = 1000;
/// Letters from which on the beginning of a word may have a mistake in it.
const BEGINNING: usize = 5;

/// A remembered customer in a list.
#[derive(Clone)]
pub struct RememberedRow {
    /// Key in this vault.
    pub id: Uuid,
    /// Name.
    pub name: Name,
    /// What tells two of the same name apart: tier and member number.
    pub hint: Option<String>,
    /// When the copy was made.
    pub copied_at: DateTime<Utc>,
    /// When the customer was last at this counter; none where never.
    pub last_seen: Option<DateTime<Utc>>,
    /// Edits that wait.
    pub waiting: u32,
    /// Edits that the centre refused.
    pub refused: u32,
}

impl fmt::Debug for RememberedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Exact numbers and addresses first, then whoever was here last.
    pub rows: Vec<RememberedRow>,
    /// Nobody fits what was typed: these do with one typing mistake forgiven.
    pub with_mistake: bool,
}

/// What a list needs of a stored document.
#[derive(Deserialize)]
struct Listed {
    name: Name,
    loyalty: Option<Loyalty>,
}

struct ListedRow {
    id: Uuid,
    place: i64,
    profile: String,
    copied_at: i64,
    last_seen: i64,
    waiting: i64,
    refused: i64,
}

impl ListedRow {
    fn into_remembered(self) -> Result<RememberedRow, Error> {
        let listed: Listed = serde_json::from_str(&self.profile)?;
        Ok(RememberedRow {
            id: self.id,
            name: listed.name,
            hint: listed.loyalty.map(|loyalty| match loyalty.tier {
                Some(tier) => format!("{tier} · {}", loyalty.number),
                None => loyalty.number,
            }),
            copied_at: time(self.copied_at)?,
            last_seen: if index::SEEN < self.place { Some(time(self.last_seen)?) } else { None },
            waiting: number(self.waiting)?,
            refused: number(self.refused)?,
        })
    }
}

/// A document that cannot be read keeps nobody else out of a list.
fn readable(rows: Vec<ListedRow>) -> Vec<RememberedRow> {
    let readable = rows.into_iter().filter_map(|row| {
        row.into_remembered()
            .inspect_err(|error| tracing::error!(%error, "a customer is left out of a list"))
            .ok()
    });
    readable.collect()
}

impl Vault {
    /// Remembered customers whose name, e-mail address, phone or member number has every word of the query, in any
    /// order, each from its start. Nothing is found for an empty query.
    pub async fn search(&self, query: &str, limit: u32, now: DateTime<Utc>) -> Result<Found, Error> {
        let Some(query) = Query::of(query) else { return Ok(Found::default()) };
        // One read transaction: all of it is of one moment.
        let mut tx = self.database.read().begin().await?;
        let mut rows = match query.exact() {
            Some(exact) => matching(&mut tx, exact, limit, now).await?,
            None => Vec::new(),
        };
        if let Some(expression) = query.expression() {
            let others = matching(&mut tx, &expression, limit, now).await?;
            let others = others.into_iter().filter(|row| rows.iter().all(|exact| exact.id != row.id));
            rows = rows.iter().cloned().chain(others).take(limit as usize).collect();
        }
        if !rows.is_empty() {
            return Ok(Found { rows, with_mistake: false });
        }
        let mut meant = HashMap::new();
        for word in query.spelt() {
            meant.insert(word, words_meant(&mut tx, word).await?);
        }
        let rows = match query.forgiving(&meant) {
            Some(expression) => matching(&mut tx, &expression, limit, now).await?,
            None => rows,
        };
        Ok(Found { with_mistake: !rows.is_empty(), rows })
    }

    /// Customers last seen here, newest first.
    pub async fn recent(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<RememberedRow>, Error> {
        let now = micros(now);
        let rows = sqlx::query_as!(
            ListedRow,
            r#"SELECT u.id AS "id: Uuid", c.place, c.profile, c.copied_at, c.last_seen,
                  (SELECT count(*) FROM unsent q WHERE q.customer_id = u.id AND q.refused_status IS NULL)
                     AS "waiting!: i64",
                  (SELECT count(q.refused_status) FROM unsent q WHERE q.customer_id = u.id) AS "refused!: i64"
               FROM copy c JOIN customer u ON u.seq = c.customer
               WHERE ? < c.place AND ? < c.until
               ORDER BY c.place DESC LIMIT ?"#,
            index::SEEN,
            now,
            limit
        )
        .fetch_all(self.database.read())
        .await?;
        Ok(readable(rows))
    }

    /// How many customers are remembered: what a search has searched.
    pub async fn count(&self) -> Result<u32, Error> {
        let copies = sqlx::query_scalar!("SELECT copies FROM remembered").fetch_one(self.database.read());
        number(copies.await?)
    }
}

/// Customers who satisfy an expression of the index, whoever was here last first.
async fn matching(
    connection: &mut SqliteConnection,
    expression: &str,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<RememberedRow>, Error> {
    let now = micros(now);
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT u.id AS "id: Uuid", c.place, c.profile, c.copied_at, c.last_seen,
              (SELECT count(*) FROM unsent q WHERE q.customer_id = u.id AND q.refused_status IS NULL)
                 AS "waiting!: i64",
              (SELECT count(q.refused_status) FROM unsent q WHERE q.customer_id = u.id) AS "refused!: i64"
           FROM customer_search s
           CROSS JOIN copy c ON c.place = s.rowid
           CROSS JOIN customer u ON u.seq = c.customer
           WHERE customer_search MATCH ? AND ? < c.until
           ORDER BY s.rowid DESC LIMIT ?"#,
        expression,
        now,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(readable(rows))
}

/// The words of the index that one mistake may have made of a typed one. Where there are none, those whose beginning it
/// may be.
async fn words_meant(connection: &mut SqliteConnection, typed: &str) -> Result<Vec<String>, Error> {
    let spellings = serde_json::to_string(&spelling::spellings(typed))?;
    let mut words = sqlx::query_scalar!(
        r#"SELECT DISTINCT s.word FROM json_each(?) k CROSS JOIN spelling s ON s.spelling = k.value"#,
        spellings
    )
    .fetch_all(&mut *connection)
    .await?;
    words.retain(|word| spelling::is_one_mistake(typed, word));
    if words.is_empty() && BEGINNING <= typed.chars().count() {
        words = sqlx::query_scalar!(
            r#"SELECT DISTINCT s.word FROM json_each(?1) k
               CROSS JOIN spelling s ON k.value < s.spelling AND s.spelling < k.value || char(0x10FFFF)
               LIMIT ?2"#,
            spellings,
            LOOKED_AT
        )
        .fetch_all(connection)
        .await?;
        words.retain(|word| spelling::is_one_mistake(typed, word));
    }
    words.truncate(MEANT);
    Ok(words)
}
