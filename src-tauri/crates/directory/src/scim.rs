//! SCIM 2.0 (RFC 7643, RFC 7644): the customer's own resource, at `/Me` or where a service has no such place at
//! `/Users/{id}`. Preferences are attributes that store IT has named, also of extension schemas; they are changed by PATCH
//! where the service says that it supports it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jsonptr::Pointer;
use profile::{PreferenceEdit, Profile};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    Error, Mapping,
    address::below,
    http::{Http, Reply, Request},
    mapping::{Claim, Standard, text},
    source::{Answer, Customer, Me, Offers, ProfileSource, Which},
};

/// The core schema of a user (RFC 7643, section 4.1). Mail and phone are lists: see [`profile()`].
pub(crate) const STANDARD: Standard = Standard {
    claims: &[
        (Claim::Subject, "/id"),
        (Claim::Name, "/displayName"),
        (Claim::GivenName, "/name/givenName"),
        (Claim::FamilyName, "/name/familyName"),
        (Claim::Locale, "/locale"),
        (Claim::MemberSince, "/meta/created"),
    ],
    nickname: "/userName",
    changed_at: "/meta/lastModified",
};

const SCIM_JSON: &str = "application/scim+json";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A SCIM service.
#[derive(Debug)]
pub(crate) struct Scim {
    base: Url,
    mapping: Mapping,
    http: Http,
    known: Mutex<Known>,
}

/// What is known of the service by now.
#[derive(Debug, Default)]
struct Known {
    /// There is no `/Me`.
    lacks_me: bool,
    /// Whether resources can be changed in part.
    patches: Option<bool>,
}

impl Scim {
    /// `base` is the address that `/Me` and `/Users` are below.
    pub(crate) fn new(base: Url, mapping: Mapping, http: Http) -> Self {
        Self { base, mapping, http, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the customer's resource. A service without `/Me` says 501 (RFC 7644, section 3.11), or does not know the place.
    async fn ask(&self, customer: Customer<'_>, request: impl Fn(Url) -> Request) -> Result<Reply, Error> {
        let lacks_me = self.known().lacks_me;
        if !lacks_me {
            let reply = self.http.send(customer.authority, request(below(&self.base, &["Me"])?)).await?;
            let none = [StatusCode::NOT_IMPLEMENTED, StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
            if !none.contains(&reply.status) {
                return reply.accepted();
            }
        }
        let url = below(&self.base, &["Users", customer.subject])?;
        let reply = self.http.send(customer.authority, request(url)).await?.accepted()?;
        self.known().lacks_me = true;
        Ok(reply)
    }

    async fn resource(&self, customer: Customer<'_>) -> Result<Profile, Error> {
        let reply = self.ask(customer, |url| Request::get("SCIM resource", url)).await?;
        customer.own(profile(&self.mapping, &reply.json()?)?)
    }

    /// Whether the service can change resources in part (RFC 7643, section 5). Asked until it has said so.
    async fn patches(&self, customer: Customer<'_>) -> Result<bool, Error> {
        let known = self.known().patches;
        if let Some(known) = known {
            return Ok(known);
        }
        let get = Request::get("SCIM configuration", below(&self.base, &["ServiceProviderConfig"])?);
        let config = self.http.send(customer.authority, get).await?.accepted()?.json()?;
        let patches = config.pointer("/patch/supported").and_then(Value::as_bool).unwrap_or_default();
        self.known().patches = Some(patches);
        Ok(patches)
    }
}

impl ProfileSource for Scim {
    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }

    fn offers(&self) -> Offers {
        offers(&self.mapping, self.known().patches == Some(true))
    }

    fn me<'a>(&'a self, customer: Customer<'a>, _known: Option<u64>) -> Answer<'a, Me> {
        Box::pin(async move {
            let profile = self.resource(customer).await?;
            if !offers(&self.mapping, true).edits.is_none() {
                // Until it has said so nothing is offered.
                if let Err(error) = self.patches(customer).await {
                    tracing::warn!(%error, "the SCIM service does not say whether it can change resources");
                }
            }
            Ok(Me::Profile(Box::new(profile)))
        })
    }

    /// An operation is about one attribute: the last edit of a preference wins.
    fn change_preferences<'a>(
        &'a self,
        customer: Customer<'a>,
        edit: &'a PreferenceEdit,
        _base: Option<u64>,
        _idempotency_key: Uuid,
    ) -> Answer<'a, Profile> {
        Box::pin(async move {
            let mapped = self.mapping.place(&edit.group, &edit.key).and_then(attribute);
            let path = mapped.ok_or(Error::NotOffered)?;
            if !self.patches(customer).await? {
                return Err(Error::NotOffered);
            }
            let operation = match &edit.value {
                Some(value) => json!({ "op": "replace", "path": path, "value": value }),
                None => json!({ "op": "remove", "path": path }),
            };
            let body = json!({ "schemas": [PATCH_OP], "Operations": [operation] });
            let request = |url| Request::new("SCIM patch", Method::PATCH, url).body(SCIM_JSON, body.clone());
            let reply = self.ask(customer, request).await?;
            if reply.status == StatusCode::NO_CONTENT {
                return self.resource(customer).await;
            }
            customer.own(profile(&self.mapping, &reply.json()?)?)
        })
    }
}

/// What a service offers that changes resources in part, or one that does not.
pub(crate) fn offers(mapping: &Mapping, patches: bool) -> Offers {
    let edits = if patches { mapping.which(|pointer| attribute(pointer).is_some()) } else { Which::none() };
    Offers { preferences: mapping.which(|_| true), edits, ..Offers::nothing() }
}

/// The attribute at a place, in the notation of RFC 7644, section 3.10; none for what has no name there.
fn attribute(pointer: &Pointer) -> Option<String> {
    let names: Vec<String> = pointer.tokens().map(|token| token.decoded().into_owned()).collect();
    let (schema, names) = match names.split_first() {
        Some((first, rest)) if first.starts_with("urn:") => (format!("{first}:"), rest),
        _ => (String::new(), names.as_slice()),
    };
    let is_name = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    (matches!(names.len(), 1 | 2) && names.iter().all(is_name))
        .then(|| format!("{schema}{}", names.join(".")))
}

/// The profile in a resource.
pub(crate) fn profile(mapping: &Mapping, resource: &Value) -> Result<Profile, Error> {
    let mut profile = mapping.profile(&STANDARD, resource)?;
    if !mapping.says(Claim::Email) {
        profile.email = primary(resource, "emails");
    }
    if !mapping.says(Claim::Phone) {
        profile.phone = primary(resource, "phoneNumbers").map(|phone| number(&phone));
    }
    if !mapping.says(Claim::Locale) {
        profile.locale = resource.get("preferredLanguage").and_then(text).or(profile.locale);
    }
    Ok(profile)
}

/// The value of a list that is marked as the primary one, else the first (RFC 7643, section 2.4).
fn primary(resource: &Value, list: &str) -> Option<String> {
    let all = resource.get(list)?.as_array()?;
    let is_primary = |one: &&Value| one.get("primary").and_then(Value::as_bool) == Some(true);
    all.iter().find(is_primary).or(all.first())?.get("value").and_then(text)
}

/// A number without what RFC 3966 adds to it: `tel:+1-201-555-0123;ext=1` is +12015550123.
fn number(phone: &str) -> String {
    match phone.strip_prefix("tel:") {
        Some(uri) => uri.split(';').next().unwrap_or_default().replace(['-', '.', '(', ')'], ""),
        None => phone.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_attribute_that_it_leads_to() {
        let extension = "/urn:example:params:scim:schemas:shop:2.0:User";
        for (place, path) in [
            ("/preferredLanguage".to_owned(), Some("preferredLanguage".to_owned())),
            ("/name/givenName".to_owned(), Some("name.givenName".to_owned())),
            (
                format!("{extension}/shoes"),
                Some("urn:example:params:scim:schemas:shop:2.0:User:shoes".to_owned()),
            ),
            ("/emails/0/value".to_owned(), None),
            ("/a b".to_owned(), None),
            (extension.to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(attribute(Pointer::parse(&place).unwrap()), path, "{place}");
        }
    }

    #[test]
    fn a_phone_number_is_told_without_the_form_of_an_address() {
        assert_eq!(number("tel:+1-201-555-0123;ext=1"), "+12015550123");
        assert_eq!(number("555-555-4444"), "555-555-4444");
    }
}
