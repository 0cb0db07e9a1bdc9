//! The provider.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use crate::{DeviceCode, Error, PollAnswer, RefreshError, Revocation, SignedIn, Tokens};

/// Which provider, and as which client.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The issuer.
    pub issuer: Url,
    /// This till, as the provider knows it.
    pub client_id: String,
}

/// A provider as discovered. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Provider;

impl Provider {
    /// Reads the provider's metadata and keys.
    pub async fn discover(_config: ProviderConfig, _http: reqwest::Client) -> Result<Self, Error> {
        Err(Error::Unreachable)
    }
    /// The address of the profile API, where the provider names one.
    pub fn profile_api(&self) -> Option<&Url> {
        None
    }
    /// Whether the provider keeps a token request open until there is something to say.
    pub fn holds_token_requests(&self) -> bool {
        false
    }
    /// Asks for a code.
    pub async fn request_code(&self) -> Result<DeviceCode, Error> {
        Err(Error::Unreachable)
    }
    /// Asks once whether the customer has decided.
    pub async fn poll(&self, _code: &DeviceCode) -> PollAnswer {
        PollAnswer::NoAnswer
    }
    /// Checks the ID token in full.
    pub async fn verify(&self, _tokens: Tokens, _now: DateTime<Utc>) -> Result<SignedIn, Error> {
        Err(Error::Unreachable)
    }
    /// Exchanges a refresh token for fresh tokens.
    pub async fn refresh(&self, _refresh_token: &SecretString) -> Result<Tokens, RefreshError> {
        Err(RefreshError::NeverSent)
    }
    /// Revokes the tokens.
    pub async fn revoke(&self, _tokens: &Tokens) -> Result<Revocation, Error> {
        Err(Error::Unreachable)
    }
}

/// The client for all requests of the till.
pub fn http_client() -> Result<reqwest::Client, Error> {
    Err(Error::Unreachable)
}
