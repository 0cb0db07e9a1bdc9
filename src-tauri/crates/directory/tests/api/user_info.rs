//! Any OpenID provider's `UserInfo`.

use directory::{Claim, Error, Kind, Mapping, Which};
use serde_json::json;
use uuid::Uuid;

use crate::stand::{Stand, TOKEN, at, edit, header, json_answer, mapped};

#[tokio::test]
async fn a_provider_without_the_api_says_who_somebody_is_and_offers_no_more() {
    let stand = Stand::of(Kind::UserInfo, "/userinfo", Mapping::default()).await;
    let claims = json!({ "sub": "customer-1", "name": "Amélie Durand", "email": "amelie@example.com" });
    stand.answers("GET", "/userinfo", json_answer(200, &claims)).await;
    let profile = stand.me().await.unwrap();
    assert_eq!((profile.subject.as_str(), profile.name.display.as_str()), ("customer-1", "Amélie Durand"));
    assert_eq!(header(&stand.request().await, "authorization"), Some(format!("Bearer {TOKEN}").as_str()));

    let offers = stand.source.offers();
    assert!(offers.preferences.is_none() && offers.edits.is_none());
    assert_eq!(
        (offers.identities, offers.consents, offers.activity, offers.visits),
        (false, false, false, false)
    );
    let activity = stand.source.activity(stand.customer(), None).await;
    assert!(matches!(activity, Err(Error::NotOffered)), "{activity:?}");
    let change = stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await;
    assert!(matches!(change, Err(Error::NotOffered)), "{change:?}");
    let visit = stand.source.open_visit(stand.customer(), Uuid::nil(), at()).await;
    assert!(matches!(visit, Err(Error::NotOffered)), "{visit:?}");
    stand.request().await;
}

#[tokio::test]
async fn claims_that_store_it_has_mapped_are_shown_and_cannot_be_changed() {
    let mut mapping = mapped("sizes", "shoes", "/shop/sizes/shoes");
    mapping.map_claim(Claim::MemberSince, "/created_at").unwrap();
    let stand = Stand::of(Kind::UserInfo, "/userinfo", mapping).await;
    let claims = json!({
        "sub": "customer-1", "name": "Amélie Durand", "created_at": "2019-04-11T08:00:00Z",
        "shop": { "sizes": { "shoes": "39" } },
    });
    stand.answers("GET", "/userinfo", json_answer(200, &claims)).await;
    let profile = stand.me().await.unwrap();
    assert_eq!(profile.member_since.unwrap().to_rfc3339(), "2019-04-11T08:00:00+00:00");
    assert!(profile.preferences["sizes"].contains_key("shoes"));
    let offers = stand.source.offers();
    assert!(offers.preferences.has("sizes", "shoes") && !offers.preferences.has("sizes", "top"));
    assert_eq!(offers.edits, Which::Only([].into()));
}
