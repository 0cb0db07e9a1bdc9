//! A server in the place of the profile API.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use directory::Directory;
use profile::{PreferenceEdit, PreferenceValue};
use rustls::{ClientConfig, RootCertStore};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

pub(crate) const TOKEN: &str = "aT-51f0c2Zk9QmVtYxWb3R";

pub(crate) struct Stand {
    pub(crate) server: MockServer,
    pub(crate) directory: Directory,
}

impl Stand {
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        let directory = Directory::new(Url::parse(&format!("{}/v1", server.uri())).unwrap(), client());
        Self { server, directory }
    }

    pub(crate) async fn answers(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// The only request there was.
    pub(crate) async fn request(&self) -> Request {
        let mut requests = self.server.received_requests().await.unwrap();
        assert_eq!(requests.len(), 1, "one call is one request");
        requests.remove(0)
    }
}

/// A client that needs no certificates, since these tests talk to this machine.
pub(crate) fn client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls);
    client.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) fn token() -> SecretString {
    SecretString::from(TOKEN)
}

pub(crate) fn at() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T10:00:00.250Z").unwrap().to_utc()
}

pub(crate) fn edit() -> PreferenceEdit {
    PreferenceEdit {
        group: "sizes".to_owned(),
        key: "shoes".to_owned(),
        value: Some(PreferenceValue::Text("41".to_owned())),
    }
}

/// The least that a profile can be.
pub(crate) fn profile(revision: u64) -> Value {
    json!({
        "subject": "customer-1",
        "revision": revision,
        "name": { "display": "Amélie Durand" },
        "member_since": "2020-01-01T00:00:00Z",
    })
}

pub(crate) fn json_answer(status: u16, document: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(document)
}

/// A problem document.
pub(crate) fn problem(status: u16, document: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(document.to_string(), "application/problem+json")
}

pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}
