//! Consent as a log of acts. What holds today is computed from it; nothing but an act changes it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Author, Channel, RememberScopes};

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
    /// Where, for acts in a store: its id.
    pub store: Option<String>,
    /// The store as people call it.
    #[serde(default)]
    pub store_name: Option<String>,
    /// The till, as people call it.
    #[serde(default)]
    pub till: Option<String>,
    /// What the store may keep, for a yes to being remembered; none where everything was meant.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub scopes: Option<RememberScopes>,
    /// Until when it holds, where it ends by itself.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

impl fmt::Debug for ConsentAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsentAct")
            .field("purpose", &self.purpose)
            .field("given", &self.given)
            .finish_non_exhaustive()
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
    /// Anything this version has no name for. Acts for different purposes may be read as this one: no till may act on what
    /// the log says of it.
    #[serde(other)]
    Other,
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
    log.iter().filter(|act| act.purpose == purpose).max_by_key(|act| (act.at, !act.given)).map_or(
        ConsentState::NeverAsked,
        |act| {
            if act.given {
                ConsentState::Given { since: act.at }
            } else {
                ConsentState::Withdrawn { since: act.at }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn act(purpose: Purpose, given: bool, second: i64) -> ConsentAct {
        ConsentAct {
            id: format!("{purpose:?} {given} {second}"),
            purpose,
            given,
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(second),
            by: Author::Customer,
            channel: Channel::Store,
            wording: "2026-01".to_owned(),
            store: None,
            store_name: None,
            till: None,
            scopes: None,
            until: None,
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    #[test]
    fn no_act_is_neither_yes_nor_no() {
        let log = [act(Purpose::EmailMarketing, true, 1)];
        assert_eq!(state_of(&log, Purpose::SmsMarketing), ConsentState::NeverAsked);
    }

    #[test]
    fn the_newest_act_wins_wherever_it_stands_in_the_log() {
        let log = [act(Purpose::RememberAtStore, true, 9), act(Purpose::RememberAtStore, false, 3)];
        assert_eq!(state_of(&log, Purpose::RememberAtStore), ConsentState::Given { since: at(9) });
    }

    proptest! {
        #[test]
        fn withdrawal_wins_a_tie_in_any_order(
            mut acts in proptest::collection::vec((any::<bool>(), 0_i64..5), 1..8).prop_shuffle(),
        ) {
            let newest = acts.iter().map(|(_, second)| *second).max().unwrap_or_default();
            let withdrawn = acts.contains(&(false, newest));
            let log: Vec<_> =
                acts.drain(..).map(|(given, second)| act(Purpose::AdNetworks, given, second)).collect();
            let expected = if withdrawn {
                ConsentState::Withdrawn { since: at(newest) }
            } else {
                ConsentState::Given { since: at(newest) }
            };
            prop_assert_eq!(state_of(&log, Purpose::AdNetworks), expected);
        }
    }
}
