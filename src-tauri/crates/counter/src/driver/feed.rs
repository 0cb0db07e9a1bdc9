//! Follows the centre, one step at a time: a page of the snapshot, or the changes since. When, the machine decides; how far
//! it came stands in the memory, with what was taken over.

use std::{sync::Arc, time::Duration};

use directory::{StoreChange, StoreChanges, StoreCustomer, StorePage};
use profile::CustomerKey;
use tokio::time::Instant;
use vault::{Arriving, FeedChange, FeedPlace, SnapshotPage, Vault};

use super::{Shared, access::NoAccess, own_authority::Own};
use crate::machine::{Changes, Event, Followed};

/// A service that answers "nothing new" sooner than this does not hold requests: it is not asked without a pause.
const HELD: Duration = Duration::from_secs(2);
/// The service does not know how far this till came.
const GONE: u16 = 410;
/// The service has no such address.
const NOT_FOUND: u16 = 404;

#[derive(Debug, thiserror::Error)]
enum NotFollowed {
    #[error(transparent)]
    Centre(#[from] directory::Error),
    #[error(transparent)]
    Memory(#[from] vault::Error),
}

impl Shared {
    pub(crate) fn follow(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let what = shared.followed().await;
            shared.tell(Event::Followed { what, jitter: shared.jitter() });
        });
    }

    async fn followed(self: &Arc<Self>) -> Followed {
        let own = match self.own().await {
            Ok(own) => own,
            Err(NoAccess::NoToken) => return Followed::NotOffered,
            Err(NoAccess::NoAnswer) => return Followed::NoAnswer,
        };
        let Some(vault) = self.store.vault() else { return Followed::NoAnswer };
        self.seal_by_own(&vault, &own).await;
        match self.step(&vault, &own).await {
            Ok(followed) => followed,
            Err(NotFollowed::Memory(error)) => {
                tracing::warn!(%error, "what the centre told is not taken over yet");
                self.report(&error);
                Followed::NoAnswer
            }
            Err(NotFollowed::Centre(error)) => {
                tracing::info!(%error, "the centre does not tell what has changed");
                if matches!(error, directory::Error::NotAuthorised) {
                    self.own_is_bad(own.authority.token()).await;
                }
                Followed::NoAnswer
            }
        }
    }

    async fn step(self: &Arc<Self>, vault: &Vault, own: &Own) -> Result<Followed, NotFollowed> {
        self.confirm_erasures(vault, own).await?;
        match vault.feed(&own.issuer).await? {
            FeedPlace::Nowhere => self.snapshot(vault, own, None, 0).await,
            FeedPlace::Snapshot { cursor, done } => self.snapshot(vault, own, Some(&cursor), done).await,
            FeedPlace::Following { since } => self.changes(vault, own, since).await,
        }
    }

    /// What the service does not take is said again with the next step, and holds up nothing else.
    async fn confirm_erasures(self: &Arc<Self>, vault: &Vault, own: &Own) -> Result<(), NotFollowed> {
        for subject in vault.erased(&own.issuer).await? {
            match own.api.confirm_erasure(&own.authority, &subject).await {
                Ok(()) => vault.erasure_confirmed(&own.issuer, &subject).await?,
                Err(error @ (directory::Error::Unreachable | directory::Error::NotAuthorised)) => {
                    return Err(error.into());
                }
                Err(error) => {
                    tracing::warn!(%error, "the centre does not take it that somebody is erased here");
                }
            }
        }
        Ok(())
    }

    async fn snapshot(
        self: &Arc<Self>,
        vault: &Vault,
        own: &Own,
        cursor: Option<&str>,
        done: u32,
    ) -> Result<Followed, NotFollowed> {
        let answer = own.api.page(&own.authority, cursor).await;
        self.reached(!matches!(answer, Err(directory::Error::Unreachable)));
        let StorePage { items, erased, next, feed, total } = match answer {
            Ok(page) => page,
            Err(directory::Error::Refused { status: NOT_FOUND, .. }) => return Ok(Followed::NotOffered),
            // A cursor of another day: from the first page on.
            Err(directory::Error::Refused { status: 400 | GONE, .. }) if cursor.is_some() => {
                vault.feed_lost(&own.issuer).await?;
                return Ok(Followed::Snapshot { done: 0, total: 0 });
            }
            Err(error) => return Err(error.into()),
        };
        let done = done.saturating_add(u32::try_from(items.len()).unwrap_or(u32::MAX));
        let customers = items.into_iter().map(|customer| arriving(&own.issuer, customer)).collect();
        let is_last = next.is_none();
        let page = SnapshotPage { customers, erased, next, feed, total };
        vault.take_page(&own.issuer, page, self.now()).await?;
        if is_last {
            tracing::info!(customers = done, "the copies of the store's customers are whole");
            return Ok(Followed::UpToDate { rest: false });
        }
        Ok(Followed::Snapshot { done, total })
    }

    async fn changes(
        self: &Arc<Self>,
        vault: &Vault,
        own: &Own,
        since: i64,
    ) -> Result<Followed, NotFollowed> {
        let began = Instant::now();
        let answer = own.api.changes(&own.authority, since).await;
        self.reached(!matches!(answer, Err(directory::Error::Unreachable)));
        let StoreChanges { items, next } = match answer {
            Ok(changes) => changes,
            Err(directory::Error::Refused { status: GONE, .. }) => {
                tracing::warn!(
                    "the centre does not know how far this till came: its customers are copied anew"
                );
                vault.feed_lost(&own.issuer).await?;
                return Ok(Followed::Snapshot { done: 0, total: 0 });
            }
            Err(error) => return Err(error.into()),
        };
        if items.is_empty() && next == since {
            return Ok(Followed::UpToDate { rest: began.elapsed() < HELD });
        }
        let mut changes = Changes::default();
        for change in &items {
            let (list, subject) = match change {
                StoreChange::Changed { subject, .. } => (&mut changes.changed, subject),
                StoreChange::Left { subject } => (&mut changes.left, subject),
                StoreChange::Erased { subject } => (&mut changes.erased, subject),
            };
            list.push(customer(&own.issuer, subject));
        }
        let items = items.into_iter().map(|change| told(&own.issuer, change)).collect();
        changes.waiting = vault.take_changes(&own.issuer, items, next, self.now()).await?;
        if !changes.erased.is_empty() {
            changes.queue = self.queue(vault).await;
        }
        Ok(Followed::Changes(Box::new(changes)))
    }
}

fn customer(issuer: &str, subject: &str) -> CustomerKey {
    CustomerKey { issuer: issuer.to_owned(), subject: subject.to_owned() }
}

fn arriving(issuer: &str, told: StoreCustomer) -> Arriving {
    let StoreCustomer { profile, remember } = told;
    Arriving { customer: customer(issuer, &profile.subject), profile, remember }
}

fn told(issuer: &str, change: StoreChange) -> FeedChange {
    match change {
        StoreChange::Changed { remembered, .. } => {
            FeedChange::Changed(Box::new(arriving(issuer, *remembered)))
        }
        StoreChange::Left { subject } => FeedChange::Left { subject },
        StoreChange::Erased { subject } => FeedChange::Erased { subject },
    }
}
