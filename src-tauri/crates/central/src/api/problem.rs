//! What a client is told when a request fails: a problem document (RFC 9457).
//!
//! It says what was wrong with the request and never repeats what was in it.

use axum::{
    extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use profile::{Candidate, Preference};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::Error;

/// The media type of problem documents.
const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request failed.
#[derive(Debug)]
pub(crate) struct Problem(Box<Document>);

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
struct Document {
    /// The kind of problem: `about:blank` where the status says it all.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: &'static str,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Which parts of the request are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
    /// Which preferences somebody else has changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<Changed>,
    /// Whom somebody new may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Candidate>,
    /// The revision of the profile, where a client should know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    #[serde(skip)]
    header: Option<(HeaderName, HeaderValue)>,
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Document::schema()
    }
}

impl ToSchema for Problem {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Document::schemas(schemas);
    }
}

/// A part of a request that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Wrong {
    /// JSON Pointer (RFC 6901) into the document that was sent.
    pub(crate) pointer: String,
    /// What is expected there.
    pub(crate) detail: String,
}

/// A preference that somebody else has changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// Its group.
    pub(crate) group: String,
    /// Its key.
    pub(crate) key: String,
    /// What stands there now; none where it was removed.
    pub(crate) current: Option<Preference>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self(Box::new(Document {
            kind,
            title,
            status: status.as_u16(),
            detail: None,
            errors: Vec::new(),
            conflicts: Vec::new(),
            candidates: Vec::new(),
            revision: None,
            header: None,
        }))
    }

    /// A problem that the status says nearly all about.
    fn plain(status: StatusCode, detail: Option<&str>) -> Self {
        Self::new(status, "about:blank", status.canonical_reason().unwrap_or("Error")).with_detail(detail)
    }

    fn with_detail(mut self, detail: Option<&str>) -> Self {
        self.0.detail = detail.map(str::to_owned);
        self
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// 400: the request is not as described.
    pub(crate) fn bad_request(detail: &str) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, Some(detail))
    }

    /// 400: requests that may come twice carry a key.
    pub(crate) fn key_missing() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "https://example.org/countersign/problems/idempotency-key-missing",
            "An idempotency key is needed",
        )
        .with_detail(Some("the header Idempotency-Key must be 1 to 200 visible ASCII characters"))
    }

    /// 401: the challenge says what is wrong with the token (RFC 6750, section 3).
    pub(crate) fn unauthorized(detail: &str, challenge: &'static str) -> Self {
        Self::plain(StatusCode::UNAUTHORIZED, Some(detail))
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// 403: the token lacks a scope.
    pub(crate) fn scope(scope: &'static str) -> Self {
        let problem =
            Self::plain(StatusCode::FORBIDDEN, Some(&format!("the access token lacks the scope {scope}")));
        match HeaderValue::try_from(format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)) {
            Ok(challenge) => problem.with_header(header::WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        }
    }

    /// 403: only a till may do this.
    pub(crate) fn not_a_till() -> Self {
        let detail = "a visit is at a till, and the access token was given to none";
        Self::plain(StatusCode::FORBIDDEN, Some(detail))
    }

    /// 403: the customer did not agree to leave this at the store.
    pub(crate) fn not_left() -> Self {
        let detail = "the customer does not leave their preferences at the store";
        Self::plain(StatusCode::FORBIDDEN, Some(detail))
    }

    /// 404: not there, or not for this token.
    pub(crate) fn not_found(detail: &str) -> Self {
        Self::plain(StatusCode::NOT_FOUND, Some(detail))
    }

    /// 405.
    pub(crate) fn method() -> Self {
        Self::plain(StatusCode::METHOD_NOT_ALLOWED, None)
    }

    /// 409: somebody new may be one of these; none where the id is taken.
    pub(crate) fn candidates(candidates: Vec<Candidate>) -> Self {
        let mut problem = Self::new(
            StatusCode::CONFLICT,
            "https://example.org/countersign/problems/known-already",
            "They may be known already",
        );
        problem.0.candidates = candidates;
        problem
    }

    /// 409: the till's audit trail is not the one that is here.
    pub(crate) fn other_trail() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "https://example.org/countersign/problems/other-trail",
            "This is not the trail that is here",
        )
        .with_detail(Some("send all of it under another name"))
    }

    /// 410: they were here, and are erased.
    pub(crate) fn erased() -> Self {
        Self::plain(StatusCode::GONE, Some("the customer is erased"))
    }

    /// 410: the client's place in the feed is not one that this service has given.
    pub(crate) fn feed_restarted() -> Self {
        Self::new(
            StatusCode::GONE,
            "https://example.org/countersign/problems/feed-restarted",
            "The feed has started anew",
        )
        .with_detail(Some("read every customer anew, and the feed from 0"))
    }

    /// 412: somebody else has changed the same preferences.
    pub(crate) fn conflict(conflicts: Vec<Changed>, revision: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::PRECONDITION_FAILED,
            "https://example.org/countersign/problems/conflict",
            "Somebody else has changed the same preferences",
        );
        problem.0.conflicts = conflicts;
        problem.0.revision = Some(revision);
        problem
    }

    /// 412: the change was made on a revision that this service has never had.
    pub(crate) fn revision_unknown(revision: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::PRECONDITION_FAILED,
            "https://example.org/countersign/problems/revision-unknown",
            "The profile has never had this revision",
        )
        .with_detail(Some("read the profile anew"));
        problem.0.revision = Some(revision);
        problem
    }

    /// 415: a change of preferences is a merge patch.
    pub(crate) fn not_a_merge_patch() -> Self {
        Self::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, Some(&format!("{MERGE_PATCH} is expected")))
            .with_header(HeaderName::from_static("accept-patch"), HeaderValue::from_static(MERGE_PATCH))
    }

    /// 422: parts of the document cannot be accepted.
    pub(crate) fn invalid(errors: Vec<Wrong>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "https://example.org/countersign/problems/invalid",
            "The document cannot be accepted",
        );
        problem.0.errors = errors;
        problem
    }

    /// 422: the key was used for another request.
    pub(crate) fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "https://example.org/countersign/problems/idempotency-key-reused",
            "The idempotency key was used for another request",
        )
    }
}

/// The media type of a JSON Merge Patch (RFC 7396).
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the profile API could not answer");
        Self::plain(StatusCode::INTERNAL_SERVER_ERROR, None)
    }
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Self {
        Self::bad_request("the query is not as described")
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::bad_request("the address is not as described")
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::plain(rejection.status(), Some("the document is not as described"))
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::plain(rejection.status(), Some("the document could not be read"))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::json!(self.0).to_string();
        let mut answer = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if let Some((name, value)) = self.0.header {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}
