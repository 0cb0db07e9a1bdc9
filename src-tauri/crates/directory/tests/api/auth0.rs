//! Auth0's user API: the shapes of its documentation, with values of our own.

use directory::{Claim, Error, Kind, Mapping};
use profile::{IdentityProvider, PreferenceEdit, PreferenceValue};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::stand::{SUBJECT, Stand, at, edit, json_answer, mapped};

const USER: &str = "/api/v2/users/customer-1";

/// A user with two linked accounts. Only the first one's id is the user's.
fn user() -> Value {
    json!({
        "user_id": SUBJECT,
        "email": "amelie@example.com",
        "email_verified": true,
        "name": "Amélie Durand",
        "given_name": "Amélie",
        "nickname": "amelie",
        "picture": "https://example.com/a.png",
        "created_at": "2019-04-11T08:00:00.000Z",
        "updated_at": "2026-11-24T10:00:00.250Z",
        "last_login": "2026-11-24T10:00:00.000Z",
        "logins_count": 41,
        "last_ip": "192.0.2.7",
        "identities": [
            { "provider": "auth0", "connection": "Customers", "user_id": "5f7c", "isSocial": false },
            {
                "provider": "google-oauth2", "connection": "google-oauth2", "user_id": "1178", "isSocial": true,
                "profileData": { "email": "amelie@mail.example", "email_verified": true, "name": "Amélie D." },
            },
            {
                "provider": "sms", "connection": "sms", "user_id": "5f80", "isSocial": false,
                "profileData": { "phone_number": "+33199001122", "phone_verified": true },
            },
            { "provider": "line", "connection": "line", "user_id": "u9", "isSocial": true, "profileData": {} },
        ],
        "user_metadata": { "shoe_size": "39", "style": { "fit": "relaxed", "colours": ["navy"] }, "hobby": "surfing" },
        "app_metadata": { "loyalty": { "number": "MR-004", "tier": "Harbour", "points": 1480 }, "note": "tall" },
    })
}

#[tokio::test]
async fn linked_accounts_are_the_one_profile() {
    let mut mapping = mapped("sizes", "shoes", "/user_metadata/shoe_size");
    mapping.map_claim(Claim::LoyaltyNumber, "/app_metadata/loyalty/number").unwrap();
    mapping.map_claim(Claim::LoyaltyTier, "/app_metadata/loyalty/tier").unwrap();
    mapping.map_claim(Claim::LoyaltyPoints, "/app_metadata/loyalty/points").unwrap();
    let stand = Stand::of(Kind::Auth0, "/api/v2/", mapping).await;
    stand.answers("GET", USER, json_answer(200, &user())).await;
    let found = stand.me().await.unwrap();
    assert_eq!(
        (found.name.display.as_str(), found.email.as_deref()),
        ("Amélie Durand", Some("amelie@example.com"))
    );
    assert_eq!(found.member_since.unwrap().to_rfc3339(), "2019-04-11T08:00:00+00:00");
    assert_eq!(found.revision, at().timestamp_millis().cast_unsigned(), "it rises with each change");
    assert_eq!(found.loyalty.unwrap().points, Some(1480));
    assert!(found.preferences["sizes"]["shoes"].value == PreferenceValue::Text("39".to_owned()));
    let accounts: Vec<_> = found.identities.iter().map(|one| (one.provider, one.label.as_deref())).collect();
    assert_eq!(
        accounts,
        [
            (IdentityProvider::Password, Some("Customers")),
            (IdentityProvider::Google, Some("amelie@mail.example")),
            (IdentityProvider::Phone, Some("+33199001122")),
            (IdentityProvider::Other, Some("line")),
        ]
    );
    assert!(
        found.identities.iter().all(|one| one.linked_at.is_none() && one.last_used_at.is_none()),
        "Auth0 does not say it, and nothing is made up"
    );
}

#[tokio::test]
async fn the_only_account_was_used_last_and_has_the_mail_of_the_user() {
    let stand = Stand::of(Kind::Auth0, "/api/v2", Mapping::default()).await;
    let mut user = user();
    user["identities"] = json!([{ "provider": "customer-1", "connection": "x", "user_id": "y" }]);
    stand.answers("GET", USER, json_answer(200, &user)).await;
    let found = stand.me().await.unwrap();
    assert_eq!(found.identities[0].last_used_at.unwrap().to_rfc3339(), "2026-11-24T10:00:00+00:00");
}

#[tokio::test]
async fn the_bar_in_an_id_is_encoded_and_the_first_account_is_told_by_it() {
    let stand = Stand::of(Kind::Auth0, "/api/v2", Mapping::default()).await;
    let mut user = user();
    user["user_id"] = json!("auth0|5f7c");
    stand.answers("GET", "/api/v2/users/auth0%7C5f7c", json_answer(200, &user)).await;
    let customer = directory::Customer { subject: "auth0|5f7c", ..stand.customer() };
    let me = stand.source.me(customer, None).await.unwrap();
    let directory::Me::Profile(found) = me else { panic!("unchanged") };
    assert_eq!(found.identities[0].label.as_deref(), Some("amelie@example.com"));
}

#[tokio::test]
async fn only_what_is_in_user_metadata_can_be_changed() {
    for (pointer, editable) in [
        ("/user_metadata/shoe_size", true),
        ("/user_metadata/style/fit", true),
        ("/app_metadata/note", false),
        ("/user_metadata", false),
        ("/nickname", false),
    ] {
        let stand = Stand::of(Kind::Auth0, "/api/v2", mapped("sizes", "shoes", pointer)).await;
        let offers = stand.source.offers();
        assert!(offers.preferences.has("sizes", "shoes") && offers.identities);
        assert!(!offers.consents && !offers.activity && !offers.visits);
        assert_eq!(offers.edits.has("sizes", "shoes"), editable, "{pointer}");
        if !editable {
            let result = stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await;
            assert!(matches!(result, Err(Error::NotOffered)), "{pointer}: {result:?}");
            assert!(stand.server.received_requests().await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn a_property_is_merged_and_taken_away_by_null() {
    let stand = Stand::of(Kind::Auth0, "/api/v2", mapped("sizes", "shoes", "/user_metadata/shoe_size")).await;
    stand.answers("PATCH", USER, json_answer(200, &user())).await;
    let edited = stand.source.change_preferences(stand.customer(), &edit(), Some(7), Uuid::nil()).await;
    assert_eq!(edited.unwrap().identities.len(), 4);
    let sent: Value = stand.request().await.body_json().unwrap();
    assert_eq!(sent, json!({ "user_metadata": { "shoe_size": "41" } }));

    let removal = PreferenceEdit { value: None, ..edit() };
    stand.source.change_preferences(stand.customer(), &removal, Some(7), Uuid::nil()).await.unwrap();
    let requests = stand.server.received_requests().await.unwrap();
    assert_eq!(requests[1].body_json::<Value>().unwrap(), json!({ "user_metadata": { "shoe_size": null } }));
}

#[tokio::test]
async fn what_stands_beside_a_nested_value_stays_since_only_the_first_level_is_merged() {
    let mapping = mapped("style", "fit", "/user_metadata/style/fit");
    let fit = |value: Option<&str>| PreferenceEdit {
        group: "style".to_owned(),
        key: "fit".to_owned(),
        value: value.map(|text| PreferenceValue::Text(text.to_owned())),
    };
    for (value, sent) in [
        (Some("slim"), json!({ "user_metadata": { "style": { "fit": "slim", "colours": ["navy"] } } })),
        (None, json!({ "user_metadata": { "style": { "colours": ["navy"] } } })),
    ] {
        let stand = Stand::of(Kind::Auth0, "/api/v2", mapping.clone()).await;
        stand.answers("GET", USER, json_answer(200, &user())).await;
        stand.answers("PATCH", USER, json_answer(200, &user())).await;
        stand.source.change_preferences(stand.customer(), &fit(value), None, Uuid::nil()).await.unwrap();
        let requests = stand.server.received_requests().await.unwrap();
        assert_eq!(requests[1].body_json::<Value>().unwrap(), sent);
    }
}

#[tokio::test]
async fn a_value_that_stands_in_the_way_is_not_written_over() {
    for pointer in ["/user_metadata/hobby/shoes", "/user_metadata/style/colours/shoes"] {
        let stand = Stand::of(Kind::Auth0, "/api/v2", mapped("sizes", "shoes", pointer)).await;
        stand.answers("GET", USER, json_answer(200, &user())).await;
        let error =
            stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await.unwrap_err();
        assert!(matches!(error, Error::Refused { status: 409, .. }), "{error:?}");
        assert!(!error.is_transient() && !error.to_string().contains("surfing"));
        stand.request().await;
    }
}

#[tokio::test]
async fn a_refusal_says_auth0s_own_word_and_not_its_message() {
    let stand = Stand::of(Kind::Auth0, "/api/v2", Mapping::default()).await;
    let no = json!({
        "statusCode": 404, "error": "Not Found", "message": "The user Amélie does not exist.",
        "errorCode": "inexistent_user",
    });
    stand.answers("GET", USER, ResponseTemplate::new(404).set_body_json(no)).await;
    let error = stand.me().await.unwrap_err();
    assert_eq!(error.to_string(), "the profile source refused with status 404: inexistent_user");
}
