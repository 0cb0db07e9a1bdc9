//! How a request is sent and how its answer is read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};

use crate::{Authority, Error, Problem, json};

/// How long an ordinary request may take in all.
const LIMIT: Duration = Duration::from_secs(15);
/// No answer is longer than this.
const LONGEST_BODY: usize = 4 * 1024 * 1024;
const ACCEPTED: HeaderValue =
    HeaderValue::from_static("application/json, application/scim+json, application/problem+json");
const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The way to one service. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// What each origin wants to find in the next proof (RFC 9449, section 8).
    nonces: Arc<Mutex<HashMap<String, String>>>,
}

/// One request.
pub(crate) struct Request {
    /// What it is about, for the log.
    what: &'static str,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Value>,
    limit: Duration,
}

impl Request {
    pub(crate) fn new(what: &'static str, method: Method, url: Url) -> Self {
        Self { what, method, url, headers: HeaderMap::new(), body: None, limit: LIMIT }
    }

    pub(crate) fn get(what: &'static str, url: Url) -> Self {
        Self::new(what, Method::GET, url)
    }

    /// A header whose value the caller has made of digits and the like.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// For a request that the service is asked to hold.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub(crate) fn body(mut self, kind: &'static str, body: Value) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.body = Some(body);
        self
    }
}

impl Http {
    /// `client` follows no redirects.
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client, nonces: Arc::default() }
    }

    /// Sends a request, once. Where a bound token's proof lacks the nonce that the service wants, which it says before it
    /// does anything (RFC 9449, section 9), once more with it.
    pub(crate) async fn send(&self, authority: &Authority, request: Request) -> Result<Reply, Error> {
        let response = self.once(authority, &request).await?;
        let wants_a_nonce = authority.prover.is_some() && wants_a_nonce(&response);
        if !wants_a_nonce {
            return read(response, request.what).await;
        }
        read(self.once(authority, &request).await?, request.what).await
    }

    /// Sends a request whose body says all: there is no token that would go with it.
    pub(crate) async fn send_alone(&self, request: Request) -> Result<Reply, Error> {
        if !may_carry_a_token(&request.url) {
            return Err(Error::Unexpected("an address without https"));
        }
        let builder = self.client.request(request.method.clone(), request.url.clone());
        read(dispatch(builder, &request).await?, request.what).await
    }

    async fn once(&self, authority: &Authority, request: &Request) -> Result<Response, Error> {
        let origin = request.url.origin().ascii_serialization();
        let response = dispatch(self.authorised(authority, request, &origin)?, request).await?;
        if authority.prover.is_some()
            && let Some(nonce) = response.headers().get(DPOP_NONCE).and_then(|nonce| nonce.to_str().ok())
        {
            self.nonces().insert(origin, nonce.to_owned());
        }
        Ok(response)
    }

    fn authorised(
        &self,
        authority: &Authority,
        request: &Request,
        origin: &str,
    ) -> Result<RequestBuilder, Error> {
        let url = &request.url;
        if !may_carry_a_token(url) {
            return Err(Error::Unexpected("an address without https"));
        }
        let builder = self.client.request(request.method.clone(), url.clone());
        let Some(prover) = &authority.prover else {
            return Ok(builder.header(AUTHORIZATION, secret("Bearer ", &authority.token)?));
        };
        let mut target = url.clone();
        target.set_query(None);
        target.set_fragment(None);
        let nonce = self.nonces().get(origin).cloned();
        let proof = prover
            .proof(request.method.as_str(), &target, &authority.token, nonce.as_deref())
            .ok_or(Error::Unexpected("a token without the key that it is bound to"))?;
        Ok(builder
            .header(AUTHORIZATION, secret("DPoP ", &authority.token)?)
            .header(DPOP, secret("", &proof)?))
    }

    fn nonces(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn dispatch(builder: RequestBuilder, request: &Request) -> Result<Response, Error> {
    let mut sent = builder.timeout(request.limit).header(ACCEPT, ACCEPTED).headers(request.headers.clone());
    if let Some(body) = &request.body {
        sent = sent.json(body);
    }
    sent.send().await.map_err(|error| unreachable(&error, request.what))
}

fn secret(scheme: &str, secret: &SecretString) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("{scheme}{}", secret.expose_secret()))
        .map_err(|_| Error::Unexpected("a token that cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
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

fn wants_a_nonce(response: &Response) -> bool {
    let headers = response.headers();
    let asks = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.contains("use_dpop_nonce"));
    response.status() == StatusCode::UNAUTHORIZED
        && headers.contains_key(DPOP_NONCE)
        && headers.get_all(WWW_AUTHENTICATE).iter().any(asks)
}

fn unreachable(error: &reqwest::Error, what: &'static str) -> Error {
    tracing::debug!(what, timeout = error.is_timeout(), connect = error.is_connect(), "no answer");
    Error::Unreachable
}

async fn read(mut response: Response, what: &'static str) -> Result<Reply, Error> {
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error, what))? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(Error::Unexpected("an answer that is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    tracing::debug!(what, status = status.as_u16(), "answered");
    Ok(Reply { status, body })
}

/// An answer, of whatever status.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    body: Vec<u8>,
}

impl Reply {
    /// The answer, where the service has something at the address.
    pub(crate) fn offered(self) -> Result<Self, Error> {
        if self.status == StatusCode::NOT_FOUND { Err(Error::NotOffered) } else { Ok(self) }
    }

    /// The answer, where it is no refusal.
    pub(crate) fn accepted(self) -> Result<Self, Error> {
        if self.status.is_success() || self.status == StatusCode::NOT_MODIFIED {
            return Ok(self);
        }
        Err(refusal(self.status, &self.body))
    }

    /// The JSON in an answer.
    pub(crate) fn json(&self) -> Result<Value, Error> {
        json::read(&self.body).map_err(Error::Unexpected)
    }

    /// The document in an answer.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_value(self.json()?)
            .map_err(|_| Error::Unexpected("a document that lacks what it must have"))
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> Error {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::NotAuthorised,
        _ if status.is_client_error() || status.is_server_error() => {
            match serde_json::from_slice::<Problem>(body) {
                Ok(problem) => Error::Refused { status: status.as_u16(), problem },
                // A gateway's page, not the service's word: what was asked may be answered later.
                Err(_) => Error::Unreachable,
            }
        }
        // Whoever answers with a redirect would like the token to go elsewhere.
        _ => Error::Unexpected("an answer that is neither yes nor no"),
    }
}
