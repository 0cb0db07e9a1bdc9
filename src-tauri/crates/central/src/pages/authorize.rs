//! The authorization endpoint for browsers (RFC 6749, section 4.1; OpenID Connect Core 1.0, section 3.1.2), with PKCE.
//!
//! Its clients are the retailer's own web shops and apps, so there is no page that asks for consent.

use axum::{
    extract::{RawForm, State},
    response::Response,
};
use chrono::DateTime;
use serde::Deserialize;
use url::Url;

use super::{
    PageError, Visitor,
    account::{self, Asker},
    back::Back,
};
use crate::{
    accounts,
    clients::{self, Client},
    sessions::Session,
    state::AppState,
    tokens::{self, CodeRequest},
};

#[derive(Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    #[serde(default)]
    code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
    #[serde(default)]
    prompt: String,
    max_age: Option<i64>,
}

/// A web shop that may be answered at the address that it asks with.
pub(super) struct Shop {
    pub(super) client: Client,
    /// Where it is, as a policy of pages names it.
    pub(super) origin: String,
}

impl Shop {
    /// Checks who asks, and where they want the answer. Until that is certain nobody is redirected.
    pub(super) async fn find(state: &AppState, query: &str) -> Result<Self, PageError> {
        Ok(read(state, query.as_bytes()).await?.0)
    }
}

async fn read(state: &AppState, query: &[u8]) -> Result<(Shop, Asked, Url), PageError> {
    let asked: Asked = serde_urlencoded::from_bytes(query).map_err(|_| PageError::Request)?;
    let client = clients::find(&state.db, &asked.client_id).await?.ok_or(PageError::Request)?;
    if !clients::allows_redirect(&state.db, &client.id, &asked.redirect_uri).await? {
        return Err(PageError::Request);
    }
    let redirect = Url::parse(&asked.redirect_uri).map_err(|_| PageError::Request)?;
    let origin = match redirect.origin() {
        origin @ url::Origin::Tuple(..) => origin.ascii_serialization(),
        url::Origin::Opaque(_) => format!("{}:", redirect.scheme()),
    };
    Ok((Shop { client, origin }, asked, redirect))
}

/// What is missing in a request, as OAuth names it.
fn mistake(asked: &Asked) -> Option<&'static str> {
    if asked.response_type != "code" {
        Some("unsupported_response_type")
    } else if asked.code_challenge_method != "S256" || asked.code_challenge.len() != 43 {
        // RFC 7636, section 4.2: the hash of the verifier, as base64url.
        Some("invalid_request")
    } else if !asked.scope.split_whitespace().any(|scope| scope == "openid") {
        Some("invalid_scope")
    } else {
        None
    }
}

pub(super) async fn authorize(
    State(state): State<AppState>,
    visitor: Visitor,
    RawForm(query): RawForm,
) -> Result<Response, PageError> {
    let (shop, asked, redirect) = read(&state, &query).await?;
    let answer = |pairs: &[(&str, &str)]| visitor.send_to(&answer(&state, redirect.clone(), &asked, pairs));
    if let Some(mistake) = mistake(&asked) {
        return answer(&[("error", mistake)]);
    }
    let prompts: Vec<&str> = asked.prompt.split_whitespace().collect();
    let session =
        visitor.browser.session(&state).await?.filter(|session| is_fresh(&state, session, &asked, &prompts));
    let Some(session) = session else {
        if prompts.contains(&"none") {
            return answer(&[("error", "login_required")]);
        }
        let back = Back::authorize(&String::from_utf8_lossy(&query));
        return account::sign_in_page(&state, &visitor, &back, &Asker::Shop(shop), None);
    };
    let scopes =
        accounts::allowed_scopes(&state, &session.subject, &shop.client.allowed(&asked.scope)).await?;
    let request = CodeRequest {
        client_id: &shop.client.id,
        subject: &session.subject,
        redirect_uri: &asked.redirect_uri,
        scopes: &scopes,
        code_challenge: &asked.code_challenge,
        nonce: asked.nonce.as_deref(),
        auth_time: session.auth_time,
    };
    let code = tokens::add_code(&state.db, &request, state.now()).await?;
    answer(&[("code", code.expose())])
}

fn is_fresh(state: &AppState, session: &Session, asked: &Asked, prompts: &[&str]) -> bool {
    let age = DateTime::from_timestamp(session.auth_time, 0).map(|then| (state.now() - then).num_seconds());
    let young = asked.max_age.is_none_or(|most| age.is_some_and(|age| age <= most));
    young && !prompts.iter().any(|prompt| matches!(*prompt, "login" | "select_account"))
}

/// The address with the answer; `iss` says whose it is (RFC 9207).
fn answer(state: &AppState, mut redirect: Url, asked: &Asked, pairs: &[(&str, &str)]) -> String {
    redirect
        .query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(asked.state.iter().map(|state| ("state", state)))
        .append_pair("iss", state.issuer());
    redirect.into()
}
