//! Bringing a database to the form of this version: forward only, all steps in one transaction, and tried on a copy
//! first, so that a step which fails leaves the database as it was. What the till remembers is never put at risk for a
//! new version of the program.

use std::{fs, path::Path};

use sqlx::{SqliteConnection, SqlitePool, migrate::MigrateError};

use crate::{
    Error, OpenError, audit,
    database::{open_error, size, writer},
    key::Key,
    vault::{io_error, remove_database},
};

/// The copy that is tried on, beside the database.
const TRIAL: &str = "vault-trial.db";
/// What a copy needs besides its own length and that of its log.
const ROOM_BESIDES: u64 = 16 << 20;

/// Whether there are steps to take; none for a database that has no form yet.
///
/// # Errors
/// [`OpenError::OtherVersion`] where a newer version of the program has made the database.
pub(crate) async fn is_pending(connection: &mut SqliteConnection) -> Result<Option<bool>, OpenError> {
    let formed: Result<bool, _> =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')")
            .fetch_one(&mut *connection)
            .await;
    if !formed.map_err(open_error)? {
        return Ok(None);
    }
    let newest: Result<Option<i64>, _> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await;
    let newest = newest.map_err(open_error)?;
    let known = sqlx::migrate!().iter().map(|migration| migration.version).max();
    if known < newest { Err(OpenError::OtherVersion) } else { Ok(Some(newest < known)) }
}

/// Takes all steps, or none.
pub(crate) async fn run(writer: &SqlitePool) -> Result<(), OpenError> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.map_err(open_error)?;
    // `run` takes what can be acquired from, and with a transaction the compiler cannot see that its future is `Send`.
    sqlx::migrate!().run_direct(None, &mut *tx, false).await.map_err(migrate_error)?;
    audit::carry_over(&mut tx).await.map_err(|error| match error {
        Error::DiskFull => OpenError::DiskFull,
        Error::Damaged => OpenError::Damaged,
        error => OpenError::NotUpgraded(Box::new(error)),
    })?;
    tx.commit().await.map_err(open_error)
}

/// Takes all steps on a copy of a database that nobody has open, and looks at every page and row of what comes of it.
pub(crate) async fn try_on_copy(file: &Path, key: &Key) -> Result<(), OpenError> {
    let copy = file.with_file_name(TRIAL);
    ensure_room(file)?;
    fs::copy(file, &copy).map_err(io_error)?;
    let tried = migrate_copy(&copy, key).await;
    remove_trial(file)?;
    tried
}

/// Makes sure that there is room for a copy of a file and for the log of what is done with it.
pub(crate) fn ensure_room(file: &Path) -> Result<(), OpenError> {
    let needed = size(file)?.saturating_mul(2).saturating_add(ROOM_BESIDES);
    let free = fs4::available_space(file.parent().unwrap_or(Path::new("."))).map_err(io_error)?;
    if free < needed { Err(OpenError::NoRoom { needed, free }) } else { Ok(()) }
}

async fn migrate_copy(copy: &Path, key: &Key) -> Result<(), OpenError> {
    let writer = writer(copy, key).await?;
    let tried = async {
        run(&writer).await?;
        let faults: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&writer).await.map_err(open_error)?;
        let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&writer).await.map_err(open_error)?;
        if faults.iter().all(|fault| fault == "ok") && orphans.is_empty() {
            Ok(())
        } else {
            tracing::error!(faults = faults.len(), orphans = orphans.len(), "the new form is not sound");
            Err(OpenError::NotUpgraded(Box::new(Error::Damaged)))
        }
    }
    .await;
    writer.close().await;
    tried
}

/// Removes what a program that was killed while it tried has left.
pub(crate) fn remove_trial(file: &Path) -> Result<(), OpenError> {
    remove_database(&file.with_file_name(TRIAL))
}

fn migrate_error(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(_)
        | MigrateError::VersionMismatch(_)
        | MigrateError::VersionTooNew(..) => OpenError::OtherVersion,
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => open_error(error),
        other => OpenError::Database(sqlx::Error::Migrate(Box::new(other))),
    }
}
