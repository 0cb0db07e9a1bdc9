//! The checks of the ID token (OpenID Connect Core 1.0, section 3.1.3.7). A customer comes out of here checked, or not at
//! all.
//!
//! Issuer, audience, signature and expiry are checked by `openidconnect`. It leaves `azp`, `iat` and `at_hash` to its
//! user, and takes a name that stands in a token twice: that is checked here. The device grant has no nonce, because no
//! request of it carries one.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, ClaimsVerificationError, ClientId, IdToken,
    IdTokenClaims, IdTokenVerifier, IssuerUrl, LocalizedClaim, SignatureVerificationError,
    core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm},
};
use profile::{CustomerKey, Remember, RememberScopes};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Claims, Distrust, json, keys::KeySet};

/// A check is compared by two people at a glance.
const LONGEST_CHECK: usize = 8;
/// OpenID Connect Core 1.0, section 2.
const LONGEST_SUBJECT: usize = 255;
/// A word for how somebody signed in is no longer, and there are no more.
const LONGEST_WORD: usize = 64;
const MOST_WORDS: usize = 8;

/// What Countersign adds to the standard claims.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the claims")]
struct MoreClaims {
    countersign_check: Option<String>,
    countersign_remember_until: Option<i64>,
    countersign_remember_scopes: Option<RememberScopes>,
    countersign_remember_act: Option<String>,
}

impl MoreClaims {
    /// A provider that names no parts means all, as the wording of before did.
    fn remember(&self) -> Option<Remember> {
        let until = DateTime::from_timestamp(self.countersign_remember_until?, 0)?;
        let all = Remember::from(until);
        Some(Remember {
            scopes: self.countersign_remember_scopes.clone().unwrap_or(all.scopes),
            act: self.countersign_remember_act.clone().filter(|act| is_word(act)),
            until,
        })
    }
}

impl AdditionalClaims for MoreClaims {}

type Token = IdToken<MoreClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type TokenClaims = IdTokenClaims<MoreClaims, CoreGenderClaim>;

/// Whom a token must be from and for.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a IssuerUrl,
    pub(crate) client_id: &'a str,
    pub(crate) keys: &'a KeySet,
    pub(crate) algorithms: &'a [CoreJwsSigningAlgorithm],
    pub(crate) access_token: &'a SecretString,
    pub(crate) leeway: Duration,
    pub(crate) now: DateTime<Utc>,
}

/// A customer, checked.
pub(crate) struct Checked {
    pub(crate) customer: CustomerKey,
    pub(crate) claims: Claims,
    pub(crate) check: Option<String>,
    pub(crate) remember: Option<Remember>,
    /// All that the token says.
    pub(crate) document: Option<Value>,
}

/// Checks a token in full.
pub(crate) fn check(token: &SecretString, expected: &Expected<'_>) -> Result<Checked, Distrust> {
    let document = document(token.expose_secret())?;
    let token: Token = token.expose_secret().parse().map_err(|_| Distrust::Malformed)?;
    let now = expected.now;
    let leeway = TimeDelta::from_std(expected.leeway).unwrap_or_default();
    let verifier = IdTokenVerifier::new_public_client(
        ClientId::new(expected.client_id.to_owned()),
        expected.issuer.clone(),
        expected.keys.clone(),
    )
    .set_allowed_algs(expected.algorithms.iter().cloned())
    // A token for others as well needs to name this till as the one it was issued to: see below.
    .set_other_audience_verifier_fn(|_| true)
    .set_time_fn(|| now.checked_sub_signed(leeway).unwrap_or(now));
    let no_nonce_was_sent = |_: Option<&openidconnect::Nonce>| Ok(());
    let claims = token.claims(&verifier, no_nonce_was_sent).map_err(|error| distrust(&error))?;
    check_party(claims, expected.client_id)?;
    if claims.issue_time().signed_duration_since(now) > leeway {
        return Err(Distrust::FromTheFuture);
    }
    if let Some(hash) = claims.access_token_hash() {
        let key = token.signing_key(&verifier).map_err(|_| Distrust::UnknownKey)?;
        let algorithm = token.signing_alg().map_err(|_| Distrust::Algorithm)?;
        let access_token = AccessToken::new(expected.access_token.expose_secret().to_owned());
        let right = AccessTokenHash::from_token(&access_token, algorithm, key)
            .map_err(|_| Distrust::AccessTokenHash)?;
        if *hash != right {
            return Err(Distrust::AccessTokenHash);
        }
    }
    Ok(Checked { document: Some(document), ..customer(claims)? })
}

/// Three parts, of which two are JSON that can be believed: the second of them.
fn document(token: &str) -> Result<Value, Distrust> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Distrust::Malformed);
    };
    let read = |part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Distrust::Malformed)?;
        json::read::<Value>(&bytes).map_err(|_| Distrust::Malformed)
    };
    read(header)?;
    read(claims)
}

/// `azp`, where there is one, is this till; it is needed where the token is for others as well.
fn check_party(claims: &TokenClaims, client_id: &str) -> Result<(), Distrust> {
    match claims.authorized_party() {
        Some(party) if party.as_str() == client_id => Ok(()),
        None if claims.audiences().len() == 1 => Ok(()),
        Some(_) | None => Err(Distrust::AuthorizedParty),
    }
}

fn customer(claims: &TokenClaims) -> Result<Checked, Distrust> {
    let subject = claims.subject().as_str();
    if !can_name_a_customer(subject) {
        return Err(Distrust::Malformed);
    }
    let more = claims.additional_claims();
    Ok(Checked {
        customer: CustomerKey { issuer: claims.issuer().to_string(), subject: subject.to_owned() },
        claims: Claims {
            name: claims.name().and_then(any_language).map(|name| name.to_string()),
            given_name: claims.given_name().and_then(any_language).map(|name| name.to_string()),
            locale: claims.locale().map(ToString::to_string),
            auth_time: claims.auth_time(),
            acr: claims.auth_context_ref().map(|acr| acr.to_string()).filter(|acr| is_word(acr)),
            amr: amr(claims),
        },
        check: more.countersign_check.clone().filter(|check| can_be_compared(check)),
        remember: more.remember(),
        document: None,
    })
}

fn amr(claims: &TokenClaims) -> Vec<String> {
    let methods = claims.auth_method_refs().into_iter().flatten();
    methods.map(|method| method.to_string()).filter(|method| is_word(method)).take(MOST_WORDS).collect()
}

fn is_word(text: &str) -> bool {
    (1..=LONGEST_WORD).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Whether a subject is one.
pub(crate) fn can_name_a_customer(subject: &str) -> bool {
    (1..=LONGEST_SUBJECT).contains(&subject.len()) && !subject.chars().any(char::is_control)
}

/// The name in no particular language, or else in the first one there is.
fn any_language<T>(claim: &LocalizedClaim<T>) -> Option<&T> {
    claim.get(None).or_else(|| claim.iter().next().map(|(_, value)| value))
}

fn can_be_compared(check: &str) -> bool {
    (1..=LONGEST_CHECK).contains(&check.chars().count()) && check.chars().all(char::is_alphanumeric)
}

fn distrust(error: &ClaimsVerificationError) -> Distrust {
    match error {
        ClaimsVerificationError::InvalidIssuer(_) => Distrust::TokenIssuer,
        ClaimsVerificationError::InvalidAudience(_) => Distrust::Audience,
        ClaimsVerificationError::Expired(_) => Distrust::Expired,
        ClaimsVerificationError::SignatureVerification(why) => match why {
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::AmbiguousKeyId(_) => {
                Distrust::UnknownKey
            }
            SignatureVerificationError::NoSignature
            | SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_) => Distrust::Algorithm,
            _ => Distrust::Signature,
        },
        _ => Distrust::Malformed,
    }
}
