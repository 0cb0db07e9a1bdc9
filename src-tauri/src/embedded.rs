//! The embedded central service, in this process: for a newcomer who wants to see the whole thing on one machine.
//!
//! It listens on this machine alone. Its port is chosen once and kept in the configuration, since customers are known by
//! the issuer's address.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use central::{Demo, Options, Server};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};
use url::Url;
use vault::Keyring;

use crate::credentials;

/// What the service calls the till that it runs in.
pub const CLIENT: &str = "till-northquay-1";
/// How many customers the demo's retailer has, and the seed that makes them: the same as `cargo xtask demo` has.
const DEMO: Demo = Demo { customers: 200, seed: 1 };
/// How soon it is tried again to listen at the address where another program is in the way.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The service, started in the background and kept until it is stopped.
#[derive(Debug)]
pub struct Embedded {
    stop: watch::Sender<bool>,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Embedded {
    /// Starts it at the issuer's address. While that is taken the till is offline, and it is tried again. `signs`: where the
    /// key is that the till signs who it is with, if it does.
    pub fn keep(data: PathBuf, issuer: Url, signs: Option<Keyring>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(keep(data, issuer, signs, stopping));
        Self { stop, running: Mutex::new(Some(running)) }
    }

    /// Ends it.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        if let Some(running) = self.running.lock().await.take()
            && running.await.is_err()
        {
            tracing::warn!("the embedded central service did not end by itself");
        }
    }
}

/// Makes the service's data on a free port, and gives back the address that it will have from now on.
///
/// # Errors
/// When the service does not start.
pub async fn prepare(data: &Path) -> Result<Url, central::Error> {
    let server = Server::start(options(data, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None)).await?;
    let url = server.url().clone();
    server.stop().await;
    Ok(url)
}

async fn keep(data: PathBuf, issuer: Url, signs: Option<Keyring>, mut stopping: watch::Receiver<bool>) {
    let Some(address) = address(&issuer) else {
        tracing::error!("the embedded central service needs an issuer like http://127.0.0.1:8080");
        return;
    };
    loop {
        // Each time anew: a keyring that was lost has another key.
        let key = match &signs {
            Some(keyring) => credentials::public_key(keyring).await.ok(),
            None => None,
        };
        match Server::start(options(&data, address, key)).await {
            Ok(server) => {
                tracing::info!(port = address.port(), "the embedded central service listens");
                // An error means that nobody is left who could stop it.
                drop(stopping.wait_for(|stop| *stop).await);
                server.stop().await;
                return;
            }
            Err(error) => {
                let port = address.port();
                tracing::error!(%error, port, "the embedded central service did not start");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN_AFTER) => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
    }
}

fn options(data: &Path, listen: SocketAddr, key: Option<String>) -> Options {
    let mut options = Options::new(data);
    options.listen = listen;
    options.demo = Some(DEMO);
    options.client_keys = key.map(|key| (CLIENT.to_owned(), key)).into_iter().collect();
    options
}

/// Where an issuer on this machine listens. A name or a public address is none.
pub(crate) fn address(issuer: &Url) -> Option<SocketAddr> {
    let url::Host::Ipv4(host) = issuer.host()? else { return None };
    (issuer.scheme() == "http" && host.is_loopback())
        .then(|| issuer.port())
        .flatten()
        .map(|port| (host, port).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_this_machine_alone() {
        let at = |issuer| address(&Url::parse(issuer).unwrap());
        assert_eq!(at("http://127.0.0.1:4711/"), Some(SocketAddr::from(([127, 0, 0, 1], 4711))));
        for elsewhere in
            ["http://0.0.0.0:4711", "http://192.0.2.1:80", "https://127.0.0.1:4711", "http://id.example:1"]
        {
            assert_eq!(at(elsewhere), None, "{elsewhere}");
        }
    }
}
