//! `PATCH /v1/me/preferences`: applied once, merged where that is possible, refused where it is not.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::{AMELIE, Api, TILL, WEB, problem};

async fn applied(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let profile: Value = answer.json().await.unwrap();
    assert_eq!(tag, format!("\"{}\"", profile["revision"]));
    profile
}

fn shoes(size: &str) -> Value {
    json!({ "sizes": { "shoes": size } })
}

fn tag(profile: &Value) -> String {
    format!("\"{}\"", profile["revision"])
}

#[tokio::test]
async fn a_change_at_a_till_is_answered_with_the_whole_profile_and_says_where_it_was_made() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let before = api.me(&token).await;
    let after = applied(api.patch(&token, &shoes("40"))).await;
    let preference = &after["preferences"]["sizes"]["shoes"];
    assert_eq!(preference["value"], "40");
    assert_eq!(preference["provenance"]["channel"], "store");
    assert_eq!(preference["provenance"]["by"], "associate");
    assert_eq!(preference["provenance"]["at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), api.now());
    assert!(after["revision"].as_u64() > before["revision"].as_u64());
    assert_eq!(after["preferences"]["sizes"]["top"], before["preferences"]["sizes"]["top"]);
    assert_eq!(after, api.me(&token).await);
}

#[tokio::test]
async fn a_change_in_the_web_shop_is_the_customers_own() {
    let api = Api::start().await;
    let after = applied(api.patch(&api.token(AMELIE, WEB, "openid customer").await, &shoes("40"))).await;
    let provenance = &after["preferences"]["sizes"]["shoes"]["provenance"];
    assert_eq!((&provenance["channel"], &provenance["by"]), (&json!("web"), &json!("customer")));
}

#[tokio::test]
async fn null_removes_a_preference_or_a_whole_group() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let after = applied(api.patch(&token, &json!({ "sizes": { "shoes": null }, "care": null }))).await;
    assert_eq!(after["preferences"]["sizes"]["shoes"], Value::Null);
    assert_eq!(after["preferences"]["sizes"]["top"]["value"], "M");
    assert_eq!(after["preferences"]["care"], Value::Null);
    let set_again = applied(api.patch(&token, &json!({ "care": { "allergies": ["latex"] } }))).await;
    assert_eq!(set_again["preferences"]["care"]["allergies"]["value"], json!(["latex"]));
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_the_revision() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let before = api.me(&token).await;
    for patch in
        [json!({}), json!({ "sizes": {} }), json!({ "sizes": { "gloves": null } }), json!({ "garden": null })]
    {
        assert_eq!(applied(api.patch(&token, &patch)).await, before, "{patch}");
    }
}

#[tokio::test]
async fn the_same_change_sent_twice_is_applied_once() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let first = applied(api.patch_as(&token, "k", &json!({ "sizes": { "shoes": "40", "top": "L" } }))).await;
    // Somebody else changes the same preference before the answer that was lost is asked for again.
    let between = applied(api.patch(&token, &shoes("41"))).await;
    api.pass(TimeDelta::seconds(60));
    let again = api
        .request(Method::PATCH, "/v1/me/preferences", &token)
        .header("content-type", "application/merge-patch+json; charset=utf-8")
        .header("idempotency-key", "\"k\"")
        .header("if-match", tag(&first))
        .body(r#"{ "sizes" : {"top":"L", "shoes":"40"} }"#);
    let again = applied(again).await;
    assert_eq!(again, between);
    assert_eq!(again["preferences"]["sizes"]["shoes"]["value"], "41");
}

#[tokio::test]
async fn two_that_come_at_the_same_time_under_one_key_are_one() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let before = api.me(&token).await["revision"].as_u64().unwrap();
    let send = || applied(api.patch_as(&token, "k", &shoes("40")));
    let (one, two, three) = tokio::join!(send(), send(), send());
    assert_eq!((&one, &one), (&two, &three));
    assert_eq!(one["revision"].as_u64().unwrap(), before + 1);
}

#[tokio::test]
async fn another_change_under_a_used_key_is_refused_but_another_customer_has_keys_of_their_own() {
    let api = Api::start().await;
    let token = api.amelie().await;
    applied(api.patch_as(&token, "k", &shoes("40"))).await;
    let reused = api.patch_as(&token, "k", &shoes("41")).send().await.unwrap();
    let problem = problem(reused, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(problem["type"].as_str().unwrap().ends_with("/idempotency-key-reused"));
    assert_eq!(api.me(&token).await["preferences"]["sizes"]["shoes"]["value"], "40");
    let other = api.token(&api.others().await[0], TILL, "openid customer").await;
    let others = applied(api.patch_as(&other, "k", &shoes("41"))).await;
    assert_eq!(others["preferences"]["sizes"]["shoes"]["value"], "41");
}

#[tokio::test]
async fn changes_of_different_preferences_merge() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let base = api.me(&token).await;
    applied(api.patch(&token, &json!({ "sizes": { "top": "L" } }))).await;
    let merged = applied(api.patch(&token, &shoes("40")).header("if-match", tag(&base))).await;
    assert_eq!(merged["preferences"]["sizes"]["top"]["value"], "L");
    assert_eq!(merged["preferences"]["sizes"]["shoes"]["value"], "40");
}

#[tokio::test]
async fn a_preference_that_somebody_else_has_changed_is_a_conflict_that_names_it() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let base = api.me(&token).await;
    let now = applied(api.patch(&token, &shoes("40"))).await;
    let both = json!({ "sizes": { "shoes": "41", "top": "L" } });
    let refused = api.patch_as(&token, "k", &both).header("if-match", tag(&base)).send().await.unwrap();
    let problem = problem(refused, StatusCode::PRECONDITION_FAILED).await;
    assert_eq!(
        problem["conflicts"],
        json!([{ "group": "sizes", "key": "shoes", "current": now["preferences"]["sizes"]["shoes"] }])
    );
    assert_eq!(problem["revision"], now["revision"]);
    assert_eq!(api.me(&token).await, now, "nothing of it was applied");
    // Once the associate has answered the question, the same key goes on.
    let answered = applied(api.patch_as(&token, "k", &both).header("if-match", tag(&now))).await;
    assert_eq!(answered["preferences"]["sizes"]["shoes"]["value"], "41");
}

#[tokio::test]
async fn a_removal_is_a_change_like_any_other() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let base = api.me(&token).await;
    applied(api.patch(&token, &json!({ "sizes": null }))).await;
    let refused = api.patch(&token, &shoes("41")).header("if-match", tag(&base)).send().await.unwrap();
    let problem = problem(refused, StatusCode::PRECONDITION_FAILED).await;
    assert_eq!(problem["conflicts"], json!([{ "group": "sizes", "key": "shoes", "current": null }]));
}

#[tokio::test]
async fn two_who_want_the_same_do_not_conflict_and_without_a_base_the_last_one_wins() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let base = api.me(&token).await;
    applied(api.patch(&token, &shoes("40"))).await;
    applied(api.patch(&token, &shoes("40")).header("if-match", tag(&base))).await;
    for last in [api.patch(&token, &shoes("42")), api.patch(&token, &shoes("42")).header("if-match", "*")] {
        assert_eq!(applied(last).await["preferences"]["sizes"]["shoes"]["value"], "42");
    }
}

#[tokio::test]
async fn a_value_that_a_preference_cannot_have_is_refused_and_the_preference_named() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let before = api.me(&token).await;
    for (patch, pointer) in [
        (json!({ "sizes": { "top": "enormous" } }), "/sizes/top"),
        (json!({ "sizes": { "top": ["L"] } }), "/sizes/top"),
        (json!({ "sizes": { "top": "L", "shoes": 42 } }), "/sizes/shoes"),
        (json!({ "style": { "colours": ["navy", "octarine"] } }), "/style/colours"),
        (json!({ "care": { "note": "x".repeat(501) } }), "/care/note"),
        (json!({ "sizes": "L" }), "/sizes"),
        (json!({ "Sizes": { "top": "L" } }), "/Sizes"),
        (json!([]), ""),
    ] {
        let problem =
            problem(api.patch(&token, &patch).send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{patch}");
        assert!(!problem.to_string().contains("octarine"), "what was sent is not repeated");
    }
    assert_eq!(api.me(&token).await, before);
}

#[tokio::test]
async fn a_preference_that_only_the_centre_knows_keeps_its_kind_of_value() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let patch = json!({ "garden": { "wants_seeds": true, "beds": "three", "plants": ["beans", "peas"] } });
    let after = applied(api.patch(&token, &patch)).await;
    for (key, value) in patch["garden"].as_object().unwrap() {
        assert_eq!(&after["preferences"]["garden"][key]["value"], value);
    }
}

#[tokio::test]
async fn a_customer_has_room_for_many_preferences_but_not_for_any_number() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let fifty = |group: u32| {
        let keys: serde_json::Map<_, _> = (0..50).map(|key| (format!("key_{key}"), json!(true))).collect();
        json!({ format!("group_{group}"): keys })
    };
    for group in 0..3 {
        applied(api.patch(&token, &fifty(group))).await;
    }
    let too_many = api.patch(&token, &fifty(3)).send().await.unwrap();
    problem(too_many, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(api.me(&token).await["preferences"]["group_3"], Value::Null);
}

#[tokio::test]
async fn a_request_that_is_not_as_described_is_told_what_is_missing() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let request = |body: &str| api.request(Method::PATCH, "/v1/me/preferences", &token).body(body.to_owned());

    let json = request("{}").header("idempotency-key", "k").header("content-type", "application/json");
    let answer = json.send().await.unwrap();
    assert_eq!(answer.headers()["accept-patch"], "application/merge-patch+json");
    problem(answer, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;

    let merge_patch = |body: &str| request(body).header("content-type", "application/merge-patch+json");
    let no_key = problem(merge_patch("{}").send().await.unwrap(), StatusCode::BAD_REQUEST).await;
    assert!(no_key["type"].as_str().unwrap().ends_with("/idempotency-key-missing"));
    let long = "k".repeat(201);
    for (header, value) in [
        ("idempotency-key", ""),
        ("idempotency-key", "two words"),
        ("idempotency-key", &long),
        ("if-match", "12"),
        ("if-match", "\"twelve\""),
    ] {
        let answer = api
            .patch(&token, &json!({}))
            .headers([(header.parse().unwrap(), value.parse().unwrap())].into_iter().collect());
        problem(answer.send().await.unwrap(), StatusCode::BAD_REQUEST).await;
    }
    let no_json = merge_patch("{").header("idempotency-key", "k").send().await.unwrap();
    problem(no_json, StatusCode::BAD_REQUEST).await;
    let huge = merge_patch(&" ".repeat(70_000)).header("idempotency-key", "k").send().await.unwrap();
    problem(huge, StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test]
async fn a_change_of_a_revision_that_has_never_been_is_refused() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let before = api.me(&token).await;
    let newer = format!("\"{}\"", before["revision"].as_u64().unwrap() + 1);
    let refused = api.patch(&token, &shoes("40")).header("if-match", newer).send().await.unwrap();
    let problem = problem(refused, StatusCode::PRECONDITION_FAILED).await;
    assert!(problem["type"].as_str().unwrap().ends_with("/revision-unknown"), "{problem}");
    assert_eq!(problem["revision"], before["revision"]);
    assert_eq!(api.me(&token).await, before);
}

#[tokio::test]
async fn a_token_without_the_scope_changes_nothing() {
    let api = Api::start().await;
    let token = api.token(AMELIE, TILL, "openid profile").await;
    problem(api.patch(&token, &shoes("40")).send().await.unwrap(), StatusCode::FORBIDDEN).await;
}
