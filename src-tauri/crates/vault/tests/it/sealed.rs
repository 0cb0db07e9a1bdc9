//! A till that loses the key of its database, and what waited in it.

use std::{collections::BTreeSet, fs};

use profile::{NewCustomer, PreferenceValue};
use sealing::{PublicKey, Sealed, SecretKey, What};
use uuid::Uuid;
use vault::{OpenError, Sealing, Unsent, Vault, Why};

use crate::{
    new_customers::{candidate, zebra},
    support::{BY, Till, amelie, arriving, at, edit, key, person, remember, text},
};

fn to(key: &SecretKey) -> Sealing {
    Sealing { key: key.public(), grant: "a-grant".to_owned() }
}

/// What is in a folder of the till, by the edits' ids.
fn files(till: &Till, folder: &str) -> BTreeSet<Uuid> {
    let Ok(entries) = fs::read_dir(till.data().join(folder)) else { return BTreeSet::new() };
    entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect()
}

async fn waiting(vault: &Vault, customer: Uuid, sizes: &[&str]) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for (n, size) in sizes.iter().enumerate() {
        let change = edit(&format!("size_{n}"), size);
        let made = at(i64::try_from(n).unwrap());
        ids.push(vault.edit_preference(customer, &change, Uuid::new_v4(), BY, made).await.unwrap().id);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn each_edit_in_the_queue_has_a_sealed_file_and_no_other_has_one() {
    let (till, key) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let mut queued: BTreeSet<_> = waiting(&vault, id, &["38", "39"]).await.into_iter().collect();
    assert!(files(&till, "sealed").is_empty(), "nothing to seal to is known");
    vault.seal_with(id, &to(&key)).await.unwrap();
    assert_eq!(files(&till, "sealed"), queued, "those of before as well");

    let shoes = vault.edit_preference(id, &edit("shoes", "41"), Uuid::new_v4(), BY, at(9)).await.unwrap().id;
    let hat = vault.edit_preference(id, &edit("hat", "7"), Uuid::new_v4(), BY, at(9)).await.unwrap().id;
    queued.extend([shoes, hat]);
    assert_eq!(files(&till, "sealed"), queued);
    let stored = fs::read_to_string(till.data().join("sealed").join(shoes.to_string())).unwrap();
    let opened = serde_json::from_str::<Sealed>(&stored).unwrap().open(&key).unwrap();
    assert_eq!((opened.id, opened.made_at, &*opened.grant), (shoes, at(9), "a-grant"));
    assert!(opened.what == What::Edit { change: edit("shoes", "41"), base: 7 });

    vault.mark_sent(hat, &amelie(), at(10)).await.unwrap();
    queued.remove(&hat);
    assert_eq!(files(&till, "sealed"), queued);
    vault.mark_refused(shoes, 412, None).await.unwrap();
    assert_eq!(files(&till, "sealed"), queued, "a person has not decided yet");
    let value = Some(PreferenceValue::Text("42".to_owned()));
    let mended = vault.mend_edit(shoes, value, None, Uuid::new_v4(), BY, at(11)).await.unwrap().unwrap().id;
    queued.remove(&shoes);
    queued.insert(mended);
    assert_eq!(files(&till, "sealed"), queued);
    vault.drop_edit(mended, BY, at(9)).await.unwrap();
    queued.remove(&mended);
    assert_eq!(files(&till, "sealed"), queued);
    vault.forget(id, Unsent::Discard, at(12)).await.unwrap();
    assert!(files(&till, "sealed").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_has_lost_its_key_still_has_what_waited_for_the_centre_to_read() {
    let (till, key) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.seal_with(id, &to(&key)).await.unwrap();
    let queued = waiting(&vault, id, &["38", "39", "40"]).await;
    vault.close().await;

    till.keyring.delete("database-key").await.unwrap();
    assert!(matches!(Vault::open(&till.data(), &till.keyring).await, Err(OpenError::WrongKey)));
    let (vault, rescued) = Vault::start_anew(&till.data(), &till.keyring, at(20)).await.unwrap();
    assert_eq!((rescued.edits, rescued.complete), (0, false));
    assert_eq!(vault.queue().await.unwrap().waiting, 0);
    // It stays, whatever is queued, sent and dropped meanwhile, and whoever opens the till again.
    let id = remember(&vault, &amelie()).await;
    let other = waiting(&vault, id, &["41"]).await[0];
    vault.drop_edit(other, BY, at(9)).await.unwrap();
    vault.close().await;
    let vault = till.open().await;
    let left = vault.to_hand_over();
    let ids: BTreeSet<_> = left.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, queued.iter().copied().collect());
    for (id, sealed) in &left {
        let opened = sealed.open(&key).unwrap();
        let nth = queued.iter().position(|queued| queued == id).unwrap();
        let What::Edit { change, .. } = opened.what else { panic!("an edit") };
        assert_eq!(change.value, Some(text(["38", "39", "40"][nth])));
    }
    vault.handed_over(queued[0]);
    vault.handed_over(queued[0]);
    assert_eq!(vault.to_hand_over().len(), 2);
    vault.keep_unread(queued[1]);
    fs::write(till.data().join("sealed-left").join(queued[2].to_string()), "{").unwrap();
    assert!(vault.to_hand_over().is_empty());
    assert_eq!(files(&till, "sealed-unread"), queued[1..].iter().copied().collect(), "nothing goes unseen");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_is_handed_over_as_well() {
    let (till, key) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.seal_with(id, &to(&key)).await.unwrap();
    let act = Uuid::new_v4();
    vault.take_back(id, act, None, at(5)).await.unwrap();
    vault.close().await;
    till.keyring.delete("database-key").await.unwrap();
    let (vault, _) = Vault::start_anew(&till.data(), &till.keyring, at(20)).await.unwrap();
    let left = vault.to_hand_over();
    let opened = left[0].1.open(&key).unwrap();
    assert_eq!((left.len(), opened.id, opened.made_at), (1, act, at(5)));
    assert!(opened.what == What::Withdrawal { act: None });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_lost_is_there_again_and_one_too_many_goes_when_the_till_starts() {
    let (till, key) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.seal_with(id, &to(&key)).await.unwrap();
    let queued: BTreeSet<_> = waiting(&vault, id, &["38", "39"]).await.into_iter().collect();
    vault.close().await;
    let folder = till.data().join("sealed");
    fs::remove_file(folder.join(queued.first().unwrap().to_string())).unwrap();
    fs::write(folder.join(Uuid::new_v4().to_string()), "of an edit that was sent").unwrap();
    fs::write(folder.join("half.half"), "half written").unwrap();
    let vault = till.open().await;
    assert_eq!(files(&till, "sealed"), queued);
    vault.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_erased_customer_no_sealed_file_is_left() {
    let (till, secret) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let bo = remember(&vault, &person("bo", "Bo Li")).await;
    for customer in [id, bo] {
        vault.seal_with(customer, &to(&secret)).await.unwrap();
        waiting(&vault, customer, &["38", "39"]).await;
    }
    vault.take_back(id, Uuid::new_v4(), None, at(5)).await.unwrap();
    assert_eq!(files(&till, "sealed").len(), 5);
    vault.erase(&key("amelie"), Why::ErasedAtCentre, None, at(6)).await.unwrap();
    assert_eq!(files(&till, "sealed").len(), 2, "those of somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_keeps_no_edit_from_being_saved() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let key = PublicKey { id: "a".to_owned(), key: "AAAA".to_owned() };
    let none = Sealing { key, grant: "a-grant".to_owned() };
    assert!(matches!(vault.seal_with(id, &none).await, Err(vault::Error::Sealing(_))));
    waiting(&vault, id, &["38"]).await;
    assert_eq!(vault.queue().await.unwrap().waiting, 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_on_the_machine_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (till, key) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.seal_with(id, &to(&key)).await.unwrap();
    let edit = waiting(&vault, id, &["38"]).await[0];
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = till.data().join("sealed");
    assert_eq!((mode(&folder), mode(&folder.join(edit.to_string()))), (0o700, 0o600));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_from_an_old_database_is_sent_and_not_handed_over() {
    let (till, key) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.seal_with(id, &to(&key)).await.unwrap();
    let queued: BTreeSet<_> = waiting(&vault, id, &["38", "39"]).await.into_iter().collect();
    vault.close().await;
    let (vault, rescued) = Vault::start_anew(&till.data(), &till.keyring, at(20)).await.unwrap();
    assert_eq!((rescued.edits, rescued.complete), (2, true));
    assert!(vault.to_hand_over().is_empty());
    assert_eq!(vault.queue().await.unwrap().waiting, 2);
    assert_eq!(files(&till, "sealed"), queued, "as safe as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_tills_own_grant_also_what_waits_of_who_never_signed_in_here_is_sealed() {
    let (till, key_of_centre) = (Till::new(), SecretKey::make());
    let vault = till.open().await;
    vault.remember_many(vec![arriving(amelie())], at(0)).await.unwrap();
    let id = vault.find(&key("amelie")).await.unwrap().unwrap();
    let mut queued: BTreeSet<_> = waiting(&vault, id, &["38"]).await.into_iter().collect();
    let subject = Uuid::new_v4();
    let new = vault.add_customer(&key(&subject.to_string()), &zebra(), None, at(0)).await.unwrap();
    queued.insert(subject);
    queued.extend(waiting(&vault, new, &["44"]).await);
    vault.seal_all_with("https://id.example.com", &to(&key_of_centre)).await.unwrap();
    let visit = Uuid::new_v4();
    vault.note_visit(id, visit, at(2)).await.unwrap();
    queued.insert(visit);
    let later = Uuid::new_v4();
    let somebody = NewCustomer { email: None, ..zebra() };
    let somebody = vault.add_customer(&key(&later.to_string()), &somebody, None, at(1)).await.unwrap();
    queued.insert(later);
    assert_eq!(files(&till, "sealed"), queued);
    let opened = |id: Uuid| {
        let stored = fs::read_to_string(till.data().join("sealed").join(id.to_string())).unwrap();
        serde_json::from_str::<Sealed>(&stored).unwrap().open(&key_of_centre).unwrap()
    };
    assert_eq!(opened(visit).grant, "a-grant/amelie");
    assert!(opened(visit).what == What::Visit { at: at(2) });

    assert_eq!(opened(subject).grant, format!("a-grant/{subject}"));
    let entered = |somebody_else| What::Customer { new: Box::new(zebra()), somebody_else };
    assert!(opened(subject).what == entered(vec![]));
    vault.customer_is_refused(new, 409, &[candidate("amelie")]).await.unwrap();
    vault.send_customer_again(new).await.unwrap();
    assert!(opened(subject).what == entered(vec!["amelie".to_owned()]), "the customer has answered");

    let made = zebra().profile(&subject.to_string(), 1, zebra().act("new", Some("northquay")));
    vault.customer_is_made(new, &made, at(3)).await.unwrap();
    queued.remove(&subject);
    vault.drop_new_customer(somebody, None, at(3)).await.unwrap();
    queued.remove(&later);
    assert_eq!(files(&till, "sealed"), queued);
    vault.visit_is_over(visit).await.unwrap();
    queued.remove(&visit);
    assert_eq!(files(&till, "sealed"), queued);
    // Who signs in has a grant of their own.
    vault.seal_with(id, &to(&key_of_centre)).await.unwrap();
    let shoes = vault.edit_preference(id, &edit("shoes", "41"), Uuid::new_v4(), BY, at(9)).await.unwrap().id;
    assert_eq!(opened(shoes).grant, "a-grant");
}
