//! The till's own way to the identity service, with somebody who looks on: the requests are those that the till makes, and
//! what came back says why one of them failed. Bodies are kept of public documents alone.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::{BoxFuture, FutureExt as _};
use http::{Method, Request, StatusCode, header::LOCATION};
use serde_json::Value;
use signin::{Failure, Reply, Transport};
use url::Url;

/// Passes everything on, and keeps what was answered last.
pub(crate) struct Watching {
    inner: Arc<dyn Transport>,
    limit: Mutex<Duration>,
    last: Mutex<Option<Result<Answer, Failure>>>,
    fetched: Mutex<Vec<Result<Fetched, Failure>>>,
}

/// An answer to a request for a public document.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) answer: Answer,
    /// The document, where it is one.
    pub(crate) document: Option<Value>,
}

/// What an answer was like.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Where it leads to, without what may be secret in that.
    pub(crate) leads_to: Option<String>,
    /// Whether it is JSON.
    pub(crate) is_json: bool,
    /// The word of the protocol for what is wrong (RFC 6749, section 5.2).
    pub(crate) error: Option<String>,
    /// The host of the page that customers are sent to.
    pub(crate) page_host: Option<String>,
}

impl Answer {
    /// What a transport got.
    pub(crate) fn of(reply: &Reply) -> Self {
        Self::with(reply, serde_json::from_slice(&reply.body).ok().as_ref())
    }

    fn with(reply: &Reply, json: Option<&Value>) -> Self {
        let text = |name| json?.get(name)?.as_str();
        let page = text("verification_uri").or_else(|| text("verification_url"));
        Self {
            status: reply.status,
            leads_to: reply.headers.get(LOCATION).and_then(|to| origin(to.to_str().ok()?)),
            is_json: json.is_some(),
            error: text("error").and_then(word),
            page_host: page.and_then(|page| Some(Url::parse(page).ok()?.host_str()?.to_owned())),
        }
    }

    /// Whether the status says "later".
    pub(crate) fn says_later(&self) -> bool {
        self.status.is_server_error()
            || matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
    }
}

impl Watching {
    /// No request takes longer than `limit`.
    pub(crate) fn new(inner: Arc<dyn Transport>, limit: Duration) -> Arc<Self> {
        Arc::new(Self { inner, limit: Mutex::new(limit), last: Mutex::default(), fetched: Mutex::default() })
    }

    /// From now on no request takes longer than `limit`.
    pub(crate) fn allow(&self, limit: Duration) {
        *lock(&self.limit) = limit;
    }

    /// What was answered last.
    pub(crate) fn last(&self) -> Option<Result<Answer, Failure>> {
        lock(&self.last).clone()
    }

    /// What came of the requests for public documents, in order.
    pub(crate) fn fetched(&self) -> Vec<Result<Fetched, Failure>> {
        lock(&self.fetched).clone()
    }
}

impl Transport for Watching {
    fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> BoxFuture<'_, Result<Reply, Failure>> {
        async move {
            let is_public = request.method() == Method::GET;
            let limit = limit.min(*lock(&self.limit));
            let reply = self.inner.send(request, limit).await;
            let fetched = reply.as_ref().map_err(|error| *error).map(|reply| {
                let document = serde_json::from_slice::<Value>(&reply.body).ok();
                Fetched { answer: Answer::with(reply, document.as_ref()), document }
            });
            *lock(&self.last) = Some(fetched.as_ref().map(|one| one.answer.clone()).map_err(|error| *error));
            if is_public {
                lock(&self.fetched).push(fetched);
            }
            reply
        }
        .boxed()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn origin(location: &str) -> Option<String> {
    let url = Url::parse(location).ok()?;
    Some(format!("{}://{}", url.scheme(), url.host_str()?))
}

/// No error code of the protocol is longer.
const LONGEST_WORD: usize = 48;

fn word(text: &str) -> Option<String> {
    let is_word =
        (1..=LONGEST_WORD).contains(&text.len()) && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_word.then(|| text.to_owned())
}
