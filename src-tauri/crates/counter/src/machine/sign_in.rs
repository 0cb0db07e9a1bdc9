//! A sign-in from the tap to the two-way match.

use profile::masked_name;
use signin::{AnswerKind, PollSchedule};

use super::{Code, Effect, Effects, Machine, Polled, Verified};
use crate::state::{AttemptId, AwaitingMatch, AwaitingScan, Ending, Failure, Now, Visit};

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
            self.state.visit = Visit::Starting { attempt };
            self.give_up_at = Some(now.tick + self.settings.patience);
            fx.push(Effect::RequestCode { attempt });
        }
    }

    pub(super) fn cancel(&mut self, now: Now, fx: &mut Effects) {
        match &self.state.visit {
            Visit::Starting { .. }
            | Visit::AwaitingScan(_)
            | Visit::Verifying { .. }
            | Visit::AwaitingMatch(_)
            | Visit::LoadingProfile(_) => self.end(Ending::Cancelled, now, fx),
            Visit::Idle | Visit::Open(_) | Visit::Ended { .. } | Visit::Failed(_) => {}
        }
    }

    pub(super) fn code_received(&mut self, attempt: AttemptId, code: Code, now: Now) {
        if !matches!(self.state.visit, Visit::Starting { attempt: current } if current == attempt) {
            return;
        }
        self.give_up_at = None;
        let deadline = now.tick + code.expires_in;
        self.state.visit = Visit::AwaitingScan(AwaitingScan {
            attempt,
            user_code: code.user_code,
            qr: code.complete.unwrap_or_else(|| code.verification_uri.clone()),
            verification_uri: code.verification_uri,
            shown_at: now.wall,
            expires_at: now.wall + code.expires_in,
            deadline,
            scanned: false,
            unanswered: false,
            schedule: PollSchedule::new(code.interval, code.holds, deadline, now.tick),
        });
    }

    pub(super) fn code_failed(&mut self, attempt: AttemptId, why: Failure, now: Now, fx: &mut Effects) {
        if matches!(self.state.visit, Visit::Starting { attempt: current } if current == attempt) {
            self.fail(why, now, fx);
        }
    }

    pub(super) fn polled(
        &mut self,
        attempt: AttemptId,
        answer: Polled,
        jitter: f64,
        now: Now,
        fx: &mut Effects,
    ) {
        let Visit::AwaitingScan(scan) = &mut self.state.visit else { return };
        if scan.attempt != attempt {
            return;
        }
        scan.unanswered = answer == Polled::NoAnswer;
        let kind = match answer {
            Polled::Pending { scanned } => {
                scan.scanned |= scanned;
                AnswerKind::Pending { scanned }
            }
            Polled::SlowDown { interval } => AnswerKind::SlowDown { interval },
            Polled::NoAnswer => AnswerKind::NoAnswer,
            Polled::Denied => return self.fail(Failure::Denied, now, fx),
            Polled::Expired => return self.fail(Failure::Expired, now, fx),
            Polled::Refused => return self.fail(Failure::Refused, now, fx),
            Polled::Granted => {
                self.state.visit = Visit::Verifying { attempt };
                self.give_up_at = Some(now.tick + self.settings.patience);
                fx.push(Effect::Verify { attempt });
                return;
            }
        };
        scan.schedule.answered(kind, now.tick, jitter);
    }

    pub(super) fn verified(&mut self, attempt: AttemptId, who: Verified, now: Now, fx: &mut Effects) {
        if !matches!(self.state.visit, Visit::Verifying { attempt: current } if current == attempt) {
            return;
        }
        self.give_up_at = None;
        // An agreement that is over already is none.
        let remember_until = who.remember_until.filter(|until| now.wall < *until);
        if let Some(sitting) = &mut self.sitting {
            sitting.until = remember_until;
        }
        self.state.visit = Visit::AwaitingMatch(AwaitingMatch {
            attempt,
            masked_name: who.name.as_deref().map(masked_name).unwrap_or_default(),
            check: who.check,
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
