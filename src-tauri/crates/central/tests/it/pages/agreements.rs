//! What a customer agreed to: receipts, and the way to end it.

use reqwest::{StatusCode, header};
use serde_json::Value;

use crate::world::{ALL, AMELIE, PASSWORD, World};

#[tokio::test]
async fn a_yes_has_a_receipt_that_is_shown_and_can_be_kept() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code(ALL).await;
    let form = [("decision", "yes"), ("remember", "some"), ("keep_loyalty", "yes")];
    let done = phone.submit(&phone.open(&code.address).await, "/device/decision", &form).await;
    let receipt = done.html.split("href=\"/receipts/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = phone.open(&format!("/receipts/{receipt}")).await;
    page.expect("receipt");
    for said in [
        &receipt,
        AMELIE,
        "Be remembered at the store",
        "24 November 2026",
        "Marram Northquay · Till 1",
        "your name, membership",
        "contact details, preferences, history",
        "24 November 2027",
    ] {
        assert!(page.html.contains(said), "{said} is not in {}", page.html);
    }
    let file = phone.open(&format!("/receipts/{receipt}/receipt.json")).await;
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    let document: Value = serde_json::from_str(&file.html).unwrap();
    assert_eq!(document["dpv:hasIdentifier"], receipt.as_str());
    assert_eq!(document["dct:language"], "en");
    assert_eq!(document["dpv:hasEntity"]["store:northquay"]["dpv:hasName"], "Marram Northquay");
}

#[tokio::test]
async fn a_receipt_is_its_customers_own() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let tokens = world.tokens(&phone, ALL, "store").await;
    let (_, me) = world.get("/v1/me", tokens["access_token"].as_str().unwrap()).await;
    let id = me["consents"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
    let stranger = world.phone();
    for path in [format!("/receipts/{id}"), format!("/receipts/{id}/receipt.json"), "/agreements".to_owned()]
    {
        stranger.open(&path).await.expect("sign-in");
    }
    let page = stranger.open("/register?request=agreements").await;
    let form = [("email", "other@example.com"), ("password", PASSWORD)];
    stranger.submit(&page, "/register", &form).await.expect("agreements");
    for path in [format!("/receipts/{id}"), format!("/receipts/{id}/receipt.json")] {
        assert_eq!(stranger.open(&path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn taking_it_back_is_one_tap_where_giving_it_was_two() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let tokens = world.tokens(&phone, ALL, "store").await;
    let phone = world.phone();
    let page = phone.open("/agreements").await;
    let page = phone.sign_in(&page, AMELIE, PASSWORD).await;
    page.expect("agreements");
    assert!(page.html.contains("Until 24 November 2027: your name, contact details"), "{}", page.html);
    let page = phone.submit(&page, "/agreements/take-back", &[("store", "northquay")]).await;
    page.expect("agreements");
    assert!(page.html.contains("No store remembers you."), "{}", page.html);
    assert!(page.html.contains("Taken back, 24 November 2026"), "{}", page.html);
    let (status, _) = world.get("/v1/me", tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let forged = phone.send("/agreements/take-back", &[("form_token", "x"), ("store", "northquay")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}
