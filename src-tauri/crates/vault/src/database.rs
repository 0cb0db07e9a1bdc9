//! The encrypted database: how its connections are opened, and what every one of them must hold to.
//!
//! **One connection alone writes and checkpoints.** The engine that sqlx can link (SQLCipher 4.10, SQLite 3.50.4) has
//! the WAL-reset bug of SQLite (<https://sqlite.org/wal.html#the_wal_reset_bug>, fixed in 3.51.3): a write on one
//! connection that races a checkpoint on another can lose a committed transaction. It cannot happen where one
//! connection does both: the writer is a pool of one, readers are read-only and never checkpoint, and a lock file
//! keeps other processes out. Raise the engine as soon as sqlx allows; keep the rule.
//!
//! The key is part of the connect options, whose statements sqlx would log: statement logging is off.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool, SqliteTransaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Error, OpenError, key::Key, migration, stored::number};

/// How long a connection waits for a lock.
const BUSY: Duration = Duration::from_secs(5);
/// Searching and opening a profile at the same time; a till has one associate.
const READERS: u32 = 3;
/// A long look gives way after so many steps of the engine.
const STEPS: i32 = 100;
/// What the writer keeps of the file in memory, in units of -1 KiB: many customers at once come back to the same pages of
/// the indexes, and each time a page is fetched it is decrypted.
const KEPT_PAGES: &str = "-32768";
/// The same of a reader: key strokes of one search come back to the same pages.
const READERS_PAGES: &str = "-8192";
/// Files up to this size are checked page by page before they are opened, and longer ones afterwards.
pub(crate) const CHECKED_IN_FULL: u64 = 16 << 20;

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
    /// For connections that look at pages and are used for nothing else.
    looking: SqliteConnectOptions,
    /// So many wait to empty the log.
    emptying: Arc<AtomicU32>,
    /// Held to empty the log, and for that time no read begins: without a pause between reads that overlap it would never be
    /// done. Shared by a long look at a table.
    turn: Arc<tokio::sync::RwLock<()>>,
    /// Held by a long look at all tables: no connection is left when the program ends.
    checking: tokio::sync::Mutex<()>,
    closing: AtomicBool,
}

impl Database {
    /// Opens or makes a file and brings it to this version's form.
    pub(crate) async fn open(file: &Path, key: &Key) -> Result<Database, OpenError> {
        migration::remove_trial(file)?;
        if size(file)? > 0 {
            if size(&file.with_extension("db-wal"))? > 0 {
                recover(file, key).await?;
            }
            // Before anything is opened for writing, so that a damaged file stays exactly as it is.
            if check_file(file, key).await? == Some(true) {
                migration::try_on_copy(file, key).await?;
            }
        }
        let database = Database::connect(file, key).await?;
        match migration::run(&database.writer).await {
            Ok(()) => Ok(database),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    async fn connect(file: &Path, key: &Key) -> Result<Database, OpenError> {
        let turn = Arc::default();
        Ok(Database {
            writer: writer(file, key).await?,
            readers: readers(file, key, Arc::clone(&turn)),
            looking: options(file, key).read_only(true).pragma("wal_autocheckpoint", "0"),
            emptying: Arc::default(),
            turn,
            checking: tokio::sync::Mutex::default(),
            closing: AtomicBool::new(false),
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
        self.emptying.fetch_add(1, Ordering::AcqRel);
        let turn = self.turn.write().await;
        // A busy reader is waited for (busy_timeout); the pragma says in its first column whether that was in vain.
        let emptied = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer).await;
        self.emptying.fetch_sub(1, Ordering::AcqRel);
        drop(turn);
        let busy: i64 = emptied?;
        if busy == 0 { Ok(()) } else { Err(Error::Busy) }
    }

    /// Looks at every row, and with that at every page in use; answers how many faults there are. What wants to empty the
    /// log goes first. `rest` is slept after every few steps, so that a till that works is not kept from its disk.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the database is closed meanwhile.
    pub(crate) async fn damaged_rows(&self, rest: Duration) -> Result<u32, Error> {
        let _until_it_has_ended = self.checking.lock().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut connection = self.looking.connect().await?;
        let emptying = Arc::clone(&self.emptying);
        connection.lock_handle().await?.set_progress_handler(STEPS, move || {
            std::thread::sleep(rest);
            emptying.load(Ordering::Acquire) == 0
        });
        let mut faults = Ok(0);
        for table in tables {
            match self.faults_in(&mut connection, &table).await {
                Ok(more) => faults = faults.map(|faults: u32| faults.saturating_add(more)),
                Err(error) => {
                    // After a damaged page the engine refuses all that follows.
                    if !matches!(faults, Ok(1..)) {
                        faults = Err(error);
                    }
                    break;
                }
            }
        }
        connection.close().await?;
        faults
    }

    async fn faults_in(&self, connection: &mut SqliteConnection, table: &str) -> Result<u32, Error> {
        // The name is from the schema, and quoted.
        let sql = format!("PRAGMA integrity_check(\"{}\")", table.replace('"', "\"\""));
        loop {
            if self.closing.load(Ordering::Acquire) {
                return Err(Error::Interrupted);
            }
            let turn = self.turn.read().await;
            let found: Result<Vec<String>, _> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())).fetch_all(&mut *connection).await;
            drop(turn);
            match found {
                Err(error) if is_interrupted(&error) => tokio::task::yield_now().await,
                found => return number(found?.iter().filter(|fault| *fault != "ok").count()),
            }
        }
    }

    /// How many pages of the file have an authentication code that is not theirs.
    pub(crate) async fn damaged_pages(&self) -> Result<u32, Error> {
        // A page that was being written while it was read looks damaged: then it is looked at with the pen in the hand.
        let seen = page_faults(&self.looking).await?;
        if seen == 0 {
            return Ok(0);
        }
        let pen = self.write().await?;
        let seen = page_faults(&self.looking).await?;
        drop(pen);
        Ok(seen)
    }

    /// Copies all into a file that is there and empty.
    pub(crate) async fn copy_into(&self, file: &Path) -> Result<(), Error> {
        let file = file.to_str().ok_or_else(|| Error::File(std::io::ErrorKind::InvalidFilename.into()))?;
        sqlx::query("VACUUM INTO ?").bind(file).execute(&self.writer).await?;
        Ok(())
    }

    /// Closes the readers first: the last connection to close checkpoints, and that must be the writer.
    pub(crate) async fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.emptying.fetch_add(1, Ordering::AcqRel);
        drop(self.checking.lock().await);
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

/// The one connection that writes.
pub(crate) async fn writer(file: &Path, key: &Key) -> Result<SqlitePool, OpenError> {
    let options = options(file, key)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What a person was told is saved has reached the disk.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", KEPT_PAGES)
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

fn readers(file: &Path, key: &Key, turn: Arc<tokio::sync::RwLock<()>>) -> SqlitePool {
    let options = options(file, key)
        .read_only(true)
        .pragma("wal_autocheckpoint", "0")
        .pragma("cache_size", READERS_PAGES);
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(move |_, _| {
            let turn = Arc::clone(&turn);
            Box::pin(async move {
                drop(turn.read().await);
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// The last program was killed. Its log is complete, and goes into the file, so that the pages can be checked.
async fn recover(file: &Path, key: &Key) -> Result<(), OpenError> {
    let database = Database::connect(file, key).await?;
    let emptied = database.checkpoint().await.map_err(|error| match error {
        Error::DiskFull => OpenError::DiskFull,
        _ => OpenError::Damaged,
    });
    database.close().await;
    emptied
}

/// Reads a file that nobody has open, and says whether it is to be brought to the form of this version: see
/// [`migration::is_pending`].
pub(crate) async fn check_file(file: &Path, key: &Key) -> Result<Option<bool>, OpenError> {
    check_pages(file, key).await?;
    let mut connection =
        options(file, key).read_only(true).immutable(true).connect().await.map_err(open_error)?;
    let pending = migration::is_pending(&mut connection).await?;
    connection.close().await.map_err(open_error)?;
    Ok(pending)
}

/// Reads the pages of the file on a connection of its own (one bad page spoils later checks on the same one) that
/// writes nothing, and looks at every row of the answer.
async fn check_pages(file: &Path, key: &Key) -> Result<(), OpenError> {
    let mut connection =
        options(file, key).read_only(true).immutable(true).connect().await.map_err(open_error)?;
    let schema: Result<i64, _> =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await;
    schema.map_err(open_error)?;
    connection.close().await.map_err(open_error)?;
    if size(file)? <= CHECKED_IN_FULL {
        let faults = page_faults(&options(file, key).read_only(true).immutable(true)).await;
        let faults = faults.map_err(open_error)?;
        if faults > 0 {
            tracing::error!(faults, "pages of the database are damaged");
            return Err(OpenError::Damaged);
        }
    }
    Ok(())
}

/// Whether a key is that of a file which nobody has open.
pub(crate) async fn is_opened_by(file: &Path, key: &Key) -> Result<bool, OpenError> {
    let mut connection =
        options(file, key).read_only(true).immutable(true).connect().await.map_err(open_error)?;
    let schema: Result<i64, _> =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await;
    connection.close().await.map_err(open_error)?;
    match schema.map_err(open_error) {
        Ok(_) => Ok(true),
        Err(OpenError::Damaged) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives a new key to a file that nobody has open, and reads all of it with that.
pub(crate) async fn encrypt_anew(file: &Path, old: &Key, new: &Key) -> Result<(), OpenError> {
    // Without a log: what is there afterwards is all in the one file.
    let options = options(file, old).journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.connect().await.map_err(open_error)?;
    let sql = format!("PRAGMA rekey = {}", new.pragma());
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await;
    connection.close().await.map_err(open_error)?;
    done.map_err(open_error)?;

    let options = self::options(file, new).read_only(true).immutable(true);
    let mut connection = options.connect().await.map_err(open_error)?;
    let faults: Result<Vec<String>, _> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await;
    connection.close().await.map_err(open_error)?;
    let sound = faults.map_err(open_error)?.iter().all(|fault| fault == "ok");
    let pages = page_faults(&options).await.map_err(open_error)?;
    if sound && pages == 0 { Ok(()) } else { Err(OpenError::Damaged) }
}

/// How many pages have an authentication code that is not theirs.
async fn page_faults(options: &SqliteConnectOptions) -> Result<u32, sqlx::Error> {
    let mut connection = options.connect().await?;
    let faults: Vec<String> =
        sqlx::query_scalar("PRAGMA cipher_integrity_check").fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(u32::try_from(faults.len()).unwrap_or(u32::MAX))
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

fn is_interrupted(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    error.code().is_some_and(|code| code == "9")
}

pub(crate) fn open_error(error: sqlx::Error) -> OpenError {
    match fault(&error) {
        Fault::Disk => OpenError::DiskFull,
        Fault::Damage => OpenError::Damaged,
        Fault::Other => OpenError::Database(error),
    }
}
