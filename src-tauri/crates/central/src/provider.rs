//! The OpenID provider: discovery, keys, device authorization, tokens, user info, revocation.
//!
//! Pages that a person sees are in [`crate::pages`]; this module answers programs.

pub(crate) mod client;
mod device;
mod discovery;
mod error;
mod form;
mod revocation;
mod token;
mod user_info;

use axum::{
    Router,
    http::header,
    routing::{get, post},
};
use tower_http::cors::{Any, CorsLayer};

use crate::state::AppState;

/// The routes of the provider.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::metadata))
        .route("/jwks.json", get(discovery::keys))
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(revocation::revoke))
        .route("/oauth/userinfo", get(user_info::user_info).post(user_info::user_info))
        // For web shops that run in the browser. No cookie is read here, so any site may ask.
        .layer(
            CorsLayer::new()
                .allow_origin(Any)
                .allow_methods(Any)
                .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]),
        )
        .route("/oauth/device", post(device::authorize))
}
