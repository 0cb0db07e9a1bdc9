//! What a person at the till does. Everything else that reaches the machine is an answer to one of its own effects.

use std::fmt;

use chrono::{DateTime, Utc};
use profile::{
    Name, NewCustomer, NotACustomer, PreferenceEdit, PreferenceValue, RememberScopes, remembering::REMEMBERS,
};
use secrecy::SecretString;
use uuid::Uuid;

/// Version of the wording that the associate reads to somebody new.
const WORDING: &str = "till-new-1";

/// Who somebody new is, and what they agreed to leave.
#[derive(Clone)]
pub struct Entry {
    /// Name.
    pub name: Name,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, E.164.
    pub phone: Option<String>,
    /// BCP 47 language tag that they prefer.
    pub locale: Option<String>,
    /// What they agreed to leave at this store.
    pub scopes: RememberScopes,
}

impl Entry {
    /// The same, as the till keeps it and the centre is told.
    pub(crate) fn agreed(self, now: DateTime<Utc>) -> NewCustomer {
        let Self { name, email, phone, locale, scopes } = self;
        let until = now + REMEMBERS;
        NewCustomer { name, email, phone, locale, at: now, scopes, until, wording: WORDING.to_owned() }
    }

    /// Whether this can be somebody.
    ///
    /// # Errors
    /// The first thing that cannot be right.
    pub fn check(&self) -> Result<(), NotACustomer> {
        self.clone().agreed(DateTime::UNIX_EPOCH).check()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entry(..)")
    }
}

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
    /// Sign in at the store's identity provider, with the associate's own phone.
    SignInAssociate,
    /// The PIN of an associate who has just signed in there.
    ChoosePin {
        /// Four to twelve digits.
        pin: SecretString,
    },
    /// Lock the till. Ends a visit.
    Lock,
    /// The same, and whoever is signed in has to sign in at the identity provider before their PIN counts again.
    EndShift,
    /// "Sign in a customer".
    SignIn,
    /// A new code for the same customer: the old one is dead at once.
    NewCode,
    /// Give up the sign-in, also that of an associate.
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
    /// Keep somebody new, who stands beside the associate and agrees to it.
    AddCustomer(Entry),
    /// Somebody new was asked, and is none of those whom the centre has named; or it is to be asked once more.
    SendCustomer {
        /// Key in the vault.
        customer: Uuid,
    },
    /// Somebody new says that the centre knows them: they sign in with their own phone.
    SignInAs {
        /// Key in the vault.
        customer: Uuid,
    },
    /// Let go of somebody new whom the centre does not have.
    DropCustomer {
        /// Key in the vault.
        customer: Uuid,
    },
    /// The customer whose copy is open is here.
    NoteVisit,
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
