//! Whether the centre answers, from the requests made anyway; while it does not, a light probe.

use std::time::{Duration, Instant};

use super::{Effect, Effects, Machine, outbox::back_off};
use crate::state::{Connection, Now, Visit};

const FIRST_PROBE: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

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

impl Machine {
    pub(super) fn centre(&mut self, answered: bool, now: Now, fx: &mut Effects) {
        match (&self.state.connection, answered) {
            (Connection::Online, true) | (Connection::Offline { .. }, false) => {}
            (Connection::Unknown, true) => self.state.connection = Connection::Online,
            (Connection::Offline { .. }, true) => {
                self.state.connection = Connection::Online;
                self.probe = Probe::default();
                self.outbox.hurry(now.tick);
                fx.push(Effect::RevokeQueued);
                if let Visit::AwaitingScan(scan) = &mut self.state.visit {
                    scan.is_reachable();
                }
                self.compare_copy(fx);
            }
            (Connection::Unknown | Connection::Online, false) => {
                self.state.connection = Connection::Offline { since: now.wall };
                self.probe = Probe { due: Due::At(now.tick + FIRST_PROBE), failures: 0 };
            }
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
