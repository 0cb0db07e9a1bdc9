//! Edits that wait for the centre.

use profile::{Author, Channel, Profile};
use uuid::Uuid;
use vault::{EditState, Error, QueueSummary, Unsent};

use crate::support::{BY, Till, amelie, at, edit, in_days, key, person, remember, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_shown_at_once_with_its_origin_and_survives_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(5)).await.unwrap();
    assert_eq!(queued.before, Some(text("38")));
    assert_eq!(queued.base_revision, 7);
    let again = vault.edit_preference(id, &edit("shoes", "39"), queued.id, BY, at(9)).await.unwrap();
    assert_eq!(again, queued, "the same edit twice is one");
    let second = vault.edit_preference(id, &edit("shoes", "40"), Uuid::new_v4(), BY, at(6)).await.unwrap();
    assert_eq!(second.before, Some(text("39")));
    vault.close().await;

    let vault = till.open().await;
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    let shoes = &copy.profile.preferences["sizes"]["shoes"];
    assert_eq!(shoes.value, text("40"));
    let provenance = shoes.provenance.as_ref().unwrap();
    assert_eq!(
        (provenance.channel, provenance.by, provenance.at),
        (Channel::Store, Author::Associate, at(6))
    );
    assert_eq!(copy.waiting, [queued, second]);
    assert_eq!(vault.recent(1, at(0)).await.unwrap()[0].waiting, 2);
    assert_eq!(vault.queue().await.unwrap(), QueueSummary { waiting: 2, refused: 0, oldest: Some(at(5)) });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_centres_answer_becomes_the_copy_and_later_edits_stay_on_top() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let first = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let second = vault.edit_preference(id, &edit("shirt", "M"), Uuid::new_v4(), BY, at(2)).await.unwrap();
    let mut fresh = Profile { revision: 8, ..amelie() };
    edit("shoes", "39").apply(&mut fresh.preferences, crate::support::provenance());
    vault.mark_sent(first.id, &fresh, at(3)).await.unwrap();
    vault.mark_sent(first.id, &fresh, at(4)).await.unwrap();

    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.revision, copy.copied_at), (8, at(3)));
    assert_eq!(copy.profile.preferences["sizes"]["shoes"].value, text("39"));
    assert_eq!(copy.profile.preferences["sizes"]["shirt"].value, text("M"));
    assert_eq!(copy.waiting, [second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_answer_or_another_customers_does_not_replace_the_copy() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    for answer in [Profile { revision: 6, ..amelie() }, Profile { revision: 9, ..person("bruno", "Bruno") }] {
        let queued =
            vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
        vault.mark_sent(queued.id, &answer, at(3)).await.unwrap();
        assert_eq!(vault.open_customer(id).await.unwrap().unwrap().profile, amelie());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_one_customer_go_in_order_and_a_refused_one_holds_up_nobody() {
    let till = Till::new();
    let vault = till.open().await;
    let (ana, bruno) =
        (remember(&vault, &person("a", "Ana")).await, remember(&vault, &person("b", "Bruno")).await);
    let mut ids = Vec::new();
    for (customer, what, value) in [(ana, "shoes", "1"), (ana, "shirt", "2"), (bruno, "shoes", "3")] {
        ids.push(
            vault.edit_preference(customer, &edit(what, value), Uuid::new_v4(), BY, at(1)).await.unwrap().id,
        );
    }
    let next = async |customer| vault.next_to_send(customer).await.unwrap().map(|queued| queued.id);
    assert_eq!(vault.customers_waiting().await.unwrap(), [ana, bruno]);
    assert_eq!((next(ana).await, next(bruno).await), (Some(ids[0]), Some(ids[2])));
    vault.mark_tried(ids[0]).await.unwrap();
    assert_eq!(vault.next_to_send(ana).await.unwrap().unwrap().attempts, 1);

    vault.mark_refused(ids[0], 422, None).await.unwrap();
    assert_eq!((next(ana).await, next(bruno).await), (Some(ids[1]), Some(ids[2])));
    vault.mark_refused(ids[1], 422, None).await.unwrap();
    assert_eq!(vault.customers_waiting().await.unwrap(), [bruno]);
    let copy = vault.open_customer(ana).await.unwrap().unwrap();
    assert_eq!(copy.waiting[0].state, EditState::Refused { status: 422 });
    assert_eq!(copy.profile.preferences["sizes"]["shoes"].value, text("38"), "the old value is back");
    assert_eq!(vault.queue().await.unwrap(), QueueSummary { waiting: 1, refused: 2, oldest: Some(at(1)) });

    assert_eq!(vault.drop_edit(ids[0], BY, at(9)).await.unwrap(), Some((ana, key("a"))));
    assert_eq!(vault.drop_edit(ids[0], BY, at(9)).await.unwrap(), None);
    assert_eq!(vault.queue().await.unwrap(), QueueSummary { waiting: 1, refused: 1, oldest: Some(at(1)) });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_unsent_edits_is_not_forgotten_unless_it_is_said() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    assert!(matches!(vault.forget(id, Unsent::Refuse, at(2)).await, Err(Error::UnsentEdits(1))));
    assert!(vault.open_customer(id).await.unwrap().is_some());
    vault.forget(id, Unsent::Discard, at(2)).await.unwrap();
    assert!(vault.open_customer(id).await.unwrap().is_none());
    assert_eq!(vault.queue().await.unwrap(), QueueSummary::default());
    assert!(matches!(vault.forget(id, Unsent::Refuse, at(3)).await, Err(Error::NotRemembered)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_outlives_the_copy_and_finds_its_customer_again() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    assert_eq!(vault.purge_expired(in_days(31)).await.unwrap(), 1);
    assert_eq!(vault.next_to_send(id).await.unwrap(), Some(queued.clone()));
    assert!(vault.edit_preference(id, &edit("shoes", "40"), Uuid::new_v4(), BY, at(2)).await.is_err());

    let until = in_days(90);
    assert_eq!(vault.remember(&key("amelie"), &amelie(), &[], None, until, in_days(32)).await.unwrap(), id);
    assert_eq!(vault.open_customer(id).await.unwrap().unwrap().waiting, std::slice::from_ref(&queued));
    vault.purge_expired(in_days(91)).await.unwrap();
    vault.mark_sent(queued.id, &amelie(), in_days(92)).await.unwrap();
    assert!(vault.find(&key("amelie")).await.unwrap().is_none());
}
