//! What a till asks for, and the customer's answer.
//!
//! "Remember me at this store" is an act of consent and is written as one; so is "just this visit" by somebody whom the
//! store has remembered until then, and a yes that is taken back. Whoever is remembered already and leaves it at that has
//! made no new choice: no act is written, and the day on which it ends stays.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use chrono::{DateTime, TimeDelta, Utc};
use profile::{Author, Channel, ConsentAct, ConsentState, Profile, Purpose, consent::state_of};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::super::{Frame, PageError, Visitor, back::Back, texts::Texts};
use crate::{
    Error, accounts, customers,
    grants::{self, Request, Yes},
    sessions::Session,
    state::AppState,
    user_code,
};

/// How long a store remembers a customer after their yes.
const REMEMBERS: TimeDelta = TimeDelta::days(365);
/// Version of the wording on the page; the language follows it. A new wording is a new version.
const WORDING: &str = "phone-remember-1";

/// What is shown for each scope.
const SEEN: [(&str, &str); 5] = [
    ("profile", "scope-name"),
    ("email", "scope-email"),
    ("phone", "scope-phone"),
    ("customer", "scope-customer"),
    ("customers:read", "scope-customers-read"),
];

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: Frame<'a>,
    back: &'a Back,
    code: String,
    /// The sentence before the list of what the store will see.
    sees: String,
    scopes: Vec<&'static str>,
    /// None: there is no profile to remember.
    remember: Option<Remember>,
    email: &'a str,
}

struct Remember {
    text: String,
    /// The store remembers this customer, by an earlier yes that still holds.
    already: bool,
}

/// The customer's choice beside the yes.
pub(super) struct Decided {
    pub(super) remember: bool,
    /// The language that the wording was read in.
    pub(super) language: String,
}

pub(super) async fn page(
    state: &AppState,
    visitor: &Visitor,
    back: &Back,
    request: &Request,
    session: &Session,
) -> Result<Response, PageError> {
    let (brand, texts, now) = (state.brands.get(&request.brand), &visitor.texts, state.now());
    let allowed = accounts::allowed_scopes(state, &session.subject, &request.scopes.join(" ")).await?;
    let scopes = SEEN
        .into_iter()
        .filter(|(scope, _)| allowed.split_whitespace().any(|allowed| allowed == *scope))
        .map(|(_, text)| text)
        .collect();
    let remember = customers::profile(&state.db, &session.subject).await?.map(|profile| {
        let already = remembered_until(&profile, request, now);
        let until = already.unwrap_or(now + REMEMBERS);
        Remember {
            text: remembered_text(texts, "store-text", &request.store, until),
            already: already.is_some(),
        }
    });
    let page = ConsentPage {
        frame: visitor.frame(brand, Some(super::place(request)), "consent"),
        back,
        code: back.user_code().unwrap_or_default(),
        sees: texts.say_of("consent-sees", "store", &request.store),
        scopes,
        remember,
        email: &session.email,
    };
    visitor.show(StatusCode::OK, brand, None, &page)
}

/// A sentence about being remembered until a day.
pub(super) fn remembered_text(texts: &Texts, key: &str, store: &str, until: DateTime<Utc>) -> String {
    texts.with(key, [("store", store.into()), ("date", texts.date(until).into())])
}

/// Until when the store remembers the customer: their newest act about it is a yes that still holds.
fn remembered_until(profile: &Profile, request: &Request, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let here: Vec<ConsentAct> = profile
        .consents
        .iter()
        .filter(|act| act.store.as_deref() == Some(&request.store_id))
        .cloned()
        .collect();
    match state_of(&here, Purpose::RememberAtStore) {
        ConsentState::Given { since } => Some(since + REMEMBERS).filter(|until| *until > now),
        ConsentState::NeverAsked | ConsentState::Withdrawn { .. } => None,
    }
}

/// Writes the yes and what it means for being remembered; false when somebody decided before, or time was up.
pub(super) async fn write(
    state: &AppState,
    request: &Request,
    session: &Session,
    decided: &Decided,
) -> Result<bool, Error> {
    let now = state.now();
    let allowed = accounts::allowed_scopes(state, &session.subject, &request.scopes.join(" ")).await?;
    let check = user_code::match_check();
    let mut write = state.db.write().await?;
    let profile = customers::profile_within(&mut write, &session.subject).await?;
    let remember = decided.remember && profile.is_some();
    let already = profile.and_then(|profile| remembered_until(&profile, request, now));
    let scopes: Vec<&str> =
        allowed.split_whitespace().filter(|scope| remember || *scope != "offline_access").collect();
    let yes = Yes {
        subject: &session.subject,
        auth_time: session.auth_time,
        scopes: &scopes.join(" "),
        remember_until: remember.then(|| already.unwrap_or(now + REMEMBERS)),
        check: &check,
    };
    if !grants::approve(&mut write, request.id, &yes, now).await? {
        return Ok(false);
    }
    if remember != already.is_some() {
        record(&mut write, request, &session.subject, remember, &decided.language, now).await?;
    }
    if !remember && already.is_some() {
        grants::forget_at_store(&mut write, &session.subject, &request.store_id).await?;
    }
    write.commit().await?;
    Ok(true)
}

/// Takes the yes back: the store sees nothing of the customer any more, and does not remember them.
pub(super) async fn take_back(
    state: &AppState,
    request: &Request,
    session: &Session,
    language: &str,
) -> Result<(), Error> {
    let (now, subject) = (state.now(), session.subject.as_str());
    let mut write = state.db.write().await?;
    grants::take_back(&mut write, request.id, subject, &request.store_id).await?;
    customers::end_visits_by_phone(&mut write, subject, &request.store_id, now).await?;
    let profile = customers::profile_within(&mut write, subject).await?;
    if profile.is_some_and(|profile| remembered_until(&profile, request, now).is_some()) {
        record(&mut write, request, subject, false, language, now).await?;
    }
    write.commit().await?;
    Ok(())
}

async fn record(
    db: &mut SqliteConnection,
    request: &Request,
    subject: &str,
    given: bool,
    language: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let act = ConsentAct {
        id: Uuid::now_v7().to_string(),
        purpose: Purpose::RememberAtStore,
        given,
        at: now,
        by: Author::Customer,
        channel: Channel::Store,
        wording: format!("{WORDING}.{language}"),
        store: Some(request.store_id.clone()),
    };
    customers::record_consent(db, subject, &act).await
}
