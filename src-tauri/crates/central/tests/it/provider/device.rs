//! The device grant (RFC 8628).

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{ALL, AMELIE, Answer, DEVICE, ELSEWHERE, PASSWORD, SECOND_TILL, STAFF, TILL, World};

/// How long a request is held when nothing happens.
const HOLD: Duration = Duration::from_secs(5);

/// What a till is told while nobody has decided.
fn refused(answer: &Answer) -> &str {
    assert_eq!(answer.0, StatusCode::BAD_REQUEST, "{answer:?}");
    answer.1["error"].as_str().unwrap()
}

#[tokio::test]
async fn a_yes_gives_the_till_what_the_customer_allowed() {
    let world = World::start().await;
    let code = world.code(ALL).await;
    assert_eq!(code.answer["expires_in"], 300);
    assert_eq!(code.answer["interval"], 5);
    assert_eq!(code.answer["verification_uri"], world.at("/device"));
    let proof =
        code.address.strip_prefix(&format!("{}?user_code={}&proof=", world.at("/device"), code.user_code));
    assert_eq!(proof.map(str::len), Some(22), "{} makes a small QR code", code.address);

    let first = world.poll(&code).await;
    assert_eq!((refused(&first), first.1.get("countersign_stage")), ("authorization_pending", None));
    let phone = world.phone();
    let page = phone.open(&code.address).await;
    page.expect("sign-in");
    assert_eq!(page.user_code(), code.user_code);
    world.pass(5);
    assert_eq!(
        world.poll(&code).await.1,
        json!({ "error": "authorization_pending", "countersign_stage": "scanned" })
    );

    let page = phone.sign_in(&page, AMELIE, PASSWORD).await;
    page.expect("consent");
    assert_eq!(page.user_code(), code.user_code);
    let done = phone.decide(&page, "yes", "store").await;
    done.expect("done");
    let (status, answer) = world.poll(&code).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    // RFC 6749, section 5.1: in any case.
    assert!(answer["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"));
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["scope"], "openid profile email phone offline_access customer");
    assert!(answer["refresh_token"].is_string());
    assert!(answer["id_token"].is_string());
    assert_eq!(done.check().len(), 2);
    let (status, me) = world.get("/v1/me", answer["access_token"].as_str().unwrap()).await;
    assert_eq!((status, &me["name"]["display"]), (StatusCode::OK, &json!("Amélie Durand")));
}

#[tokio::test]
async fn a_request_is_held_and_answered_at_the_yes() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    assert_eq!(world.poll_for(&code, 5).await.1["countersign_stage"], "scanned");

    let begun = Instant::now();
    let yes = async {
        world.server.until_held(1).await;
        phone.decide(&page, "yes", "visit").await
    };
    let ((status, _), done) = tokio::join!(world.poll_for(&code, 5), yes);
    done.expect("done");
    assert_eq!(status, StatusCode::OK);
    assert!(begun.elapsed() < HOLD, "only the end of the hold has told it");
}

#[tokio::test]
async fn a_held_request_is_told_at_once_that_the_page_was_opened() {
    let world = World::start().await;
    let code = world.code("openid").await;
    let begun = Instant::now();
    let phone = world.phone();
    let scan = async {
        world.server.until_held(1).await;
        phone.open(&code.address).await
    };
    let (answer, page) = tokio::join!(world.poll_for(&code, 5), scan);
    page.expect("sign-in");
    assert_eq!(answer.1["countersign_stage"], "scanned");
    assert!(begun.elapsed() < HOLD, "only the end of the hold has told it");
    // News may be followed by the next request at once.
    assert_eq!(refused(&world.poll(&code).await), "authorization_pending");
}

#[tokio::test]
async fn a_held_request_is_told_at_once_of_a_no() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    world.poll_for(&code, 5).await;
    let begun = Instant::now();
    let no = async {
        world.server.until_held(1).await;
        phone.decide(&page, "no", "visit").await
    };
    let (answer, page) = tokio::join!(world.poll_for(&code, 5), no);
    page.expect("denied");
    assert_eq!(refused(&answer), "access_denied");
    assert!(begun.elapsed() < HOLD, "only the end of the hold has told it");
}

#[tokio::test]
async fn a_client_that_polls_in_the_ordinary_way_gets_its_tokens() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    for _ in 0..4 {
        assert_eq!(refused(&world.poll(&code).await), "authorization_pending");
        world.pass(5);
    }
    let page = phone.open(&code.address).await;
    phone.decide(&page, "yes", "visit").await.expect("done");
    assert_eq!(world.poll(&code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_to_slow_down_and_not_held_off_for_ever() {
    let world = World::start().await;
    let code = world.code("openid").await;
    assert_eq!(refused(&world.poll(&code).await), "authorization_pending", "the first one is never too fast");
    for _ in 0..3 {
        world.pass(1);
        assert_eq!(refused(&world.poll(&code).await), "slow_down");
    }
    world.pass(2);
    assert_eq!(refused(&world.poll(&code).await), "authorization_pending");
}

#[tokio::test]
async fn two_requests_at_once_are_too_many_but_a_decision_is_always_told() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    assert_eq!(world.poll(&code).await.1["countersign_stage"], "scanned");
    let (one, other) = tokio::join!(world.poll_for(&code, 1), world.poll_for(&code, 1));
    let mut both = [refused(&one), refused(&other)];
    both.sort_unstable();
    assert_eq!(both, ["authorization_pending", "slow_down"]);
    phone.decide(&page, "yes", "visit").await.expect("done");
    assert_eq!(world.poll(&code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_code_ends_after_five_minutes_and_a_yes_comes_too_late() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    world.pass(299);
    assert_eq!(refused(&world.poll(&code).await), "authorization_pending");
    world.pass(1);
    assert_eq!(refused(&world.poll(&code).await), "expired_token");
    phone.decide(&page, "yes", "visit").await.expect("expired");
    assert_eq!(refused(&world.poll(&code).await), "expired_token");
}

#[tokio::test]
async fn a_request_that_is_held_when_the_code_ends_is_told_that_it_has() {
    let world = World::start().await;
    let code = world.code("openid").await;
    world.pass(299);
    let end = async {
        world.server.until_held(1).await;
        world.pass(1);
    };
    let (answer, ()) = tokio::join!(world.poll_for(&code, 5), end);
    assert_eq!(refused(&answer), "expired_token");
}

#[tokio::test]
async fn a_no_that_comes_too_late_changes_nothing() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    world.pass(300);
    phone.decide(&page, "no", "visit").await.expect("expired");
    assert_eq!(refused(&world.poll(&code).await), "expired_token");
}

#[tokio::test]
async fn another_till_that_has_the_code_does_not_disturb_the_one_that_waits() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    assert_eq!(world.poll_for(&code, 5).await.1["countersign_stage"], "scanned");
    let begun = Instant::now();
    let meanwhile = async {
        world.server.until_held(1).await;
        let form = [("client_id", SECOND_TILL), ("grant_type", DEVICE), ("device_code", &code.device_code)];
        assert_eq!(refused(&world.token(&form).await), "invalid_grant");
        phone.decide(&page, "yes", "visit").await
    };
    let ((status, _), done) = tokio::join!(world.poll_for(&code, 5), meanwhile);
    done.expect("done");
    assert_eq!(status, StatusCode::OK);
    assert!(begun.elapsed() < HOLD, "only the end of the hold has told it");
}

#[tokio::test]
async fn a_till_gets_more_codes_than_it_can_use_but_not_any_number() {
    let world = World::start().await;
    let ask = async |client: &str| {
        let form = [("client_id", client), ("scope", "openid")];
        crate::world::read(world.http.post(world.at("/oauth/device")).form(&form).send().await.unwrap()).await
    };
    for _ in 0..600 {
        assert_eq!(ask(TILL).await.0, StatusCode::OK);
    }
    assert_eq!(ask(TILL).await, (StatusCode::TOO_MANY_REQUESTS, json!({ "error": "slow_down" })));
    assert_eq!(ask(SECOND_TILL).await.0, StatusCode::OK, "each till has its own number");
    world.pass(600);
    assert_eq!(ask(TILL).await.0, StatusCode::OK);
}

#[tokio::test]
async fn of_many_requests_at_once_one_gets_the_tokens() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    phone.decide(&page, "yes", "visit").await.expect("done");
    let answers = futures::future::join_all((0..30).map(|_| world.poll(&code))).await;
    let (given, refusals): (Vec<_>, Vec<_>) =
        answers.iter().partition(|(status, _)| *status == StatusCode::OK);
    assert_eq!(given.len(), 1);
    assert!(refusals.iter().all(|answer| refused(answer) == "invalid_grant"), "{refusals:?}");
}

#[tokio::test]
async fn mistakes_of_a_client_are_named_and_are_400() {
    let world = World::start().await;
    let code = world.code("openid").await;
    let device_code = code.device_code.as_str();
    for (form, expected) in [
        (
            vec![("client_id", "till-oldtown-1"), ("grant_type", DEVICE), ("device_code", device_code)],
            "invalid_grant",
        ),
        (vec![("client_id", TILL), ("grant_type", DEVICE), ("device_code", "nobodys")], "invalid_grant"),
        (vec![("client_id", TILL), ("grant_type", DEVICE)], "invalid_request"),
        (vec![("client_id", TILL)], "invalid_request"),
        (vec![("client_id", TILL), ("client_id", TILL), ("grant_type", DEVICE)], "invalid_request"),
        (vec![("grant_type", DEVICE), ("device_code", device_code)], "invalid_client"),
        (
            vec![("client_id", "nobody"), ("grant_type", "refresh_token"), ("refresh_token", "x")],
            "invalid_client",
        ),
        (vec![("client_id", TILL), ("grant_type", "password")], "unsupported_grant_type"),
    ] {
        assert_eq!(refused(&world.token(&form).await), expected, "{form:?}");
    }
    for (client, expected) in [("nobody", "invalid_client"), ("web-marram", "unauthorized_client")] {
        let form = [("client_id", client), ("scope", "openid")];
        let answer = world.http.post(world.at("/oauth/device")).form(&form).send().await.unwrap();
        assert_eq!(refused(&crate::world::read(answer).await), expected);
    }
}

#[tokio::test]
async fn just_this_visit_leaves_nothing_to_come_back_with() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let answer = world.tokens(&phone, ALL, "visit").await;
    assert_eq!(answer["refresh_token"], Value::Null);
    assert_eq!(answer["scope"], "openid profile email phone customer");
    let (_, me) = world.get("/v1/me", answer["access_token"].as_str().unwrap()).await;
    assert!(acts(&me).is_empty(), "{me}");
}

#[tokio::test]
async fn being_remembered_is_an_act_of_consent_and_so_is_its_end() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let answer = world.tokens(&phone, "openid customer", "store").await;
    assert_eq!(answer["refresh_token"], Value::Null, "it was not asked for");
    world.pass(60);
    let answer = world.tokens(&phone, "openid customer", "visit").await;
    let (_, me) = world.get("/v1/me", access(&answer)).await;
    let acts = acts(&me);
    assert_eq!(acts.iter().map(|act| act["given"].as_bool().unwrap()).collect::<Vec<_>>(), [true, false]);
    for act in acts {
        assert_eq!(act["by"], "customer");
        assert_eq!(act["channel"], "store");
        assert_eq!(act["store"], "northquay");
        assert_eq!(act["wording"], "phone-remember-2.en");
        assert_eq!((&act["store_name"], &act["till"]), (&json!("Marram Northquay"), &json!("Till 1")));
    }
}

#[tokio::test]
async fn whoever_is_remembered_already_makes_no_new_choice_by_leaving_it_at_that() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    world.tokens(&phone, ALL, "store").await;
    world.pass(30 * 86_400);
    // The choice that holds is the one that is offered, with its day.
    let page = phone.open(&world.code_at(SECOND_TILL, ALL).await.address).await;
    assert!(page.html.contains(r#"value="store" checked"#), "{}", page.html);
    assert!(page.html.contains("until 24 November 2027"), "{}", page.html);
    let done = phone.decide(&page, "yes", "store").await;
    done.expect("done");
    assert!(done.html.contains("until 24 November 2027"), "{}", done.html);
    let answer = world.tokens_at(SECOND_TILL, &phone, ALL, "store").await;
    let (_, me) = world.get("/v1/me", access(&answer)).await;
    assert_eq!(acts(&me).len(), 1, "{me}");

    world.pass(335 * 86_400);
    let phone = world.phone_of(AMELIE).await;
    let page = phone.open(&world.code(ALL).await.address).await;
    assert!(!page.html.contains(r#"value="store" checked"#), "a year is over");
    assert!(page.html.contains("until 23 November 2028"), "{}", page.html);
    let (_, me) = world.get("/v1/me", access(&world.tokens(&phone, ALL, "store").await)).await;
    assert_eq!(acts(&me).len(), 2, "{me}");
}

#[tokio::test]
async fn whoever_chooses_leaves_what_was_ticked_and_nothing_is_ticked_beforehand() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let page = phone.open(&world.code(ALL).await.address).await;
    assert_eq!(page.html.matches(r#"type="checkbox""#).count(), 4);
    assert!(!page.html.contains(r#"value="yes" checked"#), "{}", page.html);

    let some = [("decision", "yes"), ("remember", "some"), ("keep_contact", "yes"), ("keep_loyalty", "yes")];
    let code = world.code(ALL).await;
    let done = phone.submit(&phone.open(&code.address).await, "/device/decision", &some).await;
    assert!(done.html.contains("2027: your name, contact details, membership."), "{}", done.html);
    let (_, tokens) = world.poll(&code).await;
    let (_, me) = world.get("/v1/me", access(&tokens)).await;
    assert_eq!(acts(&me)[0]["scopes"], json!(["contact", "loyalty"]));
    assert_eq!(acts(&me)[0]["until"], "2027-11-24T10:00:00Z");
    let claims = payload(&tokens);
    assert_eq!(claims["countersign_remember_scopes"], json!(["contact", "loyalty"]));
    assert_eq!(claims["countersign_remember_act"], acts(&me)[0]["id"]);

    // Their own choice is what they are shown, and what they leave of it is a choice of its own.
    world.pass(86_400);
    let code = world.code(ALL).await;
    let page = phone.open(&code.address).await;
    assert!(page.html.contains(r#"value="some" checked"#), "{}", page.html);
    assert_eq!(page.html.matches(r#"value="yes" checked"#).count(), 2, "{}", page.html);
    phone.submit(&page, "/device/decision", &some).await.expect("done");
    phone
        .submit(&phone.open(&world.code(ALL).await.address).await, "/device/decision", &some[..3])
        .await
        .expect("done");
    let (_, me) = world.get("/v1/me", access(&world.poll(&code).await.1)).await;
    let scopes: Vec<_> = acts(&me).iter().map(|act| act["scopes"].clone()).collect();
    assert_eq!(scopes, [json!(["contact", "loyalty"]), json!(["contact"])]);
}

#[tokio::test]
async fn boxes_that_are_ticked_beside_just_this_visit_say_nothing() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code(ALL).await;
    let form = [("decision", "yes"), ("remember", "visit"), ("keep_contact", "yes")];
    phone.submit(&phone.open(&code.address).await, "/device/decision", &form).await.expect("done");
    let (_, tokens) = world.poll(&code).await;
    assert!(acts(&world.get("/v1/me", access(&tokens)).await.1).is_empty());
    assert_eq!(payload(&tokens)["countersign_remember_until"], Value::Null);
}

#[tokio::test]
async fn just_this_visit_ends_what_the_whole_store_was_given_before() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let second = world.tokens_at(SECOND_TILL, &phone, ALL, "store").await;
    let elsewhere = world.tokens_at(ELSEWHERE, &phone, ALL, "store").await;
    // A third yes that its till has not asked about yet.
    let waiting = world.code_at(SECOND_TILL, ALL).await;
    phone.decide(&phone.open(&waiting.address).await, "yes", "store").await.expect("done");

    let visit = world.tokens(&phone, ALL, "visit").await;
    assert_eq!(world.get("/v1/me", access(&visit)).await.0, StatusCode::OK);
    assert_eq!(world.get("/v1/me", access(&second)).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refused(&renew(&world, SECOND_TILL, &second).await), "invalid_grant");
    let (status, answer) = world.poll(&waiting).await;
    assert_eq!((status, &answer["refresh_token"]), (StatusCode::OK, &Value::Null));
    assert_eq!(
        renew(&world, ELSEWHERE, &elsewhere).await.0,
        StatusCode::OK,
        "another store is another choice"
    );
}

#[tokio::test]
async fn a_yes_that_is_taken_back_ends_all_that_the_store_can_see() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let second = world.tokens_at(SECOND_TILL, &phone, ALL, "store").await;
    let code = world.code("openid customer").await;
    let page = phone.open(&code.address).await;
    let done = phone.decide(&page, "yes", "store").await;
    let (_, answer) = world.poll(&code).await;
    let opened = world
        .http
        .post(world.at("/v1/visits"))
        .bearer_auth(access(&answer))
        .header("idempotency-key", "a")
        .json(&json!({ "at": "2026-11-24T10:00:00Z" }));
    assert_eq!(opened.send().await.unwrap().status(), StatusCode::CREATED);
    let page = phone.submit(&done, "/device/take-back", &[]).await;
    page.expect("denied");
    assert!(page.html.contains("The visit has ended"), "{}", page.html);
    for tokens in [&answer, &second] {
        assert_eq!(world.get("/v1/me", access(tokens)).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(refused(&renew(&world, SECOND_TILL, &second).await), "invalid_grant");
    let visits = "SELECT how FROM visits WHERE ended_at IS NOT NULL";
    let ended: Vec<String> = sqlx::query_scalar(visits).fetch_all(&mut world.database().await).await.unwrap();
    assert_eq!(ended, ["phone"]);
    let answer = world.tokens(&phone, "openid customer", "visit").await;
    let (_, me) = world.get("/v1/me", access(&answer)).await;
    assert_eq!(acts(&me).last().unwrap()["given"], false);
}

#[tokio::test]
async fn a_yes_that_is_taken_back_before_the_till_asks_is_a_no() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    let done = phone.decide(&page, "yes", "visit").await;
    phone.submit(&done, "/device/take-back", &[]).await.expect("denied");
    assert_eq!(refused(&world.poll(&code).await), "access_denied");
}

#[tokio::test]
async fn only_staff_may_search_customers() {
    let world = World::start().await;
    let staff = world.phone_of(STAFF).await;
    let page = staff.open(&world.code(ALL).await.address).await;
    assert!(!page.html.contains(r#"name="remember""#), "staff has no profile that could be remembered");
    let answer = world.tokens(&staff, "openid customers:read", "visit").await;
    assert_eq!(answer["scope"], "openid customers:read");
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

async fn renew(world: &World, till: &str, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    world.token(&[("client_id", till), ("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// The claims of the ID token, unchecked.
fn payload(tokens: &Value) -> Value {
    let token = tokens["id_token"].as_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// Acts of consent about being remembered.
fn acts(me: &Value) -> Vec<&Value> {
    let all = me["consents"].as_array().unwrap();
    all.iter().filter(|act| act["purpose"] == "remember_at_store").collect()
}
