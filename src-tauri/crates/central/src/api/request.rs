//! The parts of a request: who asks, and headers with a meaning.

use super::problem::{MERGE_PATCH, Problem};
use crate::{
    bearer::{self, Bearer},
    state::AppState,
    store_tokens::{self, AtStore, STORE},
};
use axum::{
    extract::{FromRequest, FromRequestParts},
    http::{HeaderMap, HeaderName, header, request::Parts},
};

/// A token that speaks for a customer: it sees this customer and nobody else.
pub(super) struct ForCustomer(pub(super) Bearer);

/// The scope of tokens that speak for a customer.
pub(super) const CUSTOMER: &str = "customer";

/// The scope of tokens of staff.
pub(super) const STAFF: &str = "customers:read";

impl FromRequestParts<AppState> for ForCustomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let bearer = Bearer::from_request_parts(parts, state).await?;
        if bearer.allows(CUSTOMER) { Ok(Self(bearer)) } else { Err(Problem::scope(CUSTOMER)) }
    }
}

/// A token of a till itself: it speaks for no customer.
pub(super) struct ForStore(pub(super) AtStore);

impl FromRequestParts<AppState> for ForStore {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer::presented(parts)?;
        match store_tokens::find(&state.db, token, state.now()).await? {
            Some(till) => Ok(Self(till)),
            // Whether it is good for something else.
            None => Bearer::from_request_parts(parts, state).await.and(Err(Problem::scope(STORE))),
        }
    }
}

/// A token of a till, of staff or of a customer.
pub(super) enum Anybody {
    Store(AtStore),
    Person(Bearer),
}

impl FromRequestParts<AppState> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer::presented(parts)?;
        match store_tokens::find(&state.db, token, state.now()).await? {
            Some(till) => Ok(Self::Store(till)),
            None => Bearer::from_request_parts(parts, state).await.map(Self::Person),
        }
    }
}

/// A query string; a wrong one is a problem document.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(super) struct Query<T>(pub(super) T);

/// A part of the address; a wrong one is a problem document.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(super) struct Path<T>(pub(super) T);

/// A JSON document; a wrong one is a problem document.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub(super) struct Json<T>(pub(super) T);

/// The key that tells whether a request has come before. Quotes around it, as the draft of the header has them, are not
/// part of it.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let key = text(headers, &HeaderName::from_static("idempotency-key")).ok_or_else(Problem::key_missing)?;
    let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    let fits = (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(key) } else { Err(Problem::key_missing()) }
}

/// The revision that the client's change is based on, where it says so.
pub(super) fn base_revision(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    if value == "*" {
        return Ok(None);
    }
    let revision = value
        .to_str()
        .ok()
        .and_then(|tag| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok())
        .ok_or_else(|| Problem::bad_request("If-Match must be * or the one ETag of the profile"))?;
    Ok(Some(revision))
}

/// Whether the content says that it is a merge patch.
pub(super) fn is_merge_patch(headers: &HeaderMap) -> bool {
    text(headers, &header::CONTENT_TYPE).is_some_and(|value| {
        value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MERGE_PATCH)
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}
