//! An associate signs in at the store's identity provider with their own phone, by the same device grant as a customer: a
//! code in the associate's window, then a PIN of theirs at this till. From then on the PIN is enough for some days, also
//! while the provider cannot be reached.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::{Code, Effect, Effects, Machine, Polled, codes::offered};
use crate::{
    roles::Role,
    state::{
        Associate, AssociateFailure, AssociateSignIn, AssociateStage, CodeId, Failure, Now, PinChoice,
        PinState, Staff,
    },
};

/// A clock that is so far behind the last sign-in says nothing about how long that was ago.
const BEHIND: TimeDelta = TimeDelta::days(1);

/// What a check of an associate's token has found.
#[derive(Clone, Debug)]
pub enum CheckedAssociate {
    /// Somebody who has a PIN at this till.
    Known(Associate),
    /// Somebody who has none yet.
    New {
        /// As colleagues know them.
        name: String,
        /// What they are.
        role: Role,
    },
    /// Somebody who has no business at a till.
    NoRole,
    /// Nobody.
    Failed(Failure),
}

impl Machine {
    /// Begins anew, whatever was under way.
    pub(super) fn sign_in_associate(&mut self, now: Now, fx: &mut Effects) {
        if !self.state.associates_sign_in || self.is_unlocked() {
            return;
        }
        self.forget_sign_in(fx);
        self.checking = None;
        self.unblock_at = None;
        self.associate_sign_ins += 1;
        let sign_in = self.associate_sign_ins;
        self.state.staff = Staff::SigningIn(AssociateSignIn { sign_in, stage: AssociateStage::Asking });
        self.associate_at = Some(now.tick + self.settings.patience);
        fx.push(Effect::AskAssociateCode { sign_in });
    }

    /// The stage of this sign-in, where it is still going on.
    fn associate_stage(&mut self, sign_in: u64) -> Option<&mut AssociateStage> {
        match &mut self.state.staff {
            Staff::SigningIn(current) if current.sign_in == sign_in => Some(&mut current.stage),
            _ => None,
        }
    }

    pub(super) fn associate_code(&mut self, sign_in: u64, answer: Result<Code, Failure>, now: Now) {
        let Some(stage @ AssociateStage::Asking) = self.associate_stage(sign_in) else { return };
        match answer {
            Ok(code) => {
                let code = offered(CodeId::default(), code, now);
                let next = code.next_at();
                *stage = AssociateStage::Scan(Box::new(code));
                self.associate_at = Some(next);
            }
            Err(why) => self.associate_failed(AssociateFailure::NotSignedIn(why), now),
        }
    }

    pub(super) fn associate_polled(
        &mut self,
        sign_in: u64,
        answer: Polled,
        jitter: f64,
        now: Now,
        fx: &mut Effects,
    ) {
        let patience = self.settings.patience;
        let Some(stage) = self.associate_stage(sign_in) else { return };
        let AssociateStage::Scan(code) = stage else { return };
        if answer == Polled::Granted {
            *stage = AssociateStage::Checking;
            self.associate_at = Some(now.tick + patience);
            return fx.push(Effect::CheckAssociate { sign_in });
        }
        let (over, next) = (code.answered(answer, jitter, now.tick), code.next_at());
        match over {
            None => self.associate_at = Some(next),
            Some(why) => self.associate_failed(AssociateFailure::NotSignedIn(why), now),
        }
    }

    pub(super) fn associate_checked(
        &mut self,
        sign_in: u64,
        who: CheckedAssociate,
        now: Now,
        fx: &mut Effects,
    ) {
        let Some(stage @ AssociateStage::Checking) = self.associate_stage(sign_in) else { return };
        match who {
            CheckedAssociate::Known(associate) => self.associate_is_in(associate, now, fx),
            CheckedAssociate::New { name, role } => {
                *stage = AssociateStage::ChoosePin { name, role, choice: PinChoice::Open };
                self.associate_at = Some(now.tick + self.settings.match_timeout);
            }
            CheckedAssociate::NoRole => self.associate_failed(AssociateFailure::NoRole, now),
            CheckedAssociate::Failed(why) => self.associate_failed(AssociateFailure::NotSignedIn(why), now),
        }
    }

    pub(super) fn choose_pin(&mut self, pin: SecretString, now: Now, fx: &mut Effects) {
        let patience = self.settings.patience;
        let Staff::SigningIn(AssociateSignIn { sign_in, stage }) = &mut self.state.staff else { return };
        if let AssociateStage::ChoosePin { choice, .. } = stage
            && *choice != PinChoice::Saving
        {
            *choice = PinChoice::Saving;
            fx.push(Effect::KeepAssociate { sign_in: *sign_in, pin });
            self.associate_at = Some(now.tick + patience);
        }
    }

    pub(super) fn associate_kept(
        &mut self,
        sign_in: u64,
        kept: Option<Associate>,
        now: Now,
        fx: &mut Effects,
    ) {
        let again = now.tick + self.settings.match_timeout;
        let Some(AssociateStage::ChoosePin { choice, .. }) = self.associate_stage(sign_in) else { return };
        if let Some(associate) = kept {
            return self.associate_is_in(associate, now, fx);
        }
        *choice = PinChoice::Failed;
        self.associate_at = Some(again);
    }

    fn associate_is_in(&mut self, associate: Associate, now: Now, fx: &mut Effects) {
        self.forget_sign_in(fx);
        self.associates.retain(|known| known.id != associate.id);
        self.associates.push(associate.clone());
        self.associates.sort_by(|a, b| a.name.cmp(&b.name));
        self.unlocked(associate, now, fx);
    }

    fn associate_failed(&mut self, why: AssociateFailure, now: Now) {
        if let Staff::SigningIn(AssociateSignIn { stage, .. }) = &mut self.state.staff {
            *stage = AssociateStage::Failed(why);
            self.associate_at = Some(now.tick + self.settings.failure);
        }
    }

    /// Back to the PINs.
    pub(super) fn leave_associate_sign_in(&mut self, fx: &mut Effects) {
        if matches!(self.state.staff, Staff::SigningIn(_)) {
            self.forget_sign_in(fx);
            self.state.staff = Staff::Locked { associates: self.associates.clone(), pin: PinState::Untried };
        }
    }

    fn forget_sign_in(&mut self, fx: &mut Effects) {
        self.associate_at = None;
        if let Staff::SigningIn(AssociateSignIn { sign_in, .. }) = &self.state.staff {
            fx.push(Effect::ForgetAssociateSignIn { sign_in: *sign_in });
        }
    }

    /// What the passing of time means for it.
    pub(super) fn associate_is_due(&mut self, now: Now, fx: &mut Effects) {
        let Staff::SigningIn(AssociateSignIn { sign_in, stage }) = &mut self.state.staff else {
            self.associate_at = None;
            return;
        };
        let why = match stage {
            AssociateStage::Asking | AssociateStage::Checking => Failure::Unreachable,
            AssociateStage::Scan(code) if code.is_over(now.tick) => {
                if code.unanswered {
                    Failure::Unreachable
                } else {
                    Failure::Expired
                }
            }
            AssociateStage::Scan(code) => {
                if code.schedule.next_at().is_some_and(|next| next <= now.tick) {
                    code.schedule.sent(now.tick);
                    fx.push(Effect::PollAssociate { sign_in: *sign_in });
                }
                self.associate_at = Some(code.next_at());
                return;
            }
            AssociateStage::ChoosePin { choice: choice @ PinChoice::Saving, .. } => {
                *choice = PinChoice::Failed;
                self.associate_at = Some(now.tick + self.settings.match_timeout);
                return;
            }
            AssociateStage::ChoosePin { .. } | AssociateStage::Failed(_) => {
                return self.leave_associate_sign_in(fx);
            }
        };
        self.associate_failed(AssociateFailure::NotSignedIn(why), now);
    }

    /// Whether a PIN is not enough any more.
    pub(super) fn must_sign_in(&self, associate: Uuid, now: DateTime<Utc>) -> bool {
        let Some(counts_for) = self.settings.pin_counts_for else { return false };
        let known = self.associates.iter().find(|known| known.id == associate);
        known.and_then(|known| known.provided.as_ref()).is_none_or(|provided| {
            provided.signed_in_at.is_none_or(|at| counts_for < now - at || BEHIND < at - now)
        })
    }

    /// Locks the till, and the PIN of whoever is signed in is not enough the next time.
    pub(super) fn end_shift(&mut self, now: Now, fx: &mut Effects) {
        if let Some(id) = self.who() {
            if let Some(known) = self.associates.iter_mut().find(|known| known.id == id)
                && let Some(provided) = &mut known.provided
            {
                provided.signed_in_at = None;
                fx.push(Effect::EndShift { associate: id });
            }
            self.lock(now, fx);
        }
    }
}
