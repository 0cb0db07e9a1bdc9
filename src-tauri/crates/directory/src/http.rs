//! How a request is sent and how its answer is read.

use std::time::Duration;

use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::{Error, Problem};

/// How long a request may take in all.
const LIMIT: Duration = Duration::from_secs(15);
/// No answer is longer than this.
const LONGEST_BODY: usize = 4 * 1024 * 1024;
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/json, application/problem+json");

/// A request that carries the token.
pub(crate) fn request(
    client: &reqwest::Client,
    method: Method,
    url: Url,
    token: &SecretString,
) -> Result<RequestBuilder, Error> {
    if !may_carry_a_token(&url) {
        return Err(Error::Unexpected("an address without https"));
    }
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::Unexpected("a token that cannot be sent"))?;
    bearer.set_sensitive(true);
    Ok(client.request(method, url).timeout(LIMIT).header(AUTHORIZATION, bearer).header(ACCEPT, ACCEPTED))
}

/// https, or this machine.
fn may_carry_a_token(url: &Url) -> bool {
    let is_this_machine = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_this_machine)
}

/// An answer that is no refusal.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

impl Reply {
    /// The document in the answer.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|_| Error::Unexpected("a document that cannot be read"))
    }
}

/// Sends a request, once. `what` is for the log.
pub(crate) async fn send(request: RequestBuilder, what: &'static str) -> Result<Reply, Error> {
    let unreachable = |error: reqwest::Error| {
        tracing::debug!(what, timeout = error.is_timeout(), connect = error.is_connect(), "no answer");
        Error::Unreachable
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(Error::Unexpected("an answer that is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    tracing::debug!(what, status = status.as_u16(), "answered");
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(Reply { status, body });
    }
    Err(refusal(status, &body))
}

fn refusal(status: StatusCode, body: &[u8]) -> Error {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::NotAuthorised,
        _ if status.is_client_error() || status.is_server_error() => {
            match serde_json::from_slice::<Problem>(body) {
                Ok(problem) => Error::Refused { status: status.as_u16(), problem },
                // A gateway's page, not the API's word: what was asked may be answered later.
                Err(_) => Error::Unreachable,
            }
        }
        // Whoever answers with a redirect would like the token to go elsewhere.
        _ => Error::Unexpected("an answer that is neither yes nor no"),
    }
}
