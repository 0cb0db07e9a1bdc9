//! What a person sees and does of edits that the centre does not have.

use profile::{Preference, PreferenceValue, Profile};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use uuid::Uuid;
use vault::{EditState, Error, Theirs, UNREADABLE, Unsent, UnsentEdit, Vault};

use crate::support::{BY, Till, amelie, at, edit, key, person, provenance, remember, text};

async fn refused(vault: &Vault, customer: Uuid, size: &str, theirs: Option<Theirs>) -> Uuid {
    let queued =
        vault.edit_preference(customer, &edit("shoes", size), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.mark_refused(queued.id, 412, theirs.as_ref()).await.unwrap();
    queued.id
}

fn theirs(size: &str, revision: u64) -> Theirs {
    Theirs { preference: Some(Preference { value: text(size), provenance: Some(provenance()) }), revision }
}

fn with_shoes(size: &str, revision: u64) -> Profile {
    let mut profile = Profile { revision, ..amelie() };
    edit("shoes", size).apply(&mut profile.preferences, provenance());
    profile
}

async fn only(vault: &Vault) -> UnsentEdit {
    let list = vault.unsent().await.unwrap();
    assert_eq!((list.edits.len(), list.all), (1, 1));
    list.edits.into_iter().next().unwrap()
}

fn standing(listed: &UnsentEdit) -> Option<PreferenceValue> {
    Some(listed.theirs.as_ref()?.preference.as_ref()?.value.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_listed_with_both_values_also_without_the_centre() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let edit_id = refused(&vault, id, "39", Some(theirs("41", 9))).await;
    vault.close().await;

    let vault = till.open().await;
    let listed = only(&vault).await;
    assert_eq!((listed.id, listed.customer_id, listed.made_at), (edit_id, id, at(1)));
    assert_eq!(listed.name.as_ref().unwrap().display, "Amélie Durand");
    assert_eq!(listed.state, EditState::Refused { status: 412 });
    assert_eq!(listed.change, Some((edit("shoes", "39"), Some(text("38")))));
    assert_eq!(listed.theirs, Some(theirs("41", 9)));
    assert!(listed.is_conflict());

    // What was heard later counts.
    vault.remember(&key("amelie"), &with_shoes("42", 10), &[], None, at(9000), at(3)).await.unwrap();
    assert_eq!(standing(&only(&vault).await), Some(text("42")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_their_own_value_sends_it_as_a_new_edit_made_on_what_they_saw() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let edit_id = refused(&vault, id, "39", Some(theirs("41", 9))).await;
    let fresh = Uuid::new_v4();
    let mended = vault
        .mend_edit(edit_id, Some(text("39")), Some(&text("41")), fresh, BY, at(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((mended.id, mended.base_revision, mended.state), (fresh, 9, EditState::Waiting));
    assert_eq!(vault.next_to_send(id).await.unwrap(), Some(mended));
    assert!(vault.mend_edit(edit_id, None, None, Uuid::new_v4(), BY, at(6)).await.unwrap().is_none());
    assert_eq!(vault.queue().await.unwrap().waiting, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_seen_another_value_than_stands_there_now_is_asked_once_more() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let edit_id = refused(&vault, id, "39", Some(theirs("41", 9))).await;
    vault.remember(&key("amelie"), &with_shoes("42", 10), &[], None, at(9000), at(3)).await.unwrap();
    let fresh = Uuid::new_v4();
    let mended = vault
        .mend_edit(edit_id, Some(text("39")), Some(&text("41")), fresh, BY, at(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(mended.base_revision, 7, "the centre will refuse it with what stands there by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_preference_cannot_have_leaves_the_refused_edit_where_it_was() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let edit_id = refused(&vault, id, "39", None).await;
    let wrong = Some(PreferenceValue::Flag(true));
    let answer = vault.mend_edit(edit_id, wrong, None, Uuid::new_v4(), BY, at(5)).await;
    assert!(matches!(answer, Err(Error::Value(_))), "{answer:?}");
    assert_eq!(only(&vault).await.id, edit_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_edit_is_no_question_any_more_once_the_centre_has_its_value() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    refused(&vault, id, "39", Some(theirs("41", 9))).await;
    vault.remember(&key("amelie"), &with_shoes("39", 10), &[], None, at(9000), at(3)).await.unwrap();
    assert_eq!(vault.unsent().await.unwrap().all, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_edit_of_the_same_preference_is_what_the_person_wants() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let first = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let second = vault.edit_preference(id, &edit("shoes", "40"), Uuid::new_v4(), BY, at(2)).await.unwrap();
    vault.mark_refused(first.id, 412, Some(&theirs("41", 9))).await.unwrap();
    assert_eq!(only(&vault).await.id, second.id);
    // Its own question is asked, and once.
    vault.mark_refused(second.id, 412, Some(&theirs("41", 9))).await.unwrap();
    assert!(only(&vault).await.is_conflict());
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_outlive_the_copy_and_are_listed_without_a_name() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    refused(&vault, id, "39", Some(theirs("41", 9))).await;
    vault.forget(id, Unsent::Keep, at(2)).await.unwrap();
    let listed = only(&vault).await;
    assert!(listed.name.is_none());
    assert!(listed.is_conflict(), "the question can still be asked");
    assert_eq!(vault.drop_edit(listed.id, BY, at(9)).await.unwrap(), Some((id, key("amelie"))));
    assert_eq!(vault.drop_edit(listed.id, BY, at(9)).await.unwrap(), None);
    assert_eq!(vault.unsent().await.unwrap().all, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_must_look_at_comes_first_and_then_whatever_waits_longest() {
    let till = Till::new();
    let vault = till.open().await;
    let (ana, bruno) =
        (remember(&vault, &person("a", "Ana")).await, remember(&vault, &person("b", "Bruno")).await);
    for n in 0..300 {
        for customer in [ana, bruno] {
            vault
                .edit_preference(customer, &edit(&format!("n{n}"), "1"), Uuid::new_v4(), BY, at(n))
                .await
                .unwrap();
        }
    }
    let late = refused(&vault, bruno, "39", None).await;
    let list = vault.unsent().await.unwrap();
    assert_eq!((list.edits.len(), list.all), (500, 601));
    assert_eq!(list.edits[0].id, late);
    assert!(list.edits[1..].is_sorted_by_key(|edit| edit.made_at));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_cannot_be_read_is_set_aside_and_holds_up_nothing() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let broken = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let next = vault.edit_preference(id, &edit("shirt", "M"), Uuid::new_v4(), BY, at(2)).await.unwrap();
    vault.close().await;
    break_edit(&till, broken.id).await;

    let vault = till.open().await;
    assert_eq!(
        vault.open_customer(id).await.unwrap().unwrap().waiting.len(),
        1,
        "the customer can be served"
    );
    assert_eq!(vault.next_to_send(id).await.unwrap(), Some(next.clone()));
    let list = vault.unsent().await.unwrap();
    assert_eq!(list.edits[0].state, EditState::Refused { status: UNREADABLE });
    assert!(list.edits[0].change.is_none());
    vault.mark_sent(next.id, &with_shoes("38", 8), at(3)).await.unwrap();
    vault.edit_preference(id, &edit("shirt", "L"), Uuid::new_v4(), BY, at(4)).await.unwrap();
    assert!(vault.mend_edit(broken.id, None, None, Uuid::new_v4(), BY, at(5)).await.is_err());
    assert_eq!(only_refused(&vault).await, [broken.id], "it stays until a person lets go of it");
    vault.drop_edit(broken.id, BY, at(9)).await.unwrap();
    assert!(only_refused(&vault).await.is_empty());
}

async fn only_refused(vault: &Vault) -> Vec<Uuid> {
    let list = vault.unsent().await.unwrap();
    list.edits.iter().filter(|edit| edit.state != EditState::Waiting).map(|edit| edit.id).collect()
}

/// Makes a row of a closed vault unreadable.
async fn break_edit(till: &Till, id: Uuid) {
    let key = format!("\"x'{}'\"", till.key().await);
    let options = SqliteConnectOptions::new().filename(till.data().join("vault.db")).pragma("key", key);
    let mut file = options.connect().await.unwrap();
    sqlx::query("UPDATE queued_edit SET edit = '{' WHERE id = ?").bind(id).execute(&mut file).await.unwrap();
    file.close().await.unwrap();
}
