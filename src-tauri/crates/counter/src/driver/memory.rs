//! The memory of the till: opened in the background, closed at the end, read and written in between.

use std::{
    collections::{BTreeSet, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex, atomic::Ordering},
};

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use uuid::Uuid;
use vault::{AuditLine, Keyring, KeyringError, OpenError, RememberedRow, Revocable, Unsent, Vault};

use super::{Shared, lock, session::Session, staff::Book};
use crate::{
    machine::{Event, OpenedMemory, ToRemember},
    state::{AttemptId, Memory, Queue, Remembered, Rescued},
};

/// So many customers last seen are listed.
const RECENT: u32 = 12;
/// So many audit lines wait for a memory that is closed.
const MOST_UNWRITTEN: usize = 1000;

/// Where the memory is, open or not.
pub(crate) struct Store {
    folder: PathBuf,
    keyring: Keyring,
    vault: Mutex<Option<Vault>>,
    /// One opening at a time.
    opening: tokio::sync::Mutex<()>,
    /// Lines of the audit trail that the memory does not have yet, in their order.
    unwritten: Mutex<VecDeque<(AuditLine, DateTime<Utc>)>>,
    /// They are written by one at a time.
    writing: tokio::sync::Mutex<()>,
    pub(crate) book: Book,
}

impl Store {
    pub(crate) fn new(folder: PathBuf, keyring: Keyring) -> Self {
        Self {
            folder,
            keyring,
            vault: Mutex::new(None),
            opening: tokio::sync::Mutex::default(),
            unwritten: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            book: Book::default(),
        }
    }

    /// The open memory.
    pub(crate) fn vault(&self) -> Option<Vault> {
        lock(&self.vault).clone()
    }

    pub(crate) async fn close(&self) {
        let waiting = lock(&self.unwritten).len();
        if waiting > 0 {
            tracing::error!(waiting, "audit lines are in no memory yet");
        }
        let vault = lock(&self.vault).take();
        if let Some(vault) = vault {
            vault.close().await;
        }
    }
}

impl Shared {
    pub(crate) fn open_memory(self: &Arc<Self>) {
        self.open_with(false);
    }

    pub(crate) fn start_anew(self: &Arc<Self>) {
        self.open_with(true);
    }

    fn open_with(self: &Arc<Self>, anew: bool) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let _one_at_a_time = shared.store.opening.lock().await;
            shared.store.close().await;
            shared.own.seals.store(false, Ordering::Relaxed);
            let event = match shared.opened(anew).await {
                Ok(opened) => {
                    shared.check_memory();
                    Event::MemoryOpened(Box::new(opened))
                }
                Err(why) => Event::MemoryFailed(why),
            };
            shared.tell(event);
        });
    }

    async fn opened(&self, anew: bool) -> Result<OpenedMemory, Memory> {
        let (folder, keyring, now) = (&self.store.folder, &self.store.keyring, self.now());
        let opened = if anew {
            Vault::start_anew(folder, keyring, now).await.map(|(vault, rescued)| {
                let (edits, complete) = (rescued.edits, rescued.complete);
                tracing::warn!(edits, complete, "the memory was started anew");
                (vault, Some(Rescued { edits, complete }))
            })
        } else {
            Vault::open(folder, keyring).await.map(|vault| (vault, None))
        };
        let (vault, rescued) = opened.map_err(|error| {
            tracing::warn!(%error, "the memory could not be opened");
            why_not(&error)
        })?;
        let read = async { Ok((read(&vault, now).await?, self.known_associates(&vault).await?)) };
        let opened = match read.await {
            Ok((opened, associates)) => {
                let queue = self.queue(&vault).await.unwrap_or_default();
                OpenedMemory { associates, queue, rescued, ..opened }
            }
            Err(error) => {
                tracing::warn!(%error, "the memory could not be read");
                vault.close().await;
                return Err(fault(&error).unwrap_or(Memory::Unusable));
            }
        };
        if !opened.associates.is_empty() {
            self.store.book.clear();
        }
        *lock(&self.store.vault) = Some(vault);
        self.write_lines().await;
        Ok(opened)
    }

    /// Looks at all of the memory while the till works. It ends with the memory.
    fn check_memory(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let Some(vault) = shared.store.vault() else { return };
            match vault.check_in_background().await {
                Ok(()) | Err(vault::Error::Interrupted) => {}
                Err(error) => {
                    tracing::warn!(%error, "the memory is not sound, or could not be looked at");
                    shared.report(&error);
                }
            }
        });
    }

    /// Writes an audit line after those before it, or keeps it until the memory takes it.
    pub(crate) fn audit(self: &Arc<Self>, line: AuditLine) {
        {
            let mut unwritten = lock(&self.store.unwritten);
            if unwritten.len() < MOST_UNWRITTEN {
                unwritten.push_back((line, self.now()));
            } else {
                tracing::error!("an audit line is lost: too many wait for the memory");
            }
        }
        let shared = Arc::clone(self);
        self.spawn_work(async move { shared.write_lines().await });
    }

    /// What the memory does not take now is tried again with the next line, and when it is opened.
    async fn write_lines(&self) {
        let _one_at_a_time = self.store.writing.lock().await;
        let Some(vault) = self.store.vault() else { return };
        loop {
            let Some((line, at)) = lock(&self.store.unwritten).front().cloned() else { return };
            if let Err(error) = vault.audit(line, at).await {
                tracing::error!(%error, "an audit line could not be written");
                return self.report(&error);
            }
            lock(&self.store.unwritten).pop_front();
        }
    }

    pub(crate) fn purge(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            match vault.purge_expired(shared.now()).await {
                Ok(0) => return,
                Ok(removed) => tracing::info!(removed, "copies whose date was over are removed"),
                Err(error) => {
                    tracing::warn!(%error, "something of copies whose date is over may still be there");
                    shared.report(&error);
                }
            }
            shared.tell_recent(&vault).await;
        });
    }

    pub(crate) fn read_recent(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            if let Some(vault) = shared.store.vault() {
                shared.tell_recent(&vault).await;
            }
        });
    }

    async fn tell_recent(&self, vault: &Vault) {
        match vault.recent(RECENT, self.now()).await {
            Ok(rows) => self.tell(Event::Recent(rows.into_iter().map(listed).collect())),
            Err(error) => tracing::warn!(%error, "the customers last seen could not be read"),
        }
    }

    pub(crate) fn read_copy(self: &Arc<Self>, attempt: AttemptId, id: Uuid) {
        let (shared, session) = (Arc::clone(self), self.session(attempt));
        self.spawn_for(&Arc::clone(&session), async move {
            let Some(vault) = shared.store.vault() else {
                return shared.tell(Event::CopyNotRead { attempt });
            };
            match vault.open_customer(id).await {
                Ok(copy) => {
                    if let Some(copy) = &copy {
                        {
                            let mut secrets = lock(&session.secrets);
                            secrets.remembered = Some(id);
                            secrets.subject = Some(copy.customer.subject.clone());
                        }
                        if let Err(error) = vault.seen(id, shared.now()).await {
                            tracing::warn!(%error, "a visit is not noted");
                        }
                    }
                    shared.tell(Event::CopyRead { attempt, copy: copy.map(Box::new) });
                }
                Err(error) => {
                    tracing::warn!(%error, "a copy could not be read");
                    shared.report(&error);
                    shared.tell(Event::CopyNotRead { attempt });
                }
            }
        });
    }

    /// Keeps a customer; whoever leaves a refresh token leaves it to the keyring.
    pub(crate) fn remember(self: &Arc<Self>, attempt: AttemptId, copy: Box<ToRemember>) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let (shared, job) = (Arc::clone(self), Arc::clone(&session));
        session.then(async move {
            let id = shared.written(&copy).await;
            if let (Some(id), Some(vault)) = (id, shared.store.vault()) {
                let tokens = {
                    let mut secrets = lock(&job.secrets);
                    secrets.remembered = Some(id);
                    secrets.tokens.clone()
                };
                if let Some(tokens) = tokens {
                    let left = shared.take_over(&vault, id, tokens).await;
                    lock(&job.secrets).tokens = left;
                }
                shared.seal_for(&job, &vault, id);
            }
            shared.tell(Event::Remembered { attempt, id });
        });
    }

    /// Removes a customer who was remembered. What waits of theirs in the queue is sent with the token of this visit, and
    /// the refresh token they had left is revoked.
    pub(crate) fn forget(self: &Arc<Self>, attempt: AttemptId, customer: CustomerKey) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let (shared, job) = (Arc::clone(self), Arc::clone(&session));
        session.then(async move {
            let Some(vault) = shared.store.vault() else { return };
            match shared.forgotten(&vault, &job, &customer).await {
                Ok(Some((id, unsent))) => shared.tell(Event::Forgotten { id, unsent, tell: false }),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a customer could not be forgotten");
                    shared.report(&error);
                }
            }
        });
    }

    async fn forgotten(
        self: &Arc<Self>,
        vault: &Vault,
        session: &Session,
        customer: &CustomerKey,
    ) -> Result<Option<(Uuid, u32)>, vault::Error> {
        let Some(id) = vault.find(customer).await? else { return Ok(None) };
        let left = vault.refresh_token(id).await.ok().flatten();
        let tokens = {
            let mut secrets = lock(&session.secrets);
            secrets.remembered = Some(id);
            secrets.tokens.clone()
        };
        if let Some(tokens) = tokens {
            self.lend(id, &tokens).await;
        }
        let unsent = vault.forget(id, Unsent::Keep, self.now()).await?;
        if let Some(left) = left {
            self.revoke_later(Revocable { refresh_token: Some(left), access_token: None });
        }
        Ok(Some((id, unsent)))
    }

    /// Removes a customer who took back what they agreed to. The centre is told with the token of this visit, or with the
    /// refresh token that they had left: that one is revoked afterwards.
    pub(crate) fn take_back(self: &Arc<Self>, attempt: AttemptId, id: Uuid, act: Uuid, who: Option<Uuid>) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let (shared, job) = (Arc::clone(self), Arc::clone(&session));
        session.then(async move {
            let Some(vault) = shared.store.vault() else { return shared.tell(Event::NotForgotten) };
            let tokens = lock(&job.secrets).tokens.clone();
            if let Some(tokens) = tokens {
                shared.lend(id, &tokens).await;
            }
            match vault.take_back(id, act, who, shared.now()).await {
                Ok(()) => shared.tell(Event::Forgotten { id, unsent: 0, tell: true }),
                Err(error) => {
                    tracing::error!(%error, "a customer could not be forgotten");
                    shared.report(&error);
                    shared.tell(Event::NotForgotten);
                }
            }
        });
    }

    async fn written(&self, copy: &ToRemember) -> Option<Uuid> {
        let vault = self.store.vault()?;
        let ToRemember { customer, profile, activity, older, remember } = copy;
        match vault
            .remember(customer, profile, activity, older.as_deref(), remember.clone(), self.now())
            .await
        {
            Ok(id) => Some(id),
            Err(error) => {
                tracing::warn!(%error, "a customer could not be remembered");
                self.report(&error);
                None
            }
        }
    }

    /// Tells the machine where an error means that the memory is of no use any more.
    pub(crate) fn report(&self, error: &vault::Error) {
        if let Some(why) = fault(error) {
            self.tell(Event::MemoryFailed(why));
        }
    }

    /// The queue in numbers.
    pub(crate) async fn queue(&self, vault: &Vault) -> Option<Queue> {
        let mut count = self.counting.lock().await;
        match vault.queue().await {
            Ok(summary) => {
                *count += 1;
                Some(queue_of(&summary, *count))
            }
            Err(error) => {
                tracing::warn!(%error, "the queue could not be counted");
                None
            }
        }
    }
}

async fn read(vault: &Vault, now: DateTime<Utc>) -> Result<OpenedMemory, vault::Error> {
    let recent = vault.recent(RECENT, now).await?;
    let waiting = vault.customers_waiting().await?;
    let withdrawn = vault.customers_with_withdrawals().await?;
    Ok(OpenedMemory {
        recent: recent.into_iter().map(listed).collect(),
        waiting: waiting.into_iter().chain(withdrawn).collect(),
        ..OpenedMemory::default()
    })
}

/// Who must sign in again the machine knows.
fn queue_of(summary: &vault::QueueSummary, count: u64) -> Queue {
    let vault::QueueSummary { waiting, refused, oldest } = *summary;
    Queue { count, waiting, refused, oldest, need_sign_in: BTreeSet::new() }
}

pub(crate) fn listed(row: RememberedRow) -> Remembered {
    let RememberedRow { id, name, hint, copied_at, last_seen, waiting, refused } = row;
    Remembered { id, name, hint, copied_at, last_seen, waiting, refused }
}

fn fault(error: &vault::Error) -> Option<Memory> {
    match error {
        vault::Error::DiskFull => Some(Memory::DiskFull),
        vault::Error::Damaged => Some(Memory::Damaged),
        _ => None,
    }
}

fn why_not(error: &OpenError) -> Memory {
    match error {
        OpenError::Keyring(KeyringError::Missing) => Memory::NoKeyring,
        OpenError::Keyring(KeyringError::Locked) => Memory::KeyringLocked,
        OpenError::Keyring(_) => Memory::KeyringSilent,
        OpenError::WrongKey => Memory::WrongKey,
        OpenError::Damaged => Memory::Damaged,
        OpenError::DiskFull | OpenError::NoRoom { .. } => Memory::DiskFull,
        OpenError::OtherVersion => Memory::OtherVersion,
        // The rest cannot be used either, but nothing shows that it is damaged: it is not to be set aside.
        _ => Memory::Unusable,
    }
}
