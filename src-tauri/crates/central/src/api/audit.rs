//! `/v1/audit`: what a till sends of its audit trail.

use axum::extract::State;
use serde::Serialize;
use trail::AuditBatch;
use utoipa::ToSchema;

use super::{
    problem::{Problem, Wrong},
    request::{ForStore, Json},
};
use crate::{
    audit::{self, Received},
    state::AppState,
};

/// How much of a trail is here.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditKept {
    /// How many lines: the till goes on after these.
    lines: u64,
}

/// Takes over what a till sends of its audit trail.
///
/// Where `after` is not the number of lines that are here, nothing is taken over, and the answer tells that number. A line
/// that is broken at the till is kept as it is, and noted.
#[utoipa::path(
    post,
    path = "/audit",
    tag = "store",
    security(("openid" = ["store"])),
    request_body = AuditBatch,
    responses(
        (status = 200, description = "How much of the trail is here", body = AuditKept),
        (status = 400, description = "The document is no JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The trail of the till was cut, or is another one than the one that is here, which is \
            kept and noted as broken. The till sends all of its trail under another name",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn take(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Json(batch): Json<AuditBatch>,
) -> Result<axum::Json<AuditKept>, Problem> {
    match audit::receive(&state.db, &till.client_id, &batch, state.now()).await? {
        Received::Lines(lines) => Ok(axum::Json(AuditKept { lines })),
        Received::Differs => Err(Problem::other_trail()),
        Received::TooLarge => Err(Problem::invalid(vec![Wrong {
            pointer: "/lines".to_owned(),
            detail: "numbers below 2^63".to_owned(),
        }])),
    }
}
