//! The provider: what a till asks of it, one call a step.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use openidconnect::{JsonWebKeySet, core::CoreJsonWebKey};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::RwLock;
use url::Url;

use crate::{
    DeviceCode, Distrust, Error, PollAnswer, RefreshError, Revocation, SignedIn, Tokens, device,
    http::{self, Failure, ORDINARY},
    id_token::{self, Expected},
    metadata::{self, Metadata},
    token_answer::{self, Said},
};

/// Which provider, and as which client.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The issuer.
    pub issuer: Url,
    /// This till, as the provider knows it.
    pub client_id: String,
}

/// A provider as discovered. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    shared: Arc<Shared>,
    http: reqwest::Client,
}

struct Shared {
    config: ProviderConfig,
    metadata: Metadata,
    keys: RwLock<JsonWebKeySet<CoreJsonWebKey>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

impl Provider {
    /// Reads the provider's metadata and keys. `http` follows no redirects: [`crate::http_client`] makes such a one.
    pub async fn discover(config: ProviderConfig, http: reqwest::Client) -> Result<Self, Error> {
        let metadata = metadata::fetch(&config.issuer, &http).await?;
        let keys = RwLock::new(metadata::fetch_keys(&metadata.keys_at, &http).await?);
        Ok(Self { shared: Arc::new(Shared { config, metadata, keys }), http })
    }

    /// The address of the profile API, where the provider names one.
    pub fn profile_api(&self) -> Option<&Url> {
        self.metadata().profile_api.as_ref()
    }

    /// The address of `UserInfo` (OpenID Connect Core 1.0, section 5.3), where the provider has one.
    pub fn user_info(&self) -> Option<&Url> {
        self.metadata().user_info.as_ref()
    }

    /// Whether the provider keeps a token request open until there is something to say.
    pub fn holds_token_requests(&self) -> bool {
        self.metadata().holds_token_requests
    }

    /// Asks for a code. A [`Refusal`](crate::Refusal) is a matter of set-up; a provider that is asked too often is
    /// [`Error::Unreachable`], since later it may answer.
    pub async fn request_code(&self) -> Result<DeviceCode, Error> {
        device::request_code(self).await
    }

    /// Asks once whether the customer has decided.
    pub async fn poll(&self, code: &DeviceCode) -> PollAnswer {
        device::poll(self, code).await
    }

    /// Checks the ID token in full, at the time `now`.
    pub async fn verify(&self, tokens: Tokens, now: DateTime<Utc>) -> Result<SignedIn, Error> {
        let id_token = tokens.id_token.as_ref().ok_or(Error::NotTrusted(Distrust::NoIdToken))?;
        let checked = match self.check(id_token, &tokens, now).await {
            // The provider may have changed its keys since they were fetched.
            Err(Distrust::UnknownKey) => {
                self.fetch_keys_again().await?;
                self.check(id_token, &tokens, now).await
            }
            first => first,
        };
        let checked = checked.map_err(|why| {
            tracing::warn!(%why, "the ID token is not believed");
            Error::NotTrusted(why)
        })?;
        Ok(SignedIn {
            customer: checked.customer,
            claims: checked.claims,
            check: checked.check,
            remember_until: checked.remember_until,
            tokens,
        })
    }

    async fn check(
        &self,
        id_token: &SecretString,
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<id_token::Checked, Distrust> {
        let keys = self.shared.keys.read().await;
        let expected = Expected {
            issuer: &self.metadata().issuer,
            client_id: self.client_id(),
            keys: &keys,
            access_token: &tokens.access_token,
            now,
        };
        id_token::check(id_token, &expected)
    }

    async fn fetch_keys_again(&self) -> Result<(), Error> {
        tracing::info!("an ID token names an unknown key: the keys are fetched again");
        let keys = metadata::fetch_keys(&self.metadata().keys_at, &self.http).await?;
        *self.shared.keys.write().await = keys;
        Ok(())
    }

    /// Exchanges a refresh token for fresh tokens. Where the provider does not hand out a new refresh token, the old one
    /// goes on working and is given back. No scope is sent: some providers refuse a shorter list than the first.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens, RefreshError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose_secret()),
            ("client_id", self.client_id()),
        ];
        let request = self.http.post(self.metadata().token_endpoint.clone()).form(&form);
        let reply = http::send(request, ORDINARY).await.map_err(|failure| match failure {
            Failure::NeverSent => RefreshError::NeverSent,
            Failure::NoAnswer => RefreshError::NoAnswer,
        })?;
        match token_answer::read(&reply) {
            Said::Tokens(tokens) => Ok(Tokens {
                refresh_token: tokens.refresh_token.or_else(|| Some(refresh_token.clone())),
                ..tokens
            }),
            Said::Error(error) if reply.says_later() || token_answer::is_later(&error.code) => {
                Err(RefreshError::NoAnswer)
            }
            Said::Error(error) => {
                tracing::warn!(code = error.code, "the provider refuses to refresh");
                // RFC 6749, section 5.2: the one code that speaks of the token. The others speak of the till.
                Err(if error.code == "invalid_grant" { RefreshError::Dead } else { RefreshError::Refused })
            }
            Said::Neither | Said::Nothing => Err(RefreshError::NoAnswer),
        }
    }

    /// Revokes the tokens (RFC 7009): the refresh token first, which is good for longer, then the access token, because
    /// not every provider ends the one with the other.
    pub async fn revoke(&self, tokens: &Tokens) -> Result<Revocation, Error> {
        let Some(endpoint) = &self.metadata().revocation_endpoint else { return Ok(Revocation::NotOffered) };
        let mut done = Revocation::NotOffered;
        if let Some(refresh_token) = &tokens.refresh_token {
            done = self.revoke_refresh_token(refresh_token).await?;
        }
        match self.revoke_one(endpoint, &tokens.access_token, "access_token").await? {
            Revocation::Done => Ok(Revocation::Done),
            Revocation::NotOffered => Ok(done),
        }
    }

    /// Revokes a refresh token for which there is no access token at hand.
    pub async fn revoke_refresh_token(&self, refresh_token: &SecretString) -> Result<Revocation, Error> {
        match &self.metadata().revocation_endpoint {
            Some(endpoint) => self.revoke_one(endpoint, refresh_token, "refresh_token").await,
            None => Ok(Revocation::NotOffered),
        }
    }

    async fn revoke_one(
        &self,
        endpoint: &Url,
        token: &SecretString,
        hint: &str,
    ) -> Result<Revocation, Error> {
        let form =
            [("token", token.expose_secret()), ("token_type_hint", hint), ("client_id", self.client_id())];
        let request = self.http.post(endpoint.clone()).form(&form);
        let reply = http::send(request, ORDINARY).await.map_err(|_| Error::Unreachable)?;
        if reply.status.is_success() {
            return Ok(Revocation::Done);
        }
        match token_answer::read(&reply) {
            // RFC 7009, section 2.2.1.
            Said::Error(error) if error.code == "unsupported_token_type" => Ok(Revocation::NotOffered),
            said => Err(token_answer::refusal(&reply, said)),
        }
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.shared.metadata
    }

    pub(crate) fn issuer(&self) -> &Url {
        &self.shared.config.issuer
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.shared.config.client_id
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }
}
