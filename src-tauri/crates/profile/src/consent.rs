//! Consent as a log of acts. What holds today is computed from it; nothing but an act changes it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Author, Channel};

/// The log, oldest first.
pub type Consent = Vec<ConsentAct>;

/// One act: somebody gave or withdrew consent for a purpose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentAct {
    /// Unique for ever.
    pub id: String,
    /// What the consent is for.
    pub purpose: Purpose,
    /// Given (true) or withdrawn (false).
    pub given: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// Who acted.
    pub by: Author,
    /// In which channel.
    pub channel: Channel,
    /// Version of the wording that was shown.
    pub wording: String,
    /// Where, for acts in a store.
    pub store: Option<String>,
}

impl fmt::Debug for ConsentAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentAct").field("purpose", &self.purpose).field("given", &self.given).finish_non_exhaustive()
    }
}

/// What consent can be given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// Advertising by e-mail.
    EmailMarketing,
    /// Advertising by text message.
    SmsMarketing,
    /// Suggestions made from what the customer did.
    Personalisation,
    /// Matching with advertising networks.
    AdNetworks,
    /// Being remembered by the store named in the act.
    RememberAtStore,
}

/// What the log says of a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentState {
    /// No act at all: neither yes nor no.
    NeverAsked,
    /// The newest act gave it.
    Given {
        /// When.
        since: DateTime<Utc>,
    },
    /// The newest act withdrew it.
    Withdrawn {
        /// When.
        since: DateTime<Utc>,
    },
}

/// What the log says of a purpose: the newest act wins, and withdrawal wins a tie.
pub fn state_of(log: &[ConsentAct], purpose: Purpose) -> ConsentState {
    log.iter()
        .filter(|act| act.purpose == purpose)
        .max_by_key(|act| (act.at, !act.given))
        .map_or(ConsentState::NeverAsked, |act| {
            if act.given {
                ConsentState::Given { since: act.at }
            } else {
                ConsentState::Withdrawn { since: act.at }
            }
        })
}
