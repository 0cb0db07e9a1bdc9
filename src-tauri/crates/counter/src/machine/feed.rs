//! When the till follows the centre: as soon as its memory is open, for as long as the centre answers, one step at a time.

use std::time::{Duration, Instant};

use profile::CustomerKey;
use uuid::Uuid;

use super::{Effect, Effects, Machine, outbox::back_off, sitting::Kept};
use crate::state::{Ending, Feed, Memory, NoticeKind, Now, Origin, Queue, Visit};

/// The longest pause after steps that came to nothing.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The pause between two questions to a service that does not hold them.
const REST: Duration = Duration::from_secs(30);
/// When somebody who has nothing of the kind is asked again: store IT may have set it up.
const ASK_AGAIN: Duration = Duration::from_mins(10);
/// How long the copying stands still when somebody has stopped it. It goes on by itself: who is erased meanwhile must go.
const PAUSE: Duration = Duration::from_hours(1);

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Provider or service have no such thing, or not for this till.
    NotOffered,
    /// A page of the snapshot is taken over, and there are more.
    Snapshot {
        /// Customers by now.
        done: u32,
        /// Customers in all.
        total: u32,
    },
    /// The till has what the centre has.
    UpToDate {
        /// The service does not hold questions: the next one waits.
        rest: bool,
    },
    /// Changes are taken over.
    Changes(Box<Changes>),
    /// Nothing came of it, for now.
    NoAnswer,
}

/// Whom changes were about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// They are not what they were.
    pub changed: Vec<CustomerKey>,
    /// The store must not remember them any more.
    pub left: Vec<CustomerKey>,
    /// They are erased.
    pub erased: Vec<CustomerKey>,
    /// Keys in the vault of those who have changed and of whom something waits.
    pub waiting: Vec<Uuid>,
    /// The queue in numbers, afterwards; none where it is as it was, or could not be read.
    pub queue: Option<Queue>,
}

/// When the next step is due.
#[derive(Debug, Default)]
pub(super) struct Following {
    offered: bool,
    due: Due,
    failures: u32,
    paused: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Due {
    #[default]
    Never,
    At(Instant),
    InFlight,
}

impl Following {
    pub(super) fn next_at(&self, may_send: bool) -> Option<Instant> {
        match self.due {
            Due::At(at) if may_send => Some(at),
            Due::Never | Due::At(_) | Due::InFlight => None,
        }
    }

    /// Whether a step is to be done now.
    fn send(&mut self, now: Instant) -> bool {
        let due = matches!(self.due, Due::At(at) if at <= now);
        if due {
            (self.due, self.paused) = (Due::InFlight, false);
        }
        due
    }

    /// What is under way is answered first.
    pub(super) fn pull_forward(&mut self, now: Instant) {
        if self.offered && self.due != Due::InFlight {
            self.due = Due::At(now);
        }
    }
}

impl Machine {
    /// The till can ask for itself.
    pub(super) fn feed_offered(&mut self, now: Now) {
        self.following.offered = true;
        self.state.at_store = true;
        if self.state.memory == Memory::Ready {
            self.following.pull_forward(now.tick);
        }
    }

    pub(super) fn follow(&mut self, now: Now, fx: &mut Effects) {
        if self.following.send(now.tick) {
            self.show_pause(false);
            fx.push(Effect::Follow);
        }
    }

    /// Somebody stops the copying for a while, or lets it go on.
    pub(super) fn pause_snapshot(&mut self, pause: bool, now: Now) {
        if !matches!(self.state.feed, Feed::Snapshot { .. }) {
            return;
        }
        self.following.paused = pause;
        if self.following.due != Due::InFlight {
            self.following.due = Due::At(if pause { now.tick + PAUSE } else { now.tick });
        }
        self.show_pause(pause);
    }

    fn show_pause(&mut self, now: bool) {
        if let Feed::Snapshot { paused, .. } = &mut self.state.feed {
            *paused = now;
        }
    }

    pub(super) fn followed(&mut self, what: Followed, jitter: f64, now: Now, fx: &mut Effects) {
        let failures = std::mem::take(&mut self.following.failures);
        if self.state.memory != Memory::Ready {
            self.following.due = Due::At(now.tick);
            return;
        }
        let before = self.state.feed;
        if what != Followed::NoAnswer {
            self.state.at_store = what != Followed::NotOffered;
        }
        let (feed, wait) = match what {
            Followed::NotOffered => (Feed::Off, ASK_AGAIN),
            Followed::Snapshot { done, total } => {
                (Feed::Snapshot { done, total, paused: self.following.paused }, Duration::ZERO)
            }
            Followed::UpToDate { rest } => (Feed::Following, if rest { REST } else { Duration::ZERO }),
            Followed::Changes(changes) => {
                self.took_over(*changes, now, fx);
                (Feed::Following, Duration::ZERO)
            }
            Followed::NoAnswer => {
                self.following.failures = failures.saturating_add(1);
                (before, back_off(failures, jitter, LONGEST_WAIT))
            }
        };
        let is_paused = matches!(feed, Feed::Snapshot { paused: true, .. });
        self.state.feed = feed;
        self.following.due = Due::At(now.tick + if is_paused { PAUSE } else { wait });
        if before == Feed::Off && feed != Feed::Off {
            self.outbox.authority_came(now.tick);
        }
        if before != Feed::Following && feed == Feed::Following {
            // Some may have agreed again meanwhile.
            self.outbox.authority_came(now.tick);
            if self.is_unlocked() {
                fx.push(Effect::ReadRecent);
            }
        }
    }

    fn took_over(&mut self, changes: Changes, now: Now, fx: &mut Effects) {
        let Changes { changed, left, erased, waiting, queue } = changes;
        self.take_count(queue);
        for customer in waiting {
            self.outbox.look_again(customer, now.tick);
        }
        if self.is_unlocked() {
            fx.push(Effect::ReadRecent);
        }
        let Visit::Open(open) = &mut self.state.visit else { return };
        let Some(sitting) = &mut self.sitting else { return };
        let is_copy = matches!(open.origin, Origin::Copy { .. });
        if erased.contains(&open.customer) || (is_copy && left.contains(&open.customer)) {
            self.close(Some(Ending::Done), fx);
            self.notice(NoticeKind::NoLongerRemembered);
        } else if left.contains(&open.customer) {
            // Whoever stands here by their own yes stays for this visit.
            (sitting.remember, sitting.kept, open.remember) = (None, Kept::No, None);
        } else if changed.contains(&open.customer) {
            let attempt = open.attempt;
            fx.push(match sitting.remembered_as() {
                Some(id) if is_copy => Effect::ReadCopy { attempt, id },
                // Their own token tells all.
                _ => Effect::LoadProfile { attempt },
            });
        }
    }
}
