//! What ends by itself when nobody touches the till, said a while before (WCAG 2.2, success criterion 2.2.1). Whoever touches
//! it has that much time again; a code is lengthened by asking for a new one.

use std::time::{Duration, Instant};

use super::Machine;
use crate::state::{Lasting, Now, Renewal, Staff, TimesOut, Visit};

/// So long before it ends.
const AHEAD: Duration = Duration::from_secs(30);

impl Machine {
    /// What ends next, and when.
    fn ends_by_itself(&self) -> Option<(Instant, Lasting)> {
        let of_visit = match &self.state.visit {
            // Somebody is at work with it, or it is the last one that is shown by itself.
            Visit::AwaitingScan(scan) if scan.renewal == Renewal::Never => {
                Some((scan.code.deadline, Lasting::Code))
            }
            Visit::AwaitingMatch(found) => Some((found.deadline, Lasting::Match)),
            Visit::Open(open) => Some((open.idle_deadline, Lasting::Visit)),
            _ => None,
        };
        let of_till = self.lock_at.filter(|_| matches!(self.state.staff, Staff::Unlocked(_)));
        let of_till = of_till.map(|at| (at, Lasting::Till));
        of_visit.into_iter().chain(of_till).min_by_key(|(at, _)| *at)
    }

    /// When that is to be said.
    pub(super) fn warn_at(&self) -> Option<Instant> {
        let (at, _) = self.ends_by_itself()?;
        // Said once; after that the end itself is waited for.
        self.state.times_out.is_none().then(|| at.checked_sub(AHEAD).unwrap_or(at))
    }

    pub(super) fn say_what_times_out(&mut self, now: Now) {
        self.state.times_out = self.ends_by_itself().and_then(|(at, what)| {
            let left = at.saturating_duration_since(now.tick);
            (left <= AHEAD).then(|| TimesOut { what, at: now.wall + left })
        });
    }
}
