//! The way to the identity service: its name, a connection, what stands in between, and what the server shows before
//! anything is said. The same way that the till's own requests take.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use http_body_util::Empty;
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1,
    header::{DATE, HOST, PROXY_AUTHORIZATION},
};
use hyper_util::{
    client::proxy::matcher::{Intercept, Matcher},
    rt::TokioIo,
};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::{
    Check, Code, Configuration, Line,
    certificate::{Onlooker, Seen},
    clock,
};

/// How long one step may take.
pub(crate) const STEP: Duration = Duration::from_secs(5);
/// What is never asked through a proxy, as [`signin::http_client`] has it.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

/// Anything that bytes go over.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A way that is open.
pub(crate) type Stream = Box<dyn Duplex>;

/// How the identity service is reached.
pub(crate) enum Way {
    /// Straight; with whether a proxy is left out because it is on this machine.
    Straight { bypassed: bool },
    /// Through a proxy.
    Through(Intercept),
}

impl Way {
    /// The way that the till's own requests take.
    pub(crate) fn of(configuration: &Configuration) -> Self {
        let issuer = &configuration.provider.issuer;
        let proxies = match &configuration.proxy {
            Some(proxy) => Matcher::builder().all(proxy.as_str()).no(THIS_MACHINE).build(),
            None => Matcher::from_system(),
        };
        let is_here = signin::is_this_machine(issuer);
        match issuer.as_str().parse().ok().and_then(|uri| proxies.intercept(&uri)) {
            Some(proxy) if !is_here => Self::Through(proxy),
            found => {
                Self::Straight { bypassed: is_here && (found.is_some() || configuration.proxy.is_some()) }
            }
        }
    }

    pub(crate) fn is_through_proxy(&self) -> bool {
        matches!(self, Self::Through(_))
    }
}

/// Whether only somebody in the same building, or at the same desk, can open an address.
pub(crate) fn is_internal(url: &Url) -> bool {
    const INSIDE: [&str; 6] = [".local", ".internal", ".intranet", ".lan", ".corp", ".home.arpa"];
    match url.host() {
        Some(Host::Domain(name)) => !name.contains('.') || INSIDE.iter().any(|end| name.ends_with(end)),
        Some(Host::Ipv4(ip)) => ip.is_private() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        None => true,
    }
}

/// The host and the port of an address, as connections are made to them.
pub(crate) fn host_and_port(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or_default())
}

/// Looks the name up.
pub(crate) async fn look_up(host: &str, port: u16) -> Result<(Line, Vec<std::net::SocketAddr>), Line> {
    let line = |code| Line::new(Check::Dns, code).with("host", host);
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok((line(Code::DnsNotNeeded), vec![(ip, port).into()]));
    }
    match timeout(STEP, lookup_host((host, port))).await {
        Err(_) => Err(line(Code::DnsSilent)),
        Ok(Err(_)) => Err(line(Code::DnsNotFound)),
        Ok(Ok(found)) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                return Err(line(Code::DnsNotFound));
            }
            Ok((line(Code::DnsFound).with("addresses", found.len()), found))
        }
    }
}

/// Connects to the first address that takes the connection.
pub(crate) async fn connect(
    host: &str,
    addresses: &[std::net::SocketAddr],
) -> Result<(Line, TcpStream), Line> {
    let port = addresses.first().map(std::net::SocketAddr::port).unwrap_or_default();
    let line = |code| Line::new(Check::Tcp, code).with("host", host).with("port", port);
    match timeout(STEP, TcpStream::connect(addresses)).await {
        Ok(Ok(stream)) => Ok((line(Code::TcpOpen), stream)),
        Ok(Err(error)) => Err(line(match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Code::TcpRefused,
            io::ErrorKind::TimedOut => Code::TcpSilent,
            _ => Code::TcpUnreachable,
        })),
        Err(_) => Err(line(Code::TcpSilent)),
    }
}

/// Asks the proxy for a way to the identity service. None where it is of a kind that only the requests themselves can
/// speak to.
pub(crate) async fn tunnel(
    proxy: &Intercept,
    host: &str,
    port: u16,
    look: &Onlook,
) -> Result<(Line, Option<Stream>), Line> {
    let scheme = proxy.uri().scheme_str().unwrap_or("http").to_owned();
    let at = proxy.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let default = if scheme.starts_with("socks") {
        1080
    } else if scheme == "https" {
        443
    } else {
        80
    };
    let proxy_port = proxy.uri().port_u16().unwrap_or(default);
    let line =
        |code| Line::new(Check::Proxy, code).with("proxy_host", at.as_str()).with("proxy_port", proxy_port);
    let connected = timeout(STEP, TcpStream::connect((at.as_str(), proxy_port))).await;
    let Ok(Ok(stream)) = connected else { return Err(line(Code::ProxyUnreachable)) };
    let stream: Stream = match scheme.as_str() {
        "http" => Box::new(stream),
        "https" => {
            let greeted = timeout(STEP, look.shake_hands(&at, stream)).await;
            match greeted {
                Ok(Ok((stream, _))) => stream,
                Ok(Err(())) | Err(_) => return Err(line(Code::ProxyUnreachable)),
            }
        }
        _ if scheme.starts_with("socks5") => return Ok((line(Code::ProxyPasses), None)),
        _ => return Err(line(Code::ProxyUnsupported)),
    };
    match timeout(STEP, ask_for_tunnel(proxy, host, port, stream)).await {
        Ok(Ok(Ok(stream))) => Ok((line(Code::ProxyPasses), Some(stream))),
        Ok(Ok(Err(status))) => {
            let code = if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
                Code::ProxyWantsPassword
            } else {
                Code::ProxyRefuses
            };
            Err(line(code).with("status", status.as_u16()))
        }
        Ok(Err(_)) | Err(_) => Err(line(Code::ProxyUnreachable)),
    }
}

async fn ask_for_tunnel(
    proxy: &Intercept,
    host: &str,
    port: u16,
    stream: Stream,
) -> hyper::Result<Result<Stream, StatusCode>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = hyper::Method::CONNECT;
    if let (Ok(uri), Ok(at)) = (authority.parse(), authority.parse()) {
        *request.uri_mut() = uri;
        request.headers_mut().insert(HOST, at);
    }
    if let Some(password) = proxy.basic_auth() {
        request.headers_mut().insert(PROXY_AUTHORIZATION, password.clone());
    }
    let answer = sender.send_request(request).await?;
    if !answer.status().is_success() {
        return Ok(Err(answer.status()));
    }
    let upgraded = hyper::upgrade::on(answer).await?;
    Ok(Ok(Box::new(TokioIo::new(upgraded))))
}

/// How a server is looked at.
pub(crate) struct Onlook {
    verifier: Option<Arc<dyn rustls::client::danger::ServerCertVerifier>>,
    now: DateTime<Utc>,
}

impl Onlook {
    pub(crate) fn new(
        verifier: Option<Arc<dyn rustls::client::danger::ServerCertVerifier>>,
        now: DateTime<Utc>,
    ) -> Self {
        Self { verifier, now }
    }

    /// Begins to encrypt, whatever the server shows.
    pub(crate) async fn shake_hands(
        &self,
        host: &str,
        stream: impl Duplex + 'static,
    ) -> Result<(Stream, Seen), ()> {
        let onlooker = Onlooker::new(self.verifier.clone(), self.now);
        let config = onlooker.config().map_err(drop)?;
        let name = ServerName::try_from(host.to_owned()).map_err(drop)?;
        let encrypted = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(drop)?;
        let seen = onlooker.seen().ok_or(())?;
        Ok((Box::new(encrypted), seen))
    }
}

/// What time a server has, by the `Date` of an answer: whatever it answers, and none where it tells none.
pub(crate) async fn time_of(stream: Stream, issuer: &Url) -> Option<DateTime<Utc>> {
    let ask = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        let running = tokio::spawn(connection);
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.method_mut() = hyper::Method::HEAD;
        *request.uri_mut() = issuer.path().parse().ok()?;
        let (host, port) = host_and_port(issuer);
        let host = if issuer.port().is_some() { format!("{host}:{port}") } else { host };
        request.headers_mut().insert(HOST, host.parse().ok()?);
        let answer = sender.send_request(request).await.ok()?;
        running.abort();
        clock::read(answer.headers().get(DATE)?.to_str().ok()?)
    };
    timeout(STEP, ask).await.ok().flatten()
}
