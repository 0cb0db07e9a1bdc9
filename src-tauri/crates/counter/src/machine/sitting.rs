//! What the machine knows of the sign-in of now beyond what the windows draw.

use std::time::Instant;

use profile::{Author, Channel, Profile, Provenance, Remember};
use uuid::Uuid;

use crate::state::{AttemptId, EditProgress, OpenProfile, Proof};

/// The sign-in of now. Leaves the machine as a whole when the sign-in ends.
#[derive(Debug)]
pub(super) struct Sitting {
    pub(super) attempt: AttemptId,
    /// What the centre last said, or the till's copy, which has the waiting edits in it already.
    pub(super) base: Option<Box<Profile>>,
    /// What the customer agreed to leave here, and until when, whether or not the till can.
    pub(super) remember: Option<Remember>,
    /// How the customer has proved who they are.
    pub(super) proof: Option<Proof>,
    pub(super) kept: Kept,
    /// How often loading the profile has failed.
    pub(super) load_failures: u32,
    /// When loading is tried again.
    pub(super) load_at: Option<Instant>,
    /// Loading has failed for good.
    pub(super) cannot_load: bool,
    /// The copy on the screen has not been compared with the centre yet.
    pub(super) outdated: bool,
    /// Whoever signs in was entered as somebody new: under this key in the vault.
    pub(super) entered_as: Option<Uuid>,
}

/// Whether the customer is in the memory of the till.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Just this visit.
    No,
    /// The copy is being written: edits go to the queue after it.
    Writing,
    /// Under this key.
    Yes(Uuid),
}

impl Sitting {
    pub(super) fn new(attempt: AttemptId) -> Self {
        Self {
            attempt,
            base: None,
            remember: None,
            proof: None,
            kept: Kept::No,
            load_failures: 0,
            load_at: None,
            cannot_load: false,
            outdated: false,
            entered_as: None,
        }
    }

    /// Draws the profile anew: what the centre last said, with the edits over it that it does not have yet. Of somebody who
    /// has not signed in that is no more than what they agreed to leave here, however much the centre says.
    pub(super) fn draw(&self, open: &mut OpenProfile) {
        let Some(base) = &self.base else { return };
        open.profile = match open.left() {
            Some(scopes) => scopes.of_profile(base),
            None => Profile::clone(base),
        };
        for edit in &open.edits {
            if matches!(edit.progress, EditProgress::Saving | EditProgress::Waiting) {
                let provenance = Provenance { channel: Channel::Store, at: edit.at, by: Author::Associate };
                edit.edit.apply(&mut open.profile.preferences, provenance);
            }
        }
    }
}
