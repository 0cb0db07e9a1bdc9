//! Tills that sign who they are, and what they are given for themselves.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    signer::{SIGNING_TILL, Signer},
    world::{AMELIE, DEVICE, TILL, World},
};

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "JWT" })
}

#[tokio::test]
async fn a_till_with_its_own_key_is_given_a_token_that_speaks_for_nobody() {
    let world = World::start().await;
    let till = Signer::enrolled(&world, SIGNING_TILL).await;
    let (status, answer) = till.ask(&world, &till.assertion(&world)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("bearer"), &json!("store")));
    assert_eq!(answer["expires_in"], 3600);
    assert!(answer["refresh_token"].is_null() && answer["id_token"].is_null(), "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    for closed in ["/v1/me", "/oauth/userinfo", "/v1/customers?query=amelie"] {
        assert_eq!(world.get(closed, token).await.0, StatusCode::UNAUTHORIZED, "{closed}");
    }
    assert_eq!(world.get("/v1/remembered", token).await.0, StatusCode::OK);
    world.pass(3601);
    assert_eq!(world.get("/v1/remembered", token).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_assertion_is_good_once_and_for_this_service_and_till_alone() {
    let world = World::start().await;
    let till = Signer::enrolled(&world, SIGNING_TILL).await;
    let once = till.assertion(&world);
    assert_eq!(till.ask(&world, &once).await.0, StatusCode::OK);
    let refused = (StatusCode::BAD_REQUEST, json!({ "error": "invalid_client" }));
    assert_eq!(till.ask(&world, &once).await, refused);
    let with = |name: &str, value: Value| {
        let mut claims = till.claims(&world, name);
        claims[name] = value;
        till.sign(&header(), &claims)
    };
    let now = till.claims(&world, "")["iat"].as_i64().unwrap();
    let wrong = [
        with("aud", json!("https://elsewhere.example.com")),
        with("aud", json!([])),
        with("iss", json!(TILL)),
        with("sub", json!(TILL)),
        with("exp", json!(now - 61)),
        with("exp", json!(now + 3600)),
        with("iat", json!(now + 3600)),
        with("nbf", json!(now + 3600)),
        with("jti", json!("")),
        with("jti", Value::Null),
        till.sign(&json!({ "alg": "none" }), &till.claims(&world, "none")),
        till.sign(&json!({ "alg": "HS256" }), &till.claims(&world, "shared")),
        till.sign(&json!({ "alg": "ES256", "typ": "dpop+jwt" }), &till.claims(&world, "proof")),
        Signer::stranger(SIGNING_TILL).assertion(&world),
        "no.assertion".to_owned(),
        String::new(),
    ];
    for (number, assertion) in wrong.iter().enumerate() {
        assert_eq!(till.ask(&world, assertion).await, refused, "{number}");
    }
    // The same in the list that RFC 7519 allows, and a clock that is a little behind.
    assert_eq!(till.ask(&world, &with("exp", json!(now - 30))).await.0, StatusCode::OK);
    let issuer = till.claims(&world, "")["aud"].clone();
    assert_eq!(till.ask(&world, &with("aud", json!([issuer, "another"]))).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_till_whose_key_is_known_is_not_believed_by_its_name_alone() {
    let world = World::start().await;
    let till = Signer::enrolled(&world, SIGNING_TILL).await;
    let form = [("client_id", SIGNING_TILL), ("scope", "openid")];
    let asked = world.http.post(world.at("/oauth/device")).form(&form).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::BAD_REQUEST);
    let assertion = till.assertion(&world);
    let signed = [
        ("client_id", SIGNING_TILL),
        ("scope", "openid customer"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    let asked = world.http.post(world.at("/oauth/device")).form(&signed).send().await.unwrap();
    let code: Value = asked.json().await.unwrap();
    let code = code["device_code"].as_str().unwrap();
    let poll = [("client_id", SIGNING_TILL), ("grant_type", DEVICE), ("device_code", code)];
    assert_eq!(world.token(&poll).await.1, json!({ "error": "invalid_client" }));
    let revoke = [("client_id", SIGNING_TILL), ("token", "nobodys")];
    let answer = world.http.post(world.at("/oauth/revoke")).form(&revoke).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_till_without_a_key_works_as_before_and_gets_nothing_for_itself() {
    let world = World::start().await;
    world.tokens(&world.phone_of(AMELIE).await, "openid customer", "visit").await;
    let ask = [("grant_type", "client_credentials"), ("client_id", TILL)];
    assert_eq!(world.token(&ask).await.1, json!({ "error": "unauthorized_client" }));
    let stranger = Signer::stranger(TILL);
    let answer = stranger.ask(&world, &stranger.assertion(&world)).await;
    assert_eq!(answer.1, json!({ "error": "invalid_client" }));
}

#[tokio::test]
async fn a_till_is_given_no_other_scope_for_itself() {
    let world = World::start().await;
    let till = Signer::enrolled(&world, SIGNING_TILL).await;
    let assertion = till.assertion(&world);
    let ask = [
        ("grant_type", "client_credentials"),
        ("scope", "customers:read"),
        ("client_id", SIGNING_TILL),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    assert_eq!(world.token(&ask).await.1, json!({ "error": "invalid_scope" }));
}

#[tokio::test]
async fn only_a_public_key_of_a_client_that_there_is_can_be_registered() {
    let world = World::start().await;
    let key = Signer::stranger(SIGNING_TILL).public().to_string();
    assert!(world.server.set_client_key("nobody", &key).await.is_err());
    for wrong in ["", "{}", r#"{"kty":"oct","k":"c2VjcmV0"}"#] {
        assert!(world.server.set_client_key(SIGNING_TILL, wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn a_token_of_a_till_can_be_revoked_by_it_alone() {
    let world = World::start().await;
    let till = Signer::enrolled(&world, SIGNING_TILL).await;
    let token = till.token(&world).await;
    let others = [("client_id", TILL), ("token", &*token)];
    world.http.post(world.at("/oauth/revoke")).form(&others).send().await.unwrap();
    assert_eq!(world.get("/v1/remembered", &token).await.0, StatusCode::OK);
    let assertion = till.assertion(&world);
    let own = [
        ("client_id", SIGNING_TILL),
        ("token", &*token),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*assertion),
    ];
    let answer = world.http.post(world.at("/oauth/revoke")).form(&own).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(world.get("/v1/remembered", &token).await.0, StatusCode::UNAUTHORIZED);
}
