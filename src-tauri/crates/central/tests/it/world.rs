//! A service with the demo store, tills that ask it, and phones that open its pages.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use central::{Demo, Error, ManualClock, Options, Server};
use chrono::TimeDelta;
use openidconnect::url::Url;
use reqwest::{Client, Response, StatusCode, header, redirect};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::sync::Mutex;

pub(crate) const AMELIE: &str = "amelie.durand@example.com";
pub(crate) const STAFF: &str = "staff.northquay@example.com";
pub(crate) const PASSWORD: &str = "lantern-harbour-42";
pub(crate) const TILL: &str = "till-northquay-1";
/// The till beside it, in the same store.
pub(crate) const SECOND_TILL: &str = "till-northquay-2";
/// The till of another store.
pub(crate) const ELSEWHERE: &str = "till-oldtown-1";
/// The web shop, and where it is answered.
pub(crate) const SHOP: &str = "web-marram";
pub(crate) const CALLBACK: &str = "http://127.0.0.1/callback";
pub(crate) const ALL: &str = "openid profile email phone offline_access customer customers:read";

/// A form to be sent.
pub(crate) type Fields<'a> = [(&'a str, &'a str)];

/// The service, and the clock that it reads.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) http: Client,
    pub(crate) folder: TempDir,
}

/// What a till was given to show.
pub(crate) struct Asked {
    /// The till.
    pub(crate) client: String,
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    /// The address in the QR code.
    pub(crate) address: String,
    pub(crate) answer: Value,
}

/// An answer of the token endpoint.
pub(crate) type Answer = (StatusCode, Value);

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(3, "2026-11-24T10:00:00Z").await
    }

    /// With a number of customers, at a time.
    pub(crate) async fn start_with(customers: u32, at: &str) -> Self {
        // A second one in the same process changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(at.parse().unwrap()));
        let server = serve(folder.path(), &clock, customers, None).await.unwrap();
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self { server, clock, http, folder }
    }

    /// Stops the service and starts it again on its folder, at the same address.
    pub(crate) async fn restart(&mut self) {
        let address = self.server.address();
        self.stop().await;
        let again = loop {
            match serve(self.folder.path(), &self.clock, 1, Some(address)).await {
                // Free for a moment, the port was given to somebody else: until they are done.
                Err(Error::Listen { .. }) => tokio::time::sleep(Duration::from_millis(50)).await,
                started => break started.unwrap(),
            }
        };
        std::mem::replace(&mut self.server, again).stop().await;
    }

    /// Stops the service: its folder is free.
    pub(crate) async fn stop(&mut self) {
        let fresh = tempfile::tempdir().unwrap();
        let stand_in = serve(fresh.path(), &self.clock, 1, None).await.unwrap();
        std::mem::replace(&mut self.server, stand_in).stop().await;
    }

    /// The file, to look into: one connection alone writes it, and that is the service's.
    pub(crate) async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("central.db"));
        SqliteConnection::connect_with(&options.read_only(true)).await.unwrap()
    }

    pub(crate) fn at(&self, path: &str) -> String {
        self.server.url().join(path).unwrap().into()
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// A till asks for a code.
    pub(crate) async fn code(&self, scope: &str) -> Asked {
        self.code_at(TILL, scope).await
    }

    /// One of the tills asks for a code.
    pub(crate) async fn code_at(&self, till: &str, scope: &str) -> Asked {
        let form = [("client_id", till), ("scope", scope)];
        let answer = self.http.post(self.at("/oauth/device")).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Asked {
            client: till.to_owned(),
            device_code: text("device_code"),
            user_code: text("user_code"),
            address: text("verification_uri_complete"),
            answer,
        }
    }

    /// Posts a form to the token endpoint.
    pub(crate) async fn token(&self, form: &Fields<'_>) -> Answer {
        read(self.http.post(self.at("/oauth/token")).form(form).send().await.unwrap()).await
    }

    /// A till asks whether the customer has decided, and wants to know at once.
    pub(crate) async fn poll(&self, code: &Asked) -> Answer {
        self.poll_for(code, 0).await
    }

    /// A till asks, and is ready to wait.
    pub(crate) async fn poll_for(&self, code: &Asked, seconds: u32) -> Answer {
        let form = [("client_id", &*code.client), ("grant_type", DEVICE), ("device_code", &code.device_code)];
        let request = self.http.post(self.at("/oauth/token")).header("prefer", format!("wait={seconds}"));
        read(request.form(&form).send().await.unwrap()).await
    }

    /// Tokens after a yes on a phone that is signed in.
    pub(crate) async fn tokens(&self, phone: &Phone, scope: &str, remember: &str) -> Value {
        self.tokens_at(TILL, phone, scope, remember).await
    }

    /// Tokens of one of the tills after a yes on a phone that is signed in.
    pub(crate) async fn tokens_at(&self, till: &str, phone: &Phone, scope: &str, remember: &str) -> Value {
        let code = self.code_at(till, scope).await;
        let page = phone.open(&code.address).await;
        page.expect("consent");
        phone.decide(&page, "yes", remember).await.expect("done");
        let (status, answer) = self.poll(&code).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Tokens of the web shop for somebody who is signed in on the phone.
    pub(crate) async fn tokens_of_shop(&self, phone: &Phone, scope: &str) -> Value {
        let verifier = "a-verifier-that-is-long-enough-for-the-specification";
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let asked = [
            ("client_id", SHOP),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", scope),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let address = Url::parse_with_params(&self.at("/oauth/authorize"), asked).unwrap();
        let told = phone.open(address.as_str()).await.address;
        let (_, code) = told.query_pairs().into_owned().find(|(name, _)| name == "code").unwrap();
        let form = [
            ("client_id", SHOP),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        let (status, answer) = self.token(&form).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        read(self.http.get(self.at(path)).bearer_auth(token).send().await.unwrap()).await
    }

    /// A phone that nobody is signed in on.
    pub(crate) fn phone(&self) -> Phone {
        Phone::new(self, "en-GB,en;q=0.8")
    }

    /// A phone that somebody is signed in on.
    pub(crate) async fn phone_of(&self, email: &str) -> Phone {
        let phone = self.phone();
        let page = phone.open(&self.code("openid").await.address).await;
        phone.sign_in(&page, email, PASSWORD).await.expect("consent");
        phone
    }
}

pub(crate) const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn serve(
    folder: &Path,
    clock: &Arc<ManualClock>,
    customers: u32,
    address: Option<SocketAddr>,
) -> Result<Server, Error> {
    let mut options = Options::new(folder);
    options.clock = clock.clone();
    options.demo = Some(Demo { customers, seed: 1 });
    if let Some(address) = address {
        options.listen = address;
    }
    Server::start(options).await
}

pub(crate) async fn read(answer: Response) -> Answer {
    let status = answer.status();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

/// A phone: a browser with cookies that keeps to redirects.
pub(crate) struct Phone {
    http: Client,
    home: Url,
    language: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What a phone shows.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    /// Where it came to in the end.
    pub(crate) address: Url,
    pub(crate) html: String,
}

impl Phone {
    pub(crate) fn new(world: &World, language: &str) -> Self {
        Self {
            http: world.http.clone(),
            home: world.server.url().clone(),
            language: language.to_owned(),
            cookies: Mutex::default(),
        }
    }

    pub(crate) async fn open(&self, address: &str) -> Page {
        let address = self.home.join(address).unwrap();
        self.follow(self.http.get(address)).await
    }

    pub(crate) async fn send(&self, path: &str, form: &Fields<'_>) -> Page {
        self.follow(self.http.post(self.home.join(path).unwrap()).form(form)).await
    }

    /// Fills in the form of a page and sends it with its hidden fields.
    pub(crate) async fn submit(&self, page: &Page, path: &str, form: &Fields<'_>) -> Page {
        let hidden = page.hidden();
        let mut all: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend(form);
        self.send(path, &all).await
    }

    pub(crate) async fn sign_in(&self, page: &Page, email: &str, password: &str) -> Page {
        self.submit(page, "/sign-in", &[("email", email), ("password", password)]).await
    }

    pub(crate) async fn decide(&self, page: &Page, decision: &str, remember: &str) -> Page {
        self.submit(page, "/device/decision", &[("decision", decision), ("remember", remember)]).await
    }

    /// The cookies, as they would be sent.
    pub(crate) async fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().await.clone()
    }

    /// Sends a request; goes on where it is redirected to, but for addresses elsewhere.
    pub(crate) async fn follow(&self, mut request: reqwest::RequestBuilder) -> Page {
        loop {
            let cookies: Vec<String> =
                self.cookies().await.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let request_with = request
                .header(header::ACCEPT_LANGUAGE, &self.language)
                .header(header::COOKIE, cookies.join("; "));
            let answer = request_with.send().await.unwrap();
            for cookie in answer.headers().get_all(header::SET_COOKIE) {
                let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
                let value = rest.split(';').next().unwrap();
                self.cookies.lock().await.insert(name.to_owned(), value.to_owned());
            }
            let (status, headers, address) =
                (answer.status(), answer.headers().clone(), answer.url().clone());
            if status == StatusCode::SEE_OTHER {
                let next = address.join(headers[header::LOCATION].to_str().unwrap()).unwrap();
                if next.origin() != self.home.origin() {
                    return Page { status, headers, address: next, html: String::new() };
                }
                request = self.http.get(next);
                continue;
            }
            return Page { status, headers, address, html: answer.text().await.unwrap() };
        }
    }
}

impl Page {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.after("data-page=\"").split('"').next().unwrap()
    }

    #[track_caller]
    pub(crate) fn expect(&self, name: &str) {
        assert_eq!(self.name(), name, "{} {}", self.status, self.html);
    }

    /// The code that it shows.
    pub(crate) fn user_code(&self) -> &str {
        self.after("data-user-code>").split('<').next().unwrap()
    }

    /// The two characters that it shows.
    pub(crate) fn check(&self) -> &str {
        self.after("data-check>").split('<').next().unwrap()
    }

    /// The hidden fields of its first form.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        let form = self.html.split("</form>").next().unwrap_or_default();
        form.split("<input type=\"hidden\" name=\"")
            .skip(1)
            .map(|field| {
                let (name, rest) = field.split_once('"').unwrap();
                let value = rest.split('"').nth(1).unwrap();
                (name.to_owned(), value.replace("&#38;", "&"))
            })
            .collect()
    }

    #[track_caller]
    fn after(&self, mark: &str) -> &str {
        self.html.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {}", self.html)).1
    }
}
