//! What waits, once more: each edit, visit and withdrawal, and whoever is new, in a small file of its own, sealed to the centre's public key. A
//! till that has lost the key of its database cannot read what waits in it, but it can hand these files over, unread.
//!
//! A file is on the disk before what is in it is said to be saved, and goes once that has left the queue. A file too many
//! does no harm: the centre knows by its idempotency key what it has had before. One too few is written at the next start.
//! Where the centre has no key to seal to there are no files.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use sealing::{PublicKey, Sealed, Waiting, What};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, OpenError, QueuedCustomer, QueuedEdit, QueuedVisit, QueuedWithdrawal, Vault, new_customers,
    outbox::of_customer,
    vault::{io_error, make_folder, sync_folder, write_whole},
    visits, withdrawals,
};

/// What that waits of a customer is sealed to; or of all who left no grant of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealing {
    /// The centre's key.
    pub key: PublicKey,
    /// Says to the centre that this till may hand it over.
    pub grant: String,
}

impl Sealing {
    fn edit(&self, queued: &QueuedEdit) -> Waiting {
        let what = What::Edit { change: queued.edit.clone(), base: queued.base_revision };
        self.waiting(queued.id, what, queued.made_at)
    }

    fn visit(&self, queued: &QueuedVisit) -> Waiting {
        self.waiting(queued.id, What::Visit { at: queued.at }, queued.at)
    }

    /// None where the subject is not one that a till has chosen.
    fn customer(&self, queued: &QueuedCustomer) -> Option<Waiting> {
        let QueuedCustomer { customer, new, somebody_else, .. } = queued;
        let what = What::Customer { new: Box::new(new.clone()), somebody_else: somebody_else.clone() };
        Some(self.waiting(customer.subject.parse().ok()?, what, new.at))
    }

    fn withdrawal(&self, queued: &QueuedWithdrawal) -> Waiting {
        self.waiting(queued.id, What::Withdrawal { act: queued.act.clone() }, queued.at)
    }

    fn waiting(&self, id: Uuid, what: What, made_at: DateTime<Utc>) -> Waiting {
        Waiting { id, grant: self.grant.clone(), what, made_at }
    }
}

/// The folders of the files, each of which is named after what is in it.
#[derive(Clone, Debug)]
pub(crate) struct SealedFiles {
    /// Of the queue.
    queue: PathBuf,
    /// Of a queue that could not be read any more: to be handed over.
    left: PathBuf,
    /// What the centre could not read either: for store IT.
    unread: PathBuf,
}

impl SealedFiles {
    /// Below the folder of a vault.
    pub(crate) fn below(folder: &Path) -> Self {
        let [queue, left, unread] = ["sealed", "sealed-left", "sealed-unread"].map(|name| folder.join(name));
        Self { queue, left, unread }
    }

    /// Makes the folders. Their names are on the disk before anything is in them.
    fn make(&self) -> io::Result<()> {
        for folder in [&self.queue, &self.left, &self.unread] {
            make_folder(folder)?;
        }
        sync_folder(&self.queue)
    }

    fn write(&self, sealing: &Sealing, waiting: &Waiting) -> Result<(), Error> {
        let sealed = serde_json::to_string(&Sealed::seal(&sealing.key, waiting)?)?;
        write_whole(&self.queue.join(waiting.id.to_string()), &sealed).map_err(|error| not_written(&error))
    }

    /// Sets aside what belongs to a database that cannot be read.
    pub(crate) fn leave(&self) -> Result<(), OpenError> {
        if !self.queue.exists() {
            return Ok(());
        }
        self.make().map_err(io_error)?;
        for (id, _) in ids(&self.queue).map_err(io_error)? {
            move_to(&self.left, id, &self.queue).map_err(io_error)?;
        }
        Ok(())
    }
}

/// The files that are named after what is in them.
fn ids(folder: &Path) -> io::Result<Vec<(Uuid, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        found.extend(id.map(|id| (id, entry.path())));
    }
    Ok(found)
}

/// Whatever the reason, what waits would not be as safe as it is said to be.
fn not_written(error: &io::Error) -> Error {
    tracing::error!(%error, "what waits cannot be sealed");
    Error::DiskFull
}

fn move_to(folder: &Path, id: Uuid, from: &Path) -> io::Result<()> {
    let there = folder.join(id.to_string());
    fs::rename(from.join(id.to_string()), &there)?;
    sync_folder(&there)
}

impl Vault {
    /// From now on what waits of a customer is sealed to this, also what waits already.
    pub async fn seal_with(&self, customer: Uuid, sealing: &Sealing) -> Result<(), Error> {
        // Not a key that would let no edit be saved any more.
        sealing.key.check()?;
        self.sealed.make().map_err(|error| not_written(&error))?;
        let stored = serde_json::to_string(sealing)?;
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE customer SET sealing = ? WHERE id = ?", stored, customer)
            .execute(&mut *tx)
            .await?;
        for waiting in of(&mut tx, customer, sealing).await? {
            self.sealed.write(sealing, &waiting)?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// From now on what waits of customers of an issuer who left no grant of their own is sealed to this, also what waits
    /// already.
    pub async fn seal_all_with(&self, issuer: &str, sealing: &Sealing) -> Result<(), Error> {
        sealing.key.check()?;
        let stored = serde_json::to_string(sealing)?;
        let mut tx = self.database.write().await?;
        sqlx::query!(
            "INSERT INTO till_sealing (issuer, sealing) VALUES (?1, ?2)
             ON CONFLICT (issuer) DO UPDATE SET sealing = ?2",
            issuer,
            stored
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        self.make_good_sealed().await
    }

    /// Seals all that waits of a customer: of somebody new, in the transaction that changes what the centre is asked.
    pub(crate) async fn seal_all_of(&self, tx: &mut SqliteConnection, customer: Uuid) -> Result<(), Error> {
        let Some(sealing) = sealing_of(tx, customer).await? else { return Ok(()) };
        for waiting in of(tx, customer, &sealing).await? {
            self.write_sealed(&sealing, &waiting)?;
        }
        Ok(())
    }

    /// Seals a visit, where there is something to seal it to. Called in the transaction that writes it.
    pub(crate) async fn seal_visit(
        &self,
        tx: &mut SqliteConnection,
        queued: &QueuedVisit,
    ) -> Result<(), Error> {
        self.seal(tx, queued.customer_id, |sealing| sealing.visit(queued)).await
    }

    /// The same of an edit.
    pub(crate) async fn seal_edit(
        &self,
        tx: &mut SqliteConnection,
        queued: &QueuedEdit,
    ) -> Result<(), Error> {
        self.seal(tx, queued.customer_id, |sealing| sealing.edit(queued)).await
    }

    /// The same of a withdrawal.
    pub(crate) async fn seal_withdrawal(
        &self,
        tx: &mut SqliteConnection,
        queued: &QueuedWithdrawal,
    ) -> Result<(), Error> {
        self.seal(tx, queued.customer_id, |sealing| sealing.withdrawal(queued)).await
    }

    async fn seal(
        &self,
        tx: &mut SqliteConnection,
        customer: Uuid,
        waiting: impl FnOnce(&Sealing) -> Waiting,
    ) -> Result<(), Error> {
        match sealing_of(tx, customer).await? {
            Some(sealing) => self.write_sealed(&sealing, &waiting(&sealing)),
            None => Ok(()),
        }
    }

    fn write_sealed(&self, sealing: &Sealing, waiting: &Waiting) -> Result<(), Error> {
        self.sealed.make().map_err(|error| not_written(&error))?;
        self.sealed.write(sealing, waiting)
    }

    /// Writes the files that are missing, and removes those too many.
    pub(crate) async fn make_good_sealed(&self) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let customers = sqlx::query_scalar!(
            r#"SELECT id AS "id: Uuid" FROM customer
               WHERE (sealing IS NOT NULL OR issuer IN (SELECT issuer FROM till_sealing)) AND (
                   id IN (SELECT customer_id FROM new_customer)
                   OR id IN (SELECT customer_id FROM queued_edit)
                   OR id IN (SELECT customer_id FROM queued_visit)
                   OR id IN (SELECT customer_id FROM queued_withdrawal))"#
        )
        .fetch_all(&mut *tx)
        .await?;
        if !customers.is_empty() {
            self.sealed.make().map_err(|error| not_written(&error))?;
        }
        for customer in customers {
            let Some(sealing) = sealing_of(&mut tx, customer).await? else { continue };
            for waiting in of(&mut tx, customer, &sealing).await? {
                if !self.sealed.queue.join(waiting.id.to_string()).exists() {
                    self.sealed.write(&sealing, &waiting)?;
                }
            }
        }
        drop(tx);
        self.remove_unsealed().await
    }

    /// Removes the files of what has left the queue, and takes back those of what could be read after all. What cannot be
    /// done now is done the next time.
    pub(crate) async fn remove_unsealed(&self) -> Result<(), Error> {
        let SealedFiles { queue, left, .. } = &self.sealed;
        let nothing = |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        if !queue.exists() {
            return Ok(());
        }
        if nothing(queue) && nothing(left) {
            return Ok(());
        }
        // Held to the end: what is being written has its file before its row.
        let mut tx = self.database.write().await?;
        let queued = sqlx::query_scalar!(
            r#"SELECT id AS "id!: Uuid" FROM queued_edit UNION ALL SELECT id FROM queued_visit
               UNION ALL SELECT id FROM queued_withdrawal"#
        )
        .fetch_all(&mut *tx)
        .await?;
        let new = sqlx::query_scalar!("SELECT subject FROM new_customer").fetch_all(&mut *tx).await?;
        let new = new.iter().filter_map(|subject| subject.parse().ok());
        let queued: HashSet<Uuid> = queued.into_iter().chain(new).collect();
        for entry in fs::read_dir(queue).into_iter().flatten().flatten() {
            // One that was half written when the power went is no longer being written now.
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if id.is_none_or(|id| !queued.contains(&id)) {
                remove(&entry.path());
            }
        }
        for (id, _) in ids(left).unwrap_or_default().into_iter().filter(|(id, _)| queued.contains(id)) {
            if let Err(error) = move_to(queue, id, left) {
                tracing::warn!(%error, "a sealed file is not back where it was");
            }
        }
        Ok(())
    }

    /// What is left of a queue that could not be read, for the centre, oldest first.
    pub fn to_hand_over(&self) -> Vec<(Uuid, Sealed)> {
        let mut left = ids(&self.sealed.left).unwrap_or_default();
        left.sort_by_key(|(_, file)| fs::metadata(file).and_then(|file| file.modified()).ok());
        let mut found = Vec::new();
        for (id, file) in left {
            let Ok(text) = fs::read_to_string(file) else { continue };
            match serde_json::from_str(&text) {
                Ok(sealed) => found.push((id, sealed)),
                Err(_) => self.keep_unread(id),
            }
        }
        found
    }

    /// The centre has one of them.
    pub fn handed_over(&self, id: Uuid) {
        remove(&self.sealed.left.join(id.to_string()));
    }

    /// How many things the centre could not read that a till, which need not be open, has in its folder.
    pub fn sealed_unread(folder: &Path) -> usize {
        ids(&SealedFiles::below(folder).unread).map_or(0, |found| found.len())
    }

    /// The centre could not read one of them: it is kept for store IT, and not handed over again.
    pub fn keep_unread(&self, id: Uuid) {
        if let Err(error) = move_to(&self.sealed.unread, id, &self.sealed.left) {
            tracing::warn!(%error, "a sealed file that nobody can read is handed over again later");
        }
    }
}

/// All that waits of a customer and can be read.
async fn of(tx: &mut SqliteConnection, customer: Uuid, sealing: &Sealing) -> Result<Vec<Waiting>, Error> {
    let new = new_customers::queued(tx, customer).await?;
    let edits = of_customer(tx, customer).await?;
    let withdrawals = withdrawals::of_customer(tx, customer).await?;
    let visits = visits::of_customer(tx, customer).await?;
    let edits = edits.iter().map(|queued| sealing.edit(queued));
    let visits = visits.iter().map(|queued| sealing.visit(queued));
    let withdrawals = withdrawals.iter().map(|queued| sealing.withdrawal(queued));
    let new = new.iter().filter_map(|queued| sealing.customer(queued));
    Ok(new.chain(edits).chain(visits).chain(withdrawals).collect())
}

async fn sealing_of(tx: &mut SqliteConnection, customer: Uuid) -> Result<Option<Sealing>, Error> {
    let row = sqlx::query!(
        r#"SELECT u.subject, u.sealing, t.sealing AS "by_till?"
           FROM customer u LEFT JOIN till_sealing t ON t.issuer = u.issuer
           WHERE u.id = ?"#,
        customer
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if let Some(own) = row.sealing {
        return Ok(Some(serde_json::from_str(&own)?));
    }
    let Some(by_till) = row.by_till else { return Ok(None) };
    let Sealing { key, grant } = serde_json::from_str(&by_till)?;
    Ok(Some(Sealing { key, grant: format!("{grant}/{}", row.subject) }))
}

fn remove(file: &Path) {
    if let Err(error) = fs::remove_file(file)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a sealed file is still there and will be removed later");
    }
}
