//! Readers beside the writer, with a checkpoint every few rows.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use uuid::Uuid;
use vault::{FeedChange, FeedPlace, SnapshotPage, Unsent};

use crate::{
    new_customers::zebra,
    support::{Till, arriving, at, in_days, key, person, remember},
};

const PEOPLE: u32 = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_miss_no_row_while_rows_are_written_and_the_log_is_emptied() {
    let till = Till::new();
    let vault = till.open().await;
    let written = Arc::new(AtomicU32::new(0));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (vault, written) = (vault.clone(), Arc::clone(&written));
            tokio::spawn(async move {
                let mut looks = 0_u32;
                loop {
                    let at_least = written.load(Ordering::Acquire);
                    let count = vault.count().await.unwrap();
                    assert!(at_least <= count, "{at_least} were acknowledged, {count} are seen");
                    let found = vault.search("person", 200, at(0)).await.unwrap().rows.len();
                    assert!(count <= u32::try_from(found).unwrap() + 1, "index and rows are of one moment");
                    looks += 1;
                    if at_least == PEOPLE {
                        return looks;
                    }
                }
            })
        })
        .collect();
    for n in 0..PEOPLE {
        remember(&vault, &person(&n.to_string(), &format!("Person {n}"))).await;
        written.store(n + 1, Ordering::Release);
        if n % 5 == 0 {
            // Somebody comes and is forgotten: that empties the log.
            let guest = person("guest", "Guest");
            let id = vault.remember(&key("guest"), &guest, &[], None, in_days(1), at(0)).await.unwrap();
            vault.forget(id, Unsent::Refuse, at(1)).await.unwrap();
        }
    }
    for reader in readers {
        assert!(0 < reader.await.unwrap());
    }
    vault.close().await;
    let vault = till.open().await;
    for n in 0..PEOPLE {
        assert!(vault.find(&key(&n.to_string())).await.unwrap().is_some(), "person {n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_what_the_feed_told_and_who_was_entered_as_a_whole_or_not_at_all() {
    const ISSUER: &str = "https://id.example.com";
    let till = Till::new();
    let vault = till.open().await;
    let page = SnapshotPage { customers: Vec::new(), erased: Vec::new(), next: None, feed: 0, total: 0 };
    vault.take_page(ISSUER, page, at(0)).await.unwrap();
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let vault = vault.clone();
            tokio::spawn(async move {
                let (mut looks, mut last) = (0_u32, 0);
                loop {
                    let FeedPlace::Following { since } = vault.feed(ISSUER).await.unwrap() else { panic!() };
                    assert!(last <= since, "the place goes back from {last} to {since}");
                    let count = i64::from(vault.count().await.unwrap());
                    assert!(since <= count, "the place is {since}, and {count} are there");
                    let unsent = vault.unsent().await.unwrap();
                    let is_known = |id| unsent.customers.iter().any(|new| new.customer_id == id);
                    assert!(
                        unsent.visits.iter().all(|noted| is_known(noted.visit.customer_id)),
                        "{unsent:?}"
                    );
                    for new in &unsent.customers {
                        assert!(
                            vault.open_customer(new.customer_id).await.unwrap().is_some(),
                            "a new customer has a copy"
                        );
                    }
                    (looks, last) = (looks + 1, since);
                    if since == i64::from(PEOPLE) {
                        return looks;
                    }
                }
            })
        })
        .collect();
    for n in 0..PEOPLE {
        if n % 5 == 0 {
            let new = zebra();
            let id = vault.add_customer(&key(&format!("new {n}")), &new, None, at(0)).await.unwrap();
            vault.note_visit(id, Uuid::new_v4(), at(1)).await.unwrap();
        }
        // Each comes with somebody who is erased, which empties the log.
        let told = arriving(person(&n.to_string(), &format!("Person {n}")));
        let changes =
            vec![FeedChange::Changed(Box::new(told)), FeedChange::Erased { subject: format!("gone {n}") }];
        vault.take_changes(ISSUER, changes, i64::from(n) + 1, at(1)).await.unwrap();
    }
    for reader in readers {
        assert!(0 < reader.await.unwrap());
    }
    vault.close().await;
}
