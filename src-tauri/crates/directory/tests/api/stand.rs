//! A server in the place of a service that can tell profiles.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use directory::{Authority, Customer, Discovered, Kind, Mapping, Me, ProfileSource, SourceConfig};
use profile::{PreferenceEdit, PreferenceValue, Profile};
use rustls::{ClientConfig, RootCertStore};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

pub(crate) const SUBJECT: &str = "customer-1";
pub(crate) const TOKEN: &str = "aT-51f0c2Zk9QmVtYxWb3R";

pub(crate) struct Stand {
    pub(crate) server: MockServer,
    pub(crate) source: Arc<dyn ProfileSource>,
    authority: Authority,
}

impl Stand {
    /// The profile API.
    pub(crate) async fn start() -> Self {
        Self::of(Kind::Central, "/v1", Mapping::default()).await
    }

    /// A service of any kind.
    pub(crate) async fn of(kind: Kind, at: &str, mapping: Mapping) -> Self {
        let server = MockServer::start().await;
        let source = source(kind, &format!("{}{at}", server.uri()), mapping);
        Self { server, source, authority: Authority::bearer(token()) }
    }

    /// The customer who has signed in.
    pub(crate) fn customer(&self) -> Customer<'_> {
        Customer { subject: SUBJECT, authority: &self.authority, claims: None }
    }

    pub(crate) async fn me(&self) -> Result<Profile, directory::Error> {
        match self.source.me(self.customer(), None).await? {
            Me::Profile(profile) => Ok(*profile),
            Me::Unchanged => panic!("unchanged"),
        }
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

/// A service of any kind at an address.
pub(crate) fn source(kind: Kind, address: &str, mapping: Mapping) -> Arc<dyn ProfileSource> {
    let found =
        Discovered { issuer: "http://127.0.0.1:1".parse().unwrap(), profile_api: None, user_info: None };
    let address = Some(Url::parse(address).unwrap());
    SourceConfig { source: Some(kind), address, mapping }.open(&found, client()).unwrap()
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

/// A mapping of one preference.
pub(crate) fn mapped(group: &str, key: &str, pointer: &str) -> Mapping {
    let mut mapping = Mapping::default();
    let mut catalogue = profile::catalogue::catalogue().iter();
    let known = catalogue.find(|known| known.group == group && known.key == key).unwrap();
    mapping.map_preference(known, pointer).unwrap();
    mapping
}
