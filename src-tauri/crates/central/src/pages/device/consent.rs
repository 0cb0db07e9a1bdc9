//! What a till asks for, and the customer's answer.
//!
//! "Remember me here" covers everything; under "choose what" nothing is ticked beforehand, because a box that was ticked
//! for somebody is no consent of theirs (CJEU, C-673/17). Either is an act of consent and is written as one; so is "just
//! this visit" by somebody whom the store has remembered until then, and a yes that is taken back. Whoever is remembered
//! already is shown their own choice; who leaves it at that has made no new one: no act is written, and the day on which
//! it ends stays.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use profile::{
    Author, Channel, ConsentAct, Profile, Purpose, Remember, RememberScope, RememberScopes,
    remembering::{self, REMEMBERS},
};
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

/// Version of the wording on the page; the language follows it. A new wording is a new version.
const WORDING: &str = "phone-remember-2";

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
    /// What is asked, and the yes to it.
    title: &'static str,
    yes: &'static str,
    code: String,
    /// The sentence before the list of what the store will see.
    sees: String,
    scopes: Vec<&'static str>,
    /// None: there is no profile to remember.
    choice: Option<Choice>,
    email: &'a str,
}

/// How the customer can be remembered.
struct Choice {
    everything: String,
    /// The store remembers this customer by an earlier yes that still holds: to everything, or to some.
    all: bool,
    some: bool,
    parts: Vec<Part>,
    until: String,
}

/// A part of the profile, to be ticked.
struct Part {
    field: String,
    title: String,
    text: String,
    /// By the customer, in the yes that still holds.
    ticked: bool,
}

/// The customer's choice beside the yes.
pub(super) struct Decided {
    /// What the store may keep; none for "just this visit".
    pub(super) remember: Option<RememberScopes>,
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
    let choice = customers::profile(&state.db, &session.subject)
        .await?
        .map(|profile| choice(texts, request, standing(&profile, &request.store_id, now).as_ref(), now));
    let page = ConsentPage {
        frame: visitor.frame(brand, Some(super::place(request)), "consent"),
        back,
        title: if choice.is_some() { "consent-title" } else { "consent-title-staff" },
        yes: if choice.is_some() { "consent-yes" } else { "consent-yes-staff" },
        code: back.user_code().unwrap_or_default(),
        sees: texts.say_of("consent-sees", "store", &request.store),
        scopes,
        choice,
        email: &session.email,
    };
    visitor.show(StatusCode::OK, brand, None, &page)
}

fn choice(texts: &Texts, request: &Request, already: Option<&Remember>, now: DateTime<Utc>) -> Choice {
    let until = already.map_or(now + REMEMBERS, |already| already.until);
    let until = texts.date(until);
    let kept = already.map(|already| &already.scopes);
    let all = kept == Some(&RememberScopes::all());
    let parts = RememberScope::ALL.map(|scope| Part {
        field: format!("keep_{}", scope.word()),
        title: texts.say(&format!("keep-{}", scope.word())),
        text: texts.say(&format!("keep-{}-text", scope.word())),
        ticked: !all && kept.is_some_and(|kept| kept.has(scope)),
    });
    Choice {
        everything: texts
            .with("store-text", [("store", request.store.as_str().into()), ("date", until.as_str().into())]),
        all,
        some: !all && kept.is_some(),
        parts: parts.into(),
        until: texts.say_of("some-text", "date", &until),
    }
}

/// What the done page says to somebody who is remembered.
pub(super) fn done_text(texts: &Texts, store: &str, remember: &Remember) -> String {
    let (date, parts) = (texts.date(remember.until), parts(texts, &remember.scopes));
    texts.with("done-store", [("store", store.into()), ("date", date.into()), ("parts", parts.into())])
}

/// The parts that are kept, and the name that goes with them.
pub(in crate::pages) fn parts(texts: &Texts, scopes: &RememberScopes) -> String {
    let words = std::iter::once("name").chain(scopes.iter().map(RememberScope::word));
    texts.list(&words.map(|word| texts.say(&format!("part-{word}"))).collect::<Vec<_>>())
}

/// What the store may keep after this yes; none for "just this visit".
pub(super) async fn remembered(
    state: &AppState,
    request: &Request,
    subject: &str,
) -> Result<Option<Remember>, Error> {
    if request.remember_until.is_none() {
        return Ok(None);
    }
    let profile = customers::profile(&state.db, subject).await?;
    Ok(profile.and_then(|profile| standing(&profile, &request.store_id, state.now())))
}

/// What a store remembers the customer by: their newest act about it is a yes that still holds.
pub(in crate::pages) fn standing(profile: &Profile, store_id: &str, now: DateTime<Utc>) -> Option<Remember> {
    let yes = remembering::newest_at(&profile.consents, store_id).filter(|act| act.given)?;
    let until = yes.until.unwrap_or(yes.at + REMEMBERS);
    (now < until).then(|| Remember {
        until,
        scopes: yes.scopes.clone().unwrap_or_else(RememberScopes::all),
        act: Some(yes.id.clone()),
    })
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
    let remember = decided.remember.as_ref().filter(|_| profile.is_some());
    let already = profile.and_then(|profile| standing(&profile, &request.store_id, now));
    let stays = already.as_ref().filter(|already| remember == Some(&already.scopes));
    let until = remember.map(|_| stays.map_or(now + REMEMBERS, |already| already.until));
    let scopes: Vec<&str> =
        allowed.split_whitespace().filter(|scope| remember.is_some() || *scope != "offline_access").collect();
    let yes = Yes {
        subject: &session.subject,
        auth_time: session.auth_time,
        scopes: &scopes.join(" "),
        remember_until: until,
        check: &check,
    };
    if !grants::approve(&mut write, request.id, &yes, now).await? {
        return Ok(false);
    }
    match remember.zip(until) {
        Some(yes) if stays.is_none() => {
            record(&mut write, request, &session.subject, Some(yes), &decided.language, now).await?;
        }
        None if already.is_some() => {
            record(&mut write, request, &session.subject, None, &decided.language, now).await?;
            grants::forget_at_store(&mut write, &session.subject, &request.store_id).await?;
        }
        Some(_) | None => {}
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
    if profile.is_some_and(|profile| standing(&profile, &request.store_id, now).is_some()) {
        record(&mut write, request, subject, None, language, now).await?;
    }
    write.commit().await?;
    Ok(())
}

async fn record(
    db: &mut SqliteConnection,
    request: &Request,
    subject: &str,
    yes: Option<(&RememberScopes, DateTime<Utc>)>,
    language: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let act = ConsentAct {
        id: Uuid::now_v7().to_string(),
        purpose: Purpose::RememberAtStore,
        given: yes.is_some(),
        at: now,
        by: Author::Customer,
        channel: Channel::Store,
        wording: format!("{WORDING}.{language}"),
        store: Some(request.store_id.clone()),
        store_name: Some(request.store.clone()),
        till: Some(request.till.clone()),
        scopes: yes.map(|(scopes, _)| scopes.clone()),
        until: yes.map(|(_, until)| until),
    };
    customers::record_consent(db, subject, &act).await
}
