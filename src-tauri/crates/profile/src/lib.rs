//! What a customer is: plain types and the pure rules over them.
//!
//! The types double as the wire format of the profile API (`assets/central.openapi.json`): one document from the
//! central service, with the provenance of every value. The rules (what a preference can be, what a consent log means
//! today, how a name is masked) live here and nowhere else.
//!
//! This crate does no I/O, reads no clock and draws no random number: times come in as arguments.
//!
//! - [`customer`]: the profile document and its parts
//! - [`preferences`]: values with provenance and merge patches over them
//! - [`catalogue`]: the preferences that every till can edit, and what may be entered
//! - [`consent`]: the log of acts and what it means
//! - [`new_customer`]: somebody whom an associate enters at a till
//! - [`notes`]: what associates note of a customer
//! - [`remembering`]: what a customer leaves at a store, and what may be kept of a profile
//! - [`activity`]: what a customer did, over all channels
//! - [`card_number`]: what looks like the number of a payment card, and is never kept
//! - [`mod@merge`]: what becomes of an edit that was made on an older state
//! - [`masking`]: what may be shown of a name before the match is confirmed

pub mod activity;
pub mod card_number;
pub mod catalogue;
pub mod consent;
pub mod customer;
pub mod masking;
pub mod merge;
pub mod new_customer;
pub mod notes;
pub mod preferences;
pub mod remembering;

pub use activity::{Activity, ActivityKind, ActivityPage, Money};
pub use catalogue::{Input, Invalid, KnownPreference};
pub use consent::{Consent, ConsentAct, ConsentState, Purpose};
pub use customer::{
    Author, Channel, CustomerKey, Identity, IdentityProvider, Loyalty, Name, NameOrder, Profile, Provenance,
};
pub use masking::{masked_email, masked_name};
pub use merge::{Merged, merge};
pub use new_customer::{Candidate, NewCustomer, NotACustomer};
pub use preferences::{Preference, PreferenceEdit, PreferenceValue, Preferences};
pub use remembering::{Remember, RememberScope, RememberScopes};
