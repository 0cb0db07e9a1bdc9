//! What the provider hands out: codes, tokens, and who signed in.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chrono::{DateTime, Utc};
use profile::{CustomerKey, Remember};
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::{Distrust, Error};

/// A code for one customer, once.
#[derive(Clone)]
pub struct DeviceCode {
    /// The code in letters, as the provider writes it.
    pub user_code: String,
    /// The page for the customer.
    pub verification_uri: Url,
    /// The same with the code in it, where the provider gives one: what the QR code shows.
    pub verification_uri_complete: Option<Url>,
    /// How long the code works, from now.
    pub expires_in: Duration,
    /// How long to wait between two polls.
    pub interval: Duration,
    pub(crate) secret: SecretString,
    pub(crate) pkce_verifier: Option<SecretString>,
    pub(crate) expires_at: Instant,
    /// A poll has gone unanswered, so the provider may have handed out the tokens already.
    pub(crate) unanswered: Arc<AtomicBool>,
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode")
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

/// The answer to one poll.
#[derive(Debug)]
pub enum PollAnswer {
    /// The customer has not decided yet.
    Pending {
        /// The provider says that the customer has opened the page.
        scanned: bool,
    },
    /// Too fast.
    SlowDown {
        /// The new interval, where the provider names one.
        interval: Option<Duration>,
    },
    /// The answer was no.
    Denied {
        /// Whether it was the customer for certain: some providers say the same for a policy or a code that is gone.
        by_customer: bool,
    },
    /// The code is dead; a new one helps.
    Expired,
    /// The customer said yes. The tokens are not checked yet.
    Granted(Tokens),
    /// No answer, or none that says anything: try again later.
    NoAnswer,
    /// The provider does not serve this till: a matter of set-up.
    Refused,
}

/// The tokens of one customer.
#[derive(Clone)]
pub struct Tokens {
    /// For the profile API.
    pub access_token: SecretString,
    /// Who signed in; believed by nobody before [`crate::Provider::verify`].
    pub id_token: Option<SecretString>,
    /// For later, where the customer allowed it.
    pub refresh_token: Option<SecretString>,
    /// How long the access token works from its arrival, where the provider says so.
    pub expires_in: Option<Duration>,
    /// Whether the access token works only with a proof of this till's key ([`crate::Provider::proof`]).
    pub bound: bool,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("id_token", &self.id_token.is_some())
            .field("refresh_token", &self.refresh_token.is_some())
            .field("expires_in", &self.expires_in)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}

/// What it is known from who signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// An ID token, signed for this till.
    IdToken,
    /// An answer of `UserInfo` to the access token: the provider's word over TLS, and nothing that is signed. Weaker,
    /// because an access token says nothing of whom it was made for.
    UserInfo,
}

/// A customer who has signed in, after all checks.
#[derive(Clone)]
pub struct SignedIn {
    /// Who it is.
    pub customer: CustomerKey,
    /// What that is known from.
    pub evidence: Evidence,
    /// What the token says of them.
    pub claims: Claims,
    /// The two characters that the phone shows too, where the provider has such a thing.
    pub check: Option<String>,
    /// What the customer agreed to leave at this store, and until when.
    pub remember: Option<Remember>,
    /// All that the ID token says, for a profile that is made of it; none where there was no ID token.
    pub document: Option<Value>,
    /// The tokens that were checked.
    pub tokens: Tokens,
}

impl SignedIn {
    /// Whether an answer of `UserInfo` or of a profile API is of the same person (OpenID Connect Core 1.0, section
    /// 5.3.2): `subject` is the `sub` in it.
    ///
    /// # Errors
    /// [`Distrust::Subject`]: the answer must not be used.
    pub fn is_same_person(&self, subject: &str) -> Result<(), Error> {
        if self.customer.subject == subject { Ok(()) } else { Err(Error::NotTrusted(Distrust::Subject)) }
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn")
            .field("evidence", &self.evidence)
            .field("remember", &self.remember)
            .finish_non_exhaustive()
    }
}

/// What an ID token says of a customer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The whole name.
    pub name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    /// When the customer last proved who they are to the provider.
    pub auth_time: Option<DateTime<Utc>>,
    /// How well they have proved it, in the provider's own word (`acr`).
    pub acr: Option<String>,
    /// By what they have proved it: `pwd`, `otp`, `hwk` and so on (RFC 8176).
    pub amr: Vec<String>,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("auth_time", &self.auth_time)
            .field("acr", &self.acr)
            .field("amr", &self.amr)
            .finish_non_exhaustive()
    }
}
