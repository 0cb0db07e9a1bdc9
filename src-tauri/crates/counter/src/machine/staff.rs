//! Who stands at the till: the first PIN, unlocking, locking.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::{Effect, Effects, Machine, PinAnswer};
use crate::state::{Associate, Ending, Memory, NoticeKind, Now, PinState, Staff, Visit};

/// A PIN that is being looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checking {
    check: u64,
    associate: Uuid,
    /// A look that takes longer than this does not keep everybody out.
    pub(super) give_up_at: Instant,
}

impl Machine {
    /// The first person to come, or a colleague of somebody who is signed in. Nobody adds themselves to a locked till.
    pub(super) fn add_associate(&mut self, name: String, pin: SecretString, fx: &mut Effects) {
        let first = matches!(self.state.staff, Staff::NoneYet { .. });
        let at_till = !self.state.associates_sign_in;
        if at_till && (first || self.is_unlocked()) && !name.trim().is_empty() {
            fx.push(Effect::AddAssociate { first, name, pin });
        }
    }

    pub(super) fn associate_added(
        &mut self,
        added: Option<Associate>,
        kept: bool,
        now: Now,
        fx: &mut Effects,
    ) {
        let Some(associate) = added else {
            match &mut self.state.staff {
                Staff::NoneYet { failed } => *failed = true,
                Staff::Locked { .. } | Staff::SigningIn(_) | Staff::Unlocked(_) => {
                    self.notice(NoticeKind::AssociateNotAdded);
                }
            }
            return;
        };
        // The memory has opened meanwhile and knows who may come in.
        if !kept && matches!(self.state.staff, Staff::Locked { .. }) {
            return;
        }
        self.associates.push(associate.clone());
        self.associates.sort_by(|a, b| a.name.cmp(&b.name));
        match &mut self.state.staff {
            Staff::NoneYet { .. } => self.unlocked(associate, now, fx),
            Staff::Locked { associates, .. } => associates.clone_from(&self.associates),
            Staff::SigningIn(_) => {}
            Staff::Unlocked(_) => self.notice(NoticeKind::AssociateAdded { name: associate.name }),
        }
    }

    pub(super) fn unlock(&mut self, associate: Uuid, digits: SecretString, now: Now, fx: &mut Effects) {
        let signs_in_again = self.must_sign_in(associate, now.wall);
        if let Staff::Locked { pin, .. } = &mut self.state.staff
            && self.checking.is_none()
        {
            if signs_in_again {
                *pin = PinState::SignInAgain { associate };
                return;
            }
            *pin = PinState::Checking;
            self.pin_checks += 1;
            let (check, give_up_at) = (self.pin_checks, now.tick + self.settings.patience);
            self.checking = Some(Checking { check, associate, give_up_at });
            fx.push(Effect::CheckPin { check, associate, pin: digits });
        }
    }

    /// The look at a PIN took too long: another may be entered.
    pub(super) fn stop_checking(&mut self) {
        self.checking = None;
        if let Staff::Locked { pin, .. } = &mut self.state.staff {
            *pin = PinState::Failed;
        }
    }

    pub(super) fn pin_checked(&mut self, check: u64, answer: PinAnswer, now: Now, fx: &mut Effects) {
        let Some(Checking { associate, .. }) = self.checking.take_if(|checking| checking.check == check)
        else {
            return;
        };
        let Staff::Locked { pin, .. } = &mut self.state.staff else { return };
        match answer {
            PinAnswer::Right(associate) => self.unlocked(associate, now, fx),
            PinAnswer::Wrong => *pin = PinState::Wrong { associate },
            PinAnswer::Blocked { until } => {
                *pin = PinState::Blocked { associate, until };
                self.unblock_at = Some(now.tick + wait(now.wall, until));
            }
            PinAnswer::Failed => *pin = PinState::Failed,
        }
    }

    pub(super) fn unlocked(&mut self, associate: Associate, now: Now, fx: &mut Effects) {
        // Somebody of this run alone gets another id when the memory takes them in.
        if !self.associates.iter().any(|known| known.id == associate.id)
            && let Some(known) = self.associates.iter_mut().find(|known| known.name == associate.name)
        {
            known.id = associate.id;
        }
        self.unblock_at = None;
        self.checking = None;
        self.state.staff = Staff::Unlocked(associate);
        self.lock_at = Some(now.tick + self.settings.lock_idle);
        fx.push(Effect::Discover);
        self.say_what_arrived();
        if self.state.memory == Memory::Ready && self.may_serve() {
            fx.push(Effect::ReadRecent);
        }
    }

    pub(super) fn unblock(&mut self) {
        self.unblock_at = None;
        if let Staff::Locked { pin: pin @ PinState::Blocked { .. }, .. } = &mut self.state.staff {
            *pin = PinState::Untried;
        }
    }

    /// Locks the till; a visit ends with it.
    pub(super) fn lock(&mut self, now: Now, fx: &mut Effects) {
        self.lock_at = None;
        if !self.is_unlocked() {
            return;
        }
        self.state.staff = Staff::Locked { associates: self.associates.clone(), pin: PinState::Untried };
        if self.sitting.is_some() {
            self.end(Ending::Locked, now, fx);
        } else {
            self.give_up_at = None;
            self.state.visit = Visit::Idle;
        }
        self.state.recent.clear();
        self.state.notice = None;
    }

    /// The associate who is signed in.
    pub(super) fn who(&self) -> Option<Uuid> {
        match &self.state.staff {
            Staff::Unlocked(associate) => Some(associate.id),
            Staff::NoneYet { .. } | Staff::Locked { .. } | Staff::SigningIn(_) => None,
        }
    }

    /// Whether somebody is signed in who may see customers.
    pub(super) fn may_serve(&self) -> bool {
        matches!(&self.state.staff, Staff::Unlocked(associate) if associate.may().serve)
    }
}

fn wait(now: DateTime<Utc>, until: DateTime<Utc>) -> Duration {
    (until - now).to_std().unwrap_or_default()
}
