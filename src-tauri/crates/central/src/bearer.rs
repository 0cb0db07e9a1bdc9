//! Access tokens (RFC 6750) as an argument of handlers.

use std::fmt;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use crate::{Error, clients::{Store, Till}, secret::SecretHash, state::AppState};

/// Whom an access token speaks for, and what it may do.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub(crate) subject: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    /// The store of the till that the token was given to.
    pub(crate) store: Option<Store>,
    /// The till that the token was given to.
    pub(crate) till: Option<Till>,
}

impl Bearer {
    pub(crate) fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("client_id", &self.client_id).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// Why a request is not authorised.
#[derive(Debug)]
pub(crate) enum BearerRejection {
    /// No token was sent.
    Missing,
    /// The token is unknown, expired or revoked.
    Invalid,
    /// The token lacks the scope.
    Scope(&'static str),
    /// The database could not be asked.
    Failed(Error),
}

impl IntoResponse for BearerRejection {
    fn into_response(self) -> Response {
        let (status, title, challenge) = match self {
            Self::Missing => (StatusCode::UNAUTHORIZED, "An access token is needed", "Bearer".to_owned()),
            Self::Invalid => (
                StatusCode::UNAUTHORIZED,
                "The access token is unknown, expired or revoked",
                r#"Bearer error="invalid_token""#.to_owned(),
            ),
            Self::Scope(scope) => (
                StatusCode::FORBIDDEN,
                "The access token does not allow this",
                format!(r#"Bearer error="insufficient_scope", scope="{scope}""#),
            ),
            Self::Failed(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot check an access token");
                (StatusCode::INTERNAL_SERVER_ERROR, "The service could not answer", String::new())
            }
        };
        let problem = serde_json::json!({ "type": "about:blank", "title": title, "status": status.as_u16() });
        let mut answer =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response();
        if let Ok(challenge) = HeaderValue::from_str(&challenge)
            && !challenge.is_empty()
        {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}

impl FromRequestParts<AppState> for Bearer {
    type Rejection = BearerRejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, BearerRejection> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(BearerRejection::Missing)?;
        let found = find(state, token, state.now()).await.map_err(BearerRejection::Failed)?;
        found.ok_or(BearerRejection::Invalid)
    }
}

async fn find(state: &AppState, token: &str, now: DateTime<Utc>) -> Result<Option<Bearer>, Error> {
    let hash = SecretHash::of(token);
    let (hash, now) = (hash.as_slice(), now.timestamp());
    let row = sqlx::query!(
        r#"SELECT a.subject, a.client_id, t.scopes, c.name AS client_name,
                  s.id AS "store_id?", s.name AS "store_name?", s.brand AS "store_brand?"
           FROM access_tokens t
           JOIN authorizations a ON a.id = t.authorization_id
           JOIN clients c ON c.id = a.client_id
           LEFT JOIN stores s ON s.id = c.store_id
           WHERE t.hash = ? AND t.expires_at > ?"#,
        hash,
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
            subject: row.subject,
            till: store.is_some().then(|| Till { id: row.client_id.clone(), name: row.client_name }),
            client_id: row.client_id,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            store,
        }
    }))
}
