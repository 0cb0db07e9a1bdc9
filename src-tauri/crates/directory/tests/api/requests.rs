//! What is asked, and what is made of a yes.

use directory::{Discovered, Error, Kind, Mapping, Me, Offers, SourceConfig};
use profile::PreferenceEdit;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::stand::{Stand, TOKEN, at, client, edit, header, json_answer, profile, source};

#[tokio::test]
async fn the_profile_is_read_with_the_token_in_its_header_alone() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", json_answer(200, &profile(7))).await;
    assert_eq!(stand.me().await.unwrap().revision, 7);
    let request = stand.request().await;
    assert_eq!(header(&request, "authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(header(&request, "if-none-match"), None);
    assert_eq!(request.url.query(), None);
}

#[tokio::test]
async fn a_profile_that_is_known_is_not_sent_again() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", ResponseTemplate::new(304)).await;
    assert!(matches!(stand.source.me(stand.customer(), Some(7)).await.unwrap(), Me::Unchanged));
    assert_eq!(header(&stand.request().await, "if-none-match"), Some("\"7\""));
}

#[tokio::test]
async fn unchanged_makes_no_sense_where_nothing_is_known() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", ResponseTemplate::new(304)).await;
    let result = stand.source.me(stand.customer(), None).await;
    assert!(matches!(result, Err(Error::Unexpected(_))), "{result:?}");
}

#[tokio::test]
async fn activity_is_read_page_by_page() {
    let stand = Stand::start().await;
    let page = json!({
        "items": [{
            "id": "a1", "at": "2026-11-20T12:00:00Z", "channel": "web", "kind": "purchase", "title": "Linen shirt",
            "amount": { "minor": 4900, "currency": "EUR" },
        }],
        "next": "b/2?&=",
    });
    stand.answers("GET", "/v1/me/activity", json_answer(200, &page)).await;
    let first = stand.source.activity(stand.customer(), None).await.unwrap();
    assert_eq!((first.items.len(), first.next.as_deref()), (1, Some("b/2?&=")));
    assert_eq!(stand.request().await.url.query(), None);

    stand.source.activity(stand.customer(), first.next.as_deref()).await.unwrap();
    let requests = stand.server.received_requests().await.unwrap();
    let pairs: Vec<(String, String)> = requests[1].url.query_pairs().into_owned().collect();
    assert_eq!(pairs, [("cursor".to_owned(), "b/2?&=".to_owned())]);
}

#[tokio::test]
async fn an_edit_is_a_merge_patch_with_its_key_its_time_and_what_it_was_made_on() {
    let stand = Stand::start().await;
    stand.answers("PATCH", "/v1/me/preferences", json_answer(200, &profile(8))).await;
    let key = Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0001);
    let fresh = stand.source.change_preferences(stand.customer(), &edit(), Some(7), key).await.unwrap();
    assert_eq!(fresh.revision, 8);
    let request = stand.request().await;
    assert_eq!(header(&request, "content-type"), Some("application/merge-patch+json"));
    assert_eq!(request.headers.get_all("content-type").iter().count(), 1);
    assert_eq!(header(&request, "if-match"), Some("\"7\""));
    assert_eq!(header(&request, "idempotency-key"), Some("01935000-0000-7000-8000-000000000001"));
    let body: Value = request.body_json().unwrap();
    assert_eq!(body, json!({ "sizes": { "shoes": "41" } }));
}

#[tokio::test]
async fn a_removal_is_sent_as_null_and_without_a_base_nothing_is_compared() {
    let stand = Stand::start().await;
    stand.answers("PATCH", "/v1/me/preferences", json_answer(200, &profile(8))).await;
    let removal = PreferenceEdit { value: None, ..edit() };
    stand.source.change_preferences(stand.customer(), &removal, None, Uuid::nil()).await.unwrap();
    let request = stand.request().await;
    assert_eq!(header(&request, "if-match"), None);
    assert_eq!(request.body_json::<Value>().unwrap(), json!({ "sizes": { "shoes": null } }));
}

#[tokio::test]
async fn a_visit_is_opened_and_ended() {
    let stand = Stand::start().await;
    stand.answers("POST", "/v1/visits", json_answer(201, &json!({ "id": "v-1" }))).await;
    let id = stand.source.open_visit(stand.customer(), Uuid::nil(), at()).await.unwrap();
    assert_eq!(id, "v-1");
    let opened = stand.request().await;
    assert_eq!(header(&opened, "idempotency-key"), Some("00000000-0000-0000-0000-000000000000"));
    assert_eq!(opened.body_json::<Value>().unwrap(), json!({ "at": "2026-11-24T10:00:00.250Z" }));

    stand.server.reset().await;
    stand.answers("POST", "/v1/visits/v-1/end", ResponseTemplate::new(204)).await;
    stand.source.end_visit(stand.customer(), &id, at(), "done").await.unwrap();
    let ended = stand.request().await;
    assert_eq!(
        ended.body_json::<Value>().unwrap(),
        json!({ "at": "2026-11-24T10:00:00.250Z", "how": "done" })
    );
}

#[tokio::test]
async fn an_id_never_leads_to_another_address() {
    let stand = Stand::start().await;
    stand.answers("POST", "/v1/visits/..%2F..%2Fme%3Fx%23y/end", ResponseTemplate::new(204)).await;
    stand.source.end_visit(stand.customer(), "../../me?x#y", at(), "done").await.unwrap();
    assert_eq!(stand.request().await.url.path(), "/v1/visits/..%2F..%2Fme%3Fx%23y/end");
    for id in ["", ".", ".."] {
        let result = stand.source.end_visit(stand.customer(), id, at(), "done").await;
        assert!(matches!(result, Err(Error::Unexpected(_))), "{id:?}: {result:?}");
    }
}

#[tokio::test]
async fn the_last_slash_of_the_base_makes_no_difference() {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", json_answer(200, &profile(1))).await;
    let slashed = source(Kind::Central, &format!("{}/v1/", stand.server.uri()), Mapping::default());
    assert!(slashed.me(stand.customer(), None).await.is_ok());
}

#[tokio::test]
async fn the_profile_api_offers_everything() {
    assert_eq!(Stand::start().await.source.offers(), Offers::everything());
}

#[test]
fn without_a_word_in_the_configuration_the_provider_says_which_service_it_is() {
    let url = |text: &str| text.parse::<Url>().unwrap();
    let found = |profile_api: Option<&str>, user_info: Option<&str>| Discovered {
        issuer: url("https://shop.eu.auth0.com/"),
        profile_api: profile_api.map(url),
        user_info: user_info.map(url),
    };
    let (api, user_info) = (Some("https://a.example/v1"), Some("https://a.example/userinfo"));
    let opened = |config: &SourceConfig, found: Discovered| {
        config
            .open(&found, client())
            .map(|source| (config.kind(&found), source.address().map(Url::to_string)))
    };
    let config = SourceConfig::default();
    let central = opened(&config, found(api, user_info)).unwrap();
    assert_eq!(central, (Kind::Central, Some("https://a.example/v1".to_owned())));
    let claims = opened(&config, found(None, user_info)).unwrap();
    assert_eq!(claims, (Kind::UserInfo, Some("https://a.example/userinfo".to_owned())));
    let token = opened(&config, found(None, None)).unwrap();
    assert_eq!(token, (Kind::IdToken, None));
    let config = SourceConfig { source: Some(Kind::UserInfo), ..SourceConfig::default() };
    assert!(matches!(opened(&config, found(None, None)), Err(Error::NoSource)));

    let config = SourceConfig { address: Some(url("https://b.example/v1")), ..SourceConfig::default() };
    let central = opened(&config, found(api, user_info)).unwrap();
    assert_eq!(
        central,
        (Kind::Central, Some("https://b.example/v1".to_owned())),
        "store IT has the last word"
    );
    let config = SourceConfig { source: Some(Kind::Auth0), ..SourceConfig::default() };
    let auth0 = opened(&config, found(api, user_info)).unwrap();
    assert_eq!(auth0, (Kind::Auth0, Some("https://shop.eu.auth0.com/api/v2/".to_owned())));
}
