//! When the audit trail goes to the centre: as soon as the memory is open, and then again and again, for as long as the
//! centre answers. Also where there is nothing new: then how the trail ends is compared.

use std::time::{Duration, Instant};

use super::{Effect, Effects, Machine, outbox::back_off};
use crate::state::Now;

/// The pause between two batches, where the centre has all there is.
const REST: Duration = Duration::from_mins(5);
/// The longest pause after batches that came to nothing.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// When a service that takes no trails is asked again: store IT may have set it up.
const ASK_AGAIN: Duration = Duration::from_mins(10);

/// What a batch came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shipped {
    /// Provider or service have no such thing, or not for this till.
    NotOffered,
    /// The centre has it.
    Taken {
        /// There is more to send at once.
        more: bool,
    },
    /// Nothing came of it, for now.
    NoAnswer,
}

/// When the next batch is due.
#[derive(Debug, Default)]
pub(super) struct Shipping {
    /// None before there is a key of the till's own, and while a batch is under way.
    due: Option<Instant>,
    failures: u32,
}

impl Shipping {
    pub(super) fn next_at(&self, may_send: bool) -> Option<Instant> {
        self.due.filter(|_| may_send)
    }

    /// The till can ask for itself.
    pub(super) fn offered(&mut self, now: Instant) {
        self.due = Some(now);
    }
}

impl Machine {
    pub(super) fn ship(&mut self, now: Now, fx: &mut Effects) {
        if self.shipping.due.take_if(|due| *due <= now.tick).is_some() {
            fx.push(Effect::ShipAudit);
        }
    }

    pub(super) fn shipped(&mut self, what: Shipped, jitter: f64, now: Now) {
        let failures = std::mem::take(&mut self.shipping.failures);
        let wait = match what {
            Shipped::NotOffered => ASK_AGAIN,
            Shipped::Taken { more: true } => Duration::ZERO,
            Shipped::Taken { more: false } => REST,
            Shipped::NoAnswer => {
                self.shipping.failures = failures.saturating_add(1);
                back_off(failures, jitter, LONGEST_WAIT)
            }
        };
        self.shipping.due = Some(now.tick + wait);
    }
}
