//! The profile document: who the customer is, and what is linked into it.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{Consent, Preferences};

/// The key of a customer: issuer and subject (OpenID Connect Core 1.0, section 5.7). Names, mails and cards are
/// attributes and never identify anybody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CustomerKey {
    /// The issuer, exactly as the provider writes it.
    pub issuer: String,
    /// The subject at that issuer.
    pub subject: String,
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerKey").finish_non_exhaustive()
    }
}

/// The one profile of a customer, as `GET /v1/me` answers it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// The subject at the issuer whose token was used.
    pub subject: String,
    /// Rises with each change of the document; the ETag is made from it.
    pub revision: u64,
    /// Name, as the customer wants to be written and addressed.
    pub name: Name,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// Whether the address was proven.
    #[serde(default)]
    pub email_verified: bool,
    /// Phone number in E.164, where known.
    pub phone: Option<String>,
    /// BCP 47 language tag that the customer prefers.
    pub locale: Option<String>,
    /// Date of birth, where the customer gave it.
    pub birthday: Option<NaiveDate>,
    /// Since when the retailer knows this customer, where that is known.
    pub member_since: Option<DateTime<Utc>>,
    /// The accounts linked into this profile.
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// Standing in the loyalty programme.
    pub loyalty: Option<Loyalty>,
    /// Preferences by group and key.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, BTreeMap<String, crate::Preference>>))]
    pub preferences: Preferences,
    /// The log of consent acts, oldest first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::ConsentAct>))]
    pub consents: Consent,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("revision", &self.revision).finish_non_exhaustive()
    }
}

/// A person's name in parts; `display` is complete by itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Name {
    /// The whole name in the customer's own order and script.
    pub display: String,
    /// Given name: what the display greets with.
    pub given: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// Which part comes first when the name is written.
    #[serde(default)]
    pub order: NameOrder,
}

impl Name {
    /// The name of somebody who was asked for its parts, either of which may be empty. Whoever writes in Han characters, kana
    /// or Hangul writes the family name first.
    pub fn of_parts(given: &str, family: &str) -> Self {
        let part = |part: &str| Some(part.trim().to_owned()).filter(|part| !part.is_empty());
        let (given, family) = (part(given), part(family));
        let family_first = given.iter().chain(&family).any(|part| part.chars().any(writes_family_first));
        let (order, parts) = if family_first {
            (NameOrder::FamilyFirst, [&family, &given])
        } else {
            (NameOrder::GivenFirst, [&given, &family])
        };
        let display = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        Self { display, given, family, order }
    }
}

fn writes_family_first(letter: char) -> bool {
    matches!(letter,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(..)")
    }
}

/// Which part of a name is written first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NameOrder {
    /// Given name first ("Ada Lovelace").
    #[default]
    GivenFirst,
    /// Family name first ("山田 花子").
    FamilyFirst,
}

/// An account linked into the profile.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Identity {
    /// Who vouches for it.
    pub provider: IdentityProvider,
    /// What the customer knows it by (an address, a masked number); shown, never matched on.
    pub label: Option<String>,
    /// When it was linked, where that is known.
    pub linked_at: Option<DateTime<Utc>>,
    /// When it was last used to sign in.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// The kinds of account that can be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum IdentityProvider {
    /// E-mail and password at the retailer itself.
    Password,
    /// A passkey at the retailer itself.
    Passkey,
    /// A phone number that received a code.
    Phone,
    /// Google.
    Google,
    /// Facebook.
    Facebook,
    /// Apple.
    Apple,
    /// Microsoft.
    Microsoft,
    /// Anything this version has no name for.
    #[serde(other)]
    Other,
}

/// Standing in the loyalty programme.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Loyalty {
    /// Member number as printed on the card.
    pub number: String,
    /// Tier by its public name, where there are tiers.
    pub tier: Option<String>,
    /// Points to spend, where they are known.
    pub points: Option<i64>,
    /// Points that the next tier asks for, where there is one.
    pub next_tier_at: Option<i64>,
}

impl fmt::Debug for Loyalty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loyalty").field("tier", &self.tier).finish_non_exhaustive()
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provenance {
    /// The channel in which it was set.
    pub channel: Channel,
    /// When it was set, by the clock of the central service where it has answered.
    pub at: DateTime<Utc>,
    /// Whether the customer or somebody for them set it.
    pub by: Author,
}

/// The channels a retailer meets a customer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Channel {
    /// The web shop.
    Web,
    /// The retailer's app.
    App,
    /// A store.
    Store,
    /// A social network.
    Social,
    /// Anything this version has no name for.
    #[serde(other)]
    Other,
}

/// Who set a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Author {
    /// An associate, with the customer present.
    Associate,
    /// The customer.
    Customer,
    /// Anybody this version has no name for.
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_put_together_as_its_bearer_would_write_it() {
        for (given, family, display, order) in [
            ("Ada", " Lovelace ", "Ada Lovelace", NameOrder::GivenFirst),
            ("", "Lovelace", "Lovelace", NameOrder::GivenFirst),
            ("花子", "山田", "山田 花子", NameOrder::FamilyFirst),
            ("민준", "김", "김 민준", NameOrder::FamilyFirst),
            ("خالد", "المنصوري", "خالد المنصوري", NameOrder::GivenFirst),
            (" ", "", "", NameOrder::GivenFirst),
        ] {
            let name = Name::of_parts(given, family);
            assert_eq!((name.display.as_str(), name.order), (display, order));
        }
        assert_eq!(Name::of_parts("Ada", " ").family, None);
    }

    #[test]
    fn a_word_of_a_newer_service_leaves_the_rest_of_a_profile_readable() {
        let profile = serde_json::json!({
            "subject": "a",
            "revision": 1,
            "name": { "display": "Ada" },
            "member_since": "2026-01-01T00:00:00Z",
            "identities": [{ "provider": "carrier_pigeon", "linked_at": "2026-01-01T00:00:00Z" }],
            "preferences": { "sizes": { "shoes": {
                "value": "40",
                "provenance": { "channel": "kiosk", "at": "2026-01-01T00:00:00Z", "by": "robot" },
            } } },
            "consents": [{
                "id": "a",
                "purpose": "telepathy",
                "given": true,
                "at": "2026-01-01T00:00:00Z",
                "by": "robot",
                "channel": "kiosk",
                "wording": "1",
            }],
        });
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let provenance = profile.preferences["sizes"]["shoes"].provenance.as_ref().unwrap();
        assert_eq!((provenance.channel, provenance.by), (Channel::Other, Author::Other));
        assert_eq!(profile.consents[0].purpose, crate::Purpose::Other);
        assert_eq!(profile.identities[0].provider, IdentityProvider::Other);
    }
}
