//! Device authorization (RFC 8628, sections 3.1 and 3.2): a till asks for a code.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, State},
};
use serde::{Deserialize, Serialize};

use crate::{
    grants,
    provider::{
        client::{self, ClientForm},
        error::OAuthError,
        form::OAuthForm,
    },
    state::AppState,
};

/// How often a till asks whether the customer has decided, in seconds.
pub(super) const INTERVAL: u32 = 5;

#[derive(Deserialize)]
pub(super) struct DeviceRequest {
    #[serde(flatten)]
    client: ClientForm,
    #[serde(default)]
    scope: String,
}

/// RFC 8628, section 3.2. `oauth2` can read this answer but offers no way to make one.
#[derive(Serialize)]
pub(super) struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: u32,
}

pub(super) async fn authorize(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    OAuthForm(request): OAuthForm<DeviceRequest>,
) -> Result<Json<DeviceAnswer>, OAuthError> {
    let client = client::identify(&state, &request.client).await?;
    if !client.is_till() {
        return Err(OAuthError::UnauthorizedClient);
    }
    let now = state.now();
    if !state.limits.codes_asked_for.take(&format!("{} {}", client.id, peer.ip()), now) {
        return Err(OAuthError::TooMany);
    }
    let scopes = client.allowed(&request.scope);
    let (device_code, user_code) = grants::begin(&state.db, &client.id, &scopes, now).await?;
    let verification_uri = format!("{}device", state.phone_url);
    let proof = user_code.proof(&state.scan_key)?;
    Ok(Json(DeviceAnswer {
        device_code: device_code.expose().to_owned(),
        verification_uri_complete: format!("{verification_uri}?user_code={user_code}&proof={proof}"),
        user_code: user_code.to_string(),
        verification_uri,
        expires_in: grants::LIFETIME.num_seconds(),
        interval: INTERVAL,
    }))
}
