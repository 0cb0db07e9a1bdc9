//! The kinds of service that can tell a profile, behind one trait, and which of them a till asks.

use std::{collections::BTreeSet, fmt, future::Future, pin::Pin, sync::Arc};

use chrono::{DateTime, Utc};
use profile::{ActivityPage, PreferenceEdit, Profile};
use sealing::{PublicKey, Sealed};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::{
    Authority, Error, Mapping,
    address::below,
    auth0::{self, Auth0},
    central::Central,
    http::Http,
    id_token::IdToken,
    scim::{self, Scim},
    store::StoreApi,
    user_info::{self, UserInfo},
};

/// An answer on its way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A service that knows customers. One call is one attempt; what the service does not offer is [`Error::NotOffered`].
pub trait ProfileSource: fmt::Debug + Send + Sync {
    /// Where it is; none where it is nowhere, and the provider alone can be asked whether anybody is there.
    fn address(&self) -> Option<&Url> {
        None
    }

    /// What it can do, as far as is known by now: some services say it with the first profile.
    fn offers(&self) -> Offers;

    /// The customer's own profile; `known` is the revision at hand. A profile of anybody else is
    /// [`Error::OtherSubject`].
    fn me<'a>(&'a self, customer: Customer<'a>, known: Option<u64>) -> Answer<'a, Me>;

    /// A page of activity, newest first; `cursor` is the `next` of the page before.
    fn activity<'a>(&'a self, _customer: Customer<'a>, _cursor: Option<&'a str>) -> Answer<'a, ActivityPage> {
        not_offered()
    }

    /// Sends one edit, and gives back the profile as it is then. `base` is the revision that the edit was made on: a service
    /// that can compare refuses with status 412 where somebody else has changed the same preference since. The same edit
    /// may be sent again with the same key.
    fn change_preferences<'a>(
        &'a self,
        _customer: Customer<'a>,
        _edit: &'a PreferenceEdit,
        _base: Option<u64>,
        _idempotency_key: Uuid,
    ) -> Answer<'a, Profile> {
        not_offered()
    }

    /// Tells that the customer took back, before an associate, what they agreed to leave at this store. The same withdrawal
    /// may be sent again.
    fn take_back<'a>(&'a self, _customer: Customer<'a>, _withdrawal: &'a Withdrawal) -> Answer<'a, ()> {
        not_offered()
    }

    /// What this customer's edits are to be sealed to while they wait.
    fn sealing<'a>(&'a self, _customer: Customer<'a>) -> Answer<'a, Sealing> {
        not_offered()
    }

    /// Hands over sealed edits, unread, and says what became of each as an HTTP status (200: it was applied).
    fn hand_over<'a>(&'a self, _edits: &'a [Sealed]) -> Answer<'a, Vec<u16>> {
        not_offered()
    }

    /// Opens a visit and gives back its id.
    fn open_visit<'a>(
        &'a self,
        _customer: Customer<'a>,
        _idempotency_key: Uuid,
        _at: DateTime<Utc>,
    ) -> Answer<'a, String> {
        not_offered()
    }

    /// Ends a visit; `how` is a word such as `done`. One that has ended already stays as it is.
    fn end_visit<'a>(
        &'a self,
        _customer: Customer<'a>,
        _id: &'a str,
        _at: DateTime<Utc>,
        _how: &'a str,
    ) -> Answer<'a, ()> {
        not_offered()
    }
}

fn not_offered<'a, T: Send + 'a>() -> Answer<'a, T> {
    Box::pin(async { Err(Error::NotOffered) })
}

/// On whose behalf something is asked.
#[derive(Clone, Copy)]
pub struct Customer<'a> {
    /// The customer's subject, as the ID token has it.
    pub subject: &'a str,
    /// The customer's token.
    pub authority: &'a Authority,
    /// The claims of the ID token that they have signed in with, after all checks; none where they are only remembered.
    pub claims: Option<&'a Value>,
}

impl fmt::Debug for Customer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Customer<'_> {
    /// The profile, where it is this customer's (OpenID Connect Core 1.0, section 5.3.2).
    pub(crate) fn own(&self, profile: Profile) -> Result<Profile, Error> {
        if profile.subject == self.subject { Ok(profile) } else { Err(Error::OtherSubject) }
    }
}

/// What a customer took back at this till.
#[derive(Clone, Serialize)]
pub struct Withdrawal {
    /// The act's own id, for ever the same.
    pub id: Uuid,
    /// The act that is taken back, where it is known.
    pub act: Option<String>,
    /// When, by the clock of this till.
    pub at: DateTime<Utc>,
}

impl fmt::Debug for Withdrawal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Withdrawal").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What a customer's edits are to be sealed to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sealing {
    /// The key.
    #[serde(flatten)]
    pub key: PublicKey,
    /// Says that this till may hand over edits of this customer.
    pub grant: String,
}

/// The answer of [`ProfileSource::me`].
#[derive(Debug)]
pub enum Me {
    /// The known revision is the newest.
    Unchanged,
    /// The document.
    Profile(Box<Profile>),
}

/// What a service can do. What it cannot do, no screen offers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own that a service can do")]
pub struct Offers {
    /// The preferences that it knows.
    pub preferences: Which,
    /// Those of them that can be changed.
    pub edits: Which,
    /// Whether it knows the accounts that are linked into a profile.
    pub identities: bool,
    /// Whether it keeps a log of consents.
    pub consents: bool,
    /// Whether it knows what customers did.
    pub activity: bool,
    /// Whether it notes visits.
    pub visits: bool,
}

impl Offers {
    /// What the profile API can do.
    pub fn everything() -> Self {
        Self {
            preferences: Which::All,
            edits: Which::All,
            identities: true,
            consents: true,
            activity: true,
            visits: true,
        }
    }

    /// Who somebody is, and no more.
    pub(crate) fn nothing() -> Self {
        Self {
            preferences: Which::none(),
            edits: Which::none(),
            identities: false,
            consents: false,
            activity: false,
            visits: false,
        }
    }
}

/// Some of the preferences, by group and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Whatever there is.
    All,
    /// These.
    Only(BTreeSet<(String, String)>),
}

impl Which {
    pub(crate) fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// Whether a preference is among them.
    pub fn has(&self, group: &str, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => some.iter().any(|(one, other)| one == group && other == key),
        }
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Only(some) if some.is_empty())
    }
}

/// The kinds of service, by their names in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The profile API (`assets/central.openapi.json`).
    Central,
    /// `UserInfo` (OpenID Connect Core 1.0, section 5.3).
    UserInfo,
    /// The ID token of the sign-in alone.
    IdToken,
    /// Auth0's own user API.
    Auth0,
    /// SCIM 2.0 (RFC 7643, RFC 7644).
    Scim,
}

/// Which service is to be asked, and what is where in its documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SourceConfig {
    /// Its kind; none for the profile API where there is one, else `UserInfo`, else the ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Kind>,
    /// Its address; none for the one that the provider names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Url>,
    /// What is where.
    #[serde(flatten)]
    pub mapping: Mapping,
}

/// What the provider says of services that know customers.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// The issuer itself.
    pub issuer: Url,
    /// Its profile API.
    pub profile_api: Option<Url>,
    /// Its `UserInfo` endpoint.
    pub user_info: Option<Url>,
}

impl SourceConfig {
    /// The kind of service, where the provider says this.
    pub fn kind(&self, found: &Discovered) -> Kind {
        let has_api = self.address.is_some() || found.profile_api.is_some();
        self.source.unwrap_or_else(|| {
            if has_api {
                Kind::Central
            } else if found.user_info.is_some() {
                Kind::UserInfo
            } else {
                Kind::IdToken
            }
        })
    }

    /// What the service will offer, as far as the configuration alone says it. What is not known is offered: a service that
    /// cannot do it says so.
    pub fn offers(&self) -> Offers {
        match self.source {
            None | Some(Kind::Central) => Offers::everything(),
            Some(Kind::UserInfo | Kind::IdToken) => user_info::offers(&self.mapping),
            Some(Kind::Auth0) => auth0::offers(&self.mapping),
            Some(Kind::Scim) => scim::offers(&self.mapping, true),
        }
    }

    /// An address below which customers' documents are: asked without a token, it must refuse. None where nobody says where
    /// the service is, or where none is asked.
    pub fn guarded(&self, found: &Discovered) -> Option<Url> {
        let base = self.base(found)?;
        match self.kind(found) {
            Kind::Central => below(&base, &["me"]).ok(),
            Kind::UserInfo => Some(base),
            Kind::Auth0 => below(&base, &["users", "nobody"]).ok(),
            Kind::Scim => below(&base, &["Me"]).ok(),
            Kind::IdToken => None,
        }
    }

    fn base(&self, found: &Discovered) -> Option<Url> {
        self.address.clone().or_else(|| match self.kind(found) {
            Kind::Central => found.profile_api.clone(),
            Kind::UserInfo => found.user_info.clone(),
            Kind::Auth0 => found.issuer.join("/api/v2/").ok(),
            Kind::Scim | Kind::IdToken => None,
        })
    }

    /// The client for what a till asks for itself; none where the service has no such thing.
    pub fn open_store(&self, found: &Discovered, http: reqwest::Client) -> Option<StoreApi> {
        let base = self.base(found).filter(|_| self.kind(found) == Kind::Central)?;
        Some(StoreApi::new(base, Http::new(http)))
    }

    /// The client of the service. `http` follows no redirects. [`Error::NoSource`] where nobody says where the service is.
    pub fn open(&self, found: &Discovered, http: reqwest::Client) -> Result<Arc<dyn ProfileSource>, Error> {
        let (http, mapping) = (Http::new(http), self.mapping.clone());
        let base = || self.base(found).ok_or(Error::NoSource);
        Ok(match self.kind(found) {
            Kind::Central => Arc::new(Central::new(base()?, http)),
            Kind::UserInfo => Arc::new(UserInfo::new(base()?, mapping, http)),
            Kind::IdToken => Arc::new(IdToken::new(mapping)),
            Kind::Auth0 => Arc::new(Auth0::new(base()?, mapping, http)),
            Kind::Scim => Arc::new(Scim::new(base()?, mapping, http)),
        })
    }
}
