//! The profile API under `/v1`.
//!
//! Handlers check who asks and what is asked, and hand the rest to [`crate::customers`]. A customer's token (scope
//! `customer`) sees that customer and nobody else; a till's own (scope `store`) those who agreed to be remembered at its
//! store; only a token of staff (scope `customers:read`) sees all there are. What a client is told when a request fails is a [`problem`] document.
//!
//! The OpenAPI document is made from the same lines as the routes. `assets/central.openapi.json` is a copy of it that a
//! test compares.

mod audit;
mod me;
mod new_customers;
pub(crate) mod problem;
mod request;
mod sealed;
mod staff;
mod store;
mod visits;
mod withdrawals;

use axum::{
    Router,
    http::{HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components,
        security::{OpenIdConnect, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;
use problem::Problem;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign profile API",
        description = "The one profile of a customer, what changes it, and who has changed. Errors are problem \
            documents (RFC 9457).",
        version = "1",
        license(name = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "profile", description = "The customer that the token speaks for"),
        (name = "visits", description = "A customer at a counter"),
        (name = "staff", description = "Customers as an associate finds them"),
        (name = "store", description = "Customers who agreed to be remembered at the store of the till that asks"),
    ),
    modifiers(&Provider),
)]
struct Document;

/// Tokens are those of the provider beside this API.
struct Provider;

impl Modify for Provider {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::OpenIdConnect(OpenIdConnect::with_description(
            "/.well-known/openid-configuration",
            "An access token of this provider. `customer`: the customer's own profile. `customers:read`: staff. \
             `store`: a till that asks for itself (client credentials).",
        ));
        document.components.get_or_insert_with(Components::new).add_security_scheme("openid", scheme);
    }
}

fn described() -> OpenApiRouter<AppState> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(me::read))
        .routes(routes!(me::activity))
        .routes(routes!(me::change_preferences))
        .routes(routes!(withdrawals::take_back))
        .routes(routes!(sealed::key))
        .routes(routes!(sealed::till_key))
        .routes(routes!(sealed::hand_over))
        .routes(routes!(visits::open))
        .routes(routes!(visits::end))
        .routes(routes!(staff::search))
        .routes(routes!(staff::changes))
        .routes(routes!(store::page))
        .routes(routes!(store::one))
        .routes(routes!(store::change_preferences))
        .routes(routes!(store::note_visit))
        .routes(routes!(withdrawals::take_back_by_till))
        .routes(routes!(new_customers::make))
        .routes(routes!(store::confirm_erasure))
        .routes(routes!(audit::take))
        .fallback(async || Problem::not_found("there is no such address"));
    OpenApiRouter::with_openapi(Document::openapi()).nest("/v1", v1)
}

/// The routes of the profile API.
pub(crate) fn router() -> Router<AppState> {
    // A copy may be kept by the client that holds the token, and asked for again; by nobody between.
    let private = SetResponseHeaderLayer::if_not_present(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    // The same address is another customer's profile with another token, also where the revision is the same.
    let by_token =
        SetResponseHeaderLayer::if_not_present(header::VARY, HeaderValue::from_name(header::AUTHORIZATION));
    let (routes, _) = described().split_for_parts();
    routes.method_not_allowed_fallback(async || Problem::method()).layer(private).layer(by_token)
}

/// The OpenAPI document of the profile API, as JSON.
pub fn openapi() -> String {
    let (_, document) = described().split_for_parts();
    // Nothing in it is of a kind that JSON lacks.
    document.to_pretty_json().unwrap_or_default()
}
