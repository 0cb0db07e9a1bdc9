//! The way to the provider over the simulated network, which looks at every request before it is sent.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use counter::{
    State,
    state::{AttemptId, Visit},
};
use futures::future::{BoxFuture, FutureExt as _};
use http::{Request, header::HOST as HOST_HEADER};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use signin::{Failure, Reply, Transport};
use tokio::{sync::watch, task::JoinSet, time::timeout};
use turmoil::net::TcpStream;
use zeroize::Zeroizing;

use crate::provider::{HOST, INTERVAL, NUMBER, Provider, now};

pub(crate) struct Network {
    pub(crate) provider: Provider,
    /// The state of the counter, once it runs.
    pub(crate) state: OnceLock<watch::Receiver<Arc<State>>>,
    /// Codes that are being asked about.
    in_flight: Mutex<HashSet<String>>,
    /// The sign-in that a code was first asked about in.
    offered_in: Mutex<HashMap<String, AttemptId>>,
    /// Codes that tokens have come for.
    over: Mutex<HashSet<String>>,
    /// When the last request about a code was over for the till, answered or given up.
    ended_at: Mutex<HashMap<String, Duration>>,
    sent: AtomicU64,
    /// Sends what asks for tokens twice.
    pub(crate) impatient: bool,
}

impl Network {
    pub(crate) fn new(provider: Provider, impatient: bool) -> Self {
        Self {
            provider,
            state: OnceLock::new(),
            in_flight: Mutex::default(),
            offered_in: Mutex::default(),
            over: Mutex::default(),
            ended_at: Mutex::default(),
            sent: AtomicU64::new(0),
            impatient,
        }
    }

    fn violated(&self, what: String) {
        self.provider.world().violations.push(what);
    }

    /// What must be true when a code is asked about.
    fn look_at(&self, code: &str) {
        let offered = self.state.get().is_some_and(|state| match &state.borrow().visit {
            Visit::AwaitingScan(scan) => {
                let mut offered = std::iter::once(&scan.code).chain(&scan.before);
                let is_offered = offered.any(|offered| offered.user_code == code);
                if is_offered {
                    self.offered_in.lock().unwrap().insert(code.to_owned(), scan.attempt);
                }
                is_offered
            }
            // A fresh code is on its way in the same sign-in: what was asked about before may be asked about once more.
            Visit::Starting { attempt } => self.offered_in.lock().unwrap().get(code) == Some(attempt),
            _ => false,
        });
        if !offered {
            self.violated(format!("{code} was asked about after its sign-in had ended"));
        }
        let ended_at = self.ended_at.lock().unwrap().get(code).copied();
        if ended_at.is_some_and(|ended_at| now() < ended_at + INTERVAL) {
            self.violated(format!("{code} was asked about too soon after the request before"));
        }
        if self.over.lock().unwrap().contains(code) {
            self.violated(format!("{code} was asked about after tokens had come"));
        }
        if !self.in_flight.lock().unwrap().insert(code.to_owned()) {
            self.violated(format!("{code} was asked about twice at a time"));
        }
    }
}

impl Network {
    async fn once(&self, mut request: Request<Vec<u8>>, limit: Duration) -> Result<Reply, Failure> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        request.headers_mut().insert(NUMBER, number.into());
        let reply = once(request, limit).await;
        if reply.is_err() {
            self.provider.world().given_up.insert(number);
        }
        reply
    }
}

impl Transport for Network {
    fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> BoxFuture<'_, Result<Reply, Failure>> {
        async move {
            let polled = url::form_urlencoded::parse(request.body())
                .find(|(name, _)| name == "device_code")
                .map(|(_, code)| code.into_owned());
            let Some(code) = polled else { return self.once(request, limit).await };
            self.look_at(&code);
            if self.impatient {
                let _ = self.once(request.clone(), limit).await;
            }
            let reply = self.once(request, limit).await;
            self.in_flight.lock().unwrap().remove(&code);
            self.ended_at.lock().unwrap().insert(code.clone(), now());
            // Cut short they are no tokens.
            let is_whole = |reply: &Reply| reply.status.is_success() && reply.body.ends_with(b"}");
            if reply.as_ref().is_ok_and(is_whole) {
                self.over.lock().unwrap().insert(code);
            }
            reply
        }
        .boxed()
    }
}

/// One request on a connection of its own.
async fn once(request: Request<Vec<u8>>, limit: Duration) -> Result<Reply, Failure> {
    let begun = tokio::time::Instant::now();
    let stream = timeout(limit, TcpStream::connect((HOST, 443)))
        .await
        .map_err(|_| Failure::NeverSent)?
        .map_err(|_| Failure::NeverSent)?;
    let answer = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        // Cut when this ends, however it ends.
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        let mut request = request.map(|body| Full::new(Bytes::from(body)));
        request.headers_mut().insert(HOST_HEADER, HOST.parse().unwrap());
        let (head, body) = sender.send_request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Reply { status: head.status, headers: head.headers, body: Zeroizing::new(body.to_vec()) })
    };
    timeout(limit.saturating_sub(begun.elapsed()), answer).await.ok().flatten().ok_or(Failure::NoAnswer)
}
