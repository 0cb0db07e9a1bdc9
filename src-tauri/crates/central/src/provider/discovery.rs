//! Discovery (OpenID Connect Discovery 1.0) and the published keys.

use axum::{Json, extract::State};
use openidconnect::{
    AdditionalProviderMetadata, AuthUrl, IssuerUrl, JsonWebKeySetUrl, LanguageTag, ProviderMetadata,
    ResponseTypes, Scope, TokenUrl, UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    Error, claims::PublishedKeys, pages::languages, provider::error::OAuthError, state::AppState,
    store_tokens::STORE,
};

/// Every scope there is.
const SCOPES: [&str; 8] =
    ["openid", "profile", "email", "phone", "offline_access", "customer", "customers:read", STORE];

/// How a client says who it is.
const AUTH_METHODS: [CoreClientAuthMethod; 2] =
    [CoreClientAuthMethod::None, CoreClientAuthMethod::PrivateKeyJwt];

const CLAIMS: [&str; 14] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "name",
    "given_name",
    "family_name",
    "email",
    "email_verified",
    "phone_number",
    "locale",
    "nonce",
];

/// What the metadata says beyond OpenID Connect Discovery: RFC 8414, RFC 8628, and Countersign's own.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct MoreMetadata {
    device_authorization_endpoint: String,
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: Vec<CoreClientAuthMethod>,
    code_challenge_methods_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    countersign_profile_api: String,
    countersign_holds_token_requests: bool,
}

impl AdditionalProviderMetadata for MoreMetadata {}

type Metadata = ProviderMetadata<
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

pub(super) async fn metadata(State(state): State<AppState>) -> Result<Json<Metadata>, OAuthError> {
    build(state.issuer()).map(Json).map_err(|_| OAuthError::ServerError(Error::Issuer))
}

fn build(issuer: &str) -> Result<Metadata, openidconnect::url::ParseError> {
    let at = |path: &str| format!("{issuer}{path}");
    let more = MoreMetadata {
        device_authorization_endpoint: at("/oauth/device"),
        revocation_endpoint: at("/oauth/revoke"),
        revocation_endpoint_auth_methods_supported: AUTH_METHODS.to_vec(),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
        countersign_profile_api: at("/v1"),
        countersign_holds_token_requests: true,
    };
    Ok(Metadata::new(
        IssuerUrl::new(issuer.to_owned())?,
        AuthUrl::new(at("/oauth/authorize"))?,
        JsonWebKeySetUrl::new(at("/jwks.json"))?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![CoreJwsSigningAlgorithm::EdDsa],
        more,
    )
    .set_token_endpoint(Some(TokenUrl::new(at("/oauth/token"))?))
    .set_userinfo_endpoint(Some(UserInfoUrl::new(at("/oauth/userinfo"))?))
    .set_scopes_supported(Some(SCOPES.iter().map(|scope| Scope::new((*scope).to_owned())).collect()))
    .set_response_modes_supported(Some(vec![CoreResponseMode::Query]))
    .set_grant_types_supported(Some(vec![
        CoreGrantType::AuthorizationCode,
        CoreGrantType::DeviceCode,
        CoreGrantType::RefreshToken,
        CoreGrantType::ClientCredentials,
    ]))
    .set_token_endpoint_auth_methods_supported(Some(AUTH_METHODS.to_vec()))
    .set_token_endpoint_auth_signing_alg_values_supported(Some(vec![
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EdDsa,
    ]))
    .set_claims_supported(Some(CLAIMS.iter().map(|claim| CoreClaimName::new((*claim).to_owned())).collect()))
    .set_ui_locales_supported(Some(languages().map(LanguageTag::new).collect())))
}

pub(super) async fn keys(State(state): State<AppState>) -> Json<PublishedKeys> {
    Json(state.keys.published())
}
