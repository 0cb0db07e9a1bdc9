//! The file tells nothing to who has no key.

use std::fs;

use vault::{OpenError, Vault};

use crate::support::{BY, Till, amelie, at, edit, pin, remember};

#[tokio::test(flavor = "multi_thread")]
async fn no_file_has_plain_text_of_a_customer_open_or_closed() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.edit_preference(id, &edit("shoes", "Forty-two"), uuid::Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.add_associate("Kimberley", &pin("4711"), at(0)).await.unwrap();
    for closed in [false, true] {
        if closed {
            vault.close().await;
        }
        for entry in fs::read_dir(till.data()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for trace in [
                "Am\u{e9}lie",
                "amelie",
                "Durand",
                "durand",
                "33612345678",
                "MRM-4711",
                "Forty",
                "Kimberley",
                "SQLite",
                "CREATE",
            ] {
                let is_there = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
                assert!(!is_there, "{trace} in {}", path.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_says_that_it_encrypts() {
    let till = Till::new();
    let engine = till.open().await.engine().clone();
    assert!(engine.cipher_version.starts_with("4."), "{engine:?}");
    assert!(engine.sqlite_version.starts_with("3."), "{engine:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_folder_is_its_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let till = Till::new();
    till.open().await;
    assert_eq!(fs::metadata(till.data()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_program_at_a_time_has_the_folder() {
    let till = Till::new();
    let vault = till.open().await;
    assert!(matches!(Vault::open(&till.data(), &till.keyring).await, Err(OpenError::InUse)));
    vault.close().await;
    till.open().await;
}
