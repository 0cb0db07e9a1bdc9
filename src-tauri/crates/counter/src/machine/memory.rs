//! Whether the till can remember anybody, and what follows when that changes.

use std::time::Duration;

use profile::Profile;
use uuid::Uuid;

use super::{Effect, Effects, Machine, OpenedMemory, Sitting, ToRemember, sitting::Kept};
use crate::state::{
    AttemptId, Ending, Feed, Memory, NoticeKind, Now, Origin, PinState, Remembered, Staff, Visit,
};

/// How often a memory that cannot be opened now is tried again.
const REOPEN_EVERY: Duration = Duration::from_secs(30);

impl Machine {
    /// Tries again by itself. What the screen says of the memory stays until that has worked.
    pub(super) fn reopen(&mut self, fx: &mut Effects) {
        self.reopen_at = None;
        fx.push(Effect::OpenMemory);
    }

    pub(super) fn retry_memory(&mut self, fx: &mut Effects) {
        if !matches!(self.state.memory, Memory::Opening | Memory::Ready) {
            self.reopen_at = None;
            self.state.memory = Memory::Opening;
            fx.push(Effect::OpenMemory);
        }
    }

    /// Only what cannot be read is set aside. A keyring that is locked today opens tomorrow.
    pub(super) fn start_anew(&mut self, fx: &mut Effects) {
        let unreadable = matches!(self.state.memory, Memory::WrongKey | Memory::Damaged);
        if unreadable && !matches!(self.state.staff, Staff::Locked { .. } | Staff::SigningIn(_)) {
            self.state.memory = Memory::Opening;
            fx.push(Effect::StartAnew);
        }
    }

    pub(super) fn memory_opened(&mut self, opened: OpenedMemory, now: Now, fx: &mut Effects) {
        self.reopen_at = None;
        self.state.memory = Memory::Ready;
        self.take_count(Some(opened.queue));
        self.purge_at = Some(now.tick);
        self.outbox.fill(&opened.waiting, now.tick);
        self.following.pull_forward(now.tick);
        let by_provider = self.state.associates_sign_in;
        if opened.associates.is_empty() && !by_provider {
            if self.associates.is_empty() && !self.is_unlocked() {
                self.state.staff = Staff::NoneYet { failed: false };
            }
        } else {
            // Whoever made up a PIN while the memory was closed does not get at what it holds with that;
            // somebody whom the provider knows does, until they leave.
            let stays = by_provider
                || self.who().is_none_or(|id| opened.associates.iter().any(|known| known.id == id));
            self.associates = opened.associates;
            if !stays {
                self.lock(now, fx);
            }
            match &mut self.state.staff {
                Staff::Locked { associates, .. } => associates.clone_from(&self.associates),
                Staff::NoneYet { .. } => {
                    self.state.staff =
                        Staff::Locked { associates: self.associates.clone(), pin: PinState::Untried };
                }
                Staff::SigningIn(_) | Staff::Unlocked(_) => {}
            }
        }
        if self.may_serve() {
            self.state.recent = opened.recent;
        }
        if let Some(rescued) = opened.rescued {
            self.notice(NoticeKind::StartedAnew(rescued));
        }
        if matches!(&self.state.visit, Visit::Open(_)) {
            self.remember(now, fx);
        }
    }

    pub(super) fn memory_failed(&mut self, why: Memory, now: Now) {
        // Nobody has to do anything at the till for these to pass. A locked keyring would ask for its password each time.
        let passes = matches!(why, Memory::DiskFull | Memory::KeyringSilent);
        // Each write that fails comes here: it does not put the next try off.
        self.reopen_at = passes.then(|| self.reopen_at.unwrap_or(now.tick + REOPEN_EVERY));
        self.state.memory = why;
        self.state.recent.clear();
        self.outbox.clear();
        self.state.feed = Feed::Off;
        self.purge_at = None;
        let nobody = self.associates.is_empty() && !self.state.associates_sign_in;
        if nobody && matches!(self.state.staff, Staff::Locked { .. }) {
            self.state.staff = Staff::NoneYet { failed: false };
        }
    }

    pub(super) fn recent(&mut self, recent: Vec<Remembered>) {
        if self.may_serve() && self.state.memory == Memory::Ready {
            self.state.recent = recent;
        }
    }

    /// Keeps the open customer, where they agreed to it and the till can. Whoever has chosen "just this visit" has taken
    /// back what they agreed to before.
    pub(super) fn remember(&mut self, now: Now, fx: &mut Effects) {
        let (Some(sitting), Visit::Open(open)) = (&mut self.sitting, &mut self.state.visit) else { return };
        if sitting.remember.is_none() && self.state.memory == Memory::Ready {
            fx.push(Effect::Forget { attempt: sitting.attempt, customer: open.customer.clone() });
            return;
        }
        let agreed = sitting.remember.clone().filter(|remember| now.wall < remember.until);
        let (Some(remember), Some(base)) = (agreed, &sitting.base) else { return };
        match self.state.memory {
            Memory::Ready => {
                fx.push(Effect::Remember {
                    attempt: sitting.attempt,
                    copy: Box::new(ToRemember {
                        customer: open.customer.clone(),
                        profile: Profile::clone(base),
                        activity: open.activity.clone(),
                        older: open.older.clone(),
                        remember: remember.clone(),
                    }),
                });
                open.remember = Some(remember);
                if sitting.kept == Kept::No {
                    sitting.kept = Kept::Writing;
                }
            }
            // It is tried again when the memory opens.
            Memory::Opening => {}
            _ => self.notice(NoticeKind::NotRemembered),
        }
    }

    pub(super) fn remembered(&mut self, attempt: AttemptId, id: Option<Uuid>, now: Now, fx: &mut Effects) {
        if let Some(id) = id {
            // This sign-in, which may be over by now, may have brought the token that earlier edits waited for.
            self.outbox.token_came(id, now.tick);
            if self.is_unlocked() {
                fx.push(Effect::ReadRecent);
            }
        }
        let Some(sitting) = self.sitting.as_mut().filter(|sitting| sitting.attempt == attempt) else {
            return;
        };
        match (id, sitting.kept) {
            (Some(id), _) => sitting.kept = Kept::Yes(id),
            // The copy of before is still there.
            (None, Kept::Yes(_)) => {}
            (None, _) => {
                sitting.kept = Kept::No;
                if let Visit::Open(open) = &mut self.state.visit {
                    open.remember = None;
                }
                self.notice(NoticeKind::NotRemembered);
            }
        }
    }

    /// Takes over the customer's newest act about this store, as a fresh profile has it. Answers false where they took back
    /// what an open copy stands on: it is closed and forgotten. A log that does not say it changes nothing.
    pub(super) fn take_over_agreement(&mut self, fresh: &Profile, fx: &mut Effects) -> bool {
        let Some(sitting) = &mut self.sitting else { return true };
        let Some(agreed) = &sitting.remember else { return true };
        sitting.remember = agreed.renewed(&fresh.consents);
        match (&sitting.remember, &mut self.state.visit) {
            (None, Visit::AwaitingMatch(found)) => found.remember_until = None,
            (None, Visit::LoadingProfile(loading)) => loading.remember_until = None,
            (None, Visit::Open(open)) => {
                fx.push(Effect::Forget { attempt: sitting.attempt, customer: open.customer.clone() });
                open.remember = None;
                if matches!(open.origin, Origin::Copy { .. }) {
                    self.close(Some(Ending::Done), fx);
                    self.notice(NoticeKind::NoLongerRemembered);
                    return false;
                }
            }
            (renewed, Visit::Open(open)) if open.remember.is_some() => open.remember.clone_from(renewed),
            _ => {}
        }
        true
    }

    /// A customer is not remembered any more. What waits of theirs is sent with the token of this visit, unless the
    /// associate, who is told, drops it.
    pub(super) fn forgotten(&mut self, id: Uuid, unsent: u32, tell: bool, now: Now, fx: &mut Effects) {
        if unsent > 0 {
            self.notice(NoticeKind::ForgottenUnsent { count: unsent });
        }
        if tell {
            self.outbox.add(id, now.tick);
        }
        self.outbox.token_came(id, now.tick);
        if self.is_unlocked() {
            fx.push(Effect::ReadRecent);
        }
    }

    /// The customer stands there and takes it back. A copy closes with that; whoever has signed in stays for this visit.
    pub(super) fn take_back(&mut self, act: Uuid, fx: &mut Effects) {
        let who = self.who();
        let (Some(sitting), Visit::Open(open)) = (&mut self.sitting, &mut self.state.visit) else { return };
        let Kept::Yes(id) = sitting.kept else { return };
        fx.push(Effect::TakeBack { attempt: sitting.attempt, id, act, who });
        (sitting.remember, sitting.kept, open.remember) = (None, Kept::No, None);
        if matches!(open.origin, Origin::Copy { .. }) {
            self.close(Some(Ending::Done), fx);
        }
        self.notice(NoticeKind::Forgotten);
    }

    /// Opens a remembered customer. Whoever was open before leaves first.
    pub(super) fn open_remembered(&mut self, id: Uuid, fx: &mut Effects) {
        let free =
            matches!(self.state.visit, Visit::Idle | Visit::Ended { .. } | Visit::Failed(_) | Visit::Open(_));
        if self.is_unlocked() && self.state.memory == Memory::Ready && free {
            let how = matches!(self.state.visit, Visit::Open(_)).then_some(Ending::Done);
            self.close(how, fx);
            let attempt = self.begin();
            fx.push(Effect::ReadCopy { attempt, id });
        }
    }
}

impl Sitting {
    /// Key in the vault, where the customer is remembered.
    pub(super) fn remembered_as(&self) -> Option<Uuid> {
        match self.kept {
            Kept::Yes(id) => Some(id),
            Kept::No | Kept::Writing => None,
        }
    }
}
