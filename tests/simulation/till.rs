//! A till: the counter's machine, and the memory that it decides about, in a folder of its own. It can be killed: what is
//! there afterwards is what was in its files at that moment.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use counter::{
    Input, Machine, Settings,
    machine::{Effect, Event, OpenedMemory, Saved, Sent, ToRemember},
    state::{Associate, Memory, Queue},
};
use profile::{CustomerKey, Profile};
use secrecy::SecretString;
use tempfile::TempDir;
use uuid::Uuid;
use vault::{Arriving, Keyring, Unsent, Vault};

use crate::centre::{ISSUER, beginning};

/// Where the keyring has the key of the database.
const DATABASE_KEY: &str = "database-key";

/// A till as it is at the beginning, made once: the key, and the file with the store's customers in it.
pub(crate) struct Template {
    folder: TempDir,
    key: SecretString,
    /// What each customer is called in the file.
    ids: BTreeMap<String, Uuid>,
}

impl Template {
    pub(crate) async fn make(customers: Vec<Profile>) -> Self {
        let (folder, keyring) = (tempfile::tempdir().unwrap(), Keyring::in_memory());
        let vault = Vault::open(folder.path(), &keyring).await.unwrap();
        let subjects: Vec<_> = customers.iter().map(|profile| profile.subject.clone()).collect();
        let arriving = customers.into_iter().map(|profile| Arriving {
            customer: key(&profile.subject),
            remember: (beginning() + TimeDelta::days(400)).into(),
            profile,
        });
        vault.remember_many(arriving.collect(), beginning()).await.unwrap();
        let mut ids = BTreeMap::new();
        for subject in subjects {
            let id = vault.find(&key(&subject)).await.unwrap().unwrap();
            ids.insert(subject, id);
        }
        vault.close().await;
        Self { folder, key: keyring.get(DATABASE_KEY).await.unwrap().unwrap(), ids }
    }
}

/// One of the tills.
pub(crate) struct Till {
    pub(crate) name: &'static str,
    folder: TempDir,
    keyring: Keyring,
    /// What those are called in its file who may have left a token.
    pub(crate) ids: BTreeMap<String, Uuid>,
    /// None while it is switched off.
    running: Option<Running>,
    /// How often it was switched on: what was on its way to an earlier life finds nobody.
    pub(crate) life: u32,
    /// How far its clock is off.
    pub(crate) skew: TimeDelta,
    /// Until when nothing comes through to it or from it, since the beginning.
    pub(crate) cut_until: Duration,
    /// So many steps more, and it is killed.
    pub(crate) steps_left: Option<u32>,
    /// It was told that what had changed for a while is not known any more.
    pub(crate) has_missed: bool,
    /// Rises with each request: chance goes by it.
    pub(crate) requests: u64,
    /// The request with a part of the trail that it waits for.
    pub(crate) shipping: Option<u64>,
    counts: u64,
}

struct Running {
    machine: Machine,
    vault: Vault,
}

impl Till {
    /// `left` says of each customer whether they left a token there.
    pub(crate) async fn new(name: &'static str, template: &Template, left: impl Fn(&str) -> bool) -> Self {
        let (folder, keyring) = (tempfile::tempdir().unwrap(), Keyring::in_memory());
        copy(template.folder.path(), folder.path());
        keyring.set(DATABASE_KEY, &template.key).await.unwrap();
        for (subject, id) in &template.ids {
            if left(subject) {
                keyring.set(&token_of(*id), &"left".to_owned().into()).await.unwrap();
            }
        }
        Self {
            name,
            folder,
            keyring,
            ids: template.ids.clone(),
            running: None,
            life: 0,
            skew: TimeDelta::zero(),
            cut_until: Duration::ZERO,
            steps_left: None,
            has_missed: false,
            requests: 0,
            shipping: None,
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
        self.shipping = None;
        let queue = self.counted(&vault).await;
        let mut waiting = vault.customers_waiting().await.unwrap();
        waiting.extend(vault.customers_with_withdrawals().await.unwrap());
        self.running = Some(Running { machine, vault });
        let robin = Associate { id: Uuid::from_u128(7), name: "Robin".to_owned(), provided: None };
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

    pub(crate) async fn counted(&mut self, vault: &Vault) -> Queue {
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

    pub(crate) async fn answered(
        &mut self,
        customer: Uuid,
        edit: Option<Uuid>,
        answer: Sent,
        jitter: f64,
    ) -> Event {
        let vault = self.vault().unwrap().clone();
        let more = vault.new_customer_to_send(customer).await.unwrap().is_some()
            || vault.next_to_send(customer).await.unwrap().is_some()
            || vault.visit_to_send(customer).await.unwrap().is_some()
            || vault.withdrawal_of(customer).await.unwrap().is_some();
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
            Effect::SaveEdit { attempt, edit, change, by, at, .. } => {
                let id = self.open_customer().await;
                let saved = match id {
                    Some(id) => vault.edit_preference(id, change, *edit, *by, *at).await.ok(),
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
            Effect::MendEdit { edit, fresh, value, seen, by, at } => {
                let mended =
                    vault.mend_edit(*edit, value.clone(), seen.as_ref(), *fresh, *by, *at).await.unwrap();
                let queue = Some(self.counted(&vault).await);
                vec![Event::EditMended { edit: *edit, mended: mended.map(Box::new), queue }]
            }
            Effect::DropEdit { edit, by, at } => {
                let whose = vault.drop_edit(*edit, *by, *at).await.unwrap();
                let queue = Some(self.counted(&vault).await);
                vec![Event::EditDropped { edit: *edit, whose: whose.map(|(customer, _)| customer), queue }]
            }
            Effect::TakeBack { id, act, who, .. } => {
                vec![match vault.take_back(*id, *act, *who, now).await {
                    Ok(()) => Event::Forgotten { id: *id, unsent: 0, tell: true },
                    Err(_) => Event::NotForgotten,
                }]
            }
            Effect::Forget { customer, .. } => match vault.find(customer).await.unwrap() {
                Some(id) => {
                    let unsent = vault.forget(id, Unsent::Keep, now).await.unwrap();
                    vec![Event::Forgotten { id, unsent, tell: false }]
                }
                None => Vec::new(),
            },
            Effect::AddCustomer { attempt, subject, new, who } => {
                let id = vault.add_customer(&key(&subject.to_string()), new, *who, now).await.ok();
                let queue = Some(self.counted(&vault).await);
                vec![Event::CustomerAdded { attempt: *attempt, id, queue }]
            }
            Effect::NoteVisit { attempt, id, visit } => {
                let noted = vault.note_visit(*id, *visit, now).await.ok();
                let queue = Some(self.counted(&vault).await);
                vec![Event::VisitNoted { attempt: *attempt, customer: noted.map(|()| *id), queue }]
            }
            Effect::SendCustomer { customer } => {
                let again = vault.send_customer_again(*customer).await.unwrap();
                let queue = Some(self.counted(&vault).await);
                vec![Event::CustomerSent { customer: *customer, again, queue }]
            }
            Effect::DropCustomer { customer, who } => {
                let whom = vault.drop_new_customer(*customer, *who, now).await.unwrap();
                let queue = Some(self.counted(&vault).await);
                vec![Event::CustomerDropped { customer: *customer, whom, queue }]
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

    /// Who is behind a key of its memory.
    pub(crate) async fn whose(&self, id: Uuid) -> Option<String> {
        Some(self.vault()?.open_customer(id).await.unwrap()?.customer.subject)
    }

    /// Whether a customer's token is in its keyring.
    pub(crate) async fn has_token(&self, id: Uuid) -> bool {
        self.keyring.get(&token_of(id)).await.unwrap().is_some()
    }

    /// What is in its files, once it is switched off: the folder, and the key of the database.
    pub(crate) async fn files(&self) -> (&Path, SecretString) {
        (self.folder.path(), self.keyring.get(DATABASE_KEY).await.unwrap().unwrap())
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

fn token_of(id: Uuid) -> String {
    format!("refresh-token/{id}")
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let there = to.join(&name);
        if entry.is_dir() {
            fs::create_dir_all(&there).unwrap();
            copy(&entry, &there);
        } else if name != "vault.lock" {
            // Who has the folder is no part of what is left of a program.
            fs::copy(entry, there).unwrap();
        }
    }
}
