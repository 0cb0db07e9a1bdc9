//! Access tokens of remembered customers, from their refresh tokens. One refresh at a time for each customer; a rotated
//! refresh token is in the keyring before the old one is forgotten.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use directory::{Authority, Prove};
use secrecy::{ExposeSecret, SecretString};
use signin::{Provider, RefreshError, Tokens};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;
use vault::{Revocable, Vault};

use super::{Shared, lock};

/// Where the provider does not say how long an access token works.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);
/// A token that is about to end is not used any more.
const MARGIN: Duration = Duration::from_secs(30);

/// Why there is no access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAccess {
    /// There is none to be had: where it is a customer's, a new sign-in helps and nothing else.
    #[error("there is no token")]
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
    token: Option<Access>,
    /// A rotated refresh token that the keyring has not taken yet.
    unsaved: Option<SecretString>,
}

/// An access token, and until when it is used.
#[derive(Clone)]
struct Access {
    token: SecretString,
    /// Only with a proof of this till's key.
    bound: bool,
    until: Instant,
}

/// Proves that this till has the key that a token is bound to.
struct Prover(Provider);

impl Prove for Prover {
    fn proof(
        &self,
        method: &str,
        url: &Url,
        token: &SecretString,
        nonce: Option<&str>,
    ) -> Option<SecretString> {
        let proof = self.0.proof(method, url, token, nonce);
        proof.inspect_err(|error| tracing::warn!(%error, "no proof for a bound token")).ok()
    }
}

impl AccessTokens {
    fn slot(&self, customer: Uuid) -> Arc<tokio::sync::Mutex<Slot>> {
        Arc::clone(lock(&self.0).entry(customer).or_default())
    }
}

impl Slot {
    fn keep(&mut self, tokens: &Tokens) -> Access {
        let life = tokens.expires_in.unwrap_or(DEFAULT_LIFE).saturating_sub(MARGIN);
        let access =
            Access { token: tokens.access_token.clone(), bound: tokens.bound, until: Instant::now() + life };
        self.token.insert(access).clone()
    }
}

impl Shared {
    /// An access token of a remembered customer. A refresh that has begun is never dropped half-way: its answer may
    /// be the only good refresh token there is.
    pub(crate) async fn access(self: &Arc<Self>, customer: Uuid) -> Result<Authority, NoAccess> {
        let shared = Arc::clone(self);
        let refreshed = self.ask(async move {
            let slot = shared.access.slot(customer);
            let mut slot = slot.lock().await;
            if let Some(access) = slot.token.as_ref().filter(|access| Instant::now() < access.until) {
                return Some(Ok(access.clone()));
            }
            Some(shared.refresh(customer, &mut slot).await)
        });
        let Access { token, bound, .. } =
            refreshed.await.ok().flatten().unwrap_or(Err(NoAccess::NoAnswer))?;
        self.authority(token, bound).await
    }

    /// What a token is shown with.
    pub(crate) async fn authority(&self, token: SecretString, bound: bool) -> Result<Authority, NoAccess> {
        if !bound {
            return Ok(Authority::bearer(token));
        }
        let provider = self.provider().await.map_err(|_| NoAccess::NoAnswer)?;
        Ok(Authority::bound(token, Arc::new(Prover(provider))))
    }

    async fn refresh(self: &Arc<Self>, customer: Uuid, slot: &mut Slot) -> Result<Access, NoAccess> {
        slot.token = None;
        let vault = self.store.vault().ok_or(NoAccess::NoAnswer)?;
        // What the keyring has not taken yet was never sent: there is no doubt about it.
        let unsaved = slot.unsaved.clone();
        let old = match &unsaved {
            Some(unsaved) => unsaved.clone(),
            None => vault.refresh_token(customer).await.map_err(unread)?.ok_or(NoAccess::NoToken)?,
        };
        let provider = self.provider().await.map_err(|_| NoAccess::NoAnswer)?;
        // A gateway before a provider that is gone would answer as if the refresh had got lost.
        if !provider.answers().await {
            self.reached(false);
            return Err(NoAccess::NoAnswer);
        }
        let is_first = vault.begin_refresh(customer, self.now()).await.map_err(|error| {
            tracing::warn!(%error, "a refresh that cannot be noted is not sent");
            self.report(&error);
            NoAccess::NoAnswer
        })?;
        if !is_first && unsaved.is_none() {
            return Err(self.doubt(&vault, customer, old).await);
        }
        match provider.refresh(&old).await {
            Ok(tokens) => {
                self.reached(true);
                match &tokens.refresh_token {
                    Some(new) if unsaved.is_some() || new.expose_secret() != old.expose_secret() => {
                        save(&vault, customer, new, slot).await;
                    }
                    _ => settled(&vault, customer).await,
                }
                Ok(slot.keep(&tokens))
            }
            Err(RefreshError::Dead) => {
                self.reached(true);
                slot.unsaved = None;
                if let Err(error) = vault.delete_refresh_token(customer).await {
                    tracing::warn!(%error, "a dead refresh token is still in the keyring");
                }
                Err(NoAccess::NoToken)
            }
            // A till that the provider does not serve now may be served later: the token stays.
            Err(RefreshError::Refused | RefreshError::Later) => {
                self.reached(true);
                settled(&vault, customer).await;
                Err(NoAccess::NoAnswer)
            }
            Err(RefreshError::NeverSent) => {
                self.reached(false);
                settled(&vault, customer).await;
                Err(NoAccess::NoAnswer)
            }
            Err(RefreshError::NoAnswer { .. }) => {
                self.reached(false);
                slot.unsaved = None;
                Err(self.doubt(&vault, customer, old).await)
            }
        }
    }

    /// The token may be used up, and some providers take a second use for theft and end everything. So it is given up: the
    /// customer signs in again at the next need; their copy and what waits of theirs stays.
    async fn doubt(self: &Arc<Self>, vault: &Vault, customer: Uuid, token: SecretString) -> NoAccess {
        tracing::warn!(
            "a refresh was not answered: its token is given up, and the customer must sign in again"
        );
        self.revoke_later(Revocable { refresh_token: Some(token), access_token: None });
        if let Err(error) = vault.delete_refresh_token(customer).await {
            tracing::warn!(%error, "a refresh token that may be used up is still in the keyring");
        }
        NoAccess::NoToken
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
                    self.revoke_later(Revocable { refresh_token: Some(former), access_token: None });
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

    /// The centre did not take this token: the next one is fetched.
    pub(crate) async fn is_bad(&self, customer: Uuid, bad: &SecretString) {
        let slot = self.access.slot(customer);
        let mut slot = slot.lock().await;
        slot.token.take_if(|access| access.token.expose_secret() == bad.expose_secret());
    }

    /// Takes the access token away; none where there is none.
    pub(crate) async fn release(&self, customer: Uuid) -> Option<Tokens> {
        let slot = self.access.slot(customer);
        let Access { token, bound, until } = slot.lock().await.token.take()?;
        let expires_in = Some(until.saturating_duration_since(Instant::now()) + MARGIN);
        Some(Tokens { access_token: token, id_token: None, refresh_token: None, expires_in, bound })
    }
}

fn unread(error: vault::KeyringError) -> NoAccess {
    tracing::warn!(%error, "a refresh token could not be read");
    NoAccess::NoAnswer
}

/// Nothing is in doubt any more. Where that cannot be noted the token is doubted at its next use, and not lost.
async fn settled(vault: &Vault, customer: Uuid) {
    if let Err(error) = vault.refresh_is_over(customer).await {
        tracing::warn!(%error, "a refresh is still noted as in flight");
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
