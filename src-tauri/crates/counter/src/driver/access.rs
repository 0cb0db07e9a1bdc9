//! Access tokens of remembered customers, from their refresh tokens. One refresh at a time for each customer; a rotated
//! refresh token is in the keyring before the old one is forgotten.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use signin::{RefreshError, Tokens};
use tokio::time::Instant;
use uuid::Uuid;
use vault::Vault;

use super::{Shared, lock};

/// Where the provider does not say how long an access token works.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);
/// A token that is about to end is not used any more.
const MARGIN: Duration = Duration::from_secs(30);

/// Why there is no access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAccess {
    /// A new sign-in of the customer helps, and nothing else.
    #[error("the customer must sign in again")]
    NoToken,
    /// Later it may work.
    #[error("no answer")]
    NoAnswer,
}

/// Access tokens by the customer's key in the vault.
#[derive(Default)]
pub(crate) struct AccessTokens(Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<Slot>>>>);

/// What there is of one customer.
#[derive(Default)]
pub(crate) struct Slot {
    token: Option<(SecretString, Instant)>,
    /// A rotated refresh token that the keyring has not taken yet.
    unsaved: Option<SecretString>,
}

impl AccessTokens {
    fn slot(&self, customer: Uuid) -> Arc<tokio::sync::Mutex<Slot>> {
        Arc::clone(lock(&self.0).entry(customer).or_default())
    }
}

impl Slot {
    fn keep(&mut self, tokens: &Tokens) {
        let life = tokens.expires_in.unwrap_or(DEFAULT_LIFE).saturating_sub(MARGIN);
        self.token = Some((tokens.access_token.clone(), Instant::now() + life));
    }
}

impl Shared {
    /// An access token of a remembered customer. A refresh that has begun is never dropped half-way: its answer may
    /// be the only good refresh token there is.
    pub(crate) async fn access(self: &Arc<Self>, customer: Uuid) -> Result<SecretString, NoAccess> {
        let shared = Arc::clone(self);
        let refreshed = self.ask(async move {
            let slot = shared.access.slot(customer);
            let mut slot = slot.lock().await;
            if let Some((token, until)) = &slot.token
                && Instant::now() < *until
            {
                return Some(Ok(token.clone()));
            }
            Some(shared.refresh(customer, &mut slot).await)
        });
        refreshed.await.ok().flatten().unwrap_or(Err(NoAccess::NoAnswer))
    }

    async fn refresh(&self, customer: Uuid, slot: &mut Slot) -> Result<SecretString, NoAccess> {
        slot.token = None;
        let vault = self.store.vault().ok_or(NoAccess::NoAnswer)?;
        let old = match slot.unsaved.clone() {
            Some(unsaved) => unsaved,
            None => match vault.refresh_token(customer).await {
                Ok(stored) => stored.ok_or(NoAccess::NoToken)?,
                Err(error) => {
                    tracing::warn!(%error, "a refresh token could not be read");
                    return Err(NoAccess::NoAnswer);
                }
            },
        };
        let provider = self.provider().await.map_err(|_| NoAccess::NoAnswer)?;
        match provider.refresh(&old).await {
            Ok(tokens) => {
                self.reached(true);
                if let Some(new) = &tokens.refresh_token
                    && (slot.unsaved.is_some() || new.expose_secret() != old.expose_secret())
                {
                    save(&vault, customer, new, slot).await;
                }
                slot.keep(&tokens);
                Ok(tokens.access_token)
            }
            Err(RefreshError::Dead) => {
                self.reached(true);
                slot.unsaved = None;
                if let Err(error) = vault.delete_refresh_token(customer).await {
                    tracing::warn!(%error, "a dead refresh token is still in the keyring");
                }
                Err(NoAccess::NoToken)
            }
            // A till that the provider does not serve today may be served tomorrow: the token stays.
            Err(RefreshError::Refused) => {
                self.reached(true);
                Err(NoAccess::NoAnswer)
            }
            // After `NoAnswer` the token may be used up. Trying it again is the only way to know: if it is, nothing is
            // lost by it that was not lost before, and if it is not, the queue can be sent.
            Err(RefreshError::NeverSent | RefreshError::NoAnswer { .. }) => {
                self.reached(false);
                Err(NoAccess::NoAnswer)
            }
        }
    }

    /// Takes over the tokens of a customer who has just been remembered. Gives them back where the refresh token is
    /// not in the keyring: they end with the visit then.
    pub(crate) async fn take_over(
        self: &Arc<Self>,
        vault: &Vault,
        customer: Uuid,
        tokens: Tokens,
    ) -> Option<Tokens> {
        let slot = self.access.slot(customer);
        let mut slot = slot.lock().await;
        slot.keep(&tokens);
        let Some(refresh_token) = &tokens.refresh_token else { return Some(tokens) };
        let former = match slot.unsaved.clone() {
            Some(unsaved) => Some(unsaved),
            None => vault.refresh_token(customer).await.ok().flatten(),
        };
        match vault.set_refresh_token(customer, refresh_token).await {
            Ok(()) => {
                slot.unsaved = None;
                // Nobody would ever end that one.
                if let Some(former) = former
                    && former.expose_secret() != refresh_token.expose_secret()
                {
                    self.revoke_later(former);
                }
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the refresh token is not kept");
                Some(tokens)
            }
        }
    }

    /// Lets the queue of a customer be sent with the access token of a visit.
    pub(crate) async fn lend(&self, customer: Uuid, tokens: &Tokens) {
        self.access.slot(customer).lock().await.keep(tokens);
    }

    /// Revokes a refresh token that nobody needs any more.
    pub(crate) fn revoke_later(self: &Arc<Self>, refresh_token: SecretString) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            match shared.provider().await {
                Ok(provider) => {
                    let ended = provider.end_refresh_token(&refresh_token).await;
                    tracing::info!(?ended, "a refresh token that is not needed any more");
                }
                Err(error) => {
                    tracing::warn!(%error, "a refresh token that is not needed any more is not revoked");
                }
            }
        });
    }

    /// The centre did not take this token: the next one is fetched.
    pub(crate) async fn is_bad(&self, customer: Uuid, bad: &SecretString) {
        let slot = self.access.slot(customer);
        let mut slot = slot.lock().await;
        slot.token.take_if(|(token, _)| token.expose_secret() == bad.expose_secret());
    }

    /// Takes the access token away; none where there is none.
    pub(crate) async fn release(&self, customer: Uuid) -> Option<Tokens> {
        let slot = self.access.slot(customer);
        let (access_token, _) = slot.lock().await.token.take()?;
        Some(Tokens { access_token, id_token: None, refresh_token: None, expires_in: None, bound: false })
    }
}

async fn save(vault: &Vault, customer: Uuid, new: &SecretString, slot: &mut Slot) {
    slot.unsaved = match vault.set_refresh_token(customer, new).await {
        Ok(()) => None,
        Err(error) => {
            tracing::warn!(%error, "a rotated refresh token is not in the keyring yet");
            Some(new.clone())
        }
    };
}
