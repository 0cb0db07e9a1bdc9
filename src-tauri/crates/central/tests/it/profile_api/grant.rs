//! Tokens as tills really get them: by the device grant, with a customer's yes on a phone.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{AMELIE, STAFF, World};

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

async fn document(world: &World, path: &str, token: &str) -> Value {
    let (status, document) = world.get(path, token).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    document
}

#[tokio::test]
async fn the_token_of_a_yes_opens_the_profile_and_a_yes_to_be_remembered_is_in_its_consents() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let tokens = world.tokens(&phone, "openid customer offline_access", "store").await;
    let profile = document(&world, "/v1/me", access(&tokens)).await;
    assert_eq!(profile["email"], AMELIE);
    let newest = profile["consents"].as_array().unwrap().last().unwrap();
    assert_eq!(newest["purpose"], "remember_at_store");
    assert_eq!((&newest["given"], &newest["store"]), (&json!(true), &json!("northquay")));
    let feed = document(&world, "/v1/changes", access(&tokens)).await;
    assert_eq!(feed["items"][0]["subject"], profile["subject"]);
}

#[tokio::test]
async fn a_till_that_asks_for_the_scope_of_staff_gets_it_from_staff_and_not_from_a_customer() {
    let world = World::start().await;
    let scopes = "openid customer customers:read";
    let of_customer = world.tokens(&world.phone_of(AMELIE).await, scopes, "visit").await;
    let (status, _) = world.get("/v1/customers?query=amelie", access(&of_customer)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let of_staff = world.tokens(&world.phone_of(STAFF).await, scopes, "visit").await;
    let found = document(&world, "/v1/customers?query=amelie", access(&of_staff)).await;
    assert_eq!(found["items"][0]["name"], "Amélie Durand");
}
