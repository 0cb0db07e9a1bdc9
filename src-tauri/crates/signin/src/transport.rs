//! Requests: how one is sent, how long it may take, how much of an answer is read, and what its failure means.
//!
//! All that this crate sends goes through [`Transport`]. Nothing here follows a redirect, keeps a cookie, sends a request
//! twice or says what was in one.

use std::{fmt, time::Duration};

use futures::future::{BoxFuture, FutureExt as _};
use http::{
    HeaderMap, HeaderValue, Request, StatusCode,
    header::{ACCEPT, USER_AGENT},
};
use tokio::time::timeout;
use url::Url;
use zeroize::Zeroizing;

use crate::Error;

/// How long an ordinary request may take in all.
pub(crate) const ORDINARY: Duration = Duration::from_secs(15);
/// How long an answer that has begun may pause.
const PAUSE: Duration = Duration::from_secs(5);
/// No answer of a provider is longer than this.
const LONGEST_BODY: usize = 512 * 1024;
/// Who asks.
const PROGRAM: HeaderValue = HeaderValue::from_static(concat!("countersign/", env!("CARGO_PKG_VERSION")));

/// The way to the provider. [`reqwest::Client`] is the real one, as [`crate::http_client`] makes it.
pub trait Transport: Send + Sync {
    /// Sends one request, once, and gives up after `limit`, whatever of the answer is there by then.
    fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> BoxFuture<'_, Result<Reply, Failure>>;
}

/// An answer, of whatever status.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body. There may be tokens in it.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    /// Whether the status says "later", which has nothing to do with what was asked.
    pub(crate) fn says_later(&self) -> bool {
        self.status.is_server_error()
            || matches!(
                self.status,
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
            )
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request did not leave this machine.
    #[error("the request was not sent")]
    NeverSent,
    /// The request may have arrived.
    #[error("the request was not answered")]
    NoAnswer,
}

impl Transport for reqwest::Client {
    fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> BoxFuture<'_, Result<Reply, Failure>> {
        async move {
            let mut request = reqwest::Request::try_from(request).map_err(|_| Failure::NeverSent)?;
            *request.timeout_mut() = Some(limit);
            request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
            request.headers_mut().insert(USER_AGENT, PROGRAM);
            let mut response = self.execute(request).await.map_err(|error| failure(&error))?;
            let status = response.status();
            let headers = std::mem::take(response.headers_mut());
            let announced = response.content_length().unwrap_or_default();
            let mut body = Zeroizing::new(Vec::with_capacity(capacity(announced)));
            while let Some(chunk) = timeout(PAUSE, response.chunk())
                .await
                .map_err(|_| Failure::NoAnswer)?
                .map_err(|error| failure(&error))?
            {
                if body.len() + chunk.len() > LONGEST_BODY {
                    tracing::warn!(status = status.as_u16(), "an answer of the provider is too long");
                    return Err(Failure::NoAnswer);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Reply { status, headers, body })
        }
        .boxed()
    }
}

/// Fetches a public document: an answer that does not say "later", of whatever status.
pub(crate) async fn get(address: &Url, transport: &dyn Transport) -> Result<Reply, Error> {
    let request = Request::get(address.as_str()).body(Vec::new()).map_err(|_| Error::Unreachable)?;
    let reply = transport.send(request, ORDINARY).await.map_err(|_| Error::Unreachable)?;
    if reply.says_later() { Err(Error::Unreachable) } else { Ok(reply) }
}

/// Room for the whole answer, where it says how long it is: growing would leave copies of secrets behind.
fn capacity(announced: u64) -> usize {
    usize::try_from(announced).unwrap_or(LONGEST_BODY).min(LONGEST_BODY)
}

fn failure(error: &reqwest::Error) -> Failure {
    let failure =
        if error.is_connect() || error.is_builder() { Failure::NeverSent } else { Failure::NoAnswer };
    tracing::debug!(%failure, timeout = error.is_timeout(), "no answer from the provider");
    failure
}
