//! What a customer leaves at a store that may remember them: which parts of their profile, and until when.
//!
//! A part that the customer did not agree to leave is taken out here, by one rule for every copy there is. The rule must
//! never let through what no scope names: a field that the profile gets one day has to be put under one of them.

use std::{collections::BTreeSet, fmt};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Activity, ConsentAct, Preferences, Profile, Purpose};

/// A part of a profile that a customer can agree to leave at a store. The name goes with each of them: without it nobody
/// could be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RememberScope {
    /// E-mail address, phone number, birthday, linked accounts.
    Contact,
    /// What they like, and what they agreed to beyond being remembered.
    Preferences,
    /// What they did.
    Activity,
    /// Standing in the loyalty programme, and since when they are known.
    Loyalty,
}

/// How long a store may remember a customer after their yes.
pub const REMEMBERS: TimeDelta = TimeDelta::days(365);

impl RememberScope {
    /// All there are, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Contact, Self::Preferences, Self::Activity, Self::Loyalty];

    /// The word for it in tokens, documents and databases.
    pub fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Preferences => "preferences",
            Self::Activity => "activity",
            Self::Loyalty => "loyalty",
        }
    }
}

/// The parts that a customer agreed to leave. Written as a list of words; a word that this version does not know is no part
/// of it, because nobody here could tell what it covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RememberScopes(BTreeSet<RememberScope>);

impl RememberScopes {
    /// Every part.
    pub fn all() -> Self {
        Self::from_iter(RememberScope::ALL)
    }

    /// Whether a part is among them.
    pub fn has(&self, scope: RememberScope) -> bool {
        self.0.contains(&scope)
    }

    /// The parts, in the order in which they are shown.
    pub fn iter(&self) -> impl Iterator<Item = RememberScope> {
        self.0.iter().copied()
    }

    /// The parts that are not among them.
    pub fn missing(&self) -> impl Iterator<Item = RememberScope> {
        RememberScope::ALL.into_iter().filter(|scope| !self.has(*scope))
    }

    /// What may be kept of a profile: the name in the customer's own language, the acts that say so, and the parts that
    /// they agreed to leave. Again it changes nothing.
    pub fn of_profile(&self, whole: &Profile) -> Profile {
        let contact = self.has(RememberScope::Contact).then_some(whole);
        let preferences = self.has(RememberScope::Preferences);
        let loyalty = self.has(RememberScope::Loyalty).then_some(whole);
        Profile {
            subject: whole.subject.clone(),
            revision: whole.revision,
            name: whole.name.clone(),
            locale: whole.locale.clone(),
            email: contact.and_then(|whole| whole.email.clone()),
            email_verified: contact.is_some_and(|whole| whole.email_verified),
            phone: contact.and_then(|whole| whole.phone.clone()),
            birthday: contact.and_then(|whole| whole.birthday),
            identities: contact.map(|whole| whole.identities.clone()).unwrap_or_default(),
            member_since: loyalty.and_then(|whole| whole.member_since),
            loyalty: loyalty.and_then(|whole| whole.loyalty.clone()),
            preferences: if preferences { whole.preferences.clone() } else { Preferences::new() },
            consents: whole
                .consents
                .iter()
                .filter(|act| preferences || act.purpose == Purpose::RememberAtStore)
                .cloned()
                .collect(),
        }
    }

    /// What may be kept of what a customer did.
    pub fn of_activity<'a>(&self, whole: &'a [Activity]) -> &'a [Activity] {
        if self.has(RememberScope::Activity) { whole } else { &[] }
    }
}

impl FromIterator<RememberScope> for RememberScopes {
    fn from_iter<T: IntoIterator<Item = RememberScope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl Serialize for RememberScopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(RememberScope::word))
    }
}

impl<'de> Deserialize<'de> for RememberScopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        Ok(RememberScope::ALL
            .into_iter()
            .filter(|scope| words.iter().any(|word| word == scope.word()))
            .collect())
    }
}

/// What a customer agreed to.
#[derive(Clone, PartialEq, Eq)]
pub struct Remember {
    /// Until when they may be remembered.
    pub until: DateTime<Utc>,
    /// What may be kept until then.
    pub scopes: RememberScopes,
    /// The act of consent that says so, where the provider names it: the id of its receipt too.
    pub act: Option<String>,
}

impl fmt::Debug for Remember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remember")
            .field("until", &self.until)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// A provider that says no more than a date means everything, as its customers were told before there was a choice.
impl From<DateTime<Utc>> for Remember {
    fn from(until: DateTime<Utc>) -> Self {
        Self { until, scopes: RememberScopes::all(), act: None }
    }
}

/// What the log says of a copy that was made because of an act.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nothing: the act is not in it. Neither yes nor no follows from that.
    Unknown,
    /// The newest act about that store is a yes: this one.
    Given(&'a ConsentAct),
    /// The newest act about that store took it back.
    Withdrawn,
}

/// The newest act about being remembered at a store; a withdrawal wins a tie.
pub fn newest_at<'a>(log: &'a [ConsentAct], store: &str) -> Option<&'a ConsentAct> {
    log.iter()
        .filter(|act| act.purpose == Purpose::RememberAtStore && act.store.as_deref() == Some(store))
        .max_by_key(|act| (act.at, !act.given))
}

/// What the log says today of the store that an act was about. The act is what a till knows; the store's id is in the log.
pub fn standing<'a>(log: &'a [ConsentAct], act: &str) -> Standing<'a> {
    let store = log.iter().find(|known| known.id == act).and_then(|known| known.store.as_deref());
    match store.and_then(|store| newest_at(log, store)) {
        None => Standing::Unknown,
        Some(newest) if newest.given => Standing::Given(newest),
        Some(_) => Standing::Withdrawn,
    }
}

impl Remember {
    /// The same agreement as the log has it by now; none where it was taken back. What the log does not say stays.
    pub fn renewed(&self, log: &[ConsentAct]) -> Option<Self> {
        match self.act.as_deref().map_or(Standing::Unknown, |act| standing(log, act)) {
            Standing::Unknown => Some(self.clone()),
            Standing::Withdrawn => None,
            Standing::Given(act) if Some(&act.id) == self.act.as_ref() => Some(self.clone()),
            Standing::Given(act) => Some(Self {
                until: act.until.unwrap_or(self.until),
                scopes: act.scopes.clone().unwrap_or_else(|| self.scopes.clone()),
                act: Some(act.id.clone()),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
