//! What may be written of a customer: the parts that they agreed to leave here. Every copy and every entry of the search
//! index is made by this, at first and at each later refresh; nothing else may turn a profile into rows.

use profile::{Activity, Profile, Remember, RememberScopes};

use crate::{
    Error,
    search::Entry,
    stored::{micros, number},
};

/// A profile, ready to be written.
pub(crate) struct Kept {
    /// JSON.
    pub(crate) document: String,
    pub(crate) revision: i64,
    pub(crate) entry: Entry,
}

impl Kept {
    pub(crate) fn of(profile: &Profile, scopes: &RememberScopes) -> Result<Self, Error> {
        let kept = scopes.of_profile(profile);
        Ok(Self {
            document: serde_json::to_string(&kept)?,
            revision: number(kept.revision)?,
            entry: Entry::of(&kept),
        })
    }
}

/// What a customer did, as JSON.
pub(crate) fn activity(activity: &[Activity], scopes: &RememberScopes) -> Result<String, Error> {
    Ok(serde_json::to_string(scopes.of_activity(activity))?)
}

/// An agreement, ready to be written.
pub(crate) struct Agreement<'a> {
    pub(crate) until: i64,
    /// JSON.
    pub(crate) scopes: String,
    pub(crate) act: Option<&'a str>,
}

impl<'a> Agreement<'a> {
    pub(crate) fn of(remember: &'a Remember) -> Result<Self, Error> {
        Ok(Self {
            until: micros(remember.until),
            scopes: serde_json::to_string(&remember.scopes)?,
            act: remember.act.as_deref(),
        })
    }
}
