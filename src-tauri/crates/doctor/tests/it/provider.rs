//! What is broken at the identity service, or in how it is set up for this till.

use doctor::Code;
use serde_json::{Value, json};
use signin::KeyError;
use url::Url;

use crate::{
    stand::{Answer, Script, code, json_answer, page, redirect, service},
    till::at,
};

/// What the doctor finds first at a service that is changed like this.
async fn finds(expected: Code, change: impl FnOnce(&str, &mut Script)) {
    let (_running, issuer) = service(change).await;
    at(&issuer).finds(expected).await;
}

async fn finds_at(expected: Code, path: &'static str, answer: Answer) {
    finds(expected, |_, script| script.answers(path, answer)).await;
}

const METADATA: &str = "/.well-known/openid-configuration";
const DEVICE: &str = "/device_authorization";

fn error(status: u16, word: &str) -> Answer {
    json_answer(status, &json!({ "error": word }))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_discovery_document_is_found_whatever_is_there_instead() {
    finds_at(Code::DiscoveryMissing, METADATA, page(404)).await;
    finds_at(Code::DiscoveryNotJson, METADATA, page(200)).await;
    finds_at(Code::DiscoveryRedirected, METADATA, redirect("https://login.shop.example/?token=x")).await;
    finds_at(Code::DiscoveryUnreachable, METADATA, page(503)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_another_issuer_is_found_and_both_are_named() {
    let (_running, issuer) =
        service(|_, script| script.says("issuer", "https://id.shop.example/realms/till")).await;
    let report = at(&issuer).finds(Code::DiscoveryOtherIssuer).await;
    assert!(report.to_string().contains("named https://id.shop.example/realms/till"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_without_encryption_is_found_and_named() {
    let (_running, issuer) =
        service(|_, script| script.says("token_endpoint", "http://id.shop.example/token")).await;
    let report = at(&issuer).finds(Code::DiscoveryInsecure).await;
    assert!(report.to_string().contains("token_endpoint"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_the_device_grant_is_found() {
    finds(Code::DiscoveryNoDeviceEndpoint, |_, script| {
        script.says_nothing_of("device_authorization_endpoint");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_lacks_the_token_endpoint_is_found() {
    finds(Code::DiscoveryIncomplete, |_, script| script.says_nothing_of("token_endpoint")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_be_had_or_used_are_found() {
    let keys = |keys: Value| json_answer(200, &json!({ "keys": keys }));
    finds_at(Code::JwksUnreachable, "/keys", page(500)).await;
    finds_at(Code::JwksUnreadable, "/keys", page(200)).await;
    finds_at(Code::JwksEmpty, "/keys", keys(json!([]))).await;
    let encrypting = json!([{ "kty": "OKP", "crv": "Ed25519", "use": "enc", "kid": "a",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }]);
    finds_at(Code::JwksNoUsableKey, "/keys", keys(encrypting)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_that_a_till_does_not_accept_or_that_no_key_is_for_are_found() {
    const NAME: &str = "id_token_signing_alg_values_supported";
    finds(Code::AlgorithmsNoneAllowed, |_, script| script.says(NAME, json!(["HS256", "none"]))).await;
    finds(Code::AlgorithmsWithoutKey, |_, script| script.says(NAME, json!(["RS256"]))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_may_not_ask_for_a_code_is_found_with_the_reason() {
    for (status, word, code) in [
        (403, "unauthorized_client", Code::DeviceUnauthorizedClient),
        (401, "invalid_client", Code::DeviceInvalidClient),
        (400, "invalid_scope", Code::DeviceInvalidScope),
        // Keycloak, where the grant is off for this client.
        (400, "invalid_grant", Code::DeviceGrantNotAllowed),
        (400, "unsupported_grant_type", Code::DeviceGrantNotAllowed),
        (400, "invalid_request", Code::DeviceRefused),
    ] {
        finds_at(code, DEVICE, error(status, word)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_or_key_that_is_not_there_is_found_and_one_behind_a_locked_keyring_is_the_keyrings_matter() {
    let (_running, issuer) = service(|_, _| {}).await;
    let mut set = at(&issuer);
    for (why, code) in [
        (KeyError::Missing, Some(Code::DeviceNoKey)),
        (KeyError::NotAKey, Some(Code::DeviceNoKey)),
        (KeyError::OutOfReach, None),
    ] {
        if let Ok(Some(configuration)) = &mut set.till.configuration {
            configuration.credentials = Err(why);
        }
        assert_eq!(set.report().await.first().map(|line| line.code), code, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_gives_out_no_more_codes_is_told_from_one_that_does_not_answer() {
    finds_at(Code::DeviceThrottled, DEVICE, Answer::clone(&page(429))).await;
    finds_at(Code::DeviceThrottled, DEVICE, error(429, "slow_down")).await;
    finds_at(Code::DeviceUnreachable, DEVICE, page(502)).await;
    finds_at(Code::DeviceUnreadable, DEVICE, page(200)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_a_customer_must_not_be_sent_to_is_found() {
    for (page, expected) in [
        ("https://elsewhere.example/device", Code::DeviceForeignPage),
        ("http://id.shop.example/device", Code::DeviceInsecurePage),
    ] {
        finds(expected, |issuer, script| {
            let mut code = code(issuer);
            code["verification_uri"] = page.into();
            script.answers(DEVICE, json_answer(200, &code));
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_dies_too_soon_or_must_be_typed_is_a_warning() {
    finds(Code::DeviceShortLife, |issuer, script| {
        let mut code = code(issuer);
        code["expires_in"] = 60.into();
        script.answers(DEVICE, json_answer(200, &code));
    })
    .await;
    finds(Code::DeviceNoCompleteAddress, |issuer, script| {
        let mut code = code(issuer);
        code["verification_uri_complete"] = Value::Null;
        script.answers(DEVICE, json_answer(200, &code));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_does_not_answer_as_it_should_is_found() {
    let tokens = json!({ "access_token": "aT-51f0c2Zk9QmVtYxWb3R", "token_type": "Bearer" });
    for (answer, code) in [
        (error(401, "invalid_client"), Code::PollRefused),
        (error(400, "expired_token"), Code::PollDeadCode),
        (error(403, "access_denied"), Code::PollDeadCode),
        (page(200), Code::PollUnanswered),
        (page(502), Code::PollUnanswered),
        (json_answer(200, &tokens), Code::PollGranted),
    ] {
        finds_at(code, "/token", answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_minds_being_asked_at_once_is_in_order() {
    let (_running, issuer) = service(|_, script| script.answers("/token", error(400, "slow_down"))).await;
    let report = at(&issuer).report().await;
    assert_eq!(report.exit_code(), 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_needs_an_audience_is_told_where_none_is_configured() {
    let change = |issuer: &str, script: &mut Script| {
        script.says("device_authorization_endpoint", format!("{issuer}/oauth/device/code"));
        script.answers("/oauth/device/code", json_answer(200, &code(issuer)));
    };
    let (_running, issuer) = service(change).await;
    let mut set = at(&issuer);
    let report = set.finds(Code::ProviderAdvice).await;
    assert!(report.to_string().contains("product auth0, notes needs_audience"), "{report}");
    if let Ok(Some(configuration)) = &mut set.till.configuration {
        configuration.provider.audience = Some("https://profiles.example.com".to_owned());
    }
    assert_eq!(set.report().await.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_of_profiles_that_cannot_be_used_is_found() {
    let (_running, issuer) = service(|_, script| script.says_nothing_of("userinfo_endpoint")).await;
    let mut set = at(&issuer);
    let report = set.report().await;
    assert_eq!(report.exit_code(), 0, "the ID token says who it is: {report}");
    assert!(report.to_string().contains("profile_in_token"), "{report}");
    if let Ok(Some(configuration)) = &mut set.till.configuration {
        configuration.profile.source = Some(directory::Kind::UserInfo);
    }
    set.finds(Code::ProfileNone).await;
    for (answer, expected) in [
        (page(404), Code::ProfileMissing),
        (page(200), Code::ProfileNotApi),
        (page(503), Code::ProfileUnreachable),
        (json_answer(200, &json!({ "sub": "a" })), Code::ProfileOpen),
        (json_answer(418, &json!({})), Code::ProfileOdd),
    ] {
        finds_at(expected, "/userinfo", answer.clone()).await;
        let (_running, issuer) = service(|_, script| script.answers("/v1/me", answer)).await;
        let mut set = at(&issuer);
        if let Ok(Some(configuration)) = &mut set.till.configuration {
            configuration.profile.address = Some(Url::parse(&format!("{issuer}/v1")).unwrap());
        }
        set.finds(expected).await;
    }
}
