//! A running counter, and what an associate does with it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::Utc;
use counter::{
    AssociatesAt, Counter, Credentials, Input, Parts, Settings, State,
    credentials::Method,
    state::{OpenProfile, Remembered, Staff, Visit},
};
use directory::SourceConfig;
use signin::ProviderConfig;
use tempfile::TempDir;
use tokio::time::timeout;
use uuid::Uuid;
use vault::Keyring;

use super::provider::{CLIENT, Phone, Provider};
use crate::people::shoes;

/// Longer than the longest time-out of a request, and than the patience with a step.
pub(crate) const LONG: Duration = Duration::from_secs(45);

/// A till: what stays when the program ends.
pub(crate) struct Till {
    pub(crate) folder: TempDir,
    pub(crate) keyring: Keyring,
    /// Which service tells profiles.
    pub(crate) profile: SourceConfig,
    /// Certificates to believe besides those of the machine.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) settings: Settings,
    /// Where associates sign in.
    pub(crate) associates: Option<AssociatesAt>,
    /// How it says who it is.
    pub(crate) method: Method,
}

/// A program that runs on it.
pub(crate) struct Running(pub(crate) Counter);

impl Till {
    pub(crate) fn new() -> Self {
        Self::with(Keyring::in_memory())
    }

    pub(crate) fn with(keyring: Keyring) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keyring,
            profile: SourceConfig::default(),
            ca_file: None,
            settings: Settings { goodbye: Duration::from_millis(300), ..Settings::default() },
            associates: None,
            method: Method::None,
        }
    }

    /// One with a key of its own.
    pub(crate) fn with_key() -> Self {
        Self { method: Method::PrivateKeyJwt, ..Self::new() }
    }

    pub(crate) fn start(&self, provider: &Provider) -> Running {
        let issuer: url::Url = provider.issuer().parse().unwrap();
        let network = signin::Network { ca_file: self.ca_file.as_deref(), ..signin::Network::new(&issuer) };
        let http = signin::http_client(&network).unwrap();
        Running(Counter::start(Parts {
            associates: self.associates.clone(),
            transport: Arc::new(http.clone()),
            http,
            credentials: Credentials::new(self.keyring.clone(), self.method, None, false),
            profile: self.profile.clone(),
            provider: ProviderConfig::new(issuer, CLIENT),
            vault_folder: self.folder.path().join("vault"),
            keyring: self.keyring.clone(),
            clock: Arc::new(Utc::now),
            jitter: Arc::new(|| 0.0),
            settings: self.settings,
        }))
    }

    /// The first day: Robin has set a PIN.
    pub(crate) async fn first_day(&self, provider: &Provider) -> Running {
        let running = self.start(provider);
        running.until("the first PIN", |state| matches!(state.staff, Staff::NoneYet { .. })).await;
        running.0.send(Input::AddAssociate { name: "Robin".to_owned(), pin: pin() });
        running.until("unlocked", |state| matches!(state.staff, Staff::Unlocked(_))).await;
        running
    }

    /// Another day: Robin enters the PIN.
    pub(crate) async fn another_day(&self, provider: &Provider) -> Running {
        let running = self.start(provider);
        running.unlock().await;
        running
    }
}

pub(crate) fn pin() -> secrecy::SecretString {
    "4711".to_owned().into()
}

impl Running {
    pub(crate) fn state(&self) -> Arc<State> {
        self.0.state().borrow().clone()
    }

    /// Waits until the state is so.
    pub(crate) async fn until(&self, what: &str, is: impl Fn(&State) -> bool) -> Arc<State> {
        let mut states = self.0.state();
        let found = timeout(LONG, states.wait_for(|state| is(state))).await;
        let found = found.map(|state| Arc::clone(&state.unwrap()));
        found.unwrap_or_else(|_| panic!("never {what}: {:?}", self.state()))
    }

    pub(crate) async fn until_open(&self, what: &str, is: impl Fn(&OpenProfile) -> bool) -> Arc<State> {
        self.until(what, |state| matches!(&state.visit, Visit::Open(open) if is(open))).await
    }

    pub(crate) async fn unlock(&self) {
        let locked = self
            .until(
                "locked",
                |state| matches!(&state.staff, Staff::Locked { associates, .. } if !associates.is_empty()),
            )
            .await;
        let Staff::Locked { associates, .. } = &locked.staff else { panic!() };
        self.0.send(Input::Unlock { associate: associates[0].id, pin: pin() });
        self.until("unlocked", |state| matches!(state.staff, Staff::Unlocked(_))).await;
    }

    /// A customer scans and says yes; the match is on the screen.
    pub(crate) async fn match_shown(&self, provider: &Provider, remember: bool) {
        self.0.send(Input::SignIn);
        self.until("a code", |state| matches!(state.visit, Visit::AwaitingScan(_))).await;
        provider.phone(Phone::Scanned);
        self.until(
            "scanned",
            |state| matches!(&state.visit, Visit::AwaitingScan(scan) if scan.scanned().is_some()),
        )
        .await;
        provider.phone(Phone::Yes { remember });
        self.until(
            "a match with its profile",
            |state| matches!(&state.visit, Visit::AwaitingMatch(found) if found.loaded.is_some()),
        )
        .await;
    }

    /// The profile is open after a sign-in.
    pub(crate) async fn visit(&self, provider: &Provider, remember: bool) {
        self.match_shown(provider, remember).await;
        self.0.send(Input::ConfirmMatch);
        self.until_open("an open profile", |_| true).await;
        if remember {
            self.until("a customer in the list", |state| !state.recent.is_empty()).await;
        }
    }

    /// A customer was here, is remembered and has gone.
    pub(crate) async fn remembered_visit(&self, provider: &Provider) {
        self.visit(provider, true).await;
        self.end().await;
        provider.saw("end of visit-1: done").await;
        // The last thing that is asked of the provider.
        provider.saw("revoke access-1").await;
    }

    pub(crate) async fn end(&self) {
        self.0.send(Input::EndVisit);
        self.until("the end", |state| matches!(state.visit, Visit::Ended { .. } | Visit::Idle)).await;
    }

    pub(crate) async fn find(&self, query: &str) -> Vec<Remembered> {
        self.0.search(query).await.unwrap().rows
    }

    /// Finds the customer by name and opens the copy.
    pub(crate) async fn open_copy(&self) -> Uuid {
        self.until("an open memory", |state| state.memory == counter::state::Memory::Ready).await;
        let id = self.find("ame dur").await[0].id;
        self.0.send(Input::OpenRemembered { id });
        self.until_open("an open copy", |_| true).await;
        id
    }

    /// Opens the copy while the centre is away, and makes an edit that waits for it.
    pub(crate) async fn edit_offline(&self, provider: &mut Provider, size: &str) {
        provider.off().await;
        self.open_copy().await;
        self.change_shoes(size);
        self.until("a waiting edit", |state| state.queue.waiting == 1).await;
    }

    pub(crate) fn change_shoes(&self, size: &str) {
        self.0.send(Input::ChangePreference(shoes(size)));
    }
}
