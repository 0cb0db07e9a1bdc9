//! Access tokens (RFC 6750) as an argument of handlers.

use std::fmt;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use chrono::{DateTime, Utc};

use crate::{Error, api::problem::Problem, clients::Store, secret::SecretHash, state::AppState};

/// Whom an access token speaks for, and what it may do.
#[derive(Clone)]
pub(crate) struct Bearer {
    /// The yes that the token hangs on.
    pub(crate) authorization: i64,
    pub(crate) subject: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    /// The store of the till that the token was given to.
    pub(crate) store: Option<Store>,
}

impl Bearer {
    pub(crate) fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl FromRequestParts<AppState> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        find(state, presented(parts)?, state.now()).await?.ok_or_else(|| {
            Problem::unauthorized(
                "the access token is unknown, expired or revoked",
                r#"Bearer error="invalid_token""#,
            )
        })
    }
}

/// The token of a request, whatever it is worth.
pub(crate) fn presented(parts: &Parts) -> Result<&str, Problem> {
    parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Problem::unauthorized("an access token is needed", "Bearer"))
}

/// A token ends with its authorization, also where it was renewed shortly before that.
async fn find(state: &AppState, token: &str, now: DateTime<Utc>) -> Result<Option<Bearer>, Error> {
    let hash = SecretHash::of(token);
    let (hash, now) = (hash.as_slice(), now.timestamp());
    let row = sqlx::query!(
        r#"SELECT a.id, a.subject, a.client_id, t.scopes,
                  s.id AS "store_id?", s.name AS "store_name?", s.brand AS "store_brand?"
           FROM access_tokens t
           JOIN authorizations a ON a.id = t.authorization_id
           JOIN clients c ON c.id = a.client_id
           LEFT JOIN stores s ON s.id = c.store_id
           WHERE t.hash = ? AND t.expires_at > ? AND a.expires_at > ?"#,
        hash,
        now,
        now
    )
    .fetch_optional(state.db.read())
    .await?;
    Ok(row.map(|row| {
        let store = match (row.store_id, row.store_name, row.store_brand) {
            (Some(id), Some(name), Some(brand)) => Some(Store { id, name, brand }),
            _ => None,
        };
        Bearer {
            authorization: row.id,
            subject: row.subject,
            client_id: row.client_id,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            store,
        }
    }))
}
