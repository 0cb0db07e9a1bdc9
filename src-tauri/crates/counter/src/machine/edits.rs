//! Preferences changed by the associate. An edit is drawn at once. Of a remembered customer it goes to the disk and from
//! there to the centre; of any other it goes straight to the centre.

use profile::{PreferenceEdit, PreferenceValue, Profile, RememberScope};
use uuid::Uuid;
use vault::{AuditAct, Why};

use super::{Effect, Effects, Machine, Saved, Sent, sitting::Kept};
use crate::state::{AttemptId, Edit, EditProgress, NoticeKind, Now, OpenProfile, Origin, Visit};

impl Machine {
    pub(super) fn change(&mut self, edit: PreferenceEdit, fresh: Uuid, now: Now, fx: &mut Effects) {
        let Visit::Open(open) = &self.state.visit else { return };
        // What stands there is not known at this till.
        if open.left().is_some_and(|left| !left.has(RememberScope::Preferences)) {
            return;
        }
        if !self.state.offers.edits.has(&edit.group, &edit.key)
            || standing(&open.profile, &edit) == edit.value
        {
            return;
        }
        if profile::catalogue::validate(&edit).is_err() {
            return self.notice(NoticeKind::PreferenceNotSaved);
        }
        self.make(edit, fresh, now, fx);
        self.notice(NoticeKind::PreferenceChanged { edit: fresh });
    }

    /// A new edit with the old value. One that did not come to anything needs none.
    pub(super) fn undo(&mut self, edit: Uuid, fresh: Uuid, now: Now, fx: &mut Effects) {
        let Visit::Open(open) = &self.state.visit else { return };
        let Some(made) = open.edits.iter().find(|made| made.id == edit) else { return };
        if matches!(made.progress, EditProgress::NotSaved | EditProgress::Refused { .. }) {
            return;
        }
        let (group, key) = (made.edit.group.clone(), made.edit.key.clone());
        let back = PreferenceEdit { group, key, value: made.before.clone() };
        if standing(&open.profile, &back) != back.value {
            self.make(back, fresh, now, fx);
        }
        self.state.notice = None;
    }

    pub(super) fn make(&mut self, change: PreferenceEdit, id: Uuid, now: Now, fx: &mut Effects) {
        let (Some(sitting), Visit::Open(open)) = (&self.sitting, &mut self.state.visit) else { return };
        let before = standing(&open.profile, &change);
        let progress = EditProgress::Saving;
        open.edits.push(Edit { id, edit: change.clone(), before, at: now.wall, progress });
        sitting.draw(open);
        let (attempt, at) = (sitting.attempt, now.wall);
        let base = sitting.base.as_ref().map_or(open.profile.revision, |base| base.revision);
        let (whom, why, kept) = (open.customer.clone(), reason(open), sitting.kept);
        match kept {
            Kept::No => {
                fx.push(Effect::SendEdit { attempt, edit: id, change, base });
                fx.push(self.audit(whom, AuditAct::Edited, why));
            }
            // The line of the trail goes to the disk with it.
            Kept::Writing | Kept::Yes(_) => {
                fx.push(Effect::SaveEdit { attempt, edit: id, change, base, whom, by: self.by(why), at });
            }
        }
    }

    /// An edit of a remembered customer is on the disk, or not. What is on the disk is sent, whoever is at the till.
    pub(super) fn edit_saved(&mut self, attempt: AttemptId, edit: Uuid, answer: Saved, now: Now) {
        match answer {
            Saved::Queued { customer, queue } => {
                self.take_count(queue);
                self.outbox.add(customer, now.tick);
                self.progress(attempt, edit, EditProgress::Waiting);
            }
            Saved::Failed => self.is_not_saved(attempt, edit),
        }
    }

    /// The old value is back. That is said also to whoever serves the next customer by now.
    fn is_not_saved(&mut self, attempt: AttemptId, edit: Uuid) {
        let in_sight = self.progress(attempt, edit, EditProgress::NotSaved);
        self.notice(if in_sight { NoticeKind::PreferenceNotSaved } else { NoticeKind::EarlierEditNotSaved });
    }

    /// The centre has answered an edit of a customer who is not remembered.
    pub(super) fn edit_answered(&mut self, attempt: AttemptId, edit: Uuid, answer: Sent, fx: &mut Effects) {
        match answer {
            Sent::Accepted(profile) => {
                self.take_over(attempt, *profile, fx);
                self.progress(attempt, edit, EditProgress::Sent);
            }
            Sent::Refused { status, .. } => {
                if self.progress(attempt, edit, EditProgress::Refused { status }) {
                    self.notice(NoticeKind::EditRefused);
                    // Somebody else has changed it: what stands there now is shown.
                    fx.push(Effect::LoadProfile { attempt });
                } else {
                    self.notice(NoticeKind::EarlierEditNotSaved);
                }
            }
            Sent::NoAnswer | Sent::NoToken | Sent::MayBeKnown | Sent::Nothing => {
                self.is_not_saved(attempt, edit);
            }
        }
    }

    /// What the centre said to a queued edit, where the customer is open.
    pub(super) fn queued_edit_answered(
        &mut self,
        customer: Uuid,
        edit: Option<Uuid>,
        answer: Sent,
        fx: &mut Effects,
    ) {
        let open =
            self.is_open(customer).then(|| self.sitting.as_ref().map(|sitting| sitting.attempt)).flatten();
        match (answer, edit) {
            (Sent::Accepted(profile), edit) => {
                if let Some(attempt) = open {
                    self.take_over(attempt, *profile, fx);
                    if let Some(edit) = edit {
                        self.progress(attempt, edit, EditProgress::Sent);
                    }
                }
            }
            (Sent::MayBeKnown, _) => self.notice(NoticeKind::MayBeKnown),
            (Sent::Refused { .. }, None) => self.notice(NoticeKind::EditRefused),
            (Sent::Refused { status, .. }, Some(edit)) => {
                self.notice(NoticeKind::EditRefused);
                if let Some(attempt) = open {
                    self.progress(attempt, edit, EditProgress::Refused { status });
                    // The copy was drawn with the edit in it: the vault knows what stood there.
                    if let Visit::Open(shown) = &self.state.visit
                        && matches!(shown.origin, Origin::Copy { .. })
                    {
                        fx.push(Effect::ReadCopy { attempt, id: customer });
                    }
                    fx.push(Effect::LoadProfile { attempt });
                }
            }
            _ => {}
        }
    }

    /// Notes how far an edit has come and draws the profile anew. Answers whether the edit is in sight.
    fn progress(&mut self, attempt: AttemptId, edit: Uuid, progress: EditProgress) -> bool {
        let (Some(sitting), Visit::Open(open)) = (&self.sitting, &mut self.state.visit) else { return false };
        if sitting.attempt != attempt {
            return false;
        }
        let Some(made) = open.edits.iter_mut().find(|made| made.id == edit) else { return false };
        // The centre may answer before the disk has said that it is done.
        if made.progress == EditProgress::Sent {
            return true;
        }
        made.progress = progress;
        sitting.draw(open);
        true
    }

    /// Takes over what the centre answered to an edit. An answer that was overtaken by a newer one is dropped.
    fn take_over(&mut self, attempt: AttemptId, profile: Profile, fx: &mut Effects) {
        if !self.is_current(attempt) || !self.take_over_agreement(&profile, fx) {
            return;
        }
        let Some(sitting) = &mut self.sitting else { return };
        let newer = sitting
            .base
            .as_ref()
            .is_some_and(|base| base.subject == profile.subject && base.revision <= profile.revision);
        if newer {
            sitting.base = Some(Box::new(profile));
        }
    }
}

/// What stands at the place of an edit.
fn standing(profile: &Profile, edit: &PreferenceEdit) -> Option<PreferenceValue> {
    let preference = profile.preferences.get(&edit.group)?.get(&edit.key)?;
    Some(preference.value.clone())
}

fn reason(open: &OpenProfile) -> Why {
    match open.origin {
        Origin::Live => Why::SignedIn,
        Origin::Copy { .. } => Why::OpenedByAssociate,
    }
}
