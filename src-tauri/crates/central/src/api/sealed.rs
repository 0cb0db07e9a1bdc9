//! `/v1/sealed-edits`: what a till has kept sealed because it has lost the key of everything else.

use axum::extract::State;
use chrono::{DateTime, Utc};
use profile::{Author, Channel, PreferenceEdit};
use sealing::{Sealed, Waiting, What};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    problem::Problem,
    request::{ForCustomer, ForStore, Json},
    store::{visit_content, visit_key},
};
use crate::{
    Error, clients,
    customers::{self, Applied, Counter, NotApplied, Opened, Patch, Source, TakenBack, ToKeep, Withdrawal},
    sealing::Granted,
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

/// An edit or a withdrawal that is sealed to this service.
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
    match &waiting.what {
        What::Edit { change, base } => apply_edit(state, waiting, &granted, change, *base).await,
        What::Visit { at } => note_visit(state, waiting, &granted, *at).await,
        What::Withdrawal { act } => take_back(state, waiting, &granted, act.as_deref()).await,
    }
}

/// As if the till had sent it with the customer's token. What it cannot do for the customer is kept for a person.
async fn apply_edit(
    state: &AppState,
    waiting: &Waiting,
    yes: &Granted,
    change: &PreferenceEdit,
    base: u64,
) -> Result<u16, Error> {
    let now = state.now();
    let (id, document) = (waiting.id.to_string(), change.merge_patch());
    let key = customers::change_key(&yes.client_id, &yes.subject, &id, &document);
    let not_applied = if yes.stands(&state.db, now).await? {
        match (Patch::parse(&document), i64::try_from(base)) {
            (Ok(patch), Ok(base)) => {
                let source = Source { channel: Channel::Store, by: Author::Associate };
                match customers::patch_preferences(&state.db, &key, &patch, Some(base), source, now).await? {
                    Applied::Profile(_) => return Ok(200),
                    Applied::NoCustomer => return Ok(404),
                    Applied::Conflicts { .. } | Applied::Unknown { .. } => NotApplied::ChangedSince,
                    Applied::TooMany | Applied::KeyReused => NotApplied::Invalid,
                }
            }
            _ => NotApplied::Invalid,
        }
    } else if customers::was_done(&state.db, &key).await? {
        return Ok(200);
    } else if customers::revision(&state.db, &yes.subject).await?.is_some() {
        NotApplied::YesIsOver
    } else {
        return Ok(404);
    };
    let edit = ToKeep {
        id: &id,
        client_id: &yes.client_id,
        subject: &yes.subject,
        change: &document.to_string(),
        made_at: waiting.made_at,
        why: not_applied,
    };
    customers::keep(&state.db, &edit, now).await?;
    tracing::warn!(
        till = yes.client_id,
        ?not_applied,
        "a sealed edit was not applied and waits for a decision"
    );
    Ok(202)
}

/// As if the till had sent it itself. Where the store may not remember the customer, nobody is there to have been seen.
async fn note_visit(
    state: &AppState,
    waiting: &Waiting,
    till: &Granted,
    at: DateTime<Utc>,
) -> Result<u16, Error> {
    let Some((store, _)) = clients::at_store(&state.db, &till.client_id).await? else { return Ok(403) };
    let (id, content, now) = (waiting.id.to_string(), visit_content(at), state.now());
    if customers::remembered(&state.db, &store.id, &till.subject, now).await?.is_none() {
        return Ok(404);
    }
    let key = visit_key(&till.client_id, &till.subject, &id, &content);
    Ok(match customers::note_visit(&state.db, &key, &store, at, now).await? {
        Opened::Visit(_) => 200,
        Opened::KeyReused => 422,
        Opened::NoCustomer => 404,
    })
}

/// A till can always take back: also under a yes that is over.
async fn take_back(
    state: &AppState,
    waiting: &Waiting,
    yes: &Granted,
    act: Option<&str>,
) -> Result<u16, Error> {
    let Some((store, till)) = clients::at_store(&state.db, &yes.client_id).await? else { return Ok(403) };
    let counter = Counter { store: &store, till: &till };
    let withdrawal = Withdrawal { id: waiting.id, act: act.map(str::to_owned), at: waiting.made_at };
    let taken = customers::take_back(&state.db, &yes.subject, &counter, &withdrawal, state.now()).await?;
    Ok(match taken {
        TakenBack::Act(_) => 200,
        TakenBack::IdReused => 422,
        TakenBack::NoCustomer => 404,
    })
}
