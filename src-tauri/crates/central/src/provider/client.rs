//! Which client asks: by its name alone, or, where a key of it is registered, by a token that it has signed with that key
//! (`private_key_jwt`: RFC 7523, section 3; OpenID Connect Core 1.0, section 9).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    JsonWebKey,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    clients::{self, Client},
    provider::error::OAuthError,
    secret::SecretHash,
    state::AppState,
};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far the clocks of a client and this service may differ.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);
/// No assertion is good for longer: each is remembered until it ends.
const LONGEST_LIFE: TimeDelta = TimeDelta::minutes(10);
/// No assertion is longer than this.
const LONGEST: usize = 4096;
const LONGEST_ID: usize = 200;

/// What a client says in a form of who it is.
#[derive(Deserialize)]
pub(super) struct ClientForm {
    #[serde(rename = "client_id")]
    id: Option<String>,
    #[serde(rename = "client_assertion_type")]
    assertion_type: Option<String>,
    #[serde(rename = "client_assertion")]
    assertion: Option<String>,
}

/// The names of assertions that were used: each is good once. In memory, and for as long as they are good.
#[derive(Debug, Default)]
pub(crate) struct Assertions(Mutex<HashMap<SecretHash, DateTime<Utc>>>);

impl Assertions {
    /// False where it was used before.
    fn take(&self, client_id: &str, jti: &str, until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until > now);
        used.insert(SecretHash::of(&format!("{client_id} {jti}")), until).is_none()
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn is_among(&self, names: &[&str]) -> bool {
        match self {
            Self::One(name) => names.contains(&name.as_str()),
            Self::Many(all) => all.iter().any(|name| names.contains(&name.as_str())),
        }
    }
}

/// The client that sent a form.
pub(super) async fn identify(state: &AppState, form: &ClientForm) -> Result<Client, OAuthError> {
    let id = form.id.as_deref().ok_or(OAuthError::InvalidClient)?;
    let client = clients::find(&state.db, id).await?.ok_or(OAuthError::InvalidClient)?;
    match (&client.key, &form.assertion) {
        (None, None) => Ok(client),
        (Some(key), Some(assertion)) if form.assertion_type.as_deref() == Some(ASSERTION) => {
            let (issuer, now) = (state.issuer(), state.now());
            let endpoint = format!("{issuer}/oauth/token");
            let claims = check(assertion, id, key, &[issuer, &endpoint], now);
            let is_new = claims.is_some_and(|(jti, until)| state.assertions.take(id, &jti, until, now));
            if is_new { Ok(client) } else { Err(OAuthError::InvalidClient) }
        }
        _ => Err(OAuthError::InvalidClient),
    }
}

/// The name of a good assertion, and until when it has to be remembered.
fn check(
    assertion: &str,
    client_id: &str,
    key: &CoreJsonWebKey,
    audiences: &[&str],
    now: DateTime<Utc>,
) -> Option<(String, DateTime<Utc>)> {
    if assertion.len() > LONGEST {
        return None;
    }
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let (header, claims): (Header, Claims) = (part(header)?, part(claims)?);
    let algorithm = match header.alg.as_str() {
        "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        "EdDSA" => CoreJwsSigningAlgorithm::EdDsa,
        _ => return None,
    };
    // Such a key signs other things too: proofs that a token is used by the till that got it, for one.
    if !matches!(header.typ.as_deref(), None | Some("JWT" | "client-authentication+jwt")) {
        return None;
    }
    key.verify_signature(&algorithm, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let until = DateTime::from_timestamp(claims.exp, 0)? + LEEWAY;
    let has_begun = |at: Option<i64>| at.is_none_or(|at| at <= (now + LEEWAY).timestamp());
    let is_good = claims.iss == client_id
        && claims.sub == client_id
        && claims.aud.is_among(audiences)
        && now < until
        && until <= now + LONGEST_LIFE + LEEWAY
        && has_begun(claims.nbf)
        && has_begun(claims.iat)
        && (1..=LONGEST_ID).contains(&claims.jti.len());
    is_good.then_some((claims.jti, until))
}

fn part<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
