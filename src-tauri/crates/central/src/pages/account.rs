//! Signing in, making an account, signing out.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Form, Frame, PageError, Place, Query, Visitor,
    authorize::Shop,
    back::Back,
    brand::Brand,
    device::{self, Found},
};
use crate::{
    accounts::{self, SignInError},
    demo,
    grants::Stage,
    state::AppState,
};

#[derive(Deserialize)]
pub(super) struct WayBack {
    user_code: Option<String>,
    proof: Option<String>,
    request: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    form_token: String,
    user_code: Option<String>,
    proof: Option<String>,
    request: Option<String>,
    email: String,
    password: SecretString,
}

#[derive(Deserialize)]
pub(super) struct SignOut {
    #[serde(default)]
    form_token: String,
    user_code: Option<String>,
    proof: Option<String>,
    request: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame<'a>,
    back: &'a Back,
    lead: String,
    email: &'a str,
    problem: Option<&'static str>,
    /// How a demo customer signs in.
    demo: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage<'a> {
    frame: Frame<'a>,
    back: &'a Back,
    email: &'a str,
    problem: Option<&'static str>,
}

/// Who asks for the sign-in.
pub(super) enum Asker {
    /// A till.
    Till(Box<crate::grants::Request>),
    /// A web shop.
    Shop(Shop),
    /// The customer, to see what they agreed to.
    Own,
}

impl Asker {
    /// Finds out who asks. None: nobody waits for this sign-in any more, and the page at the way back says why.
    async fn find(state: &AppState, visitor: &Visitor, back: &Back) -> Result<Option<Self>, PageError> {
        match back {
            Back::Device(code, proof) => match device::find(state, visitor, code, proof.as_deref()).await? {
                Found::Request(request) if matches!(request.stage, Stage::Pending { .. }) => {
                    Ok(Some(Self::Till(request)))
                }
                _ => Ok(None),
            },
            Back::Authorize(query) => Ok(Some(Self::Shop(Shop::find(state, query).await?))),
            Back::Agreements => Ok(Some(Self::Own)),
        }
    }

    fn brand<'a>(&self, state: &'a AppState) -> &'a Brand {
        match self {
            Self::Till(request) => state.brands.get(&request.brand),
            Self::Shop(shop) => state.brands.get(&shop.client.brand),
            Self::Own => state.brands.plain(),
        }
    }

    fn place(&self) -> Option<Place<'_>> {
        match self {
            Self::Till(request) => Some(device::place(request)),
            Self::Shop(_) | Self::Own => None,
        }
    }

    /// Where forms may be redirected to.
    fn sends_to(&self) -> Option<&str> {
        match self {
            Self::Till(_) | Self::Own => None,
            Self::Shop(shop) => Some(&shop.origin),
        }
    }
}

/// The page to sign in on, with what went wrong before.
pub(super) fn sign_in_page(
    state: &AppState,
    visitor: &Visitor,
    back: &Back,
    asker: &Asker,
    wrong: Option<(&str, &'static str)>,
) -> Result<Response, PageError> {
    let brand = asker.brand(state);
    let lead = match asker {
        Asker::Till(request) => visitor.texts.say_of("sign-in-lead", "store", &request.store),
        Asker::Shop(shop) => visitor.texts.say_of("sign-in-lead-web", "client", &shop.client.name),
        Asker::Own => visitor.texts.say("sign-in-lead-own"),
    };
    let page = SignInPage {
        frame: visitor.frame(brand, asker.place(), "sign-in"),
        back,
        lead,
        email: wrong.map_or("", |(email, _)| email),
        problem: wrong.map(|(_, problem)| problem),
        demo: state.demo.then_some((demo::EMAIL, demo::PASSWORD)),
    };
    visitor.show(status(page.problem), brand, asker.sends_to(), &page)
}

fn register_page(
    state: &AppState,
    visitor: &Visitor,
    back: &Back,
    asker: &Asker,
    wrong: Option<(&str, &'static str)>,
) -> Result<Response, PageError> {
    let brand = asker.brand(state);
    let page = RegisterPage {
        frame: visitor.frame(brand, asker.place(), "register"),
        back,
        email: wrong.map_or("", |(email, _)| email),
        problem: wrong.map(|(_, problem)| problem),
    };
    visitor.show(status(page.problem), brand, asker.sends_to(), &page)
}

fn status(problem: Option<&str>) -> StatusCode {
    match problem {
        None => StatusCode::OK,
        Some(TOO_MANY) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

const TOO_MANY: &str = "sign-in-too-many";

/// The message for a failed attempt.
fn problem(error: SignInError) -> Result<&'static str, PageError> {
    match error {
        SignInError::Wrong => Ok("sign-in-wrong"),
        SignInError::Email => Ok("register-email-wrong"),
        SignInError::Password => Ok("register-password-wrong"),
        SignInError::TooMany => Ok(TOO_MANY),
        SignInError::Failed(error) => Err(error.into()),
    }
}

pub(super) async fn sign_in(
    State(state): State<AppState>,
    mut visitor: Visitor,
    Form(form): Form<Credentials>,
) -> Result<Response, PageError> {
    visitor.check(&form.form_token)?;
    let back = way_back(form.user_code.as_deref(), form.proof.as_deref(), form.request.as_deref())?;
    let Some(asker) = Asker::find(&state, &visitor, &back).await? else {
        return visitor.send_to(&back.address());
    };
    match accounts::sign_in(&state, &visitor.browser.address, &form.email, form.password).await {
        Ok(subject) => {
            visitor.browser.sign_in(&state, &subject).await?;
            visitor.send_to(&back.address())
        }
        Err(error) => sign_in_page(&state, &visitor, &back, &asker, Some((&form.email, problem(error)?))),
    }
}

pub(super) async fn registration(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<WayBack>,
) -> Result<Response, PageError> {
    let back = way_back(query.user_code.as_deref(), query.proof.as_deref(), query.request.as_deref())?;
    match Asker::find(&state, &visitor, &back).await? {
        Some(asker) => register_page(&state, &visitor, &back, &asker, None),
        None => visitor.send_to(&back.address()),
    }
}

pub(super) async fn register(
    State(state): State<AppState>,
    mut visitor: Visitor,
    Form(form): Form<Credentials>,
) -> Result<Response, PageError> {
    visitor.check(&form.form_token)?;
    let back = way_back(form.user_code.as_deref(), form.proof.as_deref(), form.request.as_deref())?;
    let Some(asker) = Asker::find(&state, &visitor, &back).await? else {
        return visitor.send_to(&back.address());
    };
    let (address, language) = (&visitor.browser.address, visitor.texts.language());
    match accounts::join(&state, address, &form.email, form.password, &language).await {
        Ok(subject) => {
            visitor.browser.sign_in(&state, &subject).await?;
            visitor.send_to(&back.address())
        }
        Err(error) => register_page(&state, &visitor, &back, &asker, Some((&form.email, problem(error)?))),
    }
}

pub(super) async fn sign_out(
    State(state): State<AppState>,
    mut visitor: Visitor,
    Form(form): Form<SignOut>,
) -> Result<Response, PageError> {
    visitor.check(&form.form_token)?;
    let back = way_back(form.user_code.as_deref(), form.proof.as_deref(), form.request.as_deref())?;
    visitor.browser.sign_out(&state).await?;
    visitor.send_to(&back.address())
}

fn way_back(user_code: Option<&str>, proof: Option<&str>, request: Option<&str>) -> Result<Back, PageError> {
    Back::read(user_code, proof, request).ok_or(PageError::Form)
}
