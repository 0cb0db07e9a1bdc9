//! Providers by the shapes of their answers, as read in their documentation and sources: one file each in
//! `tests/recorded`, and one course of behaviours for all of them. What was read nowhere is listed in a file as unverified.
//!
//! Addresses are the providers' own: a request for one is sent to a server on this machine, with its host in the path.
//!
//! Where `COUNTERSIGN_PROVIDER_RECORDS` names a folder, each behaviour that held is noted there.

use std::{env, fs, path::Path, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::BoxFuture;
use http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use signin::{
    ClientAuthentication, DeviceCode, Evidence, Failure, Kind, Network, PollAnswer, Provider, ProviderConfig,
    RefreshError, Reply, StillValid, TillKey, TokenEnd, Transport, VisitEnd, http_client,
};
use url::{Url, form_urlencoded};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::{
    keys::{self, Key},
    stand::now,
};

/// Every provider there is a file for; the name is that of the product in the table.
const PROVIDERS: [Kind; 12] = Kind::ALL;
/// What a test's provider signs for.
const SUBJECT: &str = "recorded-customer";

/// Sends what is for a provider to a server on this machine.
struct Detour {
    http: reqwest::Client,
    server: String,
}

impl Transport for Detour {
    fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> BoxFuture<'_, Result<Reply, Failure>> {
        let (mut parts, body) = request.into_parts();
        parts.uri = local(&self.server, &parts.uri.to_string()).parse().unwrap();
        self.http.send(Request::from_parts(parts, body), limit)
    }
}

fn local(server: &str, address: &str) -> String {
    format!("{server}/{}", address.strip_prefix("https://").unwrap())
}

struct Recorded {
    kind: Kind,
    file: Value,
    key: Key,
    server: MockServer,
}

impl Recorded {
    async fn start(kind: Kind) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
        let text = fs::read_to_string(folder.join(format!("{}.json", kind.name()))).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let key = match file["signed_with"].as_str().unwrap() {
            "RS256" => Key::rsa("recorded"),
            "ES256" => Key::p256("recorded"),
            "EdDSA" => Key::ed25519("recorded", 5),
            other => panic!("{other}"),
        };
        let recorded = Self { kind, file, key, server: MockServer::start().await };
        let issuer = recorded.file["issuer"].as_str().unwrap().trim_end_matches('/');
        let document = recorded.file["discovery"].clone();
        recorded
            .answers("GET", &format!("{issuer}/.well-known/openid-configuration"), template(200, &document))
            .await;
        let keys = json!({ "keys": [recorded.key.jwk()] });
        recorded.answers("GET", recorded.endpoint("jwks_uri"), template(200, &keys)).await;
        recorded
    }

    fn endpoint(&self, name: &str) -> &str {
        self.file["discovery"][name].as_str().unwrap()
    }

    fn mock(&self, verb: &str, address: &str, answer: ResponseTemplate) -> Mock {
        let at = Url::parse(&local(&self.server.uri(), address)).unwrap();
        Mock::given(method(verb)).and(path(at.path())).respond_with(answer)
    }

    async fn answers(&self, verb: &str, address: &str, answer: ResponseTemplate) {
        self.mock(verb, address, answer).mount(&self.server).await;
    }

    async fn answers_once(&self, verb: &str, address: &str, answer: ResponseTemplate) {
        self.mock(verb, address, answer).up_to_n_times(1).mount(&self.server).await;
    }

    fn config(&self) -> ProviderConfig {
        let issuer = Url::parse(self.file["issuer"].as_str().unwrap()).unwrap();
        ProviderConfig::new(issuer, self.client_id())
    }

    fn client_id(&self) -> &str {
        self.file["client_id"].as_str().unwrap()
    }

    async fn discover(&self, config: ProviderConfig) -> Provider {
        let http = http_client(&Network::new(&Url::parse(&self.server.uri()).unwrap())).unwrap();
        let detour = Detour { http, server: self.server.uri() };
        Provider::discover(config, Arc::new(detour), Arc::new(now)).await.unwrap()
    }

    async fn provider(&self) -> Provider {
        self.discover(self.config()).await
    }

    /// An answer as recorded, with tokens that this test can sign.
    fn answer(&self, name: &str) -> ResponseTemplate {
        let recorded = &self.file[name];
        let status = u16::try_from(recorded["status"].as_u64().unwrap()).unwrap();
        let mut body = recorded["body"].clone();
        if body["id_token"] == "{id_token}" {
            body["id_token"] = self.id_token(body["access_token"].as_str().unwrap()).into();
        }
        match body {
            Value::String(text) => ResponseTemplate::new(status).set_body_string(text),
            body => template(status, &body),
        }
    }

    fn id_token(&self, access_token: &str) -> String {
        let mut claims = json!({
            "iss": self.file["discovery"]["issuer"],
            "sub": SUBJECT,
            "aud": self.client_id(),
            "iat": now().timestamp(),
            "exp": now().timestamp() + 3600,
        });
        let more = self.file["id_token"].as_object().cloned().unwrap_or_default();
        claims.as_object_mut().unwrap().extend(more);
        if claims["at_hash"] == "{at_hash}" {
            claims["at_hash"] = keys::at_hash(self.key.algorithm(), access_token).into();
        }
        self.key.sign(&claims)
    }

    async fn code(&self, provider: &Provider) -> DeviceCode {
        let at = self.endpoint("device_authorization_endpoint");
        self.answers_once("POST", at, self.answer("code")).await;
        provider.request_code().await.unwrap()
    }

    /// The answer to a poll that the provider answers so.
    async fn poll(&self, name: &str) -> PollAnswer {
        let provider = self.provider().await;
        let code = self.code(&provider).await;
        self.answers_once("POST", self.endpoint("token_endpoint"), self.answer(name)).await;
        provider.poll(&code).await
    }

    async fn tokens(&self, provider: &Provider) -> signin::Tokens {
        let code = self.code(provider).await;
        self.answers_once("POST", self.endpoint("token_endpoint"), self.answer("tokens")).await;
        match provider.poll(&code).await {
            PollAnswer::Granted(tokens) => tokens,
            other => panic!("{:?}: {other:?}", self.kind),
        }
    }

    /// The requests to an endpoint.
    async fn requests(&self, endpoint: &str) -> Vec<wiremock::Request> {
        let at = Url::parse(&local(&self.server.uri(), self.endpoint(endpoint))).unwrap();
        let requests = self.server.received_requests().await.unwrap();
        requests.into_iter().filter(|request| request.url.path() == at.path()).collect()
    }

    /// Notes that a behaviour held.
    fn holds(&self, behaviour: &str) {
        let Some(folder) = env::var_os("COUNTERSIGN_PROVIDER_RECORDS") else { return };
        let (provider, how) = (self.kind.name(), "recorded");
        let record = json!({ "provider": provider, "behaviour": behaviour, "how": how });
        fs::create_dir_all(&folder).unwrap();
        let file = Path::new(&folder).join(format!("{provider}.{behaviour}.{how}.json"));
        fs::write(file, record.to_string()).unwrap();
    }
}

fn template(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn has_parameter(request: &wiremock::Request, name: &str) -> bool {
    form_urlencoded::parse(&request.body).any(|(found, _)| found == name)
}

#[tokio::test]
async fn each_is_found_and_recognised_by_what_it_says_of_itself() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let facts = recorded.provider().await.facts().await;
        assert_eq!(facts.kind, Some(kind), "{kind:?}");
        assert_eq!((facts.kind_is_configured, facts.keys), (false, 1), "{kind:?}");
        assert_eq!(facts.advice, kind.departures().advice);
        assert!(facts.algorithms.contains(&recorded.key.algorithm()), "{kind:?}");
        recorded.holds("discovery");
    }
}

#[tokio::test]
async fn each_gives_a_code_and_a_page_that_a_customer_may_be_sent_to() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let provider = recorded.provider().await;
        let code = recorded.code(&provider).await;
        let body = &recorded.file["code"]["body"];
        assert_eq!(code.user_code, body["user_code"].as_str().unwrap());
        let life = body["expires_in"].as_u64().unwrap();
        assert!(code.expires_in <= Duration::from_secs(life), "{kind:?}");
        assert!(code.expires_in <= Duration::from_mins(10), "{kind:?}");
        let interval = body["interval"].as_u64().unwrap_or(5);
        assert_eq!(code.interval, Duration::from_secs(interval), "{kind:?}");
        recorded.holds("device-code");

        let page = body["verification_uri"].as_str().or(body["verification_url"].as_str());
        assert_eq!(code.verification_uri.as_str(), page.unwrap());
        let complete = code.verification_uri_complete.as_ref().map(Url::as_str);
        assert_eq!(complete, body["verification_uri_complete"].as_str(), "{kind:?}");
        recorded.holds("verification-page");
    }
}

#[tokio::test]
async fn each_may_say_that_the_customer_has_not_decided_and_that_the_till_is_too_fast() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let pending = recorded.poll("pending").await;
        assert!(matches!(pending, PollAnswer::Pending { scanned: false }), "{kind:?}: {pending:?}");
        recorded.holds("pending");
        let slower = recorded.poll("slow_down").await;
        assert!(matches!(slower, PollAnswer::SlowDown { interval: None }), "{kind:?}: {slower:?}");
        recorded.holds("slow-down");
    }
}

#[tokio::test]
async fn a_no_ends_it_and_is_said_to_be_the_customers_only_where_it_is() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        if recorded.file["denied"].is_null() {
            continue;
        }
        let own_word = recorded.file["denied"]["body"]["error"] == "authorization_declined";
        match recorded.poll("denied").await {
            PollAnswer::Denied { by_customer } => {
                assert_eq!(by_customer, own_word || kind.departures().denial_is_the_customers, "{kind:?}");
            }
            other => panic!("{kind:?}: {other:?}"),
        }
        recorded.holds("denied");
    }
}

#[tokio::test]
async fn a_code_that_has_run_out_or_was_used_up_by_a_lost_answer_has_expired() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        if !recorded.file["expired"].is_null() {
            let answer = recorded.poll("expired").await;
            assert!(matches!(answer, PollAnswer::Expired), "{kind:?}: {answer:?}");
            recorded.holds("expired");
        }

        let provider = recorded.provider().await;
        let code = recorded.code(&provider).await;
        let at = recorded.endpoint("token_endpoint").to_owned();
        recorded.answers_once("POST", &at, ResponseTemplate::new(502)).await;
        recorded.answers_once("POST", &at, recorded.answer("used_code")).await;
        let lost = provider.poll(&code).await;
        assert!(matches!(lost, PollAnswer::NoAnswer), "{kind:?}: {lost:?}");
        let used = provider.poll(&code).await;
        assert!(matches!(used, PollAnswer::Expired), "{kind:?}: {used:?}");
        recorded.holds("used-code");
    }
}

#[tokio::test]
async fn a_yes_brings_tokens_and_says_who_signed_in() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let body = &recorded.file["tokens"]["body"];
        if recorded.file["discovery"]["userinfo_endpoint"].is_string() {
            let mut person = recorded.file["user_info"].clone();
            person["sub"] = json!(SUBJECT);
            recorded.answers("GET", recorded.endpoint("userinfo_endpoint"), template(200, &person)).await;
        }
        let provider = recorded.provider().await;
        let tokens = recorded.tokens(&provider).await;
        assert_eq!(tokens.access_token.expose_secret(), body["access_token"].as_str().unwrap());
        assert_eq!(tokens.expires_in, body["expires_in"].as_u64().map(Duration::from_secs));
        assert_eq!(tokens.refresh_token.is_some(), body["refresh_token"].is_string());
        recorded.holds("tokens");

        let has_id_token = tokens.id_token.is_some();
        let signed_in = provider.verify(tokens.clone()).await.unwrap();
        assert_eq!(signed_in.customer.subject, SUBJECT, "{kind:?}");
        let evidence = if has_id_token { Evidence::IdToken } else { Evidence::UserInfo };
        assert_eq!(signed_in.evidence, evidence, "{kind:?}");
        if has_id_token {
            recorded.holds("id-token");
        }
        // The way of a provider without an ID token works with each that has UserInfo.
        let without = signin::Tokens { id_token: None, ..tokens };
        assert_eq!(provider.verify(without).await.unwrap().customer.subject, SUBJECT, "{kind:?}");
        recorded.holds("user-info");
    }
}

#[tokio::test]
async fn a_refresh_brings_fresh_tokens_or_says_that_the_old_one_is_dead() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let provider = recorded.provider().await;
        let old = SecretString::from("recorded-refresh-token");
        let at = recorded.endpoint("token_endpoint").to_owned();
        recorded.answers_once("POST", &at, recorded.answer("refresh")).await;
        let tokens = provider.refresh(&old).await.unwrap();
        let next = recorded.file["refresh"]["body"]["refresh_token"].as_str();
        let kept = tokens.refresh_token.unwrap();
        assert_eq!(kept.expose_secret(), next.unwrap_or(old.expose_secret()), "{kind:?}");
        recorded.holds("refresh");

        recorded.answers_once("POST", &at, recorded.answer("refresh_refused")).await;
        let refused = provider.refresh(&old).await;
        assert!(matches!(refused, Err(RefreshError::Dead)), "{kind:?}: {refused:?}");
        recorded.holds("refresh-refused");
    }
}

#[tokio::test]
async fn a_visit_ends_in_the_way_of_the_provider_and_what_is_left_is_said() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let departures = kind.departures();
        if recorded.file["discovery"]["revocation_endpoint"].is_string() {
            recorded
                .answers("POST", recorded.endpoint("revocation_endpoint"), recorded.answer("revocation"))
                .await;
        }
        let provider = recorded.provider().await;
        let tokens = recorded.tokens(&provider).await;
        let ended = provider.end(&tokens).await;
        let expected = |offered: bool| {
            if offered { TokenEnd::Revoked } else { TokenEnd::StillValid(StillValid::NotOffered) }
        };
        let revokes = departures.visit_end == VisitEnd::Revoke;
        assert_eq!(ended.refresh_token, expected(revokes), "{kind:?}");
        assert_eq!(ended.access_token, expected(revokes && departures.revokes_access_tokens), "{kind:?}");
        assert_eq!(ended.valid_for.is_some(), !ended.is_complete(), "{kind:?}");
        recorded.holds("revocation");
    }
}

#[tokio::test]
async fn each_hears_who_the_till_is_where_it_wants_to_hear_it() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let wanted = &recorded.file["client_authentication"];
        let secret = || SecretString::from("recorded-client-secret");
        let client_authentication = match wanted["method"].as_str().unwrap() {
            "none" => ClientAuthentication::None,
            "client_secret_basic" => ClientAuthentication::SecretBasic(secret()),
            "client_secret_post" => ClientAuthentication::SecretPost(secret()),
            "private_key_jwt" => ClientAuthentication::PrivateKeyJwt(TillKey::generate().unwrap()),
            other => panic!("{other}"),
        };
        let config = ProviderConfig { client_authentication, ..recorded.config() };
        let provider = recorded.discover(config).await;
        recorded.tokens(&provider).await;
        for (endpoint, key) in
            [("device_authorization_endpoint", "at_device"), ("token_endpoint", "at_token")]
        {
            let request = recorded.requests(endpoint).await.pop().unwrap();
            let says = request.headers.contains_key("authorization")
                || has_parameter(&request, "client_secret")
                || has_parameter(&request, "client_assertion");
            assert_eq!(json!(says), wanted[key], "{kind:?} {endpoint}");
            assert!(has_parameter(&request, "client_id"), "{kind:?} {endpoint}");
        }
        recorded.holds("client-authentication");
    }
}

#[tokio::test]
async fn tokens_are_bound_where_the_provider_lists_the_tills_algorithm() {
    for kind in PROVIDERS {
        let recorded = Recorded::start(kind).await;
        let listed = recorded.file["discovery"]["dpop_signing_alg_values_supported"].as_array();
        let offered = listed.is_some_and(|list| list.contains(&json!("ES256")));
        let provider = recorded.discover(recorded.config()).await;
        let provider = provider.with_proof_key(TillKey::generate().unwrap());
        assert_eq!(provider.facts().await.dpop, offered, "{kind:?}");
        let code = recorded.code(&provider).await;
        let mut body = recorded.file["tokens"]["body"].clone();
        if offered {
            body["token_type"] = json!("DPoP");
        }
        recorded.answers_once("POST", recorded.endpoint("token_endpoint"), template(200, &body)).await;
        let PollAnswer::Granted(tokens) = provider.poll(&code).await else { panic!("{kind:?}: no tokens") };
        assert_eq!(tokens.bound, offered, "{kind:?}");
        let request = recorded.requests("token_endpoint").await.pop().unwrap();
        assert_eq!(request.headers.contains_key("dpop"), offered, "{kind:?}");
        if offered {
            let proof = request.headers["dpop"].to_str().unwrap();
            let claims = URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).unwrap()).unwrap();
            let claims: Value = serde_json::from_slice(&claims).unwrap();
            assert_eq!(claims["htu"], recorded.endpoint("token_endpoint"), "{kind:?}");
            recorded.holds("dpop");
        }
    }
}
