//! Token requests that wait for a customer: who waits, who is woken, and who asks too often.
//!
//! RFC 8628 lets a server take its time to answer, so a request is held until there is something to say. That makes a
//! yes visible at once, costs one read of the database a request, and none while it waits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

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
    /// Waits for a change; false when the time was over first.
    pub(crate) async fn wait(&mut self, at_most: Duration) -> bool {
        tokio::time::timeout(at_most, self.changed.changed()).await.is_ok()
    }

    /// The client has waited as long as it was asked to, or is told news: it may ask again at once.
    pub(crate) fn held(&self, scanned: bool) {
        if let Some(seat) = self.room.seats().get_mut(&self.code) {
            seat.next = None;
            seat.told_scanned = scanned;
        }
    }

    /// There is no such code, or nothing more to wait for.
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
