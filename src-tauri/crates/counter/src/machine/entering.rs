//! What an associate enters without a sign-in of the customer: somebody new, and that somebody remembered is here. Both are
//! on the disk before the screen says so, and wait for the centre there. Nobody is made one with anybody else here.

use profile::{CustomerKey, PreferenceEdit};
use uuid::Uuid;
use vault::{AuditAct, Why};

use super::{Effect, Effects, Machine};
use crate::{
    input::Entry,
    state::{AttemptId, Memory, NoticeKind, Now, Origin, Queue, Visit},
};

impl Machine {
    /// Keeps somebody new, and opens them.
    pub(super) fn add_customer(&mut self, entry: Entry, fresh: Uuid, now: Now, fx: &mut Effects) {
        let free = matches!(self.state.visit, Visit::Idle | Visit::Ended { .. } | Visit::Failed(_));
        if !self.is_unlocked() || self.state.memory != Memory::Ready || !self.state.at_store || !free {
            return;
        }
        if entry.check().is_err() {
            return self.notice(NoticeKind::CustomerNotAdded);
        }
        self.close(None, fx);
        let (attempt, who, new) = (self.begin(), self.who(), entry.agreed(now.wall));
        fx.push(Effect::AddCustomer { attempt, subject: fresh, new: Box::new(new), who });
    }

    pub(super) fn customer_added(
        &mut self,
        attempt: AttemptId,
        id: Option<Uuid>,
        queue: Option<Queue>,
        now: Now,
        fx: &mut Effects,
    ) {
        self.take_count(queue);
        if let Some(id) = id {
            self.outbox.add(id, now.tick);
        }
        let waits = self.is_current(attempt) && matches!(self.state.visit, Visit::Idle);
        match id {
            Some(id) if waits => fx.push(Effect::ReadCopy { attempt, id }),
            Some(_) => {}
            None => {
                if waits {
                    self.close(None, fx);
                }
                self.notice(NoticeKind::CustomerNotAdded);
            }
        }
    }

    /// The customer whose copy is open is here: written down once in a visit.
    pub(super) fn note_visit(&mut self, fresh: Uuid, fx: &mut Effects) {
        let (Some(sitting), Visit::Open(open)) = (&self.sitting, &mut self.state.visit) else { return };
        let is_copy = matches!(open.origin, Origin::Copy { .. });
        if let Some(id) = sitting.remembered_as()
            && is_copy
            && self.state.at_store
            && !open.visit_noted
        {
            open.visit_noted = true;
            fx.push(Effect::NoteVisit { attempt: sitting.attempt, id, visit: fresh });
        }
    }

    pub(super) fn visit_noted(
        &mut self,
        attempt: AttemptId,
        customer: Option<Uuid>,
        queue: Option<Queue>,
        now: Now,
    ) {
        self.take_count(queue);
        if let Some(customer) = customer {
            self.outbox.add(customer, now.tick);
        }
        match &mut self.state.visit {
            Visit::Open(open) if open.attempt == attempt => {
                open.visit_noted = customer.is_some();
                let said = if open.visit_noted { NoticeKind::VisitNoted } else { NoticeKind::VisitNotNoted };
                self.notice(said);
            }
            // They have left: it is said only where somebody may have to do something.
            _ if customer.is_none() => self.notice(NoticeKind::EarlierEditNotSaved),
            _ => {}
        }
    }

    /// The customer was asked, and is nobody whom the centre knows; or the centre is to be asked again.
    pub(super) fn send_customer(&mut self, customer: Uuid, fx: &mut Effects) {
        if self.is_unlocked() && self.state.memory == Memory::Ready {
            fx.push(Effect::SendCustomer { customer });
        }
    }

    pub(super) fn customer_is_sent(
        &mut self,
        customer: Uuid,
        again: bool,
        queue: Option<Queue>,
        now: Now,
        fx: &mut Effects,
    ) {
        self.count_queue(queue, fx);
        if again {
            self.outbox.add(customer, now.tick);
        } else {
            self.notice(NoticeKind::EditNotMended);
        }
    }

    /// Somebody new was no customer after all.
    pub(super) fn drop_customer(&mut self, customer: Uuid, fx: &mut Effects) {
        if self.is_unlocked() && self.state.memory == Memory::Ready {
            if self.is_open(customer) {
                self.close(None, fx);
            }
            fx.push(Effect::DropCustomer { customer, who: self.who() });
        }
    }

    pub(super) fn customer_dropped(
        &mut self,
        customer: Uuid,
        whom: Option<CustomerKey>,
        queue: Option<Queue>,
        now: Now,
        fx: &mut Effects,
    ) {
        if let Some(whom) = whom {
            fx.push(self.audit(whom, AuditAct::Dropped, Why::Unsent));
            self.outbox.look_again(customer, now.tick);
        }
        self.count_queue(queue, fx);
        if self.is_unlocked() {
            fx.push(Effect::ReadRecent);
        }
    }

    /// Somebody new says that the centre knows them: they sign in themselves. What was entered of them is taken over once
    /// that has held, and not before.
    pub(super) fn sign_in_as(&mut self, customer: Uuid, now: Now, fx: &mut Effects) {
        self.sign_in(now, fx);
        if matches!(self.state.visit, Visit::Starting { .. })
            && let Some(sitting) = &mut self.sitting
        {
            sitting.entered_as = Some(customer);
        }
    }

    /// The profile of somebody who has signed in is open. What was entered of them as somebody new comes next.
    pub(super) fn take_over_entered(&mut self, fx: &mut Effects) {
        if let Some(sitting) = &mut self.sitting
            && let Some(customer) = sitting.entered_as.take()
        {
            fx.push(Effect::ReadEntered { attempt: sitting.attempt, customer });
        }
    }

    /// What was entered of somebody new, before they turned out to be whoever is open now: it becomes edits of theirs, and
    /// the new customer is nobody any more. A value that the customer has themselves is left as it is.
    pub(super) fn entered(
        &mut self,
        attempt: AttemptId,
        customer: Uuid,
        edits: Vec<(Uuid, PreferenceEdit)>,
        now: Now,
        fx: &mut Effects,
    ) {
        if !self.is_current(attempt) || !matches!(self.state.visit, Visit::Open(_)) {
            return;
        }
        let mut count = 0;
        for (id, edit) in edits {
            let Visit::Open(open) = &self.state.visit else { return };
            let is_free =
                open.profile.preferences.get(&edit.group).is_none_or(|group| !group.contains_key(&edit.key));
            if is_free && self.state.offers.edits.has(&edit.group, &edit.key) {
                self.make(edit, id, now, fx);
                count += 1;
            }
        }
        fx.push(Effect::DropCustomer { customer, who: self.who() });
        self.notice(NoticeKind::EnteredTakenOver { count });
    }
}
