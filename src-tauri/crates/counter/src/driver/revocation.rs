//! The end of a customer's access: at once, or as soon as the provider answers again. The tokens are forgotten here
//! whatever comes of it, and what could not be ended is said as it is.

use std::{sync::Arc, time::Duration};

use signin::{Ended, Provider, TokenEnd, Tokens};
use tokio::time::{sleep, timeout};
use uuid::Uuid;
use vault::{Revocable, Vault};

use super::Shared;
use crate::{
    machine::Event,
    state::{AccessLeft, AttemptId},
};

/// How long the provider has to answer before the tokens go into the queue. Shorter than the end of the program waits.
const AT_ONCE: Duration = Duration::from_secs(2);
/// When it is tried again where there is no queue.
const AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(6)];

impl Shared {
    /// Ends the access of a visit and says what is left of it.
    pub(crate) async fn end_access(&self, attempt: AttemptId, tokens: Tokens) {
        if let Some(left) = self.ended(tokens).await {
            self.tell(Event::AccessLeft { attempt, left });
        }
    }

    /// Ends the access of somebody whom nobody waits for.
    pub(crate) fn revoke_later(self: &Arc<Self>, tokens: Revocable) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let answered = match shared.provider().await {
                Ok(provider) => !revoke(&provider, &tokens).await.is_worth_another_try(),
                Err(_) => false,
            };
            if !answered && !shared.queue_revocation(&tokens).await {
                tracing::warn!("tokens that nobody needs any more were forgotten, but not revoked");
            }
        });
    }

    /// What is left of the access afterwards; none where nothing is.
    pub(crate) async fn ended(&self, tokens: Tokens) -> Option<AccessLeft> {
        if let Ok(Some(ended)) = timeout(AT_ONCE, self.tried(&tokens)).await {
            return left(&ended);
        }
        let Tokens { access_token, refresh_token, .. } = &tokens;
        let to_queue =
            Revocable { refresh_token: refresh_token.clone(), access_token: Some(access_token.clone()) };
        if self.queue_revocation(&to_queue).await {
            return Some(AccessLeft::Queued);
        }
        for wait in AGAIN {
            sleep(wait).await;
            if let Some(ended) = self.tried(&tokens).await {
                return left(&ended);
            }
        }
        Some(AccessLeft::NotRevoked)
    }

    /// What the provider has ended; none where it does not answer.
    async fn tried(&self, tokens: &Tokens) -> Option<Ended> {
        let ended = self.provider().await.ok()?.end(tokens).await;
        self.reached(!ended.is_worth_another_try());
        (!ended.is_worth_another_try()).then_some(ended)
    }

    /// Whether the tokens are kept until the provider answers.
    async fn queue_revocation(&self, tokens: &Revocable) -> bool {
        let Some(vault) = self.store.vault() else { return false };
        match vault.queue_revocation(tokens, self.now()).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "a revocation could not be queued");
                self.report(&error);
                false
            }
        }
    }

    /// Ends what waits to be ended, as far as the provider answers.
    pub(crate) fn revoke_queued(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Ok(_one_at_a_time) = shared.revoking.try_lock() else { return };
            let Some(vault) = shared.store.vault() else { return };
            if let Err(error) = shared.empty_queue(&vault).await {
                tracing::warn!(%error, "tokens that wait to be revoked could not be read or forgotten");
                shared.report(&error);
            }
        });
    }

    async fn empty_queue(&self, vault: &Vault) -> Result<(), vault::Error> {
        for id in vault.queued_revocations().await? {
            let Ok(provider) = self.provider().await else { break };
            if !self.is_over(vault, &provider, id).await? {
                break;
            }
            vault.revocation_is_over(id).await?;
        }
        Ok(())
    }

    async fn is_over(&self, vault: &Vault, provider: &Provider, id: Uuid) -> Result<bool, vault::Error> {
        let Some(tokens) = vault.revocable(id).await? else { return Ok(true) };
        let ended = revoke(provider, &tokens).await;
        let is_over = !ended.is_worth_another_try();
        self.reached(is_over);
        if is_over && ended.has_failed() {
            tracing::warn!("tokens that waited to be revoked were forgotten, but not revoked");
        }
        Ok(is_over)
    }
}

async fn revoke(provider: &Provider, tokens: &Revocable) -> Ended {
    let Revocable { refresh_token, access_token } = tokens.clone();
    match (access_token, refresh_token) {
        (Some(access_token), refresh_token) => {
            let tokens =
                Tokens { access_token, id_token: None, refresh_token, expires_in: None, bound: false };
            provider.end(&tokens).await
        }
        (None, refresh_token) => Ended {
            refresh_token: match refresh_token {
                Some(token) => provider.end_refresh_token(&token).await,
                None => TokenEnd::None,
            },
            access_token: TokenEnd::None,
            valid_for: None,
        },
    }
}

fn left(ended: &Ended) -> Option<AccessLeft> {
    if ended.is_complete() {
        return None;
    }
    tracing::info!(?ended, "access was forgotten here and goes on until its time is over");
    Some(if ended.has_failed() {
        AccessLeft::NotRevoked
    } else {
        AccessLeft::RunsOut { within: ended.valid_for }
    })
}
