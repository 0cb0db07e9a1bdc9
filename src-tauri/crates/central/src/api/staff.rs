//! What an associate's token sees: customers found by what is known of them, and who has changed.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    problem::Problem,
    request::{Anybody, CUSTOMER, Query, STAFF},
};
use crate::{
    Error,
    bearer::Bearer,
    customers::{self, Change, Found},
    state::AppState,
};

/// Longest that a request for changes is held.
const LONGEST_WAIT: u32 = 30;

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words of name, e-mail address, phone or member number, or their beginnings, in any order.
    #[param(max_length = 200)]
    query: String,
}

/// The customers found.
#[derive(Serialize, ToSchema)]
pub(super) struct FoundCustomers {
    /// At most 20: who is not among them needs another word.
    items: Vec<Found>,
}

/// Finds customers. Only for tokens of staff.
#[utoipa::path(
    get,
    path = "/customers",
    tag = "staff",
    security(("openid" = ["customers:read"])),
    params(SearchQuery),
    responses(
        (status = 200, description = "The customers who have all these words", body = FoundCustomers),
        (status = 400, description = "The query is missing or longer than 200 characters",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token is not one of staff",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn search(
    State(state): State<AppState>,
    bearer: Bearer,
    Query(query): Query<SearchQuery>,
) -> Result<axum::Json<FoundCustomers>, Problem> {
    if !bearer.allows(STAFF) {
        return Err(Problem::scope(STAFF));
    }
    if query.query.chars().count() > 200 {
        return Err(Problem::bad_request("the query must have at most 200 characters"));
    }
    Ok(axum::Json(FoundCustomers { items: customers::search(&state.db, &query.query).await? }))
}

/// Where to go on in the feed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChangesQuery {
    /// `next` of the answer before; 0, the default, is the beginning.
    #[serde(default)]
    #[param(minimum = 0)]
    since: i64,
    /// For how many seconds the request may be held while there is nothing to tell.
    #[serde(default)]
    #[param(minimum = 0, maximum = 30)]
    wait: u32,
}

/// Lines of the feed.
#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    /// Oldest first, at most 500.
    items: Vec<Change>,
    /// What `since` is in the next request.
    #[schema(minimum = 0)]
    next: i64,
}

/// Who has changed or is erased, in the order in which it happened.
///
/// Tokens of staff see every customer, a customer's token sees that customer. A till's own token sees the customers of its
/// store: whoever has changed comes with what the store may know of them, whoever is not to be remembered there any more
/// is told as `left`, and everybody who is erased is told.
#[utoipa::path(
    get,
    path = "/changes",
    tag = "staff",
    security(("openid" = ["customers:read"]), ("openid" = ["customer"]), ("openid" = ["store"])),
    params(ChangesQuery),
    responses(
        (status = 200, description = "What has happened since", body = Changes),
        (status = 400, description = "The query is not as described",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks these scopes",
            body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The feed has never come as far as `since`: it has started anew",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn changes(
    State(state): State<AppState>,
    who: Anybody,
    Query(query): Query<ChangesQuery>,
) -> Result<axum::Json<Changes>, Problem> {
    let sees = match who {
        Anybody::Store(till) => Sees::Store(till.store.id),
        Anybody::Person(bearer) if bearer.allows(STAFF) => Sees::All,
        Anybody::Person(bearer) if bearer.allows(CUSTOMER) => Sees::One(bearer.subject),
        Anybody::Person(_) => return Err(Problem::scope(STAFF)),
    };
    if query.wait > LONGEST_WAIT {
        return Err(Problem::bad_request("wait must be 0 to 30 seconds"));
    }
    let mut since = query.since;
    if since > customers::newest_change(&state.db).await? {
        return Err(Problem::feed_restarted());
    }
    let mut recorded = state.db.changes();
    let is_over = tokio::time::sleep(Duration::from_secs(query.wait.into()));
    tokio::pin!(is_over);
    loop {
        let (items, next) = sees.changes(&state, since).await?;
        if !items.is_empty() {
            return Ok(axum::Json(Changes { items, next }));
        }
        since = next;
        let _holding = state.held.hold();
        tokio::select! {
            biased;
            () = &mut is_over => break,
            () = state.stopping() => break,
            changed = recorded.changed() => if changed.is_err() { break },
        }
    }
    Ok(axum::Json(Changes { items: Vec::new(), next: since }))
}

/// Whose lines somebody is told.
enum Sees {
    All,
    One(String),
    Store(String),
}

impl Sees {
    /// The lines, and where the feed goes on after them.
    async fn changes(&self, state: &AppState, since: i64) -> Result<(Vec<Change>, i64), Error> {
        let only = match self {
            Self::Store(store) => {
                return customers::changes_for_store(&state.db, store, since, state.now()).await;
            }
            Self::One(subject) => Some(subject.as_str()),
            Self::All => None,
        };
        let items = customers::changes_since(&state.db, since, only).await?;
        let next = items.last().map_or(since, |last| last.seq);
        Ok((items, next))
    }
}
