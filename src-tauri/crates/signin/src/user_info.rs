//! Who signed in, where the provider gives no ID token to this grant: asked of `UserInfo` (OpenID Connect Core 1.0,
//! section 5.3) with the access token that has just come from the provider over TLS. Nothing is signed for this till, so
//! it is weaker, and [`crate::SignedIn::evidence`] says so.

use profile::CustomerKey;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Claims, Distrust, Error, Tokens,
    id_token::{self, Checked},
    json,
    provider::Provider,
    token_answer,
};

#[derive(Deserialize)]
struct Answer {
    error: Option<Value>,
    sub: String,
    name: Option<Value>,
    given_name: Option<Value>,
    locale: Option<Value>,
}

pub(crate) async fn ask(provider: &Provider, tokens: &Tokens) -> Result<Checked, Error> {
    let endpoint = provider.metadata().user_info.as_ref().ok_or(Error::NotTrusted(Distrust::NoIdToken))?;
    let reply = provider
        .get_with_token(endpoint, &tokens.access_token, tokens.bound)
        .await
        .map_err(|_| Error::Unreachable)?;
    if !reply.status.is_success() {
        return Err(token_answer::refusal(&reply, token_answer::read(&reply, true)));
    }
    read(&reply.body, provider.metadata().issuer.as_str())
}

fn read(body: &[u8], issuer: &str) -> Result<Checked, Error> {
    let answer: Answer =
        json::read(body).map_err(|_| Error::Unexpected("a UserInfo answer that cannot be read"))?;
    if answer.error.is_some() {
        return Err(Error::Unexpected("an error in the place of claims"));
    }
    if !id_token::can_name_a_customer(&answer.sub) {
        return Err(Error::Unexpected("a UserInfo answer without a subject"));
    }
    Ok(Checked {
        customer: CustomerKey { issuer: issuer.to_owned(), subject: answer.sub },
        claims: Claims {
            name: text(answer.name),
            given_name: text(answer.given_name),
            locale: text(answer.locale),
            ..Claims::default()
        },
        check: None,
        remember: None,
        document: None,
    })
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
