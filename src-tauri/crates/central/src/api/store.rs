//! What a till asks for itself: the customers who agreed to be remembered at its store, and nobody else.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use profile::{Author, Channel, Profile, RememberScope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    me::{self, PreferencesPatch, Whose},
    problem::Problem,
    request::{ForStore, Json, Path, Query, idempotency_key},
    visits::NewVisit,
};
use crate::{
    customers::{self, Opened, OpenedVisit, Remembered, Source},
    state::AppState,
};

/// Customers on a page when the till does not say how many.
const PAGE: u32 = 100;
/// Most customers on a page.
const LARGEST_PAGE: u32 = 500;

const NOT_HERE: &str = "the store does not remember such a customer";

/// Which page of the store's customers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RememberedQuery {
    /// Where the page starts: `next` of the page before it. The first page has none.
    cursor: Option<String>,
    /// How many customers, and erased ones, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// A page of the customers whom the store remembers.
#[derive(Serialize, ToSchema)]
pub(super) struct RememberedPage {
    items: Vec<Remembered>,
    /// Who is erased, by their subjects, among those that the page reaches over: whoever has missed what has changed knows
    /// by this who is gone for good, and not only from the store.
    erased: Vec<String>,
    /// Where the next page starts; none at the end.
    next: Option<String>,
    /// Number of the newest change of the feed when the page was read. Whoever has read all pages follows the feed from
    /// the number of the first one: what has changed meanwhile comes again.
    #[schema(minimum = 0)]
    feed: i64,
    /// How many customers there are in all.
    #[schema(minimum = 0)]
    total: i64,
}

/// The customers whom the store remembers, page by page.
#[utoipa::path(
    get,
    path = "/remembered",
    tag = "store",
    security(("openid" = ["store"])),
    params(RememberedQuery),
    responses(
        (status = 200, description = "A page", body = RememberedPage),
        (status = 400, description = "The cursor is not one that was given, or the limit is not 1 to 500",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn page(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Query(query): Query<RememberedQuery>,
) -> Result<axum::Json<RememberedPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Problem::bad_request("the limit must be 1 to 500"));
    }
    let after = match query.cursor {
        Some(cursor) => read_cursor(&cursor)
            .ok_or_else(|| Problem::bad_request("the cursor is not one that was given"))?,
        None => String::new(),
    };
    let page = customers::remembered_page(&state.db, &till.store.id, &after, limit, state.now()).await?;
    Ok(axum::Json(RememberedPage {
        items: page.items,
        erased: page.erased,
        next: page.next.map(|subject| URL_SAFE_NO_PAD.encode(subject)),
        feed: page.feed,
        total: page.total,
    }))
}

fn read_cursor(cursor: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok().filter(|subject| !subject.is_empty())
}

/// One customer whom the store remembers.
#[utoipa::path(
    get,
    path = "/remembered/{subject}",
    tag = "store",
    security(("openid" = ["store"])),
    params(("subject" = String, Path, description = "The customer")),
    responses(
        (status = 200, description = "The customer", body = Remembered),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The store does not remember such a customer",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Path(subject): Path<String>,
) -> Result<axum::Json<Remembered>, Problem> {
    let found = customers::remembered(&state.db, &till.store.id, &subject, state.now()).await?;
    found.map(axum::Json).ok_or_else(|| Problem::not_found(NOT_HERE))
}

/// Changes preferences of a customer whom the store remembers.
///
/// The same as `/me/preferences`, by the till, and answered with what the customer leaves at the store alone. A request that was sent there with the customer's token is the same here
/// under the same `Idempotency-Key`.
#[utoipa::path(
    patch,
    path = "/remembered/{subject}/preferences",
    tag = "store",
    security(("openid" = ["store"])),
    params(
        ("subject" = String, Path, description = "The customer"),
        ("Idempotency-Key" = String, Header, description = "The same for the same change, however often it is sent"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the profile that the change was made on"),
    ),
    request_body(content = PreferencesPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "What the store may know of the profile after the change", body = Profile, headers(
            ("ETag" = String, description = "The revision, in quotes")
        )),
        (status = 400, description = "The document is no JSON, or a header is missing or wrong",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till, or the customer does not leave their preferences at \
            the store",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The store does not remember such a customer",
            body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody else has changed the same preferences: `conflicts` names them. Or the \
            profile has never had the revision: it is to be read anew",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not a merge patch",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A preference cannot have the value (`errors` points at it), or the \
            idempotency key was used for another request", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_preferences(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Path(subject): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let found = customers::remembered(&state.db, &till.store.id, &subject, state.now()).await?;
    let scopes = found.ok_or_else(|| Problem::not_found(NOT_HERE))?.scopes;
    if !scopes.has(RememberScope::Preferences) {
        return Err(Problem::not_left());
    }
    let whose = Whose {
        client_id: &till.client_id,
        subject: &subject,
        source: Source { channel: Channel::Store, by: Author::Associate },
    };
    let changed = me::change(&state, &whose, &headers, &body?).await?;
    me::answer(&scopes.of_profile(&changed))
}

/// Writes down that a customer whom the store remembers was there, without a sign-in of theirs.
#[utoipa::path(
    post,
    path = "/remembered/{subject}/visits",
    tag = "store",
    security(("openid" = ["store"])),
    params(
        ("subject" = String, Path, description = "The customer"),
        ("Idempotency-Key" = String, Header, description = "The same for the same visit, however often it is sent"),
    ),
    request_body = NewVisit,
    responses(
        (status = 201, description = "It is written down", body = OpenedVisit),
        (status = 400, description = "The document is no JSON, or the idempotency key is missing",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The store does not remember such a customer",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described, or the idempotency key was used for another \
            request", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn note_visit(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Path(subject): Path<String>,
    headers: HeaderMap,
    Json(visit): Json<NewVisit>,
) -> Result<Response, Problem> {
    let found = customers::remembered(&state.db, &till.store.id, &subject, state.now()).await?;
    if found.is_none() {
        return Err(Problem::not_found(NOT_HERE));
    }
    let key = customers::visit_key(&till.client_id, &subject, idempotency_key(&headers)?, visit.at);
    match customers::note_visit(&state.db, &key, &till.store, visit.at, state.now()).await? {
        Opened::Visit(visit) => Ok((StatusCode::CREATED, axum::Json(visit)).into_response()),
        Opened::KeyReused => Err(Problem::key_reused()),
        Opened::NoCustomer => Err(Problem::not_found(NOT_HERE)),
    }
}

/// Says that the till has carried out an erasure. Again it changes nothing.
#[utoipa::path(
    post,
    path = "/erasures/{subject}/confirmation",
    tag = "store",
    security(("openid" = ["store"])),
    params(("subject" = String, Path, description = "Who was erased")),
    responses(
        (status = 204, description = "It is noted"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nobody of that name was erased",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm_erasure(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Path(subject): Path<String>,
) -> Result<StatusCode, Problem> {
    if customers::confirm_erasure(&state.db, &subject, &till.client_id, state.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("nobody of that name was erased"))
    }
}
