//! What store IT decides about the provider; the rest is discovered.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::{Kind, TillKey, VisitEnd};

/// How far the clocks of till and provider may differ where nobody says otherwise.
pub const LEEWAY: Duration = Duration::from_mins(1);
/// The most that they may differ: more would make expiry meaningless.
pub const LONGEST_LEEWAY: Duration = Duration::from_mins(5);

/// Which provider, as which client, and what cannot be discovered.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The issuer.
    pub issuer: Url,
    /// This till, as the provider knows it.
    pub client_id: String,
    /// Which product it is, where that cannot be told from its metadata.
    pub kind: Option<Kind>,
    /// The API that tokens are wanted for, where the provider needs to be told (Auth0).
    pub audience: Option<String>,
    /// Hosts besides the issuer's that the page for the customer may be at.
    pub verification_hosts: Vec<String>,
    /// How the till says who it is.
    pub client_authentication: ClientAuthentication,
    /// How far the clocks of till and provider may differ; [`LONGEST_LEEWAY`] at most.
    pub leeway: Duration,
    /// How tokens end with the visit, where it is to be another way than the provider's usual one.
    pub visit_end: Option<VisitEnd>,
}

impl ProviderConfig {
    /// A public client of a provider that needs nothing else.
    pub fn new(issuer: Url, client_id: impl Into<String>) -> Self {
        Self {
            issuer,
            client_id: client_id.into(),
            kind: None,
            audience: None,
            verification_hosts: Vec::new(),
            client_authentication: ClientAuthentication::None,
            leeway: LEEWAY,
            visit_end: None,
        }
    }
}

/// How a till says who it is (OpenID Connect Core 1.0, section 9).
#[derive(Clone, Debug, Default)]
pub enum ClientAuthentication {
    /// A public client: by its name alone.
    #[default]
    None,
    /// A shared secret in the `Authorization` header.
    SecretBasic(SecretString),
    /// A shared secret in the form.
    SecretPost(SecretString),
    /// A token signed with the till's own key (RFC 7523).
    PrivateKeyJwt(TillKey),
}
