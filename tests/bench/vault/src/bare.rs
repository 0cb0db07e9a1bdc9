//! The bare statements: what the vault's figures are compared with.

use std::path::Path;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use vault::Keyring;

/// The rows of some customers, each table's as one JSON array.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Rows {
    customers: String,
    copies: String,
    entries: String,
    spellings: String,
}

/// A connection to the file of a vault, with the settings that the vault has.
pub(crate) async fn connect(folder: &Path, keyring: &Keyring, read_only: bool) -> Result<SqliteConnection> {
    let key = keyring.get("database-key").await?.context("the vault has no key")?;
    let options = SqliteConnectOptions::new()
        .filename(folder.join("vault.db"))
        .pragma("key", format!("\"x'{}'\"", key.expose_secret()))
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let options = if read_only {
        options.read_only(true)
    } else {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("cache_size", "-32768")
            .pragma("secure_delete", "ON")
    };
    Ok(options.connect().await?)
}

/// Lets a connection see another vault too, under the name `other`.
pub(crate) async fn attach(
    connection: &mut SqliteConnection,
    folder: &Path,
    keyring: &Keyring,
) -> Result<()> {
    let key = keyring.get("database-key").await?.context("the vault has no key")?;
    let file = folder.join("vault.db");
    sqlx::query("ATTACH ? AS other KEY ?")
        .bind(file.to_str().context("a name in UTF-8")?)
        .bind(format!("x'{}'", key.expose_secret()))
        .execute(connection)
        .await?;
    Ok(())
}

/// The rows that a vault has of its newest customers, and of words that the other vault has not.
pub(crate) async fn newest(vault: &mut SqliteConnection, after: i64) -> Result<Rows> {
    let rows = sqlx::query_as(
        "SELECT
            (SELECT json_group_array(json_array(seq, hex(id), issuer, subject))
             FROM customer WHERE ?1 < seq) AS customers,
            (SELECT json_group_array(json_array(customer, place, until, copied_at, revision, profile, scopes, act))
             FROM copy WHERE ?1 < customer) AS copies,
            (SELECT json_group_array(json_array(rowid, name, email, phone, member))
             FROM customer_search WHERE ?1 < rowid) AS entries,
            (SELECT json_group_array(json_array(spelling, word))
             FROM (SELECT spelling, word FROM main.spelling EXCEPT SELECT spelling, word FROM other.spelling)
            ) AS spellings",
    );
    Ok(rows.bind(after).fetch_one(vault).await?)
}

/// Inserts them, in one transaction.
pub(crate) async fn insert(connection: &mut SqliteConnection, rows: &Rows) -> Result<()> {
    let mut tx = connection.begin().await?;
    for (statement, rows) in [
        (
            "INSERT INTO customer (seq, id, issuer, subject)
             SELECT value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3 FROM json_each(?)",
            &rows.customers,
        ),
        (
            "INSERT INTO copy
                (customer, place, until, copied_at, last_seen, revision, profile, activity, scopes, act)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, 0, value ->> 4, value ->> 5, '[]',
                value ->> 6, value ->> 7
             FROM json_each(?)",
            &rows.copies,
        ),
        (
            "INSERT INTO customer_search (rowid, name, email, phone, member)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
            &rows.entries,
        ),
        (
            "INSERT INTO spelling (spelling, word) SELECT value ->> 0, value ->> 1 FROM json_each(?)",
            &rows.spellings,
        ),
    ] {
        sqlx::query(statement).bind(rows).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The numbers of the last customers in the index who have every word that was typed, each from its start.
pub(crate) async fn search(connection: &mut SqliteConnection, typed: &str) -> Result<Vec<i64>> {
    let words: Vec<String> = typed
        .split_whitespace()
        .map(|word| word.replace(|letter: char| !letter.is_alphanumeric(), " "))
        .filter(|word| !word.trim().is_empty())
        .map(|word| format!("\"{}\"*", word.trim()))
        .collect();
    let query = sqlx::query_scalar(
        "SELECT rowid FROM customer_search WHERE customer_search MATCH ? ORDER BY rowid DESC LIMIT 20",
    );
    if words.is_empty() {
        Ok(Vec::new())
    } else {
        Ok(query.bind(words.join(" AND ")).fetch_all(connection).await?)
    }
}

/// The document and the activity of a customer.
pub(crate) async fn open(
    connection: &mut SqliteConnection,
    id: sqlx::types::Uuid,
) -> Result<(String, String)> {
    let rows = sqlx::query_as(
        "SELECT c.profile, c.activity FROM customer u JOIN copy c ON c.customer = u.seq WHERE u.id = ?",
    );
    Ok(rows.bind(id).fetch_one(connection).await?)
}
