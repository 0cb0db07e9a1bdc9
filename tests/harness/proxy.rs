//! A reverse proxy in front of the central service that writes down every secret which passes: what a test then
//! looks for where it must not be.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};
pub use axum::http::Method;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, StatusCode, Uri, header},
};
use futures::stream;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};
use url::Url;

/// The fields of OAuth answers that nobody but the till and the provider may know.
const SECRET: [&str; 4] = ["access_token", "refresh_token", "id_token", "device_code"];

/// A request that passed.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

/// The proxy. It ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    url: Url,
    shared: Arc<Shared>,
    server: Option<Runtime>,
}

#[derive(Debug, Default)]
struct Shared {
    upstream: Mutex<Option<SocketAddr>>,
    seen: Mutex<Seen>,
    lose: Mutex<Option<(Method, &'static str)>>,
    /// The path at which the service has too much to do, after so many requests.
    busy: Mutex<Option<(&'static str, u32)>>,
    http: reqwest::Client,
}

#[derive(Debug, Default)]
struct Seen {
    secrets: BTreeSet<String>,
    requests: Vec<Passed>,
}

impl Shared {
    fn is_busy(&self, asked: &str) -> bool {
        match &mut *self.busy.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((path, 0)) => *path == asked,
            Some((path, left)) if *path == asked => {
                *left -= 1;
                false
            }
            Some(_) | None => false,
        }
    }
}

impl Proxy {
    /// Starts one that passes nothing on until it is told where to.
    pub async fn start() -> Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        let http =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let shared = Arc::new(Shared { http, ..Shared::default() });
        let app = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        // On a thread of its own: a test that is busy must not slow the till down.
        let server = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = listener.into_std()?;
        server.spawn(async move { axum::serve(TcpListener::from_std(listener)?, app).await });
        Ok(Proxy { url, shared, server: Some(server) })
    }

    /// The address that the world knows.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Passes requests on from now on.
    pub fn pass_to(&self, upstream: SocketAddr) {
        *self.shared.upstream.lock().unwrap_or_else(PoisonError::into_inner) = Some(upstream);
    }

    /// The next such request reaches the service, and its answer reaches nobody: the connection ends.
    pub fn lose_the_next_answer_to(&self, method: Method, path: &'static str) {
        *self.shared.lose.lock().unwrap_or_else(PoisonError::into_inner) = Some((method, path));
    }

    /// Whether such an answer is still to be lost.
    pub fn is_about_to_lose(&self) -> bool {
        self.shared.lose.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// From now on the service answers so many requests to a path, and has too much to do for any more.
    pub fn answers_only(&self, requests: u32, path: &'static str) {
        *self.shared.busy.lock().unwrap_or_else(PoisonError::into_inner) = Some((path, requests));
    }

    /// The service answers everything again.
    pub fn answers_all(&self) {
        *self.shared.busy.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Every token and device code that was issued so far.
    pub fn secrets(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).secrets.iter().cloned().collect()
    }

    /// Every request that got an answer so far.
    pub fn requests(&self) -> Vec<Passed> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown_background();
        }
    }
}

async fn pass(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    forward(&shared, method, &uri, headers, body).await.unwrap_or_else(|error| {
        // A body that fails at its very beginning ends the connection before anything was sent.
        let nothing = stream::iter([Err::<Bytes, _>(std::io::Error::other(error))]);
        Response::new(Body::from_stream(nothing))
    })
}

async fn forward(
    shared: &Shared,
    method: Method,
    uri: &Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Response<Body>> {
    let upstream = *shared.upstream.lock().unwrap_or_else(PoisonError::into_inner);
    let upstream = upstream.context("nowhere to pass to")?;
    if shared.is_busy(uri.path()) {
        let problem = r#"{"title":"too much to do"}"#;
        return Ok(Response::builder().status(StatusCode::SERVICE_UNAVAILABLE).body(Body::from(problem))?);
    }
    // An answer must be readable to be searched.
    headers.remove(header::ACCEPT_ENCODING);
    let asked = method.clone();
    let address = format!("http://{upstream}{uri}");
    let answer = shared.http.request(method.clone(), address).headers(headers).body(body).send().await?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != header::TRANSFER_ENCODING && name != header::CONNECTION {
            response = response.header(name, value);
        }
    }
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await?;
    let mut seen = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.requests.push(Passed { method, path: uri.path().to_owned(), status });
    if let Ok(Value::Object(fields)) = serde_json::from_slice(&bytes) {
        let secrets = SECRET.iter().filter_map(|name| fields.get(*name)?.as_str());
        seen.secrets.extend(secrets.map(str::to_owned));
    }
    drop(seen);
    let mut lose = shared.lose.lock().unwrap_or_else(PoisonError::into_inner);
    if lose.take_if(|(method, path)| *method == asked && *path == uri.path()).is_some() {
        bail!("the answer is lost");
    }
    drop(lose);
    Ok(response.body(Body::from(bytes))?)
}
