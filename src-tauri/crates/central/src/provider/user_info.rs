//! User info (OpenID Connect Core 1.0, section 5.3).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};

use crate::{api::problem::Problem, bearer::Bearer, claims, state::AppState};

pub(super) async fn user_info(State(state): State<AppState>, bearer: Bearer) -> Result<Response, Problem> {
    if !bearer.allows("openid") {
        return Err(Problem::scope("openid"));
    }
    let claims = claims::user_info(&state, &bearer.subject, &bearer.scopes).await?;
    Ok(Json(claims).into_response())
}
