//! When to ask the token endpoint again (RFC 8628, section 3.5). Pure: times and jitter come in as arguments.

use std::time::{Duration, Instant};

/// What RFC 8628 says when the provider names no interval.
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// A shorter interval is a mistake of the provider that would hammer it. A longer one is kept, whatever it is: a poll too
/// early may kill the code.
const SHORTEST: Duration = Duration::from_secs(1);
/// What is added at most while nothing answers.
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);
/// Added to the interval, because some providers count it from their own clock and punish the early.
const MARGIN: Duration = Duration::from_secs(1);
/// What a `slow_down` adds for good.
const SLOWER: Duration = Duration::from_secs(5);
/// A request that was open for this share of the interval was held.
const HELD_SHARE: f64 = 0.9;
/// How often a delay is doubled at most while nothing answers.
const MOST_DOUBLINGS: u32 = 3;

/// An interval that makes sense.
pub(crate) fn bounded(interval: Duration) -> Duration {
    interval.max(SHORTEST)
}

/// Whether a code that works for so long can be asked for even once.
pub(crate) fn is_possible(interval: Duration, life: Duration) -> bool {
    interval.saturating_add(MARGIN) < life
}

/// What the schedule needs to know of an answer. A final one needs no schedule any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// The customer has not decided yet.
    Pending {
        /// The provider says that the customer has opened the page.
        scanned: bool,
    },
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
    scanned: bool,
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
        let next = if holds { Some(now) } else { later(now, interval) };
        let next = next.filter(|first| *first < deadline).map_or(Next::Never, Next::At);
        Self { interval, holds, deadline, sent_at: now, answered_at: now, failures: 0, scanned: false, next }
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
        let earliest = match answer {
            AnswerKind::Pending { scanned } => {
                self.failures = 0;
                let is_news = scanned && !self.scanned;
                self.scanned |= scanned;
                self.after_pending(is_news, now)
            }
            AnswerKind::SlowDown { interval } => {
                self.failures = 0;
                self.interval = self.interval.saturating_add(SLOWER).max(interval.unwrap_or_default());
                // Whoever says "too fast" does not hold requests, whatever its metadata say.
                self.holds = false;
                later(now, self.interval)
            }
            AnswerKind::NoAnswer => {
                self.failures += 1;
                later(now, self.interval)
            }
        };
        // A last request just before the deadline, rather than a back-off that outlives the code.
        let last = self.deadline.checked_sub(MARGIN).unwrap_or(self.deadline);
        let wanted = earliest.map(|earliest| (earliest + self.backoff(jitter)).min(last.max(earliest)));
        self.next = wanted.filter(|wanted| *wanted < self.deadline).map_or(Next::Never, Next::At);
    }

    /// A provider that has held the request, or had news, is asked again at once. One that only claims to hold requests is
    /// asked like any other.
    fn after_pending(&self, is_news: bool, now: Instant) -> Option<Instant> {
        let was_held = now.saturating_duration_since(self.sent_at) >= self.interval.mul_f64(HELD_SHARE);
        match self.holds {
            true if is_news => Some(now),
            true if was_held => self.sent_at.checked_add(self.interval).map(|at| at.max(now)),
            true | false => later(now, self.interval),
        }
    }

    /// The provider answers again: what the back-off has added to the ordinary delay is not waited for.
    pub fn is_reachable(&mut self) {
        if let (Next::At(at), true, Some(ordinary)) =
            (&mut self.next, self.failures > 0, later(self.answered_at, self.interval))
        {
            *at = (*at).min(ordinary);
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
        let times = (1 << self.failures.min(MOST_DOUBLINGS)) - 1;
        let doubled = self.interval.saturating_add(MARGIN).saturating_mul(times);
        let share = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 };
        doubled.min(LONGEST_BACKOFF).mul_f64(0.5 + share / 2.0)
    }
}

/// The ordinary delay; none where it never ends.
fn later(from: Instant, interval: Duration) -> Option<Instant> {
    from.checked_add(interval.checked_add(MARGIN)?)
}
