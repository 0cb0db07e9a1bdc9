//! Codes: what is asked for, and what is made of the answers of different providers.

use std::time::Duration;

use serde_json::{Value, json};
use signin::{Distrust, Error, Kind, ProviderConfig, Refusal};
use wiremock::ResponseTemplate;

use crate::{
    keys::text,
    stand::{CLIENT, Stand, USER_CODE, discover, error_answer, field, json_answer, page_answer},
};

/// What becomes of this answer.
async fn code_of(answer: ResponseTemplate) -> Result<signin::DeviceCode, Error> {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    stand.answers("POST", "/device", answer).await;
    provider.request_code().await
}

/// What becomes of an answer that differs a little from the usual one.
async fn code_with(change: impl FnOnce(&mut Value)) -> Result<signin::DeviceCode, Error> {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let mut answer = stand.code_answer();
    change(&mut answer);
    stand.answers("POST", "/device", json_answer(200, &answer)).await;
    provider.request_code().await
}

#[tokio::test]
async fn a_code_comes_with_letters_pages_and_times() {
    let code = code_with(|_| {}).await.unwrap();
    assert_eq!(code.user_code, USER_CODE);
    assert_eq!(code.verification_uri.path(), "/device");
    assert_eq!(code.verification_uri_complete.unwrap().query(), Some("user_code=WDJB-MJHT"));
    assert_eq!(code.expires_in, Duration::from_mins(5));
    assert_eq!(code.interval, Duration::from_secs(5));
}

#[tokio::test]
async fn scopes_are_asked_for_only_where_the_provider_lists_them() {
    for (supported, asked) in [
        (
            json!(["openid", "profile", "email", "phone", "offline_access", "customer", "customers:read"]),
            "openid profile email phone offline_access customer",
        ),
        (json!(["openid", "profile", "phone"]), "openid profile phone"),
        (Value::Null, "openid profile email"),
    ] {
        let stand = Stand::with(|metadata| metadata["scopes_supported"] = supported).await;
        let provider = stand.provider().await;
        stand.code(&provider).await;
        let form = stand.last_form("/device").await;
        assert_eq!(field(&form, "scope"), Some(asked));
        assert_eq!(field(&form, "client_id"), Some(CLIENT));
        assert_eq!(field(&form, "client_secret"), None);
    }
}

#[tokio::test]
async fn the_code_is_bound_to_this_till_by_pkce_where_the_provider_knows_it() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let code = stand.code(&provider).await;
    let asked = stand.last_form("/device").await;
    assert_eq!(field(&asked, "code_challenge_method"), Some("S256"));

    stand.answers("POST", "/token", error_answer(400, "authorization_pending")).await;
    provider.poll(&code).await;
    let polled = stand.last_form("/token").await;
    let verifier = field(&polled, "code_verifier").unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    assert_eq!(field(&asked, "code_challenge").unwrap(), text(hash));

    let plain = Stand::with(|metadata| metadata["code_challenge_methods_supported"] = json!(["plain"])).await;
    let provider = plain.provider().await;
    plain.code(&provider).await;
    assert_eq!(field(&plain.last_form("/device").await, "code_challenge"), None);
}

#[tokio::test]
async fn both_names_of_the_page_are_understood() {
    let google = code_with(|answer| {
        let page = answer["verification_uri"].take();
        answer.as_object_mut().unwrap().retain(|name, _| !name.starts_with("verification_uri"));
        answer["verification_url"] = page;
    })
    .await
    .unwrap();
    assert_eq!(google.verification_uri.path(), "/device");
    assert!(google.verification_uri_complete.is_none());

    let both =
        code_with(|answer| answer["verification_url"] = answer["verification_uri"].clone()).await.unwrap();
    assert_eq!(both.verification_uri.path(), "/device");
}

#[tokio::test]
async fn a_code_that_nobody_can_use_is_not_shown() {
    for (name, value) in [
        ("verification_uri", Value::Null),
        ("verification_uri", json!("not an address")),
        ("user_code", json!("")),
        ("user_code", json!("A\nB")),
        ("user_code", json!("X".repeat(33))),
        ("device_code", json!("")),
        ("device_code", Value::Null),
    ] {
        let result = code_with(|answer| answer[name] = value).await;
        assert!(matches!(result, Err(Error::Unexpected(_))), "{name}: {result:?}");
    }
    let result = code_of(page_answer(200)).await;
    assert!(matches!(result, Err(Error::Unexpected(_))), "{result:?}");
}

#[tokio::test]
async fn a_page_at_a_foreign_host_is_not_shown() {
    for name in ["verification_uri", "verification_uri_complete"] {
        let result = code_with(|answer| answer[name] = json!("https://evil.example.com/device")).await;
        assert!(matches!(result, Err(Error::NotTrusted(Distrust::VerificationHost))), "{name}: {result:?}");
    }
}

#[tokio::test]
async fn times_that_are_missing_or_absurd_are_bounded() {
    for (expires_in, interval, life, wait) in [
        (Value::Null, Value::Null, 300, 5),
        (json!(60), json!(0), 60, 1),
        (json!("900"), json!("5"), 600, 5),
        (json!(0), Value::Null, 1, 5),
        (json!(900), json!(300), 600, 300),
        (json!(1e300), json!(-5), 600, 5),
        (json!(86_400), json!(2.5), 600, 2),
        (json!([]), json!({}), 300, 5),
    ] {
        let code = code_with(|answer| {
            answer["expires_in"] = expires_in;
            answer["interval"] = interval;
        })
        .await
        .unwrap();
        assert_eq!((code.expires_in.as_secs(), code.interval.as_secs()), (life, wait));
    }
}

#[tokio::test]
async fn an_interval_that_leaves_no_time_to_ask_is_a_matter_of_set_up() {
    for (expires_in, interval) in [
        (json!(600), json!(600)),
        (json!(300), json!(299)),
        (Value::Null, json!(1e300)),
        (json!(4), json!(5)),
    ] {
        let result = code_with(|answer| {
            answer["expires_in"] = expires_in;
            answer["interval"] = interval;
        })
        .await;
        assert!(matches!(result, Err(Error::Refused(Refusal::IntervalTooLong))), "{result:?}");
    }
}

#[tokio::test]
async fn codes_that_die_early_are_not_believed_to_live_longer() {
    let stand = Stand::start().await;
    let provider = discover(ProviderConfig { kind: Some(Kind::Entra), ..stand.config() }).await.unwrap();
    assert_eq!(stand.code(&provider).await.expires_in, Duration::from_mins(4));
}

#[tokio::test]
async fn a_page_may_be_at_a_host_that_is_configured() {
    let stand = Stand::start().await;
    let verification_hosts = vec!["pages.example.org".to_owned()];
    let provider = discover(ProviderConfig { verification_hosts, ..stand.config() }).await.unwrap();
    let mut answer = stand.code_answer();
    answer["verification_uri"] = json!("https://pages.example.org/device");
    stand.answers("POST", "/device", json_answer(200, &answer)).await;
    let code = provider.request_code().await.unwrap();
    assert_eq!(code.verification_uri.host_str(), Some("pages.example.org"));
}

#[tokio::test]
async fn the_audience_is_named_where_one_is_configured() {
    let stand = Stand::start().await;
    let audience = Some("https://api.example.com".to_owned());
    let provider = discover(ProviderConfig { audience: audience.clone(), ..stand.config() }).await.unwrap();
    stand.code(&provider).await;
    assert_eq!(field(&stand.last_form("/device").await, "audience"), audience.as_deref());
    let plain = stand.provider().await;
    stand.code(&plain).await;
    assert_eq!(field(&stand.last_form("/device").await, "audience"), None);
}

#[tokio::test]
async fn a_refusal_is_told_from_a_provider_that_is_busy() {
    for (answer, refused) in [
        (error_answer(400, "unauthorized_client"), Some("unauthorized_client")),
        (error_answer(401, "invalid_client"), Some("invalid_client")),
        (error_answer(400, "invalid_grant"), Some("invalid_grant")),
        (error_answer(200, "invalid_scope"), Some("invalid_scope")),
        (error_answer(400, "Client 7 <b>unknown</b>"), Some("unreadable_error")),
        (page_answer(403), Some("http_403")),
        (ResponseTemplate::new(302).insert_header("location", "/token"), Some("http_302")),
        (json_answer(400, &json!({ "error": { "code": 5 } })), Some("unreadable_error")),
        // authentik, by its version.
        (ResponseTemplate::new(429), None),
        (error_answer(429, "slow_down"), None),
        (error_answer(503, "temporarily_unavailable"), None),
        (page_answer(502), None),
    ] {
        match code_of(answer).await {
            Err(Error::Refused(Refusal::Code(code))) => assert_eq!(Some(code.as_str()), refused),
            Err(Error::Unreachable) => assert_eq!(refused, None),
            other => panic!("{refused:?}: {other:?}"),
        }
    }
}
