//! Opening and closing a vault.

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    Engine, Keyring, OpenError, Rescued,
    database::Database,
    key::{Key, Stored},
    pin::Attempts,
    place::KeyFileError,
    rekey,
    rescue::{self, SetAside},
    sealed::SealedFiles,
};

/// The names of the files in the folder.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) folder: PathBuf,
}

impl Files {
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("vault.db")
    }

    pub(crate) fn fingerprint(&self) -> PathBuf {
        self.folder.join("vault.key-check")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.folder.join("vault.lock")
    }

    pub(crate) fn sealed(&self) -> SealedFiles {
        SealedFiles::below(&self.folder)
    }
}

/// The memory of one till. Cheap to clone. The folder is free again when [`Vault::close`] has ended.
#[derive(Clone)]
pub struct Vault {
    pub(crate) database: Arc<Database>,
    pub(crate) keyring: Keyring,
    /// One PIN is checked at a time, so that parallel guesses are counted like others. In it is what a full disk has not
    /// taken: it keeps nobody out, and gives no free guesses.
    pub(crate) pins: Arc<tokio::sync::Mutex<HashMap<Uuid, Attempts>>>,
    /// A refresh token is not removed while a fresh one is being put in its place.
    pub(crate) tokens: Arc<tokio::sync::Mutex<()>>,
    pub(crate) sealed: SealedFiles,
    engine: Arc<Engine>,
    lock: Arc<Mutex<Option<File>>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the vault of a folder. At the first start this makes the folder, the key and the database.
    ///
    /// A key is made only where the keyring says for certain that it has none and there is no database.
    pub async fn open(folder: &Path, keyring: &Keyring) -> Result<Vault, OpenError> {
        let engine = Engine::probe().await?;
        let (files, lock) = take_folder(folder)?;
        rekey::finish(&files, keyring).await?;
        // A vault that was being started anew when the program ended is finished first.
        if let Some(set_aside) = SetAside::unfinished(&files)? {
            return Ok(set_aside_and_open(&files, keyring, engine, lock, set_aside).await?.0);
        }
        open_database(&files, keyring, engine, lock).await
    }

    /// Begins a new database with a new key. The old files stay in the folder, untouched, under a dated name, and
    /// their key stays in the keyring under that name. Edits that can still be read from them go into the new queue.
    pub async fn start_anew(
        folder: &Path,
        keyring: &Keyring,
        now: DateTime<Utc>,
    ) -> Result<(Vault, Rescued), OpenError> {
        let engine = Engine::probe().await?;
        let (files, lock) = take_folder(folder)?;
        rekey::finish(&files, keyring).await?;
        let set_aside = match SetAside::unfinished(&files)? {
            Some(set_aside) => set_aside,
            None => SetAside::begin(&files, keyring, now).await?,
        };
        set_aside_and_open(&files, keyring, engine, lock, set_aside).await
    }

    /// Ends all connections and lets another program have the folder. Every later call fails. A program must wait for
    /// this before it ends: SQLCipher frees its locks then, under the feet of a connection that still closes.
    pub async fn close(&self) {
        self.database.close().await;
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Ends all connections and keeps the folder for this process; none where it was closed before.
    pub(crate) async fn close_and_keep_folder(&self) -> Option<File> {
        self.database.close().await;
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What the database engine says it is.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// Makes the folder where there is none, and takes it for this process.
pub(crate) fn take_folder(folder: &Path) -> Result<(Files, File), OpenError> {
    make_folder(folder).map_err(io_error)?;
    let files = Files { folder: folder.to_owned() };
    let lock =
        File::options().create(true).truncate(false).write(true).open(files.lock()).map_err(io_error)?;
    match lock.try_lock() {
        Ok(()) => Ok((files, lock)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(error)) => Err(io_error(error)),
    }
}

/// On Unix the folder is its user's alone; elsewhere the folder of the user's data is already.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub(crate) async fn open_database(
    files: &Files,
    keyring: &Keyring,
    engine: Engine,
    lock: File,
) -> Result<Vault, OpenError> {
    let (file, fingerprint) = (files.database(), files.fingerprint());
    let exists = fs::metadata(&file).is_ok_and(|metadata| metadata.len() > 0);
    let key = match Key::stored(keyring).await? {
        Stored::Key(key) => key,
        Stored::Nothing if !exists => Key::make(keyring).await?,
        Stored::Nothing if keyring.place.is_its_own() => return Err(KeyFileError::Missing.into()),
        Stored::Nothing | Stored::NoKey => return Err(OpenError::WrongKey),
    };
    if exists && key.fits(&fingerprint).map_err(io_error)? == Some(false) {
        return Err(OpenError::WrongKey);
    }
    if !exists {
        // Before the file, which is made with this key alone.
        write_whole(&fingerprint, &key.fingerprint()).map_err(io_error)?;
    }
    let database = Database::open(&file, &key).await?;
    // Where it was lost: this key has opened the file, so it is the one.
    write_whole(&fingerprint, &key.fingerprint()).map_err(io_error)?;
    let vault = Vault {
        database: Arc::new(database),
        keyring: keyring.clone(),
        pins: Arc::default(),
        tokens: Arc::default(),
        sealed: files.sealed(),
        engine: Arc::new(engine),
        lock: Arc::new(Mutex::new(Some(lock))),
    };
    // What waits is in the database in any case.
    if let Err(error) = vault.make_good_sealed().await {
        tracing::warn!(%error, "not all that waits is sealed to the centre");
    }
    Ok(vault)
}

async fn set_aside_and_open(
    files: &Files,
    keyring: &Keyring,
    engine: Engine,
    lock: File,
    set_aside: SetAside,
) -> Result<(Vault, Rescued), OpenError> {
    let set_aside = set_aside.move_files(files, keyring).await?;
    let vault = open_database(files, keyring, engine, lock).await?;
    match rescue::rescue(files, &vault, &set_aside).await {
        Ok(rescued) => Ok((vault, rescued)),
        Err(error) => {
            vault.close().await;
            Err(error)
        }
    }
}

/// For writing a file that, where this makes it, only this user may read.
pub(crate) fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a small file, for this user alone, so that it is there as a whole or not at all.
pub(crate) fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let half = file.with_extension("half");
    let mut writing = private().create(true).truncate(true).open(&half)?;
    io::Write::write_all(&mut writing, text.as_bytes())?;
    writing.sync_all()?;
    fs::rename(half, file)?;
    sync_folder(file)
}

/// Makes the names in the folder of a file survive a power cut. Elsewhere than on Unix a folder cannot be opened for it.
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        Some(_) | None => Ok(()),
    }
}

/// Removes a database that is a copy, with what lies beside it.
pub(crate) fn remove_database(file: &Path) -> Result<(), OpenError> {
    for file in [file.to_owned(), file.with_extension("db-wal"), file.with_extension("db-shm")] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(error)),
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn io_error(error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::PermissionDenied => OpenError::DiskFull,
        _ => OpenError::Io(error),
    }
}
