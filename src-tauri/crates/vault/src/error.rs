//! What can go wrong with the vault. No variant carries a value out of the database.

use thiserror::Error;

use crate::{
    database::{Fault, fault},
    keyring::KeyringError,
    place::{KeyError, KeyFileError},
};

/// Why a vault could not be opened. Each has its own sentence and next action on the screen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The keyring did not give the key.
    #[error("the key of the database is out of reach: {0}")]
    Keyring(#[from] KeyringError),
    /// The key that store IT gives cannot be used.
    #[error("the key of the database: {0}")]
    KeyFile(#[from] KeyFileError),
    /// There is a database, but its key is gone or the key at hand is another one's.
    #[error("the key at hand is not the key of the database")]
    WrongKey,
    /// The key is right, but the file is damaged.
    #[error("the database is damaged")]
    Damaged,
    /// The disk is full or cannot be written.
    #[error("the disk is full or cannot be written")]
    DiskFull,
    /// Another program has this folder open.
    #[error("another program has the folder open")]
    InUse,
    /// This program was linked with a SQLite that cannot encrypt: nothing is opened.
    #[error("the database engine of this program cannot encrypt")]
    NotEncrypting,
    /// The file was made by a newer version of this program.
    #[error("the database was made by another version of this program")]
    OtherVersion,
    /// The disk has no room for a copy of the database, which is made before anything is done to all of it.
    #[error("a copy of the database needs {needed} free bytes, and the disk has {free}")]
    NoRoom {
        /// Bytes that must be free.
        needed: u64,
        /// Bytes that are.
        free: u64,
    },
    /// The database cannot be brought to this version's form. It is as it was.
    #[error("the database cannot be brought to this version's form and is left as it was")]
    NotUpgraded(#[source] Box<Error>),
    /// Any other failure of the file system.
    #[error("the folder cannot be used")]
    Io(#[source] std::io::Error),
    /// Any other failure of the database.
    #[error("the database cannot be opened")]
    Database(#[source] sqlx::Error),
}

/// Why something could not be done with an open vault.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk is full or cannot be written; nothing was saved.
    #[error("the disk is full or cannot be written; nothing was saved")]
    DiskFull,
    /// A page of the file cannot be read.
    #[error("the database is damaged")]
    Damaged,
    /// Nobody of this id is remembered here.
    #[error("this customer is not remembered here")]
    NotRemembered,
    /// The customer has edits that the centre does not have yet.
    #[error("{0} edits of this customer have not been sent")]
    UnsentEdits(u32),
    /// The agreed date is over already, or the customer has taken it back: nothing may be kept.
    #[error("the customer's agreement to be remembered is over")]
    Expired,
    /// The preference cannot have this value.
    #[error("the preference cannot have this value: {0}")]
    Value(profile::Invalid),
    /// An edit could not be sealed.
    #[error("an edit could not be sealed: {0}")]
    Sealing(#[from] sealing::Error),
    /// A PIN is four to twelve digits.
    #[error("a PIN is four to twelve digits")]
    PinFormat,
    /// So many tokens wait to be ended already that no more are kept.
    #[error("too many tokens wait to be ended")]
    TooManyRevocations,
    /// A token could not be read, kept or removed.
    #[error("the keyring: {0}")]
    Keyring(#[from] KeyringError),
    /// A stored document is not what this version writes.
    #[error("a stored document cannot be read")]
    Document(#[source] serde_json::Error),
    /// A time or a number that the database cannot hold.
    #[error("a value is out of range")]
    OutOfRange,
    /// A long read kept the log from being emptied; ask again.
    #[error("the database is busy")]
    Busy,
    /// The program ends, or a thread of it has; nothing was saved.
    #[error("the work was interrupted; nothing was saved")]
    Interrupted,
    /// A file besides the database is there already, or cannot be written.
    #[error("the file cannot be written")]
    File(#[source] std::io::Error),
    /// A copy of the database was made and is not sound.
    #[error("the copy of the database cannot be opened")]
    NoBackup,
    /// Hashing a PIN failed.
    #[error("a PIN could not be hashed")]
    Hash,
    /// Any other failure of the database.
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
}

impl From<KeyError> for OpenError {
    fn from(error: KeyError) -> OpenError {
        match error {
            KeyError::Keyring(error) => error.into(),
            KeyError::File(error) => error.into(),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match fault(&error) {
            Fault::Disk => Error::DiskFull,
            Fault::Damage => Error::Damaged,
            Fault::Other => Error::Database(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        Error::Document(error)
    }
}
