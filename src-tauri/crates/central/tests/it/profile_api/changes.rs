//! `GET /v1/changes`: who has changed or is erased, told at once to those who wait.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{AMELIE, Api, TILL, expect, problem};

async fn change_shoes(api: &Api, token: &str, size: &str) {
    expect(&api.patch(token, &json!({ "sizes": { "shoes": size } })).send().await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn the_feed_tells_who_has_changed_in_order_and_where_to_go_on() {
    let api = Api::start().await;
    let (amelie, staff) = (api.amelie().await, api.staff().await);
    let other_email = &api.others().await[0];
    let other = api.token(other_email, TILL, "openid customer").await;
    let start = api.document("/v1/changes", &staff).await;
    assert_eq!(start, json!({ "items": [], "next": 0 }));

    change_shoes(&api, &amelie, "40").await;
    change_shoes(&api, &other, "44").await;
    expect(&api.open_visit(&amelie, "a", api.now()).send().await.unwrap(), StatusCode::CREATED);
    let feed = api.document("/v1/changes?since=0", &staff).await;
    let subjects: Vec<_> = feed["items"].as_array().unwrap().iter().map(|it| it["subject"].clone()).collect();
    let (amelies, others) = (api.subject(AMELIE).await, api.subject(other_email).await);
    assert_eq!(subjects, [json!(amelies), json!(others), json!(amelies)]);

    let since = feed["items"][1]["seq"].as_i64().unwrap();
    let rest = api.document(&format!("/v1/changes?since={since}"), &staff).await;
    assert_eq!(rest["items"], json!([feed["items"][2]]));
    let end = api.document(&format!("/v1/changes?since={}", feed["next"]), &staff).await;
    assert_eq!(end, json!({ "items": [], "next": feed["next"] }));
}

#[tokio::test]
async fn a_customers_token_is_told_of_that_customer_alone() {
    let api = Api::start().await;
    let amelie = api.amelie().await;
    let other = api.token(&api.others().await[0], TILL, "openid customer").await;
    change_shoes(&api, &other, "44").await;
    change_shoes(&api, &amelie, "40").await;
    let feed = api.document("/v1/changes", &amelie).await;
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed["items"][0]["subject"], api.subject(AMELIE).await);
    let neither = api.token(AMELIE, TILL, "openid profile").await;
    problem(api.get("/v1/changes", &neither).await, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn who_waits_is_told_as_soon_as_something_changes() {
    let api = Api::start().await;
    let (amelie, staff) = (api.amelie().await, api.staff().await);
    let begun = Instant::now();
    let change = async {
        api.server().until_held(1).await;
        change_shoes(&api, &amelie, "40").await;
    };
    let (feed, ()) = tokio::join!(api.document("/v1/changes?since=0&wait=15", &staff), change);
    assert_eq!(feed["items"][0]["kind"], "changed");
    assert!(begun.elapsed() < Duration::from_secs(15), "only the end of the wait has told it");
}

#[tokio::test]
async fn who_waits_for_one_customer_is_not_told_of_another() {
    let api = Api::start().await;
    let amelie = api.amelie().await;
    let other = api.token(&api.others().await[0], TILL, "openid customer").await;
    let waiting = api.document("/v1/changes?since=0&wait=1", &amelie);
    let (feed, ()) = tokio::join!(waiting, change_shoes(&api, &other, "44"));
    assert_eq!(feed, json!({ "items": [], "next": 0 }));
}

#[tokio::test]
async fn a_held_request_is_answered_when_the_service_ends() {
    let api = Api::start().await;
    let staff = api.staff().await;
    let request = api.request(Method::GET, "/v1/changes?wait=15", &staff);
    let asked = async { request.send().await.unwrap().json::<Value>().await.unwrap() };
    let begun = Instant::now();
    let stop = async {
        api.world.server.until_held(1).await;
        api.world.server.stop().await;
    };
    let (feed, ()) = tokio::join!(asked, stop);
    assert!(begun.elapsed() < Duration::from_secs(15), "the service waited for it");
    assert_eq!(feed["items"], json!([]));
}

#[tokio::test]
async fn an_erased_customer_is_gone_and_every_till_is_told() {
    let api = Api::start().await;
    let (amelie, staff) = (api.amelie().await, api.staff().await);
    let subject = api.subject(AMELIE).await;
    change_shoes(&api, &amelie, "40").await;
    expect(&api.open_visit(&amelie, "a", api.now()).send().await.unwrap(), StatusCode::CREATED);
    let next = api.document("/v1/changes", &staff).await["next"].clone();

    assert!(api.server().erase(&subject).await.unwrap());
    assert!(!api.server().erase(&subject).await.unwrap());

    let feed = api.document(&format!("/v1/changes?since={next}"), &staff).await;
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed["items"][0]["subject"], subject);
    assert_eq!(feed["items"][0]["kind"], "erased");
    problem(api.get("/v1/me", &amelie).await, StatusCode::UNAUTHORIZED).await;
    let found = api.document("/v1/customers?query=amelie", &staff).await;
    assert_eq!(found["items"], json!([]));
    // But for the feed, no table knows her.
    let mut database = api.database().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name = 'subject' AND m.name <> 'changes'",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert!(tables.len() > 8, "{tables:?}");
    for table in tables {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "SELECT count(*) FROM {table} WHERE subject = ?"
        )))
        .bind(&subject)
        .fetch_one(&mut database)
        .await
        .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn a_place_that_the_feed_has_never_reached_means_to_start_anew() {
    let api = Api::start().await;
    let staff = api.staff().await;
    problem(api.get("/v1/changes?since=99", &staff).await, StatusCode::GONE).await;
    for query in ["since=x", "wait=31", "wait=-1"] {
        problem(api.get(&format!("/v1/changes?{query}"), &staff).await, StatusCode::BAD_REQUEST).await;
    }
}
