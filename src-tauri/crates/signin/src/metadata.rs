//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414).
//!
//! Nothing in it is believed before the issuer is the configured one and every address is https. `openidconnect` reads
//! such a document too, but refuses one that lacks what only a browser's sign-in needs.

use openidconnect::{IssuerUrl, core::CoreJwsSigningAlgorithm};
use serde::Deserialize;
use url::Url;

use crate::{
    Distrust, Error, Refusal, addresses,
    json::{self, Unreadable},
    own_token,
    transport::{self, Reply, Transport},
};

/// Asked of every provider that does not list its scopes, and of the others as far as listed.
const USUAL_SCOPES: [&str; 2] = ["profile", "email"];
/// Asked only of a provider that lists them: others refuse a request with a scope they do not know.
const OPTIONAL_SCOPES: [&str; 3] = ["phone", "offline_access", "customer"];
/// Public keys only: whoever knows the till's configuration could make a token with a shared secret.
const ALGORITHMS: [(&str, CoreJwsSigningAlgorithm); 5] = [
    ("ES256", CoreJwsSigningAlgorithm::EcdsaP256Sha256),
    ("ES384", CoreJwsSigningAlgorithm::EcdsaP384Sha384),
    ("EdDSA", CoreJwsSigningAlgorithm::EdDsa),
    ("RS256", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
    ("PS256", CoreJwsSigningAlgorithm::RsaSsaPssSha256),
];

/// The document as far as a till reads it.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: Option<Url>,
    jwks_uri: Option<Url>,
    userinfo_endpoint: Option<Url>,
    device_authorization_endpoint: Option<Url>,
    revocation_endpoint: Option<Url>,
    end_session_endpoint: Option<Url>,
    scopes_supported: Option<Vec<String>>,
    grant_types_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    dpop_signing_alg_values_supported: Option<Vec<String>>,
    countersign_profile_api: Option<Url>,
    countersign_holds_token_requests: Option<bool>,
}

/// The metadata as far as a till needs them, checked.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a provider offers or not")]
pub(crate) struct Metadata {
    /// Exactly as the provider writes it.
    pub(crate) issuer: IssuerUrl,
    pub(crate) device_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) revocation_endpoint: Option<Url>,
    pub(crate) log_out_endpoint: Option<Url>,
    pub(crate) keys_at: Url,
    pub(crate) scope: String,
    pub(crate) pkce: bool,
    /// Whether proofs are taken that are signed as this till signs.
    pub(crate) dpop: bool,
    /// What an ID token may be signed with: allowed here, and listed there where there is a list.
    pub(crate) algorithms: Vec<CoreJwsSigningAlgorithm>,
    pub(crate) grant_types: Option<Vec<String>>,
    pub(crate) authentication_methods: Option<Vec<String>>,
    pub(crate) profile_api: Option<Url>,
    pub(crate) user_info: Option<Url>,
    pub(crate) holds_token_requests: bool,
    /// Whether a till can ask for a token of its own.
    pub(crate) store_tokens: bool,
}

/// Fetches and checks the metadata of `issuer`.
pub(crate) async fn fetch(issuer: &Url, transport: &dyn Transport) -> Result<Metadata, Error> {
    addresses::secure(issuer)?;
    let reply = ask(issuer, transport).await?;
    if !reply.status.is_success() {
        return Err(Error::Refused(Refusal::NoDiscovery));
    }
    read(issuer, &reply.body)
}

/// Asks for the document.
pub(crate) async fn ask(issuer: &Url, transport: &dyn Transport) -> Result<Reply, Error> {
    transport::get(&document_of(issuer), transport).await
}

/// Reads and checks a document.
pub(crate) fn read(issuer: &Url, body: &[u8]) -> Result<Metadata, Error> {
    let document = json::read(body).map_err(|why| match why {
        Unreadable::NotJson => Error::Refused(Refusal::NoDiscovery),
        Unreadable::OtherShape => Error::Unexpected("a discovery document that cannot be read"),
    })?;
    check(issuer, document)
}

/// OpenID Connect Discovery 1.0, section 4: the document is below the issuer, whose last slash is left out first.
fn document_of(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    url
}

fn check(configured: &Url, document: Document) -> Result<Metadata, Error> {
    if !is_same(configured, &document.issuer) {
        return Err(Error::NotTrusted(Distrust::Issuer));
    }
    let scope = scope(&document);
    let store_tokens = lists(document.grant_types_supported.as_ref(), own_token::GRANT)
        && lists(document.scopes_supported.as_ref(), own_token::SCOPE);
    let metadata = Metadata {
        issuer: IssuerUrl::new(document.issuer)
            .map_err(|_| Error::Unexpected("a discovery document that cannot be read"))?,
        device_endpoint: document
            .device_authorization_endpoint
            .ok_or(Error::Refused(Refusal::NoDeviceGrant))?,
        token_endpoint: document
            .token_endpoint
            .ok_or(Error::Unexpected("metadata without a token endpoint"))?,
        revocation_endpoint: document.revocation_endpoint,
        log_out_endpoint: document.end_session_endpoint,
        keys_at: document.jwks_uri.ok_or(Error::Unexpected("metadata without the address of the keys"))?,
        scope,
        pkce: lists(document.code_challenge_methods_supported.as_ref(), "S256"),
        dpop: lists(document.dpop_signing_alg_values_supported.as_ref(), "ES256"),
        algorithms: algorithms(document.id_token_signing_alg_values_supported.as_ref()),
        grant_types: document.grant_types_supported,
        authentication_methods: document.token_endpoint_auth_methods_supported,
        profile_api: document.countersign_profile_api,
        user_info: document.userinfo_endpoint,
        holds_token_requests: document.countersign_holds_token_requests.unwrap_or_default(),
        store_tokens,
    };
    [&metadata.device_endpoint, &metadata.token_endpoint, &metadata.keys_at]
        .into_iter()
        .chain(&metadata.revocation_endpoint)
        .chain(&metadata.log_out_endpoint)
        .chain(&metadata.profile_api)
        .chain(&metadata.user_info)
        .try_for_each(addresses::secure)?;
    Ok(metadata)
}

/// An issuer is compared letter by letter. Only the slash of an empty path may differ: a parsed address always has it.
fn is_same(configured: &Url, found: &str) -> bool {
    let configured_text = configured.as_str();
    let without_slash = configured_text.strip_suffix('/').filter(|_| configured.path() == "/");
    found == configured_text || Some(found) == without_slash
}

fn lists(list: Option<&Vec<String>>, name: &str) -> bool {
    list.is_some_and(|list| list.iter().any(|listed| listed == name))
}

fn scope(document: &Document) -> String {
    let listed = document.scopes_supported.as_ref();
    let usual = USUAL_SCOPES.into_iter().filter(|name| listed.is_none() || lists(listed, name));
    let optional = OPTIONAL_SCOPES.into_iter().filter(|name| lists(listed, name));
    std::iter::once("openid").chain(usual).chain(optional).collect::<Vec<_>>().join(" ")
}

/// The list is required of a provider; one that leaves it out may use whatever is allowed here.
fn algorithms(listed: Option<&Vec<String>>) -> Vec<CoreJwsSigningAlgorithm> {
    let may = |name: &str| listed.is_none() || lists(listed, name);
    ALGORITHMS.into_iter().filter(|(name, _)| may(name)).map(|(_, algorithm)| algorithm).collect()
}

/// The name of an allowed algorithm.
pub(crate) fn algorithm_name(algorithm: &CoreJwsSigningAlgorithm) -> &'static str {
    ALGORITHMS.iter().find(|(_, known)| known == algorithm).map_or("", |(name, _)| name)
}
