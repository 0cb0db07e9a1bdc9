//! What any OpenID provider says of a customer: the claims of `UserInfo` (OpenID Connect Core 1.0, section 5.3), the
//! standard ones and those that store IT has mapped. Read only.

use serde_json::Value;
use url::Url;

use crate::{
    Error, Mapping,
    http::{Http, Request},
    mapping::{Claim, Standard},
    source::{Answer, Customer, Me, Offers, ProfileSource},
};

/// OpenID Connect Core 1.0, section 5.1.
pub(crate) const STANDARD: Standard = Standard {
    claims: &[
        (Claim::Subject, "/sub"),
        (Claim::Name, "/name"),
        (Claim::GivenName, "/given_name"),
        (Claim::FamilyName, "/family_name"),
        (Claim::Email, "/email"),
        (Claim::EmailVerified, "/email_verified"),
        (Claim::Phone, "/phone_number"),
        (Claim::Locale, "/locale"),
        (Claim::Birthday, "/birthdate"),
    ],
    nickname: "/preferred_username",
    changed_at: "/updated_at",
};

/// The `UserInfo` endpoint of a provider.
#[derive(Debug)]
pub(crate) struct UserInfo {
    endpoint: Url,
    mapping: Mapping,
    http: Http,
}

impl UserInfo {
    pub(crate) fn new(endpoint: Url, mapping: Mapping, http: Http) -> Self {
        Self { endpoint, mapping, http }
    }
}

impl ProfileSource for UserInfo {
    fn address(&self) -> Option<&Url> {
        Some(&self.endpoint)
    }

    fn offers(&self) -> Offers {
        offers(&self.mapping)
    }

    fn me<'a>(&'a self, customer: Customer<'a>, _known: Option<u64>) -> Answer<'a, Me> {
        Box::pin(async move {
            let get = Request::get("UserInfo", self.endpoint.clone());
            let claims: Value = self.http.send(customer.authority, get).await?.accepted()?.json()?;
            // RFC 6750, section 3: an error is none the less one where a profile stands beside it.
            if claims.get("error").is_some() {
                return Err(Error::Unexpected("an error in the place of a document"));
            }
            let profile = customer.own(self.mapping.profile(&STANDARD, &claims)?)?;
            Ok(Me::Profile(Box::new(profile)))
        })
    }
}

/// What `UserInfo` offers: what is mapped, to be looked at.
pub(crate) fn offers(mapping: &Mapping) -> Offers {
    Offers { preferences: mapping.which(|_| true), ..Offers::nothing() }
}
