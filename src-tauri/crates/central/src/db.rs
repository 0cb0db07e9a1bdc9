//! The one SQLite file: one connection that writes, several that only read.
//!
//! The SQLite that is linked here (3.50.4) can lose a committed transaction when, in WAL mode, one connection writes
//! while another checkpoints (fixed in SQLite 3.51.3). So one connection alone writes and checkpoints, readers are
//! read-only and never checkpoint, and a lock file keeps a second process out. This stays a good layout once the
//! engine is newer: SQLite has one writer at a time in any case.

use std::{
    fs::{self, File, OpenOptions},
    io,
    ops::{Deref, DerefMut},
    path::Path,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

use crate::Error;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

const READERS: u32 = 4;
const FILE: &str = "central.db";

/// Handle of the database; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Number of the newest line in the feed of changes.
    newest: watch::Sender<i64>,
    /// Keeps a second process out.
    lock: Arc<File>,
}

impl Db {
    /// Opens (and makes, when it is not there) `central.db` in the folder.
    pub(crate) async fn open(folder: &Path) -> Result<Self, Error> {
        let lock = lock(folder)?;
        Self::open_locked(folder, lock).await.map_err(|error| named_if_damaged(error, folder))
    }

    async fn open_locked(folder: &Path, lock: File) -> Result<Self, Error> {
        // sqlx sets the busy time-out before any pragma, so that the switch to WAL waits instead of failing.
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .busy_timeout(Duration::from_secs(5))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("trusted_schema", "OFF")
            // What is deleted is overwritten.
            .pragma("secure_delete", "ON");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_release(|connection, _| Box::pin(is_outside_transactions(connection)))
            .connect_with(options.clone().create_if_missing(true))
            .await?;
        MIGRATIONS.run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true).pragma("wal_autocheckpoint", "0"))
            .await?;
        let newest = newest_change(&mut *readers.acquire().await?).await?;
        Ok(Self { writer, readers, newest: watch::Sender::new(newest), lock: Arc::new(lock) })
    }

    /// For reading alone.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Begins a writing transaction: waits for its turn, and sees all that was written before it.
    pub(crate) async fn write(&self) -> Result<Writing, Error> {
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Writing { transaction, newest: self.newest.clone() })
    }

    /// Moves all that was committed from the log into the file, and empties the log, so that what was deleted is in neither.
    pub(crate) async fn empty_log(&self) -> Result<(), Error> {
        // A reader is waited for as long as `busy_timeout` says; whatever is left is moved with the next one.
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer).await?;
        if busy != 0 {
            tracing::warn!("the log could not be emptied yet");
        }
        Ok(())
    }

    /// Tells of every line that the feed of changes has got from now on: for requests that are held until there is one.
    pub(crate) fn changes(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Closes readers first, so that the writer is the one that folds the log into the file. Then somebody else may open
    /// it, even where a task that was told to end still holds a clone.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the lock of the data folder ends only with this process");
        }
    }
}

/// On a full disk SQLite rolls a transaction back by itself; sqlx 0.9 then counts it as open for ever, and no other
/// could begin. Such a connection is replaced.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Answered only after a roll-back that was begun by dropping the transaction.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// A writing transaction; without a commit it has no effect.
#[derive(Debug)]
pub(crate) struct Writing {
    transaction: Transaction<'static, Sqlite>,
    newest: watch::Sender<i64>,
}

impl Writing {
    /// Makes it last, then wakes those who wait for a change where it has recorded one.
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        let newest = newest_change(&mut self.transaction).await?;
        self.transaction.commit().await?;
        self.newest.send_if_modified(|known| std::mem::replace(known, newest) != newest);
        Ok(())
    }
}

impl Deref for Writing {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

async fn newest_change(db: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT coalesce(max(seq), 0) AS "seq!: i64" FROM changes"#).fetch_one(db).await
}

/// Says which file is damaged, where that is what the database complains of.
pub(crate) fn named_if_damaged(error: Error, folder: &Path) -> Error {
    let said = match &error {
        Error::Database(said)
        | Error::Migrate(MigrateError::Execute(said) | MigrateError::ExecuteMigration(said, _)) => {
            said.as_database_error()
        }
        _ => None,
    };
    // SQLITE_CORRUPT and SQLITE_NOTADB, without what stands in their higher bits.
    let is_damaged = said
        .and_then(|said| said.code()?.parse::<i32>().ok())
        .is_some_and(|code| matches!(code & 0xff, 11 | 26));
    if is_damaged { Error::Damaged { path: folder.join(FILE), source: Box::new(error) } } else { error }
}

/// Makes what is missing of the folder and its files, and keeps a second process out.
fn lock(folder: &Path) -> Result<File, Error> {
    let folder_error = |source| Error::Folder { path: folder.to_owned(), source };
    make_folder(folder).map_err(folder_error)?;
    let lock = private_file(&folder.join("central.lock")).map_err(folder_error)?;
    lock.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => Error::InUse(folder.to_owned()),
        fs::TryLockError::Error(source) => folder_error(source),
    })?;
    // Before SQLite does it: the files beside it get the same mode.
    private_file(&folder.join(FILE)).map_err(folder_error)?;
    Ok(lock)
}

/// A folder that is made here is for this user alone; one that somebody else has made stays as they want it.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that nobody else on the machine may read: signing keys and customers are in one. Where there are no modes it
/// inherits the user's own access list.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_the_feed_tells_wakes_those_who_wait_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(folder.path()).await.unwrap();
        let changes = db.changes();
        let mut write = db.write().await.unwrap();
        sqlx::query("INSERT INTO stores VALUES ('a', 'A', 'marram')").execute(&mut *write).await.unwrap();
        write.commit().await.unwrap();
        assert!(!changes.has_changed().unwrap());
        let mut write = db.write().await.unwrap();
        let line = "INSERT INTO changes (subject, kind) VALUES ('somebody', 'changed')";
        sqlx::query(line).execute(&mut *write).await.unwrap();
        write.commit().await.unwrap();
        assert!(changes.has_changed().unwrap());
        db.close().await;
    }
}
