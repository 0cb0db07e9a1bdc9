//! Lists of remembered customers: those who fit what was typed, and those who were here last.
//!
//! The index is read from its end, where whoever was here last stands ([`crate::index`]), until the list is full: a query
//! costs what it shows, not what it fits. So words are looked up by beginnings that the index has lists of, and whoever
//! they give is looked at. An exact number or address comes before everything else. Only where nobody fits is one typing
//! mistake forgiven. Nothing is ever opened by itself.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use profile::{Loyalty, Name};
use serde::Deserialize;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, Vault, index,
    search::{Entry, Query},
    spelling,
    stored::{micros, number, time},
};

/// Customers who are looked at one by one before the index is asked for whole words.
const ONE_BY_ONE: i64 = 200;
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
        let mut places = match query.exact() {
            Some(exact) => matching(&mut tx, exact, i64::MAX, limit, now).await?,
            None => Vec::new(),
        };
        if let Some(expression) = query.expression() {
            let others = fitting(&mut tx, &query, &expression, limit, now).await?;
            let others: Vec<i64> = others.into_iter().filter(|place| !places.contains(place)).collect();
            places.extend(others);
            places.truncate(limit as usize);
        }
        if !places.is_empty() {
            return Ok(Found { rows: listed(&mut tx, &places).await?, with_mistake: false });
        }
        let mut meant = HashMap::new();
        for word in query.spelt() {
            meant.insert(word, words_meant(&mut tx, word).await?);
        }
        let Some(expression) = query.forgiving(&meant) else { return Ok(Found::default()) };
        let places = matching(&mut tx, &expression, i64::MAX, limit, now).await?;
        Ok(Found { with_mistake: !places.is_empty(), rows: listed(&mut tx, &places).await? })
    }

    /// Customers last seen here, newest first.
    pub async fn recent(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<RememberedRow>, Error> {
        let now = micros(now);
        let mut tx = self.database.read().begin().await?;
        let places = sqlx::query_scalar!(
            "SELECT place FROM copy WHERE ? < place AND ? < until ORDER BY place DESC LIMIT ?",
            index::SEEN,
            now,
            limit
        )
        .fetch_all(&mut *tx)
        .await?;
        listed(&mut tx, &places).await
    }

    /// How many customers are remembered: what a search has searched.
    pub async fn count(&self) -> Result<u32, Error> {
        let copies = sqlx::query_scalar!("SELECT copies FROM remembered").fetch_one(self.database.read());
        number(copies.await?)
    }
}

/// The places of whoever fits, the last ones first. The index reads the beginnings of words from its end only where they
/// are short, so these come first and whoever they give is looked at. Where many were looked at in vain, what was typed is
/// rare, and the index is asked for all of it.
async fn fitting(
    connection: &mut SqliteConnection,
    query: &Query,
    expression: &str,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<i64>, Error> {
    let Some(rough) = query.rough_expression() else {
        return matching(connection, expression, i64::MAX, limit, now).await;
    };
    let (mut places, mut looked_at, mut last) = (Vec::new(), 0, i64::MAX);
    let at = micros(now);
    let mut candidates = sqlx::query!(
        r#"SELECT s.rowid AS "place!: i64", CAST(s.name AS TEXT) AS "name!: String",
              CAST(s.email AS TEXT) AS "email!: String", CAST(s.phone AS TEXT) AS "phone!: String",
              CAST(s.member AS TEXT) AS "member!: String"
           FROM customer_search s
           WHERE customer_search MATCH ? AND s.rowid NOT IN (SELECT place FROM copy WHERE until <= ?)
           ORDER BY s.rowid DESC LIMIT ?"#,
        rough,
        at,
        ONE_BY_ONE
    )
    .fetch(&mut *connection);
    while places.len() < limit as usize
        && let Some(row) = candidates.try_next().await?
    {
        (looked_at, last) = (looked_at + 1, row.place);
        if query.fits(&Entry { name: row.name, email: row.email, phone: row.phone, member: row.member }) {
            places.push(row.place);
        }
    }
    drop(candidates);
    let missing = limit - number::<_, u32>(places.len())?;
    if looked_at == ONE_BY_ONE && 0 < missing {
        places.extend(matching(connection, expression, last, missing, now).await?);
    }
    Ok(places)
}

/// The places before another at which an expression of the index is satisfied, the last ones first.
async fn matching(
    connection: &mut SqliteConnection,
    expression: &str,
    before: i64,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<i64>, Error> {
    let now = micros(now);
    let places = sqlx::query_scalar!(
        r#"SELECT s.rowid AS "place!: i64" FROM customer_search s CROSS JOIN copy c ON c.place = s.rowid
           WHERE customer_search MATCH ? AND s.rowid < ? AND ? < c.until
           ORDER BY s.rowid DESC LIMIT ?"#,
        expression,
        before,
        now,
        limit
    );
    Ok(places.fetch_all(connection).await?)
}

/// What is shown of the customers at some places, in their order.
async fn listed(connection: &mut SqliteConnection, places: &[i64]) -> Result<Vec<RememberedRow>, Error> {
    let places = serde_json::to_string(places)?;
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT u.id AS "id: Uuid", c.place, c.profile, c.copied_at, c.last_seen,
              (SELECT count(*) FROM unsent q WHERE q.customer_id = u.id AND q.refused_status IS NULL)
                 AS "waiting!: i64",
              (SELECT count(q.refused_status) FROM unsent q WHERE q.customer_id = u.id) AS "refused!: i64"
           FROM json_each(?) p
           CROSS JOIN copy c ON c.place = p.value
           CROSS JOIN customer u ON u.seq = c.customer
           ORDER BY p.key"#,
        places
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;
    use people::People;
    use profile::Profile;

    use super::*;
    use crate::{Arriving, Keyring};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    async fn remembering(folder: &tempfile::TempDir, profiles: Vec<Profile>) -> Vault {
        let vault = Vault::open(folder.path(), &Keyring::in_memory()).await.unwrap();
        let arriving = profiles.into_iter().map(|profile| Arriving {
            customer: people::key(&profile),
            profile,
            remember: (now() + TimeDelta::days(30)).into(),
        });
        vault.remember_many(arriving.collect(), now()).await.unwrap();
        vault
    }

    /// Who is found one by one, who the index finds, and whether these are two ways at all.
    async fn both(vault: &Vault, typed: &str, limit: u32) -> (Vec<i64>, Vec<i64>, bool) {
        let Some(query) = Query::of(typed) else { return (vec![], vec![], false) };
        let Some(expression) = query.expression() else { return (vec![], vec![], false) };
        let mut tx = vault.database.read().begin().await.unwrap();
        let found = fitting(&mut tx, &query, &expression, limit, now()).await.unwrap();
        let all = matching(&mut tx, &expression, i64::MAX, limit, now()).await.unwrap();
        (found, all, query.rough_expression().is_some())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_the_index_finds_is_found_one_by_one() {
        let (folder, people) = (tempfile::tempdir().unwrap(), People::of(19).unwrap());
        let vault = remembering(&folder, (0..1500).map(|n| people.nth(n)).collect()).await;
        let strokes: BTreeSet<String> = (0..150)
            .map(|n| n * 10)
            .flat_map(|n| {
                let (profile, typed) = (people.nth(n), people.typed_for(n));
                let written = [Some(profile.name.display), profile.email, profile.phone];
                written.into_iter().flatten().chain(typed.strokes)
            })
            .collect();
        let mut one_by_one = 0;
        for typed in strokes {
            for limit in [2, 2000] {
                let (found, all, are_two) = both(&vault, &typed, limit).await;
                assert_eq!(found, all, "{typed}");
                one_by_one += u32::from(are_two && !found.is_empty());
            }
        }
        assert!(one_by_one > 500, "only {one_by_one} were found one by one");
        vault.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rare_names_are_found_behind_any_number_that_begin_like_them() {
        let (folder, people) = (tempfile::tempdir().unwrap(), People::of(20).unwrap());
        let named = |n: u64| {
            let mut profile = people.nth(n);
            let name = if n.is_multiple_of(400) { "Mariusz Kowal" } else { "Marianne Kowal" };
            profile.name = Name { display: name.to_owned(), given: None, family: None, ..profile.name };
            Profile { email: None, ..profile }
        };
        let vault = remembering(&folder, (0..2000).map(named).collect()).await;
        for (limit, many) in [(1, 1), (2, 2), (4, 4), (20, 5)] {
            for typed in ["mariu", "mariusz", "kowal mariusz", "mariusz kow"] {
                let (found, all, _) = both(&vault, typed, limit).await;
                assert_eq!((found.len(), &found), (many, &all), "{typed}");
            }
        }
        vault.close().await;
    }
}
