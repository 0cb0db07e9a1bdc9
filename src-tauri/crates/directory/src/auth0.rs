//! Auth0's own user API (Management API v2, `/api/v2/users/{id}`): the one profile with the accounts that are linked into
//! it. Preferences are read from where store IT says, and written where that is in `user_metadata`, the only part of a user
//! that their own token may change (`update:current_user_metadata`).

use jsonptr::Pointer;
use profile::{Identity, IdentityProvider, PreferenceEdit, Profile};
use reqwest::Method;
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    Error, Mapping, Problem,
    address::below,
    http::{Http, Request},
    mapping::{Claim, Standard, text, time},
    source::{Answer, Customer, Me, Offers, ProfileSource},
};

/// The user profile structure of Auth0's documentation.
pub(crate) const STANDARD: Standard = Standard {
    claims: &[
        (Claim::Subject, "/user_id"),
        (Claim::Name, "/name"),
        (Claim::GivenName, "/given_name"),
        (Claim::FamilyName, "/family_name"),
        (Claim::Email, "/email"),
        (Claim::EmailVerified, "/email_verified"),
        (Claim::Phone, "/phone_number"),
        (Claim::Locale, "/locale"),
        (Claim::MemberSince, "/created_at"),
    ],
    nickname: "/nickname",
    changed_at: "/updated_at",
};

const METADATA: &str = "user_metadata";

/// The user API of a tenant.
#[derive(Debug)]
pub(crate) struct Auth0 {
    base: Url,
    mapping: Mapping,
    http: Http,
}

impl Auth0 {
    /// `base` is the address of `/api/v2`.
    pub(crate) fn new(base: Url, mapping: Mapping, http: Http) -> Self {
        Self { base, mapping, http }
    }

    async fn user(&self, customer: Customer<'_>) -> Result<Value, Error> {
        let url = below(&self.base, &["users", customer.subject])?;
        self.http.send(customer.authority, Request::get("user", url)).await?.accepted()?.json()
    }
}

impl ProfileSource for Auth0 {
    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }

    fn offers(&self) -> Offers {
        offers(&self.mapping)
    }

    fn me<'a>(&'a self, customer: Customer<'a>, _known: Option<u64>) -> Answer<'a, Me> {
        Box::pin(async move {
            let user = self.user(customer).await?;
            Ok(Me::Profile(Box::new(customer.own(profile(&self.mapping, &user)?)?)))
        })
    }

    /// Auth0 cannot compare: the last edit of a preference wins.
    fn change_preferences<'a>(
        &'a self,
        customer: Customer<'a>,
        edit: &'a PreferenceEdit,
        _base: Option<u64>,
        _idempotency_key: Uuid,
    ) -> Answer<'a, Profile> {
        Box::pin(async move {
            let place = self.mapping.place(&edit.group, &edit.key).and_then(in_metadata);
            let (first, rest) = place.ok_or(Error::NotOffered)?;
            let value = json!(edit.value);
            // Auth0 merges the first level alone: what is below it is sent whole, as it is then.
            let value = if rest.is_root() {
                value
            } else {
                let user = self.user(customer).await?;
                // Nothing of anybody else goes into this customer's metadata.
                customer.own(profile(&self.mapping, &user)?)?;
                with(user.get(METADATA).and_then(|all| all.get(&first)), rest, value)?
            };
            let url = below(&self.base, &["users", customer.subject])?;
            let patch = Request::new("user metadata", Method::PATCH, url)
                .body("application/json", json!({ METADATA: { first: value } }));
            let user = self.http.send(customer.authority, patch).await?.accepted()?.json()?;
            customer.own(profile(&self.mapping, &user)?)
        })
    }
}

/// What the user API offers.
pub(crate) fn offers(mapping: &Mapping) -> Offers {
    Offers {
        preferences: mapping.which(|_| true),
        edits: mapping.which(|pointer| in_metadata(pointer).is_some()),
        identities: true,
        ..Offers::nothing()
    }
}

/// The property of `user_metadata` that a place is in, and where in it.
fn in_metadata(pointer: &Pointer) -> Option<(String, &Pointer)> {
    let (root, rest) = pointer.split_front()?;
    let (first, rest) = rest.split_front()?;
    (root.decoded() == METADATA).then(|| (first.decoded().into_owned(), rest))
}

/// A property with one value below it changed; null takes the value away.
fn with(property: Option<&Value>, at: &Pointer, value: Value) -> Result<Value, Error> {
    let unfit = || Error::Refused {
        status: 409,
        problem: Problem { title: format!("{at} in {METADATA} cannot be written"), ..Problem::default() },
    };
    let mut property = property.cloned().unwrap_or_else(|| Value::Object(Map::new()));
    if value.is_null() {
        drop(property.pointer(at.as_str()).is_some().then(|| at.delete(&mut property)));
        return Ok(property);
    }
    // What stands in the way, above the place, is somebody's value as well.
    let mut above = at.parent();
    while let Some(place) = above {
        if property.pointer(place.as_str()).is_some_and(|there| !there.is_object()) {
            return Err(unfit());
        }
        above = place.parent();
    }
    at.assign(&mut property, value).map_err(|_| unfit())?;
    Ok(property)
}

/// The profile of a user.
pub(crate) fn profile(mapping: &Mapping, user: &Value) -> Result<Profile, Error> {
    let profile = mapping.profile(&STANDARD, user)?;
    Ok(Profile { identities: identities(user), ..profile })
}

fn identities(user: &Value) -> Vec<Identity> {
    let all = user.get("identities").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let last_login = user.get("last_login").and_then(time);
    let identity = |one: &Value| {
        let word = |key: &str| one.get(key).and_then(text);
        let provider = word("provider")?;
        let is_primary =
            user.get("user_id").and_then(text) == word("user_id").map(|id| format!("{provider}|{id}"));
        // The first account's own data is the user's; each other one has brought its own.
        let data = if is_primary { Some(user) } else { one.get("profileData") };
        let said = |key: &str| data.and_then(|data| data.get(key)).and_then(text);
        let known = provider_of(&provider);
        let label = match known {
            IdentityProvider::Phone => said("phone_number"),
            _ => said("email").or_else(|| said("username")).or_else(|| said("name")),
        };
        Some(Identity {
            provider: known,
            label: label.or_else(|| word("connection")),
            linked_at: None,
            // It is said of the user as a whole: which account it was is known where there is one.
            last_used_at: last_login.filter(|_| all.len() == 1),
        })
    };
    all.iter().filter_map(identity).collect()
}

fn provider_of(provider: &str) -> IdentityProvider {
    match provider {
        "auth0" => IdentityProvider::Password,
        "sms" => IdentityProvider::Phone,
        "google-oauth2" => IdentityProvider::Google,
        "facebook" => IdentityProvider::Facebook,
        "apple" => IdentityProvider::Apple,
        "windowslive" | "waad" => IdentityProvider::Microsoft,
        _ => IdentityProvider::Other,
    }
}
