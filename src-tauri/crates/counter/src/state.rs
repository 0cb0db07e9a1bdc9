//! The one state of a counter, of which both windows are functions. Plain data: no secret, no handle, no clock.

use std::{
    collections::BTreeSet,
    fmt, iter,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use directory::Offers;
use profile::{
    Activity, ActivityPage, CustomerKey, Name, PreferenceEdit, Profile, Remember, RememberScope,
    RememberScopes,
};
use url::Url;
use uuid::Uuid;

pub use crate::proof::{Method, Proof};
use crate::roles::{May, Role};

/// Both clocks, read once for each step: the wall clock for what people read and what is stored, the monotonic one
/// for deadlines.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Wall clock.
    pub wall: DateTime<Utc>,
    /// Monotonic clock.
    pub tick: Instant,
}

/// One sign-in, from the tap to its end. Answers that carry another number than the current one are stale and dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u64);

/// The state of a counter.
#[derive(Clone, Debug)]
pub struct State {
    /// Who stands at the till.
    pub staff: Staff,
    /// Whether associates sign in at the store's identity provider.
    pub associates_sign_in: bool,
    /// Whether the till can remember anybody.
    pub memory: Memory,
    /// Whether the centre answers.
    pub connection: Connection,
    /// What the profile source can do, as far as is known by now.
    pub offers: Offers,
    /// Whether the till may ask the centre for itself, about the customers of its store; as far as is known by now.
    pub at_store: bool,
    /// What waits to be sent.
    pub queue: Queue,
    /// How far the copies of the store's customers have come.
    pub feed: Feed,
    /// The customer in front of the till, if any.
    pub visit: Visit,
    /// Remembered customers last seen here, for the start screen; newest first. Empty while locked.
    pub recent: Vec<Remembered>,
    /// The last thing worth saying, until it is dismissed or replaced.
    pub notice: Option<Notice>,
    /// What ends soon unless somebody touches the till.
    pub times_out: Option<TimesOut>,
}

/// Something that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimesOut {
    /// What.
    pub what: Lasting,
    /// When.
    pub at: DateTime<Utc>,
}

/// What lasts for a while only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// The last code of a sign-in: a new one has to be asked for.
    Code,
    /// The comparison with the phone.
    Match,
    /// The open profile.
    Visit,
    /// The till stays unlocked.
    Till,
}

/// Who stands at the till.
#[derive(Clone, Debug)]
pub enum Staff {
    /// Nobody has set a PIN at this till yet.
    NoneYet {
        /// Whether the last try to set one came to nothing.
        failed: bool,
    },
    /// Somebody must enter a PIN.
    Locked {
        /// Who can.
        associates: Vec<Associate>,
        /// What the last PIN came to.
        pin: PinState,
    },
    /// An associate signs in at the store's identity provider.
    SigningIn(AssociateSignIn),
    /// An associate is signed in.
    Unlocked(Associate),
}

/// An associate who signs in at the store's identity provider.
#[derive(Clone, Debug)]
pub struct AssociateSignIn {
    /// Which sign-in.
    pub sign_in: u64,
    /// How far it is.
    pub stage: AssociateStage,
}

/// How far the sign-in of an associate is.
#[derive(Clone, Debug)]
pub enum AssociateStage {
    /// A code was asked for.
    Asking,
    /// A code is shown, to be scanned with the associate's own phone.
    Scan(Box<OfferedCode>),
    /// They have said yes; who they are is being checked.
    Checking,
    /// They have no PIN at this till yet.
    ChoosePin {
        /// As colleagues know them.
        name: String,
        /// What they are.
        role: Role,
        /// What came of the last one.
        choice: PinChoice,
    },
    /// Nobody was signed in.
    Failed(AssociateFailure),
}

/// What came of the PIN that an associate has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinChoice {
    /// None was chosen yet.
    Open,
    /// It is being kept.
    Saving,
    /// It could not be kept.
    Failed,
}

/// Why an associate was not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssociateFailure {
    /// The sign-in failed.
    NotSignedIn(Failure),
    /// The provider knows them, but not as somebody who works at a till.
    NoRole,
}

/// What the last PIN at a locked till came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinState {
    /// None was entered since the till was locked.
    Untried,
    /// It is being looked at.
    Checking,
    /// It was wrong.
    Wrong {
        /// Whose it was to be.
        associate: Uuid,
    },
    /// Too many of this person's were wrong: none is looked at for a while.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Associate {
    /// Key in the vault.
    pub id: Uuid,
    /// As colleagues know them.
    pub name: String,
    /// What the store's identity provider said of them last; none where a till has PINs of its own alone.
    pub provided: Option<Provided>,
}

impl Associate {
    /// What they may do.
    pub fn may(&self) -> May {
        May::of(self.provided.as_ref().map(|provided| provided.role))
    }
}

/// What the store's identity provider said of an associate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provided {
    /// What they are.
    pub role: Role,
    /// When they signed in there last; none where their PIN is to count no longer.
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// Whether the till can remember anybody, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Being opened.
    Opening,
    /// Ready.
    Ready,
    /// No keyring service runs; nobody is remembered.
    NoKeyring,
    /// The keyring is locked.
    KeyringLocked,
    /// The keyring did not answer in time.
    KeyringSilent,
    /// The keyring has lost the key of the database, or the key is not the database's.
    WrongKey,
    /// The database is damaged.
    Damaged,
    /// The disk is full or cannot be written.
    DiskFull,
    /// The database was made by a newer version of the program.
    OtherVersion,
    /// Something else is wrong with it; the log has more.
    Unusable,
}

/// How far the copies of the customers whom the store may remember have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// This till does not follow the centre: it has no key of its own, or the centre no such thing.
    #[default]
    Off,
    /// They are being copied.
    Snapshot {
        /// Customers by now.
        done: u32,
        /// Customers in all.
        total: u32,
        /// Somebody has stopped it for a while.
        paused: bool,
    },
    /// The till has what the centre has, or hears of it at once.
    Following,
}

/// Whether the centre answers, as known from the requests made anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Nothing was asked yet.
    Unknown,
    /// The last request was answered.
    Online,
    /// The last request was answered, but several lately were not, or slowly.
    Limping,
    /// The last request was not.
    Offline {
        /// Since when.
        since: DateTime<Utc>,
    },
}

impl Connection {
    /// Whether the last request was answered.
    pub fn is_online(&self) -> bool {
        matches!(self, Self::Online | Self::Limping)
    }
}

/// What waits to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Rises with each count: a count that was overtaken by a newer one says nothing any more.
    pub count: u64,
    /// Edits, visits and new customers that wait for the centre.
    pub waiting: u32,
    /// Those that the centre refused and a person must look at.
    pub refused: u32,
    /// When the oldest of them was made.
    pub oldest: Option<DateTime<Utc>>,
    /// Customers who must sign in again before theirs can be sent, by their keys in the vault.
    pub need_sign_in: BTreeSet<Uuid>,
}

/// The customer in front of the till: at most one.
#[derive(Clone, Debug)]
pub enum Visit {
    /// Nobody.
    Idle,
    /// A code was asked for.
    Starting {
        /// Which sign-in.
        attempt: AttemptId,
    },
    /// The display shows a code and the provider is being polled.
    AwaitingScan(Box<AwaitingScan>),
    /// The customer said yes; the ID token is being checked.
    Verifying {
        /// Which sign-in.
        attempt: AttemptId,
    },
    /// The token held. The till shows a masked name and waits for the associate's tap; the profile is being loaded.
    AwaitingMatch(AwaitingMatch),
    /// The associate has tapped before the profile arrived, or opened a remembered customer.
    LoadingProfile(Loading),
    /// The profile is open.
    Open(Box<OpenProfile>),
    /// Over. The display says goodbye until `until`; nothing of the customer is left here.
    Ended {
        /// Which sign-in.
        attempt: AttemptId,
        /// How it ended.
        how: Ending,
        /// What is left of the customer's access at the provider, as far as known; none where nothing is.
        left: Option<AccessLeft>,
        /// When the counter is idle again by itself.
        until: Instant,
    },
    /// A sign-in failed; the associate sees why and one next action.
    Failed(Failure),
}

/// The display shows a code. A code that is about to run out is replaced by a fresh one while there is time, so that
/// nobody scans a dead one; the one before is listened to until it has run out, because somebody may have scanned it.
#[derive(Clone, Debug)]
pub struct AwaitingScan {
    /// Which sign-in.
    pub attempt: AttemptId,
    /// The code on the display.
    pub code: OfferedCode,
    /// The one that was there before, until it runs out.
    pub before: Option<OfferedCode>,
    /// When the next one is asked for.
    pub renewal: Renewal,
}

impl AwaitingScan {
    /// The code whose page the customer has opened, where the provider says so.
    pub fn scanned(&self) -> Option<&OfferedCode> {
        self.codes().find(|code| code.scanned)
    }

    /// The codes that count.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &OfferedCode> {
        iter::once(&self.code).chain(&self.before)
    }

    /// The same, to change them.
    pub(crate) fn codes_mut(&mut self) -> impl Iterator<Item = &mut OfferedCode> {
        iter::once(&mut self.code).chain(&mut self.before)
    }
}

/// A code of a sign-in: each is good for one customer, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CodeId(pub u64);

/// When a code is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// At this moment.
    At(Instant),
    /// It was asked for.
    InFlight,
    /// Not any more: nobody seems to be there.
    Never,
}

/// A code that a customer may enter.
#[derive(Clone)]
pub struct OfferedCode {
    /// Which code.
    pub id: CodeId,
    /// The code in letters, as the provider wrote it.
    pub user_code: String,
    /// The address to type.
    pub verification_uri: Url,
    /// The address in the QR code: complete where the provider gives one.
    pub qr: Url,
    /// When the code was shown, by the wall clock.
    pub shown_at: DateTime<Utc>,
    /// When the code stops working, by the wall clock.
    pub expires_at: DateTime<Utc>,
    /// The same by the monotonic clock: this one decides.
    pub deadline: Instant,
    /// Whether the provider said that the customer has opened the page.
    pub scanned: bool,
    /// Whether the last poll was not answered.
    pub unanswered: bool,
    /// The polling rules of RFC 8628, section 3.5.
    pub schedule: signin::PollSchedule,
}

impl fmt::Debug for OfferedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfferedCode")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .field("scanned", &self.scanned)
            .field("unanswered", &self.unanswered)
            .finish_non_exhaustive()
    }
}

/// Two-way match: the associate compares the check with the customer's phone.
#[derive(Clone)]
pub struct AwaitingMatch {
    /// Which sign-in.
    pub attempt: AttemptId,
    /// "A••• D•••".
    pub masked_name: String,
    /// The two characters that the phone shows too; none where the provider has no such thing.
    pub check: Option<String>,
    /// How they have proved who they are.
    pub proof: Proof,
    /// Until when the customer agreed to be remembered at this store; none for "just this visit".
    pub remember_until: Option<DateTime<Utc>>,
    /// What is known of the customer once the profile has come; never shown in this state.
    pub loaded: Option<Box<OpenProfile>>,
    /// Who it is.
    pub customer: CustomerKey,
    /// When the match is given up, so that a forgotten till shows nobody.
    pub deadline: Instant,
}

impl fmt::Debug for AwaitingMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitingMatch")
            .field("attempt", &self.attempt)
            .field("remember_until", &self.remember_until)
            .field("is_loaded", &self.loaded.is_some())
            .finish_non_exhaustive()
    }
}

/// A profile is on its way.
#[derive(Clone, Debug)]
pub struct Loading {
    /// Which sign-in; opening a remembered customer counts as one.
    pub attempt: AttemptId,
    /// Who it is.
    pub customer: CustomerKey,
    /// Until when the customer may be remembered.
    pub remember_until: Option<DateTime<Utc>>,
}

/// A profile on the associate's screen.
#[derive(Clone, Debug)]
pub struct OpenProfile {
    /// Which sign-in.
    pub attempt: AttemptId,
    /// Who it is.
    pub customer: CustomerKey,
    /// The document, with edits that have not been sent yet already in it.
    pub profile: Profile,
    /// Activity as far as loaded, newest first.
    pub activity: Vec<Activity>,
    /// Where older activity starts; none when all is there.
    pub older: Option<String>,
    /// Whether older activity is on its way.
    pub loading_older: bool,
    /// Where the document comes from.
    pub origin: Origin,
    /// How the customer has proved who they are; none where nobody has, for a copy.
    pub proof: Option<Proof>,
    /// What the customer is remembered by here, and until when; none for "just this visit".
    pub remember: Option<Remember>,
    /// When the profile was opened.
    pub opened_at: DateTime<Utc>,
    /// Edits of this visit, oldest first.
    pub edits: Vec<Edit>,
    /// Whether an associate has written down that they are here. Whoever has signed in is here anyway.
    pub visit_noted: bool,
    /// When an untouched profile closes by itself.
    pub idle_deadline: Instant,
}

impl OpenProfile {
    /// What is shown of somebody who has not signed in themselves: the parts that they agreed to leave here. None where
    /// all is shown.
    pub fn left(&self) -> Option<&RememberScopes> {
        match self.origin {
            Origin::Live => None,
            Origin::Copy { .. } => self.remember.as_ref().map(|remember| &remember.scopes),
        }
    }

    /// Shows the newest activity.
    pub(crate) fn show(&mut self, page: ActivityPage) {
        let hidden = self.left().is_some_and(|left| !left.has(RememberScope::Activity));
        let page = if hidden { ActivityPage::default() } else { page };
        self.activity = page.items;
        self.older = page.next;
        self.loading_older = false;
    }
}

/// Where an open profile comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The centre, just now.
    Live,
    /// This till's copy.
    Copy {
        /// When the copy was made.
        of: DateTime<Utc>,
    },
}

/// A change of a preference made in this visit, or still waiting from an earlier one.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Idempotency key, for ever the same.
    pub id: Uuid,
    /// What was changed.
    pub edit: PreferenceEdit,
    /// What stood there before, for undo.
    pub before: Option<profile::PreferenceValue>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// How far it has come.
    pub progress: EditProgress,
}

/// How far an edit has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditProgress {
    /// On its way to the disk (a remembered customer) or to the centre (any other).
    Saving,
    /// Safe on this till, waiting for the centre.
    Waiting,
    /// The centre has it.
    Sent,
    /// Not saved; the old value is back. Only for customers who are not remembered, or on a full disk.
    NotSaved,
    /// The centre refused it; the edit is kept and the old value is back.
    Refused {
        /// HTTP status of the refusal.
        status: u16,
    },
}

/// What is left at the provider of the access of somebody who has gone. Here it is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLeft {
    /// The provider was not reached: it is told as soon as it answers.
    Queued,
    /// The provider ends no access early: it runs out by itself.
    RunsOut {
        /// After so long, where the provider says it.
        within: Option<Duration>,
    },
    /// It could not be ended, and runs out by itself.
    NotRevoked,
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The associate said so.
    Done,
    /// Nobody touched the till for a while.
    Idle,
    /// The till was locked.
    Locked,
    /// The associate refused the match.
    Refused,
    /// The associate cancelled the sign-in.
    Cancelled,
}

/// Why a sign-in failed. Each has one sentence for the associate, another for the display, and one next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The customer said no.
    Denied,
    /// The provider said no, and does not say whether it was the customer or a rule of its own.
    Declined,
    /// The code ran out.
    Expired,
    /// The provider cannot be reached.
    Unreachable,
    /// The provider refuses this till: a matter for store IT.
    Refused,
    /// The answer could not be trusted: the ID token failed its checks.
    NotTrusted(Doubt),
    /// The sign-in held but the profile could not be loaded.
    NoProfile,
    /// Nobody confirmed the match in time.
    MatchTimedOut,
}

/// What about an answer could not be trusted: the same for the customer, but not for store IT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is not signed by the provider.
    Signature,
    /// It is another provider's.
    Issuer,
    /// It was made for another client.
    Audience,
    /// It is too old or from the future, as the clock of this till has it.
    Time,
    /// The profile is of another person than the one who has signed in.
    Subject,
    /// Anything else.
    Other,
}

/// A remembered customer in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Key in the vault; means nothing outside this till.
    pub id: Uuid,
    /// Name.
    pub name: Name,
    /// Something to tell two of the same name apart: tier and member number, or a town.
    pub hint: Option<String>,
    /// When the copy was made.
    pub copied_at: DateTime<Utc>,
    /// When the customer was last at this counter; none where never.
    pub last_seen: Option<DateTime<Utc>>,
    /// Edits that wait.
    pub waiting: u32,
    /// Edits that the centre refused and a person must look at.
    pub refused: u32,
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Something worth saying once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Rises with each notice, so that a window can tell a new one from a repeated one.
    pub id: u64,
    /// What.
    pub what: NoticeKind,
}

/// What could be saved from a memory that was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// Edits that wait in the new memory.
    pub edits: u32,
    /// Whether all of the old queue could be read.
    pub complete: bool,
}

/// What became of what waited in a memory that could not be read, when it was handed over to the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// So many it has taken.
    pub taken: u32,
    /// So many it has not applied, and keeps for a person to decide about.
    pub kept: u32,
    /// So many it could not read: they are still here.
    pub unread: u32,
}

/// The kinds of notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A preference was changed; the edit can be undone.
    PreferenceChanged {
        /// The edit.
        edit: Uuid,
    },
    /// An edit could not be saved.
    PreferenceNotSaved,
    /// Everything that waited has arrived.
    QueueSent {
        /// How many edits.
        count: u32,
    },
    /// The centre refused an edit.
    EditRefused,
    /// A refused edit could not be put into the queue again: it is where it was.
    EditNotMended,
    /// The customer is not remembered any more, and edits of theirs are still in the queue.
    ForgottenUnsent {
        /// How many.
        count: u32,
    },
    /// Something is left of the access of a customer who has gone. Said here where the goodbye is over already.
    AccessLeft(AccessLeft),
    /// The customer would like to be remembered, but the till has no memory now.
    NotRemembered,
    /// A change made for a customer who has left could not be saved.
    EarlierEditNotSaved,
    /// The remembered customer who was to be opened is not remembered any more.
    NoLongerRemembered,
    /// The customer is not remembered here any more, as they wished; the centre is told.
    Forgotten,
    /// The customer wished to be forgotten, and the memory could not do it.
    NotForgotten,
    /// The copy of the remembered customer who was to be opened cannot be read.
    CopyNotRead,
    /// Older activity could not be loaded.
    OlderNotLoaded,
    /// Somebody new could not be kept.
    CustomerNotAdded,
    /// Somebody new may be known to the centre: a person must ask them.
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
    /// The memory was started anew.
    StartedAnew(Rescued),
    /// What the memory before it had left, sealed, was handed over to the centre.
    HandedOver(HandedOver),
}
