//! `/v1/me`: what a customer's token sees, and the preferences that it changes.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt, IfNoneMatch};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use profile::{ActivityPage, Author, Channel, PreferenceValue, Profile};
use serde::Deserialize;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, schema::Type},
};

use super::{
    problem::{Changed, Problem, Wrong},
    request::{ForCustomer, Query, base_revision, idempotency_key, is_merge_patch},
};
use crate::{
    Error,
    bearer::Bearer,
    customers::{self, Applied, Cursor, Patch, Source},
    state::AppState,
};

/// Activities on a page when the client does not say how many.
const PAGE: u32 = 20;
/// Most activities on a page.
const LARGEST_PAGE: u32 = 100;

const NO_CUSTOMER: &str = "the account has no profile of a customer";

/// The customer's own profile.
///
/// The ETag is the revision: with `If-None-Match` a profile that has not changed is not sent again.
#[utoipa::path(
    get,
    path = "/me",
    tag = "profile",
    security(("openid" = ["customer"])),
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of the copy at hand")),
    responses(
        (status = 200, description = "The profile", body = Profile, headers(
            ("ETag" = String, description = "The revision, in quotes")
        )),
        (status = 304, description = "The copy at hand is the newest"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The account has no profile",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let subject = &bearer.subject;
    if let Some(at_hand) = headers.typed_get::<IfNoneMatch>() {
        let revision =
            customers::revision(&state.db, subject).await?.ok_or_else(|| Problem::not_found(NO_CUSTOMER))?;
        let tag = etag(revision.cast_unsigned())?;
        if !at_hand.precondition_passes(&tag) {
            let mut answer = StatusCode::NOT_MODIFIED.into_response();
            answer.headers_mut().typed_insert(tag);
            return Ok(answer);
        }
    }
    let profile =
        customers::profile(&state.db, subject).await?.ok_or_else(|| Problem::not_found(NO_CUSTOMER))?;
    answer(&profile)
}

fn etag(revision: u64) -> Result<ETag, Error> {
    format!("\"{revision}\"").parse().map_err(|_| Error::Stored("customers.revision"))
}

pub(super) fn answer(profile: &Profile) -> Result<Response, Problem> {
    let mut answer = axum::Json(profile).into_response();
    answer.headers_mut().typed_insert(etag(profile.revision)?);
    Ok(answer)
}

/// Which page of activity.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityQuery {
    /// Where the page starts: `next` of the page before it. The first page has none.
    cursor: Option<String>,
    /// How many activities, 20 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// What the customer did, over all channels, newest first.
///
/// A cursor stays good while newer activities come in: none is told twice and none left out.
#[utoipa::path(
    get,
    path = "/me/activity",
    tag = "profile",
    security(("openid" = ["customer"])),
    params(ActivityQuery),
    responses(
        (status = 200, description = "A page", body = ActivityPage),
        (status = 400, description = "The cursor is not one that was given, or the limit is not 1 to 100",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope",
            body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn activity(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
    Query(query): Query<ActivityQuery>,
) -> Result<axum::Json<ActivityPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Problem::bad_request("the limit must be 1 to 100"));
    }
    let after = query
        .cursor
        .map(|cursor| {
            read_cursor(&cursor).ok_or_else(|| Problem::bad_request("the cursor is not one that was given"))
        })
        .transpose()?;
    let (items, next) = customers::activity(&state.db, &bearer.subject, after.as_ref(), limit).await?;
    Ok(axum::Json(ActivityPage { items, next: next.as_ref().map(write_cursor) }))
}

fn write_cursor(cursor: &Cursor) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", cursor.at.timestamp_millis(), cursor.id))
}

fn read_cursor(cursor: &str) -> Option<Cursor> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (at, id) = text.split_once(' ')?;
    Some(Cursor { at: DateTime::from_timestamp_millis(at.parse().ok()?)?, id: id.to_owned() })
}

/// Describes the document of a change; it is read member by member, so that each wrong one is named.
pub(super) enum PreferencesPatch {}

impl PartialSchema for PreferencesPatch {
    fn schema() -> RefOr<Schema> {
        let null = || ObjectBuilder::new().schema_type(Type::Null);
        let value = OneOfBuilder::new().item(null()).item(Ref::from_schema_name(PreferenceValue::name()));
        let group = ObjectBuilder::new().additional_properties(Some(Schema::from(value)));
        let group = OneOfBuilder::new().item(null()).item(group);
        ObjectBuilder::new()
            .additional_properties(Some(Schema::from(group)))
            .description(Some(
                "Groups of preferences to set. Null removes a preference, or a group with all that is in it \
                 (RFC 7396).",
            ))
            .into()
    }
}

impl ToSchema for PreferencesPatch {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((PreferenceValue::name().into_owned(), PreferenceValue::schema()));
    }
}

/// Changes preferences.
///
/// The answer is the whole profile as it is now. The same request under the same `Idempotency-Key` is applied once.
/// With `If-Match` the change is refused where somebody else has changed the same preferences since that revision;
/// changes of different preferences merge.
#[utoipa::path(
    patch,
    path = "/me/preferences",
    tag = "profile",
    security(("openid" = ["customer"])),
    params(
        ("Idempotency-Key" = String, Header, description = "The same for the same change, however often it is sent"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the profile that the change was made on"),
    ),
    request_body(content = PreferencesPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The profile after the change", body = Profile, headers(
            ("ETag" = String, description = "The revision, in quotes")
        )),
        (status = 400, description = "The document is no JSON, or a header is missing or wrong",
            body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The token is missing, unknown, expired or revoked",
            body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope",
            body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The account has no profile",
            body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody else has changed the same preferences: `conflicts` names them. Or the \
            profile has never had the revision: it is to be read anew",
            body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The document is larger than 64 KiB",
            body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The content is not a merge patch",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A preference cannot have the value (`errors` points at it), or the \
            idempotency key was used for another request", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change_preferences(
    State(state): State<AppState>,
    ForCustomer(bearer): ForCustomer,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let whose = Whose { client_id: &bearer.client_id, subject: &bearer.subject, source: source(&bearer) };
    answer(&change(&state, &whose, &headers, &body?).await?)
}

/// Whose preferences are changed, and by whom.
pub(super) struct Whose<'a> {
    pub(super) client_id: &'a str,
    pub(super) subject: &'a str,
    pub(super) source: Source,
}

/// Carries out a request for a change.
pub(super) async fn change(
    state: &AppState,
    whose: &Whose<'_>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Profile, Problem> {
    if !is_merge_patch(headers) {
        return Err(Problem::not_a_merge_patch());
    }
    let key = idempotency_key(headers)?;
    let base = base_revision(headers)?;
    let document: serde_json::Value =
        serde_json::from_slice(body).map_err(|_| Problem::bad_request("the document is no JSON"))?;
    let patch = Patch::parse(&document).map_err(|error| {
        Problem::invalid(vec![Wrong { pointer: error.pointer().to_owned(), detail: error.to_string() }])
    })?;
    let key = customers::change_key(whose.client_id, whose.subject, key, &document);
    match customers::patch_preferences(&state.db, &key, &patch, base, whose.source, state.now()).await? {
        Applied::Profile(profile) => Ok(*profile),
        Applied::Conflicts { conflicts, revision } => {
            let conflicts = conflicts
                .into_iter()
                .map(|conflict| Changed {
                    group: conflict.group,
                    key: conflict.key,
                    current: conflict.current,
                })
                .collect();
            Err(Problem::conflict(conflicts, revision))
        }
        Applied::Unknown { revision } => Err(Problem::revision_unknown(revision)),
        Applied::TooMany => Err(Problem::invalid(vec![Wrong {
            pointer: String::new(),
            detail: "a customer has at most 200 preferences".to_owned(),
        }])),
        Applied::KeyReused => Err(Problem::key_reused()),
        Applied::NoCustomer => Err(Problem::not_found(NO_CUSTOMER)),
    }
}

/// At a till an associate types; elsewhere the customer does.
fn source(bearer: &Bearer) -> Source {
    let (channel, by) = if bearer.store.is_some() {
        (Channel::Store, Author::Associate)
    } else {
        (Channel::Web, Author::Customer)
    };
    Source { channel, by }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_nothing_to_a_client_and_is_read_back_as_it_was() {
        let cursor =
            Cursor { at: DateTime::from_timestamp_millis(1_753_000_000_123).unwrap(), id: "a b".to_owned() };
        assert_eq!(read_cursor(&write_cursor(&cursor)), Some(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for wrong in ["", "%", "bm90IGEgY3Vyc29y", "OTk5OTk5OTk5OTk5OTk5OTk5IGE"] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
