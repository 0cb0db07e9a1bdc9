//! Revocation (RFC 7009) and user info.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use crate::world::{ALL, AMELIE, TILL, World, read};

async fn revoke(world: &World, client: &str, token: &Value) -> StatusCode {
    let form = [("client_id", client), ("token", token.as_str().unwrap())];
    world.http.post(world.at("/oauth/revoke")).form(&form).send().await.unwrap().status()
}

async fn user_info(world: &World, tokens: &Value) -> (StatusCode, Value) {
    world.get("/oauth/userinfo", tokens["access_token"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_revoked_access_token_opens_nothing() {
    let world = World::start().await;
    let tokens = world.tokens(&world.phone_of(AMELIE).await, ALL, "store").await;
    assert_eq!(user_info(&world, &tokens).await.0, StatusCode::OK);
    assert_eq!(revoke(&world, TILL, &tokens["access_token"]).await, StatusCode::OK);
    assert_eq!(user_info(&world, &tokens).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        world.get("/v1/me", tokens["access_token"].as_str().unwrap()).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_all_that_hangs_on_it() {
    let world = World::start().await;
    let tokens = world.tokens(&world.phone_of(AMELIE).await, ALL, "store").await;
    assert_eq!(revoke(&world, TILL, &tokens["refresh_token"]).await, StatusCode::OK);
    assert_eq!(user_info(&world, &tokens).await.0, StatusCode::UNAUTHORIZED);
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("client_id", TILL), ("grant_type", "refresh_token"), ("refresh_token", token)];
    assert_eq!(world.token(&form).await.1, json!({ "error": "invalid_grant" }));
}

#[tokio::test]
async fn nobody_revokes_the_tokens_of_another_client() {
    let world = World::start().await;
    let tokens = world.tokens(&world.phone_of(AMELIE).await, ALL, "store").await;
    for token in ["access_token", "refresh_token"] {
        assert_eq!(revoke(&world, "till-northquay-2", &tokens[token]).await, StatusCode::OK);
    }
    assert_eq!(user_info(&world, &tokens).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_there_is_not_is_as_good_as_revoked() {
    let world = World::start().await;
    assert_eq!(revoke(&world, TILL, &json!("nobodys")).await, StatusCode::OK);
    assert_eq!(revoke(&world, "nobody", &json!("nobodys")).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn user_info_tells_what_the_scopes_open() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let (_, all) = user_info(&world, &world.tokens(&phone, ALL, "visit").await).await;
    assert_eq!(all["name"], "Amélie Durand");
    assert_eq!(all["given_name"], "Amélie");
    assert_eq!(all["email"], AMELIE);
    assert!(all["phone_number"].as_str().unwrap().starts_with('+'), "{all}");
    let (_, least) = user_info(&world, &world.tokens(&phone, "openid", "visit").await).await;
    assert_eq!(least, json!({ "sub": all["sub"] }));
}

#[tokio::test]
async fn user_info_asks_for_a_token() {
    let world = World::start().await;
    let answer = world.http.get(world.at("/oauth/userinfo")).send().await.unwrap();
    assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(read(answer).await.0, StatusCode::UNAUTHORIZED);
}
