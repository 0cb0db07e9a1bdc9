//! The profile API, over HTTP, with the demo store behind it and a clock that the tests hold.

mod activity;
mod audit;
mod changes;
mod contract;
mod grant;
mod me;
mod new_customers;
mod preferences;
mod sealed;
mod search;
mod store;
mod visits;
mod withdrawals;

use std::sync::atomic::{AtomicU32, Ordering};

use central::{Clock, Server};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::SqliteConnection;

use crate::world::{AMELIE, SHOP as WEB, STAFF, TILL, World};

/// A service with a demo store, a client of it, and the clock that it reads.
struct Api {
    world: World,
    keys: AtomicU32,
}

impl Api {
    async fn start() -> Self {
        Self { world: World::start_with(60, "2026-03-02T10:00:00Z").await, keys: AtomicU32::new(0) }
    }

    fn server(&self) -> &Server {
        &self.world.server
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.clock.now()
    }

    fn pass(&self, time: TimeDelta) {
        self.world.clock.advance(time);
    }

    async fn database(&self) -> SqliteConnection {
        self.world.database().await
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

    /// An access token, got as the client gets it.
    async fn token(&self, email: &str, client: &str, scopes: &str) -> String {
        let phone = self.world.phone_of(email).await;
        let tokens = if client == WEB {
            self.world.tokens_of_shop(&phone, scopes).await
        } else {
            self.world.tokens_at(client, &phone, scopes, "visit").await
        };
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    /// Amélie's token at a till.
    async fn amelie(&self) -> String {
        self.token(AMELIE, TILL, "openid customer").await
    }

    async fn staff(&self) -> String {
        self.token(STAFF, TILL, "openid customers:read").await
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.world.http.request(method, self.world.at(path)).bearer_auth(token)
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
