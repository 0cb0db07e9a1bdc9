//! The code of a till: opening it, seeing what is asked, deciding, and taking a yes back (RFC 8628, section 3.3).

pub(super) mod consent;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Redirect, Response},
};
use profile::{RememberScope, RememberScopes};
use serde::Deserialize;

use super::{
    Form, Frame, PageError, Place, Query, Visitor,
    account::{self, Asker},
    back::Back,
    problem::EndPage,
};
use crate::{
    customers,
    grants::{self, Request, Stage},
    sessions::Session,
    state::AppState,
    user_code::UserCode,
};
use consent::Decided;

#[derive(Deserialize)]
pub(super) struct Opened {
    user_code: Option<String>,
    proof: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    form_token: String,
    #[serde(default)]
    user_code: String,
    proof: Option<String>,
    decision: Option<String>,
    remember: Option<String>,
    keep_contact: Option<String>,
    keep_preferences: Option<String>,
    keep_activity: Option<String>,
    keep_loyalty: Option<String>,
}

impl Answer {
    /// What the store may keep; none for "just this visit".
    fn remember(&self) -> Option<RememberScopes> {
        match self.remember.as_deref() {
            Some("store") => Some(RememberScopes::all()),
            Some("some") => Some(RememberScope::ALL.into_iter().filter(|scope| self.keeps(*scope)).collect()),
            _ => None,
        }
    }

    fn keeps(&self, scope: RememberScope) -> bool {
        match scope {
            RememberScope::Contact => self.keep_contact.is_some(),
            RememberScope::Preferences => self.keep_preferences.is_some(),
            RememberScope::Activity => self.keep_activity.is_some(),
            RememberScope::Loyalty => self.keep_loyalty.is_some(),
        }
    }
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    frame: Frame<'a>,
    typed: &'a str,
    /// A code was typed that there is not.
    unknown: bool,
    too_many: bool,
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage<'a> {
    frame: Frame<'a>,
    back: &'a Back,
    check: &'a str,
    until: String,
    /// The act that was made, or stands: its receipt has the same name.
    receipt: Option<String>,
}

/// What is known of a code.
pub(super) enum Found {
    /// A till asks with it.
    Request(Box<Request>),
    /// There is no such code, or not any more.
    Unknown,
    /// Too many were typed, in this browser or at this address.
    TooMany,
}

/// Looks a code up. One that was typed is counted as an attempt unless there is such a code (RFC 8628, section 5.1); one
/// that comes with its proof was not guessed, and is found however many wrong ones were typed in the same store.
pub(super) async fn find(
    state: &AppState,
    visitor: &Visitor,
    code: &UserCode,
    proof: Option<&str>,
) -> Result<Found, PageError> {
    let (limits, now) = (&state.limits, state.now());
    let (address, browser) = (visitor.browser.address.as_str(), visitor.browser.id());
    let is_typed = match proof {
        Some(proof) => !code.is_proven_by(proof, &state.scan_key)?,
        None => true,
    };
    if is_typed
        && (!limits.codes_by_address.take(address, now) || !limits.codes_by_browser.take(browser, now))
    {
        return Ok(Found::TooMany);
    }
    let Some(request) = grants::by_user_code(&state.db, code, now).await? else { return Ok(Found::Unknown) };
    if is_typed {
        limits.codes_by_address.give_back(address);
        limits.codes_by_browser.give_back(browser);
    }
    Ok(Found::Request(Box::new(request)))
}

pub(super) fn place(request: &Request) -> Place<'_> {
    Place { store: &request.store, till: &request.till }
}

/// Where somebody goes on who opens the address of a form.
pub(super) async fn to_code() -> Redirect {
    Redirect::to("/device")
}

pub(super) async fn open(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Opened>,
) -> Result<Response, PageError> {
    let typed = query.user_code.as_deref().unwrap_or_default().trim();
    if typed.is_empty() {
        return code_page(&state, &visitor, StatusCode::OK, "");
    }
    let Some(code) = UserCode::read(typed) else {
        return code_page(&state, &visitor, StatusCode::NOT_FOUND, typed);
    };
    let request = match find(&state, &visitor, &code, query.proof.as_deref()).await? {
        Found::Request(request) => request,
        Found::Unknown => return code_page(&state, &visitor, StatusCode::NOT_FOUND, typed),
        Found::TooMany => return code_page(&state, &visitor, StatusCode::TOO_MANY_REQUESTS, typed),
    };
    let session = visitor.browser.session(&state).await?;
    let proof = code.proof(&state.scan_key)?;
    let back = Back::Device(code, Some(proof));
    match request.stage {
        Stage::Pending { scanned } => {
            if !scanned && grants::mark_scanned(&state.db, request.id, state.now()).await? {
                state.waiting.wake(request.device_code);
            }
            match session {
                Some(session) => consent::page(&state, &visitor, &back, &request, &session).await,
                None => account::sign_in_page(&state, &visitor, &back, &Asker::Till(request), None),
            }
        }
        Stage::Approved | Stage::Exchanged => {
            match session.filter(|session| request.is_approved_by(&session.subject)) {
                Some(session) => done_page(&state, &visitor, &back, &request, &session).await,
                None => end_page(&state, &visitor, &request, &End::USED),
            }
        }
        Stage::Denied => {
            end_page(&state, &visitor, &request, if request.exchanged { &End::ENDED } else { &End::DENIED })
        }
        Stage::Expired => end_page(&state, &visitor, &request, &End::EXPIRED),
    }
}

pub(super) async fn decide(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Answer>,
) -> Result<Response, PageError> {
    visitor.check(&form.form_token)?;
    let code = UserCode::read(&form.user_code).ok_or(PageError::Form)?;
    let back = Back::Device(code.clone(), form.proof.clone());
    // What the page at the way back shows is the answer: also where somebody else was faster, or time was up.
    let Found::Request(request) = find(&state, &visitor, &code, form.proof.as_deref()).await? else {
        return visitor.send_to(&back.address());
    };
    let decided = match form.decision.as_deref() {
        Some("no") => grants::deny(&state.db, request.id, state.now()).await?,
        Some("yes") => {
            let Some(session) = visitor.browser.session(&state).await? else {
                return visitor.send_to(&back.address());
            };
            let decided = Decided { remember: form.remember(), language: visitor.texts.language() };
            consent::write(&state, &request, &session, &decided).await?
        }
        _ => return Err(PageError::Form),
    };
    if decided {
        state.waiting.wake(request.device_code);
    }
    visitor.send_to(&back.address())
}

/// "This was not me."
pub(super) async fn take_back(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Answer>,
) -> Result<Response, PageError> {
    visitor.check(&form.form_token)?;
    let code = UserCode::read(&form.user_code).ok_or(PageError::Form)?;
    let session = visitor.browser.session(&state).await?;
    let found = find(&state, &visitor, &code, form.proof.as_deref()).await?;
    if let (Found::Request(request), Some(session)) = (found, session)
        && request.is_approved_by(&session.subject)
    {
        consent::take_back(&state, &request, &session, &visitor.texts.language()).await?;
        state.waiting.wake(request.device_code);
    }
    visitor.send_to(&Back::Device(code, form.proof).address())
}

/// The page to type a code on; with a status that is not 200, after one that is wrong.
fn code_page(
    state: &AppState,
    visitor: &Visitor,
    status: StatusCode,
    typed: &str,
) -> Result<Response, PageError> {
    let brand = state.brands.plain();
    let unknown = status != StatusCode::OK;
    let page = CodePage {
        frame: visitor.frame(brand, None, if unknown { "wrong-code" } else { "code" }),
        typed,
        unknown,
        too_many: status == StatusCode::TOO_MANY_REQUESTS,
    };
    visitor.show(status, brand, None, &page)
}

async fn done_page(
    state: &AppState,
    visitor: &Visitor,
    back: &Back,
    request: &Request,
    session: &Session,
) -> Result<Response, PageError> {
    let (brand, texts) = (state.brands.get(&request.brand), &visitor.texts);
    let remember = consent::remembered(state, request, &session.subject).await?;
    let until = if customers::revision(&state.db, &session.subject).await?.is_none() {
        texts.say("done-staff")
    } else if let Some(remember) = &remember {
        consent::done_text(texts, &request.store, remember)
    } else {
        texts.say_of("done-visit", "store", &request.store)
    };
    let page = DonePage {
        frame: visitor.frame(brand, Some(place(request)), "done"),
        back,
        check: request.approved.as_ref().map_or("", |(_, check)| check),
        until,
        receipt: remember.and_then(|remember| remember.act),
    };
    visitor.show(StatusCode::OK, brand, None, &page)
}

/// How a code can have ended.
struct End {
    page: &'static str,
    title: &'static str,
    lead: &'static str,
    again: &'static str,
    calm: bool,
    late: bool,
}

impl End {
    const DENIED: Self = Self {
        page: "denied",
        title: "denied-title",
        lead: "denied-lead",
        again: "denied-again",
        calm: true,
        late: false,
    };
    const ENDED: Self =
        Self { title: "ended-title", lead: "ended-lead", again: "used-again", ..Self::DENIED };
    const EXPIRED: Self = Self {
        page: "expired",
        title: "expired-title",
        lead: "expired-lead",
        again: "expired-again",
        calm: true,
        late: true,
    };
    const USED: Self = Self {
        page: "used",
        title: "used-title",
        lead: "used-lead",
        again: "used-again",
        calm: false,
        late: false,
    };
}

fn end_page(
    state: &AppState,
    visitor: &Visitor,
    request: &Request,
    end: &End,
) -> Result<Response, PageError> {
    let brand = state.brands.get(&request.brand);
    let page = EndPage {
        frame: visitor.frame(brand, Some(place(request)), end.page),
        title: end.title,
        lead: visitor.texts.say_of(end.lead, "store", &request.store),
        again: Some(end.again),
        calm: end.calm,
        late: end.late,
    };
    visitor.show(StatusCode::OK, brand, None, &page)
}
