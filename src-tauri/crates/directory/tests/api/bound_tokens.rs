//! Tokens that are bound to a key of the till (DPoP, RFC 9449).

use std::sync::{Arc, Mutex};

use directory::{Authority, Customer, Error, Prove};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{header as has, method},
};

use crate::stand::{SUBJECT, Stand, TOKEN, header, json_answer, profile, token};

/// Notes what it was asked for, and makes proofs that name the nonce in them.
#[derive(Default)]
struct Prover {
    asked: Mutex<Vec<(String, String)>>,
    has_no_key: bool,
}

impl Prove for Prover {
    fn proof(
        &self,
        method: &str,
        url: &Url,
        token: &SecretString,
        nonce: Option<&str>,
    ) -> Option<SecretString> {
        assert_eq!(token.expose_secret(), TOKEN);
        self.asked.lock().unwrap().push((method.to_owned(), url.to_string()));
        (!self.has_no_key).then(|| format!("proof-{}", nonce.unwrap_or("without")).into())
    }
}

fn wants(nonce: &str) -> ResponseTemplate {
    ResponseTemplate::new(401)
        .insert_header("www-authenticate", "DPoP error=\"use_dpop_nonce\"")
        .insert_header("dpop-nonce", nonce)
}

#[tokio::test]
async fn a_bound_token_is_sent_with_a_proof_of_the_request_without_its_query() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me/activity", json_answer(200, &json!({ "items": [], "next": null }))).await;
    let prover = Arc::new(Prover::default());
    let authority = Authority::bound(token(), prover.clone());
    let customer = Customer { subject: SUBJECT, authority: &authority, claims: None };
    stand.source.activity(customer, Some("page-2")).await.unwrap();
    let request = stand.request().await;
    assert_eq!(header(&request, "authorization"), Some(format!("DPoP {TOKEN}").as_str()));
    assert_eq!(header(&request, "dpop"), Some("proof-without"));
    let asked = prover.asked.lock().unwrap();
    assert_eq!(*asked, [("GET".to_owned(), format!("{}/v1/me/activity", stand.server.uri()))]);
}

#[tokio::test]
async fn a_nonce_that_the_service_wants_is_sent_once_and_remembered() {
    let stand = Stand::start().await;
    let good = Mock::given(method("GET")).and(has("dpop", "proof-n1"));
    good.respond_with(json_answer(200, &profile(7))).with_priority(1).mount(&stand.server).await;
    stand.answers("GET", "/v1/me", wants("n1")).await;
    let authority = Authority::bound(token(), Arc::new(Prover::default()));
    let customer = Customer { subject: SUBJECT, authority: &authority, claims: None };
    for requests in [2, 3] {
        stand.source.me(customer, None).await.unwrap();
        assert_eq!(stand.server.received_requests().await.unwrap().len(), requests);
    }
}

#[tokio::test]
async fn a_nonce_in_a_good_answer_is_for_the_next_request() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", json_answer(200, &profile(7)).insert_header("dpop-nonce", "n2")).await;
    let authority = Authority::bound(token(), Arc::new(Prover::default()));
    let customer = Customer { subject: SUBJECT, authority: &authority, claims: None };
    for _ in 0..2 {
        stand.source.me(customer, None).await.unwrap();
    }
    let requests = stand.server.received_requests().await.unwrap();
    let proofs: Vec<_> = requests.iter().map(|request| header(request, "dpop").unwrap()).collect();
    assert_eq!(proofs, ["proof-without", "proof-n2"]);
}

#[tokio::test]
async fn a_service_that_always_wants_another_nonce_is_asked_twice_and_no_more() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", wants("n3")).await;
    let authority = Authority::bound(token(), Arc::new(Prover::default()));
    let error = stand
        .source
        .me(Customer { subject: SUBJECT, authority: &authority, claims: None }, None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotAuthorised), "{error:?}");
    assert_eq!(stand.server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_bound_token_without_its_key_is_not_sent_and_a_bearer_token_ignores_nonces() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", wants("n4")).await;
    let authority = Authority::bound(token(), Arc::new(Prover { has_no_key: true, ..Prover::default() }));
    let error = stand
        .source
        .me(Customer { subject: SUBJECT, authority: &authority, claims: None }, None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error:?}");
    assert!(stand.server.received_requests().await.unwrap().is_empty());
    assert!(matches!(stand.me().await, Err(Error::NotAuthorised)));
    stand.request().await;
}
