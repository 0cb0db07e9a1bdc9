//! The provider and the profile source: found by discovery, kept once found.

use std::{sync::Arc, time::Duration};

use directory::{Discovered, ProfileSource, SourceConfig, StoreApi};
use signin::{Distrust, Provider, ProviderConfig, Transport};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use url::Url;
use vault::Vault;

use super::{Clock, Shared};
use crate::{
    Credentials,
    machine::Event,
    state::{Doubt, Failure},
};

/// What is known of the provider is old, but good: nobody waits longer than this for something newer,
const RENEWAL_LIMIT: Duration = Duration::from_secs(2);
/// and after it was in vain, nobody waits again for so long.
const RENEWAL_PAUSE: Duration = Duration::from_mins(5);
/// Whoever waits longer than this for an answer calls it slow.
const SLOW: Duration = Duration::from_secs(3);
/// A probe that takes longer has found nobody.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// The central service.
pub(crate) struct Centre {
    config: ProviderConfig,
    credentials: Credentials,
    profile: SourceConfig,
    transport: Arc<dyn Transport>,
    http: reqwest::Client,
    provider: Mutex<Option<Known>>,
    source: Mutex<Option<Arc<dyn ProfileSource>>>,
}

/// The provider, once discovered.
struct Known {
    provider: Provider,
    /// When it was last looked for something newer, in vain.
    looked_at: Option<Instant>,
}

impl Centre {
    pub(crate) fn new(
        config: ProviderConfig,
        credentials: Credentials,
        profile: SourceConfig,
        transport: Arc<dyn Transport>,
        http: reqwest::Client,
    ) -> Self {
        Self {
            config,
            credentials,
            profile,
            transport,
            http,
            provider: Mutex::new(None),
            source: Mutex::new(None),
        }
    }

    /// The way to a provider.
    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// The client for what the till asks for itself, where the service has such a thing.
    pub(crate) fn open_store(&self, provider: &Provider) -> Option<StoreApi> {
        self.profile.open_store(&self.found(provider), self.http.clone())
    }

    fn found(&self, provider: &Provider) -> Discovered {
        Discovered {
            issuer: self.config.issuer.clone(),
            profile_api: provider.profile_api().cloned(),
            user_info: provider.user_info().cloned(),
        }
    }

    /// Discovers the provider, and lets the till say who it is.
    async fn discover(&self, clock: Clock) -> Result<Provider, signin::Error> {
        let client_authentication = self.credentials.authentication().await?;
        let config = ProviderConfig { client_authentication, ..self.config.clone() };
        let provider = Provider::discover(config, Arc::clone(&self.transport), clock).await?;
        if !provider.binds_tokens() {
            return Ok(provider);
        }
        Ok(match self.credentials.proof_key().await {
            Some(key) => provider.with_proof_key(key),
            None => provider,
        })
    }
}

impl Known {
    fn rests(&self) -> bool {
        self.looked_at.is_some_and(|at| at.elapsed() < RENEWAL_PAUSE)
    }
}

impl Shared {
    pub(crate) fn discover(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            if let Err(error) = shared.source().await {
                tracing::info!(%error, "no discovery yet");
            }
        });
    }

    pub(crate) fn probe(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let known = shared.centre.source.lock().await.clone();
            match known {
                Some(source) => {
                    let began = Instant::now();
                    let there = timeout(PROBE_LIMIT, shared.is_there(source.address())).await;
                    shared.reached_after(there.unwrap_or(false), began);
                }
                // Reports by itself.
                None => drop(shared.source().await),
            }
            shared.tell(Event::Probed { jitter: shared.jitter() });
        });
    }

    async fn is_there(&self, address: Option<&Url>) -> bool {
        let Some(address) = address else {
            return match self.provider().await {
                Ok(provider) => provider.answers().await,
                Err(_) => false,
            };
        };
        // Any answer shows that somebody is there, unless a proxy says that nobody is.
        let answer = self.centre.http.get(address.clone()).send().await;
        answer.is_ok_and(|answer| !answer.status().is_server_error())
    }

    /// The provider, discovered where it is not yet. One discovery at a time: whoever waits shares what it has found, and
    /// tries again where it has found nothing.
    pub(crate) async fn provider(&self) -> Result<Provider, signin::Error> {
        let mut known = self.centre.provider.lock().await;
        let began = Instant::now();
        let discovery = self.centre.discover(Arc::clone(&self.clock));
        let found = match &mut *known {
            Some(known) if !known.provider.is_old() || known.rests() => return Ok(known.provider.clone()),
            Some(known) => match timeout(RENEWAL_LIMIT, discovery).await {
                Err(_) | Ok(Err(signin::Error::Unreachable)) => {
                    known.looked_at = Some(Instant::now());
                    return Ok(known.provider.clone());
                }
                Ok(found) => found,
            },
            None => discovery.await,
        };
        self.heard(&found, began);
        let provider = found?;
        *known = Some(Known { provider: provider.clone(), looked_at: None });
        Ok(provider)
    }

    /// The client of the profile source, the same from the first call on: it learns what the service can do.
    pub(crate) async fn source(&self) -> Result<Arc<dyn ProfileSource>, directory::Error> {
        let provider = self.provider().await.map_err(|error| match error {
            signin::Error::Unreachable => directory::Error::Unreachable,
            _ => directory::Error::Unexpected("no provider"),
        })?;
        let mut known = self.centre.source.lock().await;
        if let Some(source) = &*known {
            return Ok(Arc::clone(source));
        }
        let found = self.centre.found(&provider);
        let source = self.centre.profile.open(&found, self.centre.http.clone())?;
        self.tell(Event::Offers(source.offers()));
        Ok(Arc::clone(known.insert(source)))
    }

    /// Who names customers here, as the provider writes it. Before it was ever asked, that is as it is written in the memory;
    /// the slash of an empty path is what may differ there from the configuration.
    pub(crate) async fn issuer(&self, vault: &Vault) -> String {
        if let Some(known) = &*self.centre.provider.lock().await {
            return known.provider.issuer().to_owned();
        }
        let configured = self.centre.config.issuer.as_str();
        let bare = configured.trim_end_matches('/');
        let written = vault.last_issuer().await.ok().flatten();
        written.filter(|written| written.trim_end_matches('/') == bare).unwrap_or_else(|| {
            if self.centre.config.issuer.path() == "/" { bare.to_owned() } else { configured.to_owned() }
        })
    }

    /// Tells the machine whether the centre answers.
    pub(crate) fn reached(&self, answered: bool) {
        self.tell(Event::Centre { answered, slow: false });
    }

    /// The same of a request that somebody waited for.
    fn reached_after(&self, answered: bool, began: Instant) {
        self.tell(Event::Centre { answered, slow: answered && began.elapsed() > SLOW });
    }

    /// The same, from an answer of the provider.
    pub(crate) fn heard<T>(&self, answer: &Result<T, signin::Error>, began: Instant) {
        self.reached_after(!matches!(answer, Err(signin::Error::Unreachable)), began);
    }

    /// The same, from an answer of the profile source.
    pub(crate) fn heard_source<T>(&self, answer: &Result<T, directory::Error>, began: Instant) {
        self.reached_after(!matches!(answer, Err(directory::Error::Unreachable)), began);
    }
}

/// What an associate is told of an error.
pub(crate) fn failure(error: &signin::Error) -> Failure {
    match error {
        signin::Error::Unreachable => Failure::Unreachable,
        signin::Error::NotTrusted(why) => Failure::NotTrusted(doubt(*why)),
        // An answer that makes no sense is a matter for store IT as well.
        signin::Error::Refused(_) | signin::Error::Unexpected(_) | signin::Error::Key(_) => Failure::Refused,
    }
}

fn doubt(why: Distrust) -> Doubt {
    match why {
        Distrust::Algorithm | Distrust::UnknownKey | Distrust::Signature => Doubt::Signature,
        Distrust::Issuer | Distrust::TokenIssuer => Doubt::Issuer,
        Distrust::Audience | Distrust::AuthorizedParty => Doubt::Audience,
        Distrust::Expired | Distrust::FromTheFuture => Doubt::Time,
        Distrust::Subject => Doubt::Subject,
        _ => Doubt::Other,
    }
}
