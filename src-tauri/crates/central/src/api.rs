//! The profile API under `/v1`.

use axum::Router;

use crate::state::AppState;

/// The routes of the profile API.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
}

/// The OpenAPI document of the profile API, as JSON.
pub fn openapi() -> String {
    "{}".to_owned()
}
