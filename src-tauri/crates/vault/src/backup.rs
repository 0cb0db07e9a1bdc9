//! A copy of the database in one file: consistent, compact, and encrypted with the same key. It is worth nothing without
//! that key, which stays where it is.

use std::path::Path;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    AuditAct, Error, Vault, Why, audit,
    database::check_file,
    key::{Key, Stored},
    vault::{private, sync_folder},
};

impl Vault {
    /// Copies the database into a file that must not be there yet; only this user may read it. Answers how long it is.
    /// The copy was opened with the key of this vault and its pages were looked at when this has answered. The trail says
    /// so in both, with a label that tells the copy from others.
    ///
    /// # Errors
    /// [`Error::File`] where the file is there or cannot be written; [`Error::NoBackup`] where the copy is not sound: then
    /// it is left for whoever wants to look at it.
    pub async fn backup(&self, file: &Path, by: Option<&str>, now: DateTime<Utc>) -> Result<u64, Error> {
        private().create_new(true).open(file).map_err(Error::File)?;
        let mut tx = self.database.write().await?;
        let by = format!("{} as {}", by.unwrap_or("nobody"), Uuid::new_v4());
        let what = (AuditAct::BackedUp, Why::Maintenance);
        audit::write_command(&mut tx, None, what, Some(&by), now).await?;
        tx.commit().await?;
        self.database.copy_into(file).await?;
        std::fs::File::open(file).and_then(|copy| copy.sync_all()).map_err(Error::File)?;
        sync_folder(file).map_err(Error::File)?;
        let Ok(Stored::Key(key)) = Key::stored(&self.keyring).await else { return Err(Error::NoBackup) };
        check_file(file, &key).await.map_err(|_| Error::NoBackup)?;
        Ok(std::fs::metadata(file).map_err(Error::File)?.len())
    }
}
