//! What is where in a document of a service that is not made for tills: JSON Pointers (RFC 6901) from the configuration, over
//! the standard places of each kind of service. What a document does not say stays unknown; nothing is made up. What it
//! says in a way that does not fit is left out, and becomes a sentence for store IT without the value.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::{DateTime, NaiveDate, Utc};
use jsonptr::{Pointer, PointerBuf};
use profile::{
    Input, KnownPreference, Loyalty, Name, NameOrder, Preference, PreferenceValue, Preferences, Profile,
    catalogue::LONGEST_TEXT,
};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{Error, source::Which};

/// What a profile can be told by one value of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// Who it is: must be what the ID token says.
    Subject,
    /// The whole name.
    Name,
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// E-mail address.
    Email,
    /// Whether the address was proven.
    EmailVerified,
    /// Phone number.
    Phone,
    /// Language tag.
    Locale,
    /// Date of birth.
    Birthday,
    /// Since when the retailer knows the customer.
    MemberSince,
    /// Member number. Without one there is no standing in the loyalty programme.
    LoyaltyNumber,
    /// Tier by its public name.
    LoyaltyTier,
    /// Points to spend.
    LoyaltyPoints,
    /// Points that the next tier asks for.
    LoyaltyNextTierAt,
}

/// The claims by their names in the configuration.
const CLAIMS: [(&str, Claim); 14] = [
    ("subject", Claim::Subject),
    ("name", Claim::Name),
    ("given_name", Claim::GivenName),
    ("family_name", Claim::FamilyName),
    ("email", Claim::Email),
    ("email_verified", Claim::EmailVerified),
    ("phone", Claim::Phone),
    ("locale", Claim::Locale),
    ("birthday", Claim::Birthday),
    ("member_since", Claim::MemberSince),
    ("loyalty.number", Claim::LoyaltyNumber),
    ("loyalty.tier", Claim::LoyaltyTier),
    ("loyalty.points", Claim::LoyaltyPoints),
    ("loyalty.next_tier_at", Claim::LoyaltyNextTierAt),
];

impl Claim {
    /// All of them, by their names in the configuration.
    pub fn all() -> &'static [(&'static str, Self)] {
        &CLAIMS
    }

    fn name(self) -> &'static str {
        CLAIMS.iter().find(|(_, claim)| *claim == self).map_or("", |(name, _)| name)
    }
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A preference of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    group: &'static str,
    key: &'static str,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.group, self.key)
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is where, as store IT has set it up.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Mapping {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    claims: BTreeMap<Claim, PointerBuf>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    preferences: BTreeMap<Named, PointerBuf>,
}

/// A text that is no JSON Pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no JSON Pointer (RFC 6901)")]
pub struct NotAPointer;

/// The standard places of a kind of service.
pub(crate) struct Standard {
    pub(crate) claims: &'static [(Claim, &'static str)],
    /// What somebody without a name is called.
    pub(crate) nickname: &'static str,
    /// When the document was changed: its revision.
    pub(crate) changed_at: &'static str,
}

/// Something in a document that does not fit its mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where it is in the document.
    pub pointer: String,
    /// The key in the configuration.
    pub target: String,
    /// What kind of value is there.
    pub found: &'static str,
    /// What would fit.
    pub expected: &'static str,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pointer, target, found, expected } = self;
        write!(f, "{pointer} holds {found}, but {target} needs {expected}")
    }
}

impl Mapping {
    /// Says where a claim is.
    pub fn map_claim(&mut self, claim: Claim, pointer: &str) -> Result<(), NotAPointer> {
        self.claims.insert(claim, parse(pointer)?);
        Ok(())
    }

    /// Says where a preference is.
    pub fn map_preference(&mut self, known: &KnownPreference, pointer: &str) -> Result<(), NotAPointer> {
        self.preferences.insert(Named { group: known.group, key: known.key }, parse(pointer)?);
        Ok(())
    }

    /// The preferences that are mapped to a place which `is` so.
    pub(crate) fn which(&self, is: impl Fn(&Pointer) -> bool) -> Which {
        let mapped = self.preferences.iter().filter(|(_, pointer)| is(pointer));
        Which::Only(
            mapped.map(|(name, _)| (name.group.to_owned(), name.key.to_owned())).collect::<BTreeSet<_>>(),
        )
    }

    /// Where a preference is.
    pub(crate) fn place(&self, group: &str, key: &str) -> Option<&Pointer> {
        let mut all = self.preferences.iter();
        all.find(|(name, _)| name.group == group && name.key == key).map(|(_, pointer)| pointer.as_ptr())
    }

    /// Whether store IT has said where a claim is.
    pub(crate) fn says(&self, claim: Claim) -> bool {
        self.claims.contains_key(&claim)
    }

    /// The profile in a document. What does not fit is logged, without values.
    pub(crate) fn profile(&self, standard: &Standard, document: &Value) -> Result<Profile, Error> {
        let (profile, misfits) = self.read(standard, document);
        for misfit in misfits {
            tracing::warn!("{misfit}");
        }
        match profile {
            Some(profile) => Ok(profile),
            None if document.get("error").is_some_and(Value::is_string) => {
                Err(Error::Unexpected("an error in the place of a document"))
            }
            None => Err(Error::Unexpected("a document that does not say whose it is")),
        }
    }

    /// The profile in a document; none where it does not say whose it is. And what does not fit.
    fn read(&self, standard: &Standard, document: &Value) -> (Option<Profile>, Vec<Misfit>) {
        let mut reader = Reader { mapping: self, standard, document, misfits: Vec::new() };
        let profile = reader.profile();
        (profile, reader.misfits)
    }
}

fn parse(pointer: &str) -> Result<PointerBuf, NotAPointer> {
    PointerBuf::parse(pointer).map_err(|_| NotAPointer)
}

struct Reader<'a> {
    mapping: &'a Mapping,
    standard: &'a Standard,
    document: &'a Value,
    misfits: Vec<Misfit>,
}

impl Reader<'_> {
    fn profile(&mut self) -> Option<Profile> {
        let subject = self.claim(Claim::Subject, TEXT, exactly);
        let name = self.claim(Claim::Name, TEXT, text);
        let given = self.claim(Claim::GivenName, TEXT, text);
        let family = self.claim(Claim::FamilyName, TEXT, text);
        let email = self.claim(Claim::Email, TEXT, text);
        let number = self.claim(Claim::LoyaltyNumber, TEXT, text);
        let tier = self.claim(Claim::LoyaltyTier, TEXT, text);
        let points = self.claim(Claim::LoyaltyPoints, WHOLE, Value::as_i64);
        let next_tier_at = self.claim(Claim::LoyaltyNextTierAt, WHOLE, Value::as_i64);
        let parts = [given.as_deref(), family.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let nickname = self.document.pointer(self.standard.nickname).and_then(text);
        let display = [name, Some(parts), nickname, email.clone()];
        let display = display.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or_default();
        let changed_at = self.document.pointer(self.standard.changed_at).and_then(time);
        Some(Profile {
            subject: subject?,
            revision: changed_at.and_then(|at| at.timestamp_millis().try_into().ok()).unwrap_or_default(),
            name: Name { display, given, family, order: NameOrder::default() },
            email,
            email_verified: self.claim(Claim::EmailVerified, FLAG, flag).unwrap_or_default(),
            phone: self.claim(Claim::Phone, TEXT, text),
            locale: self.claim(Claim::Locale, TEXT, text),
            birthday: self.claim(Claim::Birthday, DATE, date),
            member_since: self.claim(Claim::MemberSince, TIME, time),
            identities: Vec::new(),
            loyalty: number.map(|number| Loyalty { number, tier, points, next_tier_at }),
            preferences: self.preferences(),
            consents: Vec::new(),
        })
    }

    fn claim<T>(
        &mut self,
        claim: Claim,
        expected: &'static str,
        fits: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let mapping = self.mapping;
        let standard = || self.standard.claims.iter().find(|(one, _)| *one == claim).map(|(_, place)| *place);
        let pointer = mapping.claims.get(&claim).map(|pointer| pointer.as_str()).or_else(standard)?;
        self.value(pointer, expected, fits, || format!("profile.claims.{}", claim.name()))
    }

    fn preferences(&mut self) -> Preferences {
        let mut preferences = Preferences::new();
        let mapping = self.mapping;
        for (name, pointer) in &mapping.preferences {
            let (expected, fits): (_, fn(&Value) -> Option<PreferenceValue>) =
                match profile::catalogue::input_of(name.group, name.key) {
                    Input::Text | Input::OneOf(_) => (TEXT, |value| text(value).map(PreferenceValue::Text)),
                    Input::AnyOf(_) => (TEXTS, |value| texts(value).map(PreferenceValue::Several)),
                };
            let target = || format!("profile.preferences.{name}");
            if let Some(value) = self.value(pointer.as_str(), expected, fits, target) {
                let preference = Preference { value, provenance: None };
                preferences.entry(name.group.to_owned()).or_default().insert(name.key.to_owned(), preference);
            }
        }
        preferences
    }

    /// The value at a place. Nothing, null and blank text are none; what does not fit is noted and none as well.
    fn value<T>(
        &mut self,
        pointer: &str,
        expected: &'static str,
        fits: impl Fn(&Value) -> Option<T>,
        target: impl Fn() -> String,
    ) -> Option<T> {
        let value = self.document.pointer(pointer).filter(|value| !is_blank(value))?;
        let fitting = fits(value);
        if fitting.is_none() {
            let (pointer, target) = (pointer.to_owned(), target());
            self.misfits.push(Misfit { pointer, target, found: kind(value), expected });
        }
        fitting
    }
}

const TEXT: &str = "text of at most 500 characters";
const TEXTS: &str = "a list of texts";
const FLAG: &str = "true or false";
const DATE: &str = "a date like 1990-04-01";
const TIME: &str = "a time (RFC 3339, or seconds since 1970)";
const WHOLE: &str = "a whole number";

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(text) if text.chars().count() > LONGEST_TEXT => "a longer text",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(crate) fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty() && text.chars().count() <= LONGEST_TEXT).then(|| text.to_owned())
}

/// Text as it stands: subjects are compared letter by letter.
fn exactly(value: &Value) -> Option<String> {
    value.as_str().filter(|text| text.chars().count() <= LONGEST_TEXT).map(str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(text).collect()
}

/// Some providers write `"true"`.
fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

fn date(value: &Value) -> Option<NaiveDate> {
    value.as_str()?.parse().ok()
}

pub(crate) fn time(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => {
            let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
            DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok().or_else(day)
        }
        Value::Number(seconds) => DateTime::from_timestamp(seconds.as_i64()?, 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
