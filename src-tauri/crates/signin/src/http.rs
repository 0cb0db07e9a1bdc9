//! Requests: how one is sent, how long it may take, how much of an answer is read, and what its failure means.
//!
//! Nothing here follows a redirect, keeps a cookie, sends a request twice or says what was in one.

use std::{sync::Arc, time::Duration};

use openidconnect::{HttpRequest, HttpResponse};
use reqwest::{
    RequestBuilder, StatusCode,
    header::{ACCEPT, HeaderMap, HeaderValue},
    redirect,
};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use rustls_platform_verifier::BuilderVerifierExt;
use url::Url;
use zeroize::Zeroizing;

use crate::{Error, addresses::is_this_machine};

/// How long a provider has to take up the connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an ordinary request may take in all.
pub(crate) const ORDINARY: Duration = Duration::from_secs(15);
/// No answer of a provider is longer than this.
const LONGEST_BODY: usize = 512 * 1024;

/// The client for all requests of a till: rustls with the roots of the platform, the proxy of the machine, no redirects,
/// no cookies, time limits. It installs nothing for the process. It reads the certificates of the machine, so it is
/// made once.
pub fn http_client(issuer: &Url) -> Result<reqwest::Client, Error> {
    let mut tls = tls_config()?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let builder = reqwest::Client::builder();
    // A service on this machine is not encrypted: what is said to it stays here.
    let builder = if is_this_machine(issuer) { builder.no_proxy() } else { builder };
    builder
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(ORDINARY)
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| Error::Unexpected("the client for requests cannot be made"))
}

fn tls_config() -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match versions(provider.clone())?.with_platform_verifier() {
        Ok(verified) => Ok(verified.with_no_client_auth()),
        Err(error) => {
            // A machine without certificates trusts no server, but the service on the machine itself needs none.
            tracing::warn!(%error, "the certificates of this machine cannot be read: https will not work");
            Ok(versions(provider)?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
        }
    }
}

fn versions(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Unexpected("the versions of TLS cannot be chosen"))
}

/// An answer, of whatever status.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// Whether the status says "later", which has nothing to do with what was asked.
    pub(crate) fn says_later(&self) -> bool {
        says_later(self.status)
    }
}

/// Whether a status says "later".
pub(crate) fn says_later(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        )
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The request did not leave this machine.
    #[error("the request was not sent")]
    NeverSent,
    /// The request may have arrived.
    #[error("the request was not answered")]
    NoAnswer,
}

/// Sends one request, once.
pub(crate) async fn send(request: RequestBuilder, limit: Duration) -> Result<Reply, Failure> {
    let request = request.timeout(limit).header(ACCEPT, HeaderValue::from_static("application/json"));
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let announced = response.content_length().unwrap_or_default();
    let mut body = Zeroizing::new(Vec::with_capacity(capacity(announced)));
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > LONGEST_BODY {
            tracing::warn!(status = status.as_u16(), "an answer of the provider is too long");
            return Err(Failure::NoAnswer);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, headers, body })
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

/// `openidconnect` brings no client for this version of `reqwest`: this sends its requests.
pub(crate) async fn for_openidconnect(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let request = reqwest::Request::try_from(request).map_err(|_| Failure::NeverSent)?;
    let reply = send(RequestBuilder::from_parts(client, request), ORDINARY).await?;
    let mut response = HttpResponse::new(reply.body.to_vec());
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Ok(response)
}
