//! Forms as OAuth clients send them: one that cannot be read is an `invalid_request`, as any other mistake in one.

use axum::{
    Form,
    extract::{FromRequest, Request},
};
use serde::de::DeserializeOwned;

use super::error::OAuthError;

/// A form of an OAuth client.
pub(super) struct OAuthForm<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OAuthForm<T> {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let Form(form) = Form::from_request(request, state).await.map_err(|_| OAuthError::InvalidRequest)?;
        Ok(Self(form))
    }
}
