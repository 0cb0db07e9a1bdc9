//! The view models: all that the webviews ever get. Twins of the engine's state in the terms of a screen, with nothing
//! in them that the screen does not draw: no subject, no token, no device code. Converted at the edge, in
//! [`associate`] and [`display`].
//!
//! Texts are not here: a screen shows a sentence of the locale files, chosen by these values.

pub mod associate;
pub mod checkup;
pub mod display;
pub mod entry;
mod shared;
pub mod unsent;

#[cfg(test)]
mod sample;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;
use uuid::Uuid;

pub use self::{
    entry::EntryView,
    unsent::{
        CandidateView, ChangeView, NewStandingView, StandingView, UnsentCustomerView, UnsentEditView,
        UnsentView, UnsentVisitView,
    },
};

/// A view with its number, which the window gives back to ask for the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Next<V> {
    /// The number of the view.
    pub revision: u32,
    /// The view.
    pub view: V,
}

/// What the associate's window draws.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AssociateView {
    /// This till.
    pub till: TillView,
    /// What a scanner puts before what it reads; empty where it puts nothing.
    pub scanner: String,
    /// What the window shows.
    pub screen: AssociateScreen,
    /// The associate who is signed in.
    pub associate: Option<AssociateIdentity>,
    /// What they may do.
    pub may: MayView,
    /// Whether associates sign in at the store's identity provider.
    pub associates_sign_in: bool,
    /// Whether the centre answers.
    pub connection: ConnectionView,
    /// What waits to be sent.
    pub queue: QueueView,
    /// Whether the till can remember anybody.
    pub memory: MemoryView,
    /// The store's customers are being copied to this till.
    pub copying: Option<CopyingView>,
    /// The last thing worth saying.
    pub notice: Option<NoticeView>,
    /// What ends soon unless somebody touches the till.
    pub times_out: Option<TimesOutView>,
    /// Whether this till talks to the embedded demo service.
    pub demo: bool,
}

/// Something that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TimesOutView {
    /// What.
    pub what: LastingView,
    /// When.
    pub at: DateTime<Utc>,
}

/// What lasts for a while only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum LastingView {
    /// The last code of a sign-in: a new one has to be asked for.
    Code,
    /// The comparison with the phone.
    Match,
    /// The open profile.
    Visit,
    /// The till stays unlocked.
    Till,
}

/// How far the copies of the store's customers have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CopyingView {
    /// Customers by now.
    pub done: u32,
    /// Customers in all.
    pub total: u32,
    /// Somebody has stopped it for a while.
    pub paused: bool,
}

/// This till, as configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TillView {
    /// The store's name.
    pub store: String,
    /// The till's name.
    pub name: String,
    /// Key of the brand theme in `assets/brands`; empty for the plain one.
    pub brand: String,
    /// The brand's name, for the display at rest.
    pub brand_name: String,
}

/// The screens of the associate's window.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AssociateScreen {
    /// The configuration cannot be used; nothing else runs.
    BadConfiguration {
        /// The file.
        file: String,
        /// Line, from 1, where known.
        line: Option<u32>,
        /// The key, where known.
        key: Option<String>,
        /// What is wrong and what is expected.
        code: ConfigurationProblem,
        /// What would be right, where the problem alone does not say.
        expected: Option<ExpectedView>,
        /// What was found, where that helps (never a secret).
        found: Option<String>,
    },
    /// No configuration: try the embedded service, or connect to one's own.
    FirstRun {
        /// Whether a choice is being carried out.
        busy: bool,
        /// Why the last choice did not work.
        problem: Option<Problem>,
    },
    /// Nobody has set a PIN yet.
    FirstPin {
        /// Whether the last try to set one came to nothing.
        failed: bool,
    },
    /// Somebody must enter a PIN.
    Locked {
        /// Who can.
        associates: Vec<AssociateIdentity>,
        /// What the last PIN came to.
        pin: PinView,
    },
    /// An associate signs in at the store's identity provider.
    AssociateSignIn(AssociateSignInView),
    /// The start screen.
    Home {
        /// Remembered customers last seen here.
        recent: Vec<RememberedView>,
        /// Whether somebody new can be entered.
        can_add: bool,
    },
    /// A sign-in is under way.
    SignIn(SignInView),
    /// A profile is on its way.
    LoadingProfile,
    /// The profile is open.
    Profile(Box<ProfileView>),
    /// A visit has ended; the till is free again in a moment.
    Ended {
        /// How.
        how: EndingView,
        /// What is left of the customer's access at the provider; none where nothing is.
        left: Option<AccessLeftView>,
    },
    /// A sign-in failed.
    Failed {
        /// Why.
        why: FailureView,
        /// What could not be trusted, where that is why.
        doubt: Option<DoubtView>,
    },
}

/// What the last PIN at a locked till came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PinView {
    /// None was entered yet.
    Untried,
    /// It is being looked at.
    Checking,
    /// It was wrong.
    Wrong {
        /// Whose it was to be.
        associate: Uuid,
    },
    /// Too many were wrong: none is looked at for a while.
    Blocked {
        /// Whose.
        associate: Uuid,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// It could not be looked at.
    Failed,
    /// It was not looked at: this person has to sign in at the identity provider again.
    SignInAgain {
        /// Whose it was to be.
        associate: Uuid,
    },
}

/// A person who works at the till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AssociateIdentity {
    /// Key in the vault.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// What they are at the store's identity provider; none where the till has PINs of its own alone.
    pub role: Option<RoleView>,
}

/// What an associate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum RoleView {
    /// Serves customers.
    Associate,
    /// Decides about somebody new whom the centre does not have as well.
    Manager,
    /// Looks after the till.
    It,
}

/// What whoever is signed in may do. What they may not is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MayView {
    /// Sign in, find, see and serve customers.
    pub serve: bool,
    /// Let go of somebody new whom the centre does not have.
    pub decide: bool,
    /// Put aside a memory that cannot be read.
    pub start_anew: bool,
}

/// The sign-in of an associate.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "stage", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AssociateSignInView {
    /// A code was asked for.
    Starting,
    /// A code is to be scanned with the associate's own phone.
    Scan {
        /// The code.
        code: CodeView,
        /// Whether its page was opened.
        scanned: bool,
        /// In the demo: the phone page can be opened on this machine.
        phone_here: bool,
    },
    /// Who it is is being checked.
    Checking,
    /// They choose a PIN.
    ChoosePin {
        /// Name.
        name: String,
        /// What they are.
        role: RoleView,
        /// It is being kept.
        saving: bool,
        /// The last one could not be kept.
        failed: bool,
    },
    /// Nobody was signed in.
    Failed {
        /// Why; none where the provider knows them, but not as somebody who works at a till.
        why: Option<FailureView>,
    },
}

/// Whether the centre answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConnectionView {
    /// Nothing was asked yet.
    Unknown,
    /// It answers.
    Online,
    /// It answers now, but slowly or not always.
    Limping,
    /// It does not.
    Offline {
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// What waits to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct QueueView {
    /// Edits that wait.
    pub waiting: u32,
    /// Edits that were refused.
    pub refused: u32,
    /// When the oldest was made.
    pub oldest: Option<DateTime<Utc>>,
    /// Another number each time it was counted: the page of the queue is read anew then.
    pub count: u32,
}

/// Whether the till can remember anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MemoryView {
    /// Being opened.
    Opening,
    /// Ready.
    Ready,
    /// No keyring service.
    NoKeyring,
    /// The keyring is locked.
    KeyringLocked,
    /// The keyring does not answer.
    KeyringSilent,
    /// The key does not fit the database.
    WrongKey,
    /// The database is damaged.
    Damaged,
    /// The disk is full or cannot be written.
    DiskFull,
    /// The database was made by a newer version of the program.
    OtherVersion,
    /// Something else is wrong with it.
    Unusable,
}

/// Something worth saying once.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NoticeView {
    /// Rises with each notice.
    pub id: u32,
    /// What.
    pub what: NoticeKindView,
}

/// The kinds of notice.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NoticeKindView {
    /// A preference was changed; offer undo.
    PreferenceChanged {
        /// The edit.
        edit: Uuid,
        /// Group of the preference.
        group: String,
        /// Key of the preference.
        key: String,
        /// Whether the value was taken away.
        removed: bool,
        /// How far the edit has come.
        progress: EditProgressView,
    },
    /// An edit could not be saved.
    PreferenceNotSaved,
    /// An edit of a customer who has left could not be saved.
    EarlierEditNotSaved,
    /// Everything that waited has arrived.
    QueueSent {
        /// How many.
        count: u32,
    },
    /// The centre refused an edit.
    EditRefused,
    /// A refused edit could not be sent again.
    EditNotMended,
    /// The customer is not remembered any more; edits of theirs can be looked at, and dropped.
    ForgottenUnsent {
        /// How many.
        count: u32,
    },
    /// Something is left of the access of a customer who has gone.
    AccessLeft {
        /// What.
        left: AccessLeftView,
    },
    /// The till has no memory now.
    NotRemembered,
    /// The customer who was to be opened is not remembered any more.
    NoLongerRemembered,
    /// The customer is not remembered here any more, as they wished.
    Forgotten,
    /// The customer wished to be forgotten, and could not be.
    NotForgotten,
    /// The copy of the customer who was to be opened cannot be read.
    CopyNotRead,
    /// Older activity could not be loaded.
    OlderNotLoaded,
    /// Somebody new could not be kept.
    CustomerNotAdded,
    /// Somebody new may be known already: they must be asked.
    MayBeKnown,
    /// What was entered of somebody new is theirs now.
    EnteredTakenOver {
        /// How many preferences, notes and tags.
        count: u32,
    },
    /// It is written down that the customer is here.
    VisitNoted,
    /// It could not be written down that the customer is here.
    VisitNotNoted,
    /// A colleague was added.
    AssociateAdded {
        /// Their name.
        name: String,
    },
    /// A colleague could not be added.
    AssociateNotAdded,
    /// What waited in the memory before it was handed over to the centre, sealed.
    HandedOver {
        /// So many it has taken.
        taken: u32,
        /// So many it keeps for store IT to decide about.
        kept: u32,
        /// So many it could not read.
        unread: u32,
    },
    /// The memory was started anew.
    StartedAnew {
        /// Edits that could be saved from the old one.
        edits: u32,
        /// Whether these are all that waited.
        complete: bool,
    },
}

/// A sign-in under way, as the associate sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "stage", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SignInView {
    /// A code was asked for.
    Starting,
    /// The display shows the code.
    AwaitingScan {
        /// The same as on the display.
        code: CodeView,
        /// Whether the customer has opened the page.
        scanned: bool,
        /// In the demo: the phone page can be opened on this machine.
        phone_here: bool,
    },
    /// The ID token is being checked.
    Verifying,
    /// Two-way match.
    Match {
        /// "A••• D•••".
        masked_name: String,
        /// What the phone must show too.
        check: Option<String>,
        /// How the customer has proved who they are.
        proof: ProofView,
        /// Whether the customer agreed to be remembered.
        remember: bool,
    },
}

/// What is left of the access of a customer who has gone. The till has forgotten it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AccessLeftView {
    /// The provider will be told as soon as it answers.
    Queued,
    /// The provider ends no access early.
    RunsOut {
        /// Minutes until it has run out, where the provider says it.
        minutes: Option<u32>,
    },
    /// It could not be ended.
    NotRevoked,
}

/// How a customer has proved who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProofView {
    /// By what, as far as the provider says it.
    pub methods: Vec<MethodView>,
    /// When they last did, where the provider says it.
    pub at: Option<DateTime<Utc>>,
}

/// What somebody has proved who they are with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum MethodView {
    /// A passkey.
    Passkey,
    /// A security key.
    SecurityKey,
    /// Fingerprint or face.
    Biometrics,
    /// A password.
    Password,
    /// A code that works once.
    OneTimeCode,
    /// A message to a phone, or a call.
    Phone,
    /// A smart card.
    SmartCard,
    /// Another identity service.
    OtherService,
}

/// A code on the screen.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CodeView {
    /// The code in letters.
    pub user_code: String,
    /// The address to type, without scheme.
    pub address: String,
    /// The QR code as an SVG path over a square of `qr_size` modules, quiet zone not included.
    pub qr_path: String,
    /// Modules on a side.
    pub qr_size: u32,
    /// When it was shown.
    pub shown_at: DateTime<Utc>,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum EndingView {
    /// The associate said so.
    Done,
    /// Nobody touched the till.
    Idle,
    /// The till was locked.
    Locked,
    /// The match was refused.
    Refused,
    /// The sign-in was cancelled.
    Cancelled,
}

/// Why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum FailureView {
    /// The customer said no.
    Denied,
    /// The provider said no, and it may have been a rule of its own.
    Declined,
    /// The code ran out.
    Expired,
    /// The provider cannot be reached.
    Unreachable,
    /// The provider refuses this till.
    Refused,
    /// The answer could not be trusted.
    NotTrusted,
    /// The profile could not be loaded.
    NoProfile,
    /// Nobody confirmed the match.
    MatchTimedOut,
}

/// What could not be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DoubtView {
    /// The signature.
    Signature,
    /// The issuer.
    Issuer,
    /// The audience.
    Audience,
    /// The time, by the clock of this till.
    Time,
    /// The person.
    Subject,
    /// Something else.
    Other,
}

/// A remembered customer in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RememberedView {
    /// Key in the vault.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Tells two of the same name apart.
    pub hint: Option<String>,
    /// When the copy was made.
    pub copied_at: DateTime<Utc>,
    /// When last seen here; none where never.
    pub last_seen: Option<DateTime<Utc>>,
    /// Edits that wait.
    pub waiting: u32,
    /// Edits that were refused.
    pub refused: u32,
}

/// The answer to a search.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SearchAnswer {
    /// Exact numbers and addresses first, then whoever was here last; at most 20.
    pub hits: Vec<RememberedView>,
    /// Nobody fits what was typed: these do with one typing mistake forgiven.
    pub with_mistake: bool,
    /// Where was looked.
    pub searched: SearchedView,
}

/// Where a search has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SearchedView {
    /// How many customers this till remembers.
    pub here: u32,
    /// Whether the centre was searched too.
    pub centre: CentreSearchView,
}

/// Whether the centre was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum CentreSearchView {
    /// This till does not search there.
    NotAsked,
    /// It was asked and gave no answer.
    NotReached,
    /// It was.
    Answered,
}

/// The open profile.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProfileView {
    /// The whole name.
    pub name: String,
    /// Given name.
    pub given: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Whether it was proven.
    pub email_verified: bool,
    /// Phone, E.164.
    pub phone: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// Date of birth.
    pub birthday: Option<NaiveDate>,
    /// Known since.
    pub member_since: Option<DateTime<Utc>>,
    /// Linked accounts; none where the profile source does not know them, as with the other lists.
    pub identities: Option<Vec<IdentityView>>,
    /// Loyalty.
    pub loyalty: Option<LoyaltyView>,
    /// Preferences, in the order of the catalogue.
    pub preferences: Option<Vec<PreferenceGroupView>>,
    /// What associates noted; none where nobody can.
    pub notes: Option<NotesView>,
    /// Consents, one for each purpose.
    pub consents: Option<Vec<ConsentView>>,
    /// Activity so far, newest first.
    pub activity: Option<Vec<ActivityView>>,
    /// Whether there is older activity.
    pub has_older: bool,
    /// Whether it is on its way.
    pub loading_older: bool,
    /// Where the document comes from.
    pub origin: OriginView,
    /// How the customer has proved who they are; none where nobody has, for a copy.
    pub proof: Option<ProofView>,
    /// What the customer agreed to leave here; none for "just this visit".
    pub agreement: Option<AgreementView>,
    /// Whether it is written down that they are here; none where that cannot be, or needs not.
    pub visit_noted: Option<bool>,
    /// Parts that are not kept at this till: nobody here can tell whether there is something.
    pub not_kept: Vec<ScopeView>,
}

/// What associates noted of a customer. Each is a preference, of the group `notes` or `tags`.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NotesView {
    /// By their texts.
    pub tags: Vec<PreferenceView>,
    /// Newest first.
    pub notes: Vec<PreferenceView>,
}

/// What a customer agreed to leave at this store.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AgreementView {
    /// Until when.
    pub until: DateTime<Utc>,
    /// Which parts, beside the name.
    pub scopes: Vec<ScopeView>,
    /// The act of consent, where the log has it.
    pub act: Option<ConsentActView>,
    /// Number of its receipt, where there is one.
    pub receipt: Option<String>,
}

/// A part of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ScopeView {
    /// E-mail address, phone number, birthday, linked accounts.
    Contact,
    /// What they like and agreed to.
    Preferences,
    /// What they did.
    Activity,
    /// Standing in the loyalty programme.
    Loyalty,
}

/// An act of consent.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentActView {
    /// Given or withdrawn.
    pub given: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// Who acted.
    pub by: AuthorView,
    /// Key of the channel.
    pub channel: String,
    /// The store as people call it, for acts in one.
    pub store: Option<String>,
    /// Version of the wording.
    pub wording: String,
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum AuthorView {
    /// The customer.
    Customer,
    /// An associate, for the customer.
    Associate,
    /// Somebody else.
    Other,
}

/// Where an open profile comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OriginView {
    /// The centre, just now.
    Live,
    /// This till's copy.
    Copy {
        /// When it was made.
        of: DateTime<Utc>,
    },
}

/// A linked account.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IdentityView {
    /// Key of the provider: `google`, `facebook`, …
    pub provider: String,
    /// What the customer knows it by.
    pub label: Option<String>,
    /// When linked.
    pub linked_at: Option<DateTime<Utc>>,
    /// When last used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Loyalty.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LoyaltyView {
    /// Member number.
    pub number: String,
    /// Tier.
    pub tier: Option<String>,
    /// Points.
    pub points: Option<f64>,
    /// Points the next tier asks for.
    pub next_tier_at: Option<f64>,
    /// Whether there is no next tier.
    pub is_top: bool,
}

/// A group of preferences.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PreferenceGroupView {
    /// Key of the group.
    pub group: String,
    /// Its preferences.
    pub items: Vec<PreferenceView>,
}

/// A preference, set or not.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PreferenceView {
    /// Key within the group.
    pub key: String,
    /// How it is edited.
    pub input: PreferenceInput,
    /// Whether it can be edited: the profile source may only tell it.
    pub editable: bool,
    /// The value, where set.
    pub value: Option<ValueView>,
    /// Where it comes from.
    pub provenance: Option<ProvenanceView>,
    /// How far an edit has come.
    pub progress: Option<EditProgressView>,
    /// What was entered here and refused by the centre.
    pub refused: Option<RefusedView>,
}

/// A refused edit.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RefusedView {
    /// Which.
    pub edit: Uuid,
    /// What was entered; none where the value was removed.
    pub value: Option<ValueView>,
}

/// How a preference is edited.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PreferenceInput {
    /// Yes or no.
    Flag,
    /// Free text.
    Text,
    /// One of these.
    OneOf {
        /// Keys.
        options: Vec<String>,
    },
    /// Any of these.
    AnyOf {
        /// Keys.
        options: Vec<String>,
    },
}

/// The value of a preference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(untagged)]
pub enum ValueView {
    /// Yes or no.
    Flag(bool),
    /// Text or one of the options.
    Text(String),
    /// Several of the options.
    Several(Vec<String>),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProvenanceView {
    /// `web`, `app`, `store` or `social`.
    pub channel: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether an associate set it.
    pub by_associate: bool,
}

/// How far an edit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum EditProgressView {
    /// On its way.
    Saving,
    /// Safe here, waiting for the centre.
    Waiting,
    /// The centre has it.
    Sent,
    /// Not saved.
    NotSaved,
    /// Refused by the centre.
    Refused,
}

/// The consent for a purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentView {
    /// Key of the purpose.
    pub purpose: String,
    /// What the log says.
    pub state: ConsentStateView,
    /// When the newest act was.
    pub at: Option<DateTime<Utc>>,
    /// The acts, newest first.
    pub acts: Vec<ConsentActView>,
}

/// What the consent log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ConsentStateView {
    /// No act.
    NeverAsked,
    /// Given.
    Given,
    /// Withdrawn.
    Withdrawn,
}

/// One activity.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ActivityView {
    /// Key for lists.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Key of the channel.
    pub channel: String,
    /// Key of the kind.
    pub kind: String,
    /// What.
    pub title: String,
    /// Brand.
    pub brand: Option<String>,
    /// Store.
    pub store: Option<String>,
    /// Amount in minor units.
    pub amount_minor: Option<f64>,
    /// ISO 4217 code of the amount.
    pub currency: Option<String>,
}

/// What the page draws that checks the till.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckupView {
    /// Whether it is being looked.
    pub running: bool,
    /// How the till stands, once everything was looked at.
    pub standing: Option<VerdictView>,
    /// Place in the list of the line to deal with first.
    pub first: Option<u32>,
    /// One line for each check, in order; none before the first look.
    pub lines: Vec<CheckLineView>,
    /// The whole as the command line says it, for store IT.
    pub text: String,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckLineView {
    /// Key of what is looked at.
    pub check: String,
    /// What was found, once that is known.
    pub found: Option<FindingView>,
}

/// What a check has found. Nothing personal, nothing secret.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// How it came out.
    pub verdict: VerdictView,
    /// Key of what was found.
    pub code: String,
    /// What was seen, in the terms of store IT.
    pub facts: Vec<String>,
    /// Key of the check that has failed, where this one was not tried because of it.
    pub because: Option<String>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum VerdictView {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could.
    Warning,
    /// It does not work.
    Failed,
    /// It was not tried.
    Skipped,
}

/// What the customer display draws. Nothing personal beyond the first name, ever.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DisplayView {
    /// This till.
    pub till: TillView,
    /// What it shows.
    pub screen: DisplayScreen,
    /// The customer's language, once known; the till's otherwise.
    pub language: Option<String>,
    /// Whether this till talks to the embedded demo service.
    pub demo: bool,
}

/// The screens of the customer display.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DisplayScreen {
    /// The brand at rest; also while the till is locked or being set up.
    Rest,
    /// A code is coming.
    Preparing,
    /// Scan me.
    Scan {
        /// The code.
        code: CodeView,
    },
    /// The customer has opened the page: "go on with your phone".
    OnYourPhone {
        /// The code in letters, to compare.
        user_code: String,
    },
    /// The customer said yes; show your phone to the associate.
    ShowYourPhone {
        /// Whether there are characters to compare: not every provider has them.
        compare: bool,
    },
    /// Welcome.
    Welcome {
        /// First name, where known.
        given: Option<String>,
        /// Whether the customer is remembered at this store, where that is known yet.
        remember: Option<bool>,
    },
    /// Goodbye.
    Goodbye,
    /// It did not work; what the customer can do.
    Sorry {
        /// Why.
        why: FailureView,
    },
}

/// What went wrong with a command, for the screen to put into words.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Closed set: a code exists because the screen acts on it.
    pub code: ProblemCode,
}

/// The closed set of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ProblemCode {
    /// The till is locked.
    Locked,
    /// The PIN must have four to twelve digits.
    PinFormat,
    /// Somebody new needs a name.
    NoName,
    /// It is no e-mail address.
    BadEmail,
    /// It is no phone number.
    BadPhone,
    /// Without an e-mail address or a phone number nobody can be found again.
    NoContact,
    /// The customer must agree.
    NotAgreed,
    /// The text holds what looks like the number of a payment card: such a thing is not kept.
    CardNumber,
    /// Whoever is signed in may see no customers.
    NotAllowed,
    /// The till has no memory to search in.
    NoMemory,
    /// The issuer is not an https address (or a loopback one).
    BadIssuer,
    /// The provider did not answer.
    ProviderUnreachable,
    /// Something answers at the address, but no provider that can be trusted.
    NotAProvider,
    /// The provider has no device grant.
    NoDeviceGrant,
    /// The configuration could not be written.
    CannotWriteConfiguration,
    /// The embedded service did not start.
    EmbeddedFailed,
    /// Something unforeseen; the log has more.
    Internal,
}

/// What a configuration should have had in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ExpectedView {
    /// Text in quotes.
    Text,
    /// True or false.
    Flag,
    /// A section.
    Section,
    /// An https address.
    Address,
    /// A list of texts.
    Texts,
    /// A whole number of days.
    Days {
        /// The most.
        most: u32,
    },
    /// A whole number of seconds.
    Seconds {
        /// The most.
        most: u32,
    },
    /// A list of names of hosts.
    Hosts,
    /// A country.
    Country,
    /// One of these keys.
    OneOf {
        /// The keys.
        keys: Vec<String>,
    },
}

/// What can be wrong with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ConfigurationProblem {
    /// The file cannot be read.
    Unreadable,
    /// It is not TOML.
    NotToml,
    /// A key that is not known.
    UnknownKey,
    /// A key that must be there is not.
    MissingKey,
    /// A value of the wrong kind.
    WrongKind,
    /// A value that is not one of those known.
    UnknownValue,
    /// The embedded central service cannot be at that address.
    EmbeddedElsewhere,
    /// Not a URL.
    BadUrl,
    /// The issuer must be https (loopback excepted).
    InsecureIssuer,
    /// Not the address of a proxy.
    BadProxy,
    /// A file of certificates that cannot be used.
    BadCertificates,
    /// Not a JSON Pointer.
    BadPointer,
}
