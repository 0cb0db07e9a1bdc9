//! Looking at a vault without opening it: nothing is made, moved, migrated or checkpointed, and the folder is not taken.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use crate::{
    Engine, Error, Keyring, OpenError, Vault,
    database::{CHECKED_IN_FULL, check_file, size},
    key::{Key, Stored},
    place::KeyFileError,
    rekey,
    rescue::SetAside,
    stored::number,
    vault::{Files, io_error},
};

/// What was found in a folder that nobody has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What the database engine says it is.
    pub engine: Engine,
    /// The database.
    pub state: FileState,
}

/// How a database was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// There is none: the first start makes it.
    None,
    /// Its key fits, its pages are sound, and this version of the program knows its form.
    Sound {
        /// The length of the file.
        bytes: u64,
    },
    /// Its key fits. The last program ended without warning, and the next start puts it right; until then the pages
    /// cannot be judged.
    Unclean,
}

impl Vault {
    /// Looks at the vault of a folder that this program does not have open. A program that opens it meanwhile is not kept
    /// from it: then this is [`OpenError::InUse`].
    pub async fn examine(folder: &Path, keyring: &Keyring) -> Result<Examined, OpenError> {
        let engine = Engine::probe().await?;
        let files = Files { folder: folder.to_owned() };
        if is_taken(&files)? {
            return Err(OpenError::InUse);
        }
        let state = look(&files, keyring).await;
        // What was read while another program wrote says nothing.
        if is_taken(&files)? {
            return Err(OpenError::InUse);
        }
        Ok(Examined { engine, state: state? })
    }

    /// Whether the open database can be read, with what this program has of it. Of a long file that is what the till alone
    /// has: the rest takes minutes, and is looked at in the background ([`Vault::check_in_background`]).
    pub async fn check(&self) -> Result<(), Error> {
        let bytes: i64 =
            sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                .fetch_one(self.database.read())
                .await?;
        let mut looks = vec!["PRAGMA quick_check(1)"];
        if CHECKED_IN_FULL < number(bytes)? {
            looks = vec![
                "PRAGMA quick_check(queued_edit)",
                "PRAGMA quick_check(queued_withdrawal)",
                "PRAGMA quick_check(queued_visit)",
                "PRAGMA quick_check(new_customer)",
                "PRAGMA quick_check(associate)",
            ];
        }
        for look in looks {
            let faults: Vec<String> = sqlx::query_scalar(look).fetch_all(self.database.read()).await?;
            if faults.iter().any(|fault| fault != "ok") {
                return Err(Error::Damaged);
            }
        }
        Ok(())
    }
}

async fn look(files: &Files, keyring: &Keyring) -> Result<FileState, OpenError> {
    if SetAside::unfinished(files)?.is_some() || rekey::is_unfinished(files) {
        return Ok(FileState::Unclean);
    }
    let file = files.database();
    let bytes = size(&file)?;
    if bytes == 0 {
        return Ok(FileState::None);
    }
    let key = match Key::stored(keyring).await? {
        Stored::Key(key) => key,
        Stored::Nothing if keyring.place.is_its_own() => return Err(KeyFileError::Missing.into()),
        Stored::Nothing | Stored::NoKey => return Err(OpenError::WrongKey),
    };
    if key.fits(&files.fingerprint()).map_err(io_error)? == Some(false) {
        return Err(OpenError::WrongKey);
    }
    if size(&file.with_extension("db-wal"))? > 0 {
        return Ok(FileState::Unclean);
    }
    check_file(&file, &key).await?;
    Ok(FileState::Sound { bytes })
}

/// Whether a program has the folder, without taking it for longer than the question.
fn is_taken(files: &Files) -> Result<bool, OpenError> {
    let lock = match File::open(files.lock()) {
        Ok(lock) => lock,
        Err(_) if fs::symlink_metadata(files.lock()).is_err() => return Ok(false),
        Err(error) => return Err(io_error(error)),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(io_error(error)),
    }
}
