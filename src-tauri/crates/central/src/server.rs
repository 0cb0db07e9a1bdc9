//! Starting and stopping: the file, the routes, the socket.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use url::Url;

use crate::{Clock, Error, SystemClock, api, db::Db, demo, state::AppState};

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that holds `central.db`.
    pub data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How the world reaches the service: the issuer. By default the address listened on.
    pub public_url: Option<Url>,
    /// Fills an empty database with the demo store.
    pub demo: Option<Demo>,
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
            demo: None,
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
    url: Url,
    db: Db,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Server {
    /// Opens the file, makes what is missing in it, and listens.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let db = Db::open(&options.data).await?;
        if let Some(demo) = &options.demo {
            demo::seed(&db, options.clock.as_ref(), demo).await?;
        }
        let listen_error = |source| Error::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let url = match options.public_url {
            Some(url) => url,
            None => Url::parse(&format!("http://{address}")).map_err(|_| Error::PublicUrl)?,
        };
        let state = AppState { db: db.clone(), clock: options.clock, issuer: Arc::new(url.clone()) };
        let (stop, mut stopping) = watch::channel(false);
        let serve = axum::serve(listener, routes(state).into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move {
                let _ = stopping.wait_for(|stop| *stop).await;
            });
        let serving = tokio::spawn(async move {
            if let Err(error) = serve.await {
                tracing::error!(%error, "the service has ended");
            }
        });
        Ok(Self { url, db, stop, serving })
    }

    /// The public URL: the issuer.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Answers what is under way, then ends.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the service has not ended cleanly");
        }
        self.db.close().await;
    }
}

fn routes(state: AppState) -> Router {
    Router::new().merge(api::router()).with_state(state)
}
