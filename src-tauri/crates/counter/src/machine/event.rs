//! What reaches the machine: acts of a person, answers to its own effects, and time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use directory::Offers;
use profile::{Activity, ActivityPage, CustomerKey, PreferenceEdit, Profile, Remember};
use url::Url;
use uuid::Uuid;
use vault::{QueuedEdit, Theirs};

use super::{CheckedAssociate, Followed, Shipped};
use crate::{
    Input,
    state::{
        AccessLeft, Associate, AttemptId, CodeId, Failure, HandedOver, Memory, Proof, Queue, Remembered,
        Rescued,
    },
};

/// Something that happened. Chance comes in here as well: `fresh` is an unused id, `jitter` a number from 0 to 1.
#[derive(Debug)]
pub enum Event {
    /// A deadline may have passed.
    Tick,
    /// A person at the till did something.
    Input {
        /// What.
        input: Input,
        /// For what the act makes.
        fresh: Uuid,
    },
    /// The memory is open.
    MemoryOpened(Box<OpenedMemory>),
    /// The memory could not be opened, or has failed.
    MemoryFailed(Memory),
    /// Customers last seen here.
    Recent(Vec<Remembered>),
    /// An associate was to be added.
    AssociateAdded {
        /// Who; none where it was not possible.
        associate: Option<Associate>,
        /// Whether the memory knows them, and not this run alone.
        kept: bool,
    },
    /// A PIN was looked at.
    PinChecked {
        /// Which check.
        check: u64,
        /// The outcome.
        answer: PinAnswer,
    },
    /// A code for an associate.
    AssociateCode {
        /// Which sign-in.
        sign_in: u64,
        /// The code, or why there is none.
        answer: Result<Code, Failure>,
    },
    /// Whether an associate has decided.
    AssociatePolled {
        /// Which sign-in.
        sign_in: u64,
        /// The answer.
        answer: Polled,
        /// From 0 to 1.
        jitter: f64,
    },
    /// Who an associate is.
    AssociateChecked {
        /// Which sign-in.
        sign_in: u64,
        /// What was found.
        who: CheckedAssociate,
    },
    /// The PIN of an associate was kept.
    AssociateKept {
        /// Which sign-in.
        sign_in: u64,
        /// Who it is; none where it could not be kept.
        associate: Option<Associate>,
    },
    /// A request made anyway shows whether the centre answers.
    Centre {
        /// Whether it does.
        answered: bool,
        /// Whether somebody who waits for it would call it slow.
        slow: bool,
    },
    /// A probe is over; what it found came as [`Event::Centre`].
    Probed {
        /// From 0 to 1.
        jitter: f64,
    },
    /// What the profile source can do, as far as is known by now.
    Offers(Offers),
    /// The till says more than its name, so that it may ask the centre for itself.
    OwnAuthority,
    /// A step of following the centre is done.
    Followed {
        /// What it came to.
        what: Followed,
        /// From 0 to 1.
        jitter: f64,
    },
    /// A part of the audit trail was sent.
    AuditShipped {
        /// What it came to.
        what: Shipped,
        /// From 0 to 1.
        jitter: f64,
    },
    /// The provider gave a code.
    CodeReceived {
        /// Which sign-in.
        attempt: AttemptId,
        /// Which code.
        id: CodeId,
        /// What may be shown of it.
        code: Code,
    },
    /// The provider gave none.
    CodeFailed {
        /// Which sign-in.
        attempt: AttemptId,
        /// Which code.
        id: CodeId,
        /// Why.
        why: Failure,
    },
    /// The token endpoint was asked once.
    Polled {
        /// Which sign-in.
        attempt: AttemptId,
        /// Which of its codes.
        code: CodeId,
        /// What it said.
        answer: Polled,
        /// From 0 to 1.
        jitter: f64,
    },
    /// The ID token has passed every check.
    Verified {
        /// Which sign-in.
        attempt: AttemptId,
        /// Who it is.
        who: Box<Verified>,
    },
    /// The ID token has failed its checks, or they could not be made.
    NotVerified {
        /// Which sign-in.
        attempt: AttemptId,
        /// Why.
        why: Failure,
    },
    /// The profile and the newest activity are here.
    Loaded {
        /// Which sign-in.
        attempt: AttemptId,
        /// The document.
        profile: Box<Profile>,
        /// The newest activity.
        page: ActivityPage,
    },
    /// They are not.
    NotLoaded {
        /// Which sign-in.
        attempt: AttemptId,
        /// Why not.
        why: NotLoaded,
    },
    /// Older activity; none where it could not be loaded.
    OlderLoaded {
        /// Which sign-in.
        attempt: AttemptId,
        /// The page.
        page: Option<ActivityPage>,
    },
    /// The till's copy of a remembered customer; none where there is none any more.
    CopyRead {
        /// Which sign-in.
        attempt: AttemptId,
        /// The copy, with the waiting edits applied.
        copy: Option<Box<vault::Copy>>,
    },
    /// The till's copy of a remembered customer is there but cannot be read.
    CopyNotRead {
        /// Which sign-in.
        attempt: AttemptId,
    },
    /// A customer who was remembered is not any more.
    Forgotten {
        /// Their former key in the vault.
        id: Uuid,
        /// Edits of theirs that are still in the queue.
        unsent: u32,
        /// They took it back here, and the centre must be told.
        tell: bool,
    },
    /// A customer who wanted to be forgotten could not be.
    NotForgotten,
    /// The copy of the open customer was written; none where that failed.
    Remembered {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key in the vault.
        id: Option<Uuid>,
    },
    /// Somebody new was to be kept.
    CustomerAdded {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key in the vault; none where that failed.
        id: Option<Uuid>,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// It was to be written down that a customer is here.
    VisitNoted {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key of the customer in the vault; none where that failed.
        customer: Option<Uuid>,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// Somebody new was to be sent again.
    CustomerSent {
        /// Key in the vault.
        customer: Uuid,
        /// Whether they wait for the centre again.
        again: bool,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// Somebody new was to be let go of.
    CustomerDropped {
        /// Key in the vault.
        customer: Uuid,
        /// Who it was; none where there was nobody.
        whom: Option<CustomerKey>,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// What was entered of somebody new, of whom the centre knows better by now.
    Entered {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key of the new customer in the vault.
        customer: Uuid,
        /// What was changed, each with an idempotency key for whoever it is of from now on.
        edits: Vec<(Uuid, PreferenceEdit)>,
    },
    /// An edit was to be written into the queue.
    EditSaved {
        /// Which sign-in.
        attempt: AttemptId,
        /// Which edit.
        edit: Uuid,
        /// The outcome.
        answer: Saved,
    },
    /// An edit was sent directly.
    EditAnswered {
        /// Which sign-in.
        attempt: AttemptId,
        /// Which edit.
        edit: Uuid,
        /// What the centre said.
        answer: Sent,
    },
    /// A refused edit was to be sent again.
    EditMended {
        /// The refused one.
        edit: Uuid,
        /// What is in its place; none where that was not possible.
        mended: Option<Box<QueuedEdit>>,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// An edit was to be removed from the queue.
    EditDropped {
        /// Which.
        edit: Uuid,
        /// Key in the vault of whose it was; none where it was not there.
        whose: Option<Uuid>,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// The oldest queued edit of a customer was sent, or could not be.
    QueueAnswered {
        /// Key of the customer in the vault.
        customer: Uuid,
        /// Which edit; none where there was none to send.
        edit: Option<Uuid>,
        /// What the centre said.
        answer: Sent,
        /// Whether more edits of this customer wait.
        more: bool,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
        /// From 0 to 1.
        jitter: f64,
    },
    /// The centre has answered what a memory that could not be read had left, sealed.
    HandedOver(HandedOver),
    /// Not all access of an ended sign-in is over at the provider.
    AccessLeft {
        /// Which sign-in.
        attempt: AttemptId,
        /// What is left.
        left: AccessLeft,
    },
}

/// An open memory.
#[derive(Clone, Debug, Default)]
pub struct OpenedMemory {
    /// Who works here.
    pub associates: Vec<Associate>,
    /// Customers last seen here.
    pub recent: Vec<Remembered>,
    /// The queue in numbers.
    pub queue: Queue,
    /// Customers with edits that wait.
    pub waiting: Vec<Uuid>,
    /// What could be saved from the memory before it, where it was started anew.
    pub rescued: Option<Rescued>,
}

/// What a look at a PIN found.
#[derive(Clone, Debug)]
pub enum PinAnswer {
    /// Right. The associate may have another id than was asked for: see the driver's book of associates.
    Right(Associate),
    /// Wrong.
    Wrong,
    /// Not looked at.
    Blocked {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// It could not be looked at.
    Failed,
}

/// Why a profile could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLoaded {
    /// The same request may succeed later.
    Now,
    /// It will not.
    Ever,
    /// The service answered with somebody else's.
    OtherSubject,
}

/// What may be shown of a code.
#[derive(Clone)]
pub struct Code {
    /// The code in letters.
    pub user_code: String,
    /// The address to type.
    pub verification_uri: Url,
    /// The address with the code in it, where the provider gives one.
    pub complete: Option<Url>,
    /// How long it works.
    pub expires_in: Duration,
    /// How long to wait between two polls.
    pub interval: Duration,
    /// Whether the provider holds token requests.
    pub holds: bool,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// What the token endpoint said; the tokens stay with the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// Not decided yet.
    Pending {
        /// The page was opened.
        scanned: bool,
    },
    /// Too fast.
    SlowDown {
        /// The new interval, where there is one.
        interval: Option<Duration>,
    },
    /// The answer was no.
    Denied {
        /// Whether it was the customer for certain.
        by_customer: bool,
    },
    /// The code is dead.
    Expired,
    /// The customer said yes; nothing is checked yet.
    Granted,
    /// No answer.
    NoAnswer,
    /// The provider does not serve this till.
    Refused,
}

/// A customer whose ID token has passed every check.
#[derive(Clone)]
pub struct Verified {
    /// Who it is.
    pub customer: CustomerKey,
    /// The whole name, where the token says it.
    pub name: Option<String>,
    /// How they have proved who they are.
    pub proof: Proof,
    /// The characters that the phone shows too.
    pub check: Option<String>,
    /// What the customer agreed to leave here, and until when.
    pub remember: Option<Remember>,
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified").field("remember", &self.remember).finish_non_exhaustive()
    }
}

/// What became of an edit that was to be written into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is on the disk.
    Queued {
        /// Key of the customer in the vault.
        customer: Uuid,
        /// The queue in numbers, afterwards; none where it could not be read.
        queue: Option<Queue>,
    },
    /// It could not be written.
    Failed,
}

/// What the centre said to an edit.
#[derive(Clone, Debug)]
pub enum Sent {
    /// It has it; this is the profile now.
    Accepted(Box<Profile>),
    /// It will never take it.
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says stands there, where it says so.
        theirs: Option<Theirs>,
    },
    /// Somebody new may be known already: a person must ask them.
    MayBeKnown,
    /// No answer, or "later".
    NoAnswer,
    /// There is no token that is good for it: a new sign-in helps.
    NoToken,
    /// There was nothing to send.
    Nothing,
}

/// A copy to be written.
#[derive(Clone, Debug)]
pub struct ToRemember {
    /// Who it is.
    pub customer: CustomerKey,
    /// What the centre last said, without edits that wait.
    pub profile: Profile,
    /// Activity as far as loaded.
    pub activity: Vec<Activity>,
    /// Where older activity starts.
    pub older: Option<String>,
    /// What the customer agreed to leave here, and until when.
    pub remember: Remember,
}
