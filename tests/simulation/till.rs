//! A till: the counter's machine, and the memory that it decides about, in a folder of its own. It can be killed: what is
//! there afterwards is what was in its files at that moment.

use std::{fs, path::Path, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use counter::{
    Input, Machine, Settings,
    machine::{Effect, Event, OpenedMemory, Saved, Sent, ToRemember},
    state::{Associate, Memory, Queue},
};
use profile::{CustomerKey, Profile};
use tempfile::TempDir;
use uuid::Uuid;
use vault::{Arriving, Keyring, QueuedEdit, Refreshed, Vault};

use crate::centre::{ISSUER, beginning};

/// A till as it is at the beginning, made once: the key, and the file with the store's customers in it.
pub(crate) struct Template {
    folder: TempDir,
    keyring: Keyring,
}

impl Template {
    pub(crate) async fn make(customers: Vec<Profile>) -> Self {
        let (folder, keyring) = (tempfile::tempdir().unwrap(), Keyring::in_memory());
        let vault = Vault::open(folder.path(), &keyring).await.unwrap();
        let arriving = customers.into_iter().map(|profile| Arriving {
            customer: key(&profile.subject),
            remember: (beginning() + TimeDelta::days(400)).into(),
            profile,
        });
        vault.remember_many(arriving.collect(), beginning()).await.unwrap();
        vault.close().await;
        Self { folder, keyring }
    }
}

/// One of the tills.
pub(crate) struct Till {
    pub(crate) name: &'static str,
    folder: TempDir,
    keyring: Keyring,
    /// None while it is switched off.
    running: Option<Running>,
    /// How often it was switched on: what was on its way to an earlier life finds nobody.
    pub(crate) life: u32,
    /// How far its clock is off.
    pub(crate) skew: TimeDelta,
    /// Until when nothing comes through to it or from it, since the beginning.
    pub(crate) cut_until: Duration,
    /// Rises with each request: chance goes by it.
    pub(crate) requests: u64,
    counts: u64,
}

struct Running {
    machine: Machine,
    vault: Vault,
}

impl Till {
    pub(crate) fn new(name: &'static str, template: &Template) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(template.folder.path(), folder.path());
        Self {
            name,
            folder,
            keyring: template.keyring.clone(),
            running: None,
            life: 0,
            skew: TimeDelta::zero(),
            cut_until: Duration::ZERO,
            requests: 0,
            counts: 0,
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn machine(&mut self) -> Option<&mut Machine> {
        self.running.as_mut().map(|running| &mut running.machine)
    }

    pub(crate) fn vault(&self) -> Option<&Vault> {
        self.running.as_ref().map(|running| &running.vault)
    }

    /// Switches it on; what is to be told to its machine.
    pub(crate) async fn start(&mut self) -> Vec<Event> {
        let settings = Settings { lock_idle: Duration::from_hours(1000), ..Settings::default() };
        let (machine, first) = Machine::new(settings);
        assert!(matches!(first[..], [Effect::OpenMemory]));
        let vault = Vault::open(self.folder.path(), &self.keyring).await.unwrap();
        self.life += 1;
        let queue = self.counted(&vault).await;
        let waiting = vault.customers_waiting().await.unwrap();
        self.running = Some(Running { machine, vault });
        let robin = Associate { id: Uuid::from_u128(7), name: "Robin".to_owned() };
        vec![
            Event::MemoryOpened(Box::new(OpenedMemory { queue, waiting, ..OpenedMemory::default() })),
            Event::AssociateAdded { associate: Some(robin), kept: true },
        ]
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(Running { vault, .. }) = self.running.take() {
            vault.close().await;
        }
    }

    /// Takes the files as they are, without a word to whoever has them open.
    pub(crate) async fn kill(&mut self) {
        let left = tempfile::tempdir().unwrap();
        copy(self.folder.path(), left.path());
        self.stop().await;
        self.folder = left;
    }

    async fn counted(&mut self, vault: &Vault) -> Queue {
        let summary = vault.queue().await.unwrap();
        self.counts += 1;
        Queue {
            count: self.counts,
            waiting: summary.waiting,
            refused: summary.refused,
            oldest: summary.oldest,
            ..Queue::default()
        }
    }

    /// Notes what became of an edit, and what its machine is to be told.
    pub(crate) async fn noted(
        &mut self,
        customer: Uuid,
        queued: &QueuedEdit,
        answer: Sent,
        now: DateTime<Utc>,
        jitter: f64,
    ) -> Vec<Event> {
        let vault = self.vault().unwrap().clone();
        let mut events = Vec::new();
        match &answer {
            Sent::Accepted(profile) => {
                if vault.mark_sent(queued.id, profile, now).await.unwrap() == Refreshed::Withdrawn {
                    events.push(Event::Forgotten { id: customer, unsent: 0, tell: false });
                }
            }
            Sent::Refused { status, theirs } => {
                vault.mark_refused(queued.id, *status, theirs.as_ref()).await.unwrap();
            }
            Sent::NoAnswer => vault.mark_tried(queued.id).await.unwrap(),
            Sent::NoToken | Sent::MayBeKnown | Sent::Nothing => {}
        }
        events.push(self.answered(customer, Some(queued.id), answer, jitter).await);
        events
    }

    pub(crate) async fn answered(
        &mut self,
        customer: Uuid,
        edit: Option<Uuid>,
        answer: Sent,
        jitter: f64,
    ) -> Event {
        let vault = self.vault().unwrap().clone();
        let more = vault.next_to_send(customer).await.unwrap().is_some();
        let queue = Some(self.counted(&vault).await);
        Event::QueueAnswered { customer, edit, answer, more, queue, jitter }
    }

    /// Carries out what needs no network; what its machine is to be told. None for what does.
    pub(crate) async fn carry_out(&mut self, effect: &Effect, now: DateTime<Utc>) -> Option<Vec<Event>> {
        let vault = self.vault().unwrap().clone();
        Some(match effect {
            Effect::Purge => {
                vault.purge_expired(now).await.unwrap();
                Vec::new()
            }
            Effect::ReadCopy { attempt, id } => {
                let copy = vault.open_customer(*id).await.unwrap();
                if copy.is_some() {
                    vault.seen(*id, now).await.unwrap();
                }
                vec![Event::CopyRead { attempt: *attempt, copy: copy.map(Box::new) }]
            }
            Effect::Remember { attempt, copy } => {
                let ToRemember { customer, profile, activity, older, remember } = &**copy;
                let written =
                    vault.remember(customer, profile, activity, older.as_deref(), remember.clone(), now);
                vec![Event::Remembered { attempt: *attempt, id: written.await.ok() }]
            }
            Effect::SaveEdit { attempt, edit, change, at, .. } => {
                let id = self.open_customer().await;
                let saved = match id {
                    Some(id) => vault.edit_preference(id, change, *edit, *at).await.ok(),
                    None => None,
                };
                let answer = match saved {
                    Some(queued) => Saved::Queued {
                        customer: queued.customer_id,
                        queue: Some(self.counted(&vault).await),
                    },
                    None => Saved::Failed,
                };
                vec![Event::EditSaved { attempt: *attempt, edit: *edit, answer }]
            }
            Effect::MendEdit { edit, fresh, value, seen, at } => {
                let mended = vault.mend_edit(*edit, value.clone(), seen.as_ref(), *fresh, *at).await.unwrap();
                let queue = Some(self.counted(&vault).await);
                vec![Event::EditMended { edit: *edit, mended: mended.map(Box::new), queue }]
            }
            Effect::DropEdit { edit } => {
                let whose = vault.drop_edit(*edit).await.unwrap();
                let queue = Some(self.counted(&vault).await);
                vec![Event::EditDropped { edit: *edit, whose, queue }]
            }
            Effect::Audit(line) => {
                vault.audit(line.clone(), now).await.unwrap();
                Vec::new()
            }
            Effect::ReadRecent
            | Effect::Discover
            | Effect::RevokeQueued
            | Effect::HandOver
            | Effect::OpenVisit { .. }
            | Effect::Close { .. } => Vec::new(),
            _ => return None,
        })
    }

    /// The key of the open customer in the memory.
    async fn open_customer(&mut self) -> Option<Uuid> {
        let running = self.running.as_ref()?;
        let counter::state::Visit::Open(open) = &running.machine.state().visit else { return None };
        running.vault.find(&open.customer).await.unwrap()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.machine.state().memory == Memory::Ready)
    }

    /// The key of a customer in its memory.
    pub(crate) async fn find(&self, subject: &str) -> Option<Uuid> {
        self.vault()?.find(&key(subject)).await.unwrap()
    }
}

pub(crate) fn key(subject: &str) -> CustomerKey {
    CustomerKey { issuer: ISSUER.to_owned(), subject: subject.to_owned() }
}

/// An act of the associate.
pub(crate) fn act(input: Input, fresh: Uuid) -> Event {
    Event::Input { input, fresh }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        // Who has the folder is no part of what is left of a program.
        if name != "vault.lock" {
            fs::copy(from.join(&name), to.join(&name)).unwrap();
        }
    }
}
