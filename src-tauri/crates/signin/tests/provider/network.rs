//! The network between till and provider: certificates, proxies, and a configuration of them that cannot work.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use http::{Request, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use signin::{Failure, Network, NetworkError, Reply, Transport, http_client};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A company's own certificate authority.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: tempfile::tempdir().unwrap() }
    }

    /// The file that store IT hands out.
    fn file(&self) -> PathBuf {
        let file = self.folder.path().join("ca.pem");
        fs::write(&file, self.issuer.pem()).unwrap();
        file
    }

    /// A certificate for a name, with what a test wants to be wrong.
    fn certify(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Served {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Served { chain: vec![certificate.der().clone()], key: key.serialize_der().try_into().unwrap() }
    }
}

struct Served {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// A server with a certificate that answers everything with `{}`.
async fn serve(served: Served, host: &str) -> Url {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(served.chain, served.key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4096];
                drop(stream.read(&mut request).await);
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await);
                drop(stream.shutdown().await);
            });
        }
    });
    Url::parse(&format!("https://{host}:{port}/")).unwrap()
}

async fn get(client: &reqwest::Client, url: &Url) -> Result<Reply, Failure> {
    let request = Request::get(url.as_str()).body(Vec::new()).unwrap();
    let sent: BoxFuture<'_, _> = client.send(request, Duration::from_secs(10));
    sent.await
}

/// What comes of a server with this certificate, for a till that believes the authority.
async fn with(authority: &Authority, served: Served) -> Result<Reply, Failure> {
    let url = serve(served, "localhost").await;
    let file = authority.file();
    let client = http_client(&Network { ca_file: Some(&file), ..Network::new(&url) }).unwrap();
    get(&client, &url).await
}

#[tokio::test]
async fn a_companys_own_certificates_are_believed_where_their_file_is_named() {
    let authority = Authority::new();
    let reply = with(&authority, authority.certify("localhost", |_| {})).await.unwrap();
    assert_eq!(reply.status, StatusCode::OK);

    let url = serve(authority.certify("localhost", |_| {}), "localhost").await;
    let stranger = http_client(&Network::new(&url)).unwrap();
    assert_eq!(get(&stranger, &url).await.unwrap_err(), Failure::NeverSent, "without it they are not");
}

#[tokio::test]
async fn a_server_whose_certificate_is_wrong_hears_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let own = {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        Served { chain: vec![certificate.der().clone()], key: key.serialize_der().try_into().unwrap() }
    };
    for (what, served) in [
        ("signed by itself", own),
        ("of another authority", other.certify("localhost", |_| {})),
        ("of another host", authority.certify("id.example.com", |_| {})),
        (
            "expired",
            authority.certify("localhost", |params| {
                params.not_before = date_time_ymd(2019, 1, 1);
                params.not_after = date_time_ymd(2020, 1, 1);
            }),
        ),
        (
            "not yet valid",
            authority.certify("localhost", |params| params.not_before = date_time_ymd(2090, 1, 1)),
        ),
    ] {
        assert_eq!(with(&authority, served).await.unwrap_err(), Failure::NeverSent, "{what}");
    }
}

#[test]
fn a_file_of_certificates_that_cannot_work_is_named_as_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let issuer = Url::parse("https://id.example.com").unwrap();
    let made = |file: &PathBuf| http_client(&Network { ca_file: Some(file), ..Network::new(&issuer) });
    let missing = made(&folder.path().join("none.pem"));
    assert!(matches!(missing, Err(NetworkError::CaFile(std::io::ErrorKind::NotFound))), "{missing:?}");
    for (name, text) in [
        ("empty.pem", ""),
        ("text.pem", "here are no certificates"),
        ("half.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"),
        ("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ("key.pem", &KeyPair::generate().unwrap().serialize_pem()),
    ] {
        let result = made(&file(name, text));
        assert!(matches!(result, Err(NetworkError::NoCertificate)), "{name}: {result:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_configured_is_used_but_not_for_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (heard, mut requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap_or_default();
            request.truncate(length);
            heard.send(String::from_utf8_lossy(&request).into_owned()).unwrap();
            drop(stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await);
        }
    });
    let issuer = Url::parse("https://id.example.com/").unwrap();
    let client = http_client(&Network { proxy: Some(&proxy), ..Network::new(&issuer) }).unwrap();
    assert_eq!(get(&client, &issuer).await.unwrap_err(), Failure::NeverSent);
    assert!(requests.recv().await.unwrap().starts_with("CONNECT id.example.com:443"));

    let here = Url::parse("http://127.0.0.1:9/").unwrap();
    let local = http_client(&Network { proxy: Some(&proxy), ..Network::new(&here) }).unwrap();
    for client in [local, client] {
        assert_eq!(get(&client, &here).await.unwrap_err(), Failure::NeverSent);
        assert!(requests.try_recv().is_err(), "this machine was asked through the proxy");
    }
}

#[test]
fn the_address_of_a_proxy_that_cannot_work_is_named_as_the_cause() {
    let issuer = Url::parse("https://id.example.com").unwrap();
    for bad in ["ftp://proxy.example.com", "mailto:proxy", "file:///proxy", "data:x"] {
        let proxy = Url::parse(bad).unwrap();
        let result = http_client(&Network { proxy: Some(&proxy), ..Network::new(&issuer) });
        assert!(matches!(result, Err(NetworkError::Proxy)), "{bad}: {result:?}");
    }
    for good in ["http://proxy.example.com:3128", "socks5://127.0.0.1:1080", "http://[::1]:3128"] {
        let proxy = Url::parse(good).unwrap();
        assert!(http_client(&Network { proxy: Some(&proxy), ..Network::new(&issuer) }).is_ok(), "{good}");
    }
}

#[tokio::test]
async fn a_provider_on_ipv6_is_reached() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else { return };
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        drop(stream.read(&mut request).await);
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await);
    });
    let client = http_client(&Network::new(&url)).unwrap();
    assert_eq!(get(&client, &url).await.unwrap().body.as_slice(), b"{}");
}
