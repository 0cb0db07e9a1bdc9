//! `POST /v1/visits`: opened once, told in the activity, ended once.

use chrono::TimeDelta;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{AMELIE, Api, TILL, WEB, expect, problem};

async fn opened(answer: Response) -> String {
    assert_eq!(answer.status(), StatusCode::CREATED);
    let visit: Value = answer.json().await.unwrap();
    visit["id"].as_str().unwrap().to_owned()
}

async fn newest(api: &Api, token: &str) -> Value {
    api.document("/v1/me/activity?limit=1", token).await["items"][0].clone()
}

async fn end(api: &Api, token: &str, id: &str, how: &str) -> Response {
    api.request(Method::POST, &format!("/v1/visits/{id}/end"), token)
        .json(&json!({ "at": api.now(), "how": how }))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_visit_is_told_in_the_activity_of_the_customer() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let id = opened(api.open_visit(&token, "a", api.now()).send().await.unwrap()).await;
    let activity = newest(&api, &token).await;
    assert_eq!(activity["id"], id.as_str());
    assert_eq!(activity["kind"], "visit");
    assert_eq!(activity["channel"], "store");
    assert_eq!(activity["store"], "Marram Northquay");
    assert_eq!(activity["brand"], "marram");
}

#[tokio::test]
async fn the_same_visit_sent_twice_is_opened_once() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let at = api.now();
    let first = opened(api.open_visit(&token, "a", at).send().await.unwrap()).await;
    api.pass(TimeDelta::seconds(90));
    let second = opened(api.open_visit(&token, "a", at).send().await.unwrap()).await;
    assert_eq!(second, first);
    let page = api.document("/v1/me/activity?limit=2", &token).await;
    assert_eq!(page["items"][0]["id"], first.as_str());
    assert_ne!(page["items"][1]["kind"], "visit");
    let other = api.open_visit(&token, "a", at - TimeDelta::seconds(1)).send().await.unwrap();
    problem(other, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_ne!(opened(api.open_visit(&token, "b", at).send().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_till_whose_clock_is_ahead_opens_no_visit_in_the_future() {
    let api = Api::start().await;
    let token = api.amelie().await;
    opened(api.open_visit(&token, "a", api.now() + TimeDelta::days(400)).send().await.unwrap()).await;
    let at: chrono::DateTime<chrono::Utc> =
        newest(&api, &token).await["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at, api.now());
}

#[tokio::test]
async fn only_a_till_opens_a_visit_and_only_with_a_key() {
    let api = Api::start().await;
    let web = api.token(AMELIE, WEB, "openid customer").await;
    problem(api.open_visit(&web, "a", api.now()).send().await.unwrap(), StatusCode::FORBIDDEN).await;
    let till = api.amelie().await;
    let bare = api.request(Method::POST, "/v1/visits", &till).json(&json!({ "at": api.now() }));
    problem(bare.send().await.unwrap(), StatusCode::BAD_REQUEST).await;
    let without_time =
        api.request(Method::POST, "/v1/visits", &till).header("idempotency-key", "a").json(&json!({}));
    problem(without_time.send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
}

#[tokio::test]
async fn a_visit_ends_once_and_ending_it_again_does_no_harm() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let id = opened(api.open_visit(&token, "a", api.now()).send().await.unwrap()).await;
    api.pass(TimeDelta::seconds(300));
    let ended = api.now();
    expect(&end(&api, &token, &id, "done").await, StatusCode::NO_CONTENT);
    api.pass(TimeDelta::seconds(300));
    expect(&end(&api, &token, &id, "idle").await, StatusCode::NO_CONTENT);
    let row: (i64, String) = sqlx::query_as("SELECT ended_at, how FROM visits WHERE id = ?")
        .bind(id)
        .fetch_one(&mut api.database().await)
        .await
        .unwrap();
    assert_eq!(row, (ended.timestamp_millis(), "done".to_owned()));
}

#[tokio::test]
async fn nobody_ends_the_visit_of_another_customer() {
    let api = Api::start().await;
    let id = opened(api.open_visit(&api.amelie().await, "a", api.now()).send().await.unwrap()).await;
    let other = api.token(&api.others().await[0], TILL, "openid customer").await;
    problem(end(&api, &other, &id, "done").await, StatusCode::NOT_FOUND).await;
    problem(end(&api, &other, "made-up", "done").await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_told_why() {
    let api = Api::start().await;
    let token = api.amelie().await;
    problem(end(&api, &token, "%ff", "done").await, StatusCode::BAD_REQUEST).await;
    let post = || api.request(Method::POST, "/v1/visits", &token).header("idempotency-key", "a");
    problem(post().body("{}").send().await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    let huge = post().header("content-type", "application/json").body(" ".repeat(70_000));
    problem(huge.send().await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test]
async fn how_a_visit_ended_is_a_word() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let id = opened(api.open_visit(&token, "a", api.now()).send().await.unwrap()).await;
    for how in ["", "Amélie went home", "<b>", &"x".repeat(41)] {
        let problem = problem(end(&api, &token, &id, how).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(problem["errors"][0]["pointer"], "/how");
    }
}
