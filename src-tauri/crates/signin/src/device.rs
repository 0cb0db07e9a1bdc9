//! The device grant (RFC 8628): a code for the customer, and one look whether they have decided.
//!
//! `oauth2` has this grant, but it polls in a loop of its own, takes an answer for an error by its status, and fails
//! where a provider leaves out a time, writes it as a text or gives the address under both of its names. So the two
//! requests are made here; when to make them is the caller's business ([`crate::PollSchedule`]).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use openidconnect::PkceCodeChallenge;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use crate::{
    DeviceCode, Error, PollAnswer, Refusal, addresses, json,
    provider::Provider,
    requests::Endpoint,
    schedule,
    token_answer::{self, Said, seconds},
    transport::{Failure, ORDINARY, Reply},
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Where the provider does not say how long a code works.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);
/// A code works this long at most, whatever the provider allows: the longer, the better for whoever passes it on.
const LONGEST_LIFE: Duration = Duration::from_mins(10);
/// A code in letters is typed by people.
const LONGEST_USER_CODE: usize = 32;
/// A provider that holds a request until the interval is over still needs time to answer.
const HELD_MARGIN: Duration = Duration::from_secs(10);
/// Near its end a code may be dead already by the provider's clock.
const END_MARGIN: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Answer {
    device_code: SecretString,
    user_code: String,
    verification_uri: Option<Url>,
    /// The name of the draft, still used by Google.
    verification_url: Option<Url>,
    verification_uri_complete: Option<Url>,
    /// The same, where the other name is that of the draft.
    verification_url_complete: Option<Url>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<Duration>,
    #[serde(default, deserialize_with = "seconds")]
    interval: Option<Duration>,
}

/// RFC 8628, section 3.1.
pub(crate) async fn request_code(provider: &Provider, scope: &str) -> Result<DeviceCode, Error> {
    let metadata = provider.metadata();
    let mut form = vec![("scope", scope)];
    if let Some(audience) = &provider.config().audience {
        form.push(("audience", audience));
    }
    let pkce = metadata.pkce.then(PkceCodeChallenge::new_random_sha256);
    if let Some((challenge, _)) = &pkce {
        form.push(("code_challenge", challenge.as_str()));
        form.push(("code_challenge_method", challenge.method().as_str()));
    }
    let reply = provider
        .post(Endpoint::Device, &metadata.device_endpoint, &form, ORDINARY)
        .await
        .map_err(|_| Error::Unreachable)?;
    let verifier = pkce.map(|(_, verifier)| SecretString::from(verifier.into_secret()));
    read_code(provider, &reply, verifier, Instant::now())
}

fn read_code(
    provider: &Provider,
    reply: &Reply,
    pkce_verifier: Option<SecretString>,
    now: Instant,
) -> Result<DeviceCode, Error> {
    if !reply.status.is_success() {
        return Err(token_answer::refusal(reply, token_answer::read(reply, false)));
    }
    let Ok(answer) = json::read::<Answer>(&reply.body) else {
        return Err(match token_answer::read(reply, false) {
            said @ Said::Error(_) => token_answer::refusal(reply, said),
            Said::Tokens(_) | Said::Neither | Said::Nothing => {
                Error::Unexpected("a code that cannot be read")
            }
        });
    };
    let verification_uri = answer
        .verification_uri
        .or(answer.verification_url)
        .ok_or(Error::Unexpected("a code without a page to enter it"))?;
    let verification_uri_complete = answer.verification_uri_complete.or(answer.verification_url_complete);
    std::iter::once(&verification_uri)
        .chain(&verification_uri_complete)
        .try_for_each(|page| may_be_shown(provider, page))?;
    if answer.device_code.expose_secret().is_empty() || !can_be_typed(&answer.user_code) {
        return Err(Error::Unexpected("a code that nobody can enter"));
    }
    let longest = provider.departures().longest_code_life.unwrap_or(LONGEST_LIFE).min(LONGEST_LIFE);
    let expires_in = answer.expires_in.unwrap_or(DEFAULT_LIFE).clamp(Duration::from_secs(1), longest);
    let interval = schedule::bounded(answer.interval.unwrap_or(schedule::DEFAULT_INTERVAL));
    if answer.interval.is_some() && !schedule::is_possible(interval, expires_in) {
        return Err(Error::Refused(Refusal::IntervalTooLong));
    }
    Ok(DeviceCode {
        user_code: answer.user_code,
        verification_uri,
        verification_uri_complete,
        expires_in,
        interval,
        secret: answer.device_code,
        pkce_verifier,
        expires_at: now + expires_in,
        unanswered: Arc::new(AtomicBool::new(false)),
    })
}

fn may_be_shown(provider: &Provider, page: &Url) -> Result<(), Error> {
    let config = provider.config();
    let known = provider.departures().pages.iter().copied();
    addresses::page_of(
        &config.issuer,
        known.chain(config.verification_hosts.iter().map(String::as_str)),
        page,
    )
}

fn can_be_typed(code: &str) -> bool {
    (1..=LONGEST_USER_CODE).contains(&code.chars().count()) && !code.chars().any(char::is_control)
}

/// RFC 8628, section 3.4, once.
pub(crate) async fn poll(provider: &Provider, code: &DeviceCode) -> PollAnswer {
    let metadata = provider.metadata();
    let mut form = vec![("grant_type", GRANT), ("device_code", code.secret.expose_secret())];
    if let Some(verifier) = &code.pkce_verifier {
        form.push(("code_verifier", verifier.expose_secret()));
    }
    let limit = limit(metadata.holds_token_requests, code.interval);
    match provider.post(Endpoint::Token, &metadata.token_endpoint, &form, limit).await {
        Ok(reply) => judge(provider, &reply, code, Instant::now()),
        Err(Failure::NeverSent) => PollAnswer::NoAnswer,
        Err(Failure::NoAnswer) => lost(code),
    }
}

/// A provider that holds a request answers at the end of the interval at the latest.
fn limit(holds: bool, interval: Duration) -> Duration {
    if holds { ORDINARY.max(interval + HELD_MARGIN) } else { ORDINARY }
}

/// The request may have arrived, and its answer may have been the tokens.
fn lost(code: &DeviceCode) -> PollAnswer {
    code.unanswered.store(true, Ordering::Relaxed);
    PollAnswer::NoAnswer
}

fn judge(provider: &Provider, reply: &Reply, code: &DeviceCode, now: Instant) -> PollAnswer {
    let status = reply.status;
    let error = match token_answer::read(reply, provider.proves(Endpoint::Token)) {
        Said::Tokens(tokens) => return PollAnswer::Granted(tokens),
        Said::Error(error) => error,
        Said::Neither if status.is_client_error() && !reply.says_later() => {
            tracing::warn!(
                status = status.as_u16(),
                "the provider refuses to say whether the customer has decided"
            );
            return PollAnswer::Refused;
        }
        Said::Neither | Said::Nothing if status.is_client_error() => return PollAnswer::NoAnswer,
        Said::Neither | Said::Nothing => return lost(code),
    };
    match error.code.as_str() {
        "authorization_pending" => PollAnswer::Pending { scanned: error.scanned },
        "slow_down" => PollAnswer::SlowDown { interval: error.interval },
        // The word of Entra for the customer's own no.
        "authorization_declined" => PollAnswer::Denied { by_customer: true },
        "access_denied" => PollAnswer::Denied { by_customer: provider.departures().denial_is_the_customers },
        "expired_token" | "bad_verification_code" => PollAnswer::Expired,
        "invalid_grant" if is_dead(code, now) => PollAnswer::Expired,
        later if token_answer::is_later(later) => PollAnswer::NoAnswer,
        refusal => {
            tracing::warn!(status = status.as_u16(), refusal, "the provider refuses this till");
            PollAnswer::Refused
        }
    }
}

/// Whether an `invalid_grant` is explained by the code's end: its time is over, or it was used up by an answer that
/// got lost. Otherwise it is a matter of set-up.
fn is_dead(code: &DeviceCode, now: Instant) -> bool {
    code.unanswered.load(Ordering::Relaxed) || now + END_MARGIN >= code.expires_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_held_is_given_longer_than_the_interval() {
        for seconds in [1, 5, 30, 60] {
            let interval = Duration::from_secs(seconds);
            assert!(limit(true, interval) >= interval + HELD_MARGIN);
            assert!(limit(true, interval) >= ORDINARY);
            assert_eq!(limit(false, interval), ORDINARY);
        }
    }
}
