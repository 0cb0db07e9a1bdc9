//! When to ask the token endpoint again (RFC 8628, section 3.5). Pure: times and jitter come in as arguments.

use std::time::{Duration, Instant};

/// What RFC 8628 says when the provider names no interval.
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// An interval outside of these bounds is a mistake of the provider that would hammer it or stall the counter.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
/// Added to the interval, because some providers count it from their own clock and punish the early.
const MARGIN: Duration = Duration::from_secs(1);
/// What a `slow_down` adds for good.
const SLOWER: Duration = Duration::from_secs(5);
/// The least time between two requests to a provider that holds them.
const HELD_GAP: Duration = Duration::from_millis(500);
/// How often a delay is doubled at most while nothing answers.
const MOST_DOUBLINGS: u32 = 3;

/// An interval that makes sense.
pub(crate) fn bounded(interval: Duration) -> Duration {
    interval.clamp(SHORTEST, LONGEST)
}

/// What the schedule needs to know of an answer. A final one needs no schedule any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// The customer has not decided yet.
    Pending,
    /// Too fast.
    SlowDown {
        /// The new interval, where the provider names one.
        interval: Option<Duration>,
    },
    /// No answer, or none that says anything.
    NoAnswer,
}

/// When to ask the token endpoint again. One request is in flight at most: after [`PollSchedule::sent`] there is no next
/// one until [`PollSchedule::answered`].
#[derive(Clone, Debug)]
pub struct PollSchedule {
    interval: Duration,
    holds: bool,
    deadline: Instant,
    sent_at: Instant,
    answered_at: Instant,
    failures: u32,
    next: Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    At(Instant),
    InFlight,
    Never,
}

impl PollSchedule {
    /// Starts with a code that was received at `now` and works until `deadline`. `holds`: the provider keeps a request
    /// open until there is something to say, so the first one goes at once.
    pub fn new(interval: Duration, holds: bool, deadline: Instant, now: Instant) -> Self {
        let interval = bounded(interval);
        let first = if holds { now } else { now + interval + MARGIN };
        let next = if first < deadline { Next::At(first) } else { Next::Never };
        Self { interval, holds, deadline, sent_at: now, answered_at: now, failures: 0, next }
    }

    /// When the next request is due; none while one is in flight and when all is over.
    pub fn next_at(&self) -> Option<Instant> {
        match self.next {
            Next::At(at) => Some(at),
            Next::InFlight | Next::Never => None,
        }
    }

    /// A request was sent.
    pub fn sent(&mut self, now: Instant) {
        self.sent_at = now;
        self.next = Next::InFlight;
    }

    /// The request was answered, or given up. `jitter` is a random number from 0 to 1.
    pub fn answered(&mut self, answer: AnswerKind, now: Instant, jitter: f64) {
        self.answered_at = now;
        match answer {
            AnswerKind::Pending => self.failures = 0,
            AnswerKind::SlowDown { interval } => {
                self.failures = 0;
                let asked = interval.unwrap_or_default().min(LONGEST);
                self.interval = (self.interval + SLOWER).max(asked);
                // Whoever says "too fast" does not hold requests, whatever its metadata say.
                self.holds = false;
            }
            AnswerKind::NoAnswer => self.failures += 1,
        }
        let earliest = match answer {
            AnswerKind::Pending if self.holds => now.max(self.sent_at + HELD_GAP),
            _ => now + self.interval + MARGIN,
        };
        // A last request just before the deadline, rather than a back-off that outlives the code.
        let last = self.deadline.checked_sub(MARGIN).unwrap_or(self.deadline);
        let wanted = (earliest + self.backoff(jitter)).min(last.max(earliest));
        self.next = if wanted < self.deadline { Next::At(wanted) } else { Next::Never };
    }

    /// The provider answers again: what the back-off has added to the ordinary delay is not waited for.
    pub fn is_reachable(&mut self) {
        if let (Next::At(at), true) = (&mut self.next, self.failures > 0) {
            *at = (*at).min(self.answered_at + self.interval + MARGIN);
        }
    }

    /// Whether the code has run out, or no further request can be made before it does.
    pub fn is_over(&self, now: Instant) -> bool {
        now >= self.deadline || self.next == Next::Never
    }

    /// What is added to the ordinary delay: it doubles with each failure, and tills that failed together do not come
    /// back together.
    fn backoff(&self, jitter: f64) -> Duration {
        if self.failures == 0 {
            return Duration::ZERO;
        }
        let doubled = (self.interval + MARGIN) * ((1 << self.failures.min(MOST_DOUBLINGS)) - 1);
        let share = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 };
        doubled.min(LONGEST).mul_f64(0.5 + share / 2.0)
    }
}
