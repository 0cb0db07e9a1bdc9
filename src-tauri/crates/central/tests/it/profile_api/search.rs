//! `GET /v1/customers`: what an associate finds.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{AMELIE, Api, TILL, expect, problem};

async fn found(api: &Api, staff: &str, query: &str) -> Vec<Value> {
    let answer =
        api.request(Method::GET, "/v1/customers", staff).query(&[("query", query)]).send().await.unwrap();
    expect(&answer, StatusCode::OK);
    let found: Value = answer.json().await.unwrap();
    found["items"].as_array().unwrap().clone()
}

fn has(found: &[Value], name: &str) -> bool {
    found.iter().any(|customer| customer["name"] == name)
}

#[tokio::test]
async fn a_customer_is_found_by_beginnings_of_words_in_any_order_without_accents() {
    let api = Api::start().await;
    let staff = api.staff().await;
    for query in
        ["Amélie Durand", "durand amelie", "AMEL", "dur am", "amelie.durand@example.com", "amélie,durand"]
    {
        assert!(has(&found(&api, &staff, query).await, "Amélie Durand"), "{query}");
    }
    for query in ["amelie nobody", "melie", "", "  ", "\"", "*", "NEAR(", "' OR 1=1 --"] {
        assert!(!has(&found(&api, &staff, query).await, "Amélie Durand"), "{query}");
    }
}

#[tokio::test]
async fn a_customer_is_found_by_phone_and_member_number_however_they_are_written() {
    let api = Api::start().await;
    let staff = api.staff().await;
    let amelie = api.me(&api.amelie().await).await;
    let number = amelie["loyalty"]["number"].as_str().unwrap();
    let phone = amelie["phone"].as_str().unwrap();
    let (country, rest) = phone.split_at(4);
    for query in [number, phone, &format!("{country} {rest}"), &format!("0{rest}"), &number[..8]] {
        assert!(has(&found(&api, &staff, query).await, "Amélie Durand"), "{query}");
    }
}

#[tokio::test]
async fn every_customer_is_found_by_their_own_name_in_their_own_script() {
    let api = Api::start().await;
    let staff = api.staff().await;
    for email in api.others().await {
        let profile = api.me(&api.token(&email, TILL, "openid customer").await).await;
        let name = profile["name"]["display"].as_str().unwrap();
        let found = found(&api, &staff, name).await;
        assert!(found.iter().any(|it| it["subject"] == profile["subject"]), "{name}");
    }
}

#[tokio::test]
async fn a_hit_tells_no_more_than_is_needed_to_choose() {
    let api = Api::start().await;
    let hits = found(&api, &api.staff().await, "amelie durand").await;
    let hit = hits[0].as_object().unwrap();
    assert_eq!(hit["email"], "a•••@example.com");
    let mut members: Vec<_> = hit.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["email", "loyalty", "name", "subject"]);
}

#[tokio::test]
async fn a_search_is_for_finding_one_and_not_for_reading_a_list() {
    let api = Api::start().await;
    assert!(found(&api, &api.staff().await, "example").await.len() <= 20);
    let staff = api.staff().await;
    let long = api.get(&format!("/v1/customers?query={}", "x".repeat(201)), &staff).await;
    problem(long, StatusCode::BAD_REQUEST).await;
    problem(api.get("/v1/customers", &staff).await, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn a_customers_token_finds_nobody() {
    let api = Api::start().await;
    let answer = api.get("/v1/customers?query=a", &api.token(AMELIE, TILL, "openid customer").await).await;
    assert_eq!(
        answer.headers()["www-authenticate"],
        r#"Bearer error="insufficient_scope", scope="customers:read""#
    );
    problem(answer, StatusCode::FORBIDDEN).await;
}
