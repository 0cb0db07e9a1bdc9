//! Somebody new, and visits that were written down: what waits for the centre besides edits.

use profile::{Candidate, Name, NameOrder, NewCustomer, RememberScope};
use uuid::Uuid;
use vault::{AuditCheck, Refreshed, Sealing, SnapshotPage, Unsent, Vault, Why};

use crate::{
    pages::{contains, decrypted},
    support::{BY, Till, at, edit, in_days, key, lines, remember},
};

pub(crate) fn zebra() -> NewCustomer {
    NewCustomer {
        name: Name {
            display: "Zoë Zebra".to_owned(),
            given: Some("Zoë".to_owned()),
            family: Some("Zebra".to_owned()),
            order: NameOrder::default(),
        },
        email: Some("zoe@mail.example".to_owned()),
        phone: Some("+33699001122".to_owned()),
        locale: None,
        at: at(0),
        scopes: [RememberScope::Contact, RememberScope::Preferences].into_iter().collect(),
        until: in_days(300),
        wording: "till-new-1".to_owned(),
    }
}

async fn enter(vault: &Vault, subject: &str) -> Uuid {
    vault.add_customer(&key(subject), &zebra(), None, at(0)).await.unwrap()
}

pub(crate) fn candidate(id: &str) -> Candidate {
    let name = "Z••• Z•••".to_owned();
    Candidate { id: id.to_owned(), name, since: None, same_email: true, same_phone: false }
}

async fn counts(vault: &Vault) -> (u32, u32) {
    let queue = vault.queue().await.unwrap();
    (queue.waiting, queue.refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_is_found_opened_and_edited_at_once_and_after_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let id = enter(&vault, "new").await;
    assert_eq!(enter(&vault, "new").await, id, "entered once");
    vault.edit_preference(id, &edit("shoes", "41"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.close().await;

    let vault = till.open().await;
    for typed in ["zoe", "zebra z", "zoe@mail", "06 99 00 11 22"] {
        let found = vault.search(typed, 20, at(5)).await.unwrap();
        assert_eq!(found.rows.len(), 1, "{typed}");
        assert_eq!((found.rows[0].id, found.rows[0].waiting), (id, 2), "{typed}");
    }
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!(copy.profile.email.as_deref(), Some("zoe@mail.example"));
    assert_eq!(copy.remember.until, in_days(300));
    assert_eq!(copy.waiting.len(), 1);
    assert_eq!(vault.customers_waiting().await.unwrap(), [id]);
    let line = &lines(&vault, 0).await[0].content;
    assert_eq!((line.act.as_str(), line.why.as_str()), ("entered", "entered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_of_somebody_new_waits_until_the_centre_has_them() {
    let till = Till::new();
    let vault = till.open().await;
    let id = enter(&vault, "new").await;
    vault.edit_preference(id, &edit("shoes", "41"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.note_visit(id, Uuid::new_v4(), at(2)).await.unwrap();
    assert_eq!(counts(&vault).await, (3, 0));
    assert!(vault.next_to_send(id).await.unwrap().is_none());
    assert!(vault.visit_to_send(id).await.unwrap().is_none());

    let queued = vault.new_customer_to_send(id).await.unwrap().unwrap();
    assert_eq!((&queued.customer, &queued.new), (&key("new"), &zebra()));
    let fresh = zebra().profile("new", 1, zebra().act("new", Some("northquay")));
    for _ in 0..2 {
        assert_eq!(vault.customer_is_made(id, &fresh, at(3)).await.unwrap(), Refreshed::Kept);
    }
    assert_eq!(counts(&vault).await, (2, 0));
    let edit = vault.next_to_send(id).await.unwrap().unwrap();
    vault.mark_sent(edit.id, &fresh, at(4)).await.unwrap();
    let visit = vault.visit_to_send(id).await.unwrap().unwrap();
    assert_eq!(visit.at, at(2));
    assert_eq!(vault.visit_is_over(visit.id).await.unwrap(), Some((id, key("new"))));
    assert_eq!(counts(&vault).await, (0, 0));
    assert!(vault.open_customer(id).await.unwrap().is_some(), "remembered as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whom_the_centre_may_know_waits_for_a_person_and_holds_up_nobody_else() {
    let till = Till::new();
    let vault = till.open().await;
    let id = enter(&vault, "new").await;
    let other = remember(&vault, &crate::support::amelie()).await;
    vault.edit_preference(id, &edit("shoes", "41"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.edit_preference(other, &edit("shoes", "41"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.customer_is_refused(id, 409, &[candidate("a")]).await.unwrap();
    assert!(vault.new_customer_to_send(id).await.unwrap().is_none());
    assert!(vault.next_to_send(id).await.unwrap().is_none());
    assert!(vault.next_to_send(other).await.unwrap().is_some());
    vault.close().await;

    let vault = till.open().await;
    let listed = vault.unsent().await.unwrap();
    let [asked] = &listed.customers[..] else { panic!("{listed:?}") };
    assert_eq!((asked.refused, &asked.candidates[..]), (Some(409), &[candidate("a")][..]));

    // None of them, and then there is one more.
    assert!(vault.send_customer_again(id).await.unwrap());
    assert!(!vault.send_customer_again(id).await.unwrap());
    assert_eq!(vault.new_customer_to_send(id).await.unwrap().unwrap().somebody_else, ["a"]);
    vault.customer_is_refused(id, 409, &[candidate("b")]).await.unwrap();
    assert!(vault.send_customer_again(id).await.unwrap());
    assert_eq!(vault.new_customer_to_send(id).await.unwrap().unwrap().somebody_else, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_by_a_clock_that_is_years_behind_is_kept_for_as_long_as_they_agreed_to() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &crate::support::amelie()).await;
    let then = zebra().entered_at(in_days(-900));
    let id = vault.add_customer(&key("new"), &then, None, in_days(-900)).await.unwrap();
    vault.purge_expired(in_days(-900)).await.unwrap();
    vault.purge_expired(at(1)).await.unwrap();
    let new = vault.new_customer_to_send(id).await.unwrap().unwrap().new;
    assert_eq!((new.at, new.until), (at(0), in_days(300)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_back_what_they_agreed_to_is_no_question_any_more_where_the_centre_does_not_have_them() {
    for refused_first in [true, false] {
        let till = Till::new();
        let vault = till.open().await;
        let id = enter(&vault, "new").await;
        vault.note_visit(id, Uuid::new_v4(), at(1)).await.unwrap();
        if refused_first {
            assert!(vault.customer_is_refused(id, 409, &[candidate("a")]).await.unwrap());
            vault.take_back(id, Uuid::new_v4(), None, at(2)).await.unwrap();
        } else {
            vault.take_back(id, Uuid::new_v4(), None, at(2)).await.unwrap();
            assert!(vault.new_customer_to_send(id).await.unwrap().is_some(), "they may be made already");
            assert!(!vault.customer_is_refused(id, 409, &[candidate("a")]).await.unwrap());
        }
        assert_eq!(counts(&vault).await, (0, 0));
        assert!(vault.customers_with_withdrawals().await.unwrap().is_empty());
        let pages = decrypted(&till.data(), &till.key().await);
        assert!(!contains(&pages, "Zebra") && !contains(&pages, "zoe@mail"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_dropped_leaves_nothing_in_any_byte_but_a_line_in_the_trail() {
    let till = Till::new();
    let vault = till.open().await;
    let id = enter(&vault, "5f7c2a").await;
    vault.edit_preference(id, &edit("shoes", "Forty-two"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.note_visit(id, Uuid::new_v4(), at(2)).await.unwrap();
    vault.customer_is_refused(id, 409, &[candidate("a")]).await.unwrap();
    let traces = async || {
        let pages = decrypted(&till.data(), &till.key().await);
        ["Zebra", "zoe@mail", "33699001122", "Forty-two", "till-new-1", "Z••• Z"]
            .into_iter()
            .filter(|trace| contains(&pages, trace))
            .count()
    };
    assert_eq!(traces().await, 6, "this test sees what is there");
    assert_eq!(vault.drop_new_customer(id, None, at(3)).await.unwrap(), Some(key("5f7c2a")));
    assert_eq!(traces().await, 0);
    assert_eq!(counts(&vault).await, (0, 0));
    assert!(vault.drop_new_customer(id, None, at(3)).await.unwrap().is_none());
    assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 3 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whom_the_centre_has_cannot_be_dropped_as_a_new_one() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &crate::support::amelie()).await;
    assert!(vault.drop_new_customer(id, None, at(3)).await.unwrap().is_none());
    assert!(vault.open_customer(id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_and_erasure_take_the_new_customer_with_all_that_waits() {
    for erase in [true, false] {
        let till = Till::new();
        let vault = till.open().await;
        let id = enter(&vault, "new").await;
        vault.note_visit(id, Uuid::new_v4(), at(2)).await.unwrap();
        if erase {
            vault.erase(&key("new"), Why::ErasureRequest, None, at(4)).await.unwrap();
        } else {
            assert!(matches!(
                vault.forget(id, Unsent::Refuse, at(4)).await,
                Err(vault::Error::UnsentEdits(2))
            ));
            // The time that is believed follows the clock within its bounds.
            for day in (0..=300).step_by(50) {
                vault.purge_expired(in_days(day)).await.unwrap();
            }
        }
        assert!(vault.open_customer(id).await.unwrap().is_none());
        assert_eq!(counts(&vault).await, (0, 0));
        let pages = decrypted(&till.data(), &till.key().await);
        assert!(!contains(&pages, "Zebra") && !contains(&pages, "zoe@mail"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_retention_no_byte_of_the_files_has_what_was_noted_indexed_sealed_or_written_down() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &crate::support::amelie()).await;
    let public = sealing::SecretKey::make().public();
    vault.seal_with(id, &Sealing { key: public, grant: "grant-of-the-centre".to_owned() }).await.unwrap();
    let note = profile::notes::note("n1", "Allergic to wool");
    let queued = vault.edit_preference(id, &note, Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.note_visit(id, Uuid::new_v4(), at(2)).await.unwrap();
    let page = SnapshotPage {
        customers: vec![crate::support::arriving(crate::support::amelie())],
        erased: Vec::new(),
        next: Some("cursor-of-the-centre".to_owned()),
        feed: 3,
        total: 1,
    };
    vault.take_page("https://id.example.com", page, at(2)).await.unwrap();
    let traces = async || {
        let pages = decrypted(&till.data(), &till.key().await);
        ["Amélie", "durand", "33612345678", "MRM-4711", "wool", "grant-of-the"]
            .into_iter()
            .filter(|trace| contains(&pages, trace))
            .collect::<Vec<_>>()
    };
    assert_eq!(traces().await.len(), 6, "this test sees what is there");
    assert!(till.data().join("sealed").join(queued.id.to_string()).exists());
    // The centre has all of it by now.
    let mut fresh = crate::support::amelie();
    fresh.revision += 1;
    note.apply(&mut fresh.preferences, crate::support::provenance());
    vault.mark_sent(queued.id, &fresh, at(3)).await.unwrap();
    let visit = vault.visit_to_send(id).await.unwrap().unwrap();
    vault.visit_is_over(visit.id).await.unwrap();
    assert!(!till.data().join("sealed").join(queued.id.to_string()).exists());
    vault.purge_expired(in_days(31)).await.unwrap();
    assert_eq!(traces().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_saved_from_a_database_that_is_set_aside() {
    let till = Till::new();
    let vault = till.open().await;
    let id = enter(&vault, "new").await;
    vault.edit_preference(id, &edit("shoes", "41"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.note_visit(id, Uuid::new_v4(), at(2)).await.unwrap();
    vault.customer_is_refused(id, 409, &[candidate("a")]).await.unwrap();
    let gone = remember(&vault, &crate::support::amelie()).await;
    let act = Uuid::new_v4();
    vault.take_back(gone, act, None, at(3)).await.unwrap();
    vault.close().await;

    let (vault, rescued) = Vault::start_anew(&till.data(), &till.keyring, at(9)).await.unwrap();
    assert_eq!((rescued.edits, rescued.complete), (4, true));
    let [customer] = &vault.unsent().await.unwrap().customers[..] else { panic!() };
    assert_eq!((customer.refused, customer.candidates.len()), (Some(409), 1));
    assert_eq!(vault.search("zebra", 9, at(9)).await.unwrap().rows[0].id, customer.customer_id);
    assert!(vault.send_customer_again(customer.customer_id).await.unwrap());
    let fresh = zebra().profile("new", 1, zebra().act("new", None));
    vault.customer_is_made(customer.customer_id, &fresh, at(10)).await.unwrap();
    assert!(vault.next_to_send(customer.customer_id).await.unwrap().is_some());
    assert!(vault.visit_to_send(customer.customer_id).await.unwrap().is_some());
    let told = vault.customers_with_withdrawals().await.unwrap();
    assert_eq!(vault.withdrawal_of(told[0]).await.unwrap().unwrap().id, act);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_written_down_once_and_only_of_somebody_remembered() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &crate::support::amelie()).await;
    let visit = Uuid::new_v4();
    for _ in 0..2 {
        vault.note_visit(id, visit, at(5)).await.unwrap();
    }
    assert_eq!(counts(&vault).await, (1, 0));
    vault.visit_is_refused(visit, 404).await.unwrap();
    assert!(vault.visit_to_send(id).await.unwrap().is_none());
    let listed = vault.unsent().await.unwrap().visits;
    assert_eq!((listed[0].visit.refused, listed[0].visit.at), (Some(404), at(5)));
    assert_eq!(listed[0].name.as_ref().unwrap().display, "Amélie Durand");
    let nobody = vault.note_visit(Uuid::new_v4(), Uuid::new_v4(), at(5)).await;
    assert!(matches!(nobody, Err(vault::Error::NotRemembered)));
}
