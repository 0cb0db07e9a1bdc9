//! One program for each data folder: the lock of the operating system on a file in it, which also ends with a crash.

use std::{
    fs::{File, TryLockError, create_dir_all},
    io,
    path::Path,
};

/// The data folder is this program's for as long as this lives.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Another program has it.
    #[error(
        "Countersign is already running with the data folder {0}; use its window, or give another folder with --data."
    )]
    Taken(String),
    /// It cannot be made or written.
    #[error("The data folder {0} cannot be used ({1}); give one that can be written with --data.")]
    Unusable(String, io::ErrorKind),
}

impl Instance {
    /// Takes the data folder, making it where it is missing.
    ///
    /// # Errors
    /// When another program has it, or it cannot be written.
    pub fn take(data: &Path) -> Result<Self, InstanceError> {
        let unusable = |error: &io::Error| InstanceError::Unusable(data.display().to_string(), error.kind());
        create_dir_all(data).map_err(|error| unusable(&error))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(data.join("countersign.lock"))
            .map_err(|error| unusable(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(InstanceError::Taken(data.display().to_string())),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_program_is_turned_away_until_the_first_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let first = Instance::take(folder.path()).unwrap();
        let second = Instance::take(folder.path()).unwrap_err();
        assert!(second.to_string().contains("already running"), "{second}");
        drop(first);
        Instance::take(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Instance::take(&file.join("below")).unwrap_err();
        assert!(error.to_string().contains("below"), "{error}");
    }
}
