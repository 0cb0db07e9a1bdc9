//! Providers that give no ID token to the device grant: who signed in is asked of `UserInfo`, and said to be weaker.

use serde_json::{Value, json};
use signin::{Distrust, Error, Evidence, Refusal, SignedIn, TillKey, Tokens};
use wiremock::ResponseTemplate;

use crate::stand::{ACCESS_TOKEN, Stand, error_answer, json_answer, page_answer, tokens};

/// A provider with `UserInfo`.
async fn stand() -> Stand {
    Stand::with(|metadata| {
        metadata["userinfo_endpoint"] = json!(format!("{}/me", metadata["issuer"].as_str().unwrap()));
        metadata["dpop_signing_alg_values_supported"] = json!(["ES256"]);
    })
    .await
}

async fn ask(answer: ResponseTemplate) -> Result<SignedIn, Error> {
    let stand = stand().await;
    stand.answers("GET", "/me", answer).await;
    stand.provider().await.verify(tokens(None)).await
}

#[tokio::test]
async fn without_an_id_token_user_info_says_who_signed_in_and_that_is_known_to_be_weaker() {
    let stand = stand().await;
    let person =
        json!({ "sub": "customer-1", "name": "Amélie Durand", "given_name": "Amélie", "locale": "fr" });
    stand.answers("GET", "/me", json_answer(200, &person)).await;
    let signed_in = stand.provider().await.verify(tokens(None)).await.unwrap();
    assert_eq!(signed_in.evidence, Evidence::UserInfo);
    assert_eq!(signed_in.customer.subject, "customer-1");
    assert_eq!(signed_in.customer.issuer, stand.server.uri());
    assert_eq!(signed_in.claims.name.as_deref(), Some("Amélie Durand"));
    assert_eq!(signed_in.check, None, "nothing that is unsigned opens a profile by a check");
    let requests = stand.requests("/me").await;
    assert_eq!(requests[0].headers["authorization"], format!("Bearer {ACCESS_TOKEN}"));
}

#[tokio::test]
async fn with_an_id_token_user_info_is_not_asked() {
    let stand = stand().await;
    let token = stand.key.sign(&stand.claims());
    assert!(stand.provider().await.verify(tokens(Some(token))).await.is_ok());
    assert_eq!(stand.requests_to("/me").await, 0);
}

#[tokio::test]
async fn a_bound_token_comes_with_a_proof_and_with_the_nonce_that_is_wanted() {
    let stand = stand().await;
    let wants = ResponseTemplate::new(401)
        .insert_header("www-authenticate", "DPoP error=\"use_dpop_nonce\"")
        .insert_header("dpop-nonce", "n-7");
    stand.answers_once("GET", "/me", wants).await;
    stand.answers("GET", "/me", json_answer(200, &json!({ "sub": "customer-1" }))).await;
    let provider = stand.provider().await.with_proof_key(TillKey::generate().unwrap());
    let signed_in = provider.verify(Tokens { bound: true, ..tokens(None) }).await.unwrap();
    assert_eq!(signed_in.customer.subject, "customer-1");
    let requests = stand.requests("/me").await;
    assert_eq!(requests.len(), 2);
    assert!(
        requests.iter().all(|request| request.headers["authorization"] == format!("DPoP {ACCESS_TOKEN}"))
    );
    assert!(requests.iter().all(|request| request.headers.contains_key("dpop")));
}

#[tokio::test]
async fn an_answer_that_names_nobody_signs_nobody_in() {
    for person in [
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
        json!({ "sub": "x".repeat(256) }),
        json!({ "sub": "a\nb" }),
        json!([]),
        Value::Null,
    ] {
        let result = ask(json_answer(200, &person)).await;
        assert!(matches!(result, Err(Error::Unexpected(_))), "{person}: {result:?}");
    }
    for answer in [
        page_answer(200),
        ResponseTemplate::new(200).set_body_raw(r#"{"sub":"a","sub":"b"}"#, "application/json"),
        ResponseTemplate::new(200).set_body_raw("eyJhbGciOiJSUzI1NiJ9.e30.AA", "application/jwt"),
    ] {
        let result = ask(answer).await;
        assert!(matches!(result, Err(Error::Unexpected(_))), "{result:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_from_a_provider_that_is_busy() {
    let refused = ask(error_answer(401, "invalid_token")).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Code(_)))), "{refused:?}");
    let busy = ask(ResponseTemplate::new(503)).await;
    assert!(matches!(busy, Err(Error::Unreachable)), "{busy:?}");
}

#[tokio::test]
async fn a_name_that_is_no_text_is_left_out() {
    let person = json!({ "sub": "customer-1", "name": { "first": "Amélie" }, "locale": 5 });
    let signed_in = ask(json_answer(200, &person)).await.unwrap();
    assert!(signed_in.claims.name.is_none() && signed_in.claims.locale.is_none());
}

#[tokio::test]
async fn without_user_info_nobody_signs_in_without_an_id_token() {
    let result = Stand::start().await.provider().await.verify(tokens(None)).await;
    assert!(matches!(result, Err(Error::NotTrusted(Distrust::NoIdToken))), "{result:?}");
}
