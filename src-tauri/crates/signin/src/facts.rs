//! What is known of a provider, for whoever looks into why a till cannot sign anybody in. Plain data, and no secret.

use crate::{ClientAuthentication, Kind, VisitEnd, metadata, provider::Provider, providers::Advice};

/// What is known of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Facts {
    /// Which product it is, where that is known.
    pub kind: Option<Kind>,
    /// Whether the configuration has said so.
    pub kind_is_configured: bool,
    /// What store IT should know of that product.
    pub advice: &'static [Advice],
    /// The document that this comes from.
    pub document: &'static str,
    /// What an ID token may be signed with, as JWS names it: what the till allows and the provider lists.
    pub algorithms: Vec<&'static str>,
    /// How many keys the provider has that the till can read.
    pub keys: usize,
    /// The grants that the provider lists; none where it lists none.
    pub grant_types: Option<Vec<String>>,
    /// How clients may say who they are at the token endpoint; none where the provider does not list it.
    pub authentication_methods: Option<Vec<String>>,
    /// How this till says who it is, by the same names.
    pub authentication: &'static str,
    /// Whether codes are bound to the till by PKCE with S256.
    pub pkce: bool,
    /// Whether the provider binds tokens to keys, with ES256.
    pub dpop: bool,
    /// Whether this till uses a key for that.
    pub has_proof_key: bool,
    /// Whether tokens can be revoked.
    pub revocation: bool,
    /// Whether there is a log-out endpoint.
    pub log_out: bool,
    /// How this till ends a customer's tokens.
    pub visit_end: VisitEnd,
    /// Whether there is a `UserInfo` endpoint.
    pub user_info: bool,
    /// Whether the provider names a profile API.
    pub profile_api: bool,
    /// Whether the provider says that it holds token requests.
    pub holds_token_requests: bool,
    /// What is asked for, as one text.
    pub scope: String,
    /// Whether an audience is configured.
    pub has_audience: bool,
    /// Whether the device endpoint is at the issuer's host.
    pub device_endpoint_is_at_issuer: bool,
    /// Whether the token endpoint is at the issuer's host.
    pub token_endpoint_is_at_issuer: bool,
}

pub(crate) async fn gather(provider: &Provider) -> Facts {
    let (config, metadata, departures) = (provider.config(), provider.metadata(), provider.departures());
    let is_at_issuer = |url: &url::Url| url.host() == config.issuer.host();
    Facts {
        kind: provider.kind(),
        kind_is_configured: config.kind.is_some(),
        advice: departures.advice,
        document: departures.document,
        algorithms: metadata.algorithms.iter().map(metadata::algorithm_name).collect(),
        keys: provider.keys().count().await,
        grant_types: metadata.grant_types.clone(),
        authentication_methods: metadata.authentication_methods.clone(),
        authentication: match &config.client_authentication {
            ClientAuthentication::None => "none",
            ClientAuthentication::SecretBasic(_) => "client_secret_basic",
            ClientAuthentication::SecretPost(_) => "client_secret_post",
            ClientAuthentication::PrivateKeyJwt(_) => "private_key_jwt",
        },
        pkce: metadata.pkce,
        dpop: metadata.dpop,
        has_proof_key: provider.proof_key().is_some(),
        revocation: metadata.revocation_endpoint.is_some(),
        log_out: metadata.log_out_endpoint.is_some(),
        visit_end: provider.visit_end(),
        user_info: metadata.user_info.is_some(),
        profile_api: metadata.profile_api.is_some(),
        holds_token_requests: metadata.holds_token_requests,
        scope: metadata.scope.clone(),
        has_audience: config.audience.is_some(),
        device_endpoint_is_at_issuer: is_at_issuer(&metadata.device_endpoint),
        token_endpoint_is_at_issuer: is_at_issuer(&metadata.token_endpoint),
    }
}
