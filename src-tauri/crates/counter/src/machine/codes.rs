//! The codes of a sign-in: shown, polled, and replaced before they run out.
//!
//! A code may live for a minute only (authentik) or die before its time (Entra ID), while a customer stands in a queue. So
//! a fresh one is asked for ahead of its end, a few times at most: some providers count the codes of a whole store. The one
//! before is polled until it has run out. The first yes wins, and with it the polling of all others ends.

use std::time::{Duration, Instant};

use signin::{AnswerKind, PollSchedule};

use super::{Code, Effect, Effects, Machine, Polled};
use crate::state::{AttemptId, AwaitingScan, CodeId, Failure, Now, OfferedCode, Renewal, Visit};

/// So much of its life a code must still have when somebody scans it: a third, within these bounds.
const SHORTEST_RESERVE: Duration = Duration::from_secs(15);
const LONGEST_RESERVE: Duration = Duration::from_mins(1);
/// So often a code is replaced by itself.
const MOST_RENEWALS: u32 = 4;
/// When a code that was not given is asked for again, while the one before still works.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// The codes of one sign-in.
#[derive(Debug)]
pub(super) struct Offer {
    /// The code that was asked for last.
    asked: CodeId,
    /// How often one was replaced.
    renewals: u32,
    /// No code is replaced after this.
    until: Instant,
}

impl Machine {
    /// Asks for the first code of a sign-in.
    pub(super) fn offer_code(&mut self, attempt: AttemptId, now: Now, fx: &mut Effects) {
        let until = now.tick + self.settings.offer;
        self.offer = Some(Offer { asked: CodeId::default(), renewals: 0, until });
        self.wait_for_code(attempt, now);
        self.ask_for_code(attempt, fx);
    }

    fn wait_for_code(&mut self, attempt: AttemptId, now: Now) {
        self.state.visit = Visit::Starting { attempt };
        self.give_up_at = Some(now.tick + self.settings.patience);
    }

    fn ask_for_code(&mut self, attempt: AttemptId, fx: &mut Effects) {
        self.codes += 1;
        let code = CodeId(self.codes);
        if let Some(offer) = &mut self.offer {
            offer.asked = code;
        }
        fx.push(Effect::RequestCode { attempt, code });
    }

    pub(super) fn code_received(&mut self, attempt: AttemptId, id: CodeId, code: Code, now: Now) {
        let Some(offer) = self.offer.as_ref().filter(|offer| offer.asked == id) else { return };
        let fresh = offered(id, code, now);
        let renewal =
            if offer.may_renew(now.tick) { Renewal::At(renew_at(&fresh, now)) } else { Renewal::Never };
        match &mut self.state.visit {
            Visit::Starting { attempt: current } if *current == attempt => {
                self.give_up_at = None;
                let scan = AwaitingScan { attempt, code: fresh, before: None, renewal };
                self.state.visit = Visit::AwaitingScan(Box::new(scan));
            }
            Visit::AwaitingScan(scan) if scan.attempt == attempt && scan.renewal == Renewal::InFlight => {
                scan.before = Some(std::mem::replace(&mut scan.code, fresh));
                scan.renewal = renewal;
            }
            _ => {}
        }
    }

    pub(super) fn code_failed(
        &mut self,
        attempt: AttemptId,
        id: CodeId,
        why: Failure,
        now: Now,
        fx: &mut Effects,
    ) {
        if self.offer.as_ref().is_none_or(|offer| offer.asked != id) {
            return;
        }
        match &mut self.state.visit {
            Visit::Starting { attempt: current } if *current == attempt => self.fail(why, now, fx),
            Visit::AwaitingScan(scan) if scan.attempt == attempt => {
                // The code on the display still works.
                let later = why == Failure::Unreachable;
                scan.renewal = if later { Renewal::At(now.tick + ASK_AGAIN) } else { Renewal::Never };
            }
            _ => {}
        }
    }

    pub(super) fn polled(
        &mut self,
        attempt: AttemptId,
        code: CodeId,
        answer: Polled,
        jitter: f64,
        now: Now,
        fx: &mut Effects,
    ) {
        if answer == Polled::Granted {
            return self.granted(attempt, now, fx);
        }
        let Visit::AwaitingScan(scan) = &mut self.state.visit else { return };
        if scan.attempt != attempt {
            return;
        }
        let is_shown = scan.code.id == code;
        let Some(polled) = scan.codes_mut().find(|offered| offered.id == code) else { return };
        match polled.answered(answer, jitter, now.tick) {
            None => {}
            Some(Failure::Expired | Failure::Refused) if !is_shown => {
                scan.before = None;
                return;
            }
            Some(Failure::Expired) => return self.shown_code_is_over(now, fx),
            // Whoever said no to the code before has said no.
            Some(why) => return self.fail(why, now, fx),
        }
        if let (true, Renewal::At(at)) = (scan.scanned().is_some(), scan.renewal) {
            // Somebody is at work with it: nothing changes under their hands before it has run out.
            scan.renewal = Renewal::At(at.max(scan.code.deadline));
        }
    }

    /// A yes counts whichever code of this sign-in it was said to, also when that has run out meanwhile: the driver holds its
    /// tokens, and takes no others.
    fn granted(&mut self, attempt: AttemptId, now: Now, fx: &mut Effects) {
        let waits = match &self.state.visit {
            Visit::Starting { attempt: current } => *current == attempt,
            Visit::AwaitingScan(scan) => scan.attempt == attempt,
            _ => false,
        };
        if !waits {
            return;
        }
        self.state.visit = Visit::Verifying { attempt };
        self.offer = None;
        self.give_up_at = Some(now.tick + self.settings.patience);
        fx.push(Effect::Verify { attempt });
    }

    /// What the passing of time means for the codes of now.
    pub(super) fn codes_are_due(&mut self, now: Now, fx: &mut Effects) {
        let Visit::AwaitingScan(scan) = &mut self.state.visit else { return };
        let attempt = scan.attempt;
        scan.before.take_if(|before| before.is_over(now.tick));
        for code in scan.codes_mut() {
            if !code.is_over(now.tick) && code.schedule.next_at().is_some_and(|next| next <= now.tick) {
                code.schedule.sent(now.tick);
                fx.push(Effect::Poll { attempt, code: code.id });
            }
        }
        if scan.code.is_over(now.tick) {
            self.shown_code_is_over(now, fx);
        } else if matches!(scan.renewal, Renewal::At(at) if at <= now.tick) {
            scan.renewal = Renewal::InFlight;
            self.renew(attempt, fx);
        }
    }

    /// Nobody is shown a dead code: either a fresh one is on its way, or the sign-in has come to its end.
    fn shown_code_is_over(&mut self, now: Now, fx: &mut Effects) {
        let Visit::AwaitingScan(scan) = &self.state.visit else { return };
        let (attempt, renewal) = (scan.attempt, scan.renewal);
        // Whoever cannot be asked cannot have said that the code has run out.
        let why = if scan.code.unanswered { Failure::Unreachable } else { Failure::Expired };
        match renewal {
            Renewal::InFlight => self.wait_for_code(attempt, now),
            Renewal::At(_) if why == Failure::Expired => {
                self.wait_for_code(attempt, now);
                self.renew(attempt, fx);
            }
            Renewal::At(_) | Renewal::Never => self.fail(why, now, fx),
        }
    }

    fn renew(&mut self, attempt: AttemptId, fx: &mut Effects) {
        if let Some(offer) = &mut self.offer {
            offer.renewals += 1;
        }
        self.ask_for_code(attempt, fx);
    }
}

impl Offer {
    fn may_renew(&self, now: Instant) -> bool {
        self.renewals < MOST_RENEWALS && now < self.until
    }
}

impl AwaitingScan {
    /// When something is due at the latest.
    pub(super) fn next_at(&self) -> Instant {
        let renewal = match self.renewal {
            Renewal::At(at) => Some(at),
            Renewal::InFlight | Renewal::Never => None,
        };
        self.codes().map(OfferedCode::next_at).chain(renewal).min().unwrap_or(self.code.deadline)
    }

    /// The provider answers again.
    pub(super) fn is_reachable(&mut self) {
        self.codes_mut().for_each(|code| code.schedule.is_reachable());
    }
}

impl OfferedCode {
    /// Takes in an answer that is no yes. Why the code is over, where it is.
    pub(super) fn answered(&mut self, answer: Polled, jitter: f64, now: Instant) -> Option<Failure> {
        self.unanswered = answer == Polled::NoAnswer;
        let kind = match answer {
            Polled::Pending { scanned } => {
                self.scanned |= scanned;
                AnswerKind::Pending { scanned }
            }
            Polled::SlowDown { interval } => AnswerKind::SlowDown { interval },
            Polled::NoAnswer => AnswerKind::NoAnswer,
            Polled::Denied { by_customer: true } => return Some(Failure::Denied),
            Polled::Denied { by_customer: false } => return Some(Failure::Declined),
            Polled::Expired => return Some(Failure::Expired),
            Polled::Refused => return Some(Failure::Refused),
            Polled::Granted => return None,
        };
        self.schedule.answered(kind, now, jitter);
        None
    }

    pub(super) fn next_at(&self) -> Instant {
        self.schedule.next_at().map_or(self.deadline, |next| next.min(self.deadline))
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.schedule.is_over(now) || self.deadline <= now
    }
}

pub(super) fn offered(id: CodeId, code: Code, now: Now) -> OfferedCode {
    let deadline = now.tick + code.expires_in;
    OfferedCode {
        id,
        user_code: code.user_code,
        qr: code.complete.unwrap_or_else(|| code.verification_uri.clone()),
        verification_uri: code.verification_uri,
        shown_at: now.wall,
        expires_at: now.wall + code.expires_in,
        deadline,
        scanned: false,
        unanswered: false,
        schedule: PollSchedule::new(code.interval, code.holds, deadline, now.tick),
    }
}

/// Ahead of the end by what a customer needs to sign in.
fn renew_at(code: &OfferedCode, now: Now) -> Instant {
    let life = code.deadline.saturating_duration_since(now.tick);
    now.tick + life.saturating_sub((life / 3).clamp(SHORTEST_RESERVE, LONGEST_RESERVE).min(life / 2))
}
