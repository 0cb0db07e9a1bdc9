use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::{
    ActivityKind, Author, Channel, Identity, IdentityProvider, Loyalty, Name, NameOrder, Preference,
    PreferenceValue,
};

const STORE: &str = "northquay";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn act(id: &str, store: &str, given: bool, second: i64) -> ConsentAct {
    ConsentAct {
        id: id.to_owned(),
        purpose: Purpose::RememberAtStore,
        given,
        at: at(second),
        by: Author::Customer,
        channel: Channel::Store,
        wording: "phone-remember-2.en".to_owned(),
        store: Some(store.to_owned()),
        store_name: None,
        till: None,
        scopes: given.then(|| [RememberScope::Loyalty].into_iter().collect()),
        until: given.then(|| at(second + 1000)),
    }
}

/// Everything that a profile can say, each part with words of its own.
fn whole() -> Profile {
    let shoes = Preference { value: PreferenceValue::Text("likes-suede".to_owned()), provenance: None };
    let marketing = ConsentAct {
        purpose: Purpose::EmailMarketing,
        wording: "likes-adverts".to_owned(),
        ..act("a", STORE, true, 1)
    };
    Profile {
        subject: "subject".to_owned(),
        revision: 7,
        name: Name { display: "Ada".to_owned(), given: None, family: None, order: NameOrder::GivenFirst },
        email: Some("reach@mail.example".to_owned()),
        email_verified: true,
        phone: Some("+33reach".to_owned()),
        locale: Some("fr".to_owned()),
        birthday: Some("1990-04-01".parse().unwrap()),
        member_since: Some(at(77)),
        identities: vec![Identity {
            provider: IdentityProvider::Google,
            label: Some("reach-google".to_owned()),
            linked_at: None,
            last_used_at: None,
        }],
        loyalty: Some(Loyalty {
            number: "card-4711".to_owned(),
            tier: Some("card-gold".to_owned()),
            points: Some(1),
            next_tier_at: None,
        }),
        preferences: [("sizes".to_owned(), [("shoes".to_owned(), shoes)].into())].into(),
        consents: vec![act("r", STORE, true, 1), marketing],
    }
}

fn did() -> Vec<Activity> {
    vec![Activity {
        id: "1".to_owned(),
        at: at(1),
        channel: Channel::Web,
        kind: ActivityKind::Purchase,
        title: "did-buy".to_owned(),
        brand: None,
        store: None,
        amount: None,
    }]
}

/// How each part can be told by what was written of it.
fn mark(scope: RememberScope) -> &'static [&'static str] {
    match scope {
        RememberScope::Contact => &["reach", "1990-04-01", "\"email_verified\":true"],
        RememberScope::Preferences => &["likes-suede", "likes-adverts"],
        RememberScope::Activity => &["did-buy"],
        RememberScope::Loyalty => &["card-4711", "card-gold", "00:01:17"],
    }
}

proptest! {
    #[test]
    fn nothing_is_left_of_a_part_that_was_not_agreed_to_and_all_of_the_others(chosen: [bool; 4]) {
        let scopes: RememberScopes =
            RememberScope::ALL.into_iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(scope, _)| scope).collect();
        let (profile, activity) = (scopes.of_profile(&whole()), scopes.of_activity(&did()).to_vec());
        let left = serde_json::to_string(&(&profile, &activity)).unwrap();
        for scope in RememberScope::ALL {
            for mark in mark(scope) {
                prop_assert_eq!(left.contains(mark), scopes.has(scope), "{} in {}", mark, left);
            }
        }
        prop_assert!(left.contains("Ada"), "nobody is found without a name");
        prop_assert_eq!(&profile.consents[0].id, "r", "the act that a copy stands on is in it");
        prop_assert!(scopes.of_profile(&profile) == profile);
        prop_assert_eq!(scopes.of_activity(&activity).to_vec(), activity);
        if scopes == RememberScopes::all() {
            prop_assert!(profile == whole());
        }
    }
}

#[test]
fn a_part_that_this_version_does_not_know_is_not_kept() {
    let scopes: RememberScopes = serde_json::from_str(r#"["activity","fingerprints","contact"]"#).unwrap();
    assert_eq!(scopes, RememberScopes::from_iter([RememberScope::Contact, RememberScope::Activity]));
    assert_eq!(serde_json::to_string(&scopes).unwrap(), r#"["contact","activity"]"#);
}

#[test]
fn the_newest_act_about_the_same_store_says_whether_a_copy_may_stay() {
    let kept = Remember { until: at(500), scopes: RememberScopes::all(), act: Some("first".to_owned()) };
    let first = act("first", STORE, true, 1);
    let elsewhere = act("elsewhere", "oldtown", false, 9);
    assert_eq!(kept.renewed(&[first.clone(), elsewhere]), Some(kept.clone()));
    assert_eq!(kept.renewed(&[first.clone(), act("no", STORE, false, 1)]), None, "a withdrawal wins a tie");
    let again = act("again", STORE, true, 5);
    let renewed = kept.renewed(&[again, act("no", STORE, false, 3), first]).unwrap();
    assert_eq!((renewed.until, renewed.act.as_deref()), (at(1005), Some("again")));
    assert!(!renewed.scopes.has(RememberScope::Contact));
}

#[test]
fn a_log_that_does_not_have_the_act_says_neither_yes_nor_no() {
    let kept = Remember { act: Some("first".to_owned()), ..at(500).into() };
    assert_eq!(kept.renewed(&[]), Some(kept.clone()));
    assert_eq!(kept.renewed(&[act("no", STORE, false, 3)]), Some(kept), "whose store it is cannot be told");
    let unnamed = Remember::from(at(500));
    assert_eq!(unnamed.renewed(&[act("no", STORE, false, 3)]), Some(unnamed.clone()));
}
