//! What a token says about a customer: the claims of ID tokens and of the user info endpoint.

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AccessToken, AdditionalClaims, Audience, AuthenticationMethodReference, EmptyExtraTokenFields,
    EndUserEmail, EndUserFamilyName, EndUserGivenName, EndUserName, EndUserPhoneNumber, IdToken,
    IdTokenClaims, IdTokenFields, IssuerUrl, LanguageTag, LocalizedClaim, Nonce, StandardClaims,
    StandardTokenResponse, SubjectIdentifier, UserInfoClaims,
    core::{
        CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreTokenType,
    },
};
use profile::{Profile, RememberScopes};
use serde::{Deserialize, Serialize};

use crate::{Error, accounts, customers, state::AppState};

/// An ID token is checked once, right after it was issued.
const ID_TOKEN_LIVES: TimeDelta = TimeDelta::minutes(10);

/// What Countersign adds to the standard claims.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the claims")]
pub(crate) struct SignInClaims {
    /// The two characters that the phone shows after the yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    countersign_check: Option<String>,
    /// Until when the store may remember the customer, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    countersign_remember_until: Option<i64>,
    /// What the store may keep until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    countersign_remember_scopes: Option<RememberScopes>,
    /// The act of consent that says so, which has a receipt of the same id.
    #[serde(skip_serializing_if = "Option::is_none")]
    countersign_remember_act: Option<String>,
    /// What somebody who works in a store is there. It comes with the scope `profile`, as the name does.
    #[serde(skip_serializing_if = "Option::is_none")]
    countersign_role: Option<String>,
}

impl AdditionalClaims for SignInClaims {}

pub(crate) type SignInIdToken =
    IdToken<SignInClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// The answer of the token endpoint.
pub(crate) type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        SignInClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// What an ID token is made from.
#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) subject: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_time: i64,
    pub(crate) nonce: Option<String>,
    pub(crate) check: Option<String>,
    pub(crate) remember_until: Option<i64>,
}

/// Signs an ID token that is bound to the access token by `at_hash`.
pub(crate) async fn id_token(
    state: &AppState,
    sign_in: SignIn,
    access_token: &AccessToken,
    now: DateTime<Utc>,
) -> Result<SignInIdToken, Error> {
    let issuer = IssuerUrl::new(state.issuer().to_owned()).map_err(|_| Error::Issuer)?;
    let mut standard = standard_claims(state, &sign_in.subject, &sign_in.scopes).await?;
    let has_profile_scope = sign_in.scopes.iter().any(|scope| scope == "profile");
    let staff = if has_profile_scope { accounts::staff(&state.db, &sign_in.subject).await? } else { None };
    if let Some(name) = staff.as_ref().and_then(|staff| staff.name.clone()) {
        standard = standard.set_name(Some(LocalizedClaim::from(EndUserName::new(name))));
    }
    // Who has taken it back since is not remembered, whatever was granted before.
    let yes = match sign_in.remember_until {
        Some(_) => customers::standing_yes(&state.db, &sign_in.subject, &sign_in.client_id).await?,
        None => None,
    };
    let claims = IdTokenClaims::new(
        issuer,
        vec![Audience::new(sign_in.client_id)],
        now + ID_TOKEN_LIVES,
        now,
        standard,
        SignInClaims {
            countersign_check: sign_in.check,
            countersign_remember_until: sign_in.remember_until.filter(|_| yes.is_some()),
            countersign_remember_scopes: yes.as_ref().map(|(_, scopes)| scopes.clone()),
            countersign_remember_act: yes.map(|(act, _)| act),
            countersign_role: staff.and_then(|staff| staff.role),
        },
    )
    .set_auth_time(DateTime::from_timestamp(sign_in.auth_time, 0))
    // There is no other way to sign in here yet (RFC 8176).
    .set_auth_method_refs(Some(vec![AuthenticationMethodReference::new("pwd".to_owned())]))
    .set_nonce(sign_in.nonce.map(Nonce::new));
    let key = state.keys.signing();
    SignInIdToken::new(claims, key.as_ref(), CoreJwsSigningAlgorithm::EdDsa, Some(access_token), None)
        .map_err(|_| Error::Sign)
}

/// What the user info endpoint answers.
pub(crate) async fn user_info(
    state: &AppState,
    subject: &str,
    scopes: &[String],
) -> Result<UserInfoClaims<openidconnect::EmptyAdditionalClaims, CoreGenderClaim>, Error> {
    let standard = standard_claims(state, subject, scopes).await?;
    Ok(UserInfoClaims::new(standard, openidconnect::EmptyAdditionalClaims {}))
}

/// OpenID Connect Core 1.0, section 5.4: each scope opens its claims.
async fn standard_claims(
    state: &AppState,
    subject: &str,
    scopes: &[String],
) -> Result<StandardClaims<CoreGenderClaim>, Error> {
    let claims = StandardClaims::new(SubjectIdentifier::new(subject.to_owned()));
    let Some(profile) = customers::profile(&state.db, subject).await? else {
        return Ok(claims);
    };
    Ok(scopes.iter().fold(claims, |claims, scope| match scope.as_str() {
        "profile" => with_name(claims, &profile),
        "email" => claims
            .set_email_verified(profile.email.is_some().then_some(profile.email_verified))
            .set_email(profile.email.clone().map(EndUserEmail::new)),
        "phone" => claims.set_phone_number(profile.phone.clone().map(EndUserPhoneNumber::new)),
        _ => claims,
    }))
}

fn with_name(claims: StandardClaims<CoreGenderClaim>, profile: &Profile) -> StandardClaims<CoreGenderClaim> {
    claims
        .set_name(Some(LocalizedClaim::from(EndUserName::new(profile.name.display.clone()))))
        .set_given_name(
            profile.name.given.clone().map(|name| LocalizedClaim::from(EndUserGivenName::new(name))),
        )
        .set_family_name(
            profile.name.family.clone().map(|name| LocalizedClaim::from(EndUserFamilyName::new(name))),
        )
        .set_locale(profile.locale.clone().map(LanguageTag::new))
}

/// The keys as clients fetch them.
pub(crate) type PublishedKeys = openidconnect::JsonWebKeySet<CoreJsonWebKey>;
