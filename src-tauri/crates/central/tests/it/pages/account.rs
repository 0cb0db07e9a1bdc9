//! Signing in and making accounts.

use reqwest::StatusCode;
use serde_json::json;

use crate::world::{AMELIE, PASSWORD, Page, Phone, World};

async fn registration(world: &World, phone: &Phone) -> Page {
    let code = world.code("openid email customer").await;
    let page = phone.open(&format!("/register?user_code={}", code.user_code)).await;
    page.expect("register");
    assert_eq!(page.user_code(), code.user_code);
    page
}

async fn register(phone: &Phone, page: &Page, email: &str, password: &str) -> Page {
    phone.submit(page, "/register", &[("email", email), ("password", password)]).await
}

#[tokio::test]
async fn an_account_takes_two_fields() {
    let world = World::start().await;
    let phone = world.phone();
    let page = registration(&world, &phone).await;
    register(&phone, &page, "newcomer@example.com", "a fresh password").await.expect("consent");
    let answer = world.tokens(&phone, "openid email customer", "visit").await;
    let (status, me) = world.get("/v1/me", answer["access_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("newcomer@example.com"), &json!(false)));
    assert_eq!((&me["name"]["display"], &me["locale"]), (&json!("newcomer"), &json!("en")));

    let other = world.phone();
    let page = other.open(&world.code("openid").await.address).await;
    other.sign_in(&page, "Newcomer@Example.com", "a fresh password").await.expect("consent");
}

#[tokio::test]
async fn what_cannot_be_an_account_is_said_beside_what_was_typed() {
    let world = World::start().await;
    let phone = world.phone();
    let page = registration(&world, &phone).await;
    for (email, password, said) in [
        ("newcomer@example", "a fresh password", "check the e-mail address"),
        ("newcomer@example.com", "1234567", "at least 8 characters"),
        ("newcomer@example.com", &"x".repeat(257), "at most 256"),
    ] {
        let again = register(&phone, &page, email, password).await;
        again.expect("register");
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.html.contains(said), "{said}: {}", again.html);
        assert!(again.html.contains(&format!("value=\"{email}\"")), "{}", again.html);
        assert!(!again.html.contains(password), "a password is never sent back");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_needs_its_password_and_says_no_more_than_a_wrong_one() {
    let world = World::start().await;
    let phone = world.phone();
    let page = registration(&world, &phone).await;
    let refused = register(&phone, &page, AMELIE, "not her password").await;
    refused.expect("register");
    assert!(refused.html.contains("do not fit together"), "{}", refused.html);
    register(&phone, &page, AMELIE, PASSWORD).await.expect("consent");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let world = World::start().await;
    let phone = world.phone();
    let page = phone.open(&world.code("openid").await.address).await;
    let wrong = phone.sign_in(&page, AMELIE, "not her password").await;
    let unknown = phone.sign_in(&page, "nobody@example.com", PASSWORD).await;
    for answer in [&wrong, &unknown] {
        answer.expect("sign-in");
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(
        wrong.html.replace(AMELIE, "?"),
        unknown.html.replace("nobody@example.com", "?").replace(AMELIE, "?")
    );
}

#[tokio::test]
async fn guesses_at_one_account_are_few() {
    let world = World::start().await;
    let phone = world.phone();
    let page = phone.open(&world.code("openid").await.address).await;
    for _ in 0..8 {
        let answer = phone.sign_in(&page, AMELIE, "a guess").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let other = world.phone();
    let page = other.open(&world.code("openid").await.address).await;
    let refused = other.sign_in(&page, AMELIE, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    world.pass(600);
    let page = other.open(&world.code("openid").await.address).await;
    other.sign_in(&page, AMELIE, PASSWORD).await.expect("consent");
}

#[tokio::test]
async fn the_demo_tells_how_to_sign_in() {
    let world = World::start().await;
    let page = world.phone().open(&world.code("openid").await.address).await;
    assert!(page.html.contains(AMELIE) && page.html.contains(PASSWORD), "{}", page.html);
}

#[tokio::test]
async fn somebody_else_can_use_the_same_phone() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let before = phone.cookies().await["countersign_session"].clone();
    let page = phone.open(&world.code("openid").await.address).await;
    phone.submit(&page, "/sign-out", &[]).await.expect("sign-in");
    assert_eq!(phone.cookies().await["countersign_session"], "");
    // The old session has ended for good, also for who has kept its cookie.
    let address = world.code("openid").await.address;
    let cookie = format!("countersign_session={before}");
    let answer = world.http.get(address).header("cookie", cookie).send().await.unwrap().text().await.unwrap();
    assert!(answer.contains(r#"data-page="sign-in""#), "{answer}");
}

#[tokio::test]
async fn a_phone_stays_signed_in_for_ninety_days() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    world.pass(90 * 86_400 - 1);
    phone.open(&world.code("openid").await.address).await.expect("consent");
    world.pass(1);
    phone.open(&world.code("openid").await.address).await.expect("sign-in");
}
