//! Codes, polls, checks.

use std::sync::Arc;

use signin::{PollAnswer, Provider, SignedIn, Tokens};
use tokio::time::{Duration, sleep};

use super::{Shared, centre::failure, lock, session::Session};
use crate::{
    machine::{Code, Event, Polled, Verified},
    state::{AttemptId, Doubt, Failure},
};

/// When a revocation that was not answered is tried again.
const REVOKE_AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(6)];

impl Shared {
    pub(crate) fn request_code(self: &Arc<Self>, attempt: AttemptId) {
        let (shared, session) = (Arc::clone(self), self.session(attempt));
        self.spawn_for(&Arc::clone(&session), async move {
            let event = match shared.code_for(&session).await {
                Ok(code) => Event::CodeReceived { attempt, code },
                Err(error) => {
                    tracing::warn!(%error, "no code");
                    Event::CodeFailed { attempt, why: failure(&error) }
                }
            };
            shared.tell(event);
        });
    }

    async fn code_for(&self, session: &Session) -> Result<Code, signin::Error> {
        let provider = self.provider().await?;
        let answer = provider.request_code().await;
        self.heard(&answer);
        let code = answer?;
        let shown = Code {
            user_code: code.user_code.clone(),
            verification_uri: code.verification_uri.clone(),
            complete: code.verification_uri_complete.clone(),
            expires_in: code.expires_in,
            interval: code.interval,
            holds: provider.holds_token_requests(),
        };
        lock(&session.secrets).code = Some(code);
        Ok(shown)
    }

    /// Asks once. A request that is on its way when the sign-in ends is heard out, and for one purpose alone: should
    /// its answer be tokens, they are revoked. None is sent after it.
    pub(crate) fn poll(self: &Arc<Self>, attempt: AttemptId) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let shared = Arc::clone(self);
        self.spawn(async move {
            let code = lock(&session.secrets).code.clone();
            let (Ok(provider), Some(code)) = (shared.provider().await, code) else {
                let jitter = shared.jitter();
                return shared.tell(Event::Polled { attempt, answer: Polled::NoAnswer, jitter });
            };
            let answer = provider.poll(&code).await;
            shared.reached(!matches!(answer, PollAnswer::NoAnswer));
            let answer = match answer {
                PollAnswer::Pending { scanned } => Polled::Pending { scanned },
                PollAnswer::SlowDown { interval } => Polled::SlowDown { interval },
                PollAnswer::Denied { .. } => Polled::Denied,
                PollAnswer::Expired => Polled::Expired,
                PollAnswer::NoAnswer => Polled::NoAnswer,
                PollAnswer::Refused => Polled::Refused,
                PollAnswer::Granted(tokens) => match keep(&session, tokens) {
                    None => Polled::Granted,
                    Some(late) => {
                        tracing::info!("a customer said yes after the end: the tokens are revoked");
                        let revoking = Arc::clone(&shared);
                        shared.spawn_work(async move { revoking.revoke(&provider, late).await });
                        return;
                    }
                },
            };
            shared.tell(Event::Polled { attempt, answer, jitter: shared.jitter() });
        });
    }

    pub(crate) fn verify(self: &Arc<Self>, attempt: AttemptId) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let shared = Arc::clone(self);
        self.spawn_for(&Arc::clone(&session), async move {
            let event = match shared.check(&session).await {
                Ok(SignedIn { customer, claims, check, remember_until, .. }) => {
                    let who = Verified { customer, name: claims.name, check, remember_until };
                    Event::Verified { attempt, who: Box::new(who) }
                }
                Err(why) => Event::NotVerified { attempt, why },
            };
            shared.tell(event);
        });
    }

    async fn check(&self, session: &Session) -> Result<SignedIn, Failure> {
        let tokens = lock(&session.secrets).tokens.clone().ok_or(Failure::NotTrusted(Doubt::Other))?;
        let provider = self.provider().await.map_err(|error| failure(&error))?;
        let checked = provider.verify(tokens).await;
        self.heard(&checked);
        checked.map_err(|error| failure(&error))
    }

    /// Revokes tokens and forgets them, whatever comes of it.
    pub(crate) async fn revoke(&self, provider: &Provider, tokens: Tokens) {
        let mut waits = REVOKE_AGAIN.into_iter();
        loop {
            let ended = provider.end(&tokens).await;
            self.reached(!ended.is_worth_another_try());
            match waits.next() {
                Some(wait) if ended.is_worth_another_try() => sleep(wait).await,
                _ if ended.has_failed() => {
                    tracing::warn!(?ended, "tokens were forgotten, but not revoked");
                    return self.tell(Event::NotRevoked);
                }
                _ => return,
            }
        }
    }
}

/// Keeps the tokens of a sign-in, or gives back those of one that has ended.
fn keep(session: &Session, tokens: Tokens) -> Option<Tokens> {
    let mut secrets = lock(&session.secrets);
    secrets.code = None;
    if secrets.ended {
        return Some(tokens);
    }
    secrets.tokens = Some(tokens);
    None
}
