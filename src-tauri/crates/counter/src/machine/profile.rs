//! From the match to the end of the visit: loading, opening, older activity, closing.

use std::time::Duration;

use profile::{ActivityPage, CustomerKey, Profile, masked_name};
use uuid::Uuid;
use vault::{AuditAct, By, EditState, QueuedEdit, Why};

use super::{Effect, Effects, Machine, NotLoaded, Settings, Sitting, sitting::Kept};
use crate::state::{
    AttemptId, Connection, Doubt, Edit, EditProgress, Ending, Failure, Loading, NoticeKind, Now, OpenProfile,
    Origin, Visit,
};

/// How often loading is tried again, and how long it waits for the first time.
const MOST_LOADS: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// What stands for the name of somebody of whom none is known.
const NAMELESS: &str = "•••";

impl Machine {
    /// The phone shows the same: the associate's tap opens the profile, or waits for it.
    pub(super) fn confirm(&mut self, now: Now, fx: &mut Effects) {
        let Visit::AwaitingMatch(found) = &mut self.state.visit else { return };
        // Nobody can have compared what is not there: the name comes with the profile, where the token has none.
        if found.masked_name.is_empty() {
            return;
        }
        if self.sitting.as_ref().is_some_and(|sitting| sitting.cannot_load) {
            return self.fail(Failure::NoProfile, now, fx);
        }
        if let Some(open) = found.loaded.take() {
            return self.open(open, now, fx);
        }
        self.give_up_at = Some(now.tick + self.settings.patience);
        self.state.visit = Visit::LoadingProfile(Loading {
            attempt: found.attempt,
            customer: found.customer.clone(),
            remember_until: found.remember_until,
        });
    }

    /// The phone shows something else.
    pub(super) fn refuse(&mut self, now: Now, fx: &mut Effects) {
        if let Visit::AwaitingMatch(found) = &self.state.visit {
            let whom = found.customer.clone();
            fx.push(self.audit(whom, AuditAct::Refused, Why::SignedIn));
            self.end(Ending::Refused, now, fx);
        }
    }

    /// The profile has come: of a sign-in, or what became of a copy that is open.
    pub(super) fn loaded(
        &mut self,
        attempt: AttemptId,
        profile: Profile,
        page: ActivityPage,
        now: Now,
        fx: &mut Effects,
    ) {
        if !self.is_current(attempt) {
            return;
        }
        let customer = match &self.state.visit {
            Visit::AwaitingMatch(found) => &found.customer,
            Visit::LoadingProfile(loading) => &loading.customer,
            Visit::Open(open) => &open.customer,
            Visit::Idle
            | Visit::Starting { .. }
            | Visit::AwaitingScan(_)
            | Visit::Verifying { .. }
            | Visit::Ended { .. }
            | Visit::Failed(_) => return,
        };
        // The token names one customer, the document another: nobody is shown (OpenID Connect Core 1.0, section 5.3.2).
        if profile.subject != customer.subject {
            if !matches!(self.state.visit, Visit::Open(_)) {
                self.fail(Failure::NotTrusted(Doubt::Subject), now, fx);
            }
            return;
        }
        if !self.take_over_agreement(&profile, fx) {
            return;
        }
        let Some(sitting) = &mut self.sitting else { return };
        sitting.load_at = None;
        sitting.outdated = false;
        // An answer that was overtaken by that to an edit: what the edit made of the document stands.
        let profile = match &sitting.base {
            Some(newer) if profile.revision < newer.revision => Profile::clone(newer),
            Some(_) | None => profile,
        };
        sitting.base = Some(Box::new(profile.clone()));
        let (remember, proof) = (sitting.remember.clone(), sitting.proof.clone());
        match &mut self.state.visit {
            Visit::AwaitingMatch(found) => {
                if found.masked_name.is_empty() {
                    found.masked_name = masked_name(&profile.name.display);
                }
                // Somebody without a name is somebody as well: there is no more to compare than this.
                if found.masked_name.is_empty() {
                    NAMELESS.clone_into(&mut found.masked_name);
                }
                let customer = found.customer.clone();
                let open = self.settings.fresh(attempt, customer, profile, page, now);
                found.loaded = Some(Box::new(OpenProfile { proof, ..open }));
            }
            Visit::LoadingProfile(loading) => {
                let customer = loading.customer.clone();
                let open = self.settings.fresh(attempt, customer, profile, page, now);
                self.open(Box::new(OpenProfile { proof, ..open }), now, fx);
            }
            Visit::Open(open) => {
                // Opened by the associate and not by the customer it is still a copy: one of this moment.
                if let Origin::Copy { of } = &mut open.origin {
                    *of = now.wall;
                }
                open.remember = remember;
                open.show(page);
                sitting.draw(open);
                self.remember(now, fx);
            }
            _ => {}
        }
    }
}

impl Settings {
    /// The profile of a customer who has signed in.
    fn fresh(
        &self,
        attempt: AttemptId,
        customer: CustomerKey,
        profile: Profile,
        page: ActivityPage,
        now: Now,
    ) -> OpenProfile {
        OpenProfile {
            attempt,
            customer,
            profile,
            activity: page.items,
            older: page.next,
            loading_older: false,
            origin: Origin::Live,
            proof: None,
            remember: None,
            opened_at: now.wall,
            edits: Vec::new(),
            visit_noted: false,
            idle_deadline: now.tick + self.profile_idle,
        }
    }
}

impl Machine {
    pub(super) fn not_loaded(&mut self, attempt: AttemptId, why: NotLoaded, now: Now, fx: &mut Effects) {
        let Some(sitting) = self.sitting.as_mut().filter(|sitting| sitting.attempt == attempt) else {
            return;
        };
        let transient = why == NotLoaded::Now;
        match &self.state.visit {
            Visit::AwaitingMatch(_) | Visit::LoadingProfile(_) if why == NotLoaded::OtherSubject => {
                self.fail(Failure::NotTrusted(Doubt::Subject), now, fx);
            }
            Visit::AwaitingMatch(_) | Visit::LoadingProfile(_) => {
                if transient && sitting.load_failures < MOST_LOADS {
                    sitting.load_at = Some(now.tick + FIRST_WAIT * (1 << sitting.load_failures));
                    sitting.load_failures += 1;
                } else {
                    sitting.cannot_load = true;
                    // Where the name was to come with it, there will be nothing to compare.
                    if !matches!(&self.state.visit, Visit::AwaitingMatch(found) if !found.masked_name.is_empty())
                    {
                        self.fail(Failure::NoProfile, now, fx);
                    }
                }
            }
            // The copy stays open; it is compared when the centre is back.
            Visit::Open(_) => sitting.outdated = transient,
            _ => {}
        }
    }

    pub(super) fn load_again(&mut self, fx: &mut Effects) {
        if let Some(sitting) = &mut self.sitting {
            sitting.load_at = None;
            fx.push(Effect::LoadProfile { attempt: sitting.attempt });
        }
    }

    /// Opens the profile of a sign-in. The visit at the centre begins here and not before.
    fn open(&mut self, mut open: Box<OpenProfile>, now: Now, fx: &mut Effects) {
        self.give_up_at = None;
        open.opened_at = now.wall;
        open.idle_deadline = now.tick + self.settings.profile_idle;
        fx.push(self.audit(open.customer.clone(), AuditAct::Opened, Why::SignedIn));
        fx.push(Effect::OpenVisit { attempt: open.attempt, at: now.wall });
        self.state.visit = Visit::Open(open);
        self.remember(now, fx);
        self.take_over_entered(fx);
    }

    /// The till's copy: opened by the associate, or read again after the centre refused an edit.
    pub(super) fn copy_read(
        &mut self,
        attempt: AttemptId,
        copy: Option<Box<vault::Copy>>,
        now: Now,
        fx: &mut Effects,
    ) {
        let online = !matches!(self.state.connection, Connection::Offline { .. });
        let Some(sitting) = self.sitting.as_mut().filter(|sitting| sitting.attempt == attempt) else {
            return;
        };
        let Some(copy) = copy.filter(|copy| now.wall < copy.remember.until) else {
            // Forgotten since the list was drawn, or to be forgotten now.
            fx.push(Effect::Purge);
            if matches!(self.state.visit, Visit::Idle) {
                self.close(None, fx);
                self.notice(NoticeKind::NoLongerRemembered);
            }
            return;
        };
        if let Visit::Open(open) = &mut self.state.visit {
            if sitting.base.as_ref().is_none_or(|base| base.revision <= copy.profile.revision) {
                sitting.base = Some(Box::new(copy.profile));
            }
            if let Origin::Copy { of } = &mut open.origin {
                (*of, sitting.remember) = (copy.copied_at, Some(copy.remember));
                open.remember.clone_from(&sitting.remember);
            }
            sitting.draw(open);
            return;
        }
        sitting.base = Some(Box::new(copy.profile.clone()));
        sitting.kept = Kept::Yes(copy.id);
        sitting.remember = Some(copy.remember.clone());
        sitting.outdated = !online;
        let copy = *copy;
        let open = OpenProfile {
            attempt,
            customer: copy.customer,
            profile: copy.profile,
            activity: copy.activity,
            older: copy.older,
            loading_older: false,
            origin: Origin::Copy { of: copy.copied_at },
            proof: None,
            remember: Some(copy.remember),
            opened_at: now.wall,
            edits: copy.waiting.into_iter().map(from_queue).collect(),
            visit_noted: false,
            idle_deadline: now.tick + self.settings.profile_idle,
        };
        fx.push(self.audit(open.customer.clone(), AuditAct::Opened, Why::OpenedByAssociate));
        self.state.visit = Visit::Open(Box::new(open));
        if online {
            fx.push(Effect::LoadProfile { attempt });
        }
    }

    /// The copy is there, but it cannot be read.
    pub(super) fn copy_not_read(&mut self, attempt: AttemptId, fx: &mut Effects) {
        if self.is_current(attempt) && matches!(self.state.visit, Visit::Idle) {
            self.close(None, fx);
            self.notice(NoticeKind::CopyNotRead);
        }
    }

    pub(super) fn older(&mut self, fx: &mut Effects) {
        if let Visit::Open(open) = &mut self.state.visit
            && !open.loading_older
            && let Some(cursor) = &open.older
        {
            open.loading_older = true;
            fx.push(Effect::LoadOlder { attempt: open.attempt, cursor: cursor.clone() });
        }
    }

    pub(super) fn older_loaded(&mut self, attempt: AttemptId, page: Option<ActivityPage>) {
        let Visit::Open(open) = &mut self.state.visit else { return };
        // A list that was replaced meanwhile has another end.
        if open.attempt != attempt || !open.loading_older {
            return;
        }
        open.loading_older = false;
        if let Some(page) = page {
            let new =
                page.items.into_iter().filter(|item| open.activity.iter().all(|known| known.id != item.id));
            let new: Vec<_> = new.collect();
            open.activity.extend(new);
            open.older = page.next;
        } else {
            self.notice(NoticeKind::OlderNotLoaded);
        }
    }

    pub(super) fn end_visit(&mut self, now: Now, fx: &mut Effects) {
        match &self.state.visit {
            Visit::Open(_) => self.end(Ending::Done, now, fx),
            _ => self.cancel(now, fx),
        }
    }

    pub(super) fn audit(&self, whom: CustomerKey, act: AuditAct, why: Why) -> Effect {
        Effect::Audit(self.by(why).line(whom, act))
    }

    /// Whoever is at the till does something.
    pub(super) fn by(&self, why: Why) -> By {
        By { who: self.who(), why, online: self.state.connection.is_online() }
    }

    /// The open profile, where it is of the customer with this key in the vault.
    pub(super) fn is_open(&self, customer: Uuid) -> bool {
        matches!(self.state.visit, Visit::Open(_))
            && self.sitting.as_ref().and_then(Sitting::remembered_as) == Some(customer)
    }
}

pub(super) fn from_queue(queued: QueuedEdit) -> Edit {
    Edit {
        id: queued.id,
        edit: queued.edit,
        before: queued.before,
        at: queued.made_at,
        progress: match queued.state {
            EditState::Waiting => EditProgress::Waiting,
            EditState::Refused { status } => EditProgress::Refused { status },
        },
    }
}
