//! Errors as OAuth names them (RFC 6749, section 5.2; RFC 8628, section 3.5).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{Error, tokens::Refusal};

/// What a client is told.
#[derive(Debug)]
pub(crate) enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    AuthorizationPending {
        /// The customer has opened the phone page.
        scanned: bool,
    },
    SlowDown,
    /// More codes than a till can use.
    TooMany,
    AccessDenied,
    ExpiredToken,
    /// Not the client's fault.
    ServerError(Error),
}

impl From<Error> for OAuthError {
    fn from(error: Error) -> Self {
        Self::ServerError(error)
    }
}

impl From<sqlx::Error> for OAuthError {
    fn from(error: sqlx::Error) -> Self {
        Self::ServerError(error.into())
    }
}

impl From<Refusal> for OAuthError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InvalidGrant => Self::InvalidGrant,
            Refusal::Failed(error) => Self::ServerError(error),
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let name = match &self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AuthorizationPending { .. } => "authorization_pending",
            Self::SlowDown | Self::TooMany => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::ServerError(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "the provider could not answer");
                return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "server_error" })))
                    .into_response();
            }
        };
        let status = match &self {
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = match self {
            Self::AuthorizationPending { scanned: true } => {
                json!({ "error": name, "countersign_stage": "scanned" })
            }
            _ => json!({ "error": name }),
        };
        (status, Json(body)).into_response()
    }
}
