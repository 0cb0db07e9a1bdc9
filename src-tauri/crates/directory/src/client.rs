//! The requests.

use chrono::{DateTime, Utc};
use profile::{ActivityPage, PreferenceEdit, Profile};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::Error;

/// The answer of [`Directory::me`].
#[derive(Debug)]
pub enum Me {
    /// The known revision is the newest.
    Unchanged,
    /// The document.
    Profile(Box<Profile>),
}

/// A client of one profile API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Directory {
    base: Url,
    http: reqwest::Client,
}

impl Directory {
    /// `base` is the address of `/v1`.
    pub fn new(base: Url, http: reqwest::Client) -> Self {
        Self { base, http }
    }
    /// The customer's own profile; `known` is the revision at hand.
    pub async fn me(&self, _token: &SecretString, _known: Option<u64>) -> Result<Me, Error> {
        Err(Error::Unreachable)
    }
    /// A page of activity.
    pub async fn activity(&self, _token: &SecretString, _cursor: Option<&str>) -> Result<ActivityPage, Error> {
        Err(Error::Unreachable)
    }
    /// Sends one edit.
    pub async fn change_preferences(
        &self,
        _token: &SecretString,
        _edit: &PreferenceEdit,
        _base: Option<u64>,
        _idempotency_key: Uuid,
        _edited_at: DateTime<Utc>,
    ) -> Result<Profile, Error> {
        Err(Error::Unreachable)
    }
    /// Opens a visit and gives back its id.
    pub async fn open_visit(&self, _token: &SecretString, _idempotency_key: Uuid, _at: DateTime<Utc>) -> Result<String, Error> {
        Err(Error::Unreachable)
    }
    /// Ends a visit.
    pub async fn end_visit(&self, _token: &SecretString, _id: &str, _at: DateTime<Utc>, _how: &str) -> Result<(), Error> {
        Err(Error::Unreachable)
    }
}
