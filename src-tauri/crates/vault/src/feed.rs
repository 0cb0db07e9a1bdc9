//! Following the centre: first a snapshot of the customers whom the store may remember, then what becomes of them.
//!
//! A page and the note of how far it came are one transaction, so that a program that is killed goes on where it was.
//! Nothing here touches an edit that waits, but for an erasure; a newer document is never replaced by an older one; and who
//! is erased is gone before anything else is taken over.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use sqlx::SqliteConnection;
use tokio::task;
use uuid::Uuid;

use crate::{Arriving, Error, Vault, Why, bulk::Batch, customers::remove, erasure::erase, stored::number};

/// How far a till has followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedPlace {
    /// It has not begun, or has to begin anew.
    Nowhere,
    /// In a snapshot.
    Snapshot {
        /// Where the next page starts.
        cursor: String,
        /// Customers taken over by now.
        done: u32,
    },
    /// Behind a snapshot.
    Following {
        /// The change that the feed goes on after.
        since: i64,
    },
}

/// A page of a snapshot.
#[derive(Clone, Debug)]
pub struct SnapshotPage {
    /// In the order of their subjects.
    pub customers: Vec<Arriving>,
    /// In the same order: who is erased among the subjects that the page reaches over.
    pub erased: Vec<String>,
    /// Where the next page starts; none at the end.
    pub next: Option<String>,
    /// The newest change when the page was read.
    pub feed: i64,
    /// Customers in all.
    pub total: u32,
}

/// What became of a customer.
#[derive(Clone)]
pub enum FeedChange {
    /// They are this now.
    Changed(Box<Arriving>),
    /// The store must not remember them any more.
    Left {
        /// Who.
        subject: String,
    },
    /// They are erased at the centre.
    Erased {
        /// Who.
        subject: String,
    },
}

impl fmt::Debug for FeedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed(_) => "Changed(..)",
            Self::Left { .. } => "Left(..)",
            Self::Erased { .. } => "Erased(..)",
        })
    }
}

impl Vault {
    /// How far this till has followed the centre of an issuer.
    pub async fn feed(&self, issuer: &str) -> Result<FeedPlace, Error> {
        let row = sqlx::query!("SELECT since, cursor, done FROM feed WHERE issuer = ?", issuer)
            .fetch_optional(self.database.read())
            .await?;
        Ok(match row {
            None => FeedPlace::Nowhere,
            Some(row) => match (row.cursor, row.since) {
                (Some(cursor), _) => FeedPlace::Snapshot { cursor, done: number(row.done)? },
                (None, Some(since)) => FeedPlace::Following { since },
                (None, None) => FeedPlace::Nowhere,
            },
        })
    }

    /// Takes over a page of a snapshot, the first one where none is under way. Who is erased goes first. Whoever is remembered
    /// here and was to be in the page, but is not, is forgotten, but for their edits that wait; who agreed at this counter
    /// since the snapshot was begun stays, since the feed comes back to them.
    pub async fn take_page(&self, issuer: &str, page: SnapshotPage, now: DateTime<Utc>) -> Result<(), Error> {
        let SnapshotPage { customers, erased, next, feed, total } = page;
        let count = i64::try_from(customers.len()).map_err(|_| Error::OutOfRange)?;
        let subjects: Vec<&str> = customers.iter().map(|it| it.customer.subject.as_str()).collect();
        let last = subjects.last().copied().max(erased.last().map(String::as_str)).map(str::to_owned);
        let subjects = serde_json::to_string(&subjects)?;
        let batch = prepare(customers, now).await?;
        let mut tx = self.database.write().await?;
        let before = sqlx::query!("SELECT snapshot, cursor, upto FROM feed WHERE issuer = ?", issuer)
            .fetch_optional(&mut *tx)
            .await?;
        let (snapshot, after) = match before {
            Some(before) if before.cursor.is_some() => (before.snapshot, before.upto.unwrap_or_default()),
            Some(before) => (before.snapshot + 1, String::new()),
            None => (1, String::new()),
        };
        let mut is_some_gone = false;
        for subject in erased {
            let whom = CustomerKey { issuer: issuer.to_owned(), subject };
            // Of all who were ever erased anywhere, the centre waits for a word about those who were known here.
            if erase(&mut tx, &whom, Why::ErasedAtCentre, None, now).await?.known {
                confirm(&mut tx, issuer, &whom.subject).await?;
                is_some_gone = true;
            }
        }
        let upto = last.unwrap_or_else(|| after.clone());
        // The last page reaches to the end, and nobody is named after it.
        let upto = next.as_ref().map(|_| upto);
        let absent = sqlx::query!(
            r#"SELECT u.seq, u.id AS "id: Uuid", u.subject
               FROM customer u JOIN copy c ON c.customer = u.seq
               WHERE u.issuer = ?1 AND u.subject > ?2 AND (?3 IS NULL OR u.subject <= ?3) AND c.snapshot < ?4
                   AND u.subject NOT IN (SELECT value FROM json_each(?5))
                   -- The centre cannot know them yet.
                   AND NOT EXISTS (SELECT 1 FROM new_customer n WHERE n.customer_id = u.id)"#,
            issuer,
            after,
            upto,
            snapshot,
            subjects
        )
        .fetch_all(&mut *tx)
        .await?;
        is_some_gone |= !absent.is_empty();
        for gone in absent {
            let whom = CustomerKey { issuer: issuer.to_owned(), subject: gone.subject };
            remove(&mut tx, gone.seq, gone.id, whom, None, Why::LeftStore, now).await?;
        }
        batch.write(&mut tx, now).await?;
        sqlx::query!(
            "INSERT INTO feed (issuer, snapshot, since, cursor, upto, done, total) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (issuer) DO UPDATE SET snapshot = ?2,
                 since = iif(cursor IS NULL, ?3, since), done = iif(cursor IS NULL, ?6, done + ?6),
                 cursor = ?4, upto = ?5, total = ?7",
            issuer,
            snapshot,
            feed,
            next,
            upto,
            count,
            total
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        if is_some_gone { self.sweep().await } else { Ok(()) }
    }

    /// Takes over changes, erasures first; `next` is where the feed goes on after them. Answers which of those who have changed
    /// something waits of: it may be that the till can send it by now.
    pub async fn take_changes(
        &self,
        issuer: &str,
        changes: Vec<FeedChange>,
        next: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Uuid>, Error> {
        let (mut arriving, mut left, mut erased) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                FeedChange::Changed(customer) => arriving.push(*customer),
                FeedChange::Left { subject } => left.push(subject),
                FeedChange::Erased { subject } => erased.push(subject),
            }
        }
        let told: Vec<&str> = arriving.iter().map(|it| it.customer.subject.as_str()).collect();
        let told = serde_json::to_string(&told)?;
        let is_some_gone = !left.is_empty() || !erased.is_empty();
        let batch = prepare(arriving, now).await?;
        let mut tx = self.database.write().await?;
        for subject in erased {
            let whom = CustomerKey { issuer: issuer.to_owned(), subject };
            erase(&mut tx, &whom, Why::ErasedAtCentre, None, now).await?;
            confirm(&mut tx, issuer, &whom.subject).await?;
        }
        for subject in left {
            let whom = CustomerKey { issuer: issuer.to_owned(), subject };
            if let Some((seq, id)) = remembered(&mut tx, &whom).await? {
                remove(&mut tx, seq, id, whom, None, Why::LeftStore, now).await?;
            }
        }
        batch.write(&mut tx, now).await?;
        sqlx::query!(
            "UPDATE feed SET since = ? WHERE issuer = ? AND cursor IS NULL AND since IS NOT NULL",
            next,
            issuer
        )
        .execute(&mut *tx)
        .await?;
        let waiting = sqlx::query_scalar!(
            r#"SELECT DISTINCT u.id AS "id: Uuid" FROM json_each(?2) k
               CROSS JOIN customer u ON u.issuer = ?1 AND u.subject = k.value
               JOIN unsent w ON w.customer_id = u.id WHERE w.refused_status IS NULL"#,
            issuer,
            told
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        if is_some_gone {
            self.sweep().await?;
        }
        Ok(waiting)
    }

    /// The centre does not know how far this till came: a snapshot begins anew. Copies and edits stay meanwhile.
    pub async fn feed_lost(&self, issuer: &str) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE feed SET since = NULL, cursor = NULL, upto = NULL WHERE issuer = ?", issuer)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who was erased here, and the centre does not know it yet. By then nothing of them is in the files.
    pub async fn erased(&self, issuer: &str) -> Result<Vec<String>, Error> {
        let erased = sqlx::query_scalar!("SELECT subject FROM erasure WHERE issuer = ?", issuer)
            .fetch_all(self.database.read())
            .await?;
        if !erased.is_empty() {
            self.sweep().await?;
        }
        Ok(erased)
    }

    /// The centre knows that somebody was erased here. Nobody here knows it any more.
    pub async fn erasure_confirmed(&self, issuer: &str, subject: &str) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("DELETE FROM erasure WHERE issuer = ? AND subject = ?", issuer, subject)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        self.database.checkpoint().await
    }

    /// Removes what is left over of who is gone, and empties the log.
    async fn sweep(&self) -> Result<(), Error> {
        self.remove_leftovers().await?;
        self.database.checkpoint().await
    }
}

/// Notes that the centre is to be told of an erasure.
async fn confirm(connection: &mut SqliteConnection, issuer: &str, subject: &str) -> Result<(), Error> {
    sqlx::query!("INSERT OR IGNORE INTO erasure (issuer, subject) VALUES (?, ?)", issuer, subject)
        .execute(connection)
        .await?;
    Ok(())
}

async fn prepare(customers: Vec<Arriving>, now: DateTime<Utc>) -> Result<Batch, Error> {
    task::spawn_blocking(move || Batch::prepare(&customers, now)).await.map_err(|_| Error::Interrupted)?
}

/// A customer of whom there is a copy.
async fn remembered(
    connection: &mut SqliteConnection,
    whom: &CustomerKey,
) -> Result<Option<(i64, Uuid)>, Error> {
    let row = sqlx::query!(
        r#"SELECT u.seq, u.id AS "id: Uuid" FROM customer u JOIN copy c ON c.customer = u.seq
           WHERE u.issuer = ? AND u.subject = ?"#,
        whom.issuer,
        whom.subject
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.seq, row.id)))
}
