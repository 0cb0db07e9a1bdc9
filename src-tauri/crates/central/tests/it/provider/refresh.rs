//! Refresh tokens: rotation, grace, reuse (RFC 9700, section 4.14.2).

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{ALL, AMELIE, Answer, TILL, World};

const DAY: i64 = 86_400;

async fn remembered(world: &World) -> Value {
    let phone = world.phone_of(AMELIE).await;
    world.tokens(&phone, ALL, "store").await
}

async fn refresh(world: &World, tokens: &Value) -> Answer {
    refresh_as(world, TILL, tokens).await
}

async fn refresh_as(world: &World, client: &str, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    world.token(&[("client_id", client), ("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn can_read(world: &World, tokens: &Value) -> bool {
    world.get("/v1/me", tokens["access_token"].as_str().unwrap()).await.0 == StatusCode::OK
}

#[track_caller]
fn renewed((status, answer): Answer) -> Value {
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

#[track_caller]
fn invalid((status, answer): Answer) {
    assert_eq!((status, answer), (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })));
}

#[tokio::test]
async fn each_refresh_gives_a_new_pair() {
    let world = World::start().await;
    let first = remembered(&world).await;
    world.pass(2 * 3600);
    assert!(!can_read(&world, &first).await, "an access token lives for an hour");
    let second = renewed(refresh(&world, &first).await);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["scope"], first["scope"]);
    assert!(can_read(&world, &second).await);
    let third = renewed(refresh(&world, &second).await);
    assert!(can_read(&world, &third).await);
}

#[tokio::test]
async fn a_lost_answer_is_given_again_within_a_minute() {
    let world = World::start().await;
    let first = remembered(&world).await;
    let lost = renewed(refresh(&world, &first).await);
    world.pass(59);
    let again = renewed(refresh(&world, &first).await);
    assert_eq!(again["refresh_token"], lost["refresh_token"], "the same successor, not a second branch");
    renewed(refresh(&world, &again).await);
}

#[tokio::test]
async fn requests_that_race_all_end_with_the_same_successor() {
    let world = World::start().await;
    let first = remembered(&world).await;
    let answers = futures::future::join_all((0..40).map(|_| refresh(&world, &first))).await;
    let successors: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| renewed(answer)["refresh_token"].to_string()).collect();
    assert_eq!(successors.len(), 1);
}

#[tokio::test]
async fn a_token_that_comes_back_after_the_grace_ends_the_whole_family() {
    let world = World::start().await;
    let first = remembered(&world).await;
    let second = renewed(refresh(&world, &first).await);
    world.pass(60);
    invalid(refresh(&world, &first).await);
    invalid(refresh(&world, &second).await);
    assert!(!can_read(&world, &second).await);
}

#[tokio::test]
async fn a_token_whose_successor_was_used_has_no_grace() {
    let world = World::start().await;
    let first = remembered(&world).await;
    let second = renewed(refresh(&world, &first).await);
    let third = renewed(refresh(&world, &second).await);
    invalid(refresh(&world, &first).await);
    invalid(refresh(&world, &third).await);
}

#[tokio::test]
async fn another_tills_token_is_worth_nothing_and_harms_nothing() {
    let world = World::start().await;
    let first = remembered(&world).await;
    invalid(refresh_as(&world, "till-northquay-2", &first).await);
    renewed(refresh(&world, &first).await);
}

#[tokio::test]
async fn a_refresh_can_ask_for_less_but_not_for_more() {
    let world = World::start().await;
    let first = remembered(&world).await;
    let form = [
        ("client_id", TILL),
        ("grant_type", "refresh_token"),
        ("refresh_token", first["refresh_token"].as_str().unwrap()),
        ("scope", "openid customers:read"),
    ];
    let less = renewed(world.token(&form).await);
    assert_eq!(less["scope"], "openid");
    assert_eq!(world.get("/v1/me", less["access_token"].as_str().unwrap()).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn being_remembered_ends_however_often_it_was_renewed() {
    let world = World::start().await;
    let mut tokens = remembered(&world).await;
    for _ in 0..12 {
        world.pass(30 * DAY);
        tokens = renewed(refresh(&world, &tokens).await);
    }
    world.pass(5 * DAY - 60);
    tokens = renewed(refresh(&world, &tokens).await);
    assert!(can_read(&world, &tokens).await);
    world.pass(60);
    assert!(!can_read(&world, &tokens).await, "what was renewed in the last minute ends with the rest");
    invalid(refresh(&world, &tokens).await);
}
