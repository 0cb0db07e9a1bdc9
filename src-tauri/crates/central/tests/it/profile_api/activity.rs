//! `GET /v1/me/activity`: pages that fit together.

use reqwest::StatusCode;
use serde_json::Value;

use super::{AMELIE, Api, TILL, expect, problem};

/// All activities from the cursor on, with the pages' sizes.
async fn walk(api: &Api, token: &str, mut cursor: Option<String>, limit: u32) -> (Vec<Value>, Vec<usize>) {
    let (mut items, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let from = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = api.document(&format!("/v1/me/activity?limit={limit}{from}"), token).await;
        let page_items = page["items"].as_array().unwrap();
        sizes.push(page_items.len());
        items.extend(page_items.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return (items, sizes),
        }
    }
}

#[tokio::test]
async fn the_pages_together_are_all_there_is_newest_first_and_each_once() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let (at_once, _) = walk(&api, &token, None, 100).await;
    let (in_pages, sizes) = walk(&api, &token, None, 7).await;
    assert!(at_once.len() >= 90, "{}", at_once.len());
    assert_eq!(in_pages, at_once);
    assert!(sizes.iter().rev().skip(1).all(|size| *size == 7), "{sizes:?}");
    assert!(sizes.last().is_some_and(|size| *size > 0));
    let times: Vec<_> = at_once.iter().map(|it| it["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
}

#[tokio::test]
async fn a_cursor_stays_good_while_newer_activities_come_in() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let (before, _) = walk(&api, &token, None, 100).await;
    let page = api.document("/v1/me/activity?limit=10", &token).await;
    expect(&api.open_visit(&token, "visit", api.now()).send().await.unwrap(), StatusCode::CREATED);
    let (rest, _) = walk(&api, &token, page["next"].as_str().map(str::to_owned), 10).await;
    assert_eq!(rest, before[10..]);
    let (after, _) = walk(&api, &token, None, 100).await;
    assert_eq!(after[1..], before);
}

#[tokio::test]
async fn a_page_has_twenty_activities_where_nothing_is_said() {
    let api = Api::start().await;
    let page = api.document("/v1/me/activity", &api.amelie().await).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn activities_are_of_the_tokens_customer() {
    let api = Api::start().await;
    let other = api.token(&api.others().await[0], TILL, "openid customer").await;
    let (others, _) = walk(&api, &other, None, 100).await;
    let (amelies, _) = walk(&api, &api.amelie().await, None, 100).await;
    assert!(!others.is_empty());
    assert!(others.iter().all(|activity| !amelies.contains(activity)));
    // A cursor of Amélie's opens nothing of hers to anybody else.
    let page = api.document("/v1/me/activity?limit=1", &api.amelie().await).await;
    let (from_there, _) = walk(&api, &other, page["next"].as_str().map(str::to_owned), 100).await;
    assert!(from_there.iter().all(|activity| others.contains(activity)));
}

#[tokio::test]
async fn what_is_no_cursor_and_no_limit_is_refused() {
    let api = Api::start().await;
    let token = api.amelie().await;
    for query in ["cursor=made-up", "cursor=", "limit=0", "limit=101", "limit=many", "limit=-1"] {
        let answer = api.get(&format!("/v1/me/activity?{query}"), &token).await;
        let problem = problem(answer, StatusCode::BAD_REQUEST).await;
        assert!(!problem.to_string().contains("made-up"));
    }
    let token = api.token(AMELIE, TILL, "openid").await;
    problem(api.get("/v1/me/activity", &token).await, StatusCode::FORBIDDEN).await;
}
