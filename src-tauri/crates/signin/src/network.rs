//! The client for all requests of a till: which certificates it believes, by which proxy it goes, how long it waits.
//!
//! It follows no redirect, keeps no cookie, and installs nothing for the process.

use std::{fs, path::Path, sync::Arc, time::Duration};

use reqwest::{NoProxy, Proxy, redirect};
use rustls::{
    ClientConfig, RootCertStore,
    client::danger::ServerCertVerifier,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use url::Url;

use crate::{NetworkError, addresses::is_this_machine, transport::ORDINARY};

/// How long a server has to take up the connection, over IPv6 or IPv4, whichever answers first.
const CONNECT: Duration = Duration::from_secs(5);
/// What is never asked through a proxy.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";
/// No file of certificates is longer than this.
const LONGEST_CA_FILE: u64 = 4 * 1024 * 1024;

/// How the till reaches its provider.
#[derive(Clone, Copy, Debug)]
pub struct Network<'a> {
    /// The provider's issuer: one on this machine is not asked through a proxy.
    pub issuer: &'a Url,
    /// A PEM file with certificates to believe besides those of the machine, such as a company's own.
    pub ca_file: Option<&'a Path>,
    /// An `http`, `https` or `socks5` proxy; none for that of the machine.
    pub proxy: Option<&'a Url>,
}

impl<'a> Network<'a> {
    /// As the machine is set up.
    pub fn new(issuer: &'a Url) -> Self {
        Self { issuer, ca_file: None, proxy: None }
    }
}

/// Makes the client. It reads the certificates of the machine, so it is made once.
pub fn http_client(network: &Network<'_>) -> Result<reqwest::Client, NetworkError> {
    let mut tls = tls_config(network.ca_file)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let builder = reqwest::Client::builder();
    // A service on this machine is not encrypted: what is said to it stays here.
    let builder = match network.proxy {
        _ if is_this_machine(network.issuer) => builder.no_proxy(),
        None => builder,
        Some(address) => builder.proxy(proxy(address)?),
    };
    builder
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(ORDINARY)
        .build()
        .map_err(|_| NetworkError::Client)
}

fn proxy(address: &Url) -> Result<Proxy, NetworkError> {
    let is_known = matches!(address.scheme(), "http" | "https" | "socks5" | "socks5h");
    if !is_known || address.host().is_none() {
        return Err(NetworkError::Proxy);
    }
    let proxy = Proxy::all(address.clone()).map_err(|_| NetworkError::Proxy)?;
    Ok(proxy.no_proxy(NoProxy::from_string(THIS_MACHINE)))
}

fn tls_config(ca_file: Option<&Path>) -> Result<ClientConfig, NetworkError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = ca_file.map(certificates).transpose()?.unwrap_or_default();
    match Verifier::new_with_extra_roots(extra, provider.clone()) {
        Ok(verifier) => Ok(believing(provider, Arc::new(verifier))?),
        Err(error) => {
            // A machine without certificates trusts no server, but the service on the machine itself needs none.
            tracing::warn!(%error, "the certificates of this machine cannot be read: https will not work");
            let none = RootCertStore::empty();
            let config = versions(provider)?.with_root_certificates(none).with_no_client_auth();
            Ok(config)
        }
    }
}

fn believing(
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<ClientConfig, NetworkError> {
    let builder = versions(provider)?.dangerous().with_custom_certificate_verifier(verifier);
    Ok(builder.with_no_client_auth())
}

fn versions(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, NetworkError> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| NetworkError::Client)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, NetworkError> {
    let size = fs::metadata(file).map_err(|error| NetworkError::CaFile(error.kind()))?.len();
    if size > LONGEST_CA_FILE {
        return Err(NetworkError::NoCertificate);
    }
    let text = fs::read(file).map_err(|error| NetworkError::CaFile(error.kind()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_| NetworkError::NoCertificate)?;
    let mut store = RootCertStore::empty();
    let can_be_used = found.iter().all(|certificate| store.add(certificate.clone()).is_ok());
    if can_be_used && !found.is_empty() { Ok(found) } else { Err(NetworkError::NoCertificate) }
}

/// Whether a file of certificates can be used.
///
/// # Errors
/// What is wrong with it.
pub fn check_ca_file(file: &Path) -> Result<(), NetworkError> {
    certificates(file).map(drop)
}

/// Whether the address of a proxy can be used.
///
/// # Errors
/// [`NetworkError::Proxy`].
pub fn check_proxy(address: &Url) -> Result<(), NetworkError> {
    proxy(address).map(drop)
}
