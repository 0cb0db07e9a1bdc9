//! PINs: the vault's, and those of a run without one.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tokio::task::spawn_blocking;
use uuid::Uuid;
use vault::{
    Unlock, Vault,
    pin::{Attempts, PinHash},
};

use super::{Shared, lock};
use crate::{
    machine::{Event, PinAnswer},
    state::Associate,
};

/// The associates of this run alone: who set a PIN while the memory was closed.
#[derive(Default)]
pub(crate) struct Book(Mutex<Vec<Entry>>);

#[derive(Clone)]
struct Entry {
    associate: Associate,
    hash: PinHash,
    attempts: Attempts,
}

impl Book {
    /// The memory has associates of its own: those of this run are not let in any more.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    fn find(&self, id: Uuid) -> Option<Entry> {
        lock(&self.0).iter().find(|entry| entry.associate.id == id).cloned()
    }

    fn set_attempts(&self, id: Uuid, attempts: Attempts) {
        if let Some(entry) = lock(&self.0).iter_mut().find(|entry| entry.associate.id == id) {
            entry.attempts = attempts;
        }
    }

    pub(crate) async fn add(
        &self,
        associate: Associate,
        pin: SecretString,
    ) -> Result<Associate, vault::Error> {
        let hash = PinHash::of(&pin).await?;
        let entry = Entry { associate: associate.clone(), hash, attempts: Attempts::default() };
        lock(&self.0).push(entry);
        Ok(associate)
    }

    /// The same rules as the vault's: a guess is counted before it is looked at.
    async fn check(&self, entry: Entry, pin: SecretString, now: DateTime<Utc>) -> PinAnswer {
        if let Some(until) = entry.attempts.blocked(now) {
            return PinAnswer::Blocked { until };
        }
        let id = entry.associate.id;
        let after = entry.attempts.after_wrong(now);
        self.set_attempts(id, after);
        if spawn_blocking(move || entry.hash.matches(&pin)).await.unwrap_or(false) {
            self.set_attempts(id, Attempts::default());
            return PinAnswer::Right(entry.associate);
        }
        after.blocked(now).map_or(PinAnswer::Wrong, |until| PinAnswer::Blocked { until })
    }

    fn remove(&self, id: Uuid) {
        lock(&self.0).retain(|entry| entry.associate.id != id);
    }
}

/// Somebody who sets a PIN at the till.
fn of_this_run(name: &str) -> Associate {
    Associate { id: Uuid::new_v4(), name: name.trim().to_owned(), provided: None }
}

impl Shared {
    pub(crate) fn add_associate(self: &Arc<Self>, first: bool, name: String, pin: SecretString) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let vault = shared.store.vault();
            let kept = vault.is_some();
            let added = match vault {
                Some(vault) => shared.add_to(&vault, first, &name, &pin).await,
                None => shared.store.book.add(of_this_run(&name), pin).await.map(Some),
            };
            let associate = added.unwrap_or_else(|error| {
                tracing::warn!(%error, "an associate could not be added");
                None
            });
            shared.tell(Event::AssociateAdded { associate, kept });
        });
    }

    async fn add_to(
        &self,
        vault: &Vault,
        first: bool,
        name: &str,
        pin: &SecretString,
    ) -> Result<Option<Associate>, vault::Error> {
        // Whoever finds a till that others work at does not add themselves.
        if first && !vault.associates().await?.is_empty() {
            return Ok(None);
        }
        let name = name.trim().to_owned();
        let id = vault.add_associate(&name, pin, self.now()).await?;
        Ok(Some(Associate { id, name, provided: None }))
    }

    pub(crate) fn check_pin(self: &Arc<Self>, check: u64, associate: Uuid, pin: SecretString) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let book = &shared.store.book;
            let answer = match (book.find(associate), shared.store.vault()) {
                (Some(entry), None) => book.check(entry, pin, shared.now()).await,
                (Some(entry), Some(vault)) => match book.check(entry, pin.clone(), shared.now()).await {
                    PinAnswer::Right(associate) => shared.move_in(&vault, associate, &pin).await,
                    answer => answer,
                },
                (None, Some(vault)) => shared.look_at(&vault, associate, &pin).await,
                (None, None) => PinAnswer::Failed,
            };
            shared.tell(Event::PinChecked { check, answer });
        });
    }

    /// An associate of this run, and a memory that has opened since and knows nobody: it takes them in.
    async fn move_in(&self, vault: &Vault, associate: Associate, pin: &SecretString) -> PinAnswer {
        if associate.provided.is_some() {
            return self.look_at(vault, associate.id, pin).await;
        }
        match self.add_to(vault, true, &associate.name, pin).await {
            Ok(moved) => {
                self.store.book.remove(associate.id);
                moved.map_or(PinAnswer::Wrong, PinAnswer::Right)
            }
            Err(error) => {
                tracing::warn!(%error, "an associate could not be taken in");
                PinAnswer::Failed
            }
        }
    }

    async fn look_at(&self, vault: &Vault, id: Uuid, pin: &SecretString) -> PinAnswer {
        let looked = async {
            // Nobody comes in by a PIN of before, when it was the till that let people in.
            let known = self.known_associates(vault).await?.into_iter().find(|known| known.id == id);
            let Some(known) = known else { return Ok(PinAnswer::Wrong) };
            Ok::<_, vault::Error>(match vault.unlock(id, pin, self.now()).await? {
                Unlock::Opened => PinAnswer::Right(known),
                Unlock::Wrong => PinAnswer::Wrong,
                Unlock::Blocked { until } => PinAnswer::Blocked { until },
            })
        };
        looked.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a PIN could not be looked at");
            PinAnswer::Failed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(digits: &str) -> SecretString {
        digits.to_owned().into()
    }

    #[tokio::test]
    async fn the_associates_of_one_run_are_held_to_the_same_rules() {
        let (book, now) = (Book::default(), DateTime::UNIX_EPOCH);
        let robin = book.add(of_this_run(" Robin "), pin("4711")).await.unwrap();
        assert_eq!(robin.name, "Robin");
        let check = async |digits: &str| {
            let entry = book.find(robin.id).unwrap();
            book.check(entry, pin(digits), now).await
        };
        assert!(matches!(check("0000").await, PinAnswer::Wrong));
        assert!(matches!(check("4711").await, PinAnswer::Right(who) if who == robin));
        for _ in 0..4 {
            assert!(matches!(check("0000").await, PinAnswer::Wrong));
        }
        assert!(matches!(check("0000").await, PinAnswer::Blocked { .. }));
        assert!(matches!(check("4711").await, PinAnswer::Blocked { .. }), "the right one is not looked at");
        book.clear();
        assert!(book.find(robin.id).is_none());
    }

    #[tokio::test]
    async fn a_pin_that_is_none_adds_nobody() {
        let book = Book::default();
        assert!(book.add(of_this_run("Robin"), pin("12a4")).await.is_err());
        assert!(lock(&book.0).is_empty());
    }
}
