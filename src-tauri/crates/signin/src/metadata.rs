//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414), and the keys that it signs with.
//!
//! Nothing in it is believed before the issuer is the configured one and every address is https.

use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, JsonWebKeySet, JsonWebKeySetUrl, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    Distrust, Error, Refusal, addresses,
    http::{self, Failure, ORDINARY},
};

/// Asked of every provider that does not list its scopes, and of the others as far as listed.
const USUAL_SCOPES: [&str; 2] = ["profile", "email"];
/// Asked only of a provider that lists them: others refuse a request with a scope they do not know.
const OPTIONAL_SCOPES: [&str; 3] = ["phone", "offline_access", "customer"];

/// What the metadata say beyond OpenID Connect Discovery.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct MoreMetadata {
    device_authorization_endpoint: Option<Url>,
    revocation_endpoint: Option<Url>,
    code_challenge_methods_supported: Option<Vec<String>>,
    countersign_profile_api: Option<Url>,
    countersign_holds_token_requests: Option<bool>,
}

impl AdditionalProviderMetadata for MoreMetadata {}

type Document = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The metadata as far as a till needs them, checked.
pub(crate) struct Metadata {
    /// Exactly as the provider writes it.
    pub(crate) issuer: IssuerUrl,
    pub(crate) device_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) revocation_endpoint: Option<Url>,
    pub(crate) keys_at: JsonWebKeySetUrl,
    pub(crate) scope: String,
    pub(crate) pkce: bool,
    pub(crate) profile_api: Option<Url>,
    pub(crate) user_info: Option<Url>,
    pub(crate) holds_token_requests: bool,
}

/// Fetches and checks the metadata of `issuer`.
pub(crate) async fn fetch(issuer: &Url, client: &reqwest::Client) -> Result<Metadata, Error> {
    addresses::secure(issuer)?;
    let reply =
        http::send(client.get(document_of(issuer)), ORDINARY).await.map_err(|_| Error::Unreachable)?;
    if reply.says_later() {
        return Err(Error::Unreachable);
    }
    if !reply.status.is_success() {
        return Err(Error::Refused(Refusal::NoDiscovery));
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(&reply.body).is_err() {
        return Err(Error::Refused(Refusal::NoDiscovery));
    }
    let document: Document = serde_json::from_slice(&reply.body)
        .map_err(|_| Error::Unexpected("a discovery document that cannot be read"))?;
    check(issuer, &document)
}

/// OpenID Connect Discovery 1.0, section 4: the document is below the issuer, whose last slash is left out first.
fn document_of(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    url
}

fn check(configured: &Url, document: &Document) -> Result<Metadata, Error> {
    if !is_same(configured, document.issuer()) {
        return Err(Error::NotTrusted(Distrust::Issuer));
    }
    let more = document.additional_metadata();
    let device_endpoint =
        more.device_authorization_endpoint.clone().ok_or(Error::Refused(Refusal::NoDeviceGrant))?;
    let token_endpoint = document
        .token_endpoint()
        .ok_or(Error::Unexpected("metadata without a token endpoint"))?
        .url()
        .clone();
    let metadata = Metadata {
        issuer: document.issuer().clone(),
        device_endpoint,
        token_endpoint,
        revocation_endpoint: more.revocation_endpoint.clone(),
        keys_at: document.jwks_uri().clone(),
        scope: scope(document),
        pkce: more.code_challenge_methods_supported.iter().flatten().any(|method| method == "S256"),
        profile_api: more.countersign_profile_api.clone(),
        user_info: document.userinfo_endpoint().map(|endpoint| endpoint.url().clone()),
        holds_token_requests: more.countersign_holds_token_requests.unwrap_or_default(),
    };
    [&metadata.device_endpoint, &metadata.token_endpoint, metadata.keys_at.url()]
        .into_iter()
        .chain(&metadata.revocation_endpoint)
        .chain(&metadata.profile_api)
        .chain(&metadata.user_info)
        .try_for_each(addresses::secure)?;
    Ok(metadata)
}

/// An issuer is compared letter by letter. Only the slash of an empty path may differ: a parsed address always has it.
fn is_same(configured: &Url, found: &IssuerUrl) -> bool {
    let configured_text = configured.as_str();
    let without_slash = configured_text.strip_suffix('/').filter(|_| configured.path() == "/");
    found.as_str() == configured_text || Some(found.as_str()) == without_slash
}

fn scope(document: &Document) -> String {
    let listed = document.scopes_supported();
    let is_listed =
        |name: &str| listed.is_some_and(|scopes| scopes.iter().any(|scope| scope.as_str() == name));
    let usual = USUAL_SCOPES.into_iter().filter(|name| listed.is_none() || is_listed(name));
    let optional = OPTIONAL_SCOPES.into_iter().filter(|name| is_listed(name));
    std::iter::once("openid").chain(usual).chain(optional).collect::<Vec<_>>().join(" ")
}

/// Fetches the keys.
pub(crate) async fn fetch_keys(
    at: &JsonWebKeySetUrl,
    client: &reqwest::Client,
) -> Result<JsonWebKeySet<CoreJsonWebKey>, Error> {
    let send = |request| http::for_openidconnect(client.clone(), request);
    JsonWebKeySet::fetch_async(at, &send).await.map_err(|error: DiscoveryError<Failure>| match error {
        DiscoveryError::Request(_) => Error::Unreachable,
        DiscoveryError::Response(status, _, _) if http::says_later(status) => Error::Unreachable,
        _ => Error::Unexpected("keys that cannot be read"),
    })
}
