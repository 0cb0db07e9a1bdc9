//! `/v1/sealed-edits`: what a till has kept sealed because it has lost the key of everything else.

use axum::extract::State;
use sealing::{Sealed, Waiting};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    problem::Problem,
    request::{ForCustomer, ForStore, Json},
};
use crate::{
    Error,
    handing_over::{self, HandedOver},
    state::AppState,
};

/// So many at a time.
const MOST: usize = 50;

/// What edits of a customer are sealed to.
#[derive(Serialize, ToSchema)]
pub(super) struct SealingKey {
    /// Which key.
    id: String,
    /// X25519 public key, 32 bytes in base64url, for HPKE (RFC 9180).
    key: String,
    /// Goes into all that is sealed: says that this till may hand it over. Edits under it are applied for as long as the
    /// customer's yes is good.
    grant: String,
}

/// What a till could not send.
#[derive(Deserialize, ToSchema)]
pub(super) struct SealedEdits {
    /// At most 50.
    edits: Vec<SealedEdit>,
}

/// An edit, a visit, a withdrawal or somebody new, sealed to this service.
#[derive(Deserialize, ToSchema)]
struct SealedEdit {
    /// The key that it is sealed to.
    key_id: String,
    /// HPKE (RFC 9180) in base mode, in base64url: the encapsulated key and the sealed text.
    sealed: String,
}

/// What became of them.
#[derive(Serialize, ToSchema)]
pub(super) struct SealedAnswers {
    /// One for each, in the order they were sent in.
    answers: Vec<SealedAnswer>,
}

/// What became of one.
#[derive(Clone, Copy, Serialize, ToSchema)]
struct SealedAnswer {
    /// As an HTTP status. 200: it was applied, now or before. 202: it was not, and is kept here until somebody decides about
    /// it. 404: the customer is not there any more. 400: it cannot be opened. 403: its grant is not of this service. 422: the
    /// id of the withdrawal is that of another act.
    status: u16,
}

/// What waits of this customer is to be sealed to this.
///
/// A till keeps what waits there sealed as well, so that it can hand it over even when it has lost its own key.
#[utoipa::path(
    get,
    path = "/me/sealing-key",
    tag = "profile",
    security(("openid" = ["customer"])),
    responses(
        (status = 200, description = "The key, and the grant that goes with it", body = SealingKey),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope, or was not given to a till",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn key(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
) -> Result<axum::Json<SealingKey>, Problem> {
    if bearer.store.is_none() {
        return Err(Problem::not_a_till());
    }
    let public = state.sealing.public();
    let grant = state.sealing.grant(&state.db, bearer.authorization, state.now()).await?;
    let grant = grant.ok_or_else(|| {
        Problem::unauthorized("the access token is revoked", r#"Bearer error="invalid_token""#)
    })?;
    Ok(axum::Json(SealingKey { id: public.id.clone(), key: public.key.clone(), grant }))
}

/// What waits of customers whom the store remembers is to be sealed to this, where they left no grant of their own.
///
/// The grant is the till's: the subject of the customer is put behind it, after a slash. Edits under it are applied for as long
/// as the customer leaves their preferences at the store.
#[utoipa::path(
    get,
    path = "/sealing-key",
    tag = "store",
    security(("openid" = ["store"])),
    responses(
        (status = 200, description = "The key, and the till's grant", body = SealingKey),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn till_key(
    State(state): State<AppState>,
    ForStore(till): ForStore,
) -> Result<axum::Json<SealingKey>, Problem> {
    let (public, grant) = (state.sealing.public(), state.sealing.till_grant(&till.client_id)?);
    Ok(axum::Json(SealingKey { id: public.id.clone(), key: public.key.clone(), grant }))
}

/// Takes over what a till could not send.
///
/// Each carries its grant in what is sealed, so no token is needed. Each is applied once, also where it had arrived before it
/// was handed over: the idempotency key is in it as well. They are applied in the order in which they were made.
#[utoipa::path(
    post,
    path = "/sealed-edits",
    tag = "profile",
    security(()),
    request_body = SealedEdits,
    responses(
        (status = 200, description = "What became of each", body = SealedAnswers),
        (status = 400, description = "The document is no JSON, or more than 50 were sent",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn hand_over(
    State(state): State<AppState>,
    Json(sent): Json<SealedEdits>,
) -> Result<axum::Json<SealedAnswers>, Problem> {
    if sent.edits.len() > MOST {
        return Err(Problem::bad_request("at most 50 edits at a time"));
    }
    let mut answers = vec![SealedAnswer { status: 400 }; sent.edits.len()];
    let mut opened = Vec::new();
    for (answer, SealedEdit { key_id, sealed }) in answers.iter_mut().zip(sent.edits) {
        opened.extend(state.sealing.open_sealed(&Sealed { key_id, sealed }).map(|waiting| (answer, waiting)));
    }
    opened.sort_by_key(|(_, waiting)| waiting.made_at);
    for (answer, waiting) in opened {
        answer.status = apply(&state, &waiting).await?;
    }
    Ok(axum::Json(SealedAnswers { answers }))
}

async fn apply(state: &AppState, waiting: &Waiting) -> Result<u16, Error> {
    let Some(granted) = state.sealing.granted(&waiting.grant)? else { return Ok(403) };
    Ok(match handing_over::apply(&state.db, &granted, waiting, state.now()).await? {
        HandedOver::Done => 200,
        HandedOver::Kept => 202,
        HandedOver::NotGranted => 403,
        HandedOver::Gone => 404,
        HandedOver::Invalid => 422,
    })
}
