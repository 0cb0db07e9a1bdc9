//! What a provider without a profile API says of a customer: the standard claims of `UserInfo` (OpenID Connect Core 1.0,
//! section 5.1), as a profile. What a claim does not say stays unknown; nothing is made up.

use chrono::NaiveDate;
use profile::{Name, NameOrder, Preferences, Profile};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The standard claims that a profile has a place for. A claim that is not of its kind is as good as none, except `sub`.
#[derive(Deserialize)]
pub(crate) struct Claims {
    sub: String,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    given_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    family_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    preferred_username: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email_verified: Option<Truth>,
    #[serde(default, deserialize_with = "lenient")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    birthdate: Option<NaiveDate>,
}

/// Some providers write `"true"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Truth {
    Flag(bool),
    Text(String),
}

impl Claims {
    pub(crate) fn into_profile(self) -> Profile {
        let parts = [self.given_name.as_deref(), self.family_name.as_deref()];
        let from_parts = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let display = [self.name, Some(from_parts), self.preferred_username, self.email.clone()]
            .into_iter()
            .flatten()
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default();
        Profile {
            subject: self.sub,
            revision: 0,
            name: Name {
                display,
                given: self.given_name,
                family: self.family_name,
                order: NameOrder::default(),
            },
            email: self.email,
            email_verified: match self.email_verified {
                Some(Truth::Flag(flag)) => flag,
                Some(Truth::Text(text)) => text == "true",
                None => false,
            },
            phone: self.phone_number,
            locale: self.locale,
            birthday: self.birthdate,
            member_since: None,
            identities: Vec::new(),
            loyalty: None,
            preferences: Preferences::new(),
            consents: Vec::new(),
        }
    }
}

/// A value of the right kind that says something, or none.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
    Ok(if is_blank { None } else { serde_json::from_value(value).ok() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(claims: Value) -> Profile {
        serde_json::from_value::<Claims>(claims).unwrap().into_profile()
    }

    #[test]
    fn the_standard_claims_become_a_profile() {
        let found = profile(json!({
            "sub": "248289761001", "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe",
            "email": "jane@example.com", "email_verified": true, "phone_number": "+1 (425) 555-1212",
            "locale": "en-US", "birthdate": "1990-04-01", "picture": "https://example.com/me.jpg",
        }));
        assert_eq!((found.subject.as_str(), found.name.display.as_str()), ("248289761001", "Jane Doe"));
        assert_eq!(found.name.given.as_deref(), Some("Jane"));
        assert!(found.email_verified);
        assert_eq!(found.birthday, NaiveDate::from_ymd_opt(1990, 4, 1));
        assert_eq!((found.member_since, found.identities.len()), (None, 0), "nothing is made up");
    }

    #[test]
    fn what_is_not_of_its_kind_is_as_good_as_none() {
        let found = profile(json!({
            "sub": "a", "name": 7, "given_name": " ", "email": "a@example.com", "email_verified": "true",
            "birthdate": "0000-04-01x", "locale": null, "phone_number": ["+1"],
        }));
        assert_eq!(found.name.display, "a@example.com");
        assert_eq!((found.name.given, found.birthday, found.locale, found.phone), (None, None, None, None));
        assert!(found.email_verified);
    }

    #[test]
    fn the_name_is_put_together_where_it_is_in_parts_alone() {
        let found = profile(json!({ "sub": "a", "given_name": "Jane", "family_name": "Doe" }));
        assert_eq!(found.name.display, "Jane Doe");
    }

    #[test]
    fn without_a_subject_there_is_nobody() {
        assert!(serde_json::from_value::<Claims>(json!({ "name": "Jane" })).is_err());
        assert!(serde_json::from_value::<Claims>(json!({ "sub": 7 })).is_err());
    }
}
