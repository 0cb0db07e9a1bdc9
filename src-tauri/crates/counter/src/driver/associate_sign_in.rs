//! An associate signs in at the store's identity provider. What it gives is looked at once and ended at once: nobody needs a
//! token of an associate at a till.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use secrecy::SecretString;
use signin::{DeviceCode, Provider, ProviderConfig, Tokens};
use tokio::time::timeout;
use uuid::Uuid;
use vault::{KnownAssociate, SignedInAssociate};

use super::{
    Shared,
    centre::failure,
    lock,
    sign_in::{polled, shown},
};
use crate::{
    machine::{CheckedAssociate, Code, Event, Polled},
    roles::{Role, Roles},
    state::{Associate, Failure, Provided},
};

/// How long the provider has to end a token that opens nothing.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Where associates sign in.
#[derive(Clone, Debug)]
pub struct AssociatesAt {
    /// The provider; none where it is that of the customers.
    pub provider: Option<ProviderConfig>,
    /// What they are there.
    pub roles: Roles,
    /// How long their PIN is enough afterwards.
    pub pin_counts_for: chrono::TimeDelta,
}

/// What the driver has of it.
pub(crate) struct AssociateSignIns {
    at: Option<AssociatesAt>,
    provider: tokio::sync::Mutex<Option<Provider>>,
    now: Mutex<Option<SignIn>>,
}

/// The one that is going on.
struct SignIn {
    number: u64,
    code: Option<DeviceCode>,
    tokens: Option<Tokens>,
    who: Option<SignedInAssociate>,
}

impl AssociateSignIns {
    pub(crate) fn new(at: Option<AssociatesAt>) -> Self {
        Self { at, provider: tokio::sync::Mutex::default(), now: Mutex::default() }
    }

    /// Those who may enter a PIN at this till.
    pub(crate) fn of(&self, known: Vec<KnownAssociate>) -> Vec<Associate> {
        let by_provider = self.at.is_some();
        known.into_iter().map(associate).filter(|known| known.provided.is_some() == by_provider).collect()
    }

    /// Does something with a sign-in that is still going on.
    fn with<T>(&self, number: u64, then: impl FnOnce(&mut SignIn) -> T) -> Option<T> {
        lock(&self.now).as_mut().filter(|sign_in| sign_in.number == number).map(then)
    }
}

/// One of a role that this version does not know is nobody's colleague.
fn associate(known: KnownAssociate) -> Associate {
    let provided = known.provided.and_then(|provided| {
        let role = Role::of_word(&provided.role)?;
        Some(Provided { role, signed_in_at: provided.signed_in_at })
    });
    Associate { id: known.id, name: known.name, provided }
}

impl Shared {
    /// Those whom the memory knows and who may enter a PIN.
    pub(crate) async fn known_associates(
        &self,
        vault: &vault::Vault,
    ) -> Result<Vec<Associate>, vault::Error> {
        Ok(self.associates.of(vault.associates().await?))
    }

    async fn associates_provider(&self) -> Result<Provider, signin::Error> {
        let at = self.associates.at.as_ref();
        let Some(config) = at.and_then(|at| at.provider.clone()) else { return self.provider().await };
        let mut known = self.associates.provider.lock().await;
        if let Some(provider) = known.as_ref().filter(|known| !known.is_old()) {
            return Ok(provider.clone());
        }
        let transport = self.centre.transport();
        let found = Provider::discover(config, transport, Arc::clone(&self.clock)).await?;
        Ok(known.insert(found).clone())
    }

    pub(crate) fn ask_associate_code(self: &Arc<Self>, number: u64) {
        *lock(&self.associates.now) = Some(SignIn { number, code: None, tokens: None, who: None });
        let shared = Arc::clone(self);
        self.spawn(async move {
            let answer = shared.associate_code(number).await.map_err(|error| {
                tracing::warn!(%error, "no code for an associate");
                failure(&error)
            });
            shared.tell(Event::AssociateCode { sign_in: number, answer });
        });
    }

    async fn associate_code(&self, number: u64) -> Result<Code, signin::Error> {
        let provider = self.associates_provider().await?;
        let code = provider.request_associate_code().await?;
        let shown = shown(&code, &provider);
        self.associates.with(number, |sign_in| sign_in.code = Some(code));
        Ok(shown)
    }

    /// Asks once. Tokens that come after the sign-in has ended are ended too.
    pub(crate) fn poll_associate(self: &Arc<Self>, number: u64) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let provider = shared.associates_provider().await;
            let code = shared.associates.with(number, |sign_in| sign_in.code.clone()).flatten();
            let (answer, tokens) = match (provider, code) {
                (Ok(provider), Some(code)) => polled(provider.poll(&code).await),
                _ => (Polled::NoAnswer, None),
            };
            if let Some(tokens) = tokens {
                let kept = tokens.clone();
                if shared.associates.with(number, |sign_in| sign_in.tokens = Some(kept)).is_none() {
                    return shared.end_tokens_of_associate(tokens);
                }
            }
            shared.tell(Event::AssociatePolled { sign_in: number, answer, jitter: shared.jitter() });
        });
    }

    pub(crate) fn check_associate(self: &Arc<Self>, number: u64) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let tokens = shared.associates.with(number, |sign_in| sign_in.tokens.take()).flatten();
            let Some(tokens) = tokens else { return };
            let who = shared.checked_associate(number, tokens.clone()).await;
            shared.end_tokens_of_associate(tokens);
            shared.tell(Event::AssociateChecked { sign_in: number, who });
        });
    }

    async fn checked_associate(&self, number: u64, tokens: Tokens) -> CheckedAssociate {
        let checked = async { self.associates_provider().await?.verify(tokens).await };
        let signed_in = match checked.await {
            Ok(signed_in) => signed_in,
            Err(error) => return CheckedAssociate::Failed(failure(&error)),
        };
        let role = self.associates.at.as_ref().zip(signed_in.document.as_ref());
        let Some(role) = role.and_then(|(at, token)| at.roles.role_in(token)) else {
            tracing::warn!("somebody without a role signed in as an associate");
            return CheckedAssociate::NoRole;
        };
        let claims = &signed_in.claims;
        let name = claims.name.as_deref().or(claims.given_name.as_deref());
        let name = name.unwrap_or(&signed_in.customer.subject).trim().to_owned();
        let who = SignedInAssociate { key: signed_in.customer, name, role: role.word().to_owned() };
        let known = match self.store.vault() {
            Some(vault) => vault.associate_signed_in(&who, self.now()).await,
            None => Ok(None),
        };
        let name = who.name.clone();
        match known {
            Ok(Some(id)) => CheckedAssociate::Known(self.signed_in(id, name, role)),
            Ok(None) => {
                self.associates.with(number, |sign_in| sign_in.who = Some(who));
                CheckedAssociate::New { name, role }
            }
            Err(error) => {
                tracing::warn!(%error, "an associate could not be looked up");
                self.report(&error);
                CheckedAssociate::Failed(Failure::NoProfile)
            }
        }
    }

    /// Somebody who has just signed in.
    fn signed_in(&self, id: Uuid, name: String, role: Role) -> Associate {
        Associate { id, name, provided: Some(Provided { role, signed_in_at: Some(self.now()) }) }
    }

    /// Keeps the PIN; where there is no memory, for this run alone.
    pub(crate) fn keep_associate(self: &Arc<Self>, number: u64, pin: SecretString) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let who = shared.associates.with(number, |sign_in| sign_in.who.clone()).flatten();
            let kept = match who {
                Some(who) => shared.kept_associate(&who, pin).await,
                None => Ok(None),
            };
            let associate = kept.unwrap_or_else(|error| {
                tracing::warn!(%error, "the PIN of an associate could not be kept");
                shared.report(&error);
                None
            });
            shared.tell(Event::AssociateKept { sign_in: number, associate });
        });
    }

    async fn kept_associate(
        &self,
        who: &SignedInAssociate,
        pin: SecretString,
    ) -> Result<Option<Associate>, vault::Error> {
        let Some(role) = Role::of_word(&who.role) else { return Ok(None) };
        let associate = |id| self.signed_in(id, who.name.clone(), role);
        let Some(vault) = self.store.vault() else {
            return self.store.book.add(associate(who.id()), pin).await.map(Some);
        };
        let id = vault.set_pin(who, &pin, self.now()).await?;
        Ok(Some(associate(id)))
    }

    /// Tokens that nobody has looked at are ended too.
    pub(crate) fn forget_associate_sign_in(self: &Arc<Self>, number: u64) {
        let left = lock(&self.associates.now).take_if(|sign_in| sign_in.number == number);
        if let Some(tokens) = left.and_then(|sign_in| sign_in.tokens) {
            self.end_tokens_of_associate(tokens);
        }
    }

    pub(crate) fn end_shift(self: &Arc<Self>, associate: Uuid) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            if let Err(error) = vault.shift_is_over(associate).await {
                tracing::warn!(%error, "the end of a shift could not be written down");
                shared.report(&error);
            }
        });
    }

    /// They open nothing but a name: that they are not ended is not worth a queue.
    fn end_tokens_of_associate(self: &Arc<Self>, tokens: Tokens) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Ok(provider) = shared.associates_provider().await else { return };
            let ended = timeout(END_WITHIN, provider.end(&tokens)).await;
            if ended.map_or(true, |ended| ended.is_worth_another_try()) {
                tracing::info!("the tokens of an associate run out by themselves");
            }
        });
    }
}
