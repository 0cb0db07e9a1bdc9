//! SCIM 2.0: the shapes of RFC 7643 and RFC 7644, with values of our own.

use directory::{Claim, Error, Kind, Mapping};
use profile::{PreferenceEdit, PreferenceValue};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::stand::{SUBJECT, Stand, at, edit, header, json_answer, mapped};

const ME: &str = "/scim/v2/Me";
const USER: &str = "/scim/v2/Users/customer-1";
const CONFIG: &str = "/scim/v2/ServiceProviderConfig";
const SHOP: &str = "urn:example:params:scim:schemas:extension:shop:2.0:User";

fn resource() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", SHOP],
        "id": SUBJECT,
        "externalId": "c-701984",
        "userName": "amelie@example.com",
        "name": { "formatted": "Mme Amélie Durand", "familyName": "Durand", "givenName": "Amélie" },
        "displayName": "Amélie Durand",
        "emails": [
            { "value": "amelie@work.example", "type": "work" },
            { "value": "amelie@example.com", "type": "home", "primary": true },
        ],
        "phoneNumbers": [{ "value": "tel:+33-1-99-00-11-22", "type": "mobile" }],
        "preferredLanguage": "fr",
        "locale": "fr-FR",
        "active": true,
        SHOP: { "shoes": "39" },
        "meta": {
            "resourceType": "User", "created": "2019-04-11T08:00:00Z", "lastModified": "2026-11-24T10:00:00.250Z",
            "version": "W/\"a330bc54f0671c9\"", "location": "https://elsewhere.example/Users/customer-1",
        },
    })
}

fn shop() -> Mapping {
    mapped("sizes", "shoes", &format!("/{SHOP}/shoes"))
}

/// A service that says whether it changes resources in part.
async fn service(mapping: Mapping, patches: bool) -> Stand {
    let stand = Stand::of(Kind::Scim, "/scim/v2", mapping).await;
    let config = json!({ "patch": { "supported": patches }, "etag": { "supported": true } });
    stand.answers("GET", CONFIG, scim(200, &config)).await;
    stand
}

fn scim(status: u16, document: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(document.to_string(), "application/scim+json")
}

fn refused(status: u16) -> ResponseTemplate {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
    scim(status, &json!({ "schemas": schemas, "status": status.to_string(), "detail": "Amélie" }))
}

#[tokio::test]
async fn the_customers_own_resource_is_a_profile() {
    let stand = service(shop(), true).await;
    stand.answers("GET", ME, scim(200, &resource())).await;
    let found = stand.me().await.unwrap();
    assert_eq!((found.name.display.as_str(), found.name.given.as_deref()), ("Amélie Durand", Some("Amélie")));
    assert_eq!(found.email.as_deref(), Some("amelie@example.com"), "the primary one");
    assert_eq!(found.phone.as_deref(), Some("+33199001122"));
    assert_eq!(found.locale.as_deref(), Some("fr"));
    assert_eq!(found.member_since.unwrap().to_rfc3339(), "2019-04-11T08:00:00+00:00");
    assert_eq!(found.revision, at().timestamp_millis().cast_unsigned());
    assert!(found.preferences["sizes"]["shoes"].value == PreferenceValue::Text("39".to_owned()));
    let accepted = stand.server.received_requests().await.unwrap().remove(0);
    assert!(header(&accepted, "accept").unwrap().contains("application/scim+json"));
}

#[tokio::test]
async fn whose_it_is_may_stand_elsewhere() {
    let mut mapping = Mapping::default();
    mapping.map_claim(Claim::Subject, "/externalId").unwrap();
    let stand = service(mapping, true).await;
    let mut other = resource();
    other["id"] = json!("2819c223");
    stand.answers("GET", ME, scim(200, &other)).await;
    assert!(matches!(stand.me().await, Err(Error::OtherSubject)));
    other["externalId"] = json!(SUBJECT);
    stand.server.reset().await;
    stand.answers("GET", ME, scim(200, &other)).await;
    assert_eq!(stand.me().await.unwrap().subject, SUBJECT);
}

#[tokio::test]
async fn a_service_without_me_is_asked_for_the_user_and_then_no_more_for_me() {
    for status in [501, 404, 405] {
        let stand = service(Mapping::default(), true).await;
        stand.answers("GET", ME, refused(status)).await;
        stand.answers("GET", USER, scim(200, &resource())).await;
        for _ in 0..2 {
            assert_eq!(stand.me().await.unwrap().subject, SUBJECT);
        }
        let asked: Vec<_> = stand.server.received_requests().await.unwrap();
        let asked: Vec<_> = asked.iter().map(|request| request.url.path()).collect();
        assert_eq!(asked, [ME, USER, USER]);
    }
}

#[tokio::test]
async fn what_the_service_does_not_allow_is_not_offered() {
    let stand = service(shop(), false).await;
    stand.answers("GET", ME, scim(200, &resource())).await;
    stand.me().await.unwrap();
    let offers = stand.source.offers();
    assert!(offers.preferences.has("sizes", "shoes") && offers.edits.is_none());
    assert!(!offers.identities && !offers.consents && !offers.activity && !offers.visits);
    let result = stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await;
    assert!(matches!(result, Err(Error::NotOffered)), "{result:?}");
}

#[tokio::test]
async fn edits_are_offered_once_the_service_has_said_that_it_takes_them() {
    let stand = service(shop(), true).await;
    stand.answers("GET", ME, scim(200, &resource())).await;
    assert!(stand.source.offers().edits.is_none(), "nobody has said so yet");
    stand.me().await.unwrap();
    assert!(stand.source.offers().edits.has("sizes", "shoes"));

    let silent = Stand::of(Kind::Scim, "/scim/v2", shop()).await;
    silent.answers("GET", ME, scim(200, &resource())).await;
    silent.me().await.unwrap();
    assert!(silent.source.offers().edits.is_none());
}

#[tokio::test]
async fn an_edit_is_one_operation_on_the_attribute_of_the_extension() {
    let stand = service(shop(), true).await;
    stand.answers("PATCH", ME, scim(200, &resource())).await;
    let edited = stand.source.change_preferences(stand.customer(), &edit(), Some(7), Uuid::nil()).await;
    assert_eq!(edited.unwrap().subject, SUBJECT);
    let removal = PreferenceEdit { value: None, ..edit() };
    stand.source.change_preferences(stand.customer(), &removal, None, Uuid::nil()).await.unwrap();
    let requests = stand.server.received_requests().await.unwrap();
    let patches: Vec<_> = requests.iter().filter(|request| request.method == "PATCH").collect();
    assert_eq!(header(patches[0], "content-type"), Some("application/scim+json"));
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let path = format!("{SHOP}:shoes");
    assert_eq!(
        patches.iter().map(|request| request.body_json::<Value>().unwrap()).collect::<Vec<_>>(),
        [
            json!({ "schemas": schemas, "Operations": [{ "op": "replace", "path": path, "value": "41" }] }),
            json!({ "schemas": schemas, "Operations": [{ "op": "remove", "path": path }] }),
        ]
    );
}

#[tokio::test]
async fn an_edit_that_is_answered_without_the_resource_is_followed_by_reading_it() {
    let stand = service(shop(), true).await;
    stand.answers("PATCH", ME, ResponseTemplate::new(204)).await;
    stand.answers("GET", ME, scim(200, &resource())).await;
    let edited = stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await.unwrap();
    assert!(edited.preferences["sizes"].contains_key("shoes"));
}

#[tokio::test]
async fn a_refusal_says_scims_own_word_and_not_its_detail() {
    let stand = service(shop(), true).await;
    let no = json!({ "status": "400", "scimType": "mutability", "detail": "Amélie may not" });
    stand.answers("PATCH", ME, scim(400, &no)).await;
    let error =
        stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await.unwrap_err();
    assert_eq!(error.to_string(), "the profile source refused with status 400: mutability");
}

#[tokio::test]
async fn nobody_at_either_place_is_a_refusal() {
    let stand = service(Mapping::default(), true).await;
    stand.answers("GET", ME, refused(404)).await;
    stand.answers("GET", USER, json_answer(404, &json!({ "status": "404" }))).await;
    assert!(matches!(stand.me().await, Err(Error::Refused { status: 404, .. })));
}
