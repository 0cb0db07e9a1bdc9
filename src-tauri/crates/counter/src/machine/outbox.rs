//! When queued edits are sent: those of one customer in order, customers independent of each other, later and later
//! while nothing answers, and at once when the centre is back.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{Effect, Effects, Machine, Sent};
use crate::state::{Connection, Memory, NoticeKind, Now, Queue};

/// So many requests at a time, however many customers wait.
const MOST_IN_FLIGHT: usize = 4;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Customers with edits that wait, by their key in the vault: the machine knows no more of them.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    customers: BTreeMap<Uuid, Line>,
    /// Edits that had to wait and have arrived since the queue was last empty.
    arrived: u32,
}

/// The line of one customer.
#[derive(Debug)]
struct Line {
    due: Due,
    failures: u32,
    /// Had to wait: worth a word when it arrives.
    late: bool,
    /// An edit came while another was in flight.
    more: bool,
    /// A token came while an edit was in flight.
    token_came: bool,
    hurried_at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    At(Instant),
    InFlight,
    /// Until the customer signs in again.
    NoToken,
}

impl Line {
    fn due(now: Instant) -> Self {
        let due = Due::At(now);
        Self { due, failures: 0, late: false, more: false, token_came: false, hurried_at: None }
    }
}

impl Outbox {
    /// What waits on the disk when the memory is opened.
    pub(super) fn fill(&mut self, waiting: &[Uuid], now: Instant) {
        for customer in waiting {
            self.customers.entry(*customer).or_insert(Line::due(now)).late = true;
        }
    }

    /// The memory is closed: what waits is read again when it opens. What is in flight will still be answered.
    pub(super) fn clear(&mut self) {
        self.customers.retain(|_, line| line.due == Due::InFlight);
    }

    /// An edit was saved.
    pub(super) fn add(&mut self, customer: Uuid, now: Instant) {
        let line = self.customers.entry(customer).or_insert(Line::due(now));
        line.more = line.due == Due::InFlight;
    }

    /// A customer has signed in again and left a token.
    pub(super) fn token_came(&mut self, customer: Uuid, now: Instant) {
        match self.customers.get_mut(&customer) {
            // What is on its way may have missed it.
            Some(line) if line.due == Due::InFlight => line.token_came = true,
            Some(line) => line.due = Due::At(now),
            None => {}
        }
    }

    /// The till can send for itself by now what waited for a customer's token.
    pub(super) fn authority_came(&mut self, now: Instant) {
        for line in self.customers.values_mut().filter(|line| line.due == Due::NoToken) {
            line.due = Due::At(now);
        }
    }

    /// Whose edits wait for nothing but a new sign-in.
    fn need_sign_in(&self) -> BTreeSet<Uuid> {
        let lines = self.customers.iter().filter(|(_, line)| line.due == Due::NoToken);
        lines.map(|(customer, _)| *customer).collect()
    }

    /// A person has dropped an edit, so that there may be nothing left to send; or the store may remember the customer again, so
    /// that the till may send it by now.
    pub(super) fn look_again(&mut self, customer: Uuid, now: Instant) {
        if let Some(line) = self.customers.get_mut(&customer)
            && line.due == Due::NoToken
        {
            line.due = Due::At(now);
        }
    }

    /// The centre is back. A line is pulled forward once in a while only: a centre of which one half answers and the
    /// other does not comes and goes all the time.
    pub(super) fn hurry(&mut self, now: Instant) {
        for line in self.customers.values_mut() {
            line.late = true;
            let rested = line.hurried_at.is_none_or(|at| at + LONGEST_WAIT <= now);
            if let (true, Due::At(at)) = (rested, &mut line.due) {
                *at = now.min(*at);
                line.hurried_at = Some(now);
            }
        }
    }

    /// Sends what is due.
    pub(super) fn send(&mut self, now: Instant, fx: &mut Effects) {
        let mut room = self.room();
        for (customer, line) in &mut self.customers {
            if room == 0 {
                break;
            }
            if matches!(line.due, Due::At(at) if at <= now) {
                line.due = Due::InFlight;
                room -= 1;
                fx.push(Effect::SendNext { customer: *customer });
            }
        }
    }

    /// When the next is due; none while there is no room for it or nothing may be sent.
    pub(super) fn next_at(&self, may_send: bool) -> Option<Instant> {
        if !may_send || self.room() == 0 {
            return None;
        }
        let due = |line: &Line| match line.due {
            Due::At(at) => Some(at),
            Due::InFlight | Due::NoToken => None,
        };
        self.customers.values().filter_map(due).min()
    }

    fn room(&self) -> usize {
        let in_flight = self.customers.values().filter(|line| line.due == Due::InFlight).count();
        MOST_IN_FLIGHT.saturating_sub(in_flight)
    }

    fn answered(&mut self, customer: Uuid, answer: &Sent, more: bool, jitter: f64, now: Instant) {
        let Some(line) = self.customers.get_mut(&customer) else { return };
        let more = more || std::mem::take(&mut line.more);
        let token_came = std::mem::take(&mut line.token_came);
        match answer {
            Sent::Accepted(_) | Sent::Refused { .. } | Sent::MayBeKnown | Sent::Nothing => {
                if matches!(answer, Sent::Accepted(_)) && line.late {
                    self.arrived += 1;
                }
                if more {
                    (line.due, line.failures) = (Due::At(now), 0);
                } else {
                    self.customers.remove(&customer);
                }
            }
            Sent::NoAnswer => {
                line.late = true;
                line.due = Due::At(now + back_off(line.failures, jitter, LONGEST_WAIT));
                line.failures = line.failures.saturating_add(1);
            }
            Sent::NoToken => {
                line.late = true;
                line.due = if token_came { Due::At(now) } else { Due::NoToken };
            }
        }
    }
}

/// Doubles from one second; half of it is chance, so that tills that failed together do not come back together.
pub(super) fn back_off(failures: u32, jitter: f64, longest: Duration) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(16)).min(longest);
    let share = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 };
    whole.mul_f64(0.5 + share / 2.0)
}

impl Machine {
    /// Nothing is sent while the centre is known to be away: the probe finds out when it is back.
    pub(super) fn may_send(&self) -> bool {
        self.state.memory == Memory::Ready && !matches!(self.state.connection, Connection::Offline { .. })
    }

    #[expect(clippy::too_many_arguments, reason = "one argument for each part of the answer")]
    pub(super) fn queue_answered(
        &mut self,
        customer: Uuid,
        answer: Sent,
        edit: Option<Uuid>,
        more: bool,
        jitter: f64,
        now: Now,
        fx: &mut Effects,
    ) {
        self.outbox.answered(customer, &answer, more, jitter, now.tick);
        self.queued_edit_answered(customer, edit, answer, fx);
    }

    /// All that had to wait has arrived: said once, to somebody who is signed in.
    pub(super) fn say_what_arrived(&mut self) {
        if self.state.queue.waiting == 0 && self.outbox.arrived > 0 && self.is_unlocked() {
            let count = std::mem::take(&mut self.outbox.arrived);
            self.notice(NoticeKind::QueueSent { count });
        }
    }

    /// Takes over a count of the queue, unless a newer one was there first.
    pub(super) fn take_count(&mut self, queue: Option<Queue>) {
        if let Some(queue) = queue.filter(|queue| self.state.queue.count <= queue.count) {
            self.state.queue = queue;
        }
    }

    /// What the windows are to know of the lines.
    pub(super) fn say_who_must_sign_in(&mut self) {
        self.state.queue.need_sign_in = self.outbox.need_sign_in();
    }

    /// The queue in numbers, after an answer: says so when all that had to wait has arrived.
    pub(super) fn count_queue(&mut self, queue: Option<Queue>, fx: &mut Effects) {
        let before = self.state.queue.waiting;
        self.take_count(queue);
        self.say_what_arrived();
        if self.state.queue.waiting < before && self.is_unlocked() && self.state.memory == Memory::Ready {
            fx.push(Effect::ReadRecent);
        }
    }
}
