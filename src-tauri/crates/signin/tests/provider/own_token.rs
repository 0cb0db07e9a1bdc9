//! What a till asks for itself, and no customer with it.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use signin::{ClientAuthentication, Error, Kind, Provider, ProviderConfig, Refusal, TillKey};

use crate::stand::{ACCESS_TOKEN, Stand, discover, error_answer, field, json_answer, page_answer};

async fn offering() -> Stand {
    Stand::with(|metadata| {
        metadata["grant_types_supported"] =
            json!(["urn:ietf:params:oauth:grant-type:device_code", "client_credentials"]);
        metadata["scopes_supported"] = json!(["openid", "customer", "store"]);
    })
    .await
}

/// The provider as a till with a key of its own sees it.
async fn with_key(stand: &Stand, kind: Option<Kind>) -> Provider {
    let client_authentication = ClientAuthentication::PrivateKeyJwt(TillKey::generate().unwrap());
    discover(ProviderConfig { client_authentication, kind, ..stand.config() }).await.unwrap()
}

#[tokio::test]
async fn a_till_that_signs_who_it_is_is_given_a_token_of_its_own() {
    let stand = offering().await;
    let provider = with_key(&stand, None).await;
    assert!(provider.offers_store_tokens());
    let answer = json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 600 });
    stand.answers("POST", "/token", json_answer(200, &answer)).await;
    let tokens = provider.store_token().await.unwrap();
    assert_eq!(tokens.access_token.expose_secret(), ACCESS_TOKEN);
    assert_eq!(tokens.expires_in, Some(Duration::from_mins(10)));
    let form = stand.last_form("/token").await;
    assert_eq!(field(&form, "grant_type"), Some("client_credentials"));
    assert_eq!(field(&form, "scope"), Some("store"));
    assert!(field(&form, "client_assertion").is_some());
}

#[tokio::test]
async fn nothing_is_asked_for_without_a_key_or_where_nothing_is_offered() {
    let stand = offering().await;
    assert!(!stand.provider().await.offers_store_tokens(), "a till that says its name alone");
    // Nothing that a till could sign with is sent to it.
    assert!(!with_key(&stand, Some(Kind::Auth0)).await.offers_store_tokens());
    let stand = Stand::start().await;
    assert!(!with_key(&stand, None).await.offers_store_tokens(), "a provider that does not say so");
}

#[tokio::test]
async fn a_refusal_is_told_from_an_answer_that_says_nothing() {
    let stand = offering().await;
    let provider = with_key(&stand, None).await;
    for (answer, expected) in [
        (error_answer(401, "invalid_client"), Some("invalid_client")),
        (error_answer(400, "unauthorized_client"), Some("unauthorized_client")),
        (page_answer(200), None),
        (json_answer(404, &json!({})), None),
    ] {
        stand.answers_once("POST", "/token", answer).await;
        match (provider.store_token().await.unwrap_err(), expected) {
            (Error::Refused(Refusal::Code(code)), Some(expected)) => assert_eq!(code, expected),
            (Error::Unexpected(_), None) => {}
            (other, _) => panic!("{other:?}"),
        }
    }
    stand.answers_once("POST", "/token", error_answer(503, "temporarily_unavailable")).await;
    assert!(matches!(provider.store_token().await, Err(Error::Unreachable)));
}
