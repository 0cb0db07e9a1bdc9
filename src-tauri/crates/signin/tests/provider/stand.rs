//! A server in the place of a provider.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use signin::{DeviceCode, Error, Network, Provider, ProviderConfig, Tokens, http_client};
use url::{Url, form_urlencoded};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::keys::Key;

pub(crate) const CLIENT: &str = "till-northquay-1";
pub(crate) const DEVICE_CODE: &str = "Gx7Qm2xK9vTzR4pLwN8sBd";
pub(crate) const ACCESS_TOKEN: &str = "aT-51f0c2Zk9QmVtYxWb3R";
pub(crate) const REFRESH_TOKEN: &str = "rT-Hh82Lq0PzXcVnM64tKe";
pub(crate) const USER_CODE: &str = "WDJB-MJHT";

/// When these tests happen.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T10:00:00Z").unwrap().to_utc()
}

pub(crate) struct Stand {
    pub(crate) server: MockServer,
    pub(crate) key: Key,
}

impl Stand {
    /// A provider with all that a till can use.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A provider whose metadata are a little different.
    pub(crate) async fn with(change: impl FnOnce(&mut Value)) -> Self {
        Self::signing_with(Key::ed25519("first", 1), change).await
    }

    pub(crate) async fn signing_with(key: Key, change: impl FnOnce(&mut Value)) -> Self {
        let server = MockServer::start().await;
        let mut metadata = metadata(&server.uri());
        change(&mut metadata);
        let stand = Self { server, key };
        stand.answers("GET", "/.well-known/openid-configuration", json_answer(200, &metadata)).await;
        stand.answers("GET", "/keys", json_answer(200, &json!({ "keys": [stand.key.jwk()] }))).await;
        stand
    }

    pub(crate) async fn answers(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// The next request is answered so; those after it by what is said next.
    pub(crate) async fn answers_once(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        let mock = Mock::given(method(verb)).and(path(at)).respond_with(answer);
        mock.up_to_n_times(1).mount(&self.server).await;
    }

    pub(crate) fn config(&self) -> ProviderConfig {
        ProviderConfig::new(Url::parse(&self.server.uri()).unwrap(), CLIENT)
    }

    pub(crate) async fn discover(&self) -> Result<Provider, Error> {
        discover(self.config()).await
    }

    pub(crate) async fn provider(&self) -> Provider {
        self.discover().await.unwrap()
    }

    /// What the provider answers to a request for a code.
    pub(crate) fn code_answer(&self) -> Value {
        let page = format!("{}/device", self.server.uri());
        json!({
            "device_code": DEVICE_CODE,
            "user_code": USER_CODE,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={USER_CODE}"),
            "expires_in": 300,
            "interval": 5,
        })
    }

    pub(crate) async fn code(&self, provider: &Provider) -> DeviceCode {
        self.answers_once("POST", "/device", json_answer(200, &self.code_answer())).await;
        provider.request_code().await.unwrap()
    }

    /// Claims that pass every check.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.server.uri(),
            "sub": "customer-1",
            "aud": CLIENT,
            "exp": now().timestamp() + 600,
            "iat": now().timestamp(),
            "auth_time": now().timestamp() - 3,
            "at_hash": crate::keys::at_hash(self.key.algorithm(), ACCESS_TOKEN),
            "name": "Amélie Durand",
            "given_name": "Amélie",
            "locale": "fr-FR",
            "countersign_check": "K7",
            "countersign_remember_until": now().timestamp() + 86_400,
        })
    }

    /// All requests to an address.
    pub(crate) async fn requests(&self, at: &str) -> Vec<wiremock::Request> {
        let requests = self.server.received_requests().await.unwrap();
        requests.into_iter().filter(|request| request.url.path() == at).collect()
    }

    /// The forms of all requests to an address.
    pub(crate) async fn forms(&self, at: &str) -> Vec<Vec<(String, String)>> {
        let requests = self.requests(at).await;
        requests.iter().map(|request| form_urlencoded::parse(&request.body).into_owned().collect()).collect()
    }

    /// The form of the last request to an address.
    pub(crate) async fn last_form(&self, at: &str) -> Vec<(String, String)> {
        self.forms(at).await.pop().unwrap()
    }

    pub(crate) async fn requests_to(&self, at: &str) -> usize {
        self.requests(at).await.len()
    }
}

/// Discovers a provider over real sockets, at the time of these tests.
pub(crate) async fn discover(config: ProviderConfig) -> Result<Provider, Error> {
    let http = http_client(&Network::new(&config.issuer)).unwrap();
    Provider::discover(config, Arc::new(http), Arc::new(now)).await
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "device_authorization_endpoint": format!("{issuer}/device"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "ES256", "ES384", "RS256", "PS256"],
        "scopes_supported": ["openid", "profile", "email", "phone", "offline_access", "customer", "customers:read"],
        "code_challenge_methods_supported": ["S256"],
        "countersign_profile_api": format!("{issuer}/v1"),
        "countersign_holds_token_requests": true,
    })
}

/// A value of a form.
pub(crate) fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

pub(crate) fn json_answer(status: u16, document: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(document)
}

pub(crate) fn error_answer(status: u16, code: &str) -> ResponseTemplate {
    json_answer(status, &json!({ "error": code }))
}

pub(crate) fn page_answer(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<!doctype html><title>Sorry</title>", "text/html")
}

/// Tokens as they arrive with a yes.
pub(crate) fn tokens(id_token: Option<String>) -> Tokens {
    Tokens {
        access_token: SecretString::from(ACCESS_TOKEN),
        id_token: id_token.map(SecretString::from),
        refresh_token: Some(SecretString::from(REFRESH_TOKEN)),
        expires_in: None,
        bound: false,
    }
}
