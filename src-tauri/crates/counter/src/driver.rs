//! Runs the machine's effects on tokio and feeds the answers back. Decides nothing.
//!
//! Everything opens in the background: [`Counter::start`] returns at once. Tokens and device codes live here alone, by
//! attempt, in secrets that zero themselves.

mod access;
mod associate_sign_in;
mod centre;
mod entering;
mod feed;
mod memory;
mod mending;
mod outbox;
mod own_authority;
mod revocation;
mod sealing;
mod session;
mod sign_in;
mod staff;
mod trail;
mod visit;

use std::{
    fmt,
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use directory::SourceConfig;
use signin::{ProviderConfig, Transport};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use vault::{Keyring, UnsentList, Vault};

use self::{
    access::AccessTokens, associate_sign_in::AssociateSignIns, centre::Centre, memory::Store,
    own_authority::OwnAuthority, session::Sessions,
};
use crate::{
    Credentials, Input, Machine, Settings, State,
    machine::{Effect, Event},
    state::{Memory, Now, Remembered, Staff},
};

pub use self::associate_sign_in::AssociatesAt;

/// The wall clock.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
/// Numbers from 0 to 1.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// How long ending a visit may hold up the end of the program.
const LAST_WORK: Duration = Duration::from_secs(3);
/// So many hits are enough: whoever sees more types another letter.
const MOST_HITS: u32 = 20;

/// What a counter is made of.
#[derive(Clone)]
pub struct Parts {
    /// The OpenID provider, and this till's name there.
    pub provider: ProviderConfig,
    /// What this till says who it is with.
    pub credentials: Credentials,
    /// Where associates sign in; none where they set their PINs at the till.
    pub associates: Option<AssociatesAt>,
    /// Which service tells profiles.
    pub profile: SourceConfig,
    /// The way to the provider: the same client as `http`, unless a test has another network.
    pub transport: Arc<dyn Transport>,
    /// The client for requests to the profile source, as [`signin::http_client`] makes it.
    pub http: reqwest::Client,
    /// Where the memory of this till is.
    pub vault_folder: PathBuf,
    /// Where its key is.
    pub keyring: Keyring,
    /// The wall clock.
    pub clock: Clock,
    /// Chance.
    pub jitter: Jitter,
    /// How long things last.
    pub settings: Settings,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// A running counter.
pub struct Counter {
    shared: Arc<Shared>,
    state: watch::Receiver<Arc<State>>,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter").finish_non_exhaustive()
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct SearchResult {
    /// Exact numbers and addresses first, then whoever was here last.
    pub rows: Vec<Remembered>,
    /// Nobody fits what was typed: these do with one typing mistake forgiven.
    pub with_mistake: bool,
    /// Where was looked.
    pub searched: Searched,
}

/// Where a search has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// How many customers are remembered at this till.
    pub here: u32,
    /// Whether the centre was searched too.
    pub centre: CentreSearch,
}

/// Whether the centre was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CentreSearch {
    /// This till does not search there.
    NotAsked,
    /// It was asked and gave no answer.
    NotReached,
    /// It was.
    Answered,
}

/// Why nothing could be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Nobody is signed in at the till.
    #[error("the till is locked")]
    Locked,
    /// Whoever is signed in may see no customers.
    #[error("whoever is signed in may see no customers")]
    NotAllowed,
    /// The memory is not open.
    #[error("the till has no memory now")]
    NoMemory,
}

impl Counter {
    /// Switches a counter on and returns at once: memory and provider are opened in the background. To be called
    /// within a tokio runtime.
    pub fn start(parts: Parts) -> Self {
        let (events, inbox) = mpsc::unbounded_channel();
        let offers = parts.profile.offers();
        let says_who_it_is = parts.credentials.say_more_than_a_name();
        let pin_counts_for = parts.associates.as_ref().map(|at| at.pin_counts_for);
        let (machine, first) = Machine::new(Settings { pin_counts_for, ..parts.settings });
        let (publish, state) = watch::channel(Arc::new(machine.state().clone()));
        let shared = Arc::new(Shared {
            centre: Centre::new(
                parts.provider,
                parts.credentials,
                parts.profile,
                parts.transport,
                parts.http,
            ),
            store: Store::new(parts.vault_folder, parts.keyring),
            associates: AssociateSignIns::new(parts.associates),
            sessions: Sessions::default(),
            access: AccessTokens::default(),
            own: OwnAuthority::default(),
            counting: tokio::sync::Mutex::default(),
            handing_over: tokio::sync::Mutex::default(),
            revoking: tokio::sync::Mutex::default(),
            clock: parts.clock,
            jitter: parts.jitter,
            events,
            work: TaskTracker::new(),
            end: CancellationToken::new(),
            gone: CancellationToken::new(),
        });
        shared.tell(Event::Offers(offers));
        if says_who_it_is {
            shared.tell(Event::OwnAuthority);
        }
        let running = tokio::spawn(run(machine, first, inbox, publish, Arc::clone(&shared)));
        Self { shared, state, running: Mutex::new(Some(running)) }
    }

    /// An act of the associate. What comes of it is seen in the state.
    pub fn send(&self, input: Input) {
        self.shared.tell(Event::Input { input, fresh: Uuid::new_v4() });
    }

    /// The state, always the newest.
    pub fn state(&self) -> watch::Receiver<Arc<State>> {
        self.state.clone()
    }

    /// The memory, where it is open: for whoever looks into what is wrong with a till.
    pub fn memory(&self) -> Option<Vault> {
        self.shared.store.vault()
    }

    /// Looks for remembered customers. Never opens one.
    pub async fn search(&self, query: &str) -> Result<SearchResult, SearchError> {
        let vault = self.searchable()?;
        let found = async {
            Ok::<_, vault::Error>((
                vault.search(query, MOST_HITS, self.shared.now()).await?,
                vault.count().await?,
            ))
        };
        let (found, here) = found.await.map_err(|error| {
            tracing::warn!(%error, "the memory could not be searched");
            SearchError::NoMemory
        })?;
        // The till may have been locked meanwhile.
        self.searchable()?;
        Ok(SearchResult {
            rows: found.rows.into_iter().map(memory::listed).collect(),
            with_mistake: found.with_mistake,
            searched: Searched { here, centre: CentreSearch::NotAsked },
        })
    }

    /// The edits that the centre does not have, for whoever is to look at them.
    pub async fn unsent(&self) -> Result<UnsentList, SearchError> {
        let vault = self.searchable()?;
        let found = vault.unsent().await.map_err(|error| {
            tracing::warn!(%error, "the queue could not be listed");
            SearchError::NoMemory
        })?;
        // The till may have been locked meanwhile.
        self.searchable()?;
        Ok(found)
    }

    /// The memory, where somebody is signed in who may look into it.
    fn searchable(&self) -> Result<Vault, SearchError> {
        match &**self.state.borrow() {
            State { staff: Staff::Unlocked(associate), .. } if !associate.may().serve => {
                Err(SearchError::NotAllowed)
            }
            State { staff: Staff::Unlocked(_), memory: Memory::Ready, .. } => {
                self.shared.store.vault().ok_or(SearchError::NoMemory)
            }
            State { staff: Staff::Unlocked(_), .. } => Err(SearchError::NoMemory),
            _ => Err(SearchError::Locked),
        }
    }

    /// Ends the visit, closes the memory and ends everything that runs.
    pub async fn stop(&self) {
        self.shared.end.cancel();
        let running = lock(&self.running).take();
        if let Some(running) = running {
            // It ends by itself; a panic in it has been reported already.
            let _ = running.await;
        }
    }
}

/// What all tasks of a counter share.
pub(crate) struct Shared {
    centre: Centre,
    store: Store,
    associates: AssociateSignIns,
    sessions: Sessions,
    access: AccessTokens,
    own: OwnAuthority,
    /// How often the queue was counted; one count at a time, so that a later one has seen more.
    counting: tokio::sync::Mutex<u64>,
    /// What a memory has left is handed over by one at a time.
    handing_over: tokio::sync::Mutex<()>,
    /// The queue of revocations is emptied by one at a time.
    revoking: tokio::sync::Mutex<()>,
    clock: Clock,
    jitter: Jitter,
    events: mpsc::UnboundedSender<Event>,
    /// What must be finished before the program ends.
    work: TaskTracker,
    /// The counter is to end.
    end: CancellationToken,
    /// The counter has ended: whatever still runs is dropped.
    gone: CancellationToken,
}

impl Shared {
    fn tell(&self, event: Event) {
        // After the end nobody listens, and nobody needs to.
        let _ = self.events.send(event);
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    fn jitter(&self) -> f64 {
        (self.jitter)()
    }

    /// Runs something that may be dropped when the program ends.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let gone = self.gone.clone();
        tokio::spawn(async move {
            gone.run_until_cancelled_owned(task).await;
        });
    }

    /// Runs something that the end of the program waits for, within limits.
    fn spawn_work(&self, task: impl Future<Output = ()> + Send + 'static) {
        let gone = self.gone.clone();
        self.work.spawn(gone.run_until_cancelled_owned(task));
    }

    /// The same, for something that somebody waits for.
    fn ask<T: Send + 'static>(
        &self,
        task: impl Future<Output = Option<T>> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let gone = self.gone.clone();
        self.work.spawn(async move { gone.run_until_cancelled_owned(task).await.flatten() })
    }

    fn run(self: &Arc<Self>, effect: Effect) {
        match effect {
            Effect::OpenMemory => self.open_memory(),
            Effect::StartAnew => self.start_anew(),
            Effect::Purge => self.purge(),
            Effect::ReadRecent => self.read_recent(),
            Effect::AddAssociate { first, name, pin } => self.add_associate(first, name, pin),
            Effect::CheckPin { check, associate, pin } => self.check_pin(check, associate, pin),
            Effect::AskAssociateCode { sign_in } => self.ask_associate_code(sign_in),
            Effect::PollAssociate { sign_in } => self.poll_associate(sign_in),
            Effect::CheckAssociate { sign_in } => self.check_associate(sign_in),
            Effect::KeepAssociate { sign_in, pin } => self.keep_associate(sign_in, pin),
            Effect::ForgetAssociateSignIn { sign_in } => self.forget_associate_sign_in(sign_in),
            Effect::EndShift { associate } => self.end_shift(associate),
            Effect::Discover => self.discover(),
            Effect::Probe => self.probe(),
            Effect::RequestCode { attempt, code } => self.request_code(attempt, code),
            Effect::Poll { attempt, code } => self.poll(attempt, code),
            Effect::Verify { attempt } => self.verify(attempt),
            Effect::LoadProfile { attempt } => self.load_profile(attempt),
            Effect::LoadOlder { attempt, cursor } => self.load_older(attempt, cursor),
            Effect::OpenVisit { attempt, at } => self.open_visit(attempt, at),
            Effect::ReadCopy { attempt, id } => self.read_copy(attempt, id),
            Effect::Remember { attempt, copy } => self.remember(attempt, copy),
            Effect::Forget { attempt, customer } => self.forget(attempt, customer),
            Effect::TakeBack { attempt, id, act, who } => self.take_back(attempt, id, act, who),
            Effect::SaveEdit { attempt, edit, change, base, whom, by, at } => {
                self.save_edit(attempt, edit, change, base, (whom, by), at);
            }
            Effect::SendEdit { attempt, edit, change, base } => self.send_edit(attempt, edit, change, base),
            Effect::MendEdit { edit, fresh, value, seen, by, at } => {
                self.mend_edit(edit, fresh, value, seen, by, at);
            }
            Effect::DropEdit { edit, by, at } => self.drop_edit(edit, by, at),
            Effect::Follow => self.follow(),
            Effect::ShipAudit => self.ship_audit(),
            Effect::AddCustomer { attempt, subject, new, who } => {
                self.add_customer(attempt, subject, new, who);
            }
            Effect::NoteVisit { attempt, id, visit } => self.note_visit(attempt, id, visit),
            Effect::SendCustomer { customer } => self.send_customer(customer),
            Effect::DropCustomer { customer, who } => self.drop_customer(customer, who),
            Effect::ReadEntered { attempt, customer } => self.read_entered(attempt, customer),
            Effect::RevokeQueued => self.revoke_queued(),
            Effect::HandOver => self.hand_over(),
            Effect::SendNext { customer } => self.send_next(customer),
            Effect::Audit(line) => self.audit(line),
            Effect::Close { attempt, how } => self.close(attempt, how),
        }
    }
}

async fn run(
    mut machine: Machine,
    first: Vec<Effect>,
    mut inbox: mpsc::UnboundedReceiver<Event>,
    publish: watch::Sender<Arc<State>>,
    shared: Arc<Shared>,
) {
    for effect in first {
        shared.run(effect);
    }
    let mut ended = false;
    while !ended {
        let deadline = machine.next_deadline();
        let event = tokio::select! {
            biased;
            () = shared.end.cancelled() => {
                ended = true;
                Event::Input { input: Input::Lock, fresh: Uuid::new_v4() }
            }
            event = inbox.recv() => event.unwrap_or(Event::Tick),
            () = until(deadline) => Event::Tick,
        };
        let now = Now { wall: shared.now(), tick: Instant::now().into_std() };
        let effects = machine.step(event, now);
        publish.send_replace(Arc::new(machine.state().clone()));
        for effect in effects {
            shared.run(effect);
        }
    }
    shared.work.close();
    if timeout(LAST_WORK, shared.work.wait()).await.is_err() {
        tracing::warn!("not everything was finished in time");
    }
    shared.gone.cancel();
    shared.store.close().await;
}

async fn until(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// A lock that a panicking task has held is as good as any other: what it guards is replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
