//! What the till remembers: encrypted SQLite, search, outbox, audit trail, keyring.
//!
//! One [`Vault`] is one folder: a SQLCipher database, its lock and the fingerprint of its key. The key itself is in the
//! keyring of the operating system ([`keyring`]), or where store IT says by name ([`KeyPlace`]), and nowhere else.
//!
//! - [`Vault::remember`], [`Vault::open_customer`], [`Vault::search`]: copies of customers who agreed to it, until the
//!   date they agreed to; [`Vault::remember_many`] takes over many at once
//! - [`Vault::take_page`], [`Vault::take_changes`]: following the centre, and how far that came
//! - [`Vault::edit_preference`], [`Vault::next_to_send`]: edits that wait for the centre; none is ever lost
//! - [`Vault::unsent`], [`Vault::mend_edit`], [`Vault::drop_edit`]: what a person does about them
//! - [`Vault::add_customer`], [`Vault::note_visit`]: whom the centre does not have yet, and who was here
//! - [`Vault::take_back`]: consent that was taken back here, and waits for the centre
//! - [`Vault::seal_with`], [`Vault::to_hand_over`]: the same edits sealed to the centre, for a till that loses its key
//! - [`Vault::begin_refresh`], [`Vault::queue_revocation`]: tokens that may be used up, and tokens still to be ended
//! - [`Vault::erase`]: nothing of a customer is left, and their lines in the audit trail name nobody
//! - [`Vault::audit`]: who saw whom, when and why, in a chain that shows every change; [`Vault::audit_batch`]: what of it
//!   the centre lacks
//! - [`Vault::add_associate`], [`Vault::unlock`]: the PINs of the people who work at the till
//!
//! This crate reads no clock, speaks to no network, and writes nothing of a customer but into the encrypted file.
//! No token enters the file: what is kept of them is in the keyring.

mod associates;
mod audit;
mod backup;
mod bulk;
mod customers;
mod database;
mod erasure;
mod error;
mod examination;
mod export;
mod feed;
mod finding;
mod index;
mod kept;
mod key;
pub mod keyring;
mod mending;
mod migration;
mod new_customers;
mod outbox;
mod phone;
pub mod pin;
mod place;
mod rekey;
mod rescue;
mod sealed;
mod search;
mod soundness;
mod spelling;
mod stored;
mod time_seen;
mod tokens;
mod vault;
mod visits;
mod withdrawals;

pub use trail::{AuditBatch, AuditCheck, AuditFault, AuditHead, WrittenLine};

pub use crate::{
    associates::{KnownAssociate, Provided, SignedInAssociate, Unlock},
    audit::{AuditAct, AuditLine, By, Why},
    bulk::Arriving,
    customers::{Copy, Refreshed, Unsent},
    database::Engine,
    erasure::Erased,
    error::{Error, OpenError},
    examination::{Examined, FileState},
    export::Export,
    feed::{FeedChange, FeedPlace, SnapshotPage},
    finding::{Found, RememberedRow},
    keyring::{Keyring, KeyringError},
    mending::{UnsentEdit, UnsentList},
    new_customers::{QueuedCustomer, UnsentCustomer},
    outbox::{EditState, QueueSummary, QueuedEdit, Theirs, UNREADABLE},
    phone::{e164, is_country},
    place::{KeyFileError, KeyPlace},
    rescue::Rescued,
    sealed::Sealing,
    soundness::Soundness,
    tokens::Revocable,
    vault::Vault,
    visits::{QueuedVisit, UnsentVisit},
    withdrawals::QueuedWithdrawal,
};
