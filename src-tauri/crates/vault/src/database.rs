//! The encrypted database: how its connections are opened, and what every one of them must hold to.
//!
//! **One connection alone writes and checkpoints.** The engine that sqlx can link (SQLCipher 4.10, SQLite 3.50.4) has
//! the WAL-reset bug of SQLite (<https://sqlite.org/wal.html#the_wal_reset_bug>, fixed in 3.51.3): a write on one
//! connection that races a checkpoint on another can lose a committed transaction. It cannot happen where one
//! connection does both: the writer is a pool of one, readers are read-only and never checkpoint, and a lock file
//! keeps other processes out. Raise the engine as soon as sqlx allows; keep the rule.
//!
//! The key is part of the connect options, whose statements sqlx would log: statement logging is off.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool, SqliteTransaction,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Error, OpenError, key::Key};

/// How long a connection waits for a lock.
const BUSY: Duration = Duration::from_secs(5);
/// Searching and opening a profile at the same time; a till has one associate.
const READERS: u32 = 3;
/// Files up to this size are checked page by page when they are opened.
const CHECKED_IN_FULL: u64 = 16 << 20;

/// What the database engine says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Version of SQLite.
    pub sqlite_version: String,
    /// Version of SQLCipher.
    pub cipher_version: String,
}

impl Engine {
    /// Asks the engine, without touching any file. An engine that cannot encrypt would ignore the key and write plain
    /// text: it opens nothing.
    pub(crate) async fn probe() -> Result<Engine, OpenError> {
        let mut connection = SqliteConnectOptions::new().connect().await.map_err(OpenError::Database)?;
        let cipher: Option<String> = sqlx::query_scalar("PRAGMA cipher_version")
            .fetch_optional(&mut connection)
            .await
            .map_err(open_error)?;
        let sqlite_version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await;
        let engine = Engine {
            sqlite_version: sqlite_version.map_err(open_error)?,
            cipher_version: cipher.filter(|version| !version.is_empty()).ok_or(OpenError::NotEncrypting)?,
        };
        connection.close().await.map_err(open_error)?;
        Ok(engine)
    }
}

/// The connections to one file.
#[derive(Debug)]
pub(crate) struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Opens or makes a file and brings it to this version's form.
    pub(crate) async fn open(file: &Path, key: &Key) -> Result<Database, OpenError> {
        let wal = file.with_extension("db-wal");
        let is_there = size(file)? > 0;
        let clean = is_there && size(&wal)? == 0;
        if clean {
            // Before anything is opened for writing, so that a damaged file stays exactly as it is.
            check_pages(file, key).await?;
        }
        let database = Database { writer: writer(file, key).await?, readers: readers(file, key) };
        match database.prepare(file, key, is_there && !clean).await {
            Ok(()) => Ok(database),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    async fn prepare(&self, file: &Path, key: &Key, recovered: bool) -> Result<(), OpenError> {
        if recovered {
            // The last program was killed. Its log is complete; after that the pages can be checked.
            self.checkpoint().await.map_err(|error| match error {
                Error::DiskFull => OpenError::DiskFull,
                _ => OpenError::Damaged,
            })?;
            check_pages(file, key).await?;
        }
        sqlx::migrate!().run(&self.writer).await.map_err(|error| match error {
            MigrateError::VersionMissing(_)
            | MigrateError::VersionMismatch(_)
            | MigrateError::VersionTooNew(..) => OpenError::OtherVersion,
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => open_error(error),
            other => OpenError::Database(sqlx::Error::Migrate(Box::new(other))),
        })
    }

    /// A transaction that has the write lock from its start.
    pub(crate) async fn write(&self) -> Result<SqliteTransaction<'static>, Error> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// The pool to read from.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Moves everything from the log into the file and empties the log, so that nothing removed is left in it.
    pub(crate) async fn checkpoint(&self) -> Result<(), Error> {
        // A busy reader is waited for (busy_timeout); the pragma says in its first column whether that was in vain.
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer).await?;
        if busy == 0 { Ok(()) } else { Err(Error::Busy) }
    }

    /// Closes the readers first: the last connection to close checkpoints, and that must be the writer.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }
}

fn options(file: &Path, key: &Key) -> SqliteConnectOptions {
    // sqlx sets the busy timeout when it opens the file, before any pragma, and sends the key first.
    SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(BUSY)
        .pragma("key", key.pragma())
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

async fn writer(file: &Path, key: &Key) -> Result<SqlitePool, OpenError> {
    let options = options(file, key)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What a person was told is saved has reached the disk.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON");
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, _| Box::pin(is_outside_transactions(connection)));
    pool.connect_with(options).await.map_err(open_error)
}

/// On a full disk SQLite rolls a transaction back by itself; sqlx 0.9 then counts it as open for ever, and no other
/// could begin. Such a connection is replaced.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Answered only after a roll-back that was begun by dropping the transaction.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn readers(file: &Path, key: &Key) -> SqlitePool {
    let options = options(file, key).read_only(true).pragma("wal_autocheckpoint", "0");
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options)
}

/// Reads a file that nobody has open, and says whether this version of the program knows its form.
pub(crate) async fn check_file(file: &Path, key: &Key) -> Result<(), OpenError> {
    check_pages(file, key).await?;
    let mut connection =
        options(file, key).read_only(true).immutable(true).connect().await.map_err(open_error)?;
    let newest: Result<Option<i64>, _> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut connection).await;
    let newest = newest.map_err(open_error)?;
    connection.close().await.map_err(open_error)?;
    let known = sqlx::migrate!().iter().map(|migration| migration.version).max();
    if newest > known { Err(OpenError::OtherVersion) } else { Ok(()) }
}

/// Reads the pages of the file on a connection of its own (one bad page spoils later checks on the same one) that
/// writes nothing, and looks at every row of the answer.
async fn check_pages(file: &Path, key: &Key) -> Result<(), OpenError> {
    let mut connection =
        options(file, key).read_only(true).immutable(true).connect().await.map_err(open_error)?;
    let schema: Result<i64, _> =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await;
    schema.map_err(open_error)?;
    if size(file)? <= CHECKED_IN_FULL {
        let faults: Vec<String> = sqlx::query_scalar("PRAGMA cipher_integrity_check")
            .fetch_all(&mut connection)
            .await
            .map_err(open_error)?;
        if !faults.is_empty() {
            tracing::error!(faults = faults.len(), "pages of the database are damaged");
            return Err(OpenError::Damaged);
        }
    }
    connection.close().await.map_err(open_error)
}

pub(crate) fn size(file: &Path) -> Result<u64, OpenError> {
    match std::fs::metadata(file) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(OpenError::Io(error)),
    }
}

/// The primary result codes of SQLite that have a meaning here.
pub(crate) enum Fault {
    /// The disk is full or cannot be written.
    Disk,
    /// The file is not a database (for this key), or a page is malformed.
    Damage,
    /// Anything else.
    Other,
}

/// Sorts an error of the database. The fingerprint of the key was compared before, so that a file which is "not a
/// database" is damaged.
pub(crate) fn fault(error: &sqlx::Error) -> Fault {
    if let sqlx::Error::Io(error) = error {
        return if error.kind() == std::io::ErrorKind::StorageFull { Fault::Disk } else { Fault::Other };
    }
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    match code.map(|extended| extended & 0xff) {
        // SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL
        Some(8 | 10 | 13) => Fault::Disk,
        // SQLITE_CORRUPT, SQLITE_NOTADB
        Some(11 | 26) => Fault::Damage,
        _ => Fault::Other,
    }
}

pub(crate) fn open_error(error: sqlx::Error) -> OpenError {
    match fault(&error) {
        Fault::Disk => OpenError::DiskFull,
        Fault::Damage => OpenError::Damaged,
        Fault::Other => OpenError::Database(error),
    }
}
