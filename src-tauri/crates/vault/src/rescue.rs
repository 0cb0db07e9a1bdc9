//! Starting anew: the old files are set aside untouched, and the edits that can still be read go into the new queue.
//!
//! A marker file says what is going on, so that a program killed at any point finishes it at the next start:
//! 1. the old key is kept in the keyring under the dated name, the marker is written;
//! 2. the files are renamed, the key in use is removed, the marker moves on;
//! 3. a new key and a new database are made; edits are read from a *copy* of the old files (opening a database can
//!    change it) and written into the new queue; the copy and the marker are removed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use profile::{CustomerKey, NewCustomer};
use sqlx::{
    ConnectOptions, Connection, FromRow, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use uuid::Uuid;

use crate::{
    Error, Keyring, OpenError, Vault, customers,
    database::{Fault, fault},
    key::{Key, Stored},
    new_customers,
    stored::number,
    vault::{Files, io_error, remove_database, sync_folder, write_whole},
};

/// What a database consists of besides the file itself.
const COMPANIONS: [&str; 3] = ["db-wal", "db-shm", "key-check"];

/// What was saved when a vault was started anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The name that the old database has now; none where there was no file.
    pub kept: Option<PathBuf>,
    /// Edits, new customers and the like that could be read and wait in the new database.
    pub edits: u32,
    /// Whether all of the old queue could be read. Where its key is gone nobody can know, so it is `false`.
    pub complete: bool,
}

/// A database being set aside.
#[derive(Debug)]
pub(crate) struct SetAside {
    /// The dated name, without an ending.
    label: String,
    /// Whether the files have their new names already.
    moved: bool,
}

impl SetAside {
    /// What an earlier run began and did not finish.
    pub(crate) fn unfinished(files: &Files) -> Result<Option<SetAside>, OpenError> {
        let text = match fs::read_to_string(marker(files)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(error)),
        };
        let (label, step) = text.split_once(' ').unwrap_or((&text, ""));
        Ok(Some(SetAside { label: label.to_owned(), moved: step == "moved" }))
    }

    pub(crate) async fn begin(
        files: &Files,
        keyring: &Keyring,
        now: DateTime<Utc>,
    ) -> Result<SetAside, OpenError> {
        let dated = now.format("vault-kept-%Y-%m-%dT%H%M%SZ").to_string();
        let label = (1..=u8::MAX)
            .map(|n| if n == 1 { dated.clone() } else { format!("{dated}-{n}") })
            .find(|label| !files.folder.join(label).with_extension("db").exists())
            .unwrap_or(dated);
        Key::keep(keyring, &label).await?;
        let set_aside = SetAside { label, moved: false };
        set_aside.mark(files)?;
        Ok(set_aside)
    }

    /// Gives the old files their dated name.
    pub(crate) async fn move_files(self, files: &Files, keyring: &Keyring) -> Result<SetAside, OpenError> {
        if self.moved {
            return Ok(self);
        }
        let (old, kept) = (files.database(), self.file(files));
        for ending in COMPANIONS {
            rename(&old.with_extension(ending), &kept.with_extension(ending))?;
        }
        files.sealed().leave()?;
        rename(&old, &kept)?;
        // The key goes only once the files are safe under their new name.
        sync_folder(&kept).map_err(io_error)?;
        Key::remove(keyring).await?;
        let moved = SetAside { moved: true, ..self };
        moved.mark(files)?;
        Ok(moved)
    }

    fn file(&self, files: &Files) -> PathBuf {
        files.folder.join(&self.label).with_extension("db")
    }

    fn mark(&self, files: &Files) -> Result<(), OpenError> {
        let step = if self.moved { "moved" } else { "moving" };
        write_whole(&marker(files), &format!("{} {step}", self.label)).map_err(io_error)
    }
}

/// Reads what can be read from the files set aside, and ends the setting aside.
pub(crate) async fn rescue(files: &Files, vault: &Vault, set_aside: &SetAside) -> Result<Rescued, OpenError> {
    let kept = set_aside.file(files);
    let mut rescued = Rescued { kept: None, edits: 0, complete: true };
    if kept.exists() {
        rescued.kept = Some(kept.clone());
        let found = match Key::kept(&vault.keyring, &set_aside.label).await? {
            Stored::Key(key) => read_copy(files, &kept, &key).await?,
            Stored::Nothing | Stored::NoKey => Found::default(),
        };
        rescued.complete = found.complete;
        rescued.edits = queue(vault, &found).await.map_err(|error| match error {
            Error::DiskFull => OpenError::DiskFull,
            Error::Database(error) => OpenError::Database(error),
            _ => OpenError::Damaged,
        })?;
    }
    // What could be read is sent like every other edit.
    vault.remove_unsealed().await.map_err(|error| match error {
        Error::Database(error) => OpenError::Database(error),
        _ => OpenError::Damaged,
    })?;
    fs::remove_file(marker(files)).map_err(io_error)?;
    Ok(rescued)
}

/// A row of the old queue, just as it stands there.
#[derive(Clone, sqlx::FromRow)]
struct OldEdit {
    seq: i64,
    id: Uuid,
    customer_id: Uuid,
    issuer: String,
    subject: String,
    edit: String,
    before: Option<String>,
    base_revision: i64,
    made_at: i64,
    attempts: i64,
    refused_status: Option<i64>,
    // Not there in the first version.
    #[sqlx(default)]
    refused_theirs: Option<String>,
    #[sqlx(default)]
    refused_revision: Option<i64>,
}

/// Somebody whom the centre did not have.
#[derive(sqlx::FromRow)]
struct OldCustomer {
    seq: i64,
    issuer: String,
    subject: String,
    document: String,
    somebody_else: String,
    refused_status: Option<i64>,
    candidates: Option<String>,
}

/// A visit that the centre did not know of.
#[derive(sqlx::FromRow)]
struct OldVisit {
    seq: i64,
    id: Uuid,
    customer_id: Uuid,
    issuer: String,
    subject: String,
    at: i64,
    refused_status: Option<i64>,
}

/// Consent that was taken back without the centre knowing it.
#[derive(sqlx::FromRow)]
struct OldWithdrawal {
    seq: i64,
    id: Uuid,
    customer_id: Uuid,
    issuer: String,
    subject: String,
    act: Option<String>,
    at: i64,
}

#[derive(Default)]
struct Found {
    customers: Vec<OldCustomer>,
    edits: Vec<OldEdit>,
    visits: Vec<OldVisit>,
    withdrawals: Vec<OldWithdrawal>,
    /// Whether that is all there was.
    complete: bool,
}

async fn read_copy(files: &Files, kept: &Path, key: &Key) -> Result<Found, OpenError> {
    let copy = files.folder.join("vault-rescue.db");
    remove_database(&copy)?;
    fs::copy(kept, &copy).map_err(io_error)?;
    let wal = kept.with_extension("db-wal");
    if wal.exists() {
        fs::copy(&wal, copy.with_extension("db-wal")).map_err(io_error)?;
    }
    let options =
        SqliteConnectOptions::new().filename(&copy).pragma("key", key.pragma()).disable_statement_logging();
    let found = read_queue(&options).await;
    remove_database(&copy)?;
    Ok(found)
}

async fn read_queue(options: &SqliteConnectOptions) -> Found {
    let customers = read_table(
        options,
        "new_customer",
        "SELECT rowid AS seq, * FROM new_customer ORDER BY rowid",
        "SELECT rowid AS seq, * FROM new_customer ORDER BY rowid DESC",
        |row: &OldCustomer| row.seq,
    );
    let edits = read_table(
        options,
        "queued_edit",
        "SELECT * FROM queued_edit ORDER BY seq",
        "SELECT * FROM queued_edit ORDER BY seq DESC",
        |row: &OldEdit| row.seq,
    );
    let visits = read_table(
        options,
        "queued_visit",
        "SELECT rowid AS seq, * FROM queued_visit ORDER BY rowid",
        "SELECT rowid AS seq, * FROM queued_visit ORDER BY rowid DESC",
        |row: &OldVisit| row.seq,
    );
    let withdrawals = read_table(
        options,
        "queued_withdrawal",
        "SELECT rowid AS seq, * FROM queued_withdrawal ORDER BY rowid",
        "SELECT rowid AS seq, * FROM queued_withdrawal ORDER BY rowid DESC",
        |row: &OldWithdrawal| row.seq,
    );
    let (customers, edits, visits, withdrawals) =
        (customers.await, edits.await, visits.await, withdrawals.await);
    Found {
        complete: customers.1 && edits.1 && visits.1 && withdrawals.1,
        customers: customers.0,
        edits: edits.0,
        visits: visits.0,
        withdrawals: withdrawals.0,
    }
}

/// Reads a table from its start until something cannot be read, then from its end, and says whether that was all. Each on
/// a connection of its own, since SQLCipher refuses everything on one that has met a damaged page. A database of an older
/// version may have no such table.
async fn read_table<T>(
    options: &SqliteConnectOptions,
    table: &str,
    forwards: &'static str,
    backwards: &'static str,
    seq: impl Fn(&T) -> i64,
) -> (Vec<T>, bool)
where
    T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    if has_table(options, table).await == Some(false) {
        return (Vec::new(), true);
    }
    let mut found = Vec::new();
    let complete = read_rows(options, forwards, &mut found).await;
    if !complete {
        let last = found.last().map_or(i64::MIN, &seq);
        let mut from_end = Vec::new();
        read_rows(options, backwards, &mut from_end).await;
        found.extend(from_end.into_iter().rev().filter(|row| last < seq(row)));
    }
    (found, complete)
}

/// None where that cannot be told.
async fn has_table(options: &SqliteConnectOptions, table: &str) -> Option<bool> {
    let mut connection = options.connect().await.ok()?;
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sqlite_master WHERE name = ?").bind(table);
    let found = count.fetch_one(&mut connection).await.ok().map(|count| count > 0);
    drop(connection.close_hard().await);
    found
}

/// Whether all rows could be read.
async fn read_rows<T>(options: &SqliteConnectOptions, sql: &'static str, into: &mut Vec<T>) -> bool
where
    T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
{
    let Ok(mut connection) = options.connect().await else { return false };
    let mut rows = sqlx::query_as::<_, T>(sql).fetch(&mut connection);
    let complete = loop {
        match rows.try_next().await {
            Ok(Some(row)) => into.push(row),
            Ok(None) => break true,
            Err(error) => {
                let damaged = matches!(fault(&error), Fault::Damage);
                tracing::warn!(damaged, "the old queue has an unreadable row");
                break false;
            }
        }
    };
    drop(rows);
    // It is a copy: how it closes does not matter.
    drop(connection.close_hard().await);
    complete
}

/// Writes what was rescued into the queue; again for the same it changes nothing. Answers how much that is.
async fn queue(vault: &Vault, found: &Found) -> Result<u32, Error> {
    let mut tx = vault.database.write().await?;
    for old in &found.customers {
        queue_customer(&mut tx, old).await?;
    }
    for old in &found.edits {
        know(&mut tx, old.customer_id, &old.issuer, &old.subject).await?;
        sqlx::query!(
            "INSERT INTO queued_edit
                (id, customer_id, issuer, subject, edit, before, base_revision, made_at, attempts, refused_status,
                 refused_theirs, refused_revision)
             SELECT ?1, id, issuer, subject, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
             FROM customer WHERE issuer = ?2 AND subject = ?3
             ON CONFLICT DO NOTHING",
            old.id,
            old.issuer,
            old.subject,
            old.edit,
            old.before,
            old.base_revision,
            old.made_at,
            old.attempts,
            old.refused_status,
            old.refused_theirs,
            old.refused_revision
        )
        .execute(&mut *tx)
        .await?;
    }
    for old in &found.visits {
        know(&mut tx, old.customer_id, &old.issuer, &old.subject).await?;
        sqlx::query!(
            "INSERT INTO queued_visit (id, customer_id, issuer, subject, at, refused_status)
             SELECT ?1, id, issuer, subject, ?4, ?5 FROM customer WHERE issuer = ?2 AND subject = ?3
             ON CONFLICT DO NOTHING",
            old.id,
            old.issuer,
            old.subject,
            old.at,
            old.refused_status
        )
        .execute(&mut *tx)
        .await?;
    }
    for old in &found.withdrawals {
        know(&mut tx, old.customer_id, &old.issuer, &old.subject).await?;
        sqlx::query!(
            "INSERT INTO queued_withdrawal (id, customer_id, issuer, subject, act, at)
             SELECT ?1, id, issuer, subject, ?4, ?5 FROM customer WHERE issuer = ?2 AND subject = ?3
             ON CONFLICT DO NOTHING",
            old.id,
            old.issuer,
            old.subject,
            old.act,
            old.at
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    let all = [found.customers.len(), found.edits.len(), found.visits.len(), found.withdrawals.len()];
    number(all.into_iter().sum::<usize>())
}

/// Somebody new is remembered as before, until the date that they agreed to. Whose document cannot be read is lost.
async fn queue_customer(connection: &mut SqliteConnection, old: &OldCustomer) -> Result<(), Error> {
    let customer = CustomerKey { issuer: old.issuer.clone(), subject: old.subject.clone() };
    let Ok(new) = serde_json::from_str::<NewCustomer>(&old.document) else { return Ok(()) };
    if customers::id_of(connection, &customer).await?.is_some() {
        return Ok(());
    }
    let id = match new_customers::keep_new(connection, &customer, &new, new.at).await {
        Err(Error::Expired) => return Ok(()),
        kept => kept?,
    };
    sqlx::query!(
        "UPDATE new_customer SET somebody_else = ?, refused_status = ?, candidates = ? WHERE customer_id = ?",
        old.somebody_else,
        old.refused_status,
        old.candidates,
        id
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The customer of something that was rescued.
async fn know(connection: &mut SqliteConnection, id: Uuid, issuer: &str, subject: &str) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO customer (id, issuer, subject) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        id,
        issuer,
        subject
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn marker(files: &Files) -> PathBuf {
    files.folder.join("vault.starting-anew")
}

fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(error)),
        _ => Ok(()),
    }
}
