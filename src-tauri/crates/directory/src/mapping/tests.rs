use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::user_info::STANDARD;

fn mapping(claims: &[(Claim, &str)], preferences: &[(&str, &str, &str)]) -> Mapping {
    let mut mapping = Mapping::default();
    for (claim, pointer) in claims {
        mapping.map_claim(*claim, pointer).unwrap();
    }
    for (group, key, pointer) in preferences {
        let mut all = profile::catalogue::catalogue().iter();
        let known = all.find(|known| known.group == *group && known.key == *key).unwrap();
        mapping.map_preference(known, pointer).unwrap();
    }
    mapping
}

fn standard(document: &Value) -> Profile {
    Mapping::default().profile(&STANDARD, document).unwrap()
}

#[test]
fn the_standard_claims_become_a_profile() {
    let found = standard(&json!({
        "sub": "248289761001", "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe",
        "email": "jane@example.com", "email_verified": true, "phone_number": "+1 (425) 555-1212",
        "locale": "en-US", "birthdate": "1990-04-01", "picture": "https://example.com/me.jpg",
        "updated_at": 1_311_280_970,
    }));
    assert_eq!((found.subject.as_str(), found.name.display.as_str()), ("248289761001", "Jane Doe"));
    assert_eq!(found.name.given.as_deref(), Some("Jane"));
    assert!(found.email_verified);
    assert_eq!(found.birthday, NaiveDate::from_ymd_opt(1990, 4, 1));
    assert_eq!(found.revision, 1_311_280_970_000);
    assert_eq!((found.member_since, found.identities.len()), (None, 0), "nothing is made up");
}

#[test]
fn what_is_not_of_its_kind_is_left_out_and_the_rest_is_told() {
    let found = standard(&json!({
        "sub": "a", "name": 7, "given_name": " ", "email": "a@example.com", "email_verified": "true",
        "birthdate": "0000-04-01x", "locale": null, "phone_number": ["+1"],
    }));
    assert_eq!(found.name.display, "a@example.com");
    assert_eq!((found.name.given, found.birthday, found.locale, found.phone), (None, None, None, None));
    assert!(found.email_verified);
}

#[test]
fn the_name_is_put_together_where_it_is_in_parts_alone() {
    assert_eq!(
        standard(&json!({ "sub": "a", "given_name": "Jane", "family_name": "Doe" })).name.display,
        "Jane Doe"
    );
}

#[test]
fn without_a_subject_there_is_nobody() {
    for document in
        [json!({ "name": "Jane" }), json!({ "sub": 7 }), json!({ "sub": " " }), json!([]), json!("sub")]
    {
        let result = Mapping::default().profile(&STANDARD, &document);
        assert!(
            matches!(result, Err(Error::Unexpected("a document that does not say whose it is"))),
            "{document}"
        );
    }
    let result = Mapping::default().profile(&STANDARD, &json!({ "error": "invalid_token" }));
    assert!(matches!(result, Err(Error::Unexpected("an error in the place of a document"))));
}

#[test]
fn store_it_says_where_the_rest_is() {
    let mapping = mapping(
        &[
            (Claim::MemberSince, "/created_at"),
            (Claim::LoyaltyNumber, "/https:~1~1shop.example~1loyalty/number"),
            (Claim::LoyaltyPoints, "/https:~1~1shop.example~1loyalty/points"),
        ],
        &[("sizes", "shoes", "/sizes/0"), ("style", "colours", "/colours")],
    );
    let document = json!({
        "sub": "a", "created_at": "2019-04-11T10:00:00+02:00", "sizes": ["39"], "colours": ["navy", "sand"],
        "https://shop.example/loyalty": { "number": "MR-004", "points": 12 },
    });
    let found = mapping.profile(&STANDARD, &document).unwrap();
    assert_eq!(found.member_since.unwrap().to_rfc3339(), "2019-04-11T08:00:00+00:00");
    let loyalty = found.loyalty.unwrap();
    assert_eq!((loyalty.number.as_str(), loyalty.tier, loyalty.points), ("MR-004", None, Some(12)));
    assert!(found.preferences["sizes"]["shoes"].value == PreferenceValue::Text("39".to_owned()));
    assert!(found.preferences["sizes"]["shoes"].provenance.is_none(), "nobody says where it comes from");
    assert_eq!(found.preferences["style"].len(), 1);
}

#[test]
fn a_misfit_names_the_pointer_and_both_kinds_of_value_and_never_the_value() {
    let mapping = mapping(
        &[(Claim::MemberSince, "/created_at"), (Claim::LoyaltyPoints, "/points")],
        &[("sizes", "shoes", "/shoes"), ("style", "colours", "/colours")],
    );
    let long = "secret".repeat(100);
    let document = json!({
        "sub": "a", "created_at": "secret", "points": 1.5, "shoes": 39, "colours": ["navy", 7], "name": long,
        "birthdate": { "day": "secret" },
    });
    let (profile, misfits) = mapping.read(&STANDARD, &document);
    assert!(profile.is_some());
    let mut sentences: Vec<_> = misfits.iter().map(ToString::to_string).collect();
    sentences.sort();
    assert_eq!(
        sentences,
        [
            "/birthdate holds an object, but profile.claims.birthday needs a date like 1990-04-01",
            "/colours holds a list, but profile.preferences.style.colours needs a list of texts",
            "/created_at holds text, but profile.claims.member_since needs a time (RFC 3339, or seconds since 1970)",
            "/name holds a longer text, but profile.claims.name needs text of at most 500 characters",
            "/points holds a number, but profile.claims.loyalty.points needs a whole number",
            "/shoes holds a number, but profile.preferences.sizes.shoes needs text of at most 500 characters",
        ]
    );
}

#[test]
fn a_text_that_is_no_pointer_is_refused() {
    for bad in ["name", "#/name", "/a~2b", "/a~"] {
        assert_eq!(Mapping::default().map_claim(Claim::Name, bad), Err(NotAPointer), "{bad}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("customer-1")),
        Just(Value::from("2026-01-01")),
    ];
    let keys = prop_oneof![
        Just("sub".to_owned()),
        Just("user_id".to_owned()),
        Just("id".to_owned()),
        Just("identities".to_owned()),
        Just("emails".to_owned()),
        Just("user_metadata".to_owned()),
        Just("a".to_owned()),
        "[a-z~/]{1,4}"
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(keys.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_mapping() -> impl Strategy<Value = Mapping> {
    let pointer = prop_oneof![Just(String::new()), "(/(sub|id|a|[0-3]|-|~0|~1)){0,4}", ".{0,6}"];
    let claims = proptest::collection::vec((0..CLAIMS.len(), pointer.clone()), 0..8);
    let preferences = proptest::collection::vec((0..profile::catalogue::catalogue().len(), pointer), 0..8);
    (claims, preferences).prop_map(|(claims, preferences)| {
        let mut mapping = Mapping::default();
        for (at, pointer) in claims {
            let _ = mapping.map_claim(CLAIMS[at].1, &pointer);
        }
        for (at, pointer) in preferences {
            let _ = mapping.map_preference(&profile::catalogue::catalogue()[at], &pointer);
        }
        mapping
    })
}

proptest! {
    #[test]
    fn no_document_and_no_mapping_makes_a_profile_of_somebody_else(document in any_json(), mapping in any_mapping()) {
        for (standard, own) in [
            (&STANDARD, "/sub"), (&crate::auth0::STANDARD, "/user_id"), (&crate::scim::STANDARD, "/id"),
        ] {
            let Ok(profile) = mapping.profile(standard, &document) else { continue };
            let pointer = mapping.claims.get(&Claim::Subject).map_or(own, |pointer| pointer.as_str());
            let said = document.pointer(pointer).and_then(Value::as_str);
            prop_assert_eq!(said, Some(profile.subject.as_str()));
        }
    }

    #[test]
    fn no_document_and_no_mapping_is_too_much_for_a_source(document in any_json(), mapping in any_mapping()) {
        drop(crate::auth0::profile(&mapping, &document));
        drop(crate::scim::profile(&mapping, &document));
    }
}
