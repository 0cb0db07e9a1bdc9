//! What cannot be seen from outside the app: `signin` alone, step by step, and a customer's phone.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use harness::{
    LONG, Phone,
    records::{self, Behaviour},
};
use secrecy::ExposeSecret;
use signin::{
    AnswerKind, DeviceCode, Network, PollAnswer, PollSchedule, Provider, ProviderConfig, RefreshError,
    Tokens, http_client,
};
use tokio::time::Instant;
use url::Url;

use crate::{
    pages::{Decision, OTTOLINE},
    service::{CLIENT, Kind, Service},
};

/// A provider as a till finds it, beside a phone.
struct Counter {
    service: Service,
    provider: Provider,
    phone: Phone,
}

impl Counter {
    async fn with(kind: Kind) -> Result<Counter> {
        let service = Service::start(kind).await?;
        let provider = discover(&service).await?;
        Ok(Counter { service, provider, phone: Phone::start("en").await? })
    }

    /// The customer opens the page of a code and decides.
    async fn decide(&self, code: &DeviceCode, decision: Decision) -> Result<()> {
        let address = code.verification_uri_complete.as_ref().context("no complete address")?;
        self.service.decide(&self.phone, address.as_str(), &code.user_code, &OTTOLINE, decision).await
    }

    fn seen(&self, behaviour: Behaviour) -> Result<()> {
        records::seen(self.service.kind.name(), &[behaviour])
    }
}

async fn discover(service: &Service) -> Result<Provider> {
    let issuer = Url::parse(service.issuer())?;
    let http = Arc::new(http_client(&Network::new(&issuer))?);
    Ok(Provider::discover(ProviderConfig::new(issuer, CLIENT), http, Arc::new(chrono::Utc::now)).await?)
}

/// Asks when the schedule says so, until the answer is final.
async fn decision(provider: &Provider, code: &DeviceCode) -> Result<PollAnswer> {
    let now = std::time::Instant::now();
    let mut schedule =
        PollSchedule::new(code.interval, provider.holds_token_requests(), now + code.expires_in + LONG, now);
    while let Some(at) = schedule.next_at() {
        tokio::time::sleep_until(Instant::from_std(at)).await;
        schedule.sent(std::time::Instant::now());
        let kind = match provider.poll(code).await {
            PollAnswer::Pending { scanned } => AnswerKind::Pending { scanned },
            PollAnswer::SlowDown { interval } => AnswerKind::SlowDown { interval },
            PollAnswer::NoAnswer => AnswerKind::NoAnswer,
            last => return Ok(last),
        };
        schedule.answered(kind, std::time::Instant::now(), 0.5);
    }
    bail!("no final answer")
}

async fn granted(provider: &Provider, code: &DeviceCode) -> Result<Tokens> {
    match decision(provider, code).await? {
        PollAnswer::Granted(tokens) => Ok(tokens),
        other => bail!("no tokens after the yes: {other:?}"),
    }
}

/// One code from the first question to the end of its tokens.
async fn a_code_gives_tokens_once_and_they_end_with_the_visit(kind: Kind) -> Result<()> {
    let counter = Counter::with(kind).await?;
    let Counter { service, provider, .. } = &counter;
    counter.seen(Behaviour::Discovery)?;
    let code = provider.request_code().await?;
    counter.seen(Behaviour::DeviceCode)?;

    // Nobody has decided; and whoever asks at once and again gets the same answer, or is told to slow down.
    for _ in 0..3 {
        match provider.poll(&code).await {
            PollAnswer::Pending { .. } => counter.seen(Behaviour::Pending)?,
            PollAnswer::SlowDown { .. } => counter.seen(Behaviour::SlowDown)?,
            other => bail!("asked before anybody has decided: {other:?}"),
        }
    }
    counter.decide(&code, Decision::Yes).await?;
    counter.seen(Behaviour::VerificationPage)?;
    let tokens = granted(provider, &code).await?;
    counter.seen(Behaviour::Tokens)?;
    let signed_in = provider.verify(tokens).await?;
    assert_eq!(signed_in.customer.issuer, service.issuer());
    counter.seen(Behaviour::IdToken)?;

    let first = signed_in.tokens;
    assert!(service.knows(first.access_token.expose_secret()).await?, "the access token is not good");
    counter.seen(Behaviour::UserInfo)?;

    let mut last = first;
    if let Some(refresh_token) = last.refresh_token.clone() {
        let fresh = provider.refresh(&refresh_token).await?;
        assert_ne!(fresh.access_token.expose_secret(), last.access_token.expose_secret());
        assert!(service.knows(fresh.access_token.expose_secret()).await?, "the fresh token is not good");
        counter.seen(Behaviour::Refresh)?;
        last = fresh;
    }
    let ended = provider.end(&last).await;
    if service.kind.revokes_for_public_clients() {
        assert!(!service.knows(last.access_token.expose_secret()).await?, "the access token is still good");
        counter.seen(Behaviour::Revocation)?;
        if let Some(refresh_token) = &last.refresh_token {
            let refused = provider.refresh(refresh_token).await;
            assert!(matches!(refused, Err(RefreshError::Dead)), "an ended refresh token gives {refused:?}");
            counter.seen(Behaviour::RefreshRefused)?;
        }
    } else {
        assert!(service.knows(last.access_token.expose_secret()).await?, "it revokes, after all");
        assert!(ended.has_failed(), "it says that it has revoked: {ended:?}");
    }

    // Glewlwyd says of a used code that the customer has said no.
    let again = decision(provider, &code).await?;
    let is_over = matches!(again, PollAnswer::Expired | PollAnswer::Refused | PollAnswer::Denied { .. });
    assert!(is_over, "a used code gives {again:?}");
    counter.seen(Behaviour::UsedCode)
}

async fn a_no_is_told_as_a_no(kind: Kind) -> Result<()> {
    let counter = Counter::with(kind).await?;
    let code = counter.provider.request_code().await?;
    counter.decide(&code, Decision::No).await?;
    let answer = decision(&counter.provider, &code).await?;
    assert!(matches!(answer, PollAnswer::Denied { .. }), "{answer:?}");
    counter.seen(Behaviour::Denied)
}

async fn a_code_that_nobody_uses_runs_out(kind: Kind) -> Result<()> {
    let service = Service::start_with(kind, Duration::from_secs(4)).await?;
    let provider = discover(&service).await?;
    let code = provider.request_code().await?;
    assert!(code.expires_in <= Duration::from_secs(4), "{:?}", code.expires_in);
    let answer = decision(&provider, &code).await?;
    assert!(matches!(answer, PollAnswer::Expired), "{answer:?}");
    records::seen(kind.name(), &[Behaviour::Expired])
}

macro_rules! at {
    ($provider:ident, $kind:expr, $($behaviour:ident),+) => {
        mod $provider {
            use super::*;

            $(
                #[tokio::test]
                async fn $behaviour() -> Result<()> {
                    super::$behaviour($kind).await
                }
            )+
        }
    };
}

at!(
    node_oidc_provider,
    Kind::OidcProvider,
    a_code_gives_tokens_once_and_they_end_with_the_visit,
    a_no_is_told_as_a_no,
    a_code_that_nobody_uses_runs_out
);
at!(
    glewlwyd,
    Kind::Glewlwyd,
    a_code_gives_tokens_once_and_they_end_with_the_visit,
    a_code_that_nobody_uses_runs_out
);
at!(
    better_auth,
    Kind::BetterAuth,
    a_code_gives_tokens_once_and_they_end_with_the_visit,
    a_no_is_told_as_a_no,
    a_code_that_nobody_uses_runs_out
);
at!(central, Kind::Central, a_code_gives_tokens_once_and_they_end_with_the_visit, a_no_is_told_as_a_no);
