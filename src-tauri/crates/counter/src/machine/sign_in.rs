//! A sign-in from the tap to the two-way match. What happens to its codes in between is in [`super::codes`].

use profile::masked_name;

use super::{Effect, Effects, Machine, Verified};
use crate::state::{AttemptId, AwaitingMatch, Ending, Failure, Now, Visit};

impl Machine {
    /// The next customer. Whoever was open before leaves first.
    pub(super) fn sign_in(&mut self, now: Now, fx: &mut Effects) {
        match &self.state.visit {
            Visit::Idle | Visit::Ended { .. } | Visit::Failed(_) => self.start(None, now, fx),
            Visit::Open(_) => self.start(Some(Ending::Done), now, fx),
            // Tapped twice.
            Visit::Starting { .. }
            | Visit::AwaitingScan(_)
            | Visit::Verifying { .. }
            | Visit::AwaitingMatch(_)
            | Visit::LoadingProfile(_) => {}
        }
    }

    /// A new code; the old one is dead.
    pub(super) fn new_code(&mut self, now: Now, fx: &mut Effects) {
        if matches!(self.state.visit, Visit::AwaitingScan(_) | Visit::Failed(_)) {
            self.start(None, now, fx);
        }
    }

    fn start(&mut self, former: Option<Ending>, now: Now, fx: &mut Effects) {
        if self.is_unlocked() {
            self.close(former, fx);
            let attempt = self.begin();
            self.offer_code(attempt, now, fx);
        }
    }

    pub(super) fn cancel(&mut self, now: Now, fx: &mut Effects) {
        self.leave_associate_sign_in(fx);
        match &self.state.visit {
            Visit::Starting { .. }
            | Visit::AwaitingScan(_)
            | Visit::Verifying { .. }
            | Visit::AwaitingMatch(_)
            | Visit::LoadingProfile(_) => self.end(Ending::Cancelled, now, fx),
            Visit::Idle | Visit::Open(_) | Visit::Ended { .. } | Visit::Failed(_) => {}
        }
    }

    pub(super) fn verified(&mut self, attempt: AttemptId, who: Verified, now: Now, fx: &mut Effects) {
        if !matches!(self.state.visit, Visit::Verifying { attempt: current } if current == attempt) {
            return;
        }
        self.give_up_at = None;
        // An agreement that is over already is none.
        let remember = who.remember.filter(|remember| now.wall < remember.until);
        let remember_until = remember.as_ref().map(|remember| remember.until);
        if let Some(sitting) = &mut self.sitting {
            sitting.remember = remember;
            sitting.proof = Some(who.proof.clone());
        }
        self.state.visit = Visit::AwaitingMatch(AwaitingMatch {
            attempt,
            masked_name: who.name.as_deref().map(masked_name).unwrap_or_default(),
            check: who.check,
            proof: who.proof,
            remember_until,
            loaded: None,
            customer: who.customer,
            deadline: now.tick + self.settings.match_timeout,
        });
        fx.push(Effect::LoadProfile { attempt });
    }

    pub(super) fn not_verified(&mut self, attempt: AttemptId, why: Failure, now: Now, fx: &mut Effects) {
        if matches!(self.state.visit, Visit::Verifying { attempt: current } if current == attempt) {
            self.fail(why, now, fx);
        }
    }
}
