//! What can go wrong, sorted by what can be done about it.

use std::fmt::{self, Write};

use profile::{Candidate, Preference};
use serde::Deserialize;

/// Why a request to a profile source failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer.
    #[error("the profile source cannot be reached")]
    Unreachable,
    /// The token is not, or no longer, good for this.
    #[error("the profile source does not accept the token")]
    NotAuthorised,
    /// The service said no, with a problem document (RFC 9457) where it has one.
    #[error("the profile source refused with status {status}: {problem}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why.
        problem: Problem,
    },
    /// The service has no such thing.
    #[error("the profile source does not offer this")]
    NotOffered,
    /// Nobody says where the service is.
    #[error("nothing says where profiles are to be had")]
    NoSource,
    /// The profile is of another person than the one who has signed in.
    #[error("the profile source answered with somebody else's profile")]
    OtherSubject,
    /// The answer makes no sense.
    #[error("the profile source answered something unexpected: {0}")]
    Unexpected(&'static str),
}

impl Error {
    /// Whether the same request may succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::NotAuthorised
            | Self::NotOffered
            | Self::NoSource
            | Self::OtherSubject
            | Self::Unexpected(_) => false,
        }
    }
}

/// A title is a few words; whatever is longer is no title.
const LONGEST_TITLE: usize = 80;

/// The parts of a problem document (RFC 9457) that say what kind of problem it is. The `detail` is left out: it may hold
/// what the customer typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// URI of the kind of problem; `about:blank` where there is none.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// The kind in words; what SCIM (RFC 7644, section 3.12) and Auth0 have in its place.
    #[serde(default, alias = "scimType", alias = "errorCode")]
    pub title: String,
    /// Which preferences somebody else has changed, where that is the problem (status 412).
    #[serde(default)]
    pub conflicts: Vec<Conflict>,
    /// Whom somebody new may be, where that is the problem (status 409).
    #[serde(default)]
    pub candidates: Vec<Candidate>,
    /// The revision that the conflicts are with.
    #[serde(default)]
    pub revision: Option<u64>,
}

/// A preference that somebody else has changed in the meantime.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Conflict {
    /// Its group.
    pub group: String,
    /// Its key.
    pub key: String,
    /// What stands there now; none where it was removed.
    pub current: Option<Preference>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.title.is_empty() {
            return f.write_str("no reason given");
        }
        self.title.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).try_for_each(|c| f.write_char(c))
    }
}
