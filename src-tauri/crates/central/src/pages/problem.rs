//! When a page cannot be shown: what the customer is told instead.

use askama::Template;
use axum::{
    extract::{
        Request, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Frame, html, texts::Texts};
use crate::{Error, state::AppState};

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageError {
    /// The form is from another site, another browser, or of somebody who has signed out since.
    Form,
    /// A web shop asked for what it may not.
    Request,
    /// The address has a query that no page of ours has.
    Query,
    /// There is no page at the address.
    Missing,
    /// The page could not be put together.
    Render(askama::Error),
    /// The database could not be asked.
    Failed(Error),
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<FormRejection> for PageError {
    fn from(_: FormRejection) -> Self {
        Self::Form
    }
}

impl From<QueryRejection> for PageError {
    fn from(_: QueryRejection) -> Self {
        Self::Query
    }
}

/// What [`show`] makes a page of.
#[derive(Clone, Copy)]
enum Problem {
    Form,
    Request,
    Address,
    Service,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, problem) = match self {
            Self::Form => (StatusCode::FORBIDDEN, Problem::Form),
            Self::Request => (StatusCode::BAD_REQUEST, Problem::Request),
            Self::Query => (StatusCode::BAD_REQUEST, Problem::Address),
            Self::Missing => (StatusCode::NOT_FOUND, Problem::Address),
            Self::Render(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be put together");
                (StatusCode::INTERNAL_SERVER_ERROR, Problem::Service)
            }
            Self::Failed(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be shown");
                (StatusCode::INTERNAL_SERVER_ERROR, Problem::Service)
            }
        };
        let mut answer = status.into_response();
        answer.extensions_mut().insert(problem);
        answer
    }
}

/// A page of few words: how a sign-in ended, or why it cannot go on.
#[derive(Template)]
#[template(path = "end.html")]
pub(super) struct EndPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) title: &'static str,
    pub(super) lead: String,
    /// What to do next; with a way to enter a code.
    pub(super) again: Option<&'static str>,
    /// Nothing to worry about.
    pub(super) calm: bool,
    /// Time ran out.
    pub(super) late: bool,
}

/// Puts a page where a handler has left a problem.
pub(super) async fn show(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let texts = Texts::wanted(request.headers());
    let answer = next.run(request).await;
    let Some(problem) = answer.extensions().get::<Problem>().copied() else { return answer };
    let (title, lead, again) = match problem {
        Problem::Form => ("problem-form-title", "problem-form-lead", None),
        Problem::Request => ("problem-request-title", "problem-request-lead", None),
        Problem::Address => ("problem-address-title", "problem-address-lead", Some("problem-address-again")),
        Problem::Service => ("problem-service-title", "problem-service-lead", None),
    };
    let brand = state.brands.plain();
    let page = EndPage {
        frame: Frame { texts: &texts, brand, place: None, page: "problem", form_token: String::new() },
        title,
        lead: texts.say(lead),
        again,
        calm: false,
        late: false,
    };
    html(answer.status(), brand, None, &page).unwrap_or(answer)
}
