//! What store IT and the privacy officer do: check, export, back up.

use std::fs;

use uuid::Uuid;
use vault::{AuditAct, AuditCheck, AuditLine, Error, OpenError, Unsent, Vault, Why};

use crate::{
    pages::contains,
    support::{BY, Till, amelie, at, bought, edit, in_days, key, lines, person, remember},
};

/// Longer than what is looked at page by page before a file is opened.
const LONG: usize = 17 << 20;

async fn till_with_amelie() -> (Till, Vault, Uuid) {
    let till = Till::new();
    let vault = till.open().await;
    let id = vault
        .remember(&key("amelie"), &amelie(), &[bought("Rain coat")], None, in_days(30), at(0))
        .await
        .unwrap();
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::from_u128(1), BY, at(1)).await.unwrap();
    let line = AuditLine {
        who: Some(Uuid::new_v4()),
        whom: key("amelie"),
        act: AuditAct::Opened,
        why: Why::SignedIn,
        online: true,
    };
    vault.audit(line, at(2)).await.unwrap();
    remember(&vault, &person("bo", "Bo Li")).await;
    (till, vault, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_found_by_what_they_know_of_themselves_and_by_nothing_else() {
    let (_till, vault, id) = till_with_amelie().await;
    let id = id.to_string();
    for words in ["amelie", "MRM-4711-0815", "Amelie.Durand@example.com", " amelie ", &id] {
        assert_eq!(vault.look_up(words).await.unwrap(), [key("amelie")], "{words}");
    }
    for words in ["", "Amélie", "durand", "%", "amelie.durand@example.org"] {
        assert!(vault.look_up(words).await.unwrap().is_empty(), "{words}");
    }
    vault.forget(id.parse().unwrap(), Unsent::Discard, at(3)).await.unwrap();
    assert_eq!(vault.look_up("amelie").await.unwrap(), [key("amelie")], "the trail still names her");
    vault.erase(&key("amelie"), Why::ErasureRequest, None, at(4)).await.unwrap();
    assert!(vault.look_up("amelie").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_all_that_is_kept_of_the_customer_in_the_form_that_is_published_and_leaves_a_line() {
    let (_till, vault, _) = till_with_amelie().await;
    let export = vault.export(&key("amelie"), Some("DPO"), at(3)).await.unwrap();
    let text = serde_json::to_string(&export).unwrap();
    for kept in ["Amélie Durand", "+33612345678", "Rain coat", "\"39\"", "MRM-4711-0815", "signed_in"] {
        assert!(text.contains(kept), "{kept}");
    }
    assert!(!text.contains("Bo Li") && !text.contains("token"));
    let schema = include_str!("../../../../../assets/customer-export.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let document = serde_json::to_value(&export).unwrap();
    let faults: Vec<String> = validator.iter_errors(&document).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, Vec::<String>::new());
    let nobody = serde_json::json!({ "schema": 1 });
    assert!(!validator.is_valid(&nobody));

    let trail = lines(&vault, 0).await;
    let line = &trail.last().unwrap().content;
    assert_eq!((line.act.as_str(), line.note.as_deref()), ("exported", Some("by DPO")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_encrypted_private_and_opens_in_the_place_of_the_database() {
    let (till, vault, id) = till_with_amelie().await;
    let file = till.folder.path().join("backup.db");
    let bytes = vault.backup(&file, Some("IT"), at(3)).await.unwrap();
    let copy = fs::read(&file).unwrap();
    assert_eq!(bytes, u64::try_from(copy.len()).unwrap());
    for trace in ["amelie", "SQLite", "CREATE"] {
        assert!(!contains(&copy, trace), "{trace}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(matches!(vault.backup(&file, None, at(3)).await, Err(Error::File(_))), "nothing is overwritten");
    assert_eq!(fs::read(&file).unwrap(), copy);

    // What came after the backup is not in it.
    vault.erase(&key("amelie"), Why::ErasureRequest, None, at(4)).await.unwrap();
    vault.close().await;
    fs::copy(&file, till.data().join("vault.db")).unwrap();
    let vault = till.open().await;
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.name, copy.waiting.len()), (amelie().name, 1));
    assert_eq!(vault.search("bo", 5, at(4)).await.unwrap().rows.len(), 1);
    let trail = lines(&vault, 0).await;
    assert_eq!(trail.last().unwrap().content.act, "backed_up");
    assert!(matches!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_all_counts_what_is_there_and_what_is_wrong() {
    let (till, vault, _) = till_with_amelie().await;
    let sound = vault.soundness().await.unwrap();
    assert!(sound.is_sound(), "{sound:?}");
    assert_eq!((sound.customers, sound.edits), (2, 1));
    vault.close().await;
    till.meddle("UPDATE copy SET profile = '{}' WHERE customer = 2; DELETE FROM customer WHERE seq = 1")
        .await;
    let vault = till.open().await;
    let found = vault.soundness().await.unwrap();
    assert!(!found.is_sound());
    assert_eq!((found.unreadable, found.orphans, found.damaged_rows), (1, 2, 0), "{found:?}");
    remember(&vault, &person("cy", "Bo Cy")).await;
    let listed = vault.recent(5, at(1)).await.unwrap();
    assert_eq!(listed.len(), 1, "whoever cannot be read keeps nobody else out");
    assert_eq!(vault.search("bo", 5, at(1)).await.unwrap().rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_of_a_long_file_is_found_after_it_was_opened() {
    let (till, vault, _) = till_with_amelie().await;
    let long = "x".repeat(LONG);
    let more =
        vault.remember(&key("long"), &person("long", "Long"), &[], Some(&long), in_days(9), at(0)).await;
    more.unwrap();
    vault.check_in_background().await.unwrap();
    vault.close().await;
    let file = till.data().join("vault.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096 + 100;
    bytes[middle..middle + 64].fill(0xA5);
    fs::write(&file, &bytes).unwrap();
    let vault = till.open().await;
    assert!(matches!(vault.check_in_background().await, Err(Error::Damaged)));
    let found = vault.soundness().await.unwrap();
    assert_eq!((found.damaged_pages, found.is_sound()), (1, false));
    // What the till alone has is sound, and what can be read is.
    vault.check().await.unwrap();
    assert_eq!(vault.queue().await.unwrap().waiting, 1);
    vault.close().await;
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_check_keeps_nobody_from_being_forgotten() {
    let till = Till::new();
    let vault = till.open().await;
    for n in 0..300 {
        remember(&vault, &person(&n.to_string(), &format!("Person {n}"))).await;
    }
    let looking = tokio::spawn({
        let vault = vault.clone();
        async move {
            for _ in 0..3 {
                vault.check_in_background().await.unwrap();
            }
        }
    });
    for n in 0..100 {
        let id = vault.find(&key(&n.to_string())).await.unwrap().unwrap();
        vault.forget(id, Unsent::Refuse, at(1)).await.unwrap();
    }
    looking.await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closing_waits_for_no_check_to_come_to_its_end() {
    let till = Till::new();
    let vault = till.open().await;
    for n in 0..200 {
        remember(&vault, &person(&n.to_string(), &format!("Person {n}"))).await;
    }
    let looking = tokio::spawn({
        let vault = vault.clone();
        async move { while vault.check_in_background().await.is_ok() {} }
    });
    tokio::task::yield_now().await;
    vault.close().await;
    looking.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_another_till_is_told_from_a_damaged_one() {
    let (till, vault, _) = till_with_amelie().await;
    vault.close().await;
    let other = Till::new();
    other.open().await.close().await;
    let foreign = fs::read(other.data().join("vault.db")).unwrap();
    fs::write(till.data().join("vault.db"), &foreign).unwrap();
    fs::copy(other.data().join("vault.key-check"), till.data().join("vault.key-check")).unwrap();
    let why_not = Vault::open(&till.data(), &till.keyring).await.unwrap_err();
    assert!(matches!(why_not, OpenError::WrongKey), "{why_not:?}");
    assert_eq!(fs::read(till.data().join("vault.db")).unwrap(), foreign);
}
