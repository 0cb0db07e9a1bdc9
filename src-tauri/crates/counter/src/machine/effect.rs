//! What the machine wants done: plain data. Tokens and device codes are not in it; the driver finds them by attempt.

use chrono::{DateTime, Utc};
use profile::{CustomerKey, NewCustomer, PreferenceEdit, PreferenceValue};
use secrecy::SecretString;
use uuid::Uuid;

use super::event::ToRemember;
use crate::state::{AttemptId, CodeId, Ending};

/// Something to be done. What is answered, and with which event, stands at each.
#[derive(Debug)]
pub enum Effect {
    /// Open the memory: [`super::Event::MemoryOpened`] or [`super::Event::MemoryFailed`].
    OpenMemory,
    /// Set the unreadable memory aside and begin a new one: answered like [`Effect::OpenMemory`].
    StartAnew,
    /// Remove copies whose date is over: [`super::Event::Recent`] where some were.
    Purge,
    /// Read the customers last seen here: [`super::Event::Recent`].
    ReadRecent,
    /// Add an associate: [`super::Event::AssociateAdded`].
    AddAssociate {
        /// Nobody has a PIN here as far as the machine knows: to be refused where the memory knows better.
        first: bool,
        /// As colleagues know them.
        name: String,
        /// The digits.
        pin: SecretString,
    },
    /// Ask for a code for an associate: [`super::Event::AssociateCode`].
    AskAssociateCode {
        /// Which sign-in.
        sign_in: u64,
    },
    /// Ask once whether they have decided: [`super::Event::AssociatePolled`].
    PollAssociate {
        /// Which sign-in.
        sign_in: u64,
    },
    /// Check who it is: [`super::Event::AssociateChecked`].
    CheckAssociate {
        /// Which sign-in.
        sign_in: u64,
    },
    /// Keep the PIN of whoever was checked: [`super::Event::AssociateKept`].
    KeepAssociate {
        /// Which sign-in.
        sign_in: u64,
        /// The digits.
        pin: SecretString,
    },
    /// Forget all of a sign-in of an associate.
    ForgetAssociateSignIn {
        /// Which sign-in.
        sign_in: u64,
    },
    /// Write down that the shift of an associate is over.
    EndShift {
        /// Who.
        associate: Uuid,
    },
    /// Look at a PIN: [`super::Event::PinChecked`].
    CheckPin {
        /// Number of the check.
        check: u64,
        /// Who says it is.
        associate: Uuid,
        /// The digits.
        pin: SecretString,
    },
    /// Read the provider's metadata ahead of need: [`super::Event::Centre`].
    Discover,
    /// Find out whether the centre answers: [`super::Event::Probed`].
    Probe,
    /// Ask for a code: [`super::Event::CodeReceived`] or [`super::Event::CodeFailed`].
    RequestCode {
        /// Which sign-in.
        attempt: AttemptId,
        /// What the code is called from now on.
        code: CodeId,
    },
    /// Ask once whether the customer has decided: [`super::Event::Polled`].
    Poll {
        /// Which sign-in.
        attempt: AttemptId,
        /// Which of its codes.
        code: CodeId,
    },
    /// Check the ID token: [`super::Event::Verified`] or [`super::Event::NotVerified`].
    Verify {
        /// Which sign-in.
        attempt: AttemptId,
    },
    /// Load profile and newest activity: [`super::Event::Loaded`] or [`super::Event::NotLoaded`].
    LoadProfile {
        /// Which sign-in.
        attempt: AttemptId,
    },
    /// Load older activity: [`super::Event::OlderLoaded`].
    LoadOlder {
        /// Which sign-in.
        attempt: AttemptId,
        /// Where it starts.
        cursor: String,
    },
    /// Open a visit at the centre; nothing is answered.
    OpenVisit {
        /// Which sign-in.
        attempt: AttemptId,
        /// When the profile was opened.
        at: DateTime<Utc>,
    },
    /// Read the till's copy: [`super::Event::CopyRead`] or [`super::Event::CopyNotRead`]. What is read later under this attempt is that customer's.
    ReadCopy {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key in the vault.
        id: Uuid,
    },
    /// Write a copy, and keep the refresh token in the keyring: [`super::Event::Remembered`].
    Remember {
        /// Which sign-in.
        attempt: AttemptId,
        /// What to keep.
        copy: Box<ToRemember>,
    },
    /// Remove what the till remembers of a customer: [`super::Event::Forgotten`] where there was something.
    Forget {
        /// Which sign-in.
        attempt: AttemptId,
        /// Who.
        customer: CustomerKey,
    },
    /// A customer took back, before the associate, what they agreed to leave here: remove it, and queue the act for the
    /// centre. [`super::Event::Forgotten`], or [`super::Event::NotForgotten`].
    TakeBack {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key in the vault.
        id: Uuid,
        /// Id of the act.
        act: Uuid,
        /// The associate.
        who: Option<Uuid>,
    },
    /// Keep somebody new under this subject: [`super::Event::CustomerAdded`].
    AddCustomer {
        /// Which sign-in; entering somebody counts as one.
        attempt: AttemptId,
        /// Who they are to be at the centre.
        subject: Uuid,
        /// Who they are.
        new: Box<NewCustomer>,
        /// The associate.
        who: Option<Uuid>,
    },
    /// Write down that a remembered customer is here: [`super::Event::VisitNoted`].
    NoteVisit {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key in the vault.
        id: Uuid,
        /// Idempotency key.
        visit: Uuid,
    },
    /// Put somebody new whom the centre has refused into the queue again: [`super::Event::CustomerSent`].
    SendCustomer {
        /// Key in the vault.
        customer: Uuid,
    },
    /// Let go of somebody new: [`super::Event::CustomerDropped`].
    DropCustomer {
        /// Key in the vault.
        customer: Uuid,
        /// The associate.
        who: Option<Uuid>,
    },
    /// Read what was entered of somebody new: [`super::Event::Entered`].
    ReadEntered {
        /// Which sign-in.
        attempt: AttemptId,
        /// Key in the vault.
        customer: Uuid,
    },
    /// Write an edit of a remembered customer into the queue: [`super::Event::EditSaved`]. Where the customer turns out
    /// not to be remembered it is sent: [`super::Event::EditAnswered`].
    SaveEdit {
        /// Which sign-in.
        attempt: AttemptId,
        /// Idempotency key.
        edit: Uuid,
        /// The change.
        change: PreferenceEdit,
        /// Revision of the document that was edited.
        base: u64,
        /// Whose it is.
        whom: CustomerKey,
        /// For the audit trail.
        by: vault::By,
        /// When it was made.
        at: DateTime<Utc>,
    },
    /// Send an edit of a customer who is not remembered: [`super::Event::EditAnswered`].
    SendEdit {
        /// Which sign-in.
        attempt: AttemptId,
        /// Idempotency key.
        edit: Uuid,
        /// The change.
        change: PreferenceEdit,
        /// Revision of the document that was edited.
        base: u64,
    },
    /// Put a refused edit into the queue again, as a new one with this value: [`super::Event::EditMended`].
    MendEdit {
        /// The refused one.
        edit: Uuid,
        /// Idempotency key of the new one.
        fresh: Uuid,
        /// The value; none removes the preference.
        value: Option<PreferenceValue>,
        /// What the associate has seen standing there; none where nothing stood there.
        seen: Option<PreferenceValue>,
        /// For the audit trail.
        by: vault::By,
        /// When it was made.
        at: DateTime<Utc>,
    },
    /// Remove an edit from the queue: [`super::Event::EditDropped`].
    DropEdit {
        /// Which.
        edit: Uuid,
        /// For the audit trail.
        by: vault::By,
        /// When.
        at: DateTime<Utc>,
    },
    /// Send the oldest queued edit of a customer: [`super::Event::QueueAnswered`].
    SendNext {
        /// Key of the customer in the vault.
        customer: Uuid,
    },
    /// Hand over what a memory that could not be read has left, sealed: [`super::Event::HandedOver`] where there was any.
    HandOver,
    /// Take one step in following the centre: [`super::Event::Followed`].
    Follow,
    /// Send a part of the audit trail to the centre: [`super::Event::AuditShipped`].
    ShipAudit,
    /// End the access of former customers that could not be ended before; nothing is answered.
    RevokeQueued,
    /// Write a line into the audit trail; nothing is answered.
    Audit(vault::AuditLine),
    /// The end of a sign-in, whatever came of it: what runs is cancelled, the visit is ended at the centre, tokens are
    /// revoked and forgotten, also those that are still to come. Answered with [`super::Event::AccessLeft`] at most.
    Close {
        /// Which sign-in.
        attempt: AttemptId,
        /// How the visit ended; none where there was no visit.
        how: Option<Ending>,
    },
}

impl Effect {
    /// The sign-in that the effect is about.
    pub fn attempt(&self) -> Option<AttemptId> {
        match self {
            Self::RequestCode { attempt, .. }
            | Self::Poll { attempt, .. }
            | Self::Verify { attempt }
            | Self::LoadProfile { attempt }
            | Self::LoadOlder { attempt, .. }
            | Self::OpenVisit { attempt, .. }
            | Self::ReadCopy { attempt, .. }
            | Self::Remember { attempt, .. }
            | Self::Forget { attempt, .. }
            | Self::TakeBack { attempt, .. }
            | Self::AddCustomer { attempt, .. }
            | Self::NoteVisit { attempt, .. }
            | Self::ReadEntered { attempt, .. }
            | Self::SaveEdit { attempt, .. }
            | Self::SendEdit { attempt, .. }
            | Self::Close { attempt, .. } => Some(*attempt),
            Self::OpenMemory
            | Self::StartAnew
            | Self::Purge
            | Self::ReadRecent
            | Self::AddAssociate { .. }
            | Self::CheckPin { .. }
            | Self::AskAssociateCode { .. }
            | Self::PollAssociate { .. }
            | Self::CheckAssociate { .. }
            | Self::KeepAssociate { .. }
            | Self::ForgetAssociateSignIn { .. }
            | Self::EndShift { .. }
            | Self::Discover
            | Self::Probe
            | Self::MendEdit { .. }
            | Self::DropEdit { .. }
            | Self::SendCustomer { .. }
            | Self::DropCustomer { .. }
            | Self::SendNext { .. }
            | Self::RevokeQueued
            | Self::HandOver
            | Self::Follow
            | Self::ShipAudit
            | Self::Audit(_) => None,
        }
    }
}
