//! Revocation (RFC 7009).

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;

use crate::{
    clients,
    provider::{error::OAuthError, form::OAuthForm},
    state::AppState,
    tokens,
};

#[derive(Deserialize)]
pub(super) struct RevocationRequest {
    token: String,
    client_id: Option<String>,
}

/// Every token of this service is found by its hash, so `token_type_hint` is not needed.
pub(super) async fn revoke(
    State(state): State<AppState>,
    OAuthForm(request): OAuthForm<RevocationRequest>,
) -> Result<StatusCode, OAuthError> {
    let client_id = request.client_id.ok_or(OAuthError::InvalidClient)?;
    clients::find(&state.db, &client_id).await?.ok_or(OAuthError::InvalidClient)?;
    tokens::revoke(&state.db, &client_id, &request.token).await?;
    Ok(StatusCode::OK)
}
