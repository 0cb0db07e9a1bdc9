//! The provider and the profile API: found by discovery, kept once found.

use std::{sync::Arc, time::Duration};

use directory::Directory;
use signin::{Distrust, Provider, ProviderConfig};
use tokio::sync::Mutex;
use url::Url;

use super::{Clock, Shared};
use crate::{
    Credentials,
    machine::Event,
    state::{Doubt, Failure},
};

/// A probe that takes longer has found nobody.
const PROBE_LIMIT: Duration = Duration::from_secs(5);

/// The central service.
pub(crate) struct Centre {
    config: ProviderConfig,
    credentials: Credentials,
    profile_api: Option<Url>,
    http: reqwest::Client,
    provider: Mutex<Option<Provider>>,
}

impl Centre {
    pub(crate) fn new(
        config: ProviderConfig,
        credentials: Credentials,
        profile_api: Option<Url>,
        http: reqwest::Client,
    ) -> Self {
        Self { config, credentials, profile_api, http, provider: Mutex::new(None) }
    }

    /// Discovers the provider, and lets the till say who it is.
    async fn discover(&self, clock: Clock) -> Result<Provider, signin::Error> {
        let client_authentication = self.credentials.authentication().await?;
        let config = ProviderConfig { client_authentication, ..self.config.clone() };
        let provider = Provider::discover(config, Arc::new(self.http.clone()), clock).await?;
        if !provider.binds_tokens() {
            return Ok(provider);
        }
        Ok(match self.credentials.proof_key().await {
            Some(key) => provider.with_proof_key(key),
            None => provider,
        })
    }

    /// The address of the profile API: as configured, else as the provider says.
    fn profile_api<'a>(&'a self, provider: &'a Provider) -> Option<&'a Url> {
        self.profile_api.as_ref().or_else(|| provider.profile_api())
    }
}

impl Shared {
    pub(crate) fn discover(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            if let Err(error) = shared.provider().await {
                tracing::info!(%error, "no discovery yet");
            }
        });
    }

    pub(crate) fn probe(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let known = shared.centre.provider.lock().await.clone();
            match known {
                Some(provider) => {
                    let centre = &shared.centre;
                    let address = centre.profile_api(&provider).unwrap_or(&centre.config.issuer).clone();
                    // Any answer shows that somebody is there, unless a proxy says that nobody is.
                    let answer = shared.centre.http.get(address).timeout(PROBE_LIMIT).send().await;
                    shared.reached(answer.is_ok_and(|answer| !answer.status().is_server_error()));
                }
                // Reports by itself.
                None => drop(shared.provider().await),
            }
            shared.tell(Event::Probed { jitter: shared.jitter() });
        });
    }

    /// The provider, discovered where it is not yet. Callers at the same time share one discovery.
    pub(crate) async fn provider(&self) -> Result<Provider, signin::Error> {
        let mut known = self.centre.provider.lock().await;
        if let Some(provider) = known.as_ref().filter(|provider| !provider.is_old()) {
            return Ok(provider.clone());
        }
        let found = self.centre.discover(Arc::clone(&self.clock)).await;
        self.heard(&found);
        let provider = match (found, &*known) {
            // What is known is old, but there is nothing newer.
            (Err(signin::Error::Unreachable), Some(old)) => return Ok(old.clone()),
            (found, _) => found?,
        };
        *known = Some(provider.clone());
        Ok(provider)
    }

    /// The client of the profile API; where there is none, of what the provider itself says of a customer.
    pub(crate) async fn directory(&self) -> Result<Directory, directory::Error> {
        let provider = self.provider().await.map_err(|error| match error {
            signin::Error::Unreachable => directory::Error::Unreachable,
            _ => directory::Error::Unexpected("no provider"),
        })?;
        let http = self.centre.http.clone();
        match (self.centre.profile_api(&provider), provider.user_info()) {
            (Some(api), _) => Ok(Directory::new(api.clone(), http)),
            (None, Some(user_info)) => Ok(Directory::user_info(user_info.clone(), http)),
            (None, None) => Err(directory::Error::Unexpected("neither a profile API nor UserInfo")),
        }
    }

    /// Tells the machine whether the centre answers.
    pub(crate) fn reached(&self, answered: bool) {
        self.tell(Event::Centre { answered });
    }

    /// The same, from an answer of the provider.
    pub(crate) fn heard<T>(&self, answer: &Result<T, signin::Error>) {
        self.reached(!matches!(answer, Err(signin::Error::Unreachable)));
    }

    /// The same, from an answer of the profile API.
    pub(crate) fn heard_directory<T>(&self, answer: &Result<T, directory::Error>) {
        self.reached(!matches!(answer, Err(directory::Error::Unreachable)));
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
