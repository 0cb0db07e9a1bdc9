//! Token requests that wait for a customer: who waits, who is woken, and who asks too often.
//!
//! RFC 8628 lets a server take its time to answer, so a request is held until there is something to say. That makes a
//! yes visible at once, and costs no read of the database while it waits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::watch, time::Instant};

use crate::secret::SecretHash;

/// A client that counts its interval from when it sent, over a network that jitters, is not told to slow down.
const TOLERANCE: TimeDelta = TimeDelta::seconds(1);

/// Everyone who waits, by device code; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitingRoom(Arc<Mutex<HashMap<SecretHash, Seat>>>);

#[derive(Debug)]
struct Seat {
    changed: watch::Sender<()>,
    taken: bool,
    /// Whether the client knows that the phone page was opened.
    told_scanned: bool,
    /// When the client may ask next. None: at once.
    next: Option<DateTime<Utc>>,
    last_used: DateTime<Utc>,
}

impl WaitingRoom {
    /// Begins a request. The change that happens after this call wakes [`Turn::wait`].
    pub(crate) fn enter(&self, code: SecretHash, now: DateTime<Utc>, interval: TimeDelta) -> Turn {
        let mut seats = self.seats();
        let seat = seats.entry(code).or_insert_with(|| Seat {
            changed: watch::Sender::new(()),
            taken: false,
            told_scanned: false,
            next: None,
            last_used: now,
        });
        let too_fast = seat.taken || seat.next.is_some_and(|next| now < next);
        if !too_fast {
            seat.taken = true;
            seat.last_used = now;
            // What holds unless the turn ends as it should: the client went away without waiting.
            seat.next = Some(now + interval - TOLERANCE);
        }
        Turn {
            room: self.clone(),
            code,
            too_fast,
            told_scanned: seat.told_scanned,
            changed: seat.changed.subscribe(),
        }
    }

    /// Something about the grant has changed.
    pub(crate) fn wake(&self, code: SecretHash) {
        if let Some(seat) = self.seats().get(&code) {
            seat.changed.send_replace(());
        }
    }

    /// Forgets codes that nobody can be waiting for any more.
    pub(crate) fn forget_before(&self, then: DateTime<Utc>) {
        self.seats().retain(|_, seat| seat.taken || seat.last_used > then);
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, HashMap<SecretHash, Seat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One token request. Dropping it leaves the room.
#[derive(Debug)]
pub(crate) struct Turn {
    room: WaitingRoom,
    code: SecretHash,
    /// The client asks more often than it was told, or twice at once.
    pub(crate) too_fast: bool,
    /// Whether an earlier answer said that the phone page was opened.
    pub(crate) told_scanned: bool,
    changed: watch::Receiver<()>,
}

impl Turn {
    /// Waits for a change; false when the time was over first. Where the code is forgotten meanwhile there is nothing to
    /// wait for any more.
    pub(crate) async fn wait(&mut self, until: Instant) -> bool {
        matches!(tokio::time::timeout_at(until, self.changed.changed()).await, Ok(Ok(())))
    }

    /// The client has waited as long as it was asked to, or is told news: it may ask again at once.
    pub(crate) fn held(&self, scanned: bool) {
        if let Some(seat) = self.room.seats().get_mut(&self.code) {
            seat.next = None;
            seat.told_scanned = scanned;
        }
    }

    /// There is nothing more to wait for.
    pub(crate) fn forget(&self) {
        self.room.seats().remove(&self.code);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.too_fast
            && let Some(seat) = self.room.seats().get_mut(&self.code)
        {
            seat.taken = false;
        }
    }
}

/// How many requests are held, over the whole service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held(watch::Sender<usize>);

impl Held {
    /// Counts a request as held until the answer is dropped.
    pub(crate) fn hold(&self) -> Holding {
        self.0.send_modify(|held| *held += 1);
        Holding(self.0.clone())
    }

    /// Ends when that many requests are held.
    pub(crate) async fn reaches(&self, requests: usize) {
        // The sender is here: there is no error.
        let _ = self.0.subscribe().wait_for(|held| *held >= requests).await;
    }
}

/// A request that is held.
#[derive(Debug)]
pub(crate) struct Holding(watch::Sender<usize>);

impl Drop for Holding {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn enter(room: &WaitingRoom, code: SecretHash) -> Turn {
        room.enter(code, DateTime::UNIX_EPOCH, TimeDelta::seconds(5))
    }

    #[tokio::test]
    async fn a_request_is_woken_by_its_own_code_alone() {
        let room = WaitingRoom::default();
        let (mine, other) = (SecretHash::of("mine"), SecretHash::of("other"));
        let mut turn = enter(&room, mine);
        room.wake(other);
        assert!(!turn.wait(Instant::now() + Duration::from_millis(20)).await);
        room.wake(mine);
        assert!(turn.wait(Instant::now() + Duration::from_mins(1)).await);
    }

    #[tokio::test]
    async fn a_code_that_is_forgotten_does_not_wake_its_request_over_and_over() {
        let room = WaitingRoom::default();
        let code = SecretHash::of("code");
        let mut held = enter(&room, code);
        enter(&room, code).forget();
        assert!(!held.wait(Instant::now() + Duration::from_mins(1)).await);
    }
}
