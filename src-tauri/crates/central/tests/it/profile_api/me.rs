//! `GET /v1/me`: who sees which profile, and when it is sent again.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{AMELIE, Api, STAFF, TILL, WEB, expect, problem};

#[tokio::test]
async fn a_token_shows_the_profile_of_its_customer_and_of_nobody_else() {
    let api = Api::start().await;
    let amelie = api.me(&api.amelie().await).await;
    assert_eq!(amelie["name"]["display"], "Amélie Durand");
    assert_eq!(amelie["email"], AMELIE);
    let other = &api.others().await[0];
    let other_profile = api.me(&api.token(other, TILL, "openid customer").await).await;
    assert_eq!(other_profile["email"], other.as_str());
    assert_ne!(other_profile["subject"], amelie["subject"]);
}

#[tokio::test]
async fn a_profile_has_linked_accounts_consents_and_where_each_preference_comes_from() {
    let api = Api::start().await;
    let amelie = api.me(&api.amelie().await).await;
    let providers: Vec<_> =
        amelie["identities"].as_array().unwrap().iter().map(|it| it["provider"].as_str().unwrap()).collect();
    for provider in ["password", "google", "facebook", "apple", "passkey", "phone"] {
        assert!(providers.contains(&provider), "{provider} is not among {providers:?}");
    }
    assert_eq!(amelie["preferences"]["sizes"]["shoes"]["provenance"]["channel"], "app");
    assert_eq!(amelie["preferences"]["sizes"]["trousers"]["provenance"]["by"], "associate");
    assert!(amelie["consents"].as_array().unwrap().len() >= 4);
    assert!(amelie["loyalty"]["points"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn without_a_good_token_there_is_a_challenge_and_nothing_else() {
    let api = Api::start().await;
    let bare = api.world.http.get(api.world.at("/v1/me")).send().await.unwrap();
    assert_eq!(bare.headers()["www-authenticate"], "Bearer");
    problem(bare, StatusCode::UNAUTHORIZED).await;

    let unknown = api.get("/v1/me", "made-up").await;
    assert_eq!(unknown.headers()["www-authenticate"], r#"Bearer error="invalid_token""#);
    problem(unknown, StatusCode::UNAUTHORIZED).await;

    let token = api.amelie().await;
    expect(&api.get("/v1/me", &token).await, StatusCode::OK);
    api.pass(TimeDelta::seconds(3600));
    problem(api.get("/v1/me", &token).await, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn a_token_without_the_scope_shows_no_profile() {
    let api = Api::start().await;
    let token = api.token(AMELIE, TILL, "openid profile email").await;
    let answer = api.get("/v1/me", &token).await;
    assert_eq!(
        answer.headers()["www-authenticate"],
        r#"Bearer error="insufficient_scope", scope="customer""#
    );
    problem(answer, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn an_account_of_staff_has_no_profile() {
    let api = Api::start().await;
    let token = api.token(STAFF, TILL, "openid customer").await;
    problem(api.get("/v1/me", &token).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_profile_that_has_not_changed_is_not_sent_again() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let first = api.get("/v1/me", &token).await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let profile: serde_json::Value = first.json().await.unwrap();
    assert_eq!(tag, format!("\"{}\"", profile["revision"]));

    let known = async |tag: &str| {
        api.request(Method::GET, "/v1/me", &token).header("if-none-match", tag).send().await.unwrap()
    };
    let unchanged = known(&tag).await;
    expect(&unchanged, StatusCode::NOT_MODIFIED);
    assert_eq!(unchanged.headers()["etag"], tag.as_str());
    assert!(unchanged.bytes().await.unwrap().is_empty());
    expect(&known(&format!("\"old\", {tag}")).await, StatusCode::NOT_MODIFIED);
    expect(&known("\"old\"").await, StatusCode::OK);

    expect(&api.patch(&token, &json!({ "sizes": { "shoes": "40" } })).send().await.unwrap(), StatusCode::OK);
    let changed = known(&tag).await;
    expect(&changed, StatusCode::OK);
    assert_ne!(changed.headers()["etag"], tag.as_str());
}

#[tokio::test]
async fn no_cache_between_may_keep_a_profile_or_take_one_for_anothers() {
    let api = Api::start().await;
    let answer = api.get("/v1/me", &api.token(AMELIE, WEB, "openid customer").await).await;
    assert_eq!(answer.headers()["cache-control"], "private, no-cache");
    assert_eq!(answer.headers()["vary"], "authorization");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document_too() {
    let api = Api::start().await;
    let token = api.amelie().await;
    problem(api.get("/v1/nothing", &token).await, StatusCode::NOT_FOUND).await;
    let deleted = api.request(Method::DELETE, "/v1/me", &token).send().await.unwrap();
    problem(deleted, StatusCode::METHOD_NOT_ALLOWED).await;
}
