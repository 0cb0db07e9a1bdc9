//! `/v1/customers/{id}`: somebody new, entered by an associate while the customer stands beside them.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use profile::NewCustomer;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    problem::{Problem, Wrong},
    request::{ForStore, Json, Path},
};
use crate::{
    clients,
    customers::{self, Counter, Made, Remembered},
    state::AppState,
};

/// Somebody new.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewCustomerRequest {
    #[serde(flatten)]
    new: NewCustomer,
    /// Candidates of an answer before, by their ids, whom the customer was asked about and is not.
    #[serde(default)]
    somebody_else: Vec<String>,
}

/// Makes a customer whom the store may remember. Again with the same id it makes nobody.
///
/// Somebody who has the same e-mail address or phone number may be the same person: then nobody is made, and the answer
/// names these candidates as little as it takes to ask the customer. Whoever is one of them signs in with their own phone.
#[utoipa::path(
    put,
    path = "/customers/{id}",
    tag = "store",
    security(("openid" = ["store"])),
    params(("id" = Uuid, Path, description = "The customer: a random UUID, which becomes their subject")),
    request_body = NewCustomerRequest,
    responses(
        (status = 200, description = "The customer, as far as the store may know them", body = Remembered),
        (status = 400, description = "The document is no JSON, or the address is not as described",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of a till",
            body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "They may be somebody who is known already: `candidates` names them. Or the id is \
            somebody else's: then it names nobody", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "They were made, and are erased",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not JSON",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The document is not as described: `errors` points at what is wrong",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn make(
    State(state): State<AppState>,
    ForStore(till): ForStore,
    Path(id): Path<Uuid>,
    Json(request): Json<NewCustomerRequest>,
) -> Result<Response, Problem> {
    let NewCustomerRequest { new, somebody_else } = request;
    new.check().map_err(|wrong| {
        Problem::invalid(vec![Wrong { pointer: wrong.pointer().to_owned(), detail: wrong.to_string() }])
    })?;
    let name = clients::find(&state.db, &till.client_id).await?.map(|client| client.name);
    let counter = Counter { store: &till.store, till: name.as_deref().unwrap_or_default() };
    match customers::make(&state.db, id, &new, &somebody_else, &counter, state.now()).await? {
        Made::Customer(made) => Ok((StatusCode::OK, axum::Json(made)).into_response()),
        Made::Candidates(candidates) => Err(Problem::candidates(candidates)),
        Made::Erased => Err(Problem::erased()),
        Made::Taken => Err(Problem::candidates(Vec::new())),
    }
}
