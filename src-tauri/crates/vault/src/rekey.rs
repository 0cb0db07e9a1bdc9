//! A new key for the database, in a way that `kill -9` and a power cut at any point survive:
//! 1. the new key is put beside the one in use, and a marker file says what is going on;
//! 2. a copy of the database is encrypted with the new key, and all of it is read with that;
//! 3. the copy takes the place of the database, by one rename;
//! 4. the new key, which has opened the database, takes the place of the old one; the marker goes.
//!
//! Whoever finds the marker tries which of the two keys opens the database, and finishes or gives up.

use std::{fs, io, path::PathBuf};

use chrono::{DateTime, Utc};

use crate::{
    AuditAct, Engine, Error, Keyring, OpenError, Vault, Why, audit, database,
    key::{Key, Stored},
    migration::ensure_room,
    place::KeyFileError,
    vault::{Files, io_error, open_database, remove_database, sync_folder, take_folder, write_whole},
};

impl Vault {
    /// Opens the vault of a folder with a new key, under which all of the file was encrypted anew. Needs room for a copy.
    /// Copies made before, and what was set aside, keep their old key; for the latter it stays where it is.
    pub async fn rekey(
        folder: &std::path::Path,
        keyring: &Keyring,
        by: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Vault, OpenError> {
        if keyring.place.is_read_only() {
            return Err(KeyFileError::Given.into());
        }
        let engine = Engine::probe().await?;
        let (files, lock) = take_folder(folder)?;
        finish(&files, keyring).await?;
        // Once as it is, so that it is in the form of this version and its log is empty.
        let vault = open_database(&files, keyring, engine.clone(), lock).await?;
        let noted = note(&vault, by, now).await;
        let lock = vault.close_and_keep_folder().await;
        noted.map_err(|error| match error {
            Error::DiskFull => OpenError::DiskFull,
            Error::Database(error) => OpenError::Database(error),
            _ => OpenError::Damaged,
        })?;
        let Some(lock) = lock else { return Err(OpenError::InUse) };
        let Stored::Key(old) = Key::stored(keyring).await? else { return Err(OpenError::WrongKey) };

        let next = Key::make_next(keyring).await?;
        write_whole(&marker(&files), "").map_err(io_error)?;
        let (file, copy) = (files.database(), copy(&files));
        remove_database(&copy)?;
        ensure_room(&file)?;
        fs::copy(&file, &copy).map_err(io_error)?;
        database::encrypt_anew(&copy, &old, &next).await?;
        fs::File::open(&copy).and_then(|copy| copy.sync_all()).map_err(io_error)?;
        fs::rename(&copy, &file).map_err(io_error)?;
        sync_folder(&file).map_err(io_error)?;
        finish(&files, keyring).await?;
        open_database(&files, keyring, engine, lock).await
    }
}

async fn note(vault: &Vault, by: Option<&str>, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = vault.database.write().await?;
    audit::write_command(&mut tx, None, (AuditAct::Rekeyed, Why::Maintenance), by, now).await?;
    tx.commit().await?;
    vault.database.checkpoint().await
}

/// Whether a change of the key was begun and not finished.
pub(crate) fn is_unfinished(files: &Files) -> bool {
    marker(files).exists()
}

/// Finishes a change of the key, or gives it up where the database still has the old one. Nothing where none was begun.
pub(crate) async fn finish(files: &Files, keyring: &Keyring) -> Result<(), OpenError> {
    if !is_unfinished(files) {
        return Ok(());
    }
    if let Stored::Key(next) = Key::next(keyring).await?
        && database::is_opened_by(&files.database(), &next).await?
    {
        write_whole(&files.fingerprint(), &next.fingerprint()).map_err(io_error)?;
        next.use_from_now_on(keyring).await?;
    }
    Key::remove_next(keyring).await?;
    remove_database(&copy(files))?;
    match fs::remove_file(marker(files)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(error)),
        _ => Ok(()),
    }
}

fn marker(files: &Files) -> PathBuf {
    files.folder.join("vault.rekeying")
}

fn copy(files: &Files) -> PathBuf {
    files.folder.join("vault-rekeyed.db")
}
