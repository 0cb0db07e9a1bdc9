//! Codes, polls, checks.

use std::sync::Arc;

use signin::{DeviceCode, PollAnswer, Provider, SignedIn, Tokens};
use tokio::time::Instant;

use super::{Shared, centre::failure, lock, session::Session};
use crate::{
    machine::{Code, Event, Polled, Verified},
    state::{AttemptId, CodeId, Doubt, Failure, Proof},
};

impl Shared {
    pub(crate) fn request_code(self: &Arc<Self>, attempt: AttemptId, id: CodeId) {
        let (shared, session) = (Arc::clone(self), self.session(attempt));
        self.spawn_for(&Arc::clone(&session), async move {
            let event = match shared.code_for(&session, id).await {
                Ok(code) => Event::CodeReceived { attempt, id, code },
                Err(error) => {
                    tracing::warn!(%error, "no code");
                    Event::CodeFailed { attempt, id, why: failure(&error) }
                }
            };
            shared.tell(event);
        });
    }

    async fn code_for(&self, session: &Session, id: CodeId) -> Result<Code, signin::Error> {
        let provider = self.provider().await?;
        let began = Instant::now();
        let answer = provider.request_code().await;
        self.heard(&answer, began);
        let code = answer?;
        let shown = shown(&code, &provider);
        lock(&session.secrets).add_code(id, code);
        Ok(shown)
    }

    /// Asks once. A request that is on its way when the sign-in ends is heard out, and for one purpose alone: should
    /// its answer be tokens, they are revoked. None is sent after it.
    pub(crate) fn poll(self: &Arc<Self>, attempt: AttemptId, id: CodeId) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let shared = Arc::clone(self);
        self.spawn(async move {
            let provider = shared.provider().await;
            // Taken only now: the sign-in may have ended while the provider was discovered again.
            let code = lock(&session.secrets).code(id);
            let (Ok(provider), Some(code)) = (provider, code) else {
                let jitter = shared.jitter();
                let answer = Polled::NoAnswer;
                return shared.tell(Event::Polled { attempt, code: id, answer, jitter });
            };
            let answer = provider.poll(&code).await;
            shared.reached(!matches!(answer, PollAnswer::NoAnswer));
            let (answer, tokens) = polled(answer);
            if let Some(late) = tokens.and_then(|tokens| keep(&session, tokens)) {
                tracing::info!("a yes that nobody waits for any more: the tokens are revoked");
                let revoking = Arc::clone(&shared);
                shared.spawn_work(async move { revoking.end_access(attempt, late).await });
                return;
            }
            shared.tell(Event::Polled { attempt, code: id, answer, jitter: shared.jitter() });
        });
    }

    pub(crate) fn verify(self: &Arc<Self>, attempt: AttemptId) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let shared = Arc::clone(self);
        self.spawn_for(&Arc::clone(&session), async move {
            let event = match shared.check(&session).await {
                Ok(SignedIn { customer, claims, check, remember, document, .. }) => {
                    {
                        let mut secrets = lock(&session.secrets);
                        secrets.subject = Some(customer.subject.clone());
                        secrets.claims = document;
                        secrets.agreed.clone_from(&remember);
                    }
                    let proof = Proof::of(&claims);
                    let who = Verified { customer, name: claims.name, proof, check, remember };
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
        let began = Instant::now();
        let checked = provider.verify(tokens).await;
        self.heard(&checked, began);
        checked.map_err(|error| failure(&error))
    }
}

/// What of a code is shown.
pub(super) fn shown(code: &DeviceCode, provider: &Provider) -> Code {
    Code {
        user_code: code.user_code.clone(),
        verification_uri: code.verification_uri.clone(),
        complete: code.verification_uri_complete.clone(),
        expires_in: code.expires_in,
        interval: code.interval,
        holds: provider.holds_token_requests(),
    }
}

/// An answer as the machine hears it, and the tokens that it does not.
pub(super) fn polled(answer: PollAnswer) -> (Polled, Option<Tokens>) {
    let answer = match answer {
        PollAnswer::Granted(tokens) => return (Polled::Granted, Some(tokens)),
        PollAnswer::Pending { scanned } => Polled::Pending { scanned },
        PollAnswer::SlowDown { interval } => Polled::SlowDown { interval },
        PollAnswer::Denied { by_customer } => Polled::Denied { by_customer },
        PollAnswer::Expired => Polled::Expired,
        PollAnswer::NoAnswer => Polled::NoAnswer,
        PollAnswer::Refused => Polled::Refused,
    };
    (answer, None)
}

/// Keeps the tokens of a sign-in, or gives back those of one that has ended or has some already.
fn keep(session: &Session, tokens: Tokens) -> Option<Tokens> {
    let mut secrets = lock(&session.secrets);
    secrets.codes.clear();
    if secrets.ended || secrets.granted {
        return Some(tokens);
    }
    secrets.granted = true;
    secrets.tokens = Some(tokens);
    None
}
