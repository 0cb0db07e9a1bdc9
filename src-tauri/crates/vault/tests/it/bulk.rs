//! Many customers at once.

use chrono::TimeDelta;
use profile::{Name, Profile};
use uuid::Uuid;
use vault::Arriving;

use crate::support::{BY, Till, amelie, arriving, at, bought, edit, in_days, key, person, remember};

#[tokio::test(flavor = "multi_thread")]
async fn many_customers_at_once_are_found_and_opened_like_others() {
    let till = Till::new();
    let vault = till.open().await;
    let many: Vec<Arriving> =
        (0..2500).map(|n| arriving(person(&n.to_string(), &format!("Guest {n}")))).collect();
    vault.remember_many(many.clone(), at(0)).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 2500);
    let row = vault.search("guest 2499", 5, at(0)).await.unwrap().rows.remove(0);
    let copy = vault.open_customer(row.id).await.unwrap().unwrap();
    assert!(copy.profile == person("2499", "Guest 2499"));
    assert_eq!((copy.customer, copy.remember.until, copy.copied_at), (key("2499"), in_days(30), at(0)));
    assert!(vault.find(&key("0")).await.unwrap().is_some());

    // The same again, as after a program that was killed before it noted how far it was.
    vault.remember_many(many, at(1)).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 2500);
    assert_eq!(vault.search("guest 2499", 5, at(0)).await.unwrap().rows.len(), 1);
    assert_eq!(vault.search("guest 2499", 5, at(0)).await.unwrap().rows[0].id, row.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_remembered_already_keeps_id_edits_activity_and_place() {
    let till = Till::new();
    let vault = till.open().await;
    let activity = [bought("Lantern")];
    let id = vault.remember(&key("amelie"), &amelie(), &activity, None, in_days(3), at(0)).await.unwrap();
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let married = Profile {
        revision: 9,
        name: Name { display: "Amélie Morel".to_owned(), ..amelie().name },
        email: None,
        ..amelie()
    };
    vault.remember_many(vec![arriving(married), arriving(person("x", "Xenia"))], at(2)).await.unwrap();
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.revision, copy.remember.until, copy.copied_at), (9, in_days(30), at(2)));
    assert_eq!((copy.activity.len(), copy.waiting), (1, vec![queued]));
    assert_eq!(vault.search("morel", 5, at(2)).await.unwrap().rows[0].last_seen, Some(at(0)));
    assert!(vault.search("durand", 5, at(2)).await.unwrap().rows.is_empty());

    // What is older than the copy does not replace it.
    vault.remember_many(vec![arriving(Profile { revision: 8, ..amelie() })], at(3)).await.unwrap();
    assert_eq!(vault.open_customer(id).await.unwrap().unwrap().profile.revision, 9);
    assert_eq!(vault.search("morel", 5, at(2)).await.unwrap().rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_of_twice_or_too_late_does_no_harm() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &person("before", "Before")).await;
    let newer = Profile { revision: 8, ..amelie() };
    let over =
        Arriving { remember: (at(0) - TimeDelta::seconds(1)).into(), ..arriving(person("over", "Over")) };
    vault.remember_many(vec![arriving(newer), over, arriving(amelie())], at(0)).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 2);
    let id = vault.find(&key("amelie")).await.unwrap().unwrap();
    assert_eq!(vault.open_customer(id).await.unwrap().unwrap().profile.revision, 8);
    vault.remember_many(Vec::new(), at(0)).await.unwrap();
}
