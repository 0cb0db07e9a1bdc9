//! Whether the centre answers, from the requests made anyway; while it does not, or not well, a light probe.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{Effect, Effects, Machine, outbox::back_off};
use crate::state::{Connection, Now, Visit};

const FIRST_PROBE: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// What was longer ago says nothing of today.
const LATELY: Duration = Duration::from_mins(2);
/// So many requests lately that were not answered, or slowly, and a connection limps;
const MANY: usize = 3;
/// with fewer than so many it does so no more.
const FEW: usize = 2;
/// Requests that are kept in mind.
const MEMORY: usize = 20;

/// When the next probe is due.
#[derive(Debug, Default)]
pub(super) struct Probe {
    due: Due,
    failures: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Due {
    /// The centre answers, or nobody has asked it.
    #[default]
    NotNeeded,
    At(Instant),
    InFlight,
}

impl Probe {
    fn after(wait: Duration, now: Instant) -> Self {
        Self { due: Due::At(now + wait), failures: 0 }
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        match self.due {
            Due::At(at) => Some(at),
            Due::NotNeeded | Due::InFlight => None,
        }
    }

    /// Whether a probe is to be sent now.
    pub(super) fn send(&mut self, now: Instant) -> bool {
        let due = matches!(self.due, Due::At(at) if at <= now);
        if due {
            self.due = Due::InFlight;
        }
        due
    }

    /// The probe is over. Whether the centre answered was said before.
    pub(super) fn probed(&mut self, jitter: f64, now: Instant) {
        if self.due == Due::InFlight {
            self.failures = self.failures.saturating_add(1);
            self.due = Due::At(now + back_off(self.failures, jitter, LONGEST_WAIT));
        }
    }
}

/// Requests that were not answered, or slowly: when.
#[derive(Debug, Default)]
pub(super) struct Lately(VecDeque<Instant>);

impl Lately {
    fn went_badly(&mut self, now: Instant) {
        if self.0.len() == MEMORY {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    /// Whether a connection limps, which did so before or not.
    fn limps(&mut self, did: bool, now: Instant) -> bool {
        while self.0.front().is_some_and(|at| *at + LATELY < now) {
            self.0.pop_front();
        }
        self.0.len() >= if did { FEW } else { MANY }
    }
}

impl Machine {
    pub(super) fn centre(&mut self, answered: bool, slow: bool, now: Now, fx: &mut Effects) {
        let before = self.state.connection.clone();
        if slow {
            self.lately.went_badly(now.tick);
        }
        if !answered {
            // An outage is one, however often somebody asks meanwhile.
            if !matches!(before, Connection::Offline { .. }) {
                self.lately.went_badly(now.tick);
                self.state.connection = Connection::Offline { since: now.wall };
                self.probe = Probe::after(FIRST_PROBE, now.tick);
            }
            return;
        }
        let limps = self.lately.limps(before == Connection::Limping, now.tick);
        self.state.connection = if limps { Connection::Limping } else { Connection::Online };
        if self.state.connection == before {
            return;
        }
        // Somebody must find out when it goes well again.
        self.probe = if limps { Probe::after(LONGEST_WAIT, now.tick) } else { Probe::default() };
        if matches!(before, Connection::Offline { .. }) {
            self.outbox.hurry(now.tick);
            fx.push(Effect::RevokeQueued);
            fx.push(Effect::HandOver);
            if let Visit::AwaitingScan(scan) = &mut self.state.visit {
                scan.is_reachable();
            }
            self.compare_copy(fx);
        }
    }

    /// The open copy was not compared with the centre yet.
    fn compare_copy(&mut self, fx: &mut Effects) {
        if let (Some(sitting), Visit::Open(open)) = (&mut self.sitting, &self.state.visit)
            && sitting.outdated
        {
            sitting.outdated = false;
            fx.push(Effect::LoadProfile { attempt: open.attempt });
        }
    }
}
