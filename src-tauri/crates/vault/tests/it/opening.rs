//! Wrong keys, damaged files, starting anew.

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use secrecy::SecretString;
use uuid::Uuid;
use vault::{Keyring, KeyringError, OpenError, Vault, keyring::SecretStore};

use crate::support::{BY, Till, amelie, at, edit, remember};

async fn why_not(till: &Till) -> OpenError {
    Vault::open(&till.data(), &till.keyring).await.unwrap_err()
}

/// A till with a customer and three edits in the queue, closed.
async fn used_till() -> (Till, Vec<Uuid>) {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let mut edits = Vec::new();
    for value in ["39", "40", "41"] {
        edits.push(
            vault.edit_preference(id, &edit("shoes", value), Uuid::new_v4(), BY, at(1)).await.unwrap().id,
        );
    }
    vault.close().await;
    (till, edits)
}

fn damage(file: &Path, from: usize) {
    let mut bytes = fs::read(file).unwrap();
    let to = bytes.len().min(from + 64);
    bytes[from..to].fill(0xA5);
    fs::write(file, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_or_another_key_is_a_wrong_key_and_none_is_made_in_its_place() {
    let (till, _) = used_till().await;
    let file = till.data().join("vault.db");
    let before = fs::read(&file).unwrap();
    let key: SecretString = till.key().await.into();
    for stored in [None, Some("5".repeat(64)), Some("not a key".to_owned())] {
        till.keyring.delete("database-key").await.unwrap();
        if let Some(stored) = &stored {
            till.keyring.set("database-key", &stored.clone().into()).await.unwrap();
        }
        assert!(matches!(why_not(&till).await, OpenError::WrongKey), "{stored:?}");
        assert_eq!(till.keyring.get("database-key").await.unwrap().is_some(), stored.is_some());
    }
    assert_eq!(fs::read(&file).unwrap(), before);
    till.keyring.set("database-key", &key).await.unwrap();
    assert_eq!(till.open().await.count().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_damaged_page_is_seen_when_opening_and_the_file_stays_as_it_is() {
    let (till, _) = used_till().await;
    let file = till.data().join("vault.db");
    let sound = fs::read(&file).unwrap();
    for page in 0..sound.len() / 4096 {
        fs::write(&file, &sound).unwrap();
        damage(&file, page * 4096 + 100);
        let damaged = fs::read(&file).unwrap();
        assert!(matches!(why_not(&till).await, OpenError::Damaged), "page {page}");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
    for (what, bytes) in [("salt", vec![0; 16]), ("everything", vec![7; 9000]), ("text", b"hello".to_vec())] {
        fs::write(&file, &bytes).unwrap();
        assert!(matches!(why_not(&till).await, OpenError::Damaged), "{what}");
    }
    fs::write(&file, &sound[..sound.len() / 2]).unwrap();
    assert!(matches!(why_not(&till).await, OpenError::Damaged), "truncated");
    fs::write(&file, &sound).unwrap();
    till.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_anew_keeps_the_old_file_untouched_and_saves_the_queue() {
    let (till, edits) = used_till().await;
    let (data, old_key) = (till.data(), till.key().await);
    let sound = fs::read(data.join("vault.db")).unwrap();

    let (vault, rescued) = Vault::start_anew(&data, &till.keyring, at(1)).await.unwrap();
    assert_eq!((rescued.edits, rescued.complete), (3, true));
    let kept = rescued.kept.unwrap();
    assert_eq!(fs::read(&kept).unwrap(), sound);
    assert!(
        kept.file_name().unwrap().to_str().unwrap().starts_with("vault-kept-2026-11-18T"),
        "{}",
        kept.display()
    );
    assert_eq!(vault.count().await.unwrap(), 0);
    assert_eq!(vault.queue().await.unwrap().waiting, 3);
    let id = remember(&vault, &amelie()).await;
    assert_eq!(vault.next_to_send(id).await.unwrap().unwrap().id, edits[0]);
    let waiting: Vec<_> =
        vault.open_customer(id).await.unwrap().unwrap().waiting.iter().map(|edit| edit.id).collect();
    assert_eq!(waiting, edits);
    vault.close().await;

    assert_ne!(till.key().await, old_key);
    till.open().await.close().await;
    let (_, again) = Vault::start_anew(&data, &till.keyring, at(1)).await.unwrap();
    assert_ne!(again.kept.unwrap(), kept, "a kept file is never overwritten");
    assert_eq!(fs::read(kept).unwrap(), sound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_of_a_damaged_queue_is_saved() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    for n in 0..60 {
        let wordy = edit("notes", &format!("{n} {}", "long ".repeat(700)));
        vault.edit_preference(id, &wordy, Uuid::new_v4(), BY, at(n)).await.unwrap();
    }
    vault.close().await;
    let file = till.data().join("vault.db");
    // The queue fills most of the file; damage a page two thirds into it.
    let pages = fs::metadata(&file).unwrap().len() / 4096;
    damage(&file, usize::try_from(pages * 2 / 3).unwrap() * 4096 + 100);
    assert!(matches!(why_not(&till).await, OpenError::Damaged));

    let (vault, rescued) = Vault::start_anew(&till.data(), &till.keyring, at(100)).await.unwrap();
    assert!(!rescued.complete);
    assert!((30..60).contains(&rescued.edits), "{rescued:?}");
    assert_eq!(vault.queue().await.unwrap().waiting, rescued.edits);
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_anew_without_the_key_says_that_the_queue_is_lost_to_it() {
    let (till, _) = used_till().await;
    till.keyring.delete("database-key").await.unwrap();
    let (vault, rescued) = Vault::start_anew(&till.data(), &till.keyring, at(1)).await.unwrap();
    assert_eq!((rescued.edits, rescued.complete), (0, false));
    assert!(rescued.kept.unwrap().exists());
    vault.close().await;
    till.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_anew_that_was_cut_off_is_finished_at_the_next_start() {
    // As a program leaves it that was killed after each step.
    for (moved_files, removed_key, marker) in [
        (0, false, "moving"),
        (1, false, "moving"),
        (2, false, "moving"),
        (2, true, "moving"),
        (2, true, "moved"),
    ] {
        let (till, edits) = used_till().await;
        let data = till.data();
        let key = till.key().await.into();
        till.keyring.set("database-key/vault-kept-X", &key).await.unwrap();
        for name in [".key-check", ".db"].iter().take(moved_files) {
            fs::rename(data.join(format!("vault{name}")), data.join(format!("vault-kept-X{name}"))).unwrap();
        }
        if removed_key {
            till.keyring.delete("database-key").await.unwrap();
        }
        fs::write(data.join("vault.starting-anew"), format!("vault-kept-X {marker}")).unwrap();

        let vault = till.open().await;
        let customer = vault.customers_waiting().await.unwrap()[0];
        assert_eq!(
            (vault.next_to_send(customer).await.unwrap().unwrap().id, vault.queue().await.unwrap().waiting),
            (edits[0], 3),
            "{moved_files} {marker}"
        );
        assert_eq!(vault.count().await.unwrap(), 0);
        vault.close().await;
        assert_eq!(till.open().await.queue().await.unwrap().waiting, 3);
    }
}

/// A keyring that fails in one way.
struct Failing(KeyringError);

impl SecretStore for Failing {
    fn get(&self, _: &str, _: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        Err(self.0)
    }

    fn set(&self, _: &str, _: &SecretString, _: &AtomicBool) -> Result<(), KeyringError> {
        panic!("a key was made without a clear answer that there is none")
    }

    fn delete(&self, _: &str, _: &AtomicBool) -> Result<(), KeyringError> {
        panic!("something was removed from a keyring that does not answer")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_fails_stops_everything_and_no_file_is_written() {
    for why in [KeyringError::Missing, KeyringError::Locked, KeyringError::Silent, KeyringError::Other] {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::over(Arc::new(Failing(why)), "test");
        let answer = Vault::open(folder.path(), &keyring).await;
        assert!(matches!(answer, Err(OpenError::Keyring(error)) if error == why));
        assert!(!folder.path().join("vault.db").exists());
    }
}
