//! `/v1/visits`: a customer is at a counter, until one of them ends it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    problem::{Problem, Wrong},
    request::{ForCustomer, Json, Path, idempotency_key},
};
use crate::{
    customers::{self, Key, Opened, OpenedVisit},
    state::AppState,
};

/// A visit to open.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewVisit {
    /// When it began, by the clock of the till.
    pub(super) at: DateTime<Utc>,
}

/// How a visit ended.
#[derive(Deserialize, ToSchema)]
pub(super) struct VisitEnd {
    /// When, by the clock of the till.
    at: DateTime<Utc>,
    /// In a word of the till: `done`, `idle`, `locked`.
    #[schema(pattern = "^[a-z0-9_]{1,40}$")]
    how: String,
}

/// Opens a visit at the store of the till, and writes it into the customer's activity.
#[utoipa::path(
    post,
    path = "/visits",
    tag = "visits",
    security(("openid" = ["customer"])),
    params(("Idempotency-Key" = String, Header, description = "The same for the same visit, however often it is sent")),
    request_body = NewVisit,
    responses(
        (status = 201, description = "The visit is open", body = OpenedVisit),
        (status = 400, description = "The document is no JSON, or the idempotency key is missing",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope, or was not given to a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The account has no profile",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described, or the idempotency key was used for another \
            request", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn open(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
    headers: HeaderMap,
    Json(visit): Json<NewVisit>,
) -> Result<Response, Problem> {
    let store = bearer.store.as_ref().ok_or_else(Problem::not_a_till)?;
    let key = idempotency_key(&headers)?;
    let content = visit.at.to_rfc3339_opts(SecondsFormat::Nanos, true);
    let key = Key::new(&bearer.client_id, &bearer.subject, key, "POST /v1/visits", &content);
    match customers::open_visit(&state.db, &key, store, visit.at, state.now()).await? {
        Opened::Visit(visit) => Ok((StatusCode::CREATED, axum::Json(visit)).into_response()),
        Opened::KeyReused => Err(Problem::key_reused()),
        Opened::NoCustomer => Err(Problem::not_found("the account has no profile of a customer")),
    }
}

/// Ends a visit. One that has ended already stays as it is.
#[utoipa::path(
    post,
    path = "/visits/{id}/end",
    tag = "visits",
    security(("openid" = ["customer"])),
    params(("id" = String, Path, description = "The visit")),
    request_body = VisitEnd,
    responses(
        (status = 204, description = "The visit has ended"),
        (status = 400, description = "The document is no JSON, or the address is not as described",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The customer has no such visit",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
    Path(id): Path<String>,
    Json(end): Json<VisitEnd>,
) -> Result<StatusCode, Problem> {
    if !customers::is_name(&end.how) {
        let detail = "1 to 40 small letters, digits and underscores".to_owned();
        return Err(Problem::invalid(vec![Wrong { pointer: "/how".to_owned(), detail }]));
    }
    if customers::end_visit(&state.db, &bearer.subject, &id, end.at, &end.how, state.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("the customer has no such visit"))
    }
}
