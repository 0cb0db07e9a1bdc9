//! A strict provider on a simulated host. What it knows stays when it is restarted; its customers decide by chance.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signer, SigningKey};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use turmoil::net::TcpListener;

pub(crate) const HOST: &str = "id.example.com";
pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const CLIENT: &str = "till-northquay-1";
/// The number of a request, by which till and provider can be compared.
pub(crate) const NUMBER: &str = "x-number";
/// How long a code works.
const LIFE: Duration = Duration::from_mins(1);
pub(crate) const INTERVAL: Duration = Duration::from_secs(2);
const KEY: [u8; 32] = [1; 32];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    Yes,
    No,
    Never,
}

struct Code {
    made_at: Duration,
    decides_at: Duration,
    decision: Decision,
    answered_at: Option<Duration>,
    /// The same, of requests that the till was still waiting for.
    awaited_at: Option<Duration>,
    too_early: u32,
    used: bool,
}

/// What the provider knows, and what it has seen.
pub(crate) struct World {
    rng: ChaCha8Rng,
    codes: HashMap<String, Code>,
    serial: u32,
    /// Whether faults happen; after it the provider answers as it should, and every customer says yes.
    pub(crate) faulty: bool,
    /// Whether the codes are gone after a restart.
    pub(crate) forgets: bool,
    /// What must not have happened.
    pub(crate) violations: Vec<String>,
    /// Codes whose customers have said no.
    pub(crate) denied: HashSet<String>,
    /// Codes for which tokens were handed out.
    pub(crate) granted: HashSet<String>,
    /// Requests that the till has given up. When they arrive, and are answered, is not in its hands.
    pub(crate) given_up: HashSet<u64>,
    pub(crate) polls: u64,
}

#[derive(Clone)]
pub(crate) struct Provider(Arc<Mutex<World>>);

/// Virtual time since the beginning.
pub(crate) fn now() -> Duration {
    turmoil::sim_elapsed().unwrap_or_default()
}

/// The provider's wall clock.
pub(crate) fn wall() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::from_std(now()).unwrap()
}

impl Provider {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(World {
            rng: ChaCha8Rng::seed_from_u64(seed ^ 0x5eed),
            codes: HashMap::new(),
            serial: 0,
            faulty: true,
            forgets: false,
            violations: Vec::new(),
            denied: HashSet::new(),
            granted: HashSet::new(),
            given_up: HashSet::new(),
            polls: 0,
        })))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// Serves until the host is crashed.
    pub(crate) async fn serve(self) -> turmoil::Result {
        if std::mem::take(&mut self.world().forgets) {
            self.world().codes.clear();
        }
        let listener = TcpListener::bind(("0.0.0.0", 443)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let provider = self.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| provider.clone().answer(request));
                // A connection that is cut is what this is about.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path().to_owned();
        let number = request.headers()[NUMBER].to_str().unwrap().parse().unwrap();
        let body =
            request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
        let early = (path == "/token").then(|| self.world().polled(&form["device_code"], number)).flatten();
        let wait = self.world().latency();
        tokio::time::sleep(wait).await;
        let mut world = self.world();
        let (status, body) = match (path.as_str(), early) {
            (_, Some(answer)) => answer,
            (path, None) => {
                if let Some(fault) = world.fault(path) {
                    world.answered(form.get("device_code"), number);
                    return Ok(fault);
                }
                match path {
                    "/.well-known/openid-configuration" => (StatusCode::OK, metadata()),
                    "/keys" => (StatusCode::OK, keys()),
                    "/device" => (StatusCode::OK, world.code()),
                    "/token" => world.decision(&form["device_code"]),
                    _ => (StatusCode::OK, json!({})),
                }
            }
        };
        world.answered(form.get("device_code"), number);
        // The tokens may be handed out and the answer spoilt on its way.
        let spoilt = path == "/token" && world.faulty && world.rng.random_bool(0.03);
        let body = body.to_string();
        let body = if spoilt { body[..body.len() / 2].to_owned() } else { body };
        let reply = Response::builder().status(status).header("content-type", "application/json");
        Ok(reply.body(Full::from(body)).unwrap())
    }
}

impl World {
    fn latency(&mut self) -> Duration {
        let longest = match self.faulty {
            true if self.rng.random_bool(0.1) => 20_000,
            true => 1_500,
            false => 200,
        };
        Duration::from_millis(self.rng.random_range(0..longest))
    }

    fn fault(&mut self, path: &str) -> Option<Response<Full<Bytes>>> {
        // A till that cannot even begin shows nothing.
        let share = if path == "/token" { 0.15 } else { 0.05 };
        if !self.faulty || !self.rng.random_bool(share) {
            return None;
        }
        let (status, body) = match self.rng.random_range(0..3) {
            0 => (StatusCode::BAD_GATEWAY, "<html>The gateway did not hear from the server.</html>"),
            1 => (StatusCode::TOO_MANY_REQUESTS, "slower"),
            _ => (StatusCode::OK, "<html>Welcome to the guest network"),
        };
        Some(Response::builder().status(status).body(Full::from(body)).unwrap())
    }

    fn code(&mut self) -> Value {
        self.serial += 1;
        let name = format!("code-{}", self.serial);
        let after = if self.faulty { self.rng.random_range(0..70_000) } else { 3_000 };
        let decision = match self.rng.random_range(0..10) {
            _ if !self.faulty => Decision::Yes,
            0..6 => Decision::Yes,
            6..8 => Decision::No,
            _ => Decision::Never,
        };
        let code = Code {
            made_at: now(),
            decides_at: now() + Duration::from_millis(after),
            decision,
            answered_at: None,
            awaited_at: None,
            too_early: 0,
            used: false,
        };
        self.codes.insert(name.clone(), code);
        json!({
            "device_code": name, "user_code": name, "verification_uri": format!("{ISSUER}/device"),
            "expires_in": LIFE.as_secs(), "interval": INTERVAL.as_secs(),
        })
    }

    /// A request has arrived. One that comes too early is answered at once, and the third of them ends the code.
    fn polled(&mut self, name: &str, number: u64) -> Option<(StatusCode, Value)> {
        self.polls += 1;
        let now = now();
        let code = self.codes.get_mut(name)?;
        let is_early = |at: Option<Duration>| at.is_some_and(|at| now < at + INTERVAL);
        if is_early(code.awaited_at) && !self.given_up.contains(&number) {
            let since = now.saturating_sub(code.awaited_at.unwrap_or_default());
            self.violations.push(format!("{name} was asked about {since:?} after the last answer"));
        }
        // The provider knows nothing of what the till has given up.
        if !is_early(code.answered_at) {
            return None;
        }
        code.too_early += 1;
        if code.too_early > 2 {
            self.codes.remove(name);
        }
        Some(error("slow_down"))
    }

    fn answered(&mut self, name: Option<&String>, number: u64) {
        let is_awaited = !self.given_up.contains(&number);
        if let Some(code) = name.and_then(|name| self.codes.get_mut(name)) {
            code.answered_at = Some(now());
            if is_awaited {
                code.awaited_at = code.answered_at;
            }
        }
    }

    fn decision(&mut self, name: &str) -> (StatusCode, Value) {
        let Some(code) = self.codes.get_mut(name) else { return error("invalid_grant") };
        if code.used {
            return error("invalid_grant");
        }
        let decided = code.decides_at <= now();
        match code.decision {
            Decision::No if decided => {
                self.denied.insert(name.to_owned());
                error("access_denied")
            }
            _ if now() >= code.made_at + LIFE => error("expired_token"),
            Decision::Yes if decided => {
                code.used = true;
                self.granted.insert(name.to_owned());
                let tokens = json!({
                    "access_token": format!("access-{name}"), "token_type": "Bearer", "expires_in": 600,
                    "id_token": id_token(name),
                });
                (StatusCode::OK, tokens)
            }
            Decision::Yes | Decision::No | Decision::Never => error("authorization_pending"),
        }
    }
}

fn error(code: &str) -> (StatusCode, Value) {
    (StatusCode::BAD_REQUEST, json!({ "error": code }))
}

/// Without a profile API and `UserInfo`: nothing but the sign-in asks the network.
fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "token_endpoint": format!("{ISSUER}/token"),
        "device_authorization_endpoint": format!("{ISSUER}/device"),
        "revocation_endpoint": format!("{ISSUER}/revoke"),
        "jwks_uri": format!("{ISSUER}/keys"),
        "id_token_signing_alg_values_supported": ["EdDSA"],
    })
}

fn keys() -> Value {
    let x = part(SigningKey::from_bytes(&KEY).verifying_key().to_bytes());
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": x }] })
}

/// The customer is named after the code, so that a session tells where it comes from.
fn id_token(code: &str) -> String {
    let at = wall().timestamp();
    let claims = json!({
        "iss": ISSUER, "sub": code, "aud": CLIENT, "iat": at, "exp": at + 300, "name": "Amélie Durand",
    });
    let header = json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" });
    let signed = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
    let signature = SigningKey::from_bytes(&KEY).sign(signed.as_bytes());
    format!("{signed}.{}", part(signature.to_bytes()))
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
