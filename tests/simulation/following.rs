//! How a till follows the centre: what the counter's driver does at each step, with the way there and back between. A request
//! for what has changed is held until something has.

use std::time::Duration;

use counter::machine::{Changes, Event, Followed};
use directory::{StoreChange, StoreChanges, StoreCustomer, StorePage};
use rand::RngExt;
use vault::{Arriving, FeedChange, FeedPlace, SnapshotPage};

use crate::{
    centre::ISSUER,
    till::key,
    world::{Fault, Happening, PATIENCE, World},
};

/// What the centre has told.
pub(crate) enum Told {
    Page(StorePage),
    Changes(StoreChanges),
    /// It does not know any more what has changed since.
    Gone,
    Nothing,
}

impl World {
    /// A till asks for the next step.
    pub(crate) fn follow(&mut self, till: usize) {
        let life = self.tills[till].life;
        let mut rng = self.chance_of_request(till, "follow");
        let way = Duration::from_millis(rng.random_range(5..2_000));
        if self.is_cut(till) || (self.is_chaos() && rng.random_bool(0.05)) {
            self.later(PATIENCE, Happening::Follows { till, life, told: Some(Told::Nothing) });
        } else {
            self.later(way, Happening::Follows { till, life, told: None });
        }
    }

    /// The request is at the centre.
    pub(crate) async fn tells(&mut self, till: usize, life: u32) {
        if self.tills[till].life != life {
            return;
        }
        let Some(vault) = self.tills[till].vault().cloned() else { return };
        if self.is_down() {
            return self.later(PATIENCE, Happening::Follows { till, life, told: Some(Told::Nothing) });
        }
        let (store, who) = self.centre().store(self.tills[till].name);
        for subject in vault.erased(ISSUER).await.unwrap() {
            store.confirm_erasure(&who, &subject).await.unwrap();
            if !self.survives(till).await {
                return;
            }
            vault.erasure_confirmed(ISSUER, &subject).await.unwrap();
        }
        let told = match vault.feed(ISSUER).await.unwrap() {
            FeedPlace::Following { since } if self.centre_mut().newest().await <= since => {
                return self.held.push((till, life));
            }
            FeedPlace::Following { .. } if self.is_chaos() && self.loses_its_place(till) => Told::Gone,
            FeedPlace::Following { since } => Told::Changes(store.changes(&who, since).await.unwrap()),
            FeedPlace::Nowhere => Told::Page(store.page(&who, None).await.unwrap()),
            FeedPlace::Snapshot { cursor, .. } => Told::Page(store.page(&who, Some(&cursor)).await.unwrap()),
        };
        let mut rng = self.chance_of_request(till, "told");
        let (back, is_lost) = (rng.random_range(5..3_000), self.is_chaos() && rng.random_bool(0.1));
        let told = if is_lost { Told::Nothing } else { told };
        self.later(Duration::from_millis(back), Happening::Follows { till, life, told: Some(told) });
    }

    /// The changes since are not known any more at the centre: they come with a new snapshot, as far as they can.
    fn loses_its_place(&mut self, till: usize) -> bool {
        let is_gone = self.chance_of_request(till, "gone").random_bool(0.04);
        self.tills[till].has_missed |= is_gone;
        is_gone
    }

    /// The centre has ended and begun again: who waited has no answer.
    pub(crate) fn is_left_waiting(&mut self) {
        for (till, life) in std::mem::take(&mut self.held) {
            self.later(PATIENCE, Happening::Follows { till, life, told: Some(Told::Nothing) });
        }
    }

    /// Something has changed at the centre: what was held is answered.
    pub(crate) fn has_changed(&mut self) {
        for (till, life) in std::mem::take(&mut self.held) {
            self.later(Duration::ZERO, Happening::Follows { till, life, told: None });
        }
    }

    fn hears(&self, change: &StoreChange) -> bool {
        match change {
            StoreChange::Changed { .. } => true,
            StoreChange::Left { .. } => self.fault != Some(Fault::DeafToLeaving),
            StoreChange::Erased { .. } => self.fault != Some(Fault::DeafToErasures),
        }
    }

    /// The till hears it.
    pub(crate) async fn is_told(&mut self, till: usize, life: u32, told: Told) {
        if self.tills[till].life != life {
            return;
        }
        let Some(vault) = self.tills[till].vault().cloned() else { return };
        let (now, is_cut) = (self.clock(till), self.is_cut(till));
        let what = match told {
            Told::Page(StorePage { items, erased, next, feed, total }) if !is_cut => {
                let is_last = next.is_none();
                let customers = items.into_iter().map(arriving).collect();
                let erased = if self.fault == Some(Fault::DeafToErasures) { Vec::new() } else { erased };
                let page = SnapshotPage { customers, erased, next, feed, total };
                vault.take_page(ISSUER, page, now).await.unwrap();
                if is_last {
                    Followed::UpToDate { rest: false }
                } else {
                    Followed::Snapshot { done: 0, total }
                }
            }
            Told::Changes(StoreChanges { items, next }) if !is_cut => {
                let mut changes = whom(&items);
                let items = items.into_iter().filter(|item| self.hears(item)).map(change).collect();
                changes.waiting = vault.take_changes(ISSUER, items, next, now).await.unwrap();
                Followed::Changes(Box::new(changes))
            }
            Told::Gone if !is_cut => {
                vault.feed_lost(ISSUER).await.unwrap();
                Followed::Snapshot { done: 0, total: 0 }
            }
            Told::Page(_) | Told::Changes(_) | Told::Gone | Told::Nothing => Followed::NoAnswer,
        };
        if !self.survives(till).await {
            return;
        }
        let jitter = self.chance_of_request(till, "jitter").random();
        self.tell(till, Event::Followed { what, jitter }).await;
    }
}

fn whom(items: &[StoreChange]) -> Changes {
    let mut changes = Changes::default();
    for item in items {
        match item {
            StoreChange::Changed { subject, .. } => changes.changed.push(key(subject)),
            StoreChange::Left { subject } => changes.left.push(key(subject)),
            StoreChange::Erased { subject } => changes.erased.push(key(subject)),
        }
    }
    changes
}

fn arriving(StoreCustomer { profile, remember }: StoreCustomer) -> Arriving {
    Arriving { customer: key(&profile.subject), profile, remember }
}

fn change(change: StoreChange) -> FeedChange {
    match change {
        StoreChange::Changed { remembered, .. } => FeedChange::Changed(Box::new(arriving(*remembered))),
        StoreChange::Left { subject } => FeedChange::Left { subject },
        StoreChange::Erased { subject } => FeedChange::Erased { subject },
    }
}
