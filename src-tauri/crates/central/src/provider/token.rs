//! The token endpoint: device grant, authorization code with PKCE, refresh, and what a till gets for itself.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use openidconnect::{
    AccessToken, EmptyExtraTokenFields, IdTokenFields, RefreshToken, Scope, core::CoreTokenType,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::{
    claims::{self, TokenAnswer},
    clients::Client,
    grants::{self, Grant, Stage},
    provider::{
        client::{self, ClientForm},
        device::INTERVAL,
        error::OAuthError,
        form::OAuthForm,
    },
    secret::SecretHash,
    state::AppState,
    store_tokens::{self, STORE},
    tokens::{self, Issued},
};

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const PREFER: HeaderName = HeaderName::from_static("prefer");

#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: String,
    #[serde(flatten)]
    client: ClientForm,
    device_code: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    scope: Option<String>,
}

pub(super) async fn token(
    State(state): State<AppState>,
    headers: HeaderMap,
    OAuthForm(request): OAuthForm<TokenRequest>,
) -> Result<Json<TokenAnswer>, OAuthError> {
    let client = client::identify(&state, &request.client).await?;
    let client_id = client.id.as_str();
    let issued = match request.grant_type.as_str() {
        DEVICE_GRANT => {
            let code = request.device_code.as_deref().ok_or(OAuthError::InvalidRequest)?;
            device(&state, client_id, code, hold(&headers)).await?
        }
        "authorization_code" => {
            let code = request.code.as_deref().ok_or(OAuthError::InvalidRequest)?;
            let redirect_uri = request.redirect_uri.as_deref().ok_or(OAuthError::InvalidRequest)?;
            let verifier = request.code_verifier.as_deref().ok_or(OAuthError::InvalidRequest)?;
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            tokens::for_code(&state, client_id, code, redirect_uri, &challenge, state.now()).await?
        }
        "refresh_token" => {
            let token = request.refresh_token.as_deref().ok_or(OAuthError::InvalidRequest)?;
            tokens::for_refresh(&state, client_id, token, request.scope.as_deref(), state.now()).await?
        }
        "client_credentials" => {
            return for_store(&state, &client, request.scope.as_deref()).await.map(Json);
        }
        _ => return Err(OAuthError::UnsupportedGrantType),
    };
    answer(&state, issued).await.map(Json)
}

/// A till asks for itself. Only one that signs who it is: a name alone is known to everybody.
async fn for_store(
    state: &AppState,
    client: &Client,
    scope: Option<&str>,
) -> Result<TokenAnswer, OAuthError> {
    if !client.is_till() || client.key.is_none() {
        return Err(OAuthError::UnauthorizedClient);
    }
    if !matches!(scope, None | Some(STORE)) {
        return Err(OAuthError::InvalidScope);
    }
    let token = store_tokens::issue(&state.db, &client.id, state.now()).await?;
    let mut answer = TokenAnswer::new(
        AccessToken::new(token.expose().to_owned()),
        CoreTokenType::Bearer,
        IdTokenFields::new(None, EmptyExtraTokenFields {}),
    );
    answer.set_expires_in(tokens::ACCESS_LIVES.to_std().ok().as_ref());
    answer.set_scopes(Some(vec![Scope::new(STORE.to_owned())]));
    Ok(answer)
}

/// How long the request may be held: the interval, or less where the client prefers so (RFC 7240, `wait`).
fn hold(headers: &HeaderMap) -> u32 {
    let asked = headers
        .get_all(PREFER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .find_map(|preference| preference.trim().strip_prefix("wait=")?.parse::<u32>().ok());
    asked.map_or(INTERVAL, |wait| wait.min(INTERVAL))
}

/// Answers at once when there is something to say, and else holds the request until there is, or the hold is over.
async fn device(state: &AppState, client_id: &str, code: &str, hold: u32) -> Result<Issued, OAuthError> {
    let code = SecretHash::of(code);
    let Grant { expires_at, .. } = grant(state, client_id, code).await?;
    // Before the next read: a change between read and wait would be missed otherwise. After the first one: nobody takes
    // the turn of a code that is not theirs.
    let mut turn = state.waiting.enter(code, state.now(), TimeDelta::seconds(INTERVAL.into()));
    let left = u64::try_from(expires_at - state.now().timestamp()).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs(left.min(hold.into()));
    let mut is_over = hold == 0;
    loop {
        let Grant { id, stage, .. } = grant(state, client_id, code).await?;
        let scanned = match stage {
            Stage::Pending { scanned } => scanned,
            Stage::Approved => {
                let issued = tokens::for_device(state, id, state.now()).await;
                turn.forget();
                return Ok(issued?);
            }
            Stage::Denied => return Err(OAuthError::AccessDenied),
            Stage::Expired => return Err(OAuthError::ExpiredToken),
            Stage::Exchanged => return Err(OAuthError::InvalidGrant),
        };
        if turn.too_fast {
            return Err(OAuthError::SlowDown);
        }
        let news = scanned && !turn.told_scanned;
        if news || (is_over && hold == INTERVAL) {
            turn.held(scanned);
        }
        if news || is_over {
            return Err(OAuthError::AuthorizationPending { scanned });
        }
        let _holding = state.held.hold();
        is_over = tokio::select! {
            woken = turn.wait(until) => !woken,
            () = state.stopping() => true,
        };
    }
}

/// The grant of a code, where it is this client's.
async fn grant(state: &AppState, client_id: &str, code: SecretHash) -> Result<Grant, OAuthError> {
    grants::by_device_code(&state.db, code, state.now())
        .await?
        .filter(|grant| grant.client_id == client_id)
        .ok_or(OAuthError::InvalidGrant)
}

async fn answer(state: &AppState, issued: Issued) -> Result<TokenAnswer, OAuthError> {
    let Issued { access, refresh, sign_in } = issued;
    let access = AccessToken::new(access.expose().to_owned());
    let scopes = sign_in.scopes.iter().cloned().map(Scope::new).collect();
    let id_token = if sign_in.scopes.iter().any(|scope| scope == "openid") {
        Some(claims::id_token(state, sign_in, &access, state.now()).await?)
    } else {
        None
    };
    let mut answer = TokenAnswer::new(
        access,
        CoreTokenType::Bearer,
        IdTokenFields::new(id_token, EmptyExtraTokenFields {}),
    );
    answer.set_expires_in(tokens::ACCESS_LIVES.to_std().ok().as_ref());
    answer.set_refresh_token(refresh.map(|token| RefreshToken::new(token.expose().to_owned())));
    answer.set_scopes(Some(scopes));
    Ok(answer)
}
