//! The authorization code flow with PKCE, for a web shop.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::world::{AMELIE, Answer, CALLBACK, PASSWORD, Page, SHOP, World};

const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-specification";

/// The address of a sign-in, with some of its parts changed.
fn ask(world: &World, changes: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut parts = BTreeMap::from([
        ("client_id", SHOP),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile offline_access customer"),
        ("state", "basket & more"),
        ("nonce", "once"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ]);
    parts.extend(changes.iter().copied());
    parts.retain(|_, value| !value.is_empty());
    let address = openidconnect::url::Url::parse_with_params(&world.at("/oauth/authorize"), parts);
    address.unwrap().into()
}

/// What the web shop is told.
fn told(page: &Page) -> BTreeMap<String, String> {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    assert!(page.address.as_str().starts_with("http://127.0.0.1"), "{}", page.address);
    assert_eq!(page.address.path(), "/callback");
    page.address.query_pairs().into_owned().collect()
}

async fn exchange(world: &World, code: &str, verifier: &str) -> Answer {
    let form = [
        ("client_id", SHOP),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
    ];
    world.token(&form).await
}

#[tokio::test]
async fn a_customer_signs_in_and_comes_back_with_a_code() {
    let world = World::start().await;
    let phone = world.phone();
    let page = phone.open(&ask(&world, &[])).await;
    page.expect("sign-in");
    assert!(page.html.contains("Marram web shop"), "{}", page.html);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1;"),
        "or a browser stops the way back: {policy}"
    );

    let told = told(&phone.sign_in(&page, AMELIE, PASSWORD).await);
    assert_eq!(told["state"], "basket & more");
    assert_eq!(told["iss"], world.server.url().as_str().trim_end_matches('/'));
    let (status, answer) = exchange(&world, &told["code"], VERIFIER).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer["refresh_token"].is_string());
    let claims = answer["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("once"), &json!([SHOP])));
    assert_eq!(world.get("/v1/me", answer["access_token"].as_str().unwrap()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_customer_makes_an_account_on_the_way() {
    let world = World::start().await;
    let phone = world.phone();
    let page = phone.open(&ask(&world, &[])).await;
    let link = page.html.split("href=\"/register?").nth(1).unwrap().split('"').next().unwrap();
    let page = phone.open(&format!("/register?{}", link.replace("&#38;", "&"))).await;
    page.expect("register");
    let form = [("email", "newcomer@example.com"), ("password", "a fresh password")];
    assert!(told(&phone.submit(&page, "/register", &form).await).contains_key("code"));
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_verifier() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let told = told(&phone.open(&ask(&world, &[])).await);
    let refused = json!({ "error": "invalid_grant" });
    assert_eq!(exchange(&world, &told["code"], "another-verifier").await.1, refused);
    assert_eq!(
        exchange(&world, &told["code"], VERIFIER).await.0,
        StatusCode::OK,
        "a wrong try does not use it up"
    );
}

#[tokio::test]
async fn a_code_that_is_used_twice_takes_back_what_it_gave() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let told = told(&phone.open(&ask(&world, &[])).await);
    let (_, answer) = exchange(&world, &told["code"], VERIFIER).await;
    assert_eq!(exchange(&world, &told["code"], VERIFIER).await.1, json!({ "error": "invalid_grant" }));
    let (status, _) = world.get("/v1/me", answer["access_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let told = told(&phone.open(&ask(&world, &[])).await);
    world.pass(60);
    assert_eq!(exchange(&world, &told["code"], VERIFIER).await.1, json!({ "error": "invalid_grant" }));
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_shops() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    for changes in [
        [("redirect_uri", "https://evil.example/callback")],
        [("redirect_uri", "http://127.0.0.1/callback/../evil")],
        [("redirect_uri", "http://127.0.0.1@evil.example/callback")],
        [("redirect_uri", "")],
        [("client_id", "nobody")],
        [("client_id", "till-northquay-1")],
    ] {
        let page = phone.open(&ask(&world, &changes)).await;
        page.expect("problem");
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{changes:?}");
    }
}

#[tokio::test]
async fn an_app_on_the_same_machine_may_listen_on_any_port() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let page = phone.open(&ask(&world, &[("redirect_uri", "http://127.0.0.1:49152/callback")])).await;
    assert!(told(&page).contains_key("code"));
}

#[tokio::test]
async fn mistakes_are_told_to_the_shop() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    for (changes, expected) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("scope", "profile"), "invalid_scope"),
    ] {
        let told = told(&phone.open(&ask(&world, &[changes])).await);
        assert_eq!((told["error"].as_str(), told["state"].as_str()), (expected, "basket & more"));
        assert!(!told.contains_key("code"));
    }
}

#[tokio::test]
async fn a_shop_can_ask_without_a_page_and_for_a_fresh_sign_in() {
    let world = World::start().await;
    let silent = [("prompt", "none")];
    assert_eq!(told(&world.phone().open(&ask(&world, &silent)).await)["error"], "login_required");
    let phone = world.phone_of(AMELIE).await;
    assert!(told(&phone.open(&ask(&world, &silent)).await).contains_key("code"));
    world.pass(100);
    assert!(told(&phone.open(&ask(&world, &[("max_age", "100")])).await).contains_key("code"));
    for fresh in [("prompt", "login"), ("max_age", "99")] {
        let page = phone.open(&ask(&world, &[fresh])).await;
        page.expect("sign-in");
        assert!(
            told(&phone.sign_in(&page, AMELIE, PASSWORD).await).contains_key("code"),
            "asked once, not for ever"
        );
        world.pass(100);
    }
}

#[tokio::test]
async fn a_shop_that_runs_in_the_browser_may_ask_for_its_tokens_and_a_page_may_not_be_read() {
    let world = World::start().await;
    let origin = ("origin", "https://shop.example");
    let ask = |path: &str| world.http.get(world.at(path)).header(origin.0, origin.1);
    for (path, open) in
        [("/.well-known/openid-configuration", true), ("/jwks.json", true), ("/device", false)]
    {
        let answer = ask(path).send().await.unwrap();
        assert_eq!(answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), open, "{path}");
    }
    let form = [("client_id", SHOP), ("grant_type", "authorization_code")];
    let answer = world.http.post(world.at("/oauth/token")).header(origin.0, origin.1).form(&form).send();
    assert_eq!(answer.await.unwrap().headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
}
