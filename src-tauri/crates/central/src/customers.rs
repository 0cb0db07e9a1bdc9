//! Customers: the parts that a profile document is computed from, and the few ways in which they change.
//!
//! The document is put together from its parts each time it is read; linking an account rewrites none of them. Each
//! change is one transaction that also raises the customer's revision, writes a line of the feed of changes, and,
//! for requests that may come twice, keeps that it was carried out under its idempotency key.
//!
//! Nothing here decides who may read or change a customer: that is for the callers.

mod adding;
mod changes;
mod erasure;
mod idempotency;
mod kept;
mod making;
mod preferences;
mod reading;
mod remembered;
mod search;
mod visits;
mod withdrawing;

use chrono::{DateTime, Utc};
use serde::{
    Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer},
};

pub(crate) use adding::{add, create, record_consent};
use changes::newest_change_within;
pub(crate) use changes::{Change, changes_for_store, changes_since, newest_change};
pub(crate) use erasure::{confirm_erasure, erase};
pub(crate) use idempotency::{Key, was_done};
pub use kept::Kept;
pub(crate) use kept::{
    NotApplied, ToKeep, all_kept, is_kept, keep, kept, kept_behind, let_go, let_go_of_customer,
};
pub(crate) use making::{Made, make};
pub(crate) use preferences::{Applied, Patch, Source, change_key, is_name, patch_preferences};
pub(crate) use reading::{Cursor, activity, profile, profile_within, revision, standing_yes};
pub(crate) use remembered::{Remembered, remembered, remembered_page, was_remembered};
pub(crate) use search::{Found, folded, search};
pub(crate) use visits::{
    Opened, OpenedVisit, end_visit, end_visits_by_phone, note_visit, open_visit, visit_key,
};
pub(crate) use withdrawing::{Counter, TakenBack, Withdrawal, take_back};

use crate::Error;

/// A word of the profile API (a channel, a kind, a purpose) as it is stored.
pub(crate) fn word<T: Serialize>(value: &T) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Error::Stored("a word")),
    }
}

pub(crate) fn from_word<T: DeserializeOwned>(word: &str, column: &'static str) -> Result<T, Error> {
    let deserializer: StrDeserializer<'_, serde::de::value::Error> = word.into_deserializer();
    T::deserialize(deserializer).map_err(|_| Error::Stored(column))
}

pub(crate) fn from_millis(millis: i64, column: &'static str) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_millis(millis).ok_or(Error::Stored(column))
}
