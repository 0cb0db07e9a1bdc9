//! A provider and profile API in one, whose customer decides when a test says so. It can be switched off, with every
//! connection to it, and on again at the same address; and it can be made to answer wrongly ([`super::faults`]).

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use ed25519_dalek::{Signer, SigningKey};
use profile::{PreferenceEdit, Profile};
use ring::hmac;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch, time::timeout};

use super::{
    faults::{self, Fault, Faults, Place},
    store::{self, Store},
};
use crate::people::{page, profile, shoes};

pub(crate) const CLIENT: &str = "till-northquay-1";
pub(crate) const SUBJECT: &str = "customer-1";

/// How long a token request is held.
const HELD: Duration = Duration::from_secs(4);

/// What the customer does with their phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phone {
    Untouched,
    Scanned,
    Yes { remember: bool },
    No,
}

/// What is wrong with the ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Nothing,
    /// The signature of another token.
    Signature,
    /// Another key of the same name.
    OtherKey,
    /// A key of a name that nobody knows.
    UnknownKey,
    /// `alg` is `none`.
    Unsigned,
    /// The public key as a shared secret.
    Hmac,
    Issuer,
    Audience,
    Party,
    Expired,
    Future,
    /// A name that stands there twice.
    Twice,
    /// There is no ID token.
    Missing,
}

/// What becomes of requests to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refreshes {
    Answered,
    /// A gateway loses the answers.
    Lost,
    /// The provider has too much to do.
    TurnedAway,
}

struct World {
    profile: Profile,
    flaw: Flaw,
    /// Whether the till knows that the page was opened.
    told: bool,
    refreshes: Refreshes,
    serial: u32,
    own_serial: u32,
    access: HashSet<String>,
    /// Each is good once.
    refresh: HashSet<String>,
    /// Tokens of the till itself.
    own: HashSet<String>,
    /// Whether the store may remember the customer.
    remembers: bool,
    applied: HashMap<String, u64>,
    /// What was opened of sealed edits.
    opened: Vec<sealing::Waiting>,
    /// The revision at which somebody else has changed a preference.
    elsewhere: HashMap<(String, String), u64>,
    /// The user's metadata at Auth0.
    metadata: HashMap<String, Value>,
}

pub(crate) struct Shared {
    address: SocketAddr,
    issuer: String,
    pub(crate) faults: Faults,
    pub(crate) store: Store,
    world: Mutex<World>,
    sealing: sealing::SecretKey,
    phone: watch::Sender<Phone>,
    log: watch::Sender<Vec<String>>,
}

pub(crate) struct Provider {
    pub(crate) shared: Arc<Shared>,
    running: Option<Runtime>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self::named(None).await
    }

    /// One that whoever stands before it gives its name.
    pub(crate) async fn named(issuer: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            address,
            issuer: issuer.unwrap_or_else(|| format!("http://{address}")),
            faults: Faults::default(),
            store: Store::default(),
            world: Mutex::new(World {
                profile: profile(SUBJECT, 7),
                flaw: Flaw::Nothing,
                told: false,
                refreshes: Refreshes::Answered,
                serial: 0,
                own_serial: 0,
                access: HashSet::new(),
                refresh: HashSet::new(),
                own: HashSet::new(),
                remembers: true,
                applied: HashMap::new(),
                opened: Vec::new(),
                elsewhere: HashMap::new(),
                metadata: HashMap::new(),
            }),
            sealing: sealing::SecretKey::make(),
            phone: watch::Sender::new(Phone::Untouched),
            log: watch::Sender::default(),
        });
        drop(listener);
        let mut provider = Self { shared, running: None };
        provider.on().await;
        provider
    }

    pub(crate) fn issuer(&self) -> String {
        self.shared.issuer.clone()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Switches the provider on again.
    pub(crate) async fn on(&mut self) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (shared, address) = (Arc::clone(&self.shared), self.shared.address);
        let listening = runtime.spawn(async move {
            let listener = TcpListener::bind(address).await.unwrap();
            tokio::spawn(async move { axum::serve(listener, router(shared)).await });
        });
        listening.await.unwrap();
        self.running = Some(runtime);
    }

    /// Switches it off: nothing listens, and every connection is cut.
    pub(crate) async fn off(&mut self) {
        self.running.take().unwrap().shutdown_background();
        let gone = async {
            while tokio::net::TcpStream::connect(self.shared.address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), gone).await.unwrap();
    }

    pub(crate) fn phone(&self, does: Phone) {
        self.shared.phone.send_replace(does);
    }

    pub(crate) fn flawed(&self, flaw: Flaw) {
        self.shared.world().flaw = flaw;
    }

    /// From now on it answers so at a place.
    pub(crate) fn fails(&self, at: Place, with: Fault) {
        self.shared.faults.switch(Some((at, with)));
    }

    /// From now on it answers rightly.
    pub(crate) fn is_well(&self) {
        self.shared.faults.switch(None);
        self.flawed(Flaw::Nothing);
    }

    /// Waits until a request was made.
    pub(crate) async fn saw(&self, request: &str) {
        let mut log = self.shared.log.subscribe();
        let seen = log.wait_for(|log| log.iter().any(|entry| entry == request));
        let seen = timeout(Duration::from_secs(20), seen).await.is_ok();
        assert!(seen, "{request} is not among {:?}", self.log());
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.shared.log.borrow().clone()
    }

    pub(crate) fn count(&self, request: &str) -> usize {
        self.log().iter().filter(|entry| entry.starts_with(request)).count()
    }

    /// Access and refresh tokens that are good for something.
    pub(crate) fn good_tokens(&self) -> (usize, usize) {
        let world = self.shared.world();
        (world.access.len(), world.refresh.len())
    }

    pub(crate) fn profile(&self) -> Profile {
        self.shared.world().profile.clone()
    }

    /// The customer changes their size of shoes in the web shop.
    pub(crate) fn shoes_elsewhere(&self, size: &str) {
        let mut world = self.shared.world();
        world.profile.revision += 1;
        let revision = world.profile.revision;
        let provenance = profile::Provenance {
            channel: profile::Channel::Web,
            at: Utc::now(),
            by: profile::Author::Customer,
        };
        shoes(size).apply(&mut world.profile.preferences, provenance);
        world.elsewhere.insert(("sizes".to_owned(), "shoes".to_owned()), revision);
    }

    /// What was handed over sealed, opened.
    pub(crate) fn opened(&self) -> Vec<sealing::Waiting> {
        self.shared.world().opened.clone()
    }

    pub(crate) fn refreshes_are(&self, refreshes: Refreshes) {
        self.shared.world().refreshes = refreshes;
    }

    /// The customer takes it back that the store may remember them, or agrees to it again.
    pub(crate) fn store_remembers(&self, remembers: bool) {
        self.shared.world().remembers = remembers;
    }

    /// No token of a till is good any more.
    pub(crate) fn ends_own_tokens(&self) {
        self.shared.world().own.clear();
    }

    /// Every refresh token dies, as when the customer ends it from their phone.
    pub(crate) fn ends_all_access(&self) {
        let mut world = self.shared.world();
        world.access.clear();
        world.refresh.clear();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown_background();
        }
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) fn note(&self, request: impl Into<String>) {
        self.log.send_modify(|log| log.push(request.into()));
    }

    fn tokens(&self, remember: bool, with_id: bool) -> Value {
        let mut world = self.world();
        world.serial += 1;
        let access = format!("access-{}", world.serial);
        world.access.insert(access.clone());
        let mut answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 600 });
        if remember {
            let refresh = format!("refresh-{}", world.serial);
            world.refresh.insert(refresh.clone());
            answer["refresh_token"] = refresh.into();
        }
        if with_id && world.flaw != Flaw::Missing {
            answer["id_token"] = self.id_token(world.flaw, remember).into();
        }
        answer
    }

    fn id_token(&self, flaw: Flaw, remember: bool) -> String {
        let now = Utc::now().timestamp();
        let mut claims = json!({
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "name": "Amélie Durand",
            "shoe_size": "38",
            "countersign_check": "K7",
            "countersign_role": "associate",
        });
        if remember {
            claims["countersign_remember_until"] = (now + 86_400).into();
        }
        match flaw {
            Flaw::Issuer => claims["iss"] = "https://elsewhere.example.com".into(),
            Flaw::Audience => claims["aud"] = "till-oldtown-1".into(),
            Flaw::Party => claims["azp"] = "till-oldtown-1".into(),
            Flaw::Expired => {
                claims["iat"] = (now - 7200).into();
                claims["exp"] = (now - 3600).into();
            }
            Flaw::Future => {
                claims["iat"] = (now + 3600).into();
                claims["exp"] = (now + 7200).into();
            }
            _ => {}
        }
        let header = match flaw {
            Flaw::Unsigned => json!({ "alg": "none" }),
            Flaw::Hmac => json!({ "alg": "HS256", "kid": "one" }),
            Flaw::UnknownKey => json!({ "alg": "EdDSA", "kid": "two" }),
            _ => json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" }),
        };
        let mut claims = claims.to_string();
        if flaw == Flaw::Twice {
            claims = claims.replacen('{', r#"{"sub":"customer-2","#, 1);
        }
        let signed = format!("{}.{}", part(header.to_string()), part(claims));
        let signature = match flaw {
            Flaw::Unsigned => Vec::new(),
            Flaw::Signature => key().sign(b"another token").to_bytes().to_vec(),
            Flaw::OtherKey => SigningKey::from_bytes(&[9; 32]).sign(signed.as_bytes()).to_bytes().to_vec(),
            Flaw::Hmac => {
                let public = hmac::Key::new(hmac::HMAC_SHA256, key().verifying_key().as_bytes());
                hmac::sign(&public, signed.as_bytes()).as_ref().to_vec()
            }
            _ => key().sign(signed.as_bytes()).to_bytes().to_vec(),
        };
        format!("{signed}.{}", part(signature))
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|token| self.world().access.contains(token))
    }

    pub(crate) fn allows_till(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|token| self.world().own.contains(token))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) type Held = State<Arc<Shared>>;

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/keys", get(async || {
            let x = part(key().verifying_key().to_bytes());
            Json(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": x }] }))
        }))
        .route("/device", post(device))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .route("/userinfo", get(user_info))
        .route("/api/v2/users/{id}", get(user).patch(change_user))
        .route("/v1/me", get(me))
        .route("/v1/me/activity", get(activity))
        .route("/v1/me/sealing-key", get(sealing_key))
        .route("/v1/sealing-key", get(till_sealing_key))
        .route("/v1/sealed-edits", post(sealed_edits))
        .route("/v1/me/preferences", patch(preferences))
        .route("/v1/remembered/{subject}/preferences", patch(preferences_by_till))
        .route("/v1/remembered/{subject}/withdrawals", post(store::take_back))
        .route("/v1/remembered", get(store::page))
        .route("/v1/changes", get(store::changes))
        .route("/v1/erasures/{subject}/confirmation", post(store::confirm))
        .route("/v1/visits", post(open_visit))
        .route("/v1/visits/{id}/end", post(end_visit))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), faults::meddle))
        .with_state(shared)
}

async fn metadata(State(shared): Held) -> Json<Value> {
    shared.note("discovery");
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "device_authorization_endpoint": format!("{issuer}/device"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "scopes_supported": ["openid", "profile", "offline_access", "customer", "store"],
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:device_code", "client_credentials"],
        "countersign_profile_api": format!("{issuer}/v1"),
        "countersign_holds_token_requests": true,
    }))
}

async fn device(State(shared): Held) -> Json<Value> {
    shared.note("code");
    shared.phone.send_replace(Phone::Untouched);
    shared.world().told = false;
    let page = format!("{}/device", shared.issuer);
    Json(json!({
        "device_code": "a-device-code",
        "user_code": "BCDF-GHJK",
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code=BCDF-GHJK"),
        "expires_in": 300,
        "interval": 1,
    }))
}

async fn token(State(shared): Held, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Some(old) = form.get("refresh_token") {
        shared.note("refresh");
        let refreshes = shared.world().refreshes;
        if refreshes == Refreshes::TurnedAway {
            let answer = Json(json!({ "error": "temporarily_unavailable" }));
            return (StatusCode::TOO_MANY_REQUESTS, answer).into_response();
        }
        let good = shared.world().refresh.remove(old);
        if good && refreshes == Refreshes::Lost {
            drop(shared.tokens(true, false));
            return (StatusCode::BAD_GATEWAY, "<html>The gateway did not hear from the server.</html>")
                .into_response();
        }
        return if good { Json(shared.tokens(true, false)).into_response() } else { error("invalid_grant") };
    }
    if form["grant_type"] == "client_credentials" {
        assert!(form.contains_key("client_assertion"), "a till that does not say who it is");
        shared.note("own token");
        let mut world = shared.world();
        world.own_serial += 1;
        let own = format!("own-{}", world.own_serial);
        world.own.insert(own.clone());
        let answer = json!({ "access_token": own, "token_type": "Bearer", "expires_in": 600 });
        return Json(answer).into_response();
    }
    shared.note("poll");
    let news = |does: &Phone| match does {
        Phone::Untouched => false,
        Phone::Scanned => !shared.world().told,
        Phone::Yes { .. } | Phone::No => true,
    };
    drop(timeout(HELD, shared.phone.subscribe().wait_for(news)).await);
    let decided = *shared.phone.borrow();
    shared.world().told = decided == Phone::Scanned;
    match decided {
        Phone::Untouched => error("authorization_pending"),
        Phone::Scanned => {
            let pending = json!({ "error": "authorization_pending", "countersign_stage": "scanned" });
            (StatusCode::BAD_REQUEST, Json(pending)).into_response()
        }
        Phone::Yes { remember } => Json(shared.tokens(remember, true)).into_response(),
        Phone::No => error("access_denied"),
    }
}

async fn revoke(State(shared): Held, Form(form): Form<HashMap<String, String>>) -> StatusCode {
    let token = &form["token"];
    {
        let mut world = shared.world();
        world.access.remove(token);
        world.refresh.remove(token);
    }
    shared.note(format!("revoke {token}"));
    StatusCode::OK
}

async fn me(State(shared): Held, headers: HeaderMap) -> Response {
    shared.note("me");
    if !shared.allows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(shared.world().profile.clone()).into_response()
}

async fn user_info(State(shared): Held, headers: HeaderMap) -> Response {
    shared.note("user info");
    if !shared.allows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({ "sub": SUBJECT, "name": "Amélie Durand", "shoe_size": "38" })).into_response()
}

/// A user as Auth0 tells them.
async fn user(State(shared): Held, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if !shared.allows(&headers) || id != SUBJECT {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let metadata = shared.world().metadata.clone();
    let identity = json!({ "provider": "google-oauth2", "connection": "google-oauth2", "user_id": "1178" });
    Json(json!({
        "user_id": SUBJECT, "name": "Amélie Durand", "identities": [identity], "user_metadata": metadata,
    }))
    .into_response()
}

async fn change_user(
    held: Held,
    id: Path<String>,
    headers: HeaderMap,
    Json(mut body): Json<HashMap<String, HashMap<String, Value>>>,
) -> Response {
    if held.allows(&headers) {
        held.note(format!("metadata {}", json!(body)));
        held.world().metadata.extend(body.remove("user_metadata").unwrap_or_default());
    }
    user(held, id, headers).await
}

async fn activity(State(shared): Held, headers: HeaderMap) -> Response {
    if !shared.allows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(page(&["a1"], None)).into_response()
}

async fn preferences(State(shared): Held, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !shared.allows(&headers) {
        shared.note("edit without a good token");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    change_preferences(&shared, &headers, &body)
}

async fn preferences_by_till(
    State(shared): Held,
    Path(subject): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    assert_eq!(subject, SUBJECT);
    if !shared.allows_till(&headers) {
        shared.note("edit without a good token of the till");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if !shared.world().remembers {
        shared.note("edit of somebody else's customer");
        return (StatusCode::NOT_FOUND, Json(json!({ "title": "not found" }))).into_response();
    }
    change_preferences(&shared, &headers, &body)
}

fn change_preferences(shared: &Shared, headers: &HeaderMap, body: &Value) -> Response {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let (group, values) = body.as_object().unwrap().iter().next().unwrap();
    let (name, value) = values.as_object().unwrap().iter().next().unwrap();
    let base: u64 = headers["if-match"].to_str().unwrap().trim_matches('"').parse().unwrap();
    let document = {
        let mut world = shared.world();
        let changed = world.elsewhere.get(&(group.clone(), name.clone()));
        if changed.is_some_and(|changed| base < *changed) {
            let current = world.profile.preferences.get(group).and_then(|group| group.get(name));
            let conflict = json!({ "group": group, "key": name, "current": current });
            let problem =
                json!({ "title": "conflict", "conflicts": [conflict], "revision": world.profile.revision });
            drop(world);
            shared.note(format!("conflict {value}"));
            return (StatusCode::PRECONDITION_FAILED, Json(problem)).into_response();
        }
        if !world.applied.contains_key(&key) {
            world.profile.revision += 1;
            let revision = world.profile.revision;
            world.applied.insert(key, revision);
            let edit = PreferenceEdit {
                group: group.clone(),
                key: name.clone(),
                value: serde_json::from_value(value.clone()).unwrap(),
            };
            let provenance = profile::Provenance {
                channel: profile::Channel::Store,
                at: Utc::now(),
                by: profile::Author::Associate,
            };
            edit.apply(&mut world.profile.preferences, provenance);
        }
        world.profile.clone()
    };
    shared.note(format!("edit {value}"));
    Json(document).into_response()
}

async fn sealing_key(State(shared): Held, headers: HeaderMap) -> Response {
    if !shared.allows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    shared.note("sealing key");
    let public = shared.sealing.public();
    Json(json!({ "id": public.id, "key": public.key, "grant": "a-grant" })).into_response()
}

async fn till_sealing_key(State(shared): Held, headers: HeaderMap) -> Response {
    if !shared.allows_till(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let public = shared.sealing.public();
    Json(json!({ "id": public.id, "key": public.key, "grant": "till-grant" })).into_response()
}

async fn sealed_edits(State(shared): Held, Json(body): Json<Value>) -> Response {
    let edits: Vec<sealing::Sealed> = serde_json::from_value(body["edits"].clone()).unwrap();
    let opened: Vec<_> = edits.iter().map(|edit| edit.open(&shared.sealing).unwrap()).collect();
    // One is as it should be, one has been changed elsewhere, of one nobody knows what it is.
    let answer = |waiting: &sealing::Waiting| {
        let sealing::What::Edit { change, .. } = &waiting.what else { unreachable!() };
        json!({ "status": if change == &shoes("41") { 200 } else if change == &shoes("40") { 202 } else { 400 } })
    };
    let answers: Vec<_> = opened.iter().map(answer).collect();
    shared.world().opened.extend(opened);
    shared.note("sealed edits");
    Json(json!({ "answers": answers })).into_response()
}

async fn open_visit(State(shared): Held, headers: HeaderMap) -> Response {
    if !shared.allows(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    shared.note("visit");
    (StatusCode::CREATED, Json(json!({ "id": "visit-1" }))).into_response()
}

async fn end_visit(
    State(shared): Held,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    if !shared.allows(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    shared.note(format!("end of {id}: {}", body["how"].as_str().unwrap()));
    StatusCode::NO_CONTENT
}

fn error(code: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response()
}
