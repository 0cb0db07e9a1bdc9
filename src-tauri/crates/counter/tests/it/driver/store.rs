//! The half of the profile API that a till asks for itself: the store's customers, and what becomes of them.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{TimeDelta, Utc};
use profile::Profile;
use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};

use super::provider::{Held, Provider, SUBJECT};

/// Customers on a page.
const ON_A_PAGE: usize = 2;
/// How long a question is held; shorter than the till would wait.
const HELD: Duration = Duration::from_secs(3);

/// What the centre knows of the store.
#[derive(Debug, Default)]
pub(crate) struct Store(watch::Sender<Book>);

#[derive(Debug, Default)]
struct Book {
    customers: BTreeMap<String, Profile>,
    /// Whom a change was about, and what it was.
    changes: Vec<(String, &'static str)>,
    /// Changes before this one are not told any more.
    first: usize,
    confirmed: Vec<String>,
    /// After so many pages it has too much to do; none: never.
    pages: Option<usize>,
}

impl Provider {
    /// The store may remember somebody, who is this now.
    pub(crate) fn store_has(&self, profile: Profile) {
        self.shared.store.0.send_modify(|book| {
            book.changes.push((profile.subject.clone(), "changed"));
            book.customers.insert(profile.subject.clone(), profile);
        });
    }

    /// The store must not remember somebody any more.
    pub(crate) fn store_loses(&self, subject: &str, kind: &'static str) {
        self.shared.store.0.send_modify(|book| {
            book.customers.remove(subject);
            book.changes.push((subject.to_owned(), kind));
        });
    }

    /// Of what was before nothing is told any more.
    pub(crate) fn store_forgets_the_past(&self) {
        self.shared.store.0.send_modify(|book| {
            book.changes.push(("nobody".to_owned(), "left"));
            book.first = book.changes.len();
        });
    }

    /// Tells so many pages, and no more for now; none: as many as are asked for.
    pub(crate) fn store_tells(&self, pages: Option<usize>) {
        self.shared.store.0.send_modify(|book| book.pages = pages);
    }

    /// Waits until the till has said that somebody is erased there.
    pub(crate) async fn was_told_of_the_erasure_of(&self, subject: &str) {
        let mut book = self.shared.store.0.subscribe();
        let told = book.wait_for(|book| book.confirmed.iter().any(|confirmed| confirmed == subject));
        timeout(Duration::from_secs(20), told).await.unwrap().unwrap();
    }
}

fn document(profile: &Profile) -> Value {
    let until = Utc::now() + TimeDelta::days(30);
    let scopes = ["contact", "preferences", "activity", "loyalty"];
    json!({ "profile": profile, "scopes": scopes, "until": until, "act": "an-act" })
}

pub(crate) async fn page(
    State(shared): Held,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !shared.allows_till(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut is_busy = false;
    shared.store.0.send_if_modified(|book| {
        is_busy = book.pages == Some(0);
        book.pages = book.pages.map(|left| left.saturating_sub(1));
        false
    });
    if is_busy {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "title": "busy" }))).into_response();
    }
    let after = query.get("cursor").cloned().unwrap_or_default();
    shared.note(format!("page after {after:?}"));
    let book = shared.store.0.borrow();
    let rest: Vec<&Profile> = book.customers.range(after..).map(|(_, profile)| profile).collect();
    let items: Vec<Value> = rest.iter().take(ON_A_PAGE).map(|profile| document(profile)).collect();
    let next = rest.get(ON_A_PAGE).map(|profile| profile.subject.clone());
    let (feed, total) = (book.changes.len(), book.customers.len());
    Json(json!({ "items": items, "next": next, "feed": feed, "total": total })).into_response()
}

pub(crate) async fn changes(
    State(shared): Held,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if !shared.allows_till(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let since: usize = query["since"].parse().unwrap();
    shared.note(format!("changes since {since}"));
    let mut books = shared.store.0.subscribe();
    if since < books.borrow().first {
        return (StatusCode::GONE, Json(json!({ "title": "gone" }))).into_response();
    }
    drop(timeout(HELD, books.wait_for(|book| since < book.changes.len())).await);
    let book = shared.store.0.borrow();
    let items = book.changes[since..].iter().map(|(subject, kind)| {
        let remembered = book.customers.get(subject).filter(|_| *kind == "changed").map(document);
        match remembered {
            Some(remembered) => json!({ "subject": subject, "kind": "changed", "remembered": remembered }),
            None if *kind == "changed" => json!({ "subject": subject, "kind": "left" }),
            None => json!({ "subject": subject, "kind": kind }),
        }
    });
    Json(json!({ "items": items.collect::<Vec<_>>(), "next": book.changes.len() })).into_response()
}

pub(crate) async fn take_back(
    State(shared): Held,
    Path(subject): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    if !shared.allows_till(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    assert!(body["id"].is_string() && subject == SUBJECT);
    shared.note("withdrawal by the till");
    StatusCode::CREATED
}

pub(crate) async fn confirm(
    State(shared): Held,
    Path(subject): Path<String>,
    headers: HeaderMap,
) -> StatusCode {
    if !shared.allows_till(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    shared.store.0.send_modify(|book| book.confirmed.push(subject));
    StatusCode::NO_CONTENT
}
