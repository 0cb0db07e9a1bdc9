//! Starting and stopping: the file, the routes, the socket.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
};
use chrono::TimeDelta;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::set_header::SetResponseHeaderLayer;
use url::{Host, Url};

use crate::{
    AuditTrail, Clock, Decided, Decision, Error, Kept, SystemClock, api, audit, clients, customers,
    db::{self, Db},
    demo, handing_over,
    keys::Keys,
    pages,
    passwords::Passwords,
    provider,
    sealing::Sealing,
    state::{self, AppState},
    store_tokens, tokens,
    waiting::{Held, WaitingRoom},
};

/// No form or document that is sent here is larger.
const LARGEST_BODY: usize = 64 * 1024;
/// How often expired rows are removed and keys looked at.
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// How long a stop waits for requests under way.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds `central.db`.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How the world reaches the service: the issuer. By default the address listened on, where that is this machine's
    /// own.
    pub public_url: Option<Url>,
    /// How a customer's phone reaches the pages, where that is not the issuer: a demo whose issuer is this machine
    /// alone, shown to a phone on the same network.
    pub phone_url: Option<Url>,
    /// Fills an empty database with the demo store.
    pub demo: Option<Demo>,
    /// Clients, and the public keys (RFC 7517, JSON) that they have to sign with who they are.
    pub client_keys: Vec<(String, String)>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// Serves from the folder on a free port of this machine, with the clock of the system.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            phone_url: None,
            demo: None,
            client_keys: Vec::new(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// The demo store: a made-up retailer, and customers generated from a seed.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// How many customers.
    pub customers: u32,
    /// The same seed gives the same customers.
    pub seed: u64,
}

/// A service that runs until it is stopped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    url: Url,
    db: Db,
    held: Held,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    tidying: JoinHandle<()>,
}

impl Server {
    /// Checks the options, listens, then opens the file and makes what is missing in it: what fails has changed nothing.
    pub async fn start(options: Options) -> Result<Self, Error> {
        check(&options)?;
        let listen_error = |source| Error::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let url = match options.public_url.clone() {
            Some(url) => url,
            None => Url::parse(&format!("http://{address}")).map_err(|_| Error::Issuer)?,
        };
        let (stop, stopping) = watch::channel(false);
        let brands = Arc::new(pages::Brands::load()?);
        let passwords = Passwords::new()?;
        let Stored { db, keys, sealing, refresh_key, scan_key } = Stored::open(&options).await?;
        let state = AppState {
            brands,
            keys,
            sealing,
            refresh_key,
            scan_key,
            db,
            clock: options.clock,
            phone_url: Arc::new(options.phone_url.unwrap_or_else(|| url.clone())),
            issuer: Arc::new(url.clone()),
            passwords,
            limits: Arc::default(),
            assertions: Arc::default(),
            waiting: WaitingRoom::default(),
            held: Held::default(),
            demo: options.demo.is_some(),
            stop: stopping,
        };
        let until = state.clone();
        let serve =
            axum::serve(listener, routes(state.clone()).into_make_service_with_connect_info::<SocketAddr>())
                .with_graceful_shutdown(async move { until.stopping().await });
        let serving = tokio::spawn(async move {
            if let Err(error) = serve.await {
                tracing::error!(%error, "the service has ended");
            }
        });
        let tidying = tokio::spawn(tidy(state.clone()));
        Ok(Self { address, url, db: state.db, held: state.held, stop, serving, tidying })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The public URL: the issuer.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Ends when that many requests are held until there is something to tell: whoever wants to see what a decision or a
    /// change does to one knows then that it is there.
    pub async fn until_held(&self, requests: usize) {
        self.held.reaches(requests).await;
    }

    /// Registers the public key (RFC 7517, JSON) of a client: from then on it has to sign who it is.
    pub async fn set_client_key(&self, client: &str, key: &str) -> Result<(), Error> {
        clients::set_key(&self.db, client, key).await
    }

    /// Erases a customer at their wish, with all that is known of them; every till learns it from the feed of changes.
    /// False when there is no such customer.
    pub async fn erase(&self, subject: &str) -> Result<bool, Error> {
        customers::erase(&self.db, subject).await
    }

    /// Answers what is under way, then ends.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(STOPS_WITHIN, &mut self.serving).await.is_err() {
            tracing::warn!("a client has held its connection open: it is closed");
            self.serving.abort();
        }
        self.tidying.abort();
        self.db.close().await;
    }
}

/// Erases a customer of a service that does not run now: see [`Server::erase`].
pub async fn erase(data: &Path, subject: &str) -> Result<bool, Error> {
    let db = Db::open(data).await?;
    let erased = customers::erase(&db, subject).await;
    db.close().await;
    erased
}

/// The audit trails of all tills at a service that does not run now, with every line looked at.
pub async fn audit_trails(data: &Path) -> Result<Vec<AuditTrail>, Error> {
    let db = Db::open(data).await?;
    let trails = audit::verify(&db).await;
    db.close().await;
    trails
}

/// What tills have handed over to a service, which does not run now, and it has not applied.
pub async fn kept(data: &Path) -> Result<Vec<Kept>, Error> {
    let db = Db::open(data).await?;
    let kept = customers::all_kept(&db).await;
    db.close().await;
    kept
}

/// Carries out what a person has decided about one of them.
pub async fn decide(data: &Path, number: i64, decision: Decision) -> Result<Decided, Error> {
    let db = Db::open(data).await?;
    let decided = handing_over::decide(&db, number, decision, SystemClock.now()).await;
    db.close().await;
    decided
}

/// What the service finds in its file.
struct Stored {
    db: Db,
    keys: Keys,
    sealing: Sealing,
    refresh_key: Arc<[u8]>,
    scan_key: Arc<[u8]>,
}

impl Stored {
    async fn open(options: &Options) -> Result<Self, Error> {
        let db = Db::open(&options.data).await?;
        let stored = Self::read(db.clone(), options).await;
        if stored.is_err() {
            // Somebody may try again at once.
            db.close().await;
        }
        stored.map_err(|error| db::named_if_damaged(error, &options.data))
    }

    async fn read(db: Db, options: &Options) -> Result<Self, Error> {
        if let Some(demo) = &options.demo {
            demo::seed(&db, options.clock.as_ref(), demo).await?;
        }
        for (client, key) in &options.client_keys {
            clients::set_key(&db, client, key).await?;
        }
        Ok(Self {
            keys: Keys::open(&db, options.clock.now()).await?,
            sealing: Sealing::open(&db, state::secret(&db, "sealing").await?, options.clock.now()).await?,
            refresh_key: state::secret(&db, "refresh").await?,
            scan_key: state::secret(&db, "scan").await?,
            db,
        })
    }
}

/// Whether the service can be reached as the options say.
fn check(options: &Options) -> Result<(), Error> {
    match &options.public_url {
        None if !options.listen.ip().is_loopback() => return Err(Error::PublicUrlMissing(options.listen)),
        Some(url) if !is_origin(url) || (url.scheme() == "http" && !is_this_machine(url)) => {
            return Err(Error::Option {
                option: "--public-url",
                value: url.clone(),
                expected: "an address such as https://id.example.com, with nothing after the name and the port; http is for \
                           this machine alone",
            });
        }
        _ => {}
    }
    match &options.phone_url {
        // On a network of a demo's own there is nobody who could vouch for a name.
        Some(url) if !is_origin(url) => Err(Error::Option {
            option: "--phone-url",
            value: url.clone(),
            expected: "an address such as https://id.example.com or http://192.168.1.20:8080, with nothing after the \
                       name and the port",
        }),
        _ => Ok(()),
    }
}

fn is_origin(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// Whether what is sent there leaves this machine: tokens do so over https alone.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn routes(state: AppState) -> Router {
    Router::new()
        .merge(provider::router())
        .merge(pages::router(&state))
        // Codes, tokens and names: no cache may keep an answer, no other site may guess at what it is.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .merge(api::router())
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(state)
}

/// Removes what has expired and rotates keys, for as long as the service runs.
async fn tidy(state: AppState) {
    let mut every = tokio::time::interval(TIDY_EVERY);
    loop {
        every.tick().await;
        let now = state.now();
        state.limits.forget_old(now);
        state.waiting.forget_before(now - TimeDelta::hours(1));
        let kept = async {
            tokens::remove_expired(&state.db, now).await?;
            store_tokens::remove_expired(&state.db, now).await?;
            state.keys.keep_fresh(&state.db, now).await
        };
        if let Err(error) = kept.await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot tidy up");
        }
    }
}
