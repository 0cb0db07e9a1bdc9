//! What the associate does about edits that the centre does not have, whoever is open at the till. The queue itself is on
//! the disk: the machine knows no more of it than what is on the screen.

use profile::PreferenceValue;
use uuid::Uuid;
use vault::{QueuedEdit, Why};

use super::{Effect, Effects, Machine, profile::from_queue};
use crate::state::{Edit, EditProgress, Memory, NoticeKind, Now, Origin, Visit};

impl Machine {
    /// The same edit again, as a new one: with another value, or with the same now that the associate has seen what stands
    /// there.
    pub(super) fn mend(
        &mut self,
        edit: Uuid,
        value: Option<PreferenceValue>,
        seen: Option<PreferenceValue>,
        fresh: Uuid,
        now: Now,
        fx: &mut Effects,
    ) {
        if self.is_unlocked() && self.state.memory == Memory::Ready {
            let by = self.by(Why::Unsent);
            fx.push(Effect::MendEdit { edit, fresh, value, seen, by, at: now.wall });
        }
    }

    /// An edit that is refused, or waits, is let go of. One that is on its way to the disk is not there yet.
    pub(super) fn drop_edit(&mut self, edit: Uuid, now: Now, fx: &mut Effects) {
        if !self.is_unlocked() {
            return;
        }
        let gone = |made: &Edit| {
            made.id == edit && matches!(made.progress, EditProgress::Refused { .. } | EditProgress::Waiting)
        };
        if let Visit::Open(open) = &mut self.state.visit {
            open.edits.retain(|made| !gone(made));
        }
        if self.state.memory == Memory::Ready {
            fx.push(Effect::DropEdit { edit, by: self.by(Why::Unsent), at: now.wall });
        }
    }

    pub(super) fn edit_mended(&mut self, edit: Uuid, mended: Option<QueuedEdit>, now: Now) {
        let Some(mended) = mended else { return self.notice(NoticeKind::EditNotMended) };
        self.outbox.add(mended.customer_id, now.tick);
        if !self.is_open(mended.customer_id) {
            return;
        }
        if let (Some(sitting), Visit::Open(open)) = (&self.sitting, &mut self.state.visit) {
            open.edits.retain(|made| made.id != edit);
            open.edits.push(from_queue(mended));
            sitting.draw(open);
        }
    }

    pub(super) fn edit_dropped(&mut self, edit: Uuid, whose: Option<Uuid>, now: Now, fx: &mut Effects) {
        let Some(customer) = whose else { return };
        self.outbox.look_again(customer, now.tick);
        if !self.is_open(customer) {
            return;
        }
        if let (Some(sitting), Visit::Open(open)) = (&self.sitting, &mut self.state.visit) {
            open.edits.retain(|made| made.id != edit);
            sitting.draw(open);
            // The copy was drawn with the edit in it: the vault knows what stood there.
            if matches!(open.origin, Origin::Copy { .. }) {
                fx.push(Effect::ReadCopy { attempt: sitting.attempt, id: customer });
            }
        }
    }
}
