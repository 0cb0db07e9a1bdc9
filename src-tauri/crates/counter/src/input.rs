//! What a person at the till does. Everything else that reaches the machine is an answer to one of its own effects.

use profile::{PreferenceEdit, PreferenceValue};
use secrecy::SecretString;
use uuid::Uuid;

/// An act of the associate.
#[derive(Debug)]
pub enum Input {
    /// The first PIN of a new associate.
    AddAssociate {
        /// As colleagues know them.
        name: String,
        /// Four to twelve digits.
        pin: SecretString,
    },
    /// A PIN was entered.
    Unlock {
        /// Who says it is.
        associate: Uuid,
        /// The digits.
        pin: SecretString,
    },
    /// Lock the till. Ends a visit.
    Lock,
    /// "Sign in a customer".
    SignIn,
    /// A new code for the same customer: the old one is dead at once.
    NewCode,
    /// Give up the sign-in.
    Cancel,
    /// The phone shows the same check.
    ConfirmMatch,
    /// The phone shows something else, or it is another person.
    RefuseMatch,
    /// Open a remembered customer.
    OpenRemembered {
        /// Key in the vault.
        id: Uuid,
    },
    /// Change a preference of the open profile.
    ChangePreference(PreferenceEdit),
    /// Note something of the open customer.
    TakeNote {
        /// What.
        text: String,
    },
    /// Put a tag on the open customer.
    AddTag {
        /// The tag.
        text: String,
    },
    /// Undo an edit of this visit.
    UndoEdit {
        /// Which.
        edit: Uuid,
    },
    /// Send an edit that the centre refused again, with this value.
    MendEdit {
        /// Which.
        edit: Uuid,
        /// The value; none removes the preference.
        value: Option<PreferenceValue>,
        /// What the associate has seen standing there; none where nothing stood there.
        seen: Option<PreferenceValue>,
    },
    /// Let go of an edit that the centre does not have.
    DropEdit {
        /// Which.
        edit: Uuid,
    },
    /// The customer tells the associate that this store is not to remember them any more.
    ForgetCustomer,
    /// Let the copying of the store's customers stand still for a while.
    PauseSnapshot,
    /// Let it go on.
    ResumeSnapshot,
    /// Load older activity.
    OlderActivity,
    /// The visit is over.
    EndVisit,
    /// Leave a failure or an ending at once.
    Dismiss,
    /// Leave a notice. One that came meanwhile stays.
    DismissNotice {
        /// Which.
        id: u64,
    },
    /// The associate touched the screen: idle deadlines start again.
    Touched,
    /// Try to open the memory again (the keyring was unlocked).
    RetryMemory,
    /// Begin a new database; the damaged one is kept aside.
    StartAnew,
}
