//! Taking back at a till that a store may remember somebody.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{ALL, AMELIE, Answer, ELSEWHERE, World, read};

const ID: &str = "7b0f1f64-5717-4562-b3fc-2c963f66afa6";

async fn take_back(world: &World, tokens: &Value, document: Value) -> Answer {
    let post = world.http.post(world.at("/v1/me/withdrawals")).bearer_auth(access(tokens)).json(&document);
    read(post.send().await.unwrap()).await
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

async fn acts(world: &World, tokens: &Value) -> Vec<Value> {
    let (_, me) = world.get("/v1/me", access(tokens)).await;
    let acts = me["consents"].as_array().unwrap().iter();
    acts.filter(|act| act["purpose"] == "remember_at_store").cloned().collect()
}

#[tokio::test]
async fn what_is_taken_back_at_the_till_is_an_act_of_its_own_and_ends_what_the_store_was_given() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let (here, elsewhere) =
        (world.tokens(&phone, ALL, "store").await, world.tokens_at(ELSEWHERE, &phone, ALL, "store").await);
    let yes = acts(&world, &here).await[0]["id"].clone();
    world.pass(60);
    let (status, act) =
        take_back(&world, &here, json!({ "id": ID, "act": yes, "at": "2026-11-24T10:00:30Z" })).await;
    assert_eq!(status, StatusCode::CREATED, "{act}");
    assert_eq!(
        (&act["given"], &act["by"], &act["store"]),
        (&json!(false), &json!("associate"), &json!("northquay"))
    );
    assert_eq!((&act["at"], &act["till"]), (&json!("2026-11-24T10:00:30Z"), &json!("Till 1")));
    let (status, _) = world.get("/v1/me", access(&here)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "what was given to remember them has ended");
    let all = acts(&world, &elsewhere).await;
    assert_eq!(all.iter().filter(|act| act["store"] == "northquay").count(), 2);
    let (status, _) = world.get("/v1/me", access(&elsewhere)).await;
    assert_eq!(status, StatusCode::OK, "another store is not concerned");
}

#[tokio::test]
async fn the_same_withdrawal_is_recorded_once_and_its_id_is_its_own() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let here = world.tokens(&phone, "openid customer", "visit").await;
    let document = json!({ "id": ID, "at": "2026-11-24T10:00:30Z" });
    let (_, first) = take_back(&world, &here, document.clone()).await;
    let (status, again) = take_back(&world, &here, document.clone()).await;
    assert_eq!((status, &again), (StatusCode::CREATED, &first));
    assert_eq!(acts(&world, &here).await.len(), 1);
    let elsewhere = world.tokens_at(ELSEWHERE, &phone, "openid customer", "visit").await;
    assert_eq!(take_back(&world, &elsewhere, document).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = take_back(&world, &here, json!({ "id": "1", "at": "now" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_yes_that_was_given_since_outlives_a_withdrawal_that_comes_late() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let first = world.tokens(&phone, "openid customer", "store").await;
    let yes = acts(&world, &first).await[0]["id"].clone();
    world.pass(600);
    world.tokens(&phone, "openid customer", "visit").await;
    world.pass(1);
    let again = world.tokens(&phone, ALL, "store").await;
    let late = json!({ "id": ID, "act": yes, "at": "2026-11-24T10:05:00Z" });
    assert_eq!(take_back(&world, &again, late).await.0, StatusCode::CREATED);
    let page = phone.open(&world.code(ALL).await.address).await;
    assert!(page.html.contains(r#"value="store" checked"#), "{}", page.html);
    let (status, _) = world.get("/v1/me", access(&again)).await;
    assert_eq!(status, StatusCode::OK);
}
