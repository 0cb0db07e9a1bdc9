//! The profile API, over HTTP, with the demo store behind it and a clock that the tests hold.

mod activity;
mod changes;
mod contract;
mod grant;
mod me;
mod preferences;
mod search;
mod visits;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use central::{Clock, Demo, ManualClock, Options, Server};
use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

const AMELIE: &str = "amelie.durand@example.com";
const STAFF: &str = "staff.northquay@example.com";
const TILL: &str = "till-northquay-1";
const WEB: &str = "web-marram";

/// A service with a demo store, a client of it, and the clock that it reads.
struct Api {
    server: Server,
    clock: Arc<ManualClock>,
    http: reqwest::Client,
    folder: TempDir,
    keys: AtomicU32,
}

impl Api {
    async fn start() -> Self {
        // A second one in the same process changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()));
        let mut options = Options::new(folder.path());
        options.clock = clock.clone();
        options.demo = Some(Demo { customers: 60, seed: 1 });
        let server = Server::start(options).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { server, clock, http, folder, keys: AtomicU32::new(0) }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("central.db"));
        SqliteConnection::connect_with(&options.foreign_keys(true)).await.unwrap()
    }

    /// E-mail addresses of customers other than Amélie.
    async fn others(&self) -> Vec<String> {
        let others = "SELECT email FROM accounts WHERE role = 'customer' AND email <> ? ORDER BY email";
        sqlx::query_scalar(others).bind(AMELIE).fetch_all(&mut self.database().await).await.unwrap()
    }

    async fn subject(&self, email: &str) -> String {
        let subject = "SELECT subject FROM accounts WHERE email = ?";
        sqlx::query_scalar(subject).bind(email).fetch_one(&mut self.database().await).await.unwrap()
    }

    /// An access token as the token endpoint would give it: these tests are about what it opens, not how it is got.
    async fn token(&self, email: &str, client: &str, scopes: &str) -> String {
        let token = format!("token {email} {client} {scopes} {}", self.keys.fetch_add(1, Ordering::Relaxed));
        let token: String = token.replace(' ', "-");
        let now = self.now().timestamp();
        let mut database = self.database().await;
        let authorization = sqlx::query(
            "INSERT INTO authorizations (client_id, subject, scopes, auth_time, created_at, expires_at)
             SELECT ?, subject, ?, ?, ?, ? FROM accounts WHERE email = ?",
        )
        .bind(client)
        .bind(scopes)
        .bind(now)
        .bind(now)
        .bind(now + 3600)
        .bind(email)
        .execute(&mut database)
        .await
        .unwrap();
        assert_eq!(authorization.rows_affected(), 1, "there is no account {email}");
        sqlx::query(
            "INSERT INTO access_tokens (hash, authorization_id, scopes, expires_at) VALUES (?, ?, ?, ?)",
        )
        .bind(Sha256::digest(&token).as_slice())
        .bind(authorization.last_insert_rowid())
        .bind(scopes)
        .bind(now + 3600)
        .execute(&mut database)
        .await
        .unwrap();
        token
    }

    /// Amélie's token at a till.
    async fn amelie(&self) -> String {
        self.token(AMELIE, TILL, "openid customer").await
    }

    async fn staff(&self) -> String {
        self.token(STAFF, TILL, "openid customers:read").await
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.http.request(method, self.server.url().join(path).unwrap()).bearer_auth(token)
    }

    async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path, token).send().await.unwrap()
    }

    /// A document that must be there.
    async fn document(&self, path: &str, token: &str) -> Value {
        let answer = self.get(path, token).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    async fn me(&self, token: &str) -> Value {
        self.document("/v1/me", token).await
    }

    /// A change of preferences under a key that was not used before.
    fn patch(&self, token: &str, patch: &Value) -> RequestBuilder {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.patch_as(token, &key, patch)
    }

    fn patch_as(&self, token: &str, key: &str, patch: &Value) -> RequestBuilder {
        self.request(Method::PATCH, "/v1/me/preferences", token)
            .header("content-type", "application/merge-patch+json")
            .header("idempotency-key", key)
            .body(patch.to_string())
    }

    fn open_visit(&self, token: &str, key: &str, at: DateTime<Utc>) -> RequestBuilder {
        self.request(Method::POST, "/v1/visits", token)
            .header("idempotency-key", key)
            .json(&json!({ "at": at }))
    }
}

/// The answer's document, where it has the status.
#[track_caller]
fn expect(answer: &Response, status: StatusCode) {
    assert_eq!(answer.status(), status);
}

/// The problem document of an answer that is one.
async fn problem(answer: Response, status: StatusCode) -> Value {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    assert!(problem["type"].is_string() && problem["title"].is_string(), "{problem}");
    problem
}
