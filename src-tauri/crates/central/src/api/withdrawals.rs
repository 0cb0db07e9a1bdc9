//! `/v1/me/withdrawals`: a customer tells an associate that the store is not to remember them any more. The till says so with
//! their token, or with its own where they left none: it can take back and never give.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use profile::ConsentAct;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    problem::Problem,
    request::{ForCustomer, ForStore, Json, Path},
};
use crate::{
    clients::{self, Store},
    customers::{self, Counter, TakenBack},
    state::AppState,
};

/// What is taken back.
#[derive(Deserialize, ToSchema)]
pub(super) struct Withdrawal {
    /// The act's own id, for ever the same, however often it is sent.
    id: Uuid,
    /// The act that is taken back, where the till knows it: a yes that came after it stays.
    act: Option<String>,
    /// When, by the clock of the till.
    at: DateTime<Utc>,
}

/// Takes back that the store of the till may remember the customer. A till cannot give what it takes back here.
#[utoipa::path(
    post,
    path = "/me/withdrawals",
    tag = "profile",
    security(("openid" = ["customer"])),
    request_body = Withdrawal,
    responses(
        (status = 201, description = "It is taken back, now or when it was first sent", body = ConsentAct),
        (status = 400, description = "The document is no JSON",
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
        (status = 422, description = "The document is not as described, or the id is that of another act",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn take_back(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
    Json(asked): Json<Withdrawal>,
) -> Result<Response, Problem> {
    let store = bearer.store.as_ref().ok_or_else(Problem::not_a_till)?;
    taken_back(&state, &bearer.subject, (store, &bearer.client_id), asked).await
}

/// Takes back that the store may remember a customer who left no token of theirs at the till.
#[utoipa::path(
    post,
    path = "/remembered/{subject}/withdrawals",
    tag = "store",
    security(("openid" = ["store"])),
    params(("subject" = String, Path, description = "The customer")),
    request_body = Withdrawal,
    responses(
        (status = 201, description = "It is taken back, now or when it was first sent", body = ConsentAct),
        (status = 400, description = "The document is no JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The store has never remembered such a customer",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described, or the id is that of another act",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn take_back_by_till(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Path(subject): Path<String>,
    Json(asked): Json<Withdrawal>,
) -> Result<Response, Problem> {
    if !customers::was_remembered(&state.db, &till.store.id, &subject).await? {
        return Err(Problem::not_found("the store has never remembered such a customer"));
    }
    taken_back(&state, &subject, (&till.store, &till.client_id), asked).await
}

async fn taken_back(
    state: &AppState,
    subject: &str,
    (store, client_id): (&Store, &str),
    asked: Withdrawal,
) -> Result<Response, Problem> {
    let till = clients::find(&state.db, client_id).await?.map(|client| client.name);
    let counter = Counter { store, till: till.as_deref().unwrap_or_default() };
    let withdrawal = customers::Withdrawal { id: asked.id, act: asked.act, at: asked.at };
    match customers::take_back(&state.db, subject, &counter, &withdrawal, state.now()).await? {
        TakenBack::Act(act) => Ok((StatusCode::CREATED, axum::Json(act)).into_response()),
        TakenBack::IdReused => Err(Problem::key_reused()),
        TakenBack::NoCustomer => Err(Problem::not_found("the account has no profile of a customer")),
    }
}
