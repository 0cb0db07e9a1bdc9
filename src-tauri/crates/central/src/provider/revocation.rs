//! Revocation (RFC 7009).

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;

use crate::{
    provider::{
        client::{self, ClientForm},
        error::OAuthError,
        form::OAuthForm,
    },
    state::AppState,
    store_tokens, tokens,
};

#[derive(Deserialize)]
pub(super) struct RevocationRequest {
    token: String,
    #[serde(flatten)]
    client: ClientForm,
}

/// Every token of this service is found by its hash, so `token_type_hint` is not needed.
pub(super) async fn revoke(
    State(state): State<AppState>,
    OAuthForm(request): OAuthForm<RevocationRequest>,
) -> Result<StatusCode, OAuthError> {
    let client = client::identify(&state, &request.client).await?;
    tokens::revoke(&state.db, &client.id, &request.token).await?;
    store_tokens::revoke(&state.db, &client.id, &request.token).await?;
    Ok(StatusCode::OK)
}
