//! The end of a visit: what becomes of the customer's tokens at the provider, said as it is.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    Error, Refusal, Tokens, VisitEnd,
    provider::Provider,
    requests::Endpoint,
    token_answer::{self, Said},
    transport::ORDINARY,
};

/// What became of a customer's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The refresh token.
    pub refresh_token: TokenEnd,
    /// The access token.
    pub access_token: TokenEnd,
    /// How long an access token that still works may go on at most; none where none does, or nobody knows.
    pub valid_for: Option<Duration>,
}

impl Ended {
    /// Whether another try may still revoke something.
    pub fn is_worth_another_try(&self) -> bool {
        self.any(|why| *why == StillValid::Unreachable)
    }

    /// Whether nothing that works is left.
    pub fn is_complete(&self) -> bool {
        !self.any(|_| true)
    }

    /// Whether something could have been revoked, but was not.
    pub fn has_failed(&self) -> bool {
        self.any(|why| *why != StillValid::NotOffered)
    }

    fn any(&self, is: impl Fn(&StillValid) -> bool) -> bool {
        [&self.refresh_token, &self.access_token]
            .into_iter()
            .any(|end| matches!(end, TokenEnd::StillValid(why) if is(why)))
    }
}

/// What became of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenEnd {
    /// There was none.
    None,
    /// The provider says that it works no more.
    Revoked,
    /// It is forgotten here, but works until its time is over.
    StillValid(StillValid),
}

/// Why a token still works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StillValid {
    /// The provider revokes no such token.
    NotOffered,
    /// The provider was not reached: later it may be.
    Unreachable,
    /// The provider refuses, with this code.
    Refused(String),
}

/// Ends both tokens of a customer: the refresh token first, which is good for longer, then the access token, because not
/// every provider ends the one with the other.
pub(crate) async fn end(provider: &Provider, tokens: &Tokens) -> Ended {
    let refresh_token = match &tokens.refresh_token {
        Some(token) => end_refresh_token(provider, token).await,
        None => TokenEnd::None,
    };
    let access_token = end_access_token(provider, tokens, &refresh_token).await;
    let still_works = matches!(access_token, TokenEnd::StillValid(_));
    Ended { refresh_token, access_token, valid_for: tokens.expires_in.filter(|_| still_works) }
}

pub(crate) async fn end_refresh_token(provider: &Provider, token: &SecretString) -> TokenEnd {
    match way(provider) {
        Way::Revoke(endpoint) => revoke(provider, endpoint, token, "refresh_token").await,
        Way::LogOut(endpoint) => send(provider, endpoint, &[("refresh_token", token.expose_secret())]).await,
        Way::None => TokenEnd::StillValid(StillValid::NotOffered),
    }
}

async fn end_access_token(provider: &Provider, tokens: &Tokens, refresh_token: &TokenEnd) -> TokenEnd {
    match way(provider) {
        // The session that it belongs to is over; a service that does not ask the provider still takes it.
        Way::LogOut(_) | Way::None => TokenEnd::StillValid(StillValid::NotOffered),
        Way::Revoke(_) if !provider.departures().revokes_access_tokens => {
            TokenEnd::StillValid(StillValid::NotOffered)
        }
        // Nobody answers: one time-out is enough.
        Way::Revoke(_) if *refresh_token == TokenEnd::StillValid(StillValid::Unreachable) => {
            TokenEnd::StillValid(StillValid::Unreachable)
        }
        Way::Revoke(endpoint) => {
            match revoke(provider, endpoint, &tokens.access_token, "access_token").await {
                // It has ended with the refresh token (RFC 7009, section 2.1), which better-auth answers so.
                TokenEnd::StillValid(StillValid::Refused(code))
                    if code == "invalid_request" && *refresh_token == TokenEnd::Revoked =>
                {
                    TokenEnd::Revoked
                }
                end => end,
            }
        }
    }
}

enum Way<'a> {
    Revoke(&'a Url),
    LogOut(&'a Url),
    None,
}

/// The way that is wanted, as far as the provider has it.
fn way(provider: &Provider) -> Way<'_> {
    let metadata = provider.metadata();
    match (provider.visit_end(), &metadata.revocation_endpoint, &metadata.log_out_endpoint) {
        (VisitEnd::Revoke, Some(endpoint), _) => Way::Revoke(endpoint),
        (VisitEnd::LogOut, _, Some(endpoint)) => Way::LogOut(endpoint),
        (VisitEnd::Revoke | VisitEnd::LogOut | VisitEnd::Forget, _, _) => Way::None,
    }
}

/// RFC 7009.
async fn revoke(provider: &Provider, endpoint: &Url, token: &SecretString, hint: &str) -> TokenEnd {
    send(provider, endpoint, &[("token", token.expose_secret()), ("token_type_hint", hint)]).await
}

async fn send(provider: &Provider, endpoint: &Url, form: &[(&str, &str)]) -> TokenEnd {
    let Ok(reply) = provider.post(Endpoint::End, endpoint, form, ORDINARY).await else {
        return TokenEnd::StillValid(StillValid::Unreachable);
    };
    if reply.status.is_success() {
        return TokenEnd::Revoked;
    }
    let said = token_answer::read(&reply, true);
    if let Said::Error(error) = &said {
        match error.code.as_str() {
            // RFC 7009, section 2.2.1.
            "unsupported_token_type" => return TokenEnd::StillValid(StillValid::NotOffered),
            // Google and others say so of a token that has ended already.
            "invalid_token" | "invalid_grant" => return TokenEnd::Revoked,
            _ => {}
        }
    }
    TokenEnd::StillValid(match token_answer::refusal(&reply, said) {
        Error::Refused(Refusal::Code(code)) => StillValid::Refused(code),
        _ => StillValid::Unreachable,
    })
}
