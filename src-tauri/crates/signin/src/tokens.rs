//! What the provider hands out: codes, tokens, and who signed in.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

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
    /// The customer, or a policy of the provider, said no.
    Denied,
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
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("id_token", &self.id_token.is_some())
            .field("refresh_token", &self.refresh_token.is_some())
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// A customer whose ID token has passed all checks.
#[derive(Clone)]
pub struct SignedIn {
    /// Who it is.
    pub customer: CustomerKey,
    /// What the token says of them.
    pub claims: Claims,
    /// The two characters that the phone shows too, where the provider has such a thing.
    pub check: Option<String>,
    /// Until when the customer agreed to be remembered at this store.
    pub remember_until: Option<DateTime<Utc>>,
    /// The tokens that were checked.
    pub tokens: Tokens,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("remember_until", &self.remember_until).finish_non_exhaustive()
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
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("auth_time", &self.auth_time).finish_non_exhaustive()
    }
}

/// What became of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The provider has revoked the tokens.
    Done,
    /// The provider has no such endpoint: the tokens are only forgotten here.
    NotOffered,
}
