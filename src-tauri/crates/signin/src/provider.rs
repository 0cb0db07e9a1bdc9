//! The provider: what a till asks of it, one call a step.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use crate::{
    ClientAuthentication, DeviceCode, Distrust, Ended, Error, Evidence, Facts, Kind, PollAnswer,
    ProviderConfig, RefreshError, SignedIn, TillKey, TokenEnd, Tokens, VisitEnd,
    config::LONGEST_LEEWAY,
    device, ending, facts,
    id_token::{self, Checked, Expected},
    keys::{self, KeySet, Keys},
    metadata::{self, Metadata},
    own_token,
    providers::{self, Departures, SecretGoes},
    refresh,
    transport::{self, Transport},
    user_info,
};

/// The wall clock.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Metadata and keys are believed for so long.
const OLD: Duration = Duration::from_hours(24);

/// What is asked of an associate (OpenID Connect Core 1.0, section 5.4).
const ASSOCIATES_SCOPE: &str = "openid profile";

/// A provider as discovered. Cheap to clone.
#[derive(Clone)]
pub struct Provider {
    shared: Arc<Shared>,
    proof_key: Option<TillKey>,
}

struct Shared {
    config: ProviderConfig,
    kind: Option<Kind>,
    departures: Departures,
    metadata: Metadata,
    keys: Keys,
    discovered_at: Instant,
    transport: Arc<dyn Transport>,
    clock: Clock,
    /// What the provider wants in the next proof (RFC 9449, section 8).
    nonce: Mutex<Option<String>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

impl Provider {
    /// Reads the provider's metadata and keys. `transport` follows no redirects: [`crate::http_client`] makes such a one.
    pub async fn discover(
        config: ProviderConfig,
        transport: Arc<dyn Transport>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let metadata = metadata::fetch(&config.issuer, &*transport).await?;
        let kind = config.kind.or_else(|| Kind::recognise(&config.issuer, &metadata.device_endpoint));
        let departures = kind.map_or(providers::STANDARD, Kind::departures);
        if departures.secret_goes == SecretGoes::Nowhere
            && !matches!(config.client_authentication, ClientAuthentication::None)
        {
            tracing::warn!("this provider refuses a till that says more than its name: nothing more is sent");
        }
        let keys = fetch_keys(&metadata.keys_at, &*transport).await?;
        Ok(Self {
            proof_key: None,
            shared: Arc::new(Shared {
                config,
                kind,
                departures,
                metadata,
                keys: Keys::new(keys),
                discovered_at: Instant::now(),
                transport,
                clock,
                nonce: Mutex::new(None),
            }),
        })
    }

    /// Whether metadata and keys are so old that they should be discovered again.
    pub fn is_old(&self) -> bool {
        self.shared.discovered_at.elapsed() >= OLD
    }

    /// The issuer as the provider writes it, letter by letter: what customers are known by.
    pub fn issuer(&self) -> &str {
        &self.metadata().issuer
    }

    /// The address of the profile API, where the provider names one.
    pub fn profile_api(&self) -> Option<&Url> {
        self.metadata().profile_api.as_ref()
    }

    /// The address of `UserInfo` (OpenID Connect Core 1.0, section 5.3), where the provider has one.
    pub fn user_info(&self) -> Option<&Url> {
        self.metadata().user_info.as_ref()
    }

    /// Whether the provider binds tokens to a key of the till (DPoP, RFC 9449), signed as the till signs.
    pub fn binds_tokens(&self) -> bool {
        self.metadata().dpop
    }

    /// The same provider, with a key to bind tokens to (DPoP, RFC 9449), where the provider offers that. The key comes only
    /// now, so that a keyring is asked only where it is needed.
    #[must_use]
    pub fn with_proof_key(self, key: TillKey) -> Self {
        Self { proof_key: Some(key).filter(|_| self.metadata().dpop), ..self }
    }

    /// Whether the provider keeps a token request open until there is something to say.
    pub fn holds_token_requests(&self) -> bool {
        self.metadata().holds_token_requests
    }

    /// What is known of the provider.
    pub async fn facts(&self) -> Facts {
        facts::gather(self).await
    }

    /// Asks for a code. A [`Refusal`](crate::Refusal) is a matter of set-up; a provider that is asked too often is
    /// [`Error::Unreachable`], since later it may answer.
    pub async fn request_code(&self) -> Result<DeviceCode, Error> {
        device::request_code(self, &self.metadata().scope).await
    }

    /// The same for somebody who works at the store: nothing is asked of them but who they are.
    pub async fn request_associate_code(&self) -> Result<DeviceCode, Error> {
        device::request_code(self, ASSOCIATES_SCOPE).await
    }

    /// Asks once whether the customer has decided.
    pub async fn poll(&self, code: &DeviceCode) -> PollAnswer {
        device::poll(self, code).await
    }

    /// Checks the ID token in full. Where the provider has given none, `UserInfo` is asked, which is weaker
    /// ([`SignedIn::evidence`]).
    pub async fn verify(&self, tokens: Tokens) -> Result<SignedIn, Error> {
        let (checked, evidence) = match &tokens.id_token {
            Some(id_token) => (self.check_with_keys(id_token, &tokens).await, Evidence::IdToken),
            None => (user_info::ask(self, &tokens).await, Evidence::UserInfo),
        };
        let checked =
            checked.inspect_err(|error| tracing::warn!(%error, "it is not believed who signed in"))?;
        Ok(SignedIn {
            customer: checked.customer,
            evidence,
            claims: checked.claims,
            check: checked.check,
            remember: checked.remember,
            document: checked.document,
            tokens,
        })
    }

    /// The provider may have changed its keys since they were fetched.
    async fn check_with_keys(&self, id_token: &SecretString, tokens: &Tokens) -> Result<Checked, Error> {
        match self.check(id_token, tokens).await {
            Err(why @ (Distrust::UnknownKey | Distrust::Signature)) => {
                let fetch = fetch_keys(&self.metadata().keys_at, self.transport());
                match self.shared.keys.renew(fetch).await {
                    Ok(true) => self.check(id_token, tokens).await.map_err(Error::NotTrusted),
                    Ok(false) => Err(Error::NotTrusted(why)),
                    // A wrong signature is one whether or not there are other keys by now.
                    Err(_) if why == Distrust::Signature => Err(Error::NotTrusted(why)),
                    Err(error) => Err(error),
                }
            }
            first => first.map_err(Error::NotTrusted),
        }
    }

    async fn check(&self, id_token: &SecretString, tokens: &Tokens) -> Result<Checked, Distrust> {
        let keys = self.shared.keys.read().await;
        let metadata = self.metadata();
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: self.client_id(),
            keys: &keys,
            algorithms: &metadata.algorithms,
            access_token: &tokens.access_token,
            leeway: self.config().leeway.min(LONGEST_LEEWAY),
            now: self.now(),
        };
        id_token::check(id_token, &expected)
    }

    /// Whether the provider itself answers now, and not only a gateway before it: for who is about to send what must not
    /// get lost.
    pub async fn answers(&self) -> bool {
        metadata::ask(&self.config().issuer, self.transport())
            .await
            .is_ok_and(|reply| reply.status.is_success())
    }

    /// Exchanges a refresh token for fresh tokens. Where the provider does not hand out a new refresh token, the old one
    /// goes on working and is given back. No scope is sent: some providers refuse a shorter list than the first.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens, RefreshError> {
        refresh::refresh(self, refresh_token).await
    }

    /// Whether the till can ask for a token of its own: the provider offers it, and the till says who it is with more than
    /// its name.
    pub fn offers_store_tokens(&self) -> bool {
        own_token::is_offered(self)
    }

    /// Asks for a token that speaks for the till itself (RFC 6749, section 4.4).
    pub async fn store_token(&self) -> Result<Tokens, Error> {
        own_token::ask(self).await
    }

    /// Ends a customer's tokens in the way of this provider, and says what became of each. May be called again with the
    /// same tokens.
    pub async fn end(&self, tokens: &Tokens) -> Ended {
        ending::end(self, tokens).await
    }

    /// Ends a refresh token for which there is no access token at hand.
    pub async fn end_refresh_token(&self, refresh_token: &SecretString) -> TokenEnd {
        ending::end_refresh_token(self, refresh_token).await
    }

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.shared.config
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.shared.kind
    }

    pub(crate) fn departures(&self) -> &Departures {
        &self.shared.departures
    }

    pub(crate) fn visit_end(&self) -> VisitEnd {
        self.config().visit_end.unwrap_or(self.departures().visit_end)
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.shared.metadata
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.shared.config.client_id
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.shared.transport
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.shared.clock)()
    }

    /// The key that tokens are bound to: where there is one, and the provider binds tokens.
    pub(crate) fn proof_key(&self) -> Option<&TillKey> {
        self.proof_key.as_ref()
    }

    pub(crate) fn nonce(&self) -> Option<String> {
        self.shared.nonce.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes up a nonce; whether it is another than before.
    pub(crate) fn set_nonce(&self, nonce: String) -> bool {
        let mut known = self.shared.nonce.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.as_ref() != Some(&nonce);
        *known = Some(nonce);
        is_new
    }
}

async fn fetch_keys(at: &Url, transport: &dyn Transport) -> Result<KeySet, Error> {
    keys::read(&transport::get(at, transport).await?)
}
