//! A till that runs: its configuration, its counter, and in the demo the embedded central service.

use std::sync::Arc;

use chrono::Utc;
use counter::{
    Counter, Input, Parts, Settings, State,
    state::{AssociateSignIn, AssociateStage, Staff, Visit},
};
use tokio::sync::watch;
use url::Url;
use vault::Vault;

use crate::{
    config::Config,
    credentials,
    embedded::Embedded,
    paths::Paths,
    view::{self, EntryView, ProblemCode, SearchAnswer, UnsentView},
};

/// A till that runs.
#[derive(Debug)]
pub struct Till {
    /// As store IT, or the first run, has set it up.
    pub config: Config,
    counter: Counter,
    embedded: Option<Embedded>,
}

impl Till {
    /// Starts the counter. It opens its memory and finds the provider by itself, and says in its state how far it is.
    ///
    /// # Errors
    /// When the client for requests cannot be made.
    pub fn start(config: Config, paths: &Paths) -> Result<Self, ProblemCode> {
        let http = signin::http_client(&credentials::network(&config)).map_err(|error| {
            tracing::error!(%error, "no client for requests");
            ProblemCode::Internal
        })?;
        let is_embedded = config.demo.is_some_and(|demo| demo.embedded);
        let keyring = credentials::keyring(paths, Some(&config));
        let embedded = is_embedded.then(|| {
            let signs = credentials::signs_who_it_is(&config).then(|| keyring.clone());
            Embedded::keep(paths.central(), config.issuer.clone(), signs)
        });
        let counter = Counter::start(Parts {
            profile: config.profile.clone(),
            provider: credentials::provider(&config),
            associates: credentials::associates(&config),
            credentials: credentials::credentials(&config, keyring.clone()),
            transport: Arc::new(http.clone()),
            http,
            vault_folder: paths.vault(),
            keyring,
            clock: Arc::new(Utc::now),
            jitter: Arc::new(rand::random::<f64>),
            settings: Settings::default(),
        });
        Ok(Self { config, counter, embedded })
    }

    /// The counter's state, as it changes.
    pub fn state(&self) -> watch::Receiver<Arc<State>> {
        self.counter.state()
    }

    /// The memory, where it is open.
    pub fn memory(&self) -> Option<Vault> {
        self.counter.memory()
    }

    /// Passes on what the associate did.
    pub fn send(&self, input: Input) {
        self.counter.send(input);
    }

    /// Keeps somebody new.
    ///
    /// # Errors
    /// Where what was typed cannot be somebody, or is not agreed to.
    pub fn add_customer(&self, entry: EntryView) -> Result<(), ProblemCode> {
        let entry = entry.entry(self.config.till.country.as_deref())?;
        self.send(Input::AddCustomer(entry));
        Ok(())
    }

    /// Searches the memory of the till.
    ///
    /// # Errors
    /// While the till is locked or has no memory.
    pub async fn search(&self, query: &str) -> Result<SearchAnswer, ProblemCode> {
        Ok(SearchAnswer::from(&self.counter.search(query).await?))
    }

    /// What the centre does not have.
    ///
    /// # Errors
    /// While the till is locked or has no memory.
    pub async fn unsent(&self) -> Result<UnsentView, ProblemCode> {
        let list = self.counter.unsent().await?;
        Ok(view::unsent::unsent(&list, &self.state().borrow()))
    }

    /// In the demo: the address in the QR code. A foreign one never gets there.
    ///
    /// # Errors
    /// Outside of the demo, or when no code is shown.
    pub fn phone_page(&self) -> Result<Url, ProblemCode> {
        let phone_here = self.config.demo.is_some_and(|demo| demo.phone_here);
        let state = self.state().borrow().clone();
        match (&state.staff, &state.visit) {
            (Staff::SigningIn(AssociateSignIn { stage: AssociateStage::Scan(code), .. }), _)
                if phone_here =>
            {
                Ok(code.qr.clone())
            }
            (_, Visit::AwaitingScan(scan)) if phone_here => Ok(scan.code.qr.clone()),
            _ => Err(ProblemCode::Internal),
        }
    }

    /// Ends the visit and what else runs.
    pub async fn stop(&self) {
        self.counter.stop().await;
        if let Some(embedded) = &self.embedded {
            embedded.stop().await;
        }
    }
}
