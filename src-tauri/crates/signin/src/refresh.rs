//! Refresh tokens (RFC 6749, section 6). One may be good once only, so a request that may have arrived is not sent again,
//! unless the provider documents that an old token works for a while.

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{
    RefreshError, Tokens,
    provider::Provider,
    requests::Endpoint,
    token_answer::{self, Said},
    transport::{Failure, ORDINARY, Reply},
};

pub(crate) async fn refresh(provider: &Provider, old: &SecretString) -> Result<Tokens, RefreshError> {
    let began = Instant::now();
    match once(provider, old).await {
        Err(RefreshError::NoAnswer { .. }) if may_try_again(provider, began) => {
            tracing::info!("a refresh was not answered: the provider lets the old token be used once more");
            match once(provider, old).await {
                // Both may have arrived.
                Err(RefreshError::NeverSent | RefreshError::NoAnswer { .. }) => {
                    Err(RefreshError::NoAnswer { retried: true })
                }
                second => second,
            }
        }
        first => first,
    }
}

fn may_try_again(provider: &Provider, began: Instant) -> bool {
    provider.departures().refresh_grace.is_some_and(|grace| began.elapsed() < grace)
}

async fn once(provider: &Provider, old: &SecretString) -> Result<Tokens, RefreshError> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", old.expose_secret())];
    let address = &provider.metadata().token_endpoint;
    let reply =
        provider.post(Endpoint::Token, address, &form, ORDINARY).await.map_err(|failure| match failure {
            Failure::NeverSent => RefreshError::NeverSent,
            Failure::NoAnswer => RefreshError::NoAnswer { retried: false },
        })?;
    judge(&reply, provider.proves(Endpoint::Token), old)
}

fn judge(reply: &Reply, proven: bool, old: &SecretString) -> Result<Tokens, RefreshError> {
    match token_answer::read(reply, proven) {
        Said::Tokens(tokens) => {
            Ok(Tokens { refresh_token: tokens.refresh_token.or_else(|| Some(old.clone())), ..tokens })
        }
        // In the words of the protocol, so it comes from the provider itself and no gateway before it: a request that was
        // turned away used up nothing.
        Said::Error(error)
            if reply.status == StatusCode::TOO_MANY_REQUESTS
                || matches!(error.code.as_str(), "slow_down" | "temporarily_unavailable") =>
        {
            Err(RefreshError::Later)
        }
        Said::Error(error) if reply.says_later() || token_answer::is_later(&error.code) => {
            Err(RefreshError::NoAnswer { retried: false })
        }
        Said::Error(error) => {
            tracing::warn!(code = error.code, "the provider refuses to refresh");
            // RFC 6749, section 5.2: the one code that speaks of the token. The others speak of the till.
            Err(if error.code == "invalid_grant" { RefreshError::Dead } else { RefreshError::Refused })
        }
        Said::Neither | Said::Nothing => Err(RefreshError::NoAnswer { retried: false }),
    }
}
