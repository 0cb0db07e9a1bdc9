//! A server in the place of an identity service, with or without TLS, and proxies.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, header},
};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// How one path is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    kind: &'static str,
    location: Option<&'static str>,
    body: String,
}

pub(crate) fn json_answer(status: u16, body: &Value) -> Answer {
    Answer { status, kind: "application/json", location: None, body: body.to_string() }
}

pub(crate) fn page(status: u16) -> Answer {
    let body = "<!doctype html><title>Log in to the network</title>".to_owned();
    Answer { status, kind: "text/html", location: None, body }
}

pub(crate) fn redirect(location: &'static str) -> Answer {
    Answer { location: Some(location), ..page(302) }
}

/// What ends when dropped.
#[derive(Debug)]
pub(crate) struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a service answers, by path. It starts out as one that a till can use.
pub(crate) struct Script(HashMap<&'static str, Answer>, Value);

impl Script {
    /// A good service of this issuer.
    pub(crate) fn good(issuer: &str) -> Self {
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "device_authorization_endpoint": format!("{issuer}/device_authorization"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "EdDSA"],
            "scopes_supported": ["openid", "profile", "email"],
        });
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "first",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
        let mut script = Self(HashMap::new(), metadata);
        script.answers("/keys", json_answer(200, &json!({ "keys": [key] })));
        script.answers("/device_authorization", json_answer(200, &code(issuer)));
        script.answers("/token", json_answer(400, &json!({ "error": "authorization_pending" })));
        script.answers("/userinfo", json_answer(401, &json!({ "error": "invalid_token" })));
        script
    }

    /// Changes what the service says of itself.
    pub(crate) fn says(&mut self, name: &str, value: impl Into<Value>) {
        self.1[name] = value.into();
    }

    /// Leaves something out of it.
    pub(crate) fn says_nothing_of(&mut self, name: &str) {
        self.1.as_object_mut().unwrap().remove(name);
    }

    pub(crate) fn answers(&mut self, path: &'static str, answer: Answer) {
        self.0.insert(path, answer);
    }
}

/// A code of the good service.
pub(crate) fn code(issuer: &str) -> Value {
    json!({
        "device_code": "device-code-of-the-service",
        "user_code": "WDJB-MJHT",
        "verification_uri": format!("{issuer}/device"),
        "verification_uri_complete": format!("{issuer}/device?user_code=WDJB-MJHT"),
        "expires_in": 600,
        "interval": 5,
    })
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    let found = script.0.get(path).cloned().unwrap_or_else(|| match path {
        "/.well-known/openid-configuration" => json_answer(200, &script.1),
        _ => page(404),
    });
    let mut response = Response::builder().status(found.status).header(header::CONTENT_TYPE, found.kind);
    if let Some(location) = found.location {
        response = response.header(header::LOCATION, location);
    }
    response.body(Body::from(found.body)).unwrap()
}

/// A service without TLS on this machine, and its issuer.
pub(crate) async fn service(change: impl FnOnce(&str, &mut Script)) -> (Running, String) {
    let listener = listener().await;
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let mut script = Script::good(&issuer);
    change(&issuer, &mut script);
    let app = Router::new().fallback(answer).with_state(Arc::new(script));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    (Running(serving.abort_handle()), issuer)
}

async fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

/// A port of this machine where nothing listens.
pub(crate) async fn closed_port() -> u16 {
    listener().await.local_addr().unwrap().port()
}

/// An authority for certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn called(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let mut named = DistinguishedName::new();
        named.push(DnType::OrganizationName, name);
        params.distinguished_name = named;
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    /// Its certificate, as store IT installs it.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server's certificate for these hosts, from so many days ago to in so many days.
    pub(crate) fn server(&self, hosts: &[&str], from: i64, to: i64) -> TlsAcceptor {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        let day = |days: i64| {
            let now = std::time::SystemTime::now();
            let span = std::time::Duration::from_secs(days.unsigned_abs() * 86_400);
            if days < 0 { now - span } else { now + span }.into()
        };
        (params.not_before, params.not_after) = (day(from), day(to));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Accepts connections and begins to encrypt them.
struct Encrypted {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Encrypted {
    type Io = tokio_rustls::server::TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A service with TLS on this machine, called `localhost`, and its issuer.
pub(crate) async fn encrypted_service(acceptor: TlsAcceptor) -> (Running, String) {
    let listener = listener().await;
    let issuer = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let app = Router::new().fallback(answer).with_state(Arc::new(Script::good(&issuer)));
    let encrypted = Encrypted { listener, acceptor };
    let serving = tokio::spawn(async move { axum::serve(encrypted, app).await });
    (Running(serving.abort_handle()), issuer)
}

/// Something that takes connections and says nothing that a till understands.
pub(crate) async fn mute() -> (Running, u16) {
    let listener = listener().await;
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                drop(stream.write_all(b"220 mail.example.com ESMTP\r\n").await);
            });
        }
    });
    (Running(serving.abort_handle()), port)
}

/// A proxy that answers everything with this status line; after a 200 it shows its own certificate, if it has one.
pub(crate) async fn proxy(status: &'static str, own: Option<TlsAcceptor>) -> (Running, Url) {
    let listener = listener().await;
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(intercept(stream, status, own.clone()));
        }
    });
    (Running(serving.abort_handle()), url)
}

async fn intercept(mut stream: TcpStream, status: &str, own: Option<TlsAcceptor>) -> Option<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(stream.read_u8().await.ok()?);
    }
    let head = if own.is_some() { "\r\n\r\n" } else { "\r\nContent-Length: 0\r\n\r\n" };
    stream.write_all(format!("HTTP/1.1 {status}{head}").as_bytes()).await.ok()?;
    let mut encrypted = own?.accept(stream).await.ok()?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(encrypted.read_u8().await.ok()?);
    }
    encrypted.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.ok()
}
