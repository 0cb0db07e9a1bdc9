//! The till's database, as somebody who has the disk sees it, and as somebody who has the session too.

use std::{fs, path::PathBuf, str::FromStr};

use anyhow::{Context, Result};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{Session, Till, search};

/// Bytes of a page.
const PAGE: usize = 4096;

/// The file.
pub fn file(till: &Till) -> Result<PathBuf> {
    let files = search::files(&till.data())?;
    files.into_iter().find(|file| file.ends_with("vault.db")).context("the till has no database")
}

/// The key that the session's keyring has for it.
pub fn key(session: &Session) -> Result<String> {
    let found = session.secrets("service", "countersign")?;
    let is_key = |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(found.split_whitespace().find(is_key).context("the keyring has no key")?.to_owned())
}

/// Opens a copy with a key, or without one, and reads something from it.
pub async fn open_copy(till: &Till, key: Option<&str>) -> Result<SqliteConnection> {
    let (database, copy) = (file(till)?, till.output().join("copy.db"));
    for ending in ["db", "db-wal"] {
        let from = database.with_extension(ending);
        if from.exists() {
            fs::copy(from, copy.with_extension(ending))?;
        }
    }
    let mut options = SqliteConnectOptions::from_str("sqlite:")?.filename(&copy).disable_statement_logging();
    if let Some(key) = key {
        options = options.pragma("key", format!("\"x'{key}'\""));
    }
    let mut connection = options.connect().await?;
    sqlx::query("SELECT count(*) FROM sqlite_master").fetch_one(&mut connection).await?;
    Ok(connection)
}

/// All that is in the database, as one text: every value of every table, and every term of the full-text indexes, which
/// their tables hold in pieces.
pub async fn contents(connection: &mut SqliteConnection) -> Result<String> {
    let tables: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
            .fetch_all(&mut *connection)
            .await?;
    let mut text = String::new();
    for (table, sql) in &tables {
        if sql.starts_with("CREATE VIRTUAL TABLE") {
            let terms =
                format!("CREATE VIRTUAL TABLE temp.terms_of_{table} USING fts5vocab(main, {table}, row)");
            sqlx::query(sqlx::AssertSqlSafe(terms)).execute(&mut *connection).await?;
            append(connection, &format!("terms_of_{table}"), &["term".to_owned()], &mut text).await?;
        } else {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
                .bind(table)
                .fetch_all(&mut *connection)
                .await?;
            append(connection, table, &columns, &mut text).await?;
        }
    }
    Ok(text)
}

async fn append(
    connection: &mut SqliteConnection,
    table: &str,
    columns: &[String],
    text: &mut String,
) -> Result<()> {
    for column in columns {
        let query = sqlx::AssertSqlSafe(format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\""));
        let values: Vec<Option<Vec<u8>>> = sqlx::query_scalar(query).fetch_all(&mut *connection).await?;
        for value in values.into_iter().flatten() {
            text.push_str(&String::from_utf8_lossy(&value));
            text.push('\n');
        }
    }
    Ok(())
}

/// How many rows a table has.
pub async fn count(connection: &mut SqliteConnection, table: &str) -> Result<i64> {
    let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    Ok(sqlx::query_scalar(query).fetch_one(connection).await?)
}

/// Damages the first page of a table in the file, as a bad sector would.
pub async fn damage(till: &Till, key: &str, table: &str) -> Result<()> {
    let mut connection = open_copy(till, Some(key)).await?;
    let root: u32 = sqlx::query_scalar("SELECT rootpage FROM sqlite_master WHERE name = ?")
        .bind(table)
        .fetch_one(&mut connection)
        .await?;
    let file = file(till)?;
    let mut bytes = fs::read(&file)?;
    let start = usize::try_from(root)?.checked_sub(1).context("no page")? * PAGE;
    bytes.iter_mut().skip(start + 100).take(64).for_each(|byte| *byte ^= 0x5a);
    Ok(fs::write(file, bytes)?)
}
