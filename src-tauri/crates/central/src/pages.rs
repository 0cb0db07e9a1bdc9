//! The pages that a customer sees on their phone, and in a browser that a web shop sends here.
//!
//! A till shows a code; the phone opens it, the customer signs in or makes an account, reads what the store will see,
//! and says yes or no:
//!
//! ```text
//! /device?user_code=…  ->  sign-in | register  ->  consent  ->  done | denied
//!       |
//!       +-> wrong-code | expired | used | denied | done
//!
//! /agreements  ->  sign-in  ->  what they agreed to, with a receipt each, and one tap to end it
//! ```
//!
//! Everything is HTML from the server, in the phone's language, with one style sheet in the page itself. The pages must
//! never need a script, load anything, be shown in a frame, or take a form that did not come from one of them; and no
//! answer to a till changes but by a form that was sent here.

mod account;
mod agreements;
mod authorize;
mod back;
mod brand;
mod device;
mod problem;
mod style;
mod texts;

use std::convert::Infallible;

use askama::Template;
use axum::{
    Router,
    extract::{FromRequest, FromRequestParts},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) use brand::Brands;
pub(crate) use texts::languages;

use crate::{sessions::Browser, state::AppState};
use brand::Brand;
use problem::PageError;
use texts::Texts;

/// The routes of the pages.
pub(crate) fn router(state: &AppState) -> Router<AppState> {
    let always =
        |name: HeaderName, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route("/", get(device::to_code))
        .route("/device", get(device::open))
        .route("/device/decision", get(device::to_code).post(device::decide))
        .route("/device/take-back", get(device::to_code).post(device::take_back))
        .route("/agreements", get(agreements::list))
        .route("/agreements/take-back", get(agreements::list).post(agreements::take_back))
        .route("/receipts/{id}", get(agreements::receipt))
        .route("/receipts/{id}/receipt.json", get(agreements::document))
        .route("/sign-in", get(device::to_code).post(account::sign_in))
        .route("/register", get(account::registration).post(account::register))
        .route("/sign-out", get(device::to_code).post(account::sign_out))
        .route("/oauth/authorize", get(authorize::authorize).post(authorize::authorize))
        .fallback(async || PageError::Missing)
        .layer(middleware::from_fn_with_state(state.clone(), problem::show))
        // For browsers that do not know `frame-ancestors`.
        .layer(always(header::X_FRAME_OPTIONS, "DENY"))
        // The code is in the address: no other site may be told it.
        .layer(always(header::REFERRER_POLICY, "same-origin"))
}

/// A form of a page; one that cannot be read is as good as one from elsewhere.
#[derive(FromRequest)]
#[from_request(via(axum::Form), rejection(PageError))]
struct Form<T>(T);

/// The query of a page's address.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(PageError))]
struct Query<T>(T);

/// Whoever looks at a page: their browser and their language.
struct Visitor {
    browser: Browser,
    texts: Texts,
    /// The browser says that another site sent the request.
    from_elsewhere: bool,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let browser = Browser::from_request_parts(parts, state).await?;
        Ok(Self {
            browser,
            texts: Texts::wanted(&parts.headers),
            from_elsewhere: is_from_elsewhere(&parts.headers),
        })
    }
}

impl Visitor {
    /// Refuses a form that did not come from a page that this browser was shown (cross-site request forgery).
    fn check(&self, form_token: &str) -> Result<(), PageError> {
        if self.from_elsewhere || !self.browser.sent(form_token) { Err(PageError::Form) } else { Ok(()) }
    }

    fn frame<'a>(&'a self, brand: &'a Brand, place: Option<Place<'a>>, page: &'static str) -> Frame<'a> {
        Frame { texts: &self.texts, brand, place, page, form_token: self.browser.form_token() }
    }

    /// A page as an answer.
    fn show(
        &self,
        status: StatusCode,
        brand: &Brand,
        sends_to: Option<&str>,
        page: &impl Template,
    ) -> Result<Response, PageError> {
        Ok((self.browser.cookies(), html(status, brand, sends_to, page)?).into_response())
    }

    /// Sends the browser on with a GET.
    fn send_to(&self, address: &str) -> Result<Response, PageError> {
        let address = HeaderValue::from_str(address).map_err(|_| PageError::Request)?;
        Ok((StatusCode::SEE_OTHER, self.browser.cookies(), [(header::LOCATION, address)]).into_response())
    }
}

/// Fetch metadata, where the browser sends it; the token in the form is the guard that never lacks.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site.as_bytes() != b"same-origin" && site.as_bytes() != b"none")
}

/// What every page shows around its own part.
struct Frame<'a> {
    texts: &'a Texts,
    brand: &'a Brand,
    place: Option<Place<'a>>,
    /// Name of the page, for tests.
    page: &'static str,
    form_token: String,
}

/// The counter that asks.
#[derive(Clone, Copy)]
struct Place<'a> {
    store: &'a str,
    till: &'a str,
}

/// Renders a page. Its policy lets it do nothing but show itself and send its forms; `sends_to` is where a form may be
/// redirected to besides.
fn html(
    status: StatusCode,
    brand: &Brand,
    sends_to: Option<&str>,
    page: &impl Template,
) -> Result<Response, PageError> {
    let policy = format!(
        "default-src 'none'; style-src '{}'; img-src data:; form-action 'self'{}{}; frame-ancestors 'none'; base-uri 'none'",
        brand.style_hash,
        if sends_to.is_some() { " " } else { "" },
        sends_to.unwrap_or_default(),
    );
    let policy = HeaderValue::from_str(&policy).map_err(|_| PageError::Request)?;
    let page = page.render().map_err(PageError::Render)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::VARY, HeaderValue::from_static("Accept-Language")),
    ];
    Ok((status, headers, Html(page)).into_response())
}
