//! An OpenID provider that answers as a test tells it to, right or wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Instant, SystemTime},
};

use anyhow::Result;
use axum::{
    Form, Json, Router,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

const CLIENT: &str = "till-northquay-1";

/// What the token endpoint says next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The customer has not decided.
    Pending,
    /// Ask less often.
    SlowDown,
    /// The customer said no.
    Denied,
    /// The code ran out.
    Expired,
    /// Tokens, with something wrong in the ID token or nothing.
    Tokens(Option<TokenFault>),
    /// Tokens as they should be, and then somebody else's `UserInfo`.
    OtherSubject,
    /// Nothing that can be understood.
    Garbage(Garbage),
}

/// What stands where an answer should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garbage {
    /// A page of a gateway or of the guests' network, as a success.
    Page,
    /// Tokens that break off.
    CutOff,
    /// An access token twice.
    Twice,
    /// Bytes that are no text.
    NoText,
}

/// What is wrong with an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Signed by a key that is not the provider's, under the name of one that is.
    Signature,
    /// Signed by a key of a name that the provider does not list.
    UnknownKey,
    /// Of another issuer.
    Issuer,
    /// For another client.
    Audience,
    /// For this client and another, and issued to that one.
    Party,
    /// Used up an hour ago.
    Expired,
    /// Issued in an hour.
    Future,
    /// Not signed at all.
    Unsigned,
}

/// A running provider. It ends when dropped.
#[derive(Debug)]
pub struct Provider {
    shared: Arc<Shared>,
    server: Option<Runtime>,
}

#[derive(Debug)]
struct Shared {
    issuer: String,
    key: SigningKey,
    other_key: SigningKey,
    state: Mutex<Script>,
}

#[derive(Debug)]
struct Script {
    answer: Answer,
    /// What is said to polls of certain codes instead.
    answers: HashMap<String, Answer>,
    /// How many seconds the next code lives.
    expires_in: u32,
    codes: u32,
    polls: Vec<Poll>,
}

/// A request at the token endpoint.
#[derive(Clone, Debug)]
pub struct Poll {
    /// What it asked about.
    pub device_code: String,
    /// When it came.
    pub at: Instant,
}

impl Provider {
    /// Starts one whose codes live for so many seconds and are polled every second.
    pub async fn start(expires_in: u32, answer: Answer) -> Result<Provider> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let shared = Arc::new(Shared {
            issuer: format!("http://{}", listener.local_addr()?),
            key: SigningKey::from_bytes(&[7; 32]),
            other_key: SigningKey::from_bytes(&[8; 32]),
            state: Mutex::new(Script {
                answer,
                answers: HashMap::new(),
                expires_in,
                codes: 0,
                polls: Vec::new(),
            }),
        });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/device_authorization", post(device))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .route("/revoke", post(async || StatusCode::OK))
            .with_state(Arc::clone(&shared));
        // On threads of its own, which end with all its connections when it leaves.
        let server = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = listener.into_std()?;
        server.spawn(async move { axum::serve(TcpListener::from_std(listener)?, app).await });
        Ok(Provider { shared, server: Some(server) })
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Changes what it says from now on.
    pub fn answer(&self, answer: Answer) {
        self.shared.script(|script| script.answer = answer);
    }

    /// Changes what it says to polls of the n-th code, from 1.
    pub fn answer_to(&self, number: u32, answer: Answer) {
        self.shared.script(|script| script.answers.insert(Provider::device_code(number), answer));
    }

    /// The codes that are asked for from now on live for so many seconds.
    pub fn codes_live(&self, expires_in: u32) {
        self.shared.script(|script| script.expires_in = expires_in);
    }

    /// The device code that was given out as the n-th, from 1.
    pub fn device_code(number: u32) -> String {
        format!("device-code-{number}-of-the-provider")
    }

    /// How many codes were asked for.
    pub fn codes(&self) -> u32 {
        self.shared.script(|script| script.codes)
    }

    /// The requests at the token endpoint, in order.
    pub fn polls(&self) -> Vec<Poll> {
        self.shared.script(|script| script.polls.clone())
    }

    /// Is gone from the network from now on: connections are refused.
    pub fn leave(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown_background();
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Shared {
    fn script<T>(&self, use_it: impl FnOnce(&mut Script) -> T) -> T {
        use_it(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tokens(&self, fault: Option<TokenFault>) -> Value {
        json!({
            "access_token": "access-token-of-the-provider",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.id_token(fault),
        })
    }

    fn id_token(&self, fault: Option<TokenFault>) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let issued_at = match fault {
            Some(TokenFault::Expired) => now - 7200,
            Some(TokenFault::Future) => now + 3600,
            _ => now,
        };
        let mut claims = json!({
            "iss": if fault == Some(TokenFault::Issuer) { "http://127.0.0.1:1" } else { &self.issuer },
            "aud": if fault == Some(TokenFault::Audience) { "till-arcade-1" } else { CLIENT },
            "sub": "customer-of-the-provider",
            "iat": issued_at,
            "exp": issued_at + 3600,
            "name": "Ottoline Featherstonehaugh",
            "given_name": "Ottoline",
        });
        if fault == Some(TokenFault::Party) {
            claims["aud"] = json!([CLIENT, "till-arcade-1"]);
            claims["azp"] = "till-arcade-1".into();
        }
        let unsigned = fault == Some(TokenFault::Unsigned);
        let header = match fault {
            Some(TokenFault::Unsigned) => json!({ "alg": "none" }),
            Some(TokenFault::UnknownKey) => json!({ "alg": "EdDSA", "kid": "second" }),
            _ => json!({ "alg": "EdDSA", "kid": "first" }),
        };
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let is_foreign = matches!(fault, Some(TokenFault::Signature | TokenFault::UnknownKey));
        let key = if is_foreign { &self.other_key } else { &self.key };
        let signature = if unsigned {
            String::new()
        } else {
            URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes())
        };
        format!("{signed}.{signature}")
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "device_authorization_endpoint": format!("{issuer}/device_authorization"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "scopes_supported": ["openid", "profile", "email"],
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_methods_supported": ["none"],
    }))
}

/// Who the customer is, and one thing that they like.
async fn user_info(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if bearer != Some("Bearer access-token-of-the-provider") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let is_other = shared.script(|script| script.answer == Answer::OtherSubject);
    Json(json!({
        "sub": if is_other { "another-customer" } else { "customer-of-the-provider" },
        "name": "Ottoline Featherstonehaugh",
        "given_name": "Ottoline",
        "email": "ottoline@example.com",
        "email_verified": true,
        "https://shop.example/likes": { "shoes": "38", "colours": ["navy", "sand"] },
    }))
    .into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let x = URL_SAFE_NO_PAD.encode(shared.key.verifying_key().to_bytes());
    Json(json!({
        "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "first", "x": x }],
    }))
}

async fn device(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let (number, expires_in) = shared.script(|script| {
        script.codes += 1;
        (script.codes, script.expires_in)
    });
    let user_code = format!("WDJB-MJH{}", char::from(b'A' + u8::try_from(number % 20).unwrap_or(0)));
    let issuer = &shared.issuer;
    Json(json!({
        "device_code": Provider::device_code(number),
        "user_code": user_code,
        "verification_uri": format!("{issuer}/activate"),
        "verification_uri_complete": format!("{issuer}/activate?user_code={user_code}"),
        "expires_in": expires_in,
        "interval": 1,
    }))
}

async fn token(State(shared): State<Arc<Shared>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let answer = shared.script(|script| {
        let poll = |code: &String| Poll { device_code: code.clone(), at: Instant::now() };
        let code = form.get("device_code");
        script.polls.extend(code.map(poll));
        code.and_then(|code| script.answers.get(code)).copied().unwrap_or(script.answer)
    });
    let error = |name: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": name }))).into_response();
    match answer {
        Answer::Pending => error("authorization_pending"),
        Answer::SlowDown => error("slow_down"),
        Answer::Denied => error("access_denied"),
        Answer::Expired => error("expired_token"),
        Answer::Tokens(fault) => Json(shared.tokens(fault)).into_response(),
        Answer::OtherSubject => Json(shared.tokens(None)).into_response(),
        Answer::Garbage(garbage) => {
            let tokens = shared.tokens(None).to_string();
            let body = match garbage {
                Garbage::Page => b"<!doctype html><p>Welcome to the guests' network".to_vec(),
                Garbage::CutOff => tokens.as_bytes()[..tokens.len() / 2].to_vec(),
                Garbage::Twice => tokens.replacen('{', r#"{"access_token":"another","#, 1).into_bytes(),
                Garbage::NoText => vec![0xff; 64],
            };
            ([(CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}
