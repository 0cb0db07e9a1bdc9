//! Databases of earlier versions. For each schema that was released lies one in `tests/fixtures`, named after its newest
//! migration, made by the version of that time and encrypted with [`KEY`].

use std::{fs, path::PathBuf};

use profile::NewCustomer;
use uuid::Uuid;
use vault::{
    AuditAct, AuditCheck, AuditLine, FeedChange, FeedPlace, OpenError, SnapshotPage, Unlock, Vault, Why,
};

use crate::{
    new_customers::zebra,
    support::{BY, Till, amelie, at, bought, edit, in_days, key, lines, person, pin},
};

const ISSUER: &str = "https://id.example.com";

/// Of the fixtures alone.
const KEY: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Fills a vault with some of everything. What an earlier version did not have is not in its fixture.
async fn fill(vault: &Vault) {
    let until = in_days(3650);
    let amelie = amelie();
    let id = vault
        .remember(&key("amelie"), &amelie, &[bought("Trail jacket")], Some("older"), until, at(0))
        .await
        .unwrap();
    vault.remember(&key("bo"), &person("bo", "Bo Li"), &[], None, until, at(1)).await.unwrap();
    for (n, (what, value)) in [("shoes", "39"), ("shirts", "M"), ("shoes", "40")].into_iter().enumerate() {
        let id_of_edit = Uuid::from_u128(u128::try_from(n).unwrap());
        vault.edit_preference(id, &edit(what, value), id_of_edit, BY, at(2)).await.unwrap();
    }
    vault.mark_refused(Uuid::from_u128(1), 422, None).await.unwrap();
    let robin = vault.add_associate("Robin", &pin("4711"), at(0)).await.unwrap();
    for (subject, act, why) in [
        ("amelie", AuditAct::Opened, Why::SignedIn),
        ("bo", AuditAct::Opened, Why::OpenedByAssociate),
        ("guest", AuditAct::Refused, Why::SignedIn),
        ("amelie", AuditAct::Edited, Why::SignedIn),
    ] {
        let line = AuditLine { who: Some(robin), whom: key(subject), act, why, online: true };
        vault.audit(line, at(3)).await.unwrap();
    }
    vault.begin_refresh(id, at(4)).await.unwrap();
    newer(vault).await;
}

/// What waits besides edits, and how far the till has followed the centre. In fixtures from [`NEWER`] on.
async fn newer(vault: &Vault) {
    let until = in_days(3650);
    let new = NewCustomer { until, ..zebra() };
    let zebra = vault.add_customer(&key("zebra"), &new, None, at(5)).await.unwrap();
    vault.note_visit(zebra, Uuid::from_u128(11), at(6)).await.unwrap();
    let gone =
        vault.remember(&key("gone"), &person("gone", "Gil Gone"), &[], None, until, at(5)).await.unwrap();
    vault.edit_preference(gone, &edit("shoes", "44"), Uuid::from_u128(12), BY, at(6)).await.unwrap();
    vault.take_back(gone, Uuid::from_u128(13), None, at(7)).await.unwrap();
    let page = SnapshotPage {
        customers: Vec::new(),
        erased: Vec::new(),
        next: Some("amelie".to_owned()),
        feed: 4,
        total: 2,
    };
    vault.take_page(ISSUER, page, at(8)).await.unwrap();
    vault
        .take_changes(ISSUER, vec![FeedChange::Erased { subject: "erased".to_owned() }], 5, at(9))
        .await
        .unwrap();
}

/// The version whose fixture was the first with [`newer`] things in it.
const NEWER: &str = "20261130110000";

/// All of them are there, and the till goes on where it was.
async fn has_newer(vault: &Vault) {
    let list = vault.unsent().await.unwrap();
    let [new] = &list.customers[..] else { panic!("{list:?}") };
    assert_eq!(new.new.as_ref().unwrap().email, zebra().email);
    assert_eq!((list.visits.len(), list.visits[0].visit.id), (1, Uuid::from_u128(11)));
    let gone = vault.customers_with_withdrawals().await.unwrap();
    assert_eq!(vault.withdrawal_of(gone[0]).await.unwrap().unwrap().id, Uuid::from_u128(13));
    assert_eq!(vault.next_to_send(gone[0]).await.unwrap().unwrap().id, Uuid::from_u128(12));
    let place = FeedPlace::Snapshot { cursor: "amelie".to_owned(), done: 0 };
    assert_eq!(vault.feed(ISSUER).await.unwrap(), place);
    assert_eq!(vault.erased(ISSUER).await.unwrap(), ["erased"]);
}

/// Makes the fixture of this version, when its schema is about to be released:
/// `VAULT_FIXTURE=20261125090000 cargo nextest run -p vault -E 'test(fixture)'`.
#[tokio::test(flavor = "multi_thread")]
async fn a_fixture_is_made_where_somebody_asks_for_it() {
    let Ok(version) = std::env::var("VAULT_FIXTURE") else { return };
    let till = Till::new();
    till.keyring.set("database-key", &KEY.to_owned().into()).await.unwrap();
    let vault = till.open().await;
    fill(&vault).await;
    vault.close().await;
    fs::create_dir_all(fixtures()).unwrap();
    fs::copy(till.data().join("vault.db"), fixtures().join(version).with_extension("db")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_every_version_that_was_released_is_brought_to_this_one_with_all_that_is_in_it() {
    let mut seen = 0;
    for entry in fs::read_dir(fixtures()).unwrap() {
        let fixture = entry.unwrap().path();
        let is_newer = fixture.file_stem().is_some_and(|version| NEWER <= version.to_str().unwrap());
        let till = Till::new();
        till.keyring.set("database-key", &KEY.to_owned().into()).await.unwrap();
        fs::create_dir_all(till.data()).unwrap();
        fs::copy(&fixture, till.data().join("vault.db")).unwrap();
        for _ in 0..2 {
            let vault = till.open().await;
            let found = vault.search("amel", 5, at(5)).await.unwrap().rows;
            assert_eq!(found.len(), 1, "{}", fixture.display());
            let copy = vault.open_customer(found[0].id).await.unwrap().unwrap();
            assert_eq!(copy.customer, key("amelie"));
            assert_eq!((copy.activity.len(), copy.older.as_deref()), (1, Some("older")));
            assert_eq!((copy.waiting.len(), copy.waiting[0].id), (3, Uuid::from_u128(0)));
            let queue = vault.queue().await.unwrap();
            let (waiting, copies) = if is_newer { (5, 3) } else { (2, 2) };
            assert_eq!((queue.waiting, queue.refused), (waiting, 1));
            assert_eq!(vault.count().await.unwrap(), copies);
            if is_newer {
                has_newer(&vault).await;
            }
            let robin = vault.associates().await.unwrap().remove(0).id;
            assert_eq!(vault.unlock(robin, &pin("4711"), at(5)).await.unwrap(), Unlock::Opened);
            assert!(!vault.begin_refresh(found[0].id, at(6)).await.unwrap());
            assert!(
                matches!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines } if 4 <= lines)
            );
            let trail = lines(&vault, 0).await;
            let acts: Vec<_> = trail.iter().take(4).map(|line| line.content.act.as_str()).collect();
            assert_eq!(acts, ["opened", "opened", "refused", "edited"]);
            let whom: Vec<_> = trail.iter().take(4).map(|line| line.content.whom.unwrap()).collect();
            assert_eq!(whom[0], whom[3]);
            assert!(whom[0] != whom[1] && whom[1] != whom[2]);
            vault.close().await;
        }
        seen += 1;
    }
    assert!(1 < seen);
}

/// A till with the database of the first version.
async fn first_version() -> Till {
    let till = Till::new();
    till.keyring.set("database-key", &KEY.to_owned().into()).await.unwrap();
    fs::create_dir_all(till.data()).unwrap();
    fs::copy(fixtures().join("20261125090000.db"), till.data().join("vault.db")).unwrap();
    till
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_named_a_customer_are_written_anew_and_the_trail_says_so() {
    for (meddling, state) in [
        (None, "whole 4:"),
        (Some("DROP TRIGGER audit_line_is_never_changed; UPDATE audit_line SET at = 9"), "broken 4:"),
    ] {
        let till = first_version().await;
        if let Some(meddling) = meddling {
            till.meddle(meddling).await;
        }
        let vault = till.open().await;
        let last = lines(&vault, 4).await;
        assert_eq!(last.len(), 1);
        assert_eq!((last[0].content.act.as_str(), last[0].content.whom), ("carried_over", None));
        assert!(last[0].content.note.as_ref().unwrap().starts_with(state), "{last:?}");
        assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 5 });
        vault.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_new_form_would_not_be_sound_is_left_as_it_was() {
    let till = first_version().await;
    till.meddle("DELETE FROM customer").await;
    let file = till.data().join("vault.db");
    let before = fs::read(&file).unwrap();
    let why_not = Vault::open(&till.data(), &till.keyring).await.unwrap_err();
    assert!(matches!(why_not, OpenError::NotUpgraded(_)), "{why_not:?}");
    assert_eq!(fs::read(&file).unwrap(), before);
    assert!(!till.data().join("vault-trial.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_was() {
    let till = first_version().await;
    till.meddle(
        "INSERT INTO _sqlx_migrations VALUES (99999999999999, 'later', CURRENT_TIMESTAMP, 1, x'00', 1)",
    )
    .await;
    let file = till.data().join("vault.db");
    let before = fs::read(&file).unwrap();
    let why_not = Vault::open(&till.data(), &till.keyring).await.unwrap_err();
    assert!(matches!(why_not, OpenError::OtherVersion), "{why_not:?}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_left_that_was_killed_while_it_tried_the_new_form_is_removed() {
    let till = first_version().await;
    let trial = till.data().join("vault-trial.db");
    fs::write(&trial, "half a copy").unwrap();
    fs::write(trial.with_extension("db-wal"), "and its log").unwrap();
    till.open().await.close().await;
    assert!(!trial.exists() && !trial.with_extension("db-wal").exists());
}
