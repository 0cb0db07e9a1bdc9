//! What the till may ask for itself: with a token that speaks for it and its store, fetched again shortly before it ends.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use directory::{Authority, StoreApi};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Mutex, time::Instant};

use super::{Shared, access::NoAccess};

/// Where the provider does not say how long a token works.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);
/// A token that is about to end is not used any more.
const MARGIN: Duration = Duration::from_secs(30);

/// The token, and the client that it is used with.
#[derive(Default)]
pub(crate) struct OwnAuthority {
    /// One is asked for at a time.
    token: Mutex<Option<Token>>,
    api: Mutex<Option<StoreApi>>,
    /// What waits in the open memory is sealed, as far as the service has something to seal to.
    pub(crate) seals: AtomicBool,
}

struct Token {
    secret: SecretString,
    bound: bool,
    until: Instant,
}

/// A till that can ask for itself.
pub(crate) struct Own {
    pub(crate) api: StoreApi,
    pub(crate) authority: Authority,
    /// As the provider writes it.
    pub(crate) issuer: String,
}

impl Shared {
    /// What the till asks for itself with. [`NoAccess::NoToken`] where provider or service have no such thing, or not for
    /// this till.
    pub(crate) async fn own(&self) -> Result<Own, NoAccess> {
        let provider = self.provider().await.map_err(|_| NoAccess::NoAnswer)?;
        if !provider.offers_store_tokens() {
            return Err(NoAccess::NoToken);
        }
        let api = {
            let mut api = self.own.api.lock().await;
            if api.is_none() {
                *api = self.centre.open_store(&provider);
            }
            api.clone().ok_or(NoAccess::NoToken)?
        };
        let mut slot = self.own.token.lock().await;
        let token = match slot.take().filter(|token| Instant::now() < token.until) {
            Some(token) => token,
            None => self.fetch(&provider).await?,
        };
        let (secret, bound) = (token.secret.clone(), token.bound);
        *slot = Some(token);
        drop(slot);
        let issuer = provider.issuer().to_owned();
        Ok(Own { api, authority: self.authority(secret, bound).await?, issuer })
    }

    async fn fetch(&self, provider: &signin::Provider) -> Result<Token, NoAccess> {
        let began = Instant::now();
        let answer = provider.store_token().await;
        self.heard(&answer, began);
        let tokens = answer.map_err(|error| {
            tracing::warn!(%error, "the provider gives this till no token of its own");
            match error {
                signin::Error::Refused(_) | signin::Error::Key(_) => NoAccess::NoToken,
                signin::Error::Unreachable | signin::Error::NotTrusted(_) | signin::Error::Unexpected(_) => {
                    NoAccess::NoAnswer
                }
            }
        })?;
        let life = tokens.expires_in.unwrap_or(DEFAULT_LIFE);
        let until = began + life.saturating_sub(MARGIN.min(life / 2));
        Ok(Token { secret: tokens.access_token, bound: tokens.bound, until })
    }

    /// The service did not take this token: the next one is fetched.
    pub(crate) async fn own_is_bad(self: &Arc<Self>, bad: &SecretString) {
        self.own.token.lock().await.take_if(|kept| kept.secret.expose_secret() == bad.expose_secret());
    }
}
