//! A new key for the database, also for a program that is killed while it makes one; and keys that store IT gives.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write, stdout},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use secrecy::SecretString;
use uuid::Uuid;
use vault::{AuditCheck, FileState, KeyFileError, KeyPlace, Keyring, OpenError, Vault};

use crate::support::{BY, Settled, Till, amelie, at, edit, file_keyring, key, lines, remember};

const FOLDER: &str = "VAULT_REKEYED";

async fn used_till() -> Till {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::from_u128(1), BY, at(1)).await.unwrap();
    vault.close().await;
    till
}

async fn is_all_there(vault: &Vault) {
    let id = vault.find(&key("amelie")).await.unwrap().unwrap();
    assert_eq!(vault.open_customer(id).await.unwrap().unwrap().waiting.len(), 1);
    assert_eq!(vault.search("amelie", 5, at(2)).await.unwrap().rows.len(), 1);
    assert!(matches!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_opens_the_database_and_the_old_one_does_not() {
    let till = used_till().await;
    let (old, before) = (till.key().await, fs::read(till.data().join("vault.db")).unwrap());
    let vault = Vault::rekey(&till.data(), &till.keyring, Some("IT"), at(2)).await.unwrap();
    is_all_there(&vault).await;
    let last = lines(&vault, 0).await.pop().unwrap().content;
    assert_eq!((last.act.as_str(), last.note.as_deref()), ("rekeyed", Some("by IT")));
    vault.close().await;
    assert_ne!(till.key().await, old);
    assert!(till.keyring.get("database-key/next").await.unwrap().is_none());
    let names = fs::read_dir(till.data()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("rekey")).collect();
    assert!(left.is_empty(), "{left:?}");
    let vault = till.open().await;
    is_all_there(&vault).await;
    vault.close().await;
    let new = fs::read(till.data().join("vault.db")).unwrap();
    let same = before.chunks(64).zip(new.chunks(64)).filter(|(before, new)| before == new).count();
    assert!(same < before.len() / 640, "{same} pieces are as they were");
    till.keyring.set("database-key", &SecretString::from(old)).await.unwrap();
    let why_not = Vault::open(&till.data(), &till.keyring).await.unwrap_err();
    assert!(matches!(why_not, OpenError::WrongKey), "{why_not:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_key_that_was_cut_off_is_finished_or_given_up_at_the_next_start() {
    // As a program leaves it that was killed after each step.
    for (has_copy, is_in_place, is_in_use, has_next) in [
        (false, false, false, true),
        (true, false, false, true),
        (true, true, false, true),
        (true, true, true, true),
        (true, true, true, false),
    ] {
        let (old, new) = (used_till().await, used_till().await);
        // The same memory under another key, as the copy would be.
        let rekeyed = Vault::rekey(&new.data(), &new.keyring, None, at(2)).await.unwrap();
        rekeyed.close().await;
        let data = old.data();
        let (old_key, new_key) = (old.key().await, new.key().await);
        let file = if is_in_place { "vault.db" } else { "vault-rekeyed.db" };
        if has_copy {
            fs::copy(new.data().join("vault.db"), data.join(file)).unwrap();
        }
        if has_next {
            old.keyring.set("database-key/next", &new_key.clone().into()).await.unwrap();
        }
        if is_in_use {
            old.keyring.set("database-key", &new_key.clone().into()).await.unwrap();
            fs::copy(new.data().join("vault.key-check"), data.join("vault.key-check")).unwrap();
        }
        fs::write(data.join("vault.rekeying"), "").unwrap();
        assert_eq!(Vault::examine(&data, &old.keyring).await.unwrap().state, FileState::Unclean);
        for _ in 0..2 {
            let vault = old.open().await;
            is_all_there(&vault).await;
            vault.close().await;
            assert_eq!(old.key().await, if is_in_place { new_key.clone() } else { old_key.clone() });
        }
        assert!(!data.join("vault-rekeyed.db").exists() && !data.join("vault.rekeying").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_program_while_it_changes_the_key_loses_nothing() {
    if let Ok(folder) = env::var(FOLDER) {
        return changes_keys(Path::new(&folder)).await;
    }
    let _settled = Settled;
    let till = used_till().await;
    let (mut chance, mut unfinished) = (ChaCha8Rng::seed_from_u64(4), 0);
    for kill in 0..40 {
        let test = "rekeying::killing_the_program_while_it_changes_the_key_loses_nothing";
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(FOLDER, till.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "begun"));
        // Whenever it comes, nothing may be lost: how long this takes decides only how much is seen.
        thread::sleep(Duration::from_millis(chance.random_range(0..250)));
        child.kill().unwrap();
        child.wait().unwrap();
        unfinished += u32::from(till.data().join("vault.rekeying").exists());
        let vault = Vault::open(&till.data(), &till.keyring)
            .await
            .unwrap_or_else(|error| panic!("kill {kill}: {error:?}"));
        is_all_there(&vault).await;
        vault.close().await;
    }
    println!("{unfinished} of 40 were cut off between two steps");
}

async fn changes_keys(folder: &Path) {
    println!();
    println!("begun");
    stdout().flush().unwrap();
    for n in 0..1000 {
        let vault = Vault::rekey(&folder.join("data"), &file_keyring(folder), None, at(n)).await.unwrap();
        vault.close().await;
    }
}

#[cfg(unix)]
fn private(file: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_file_is_used_where_it_is_asked_for_by_name_and_never_made() {
    use std::os::unix::fs::PermissionsExt;
    let till = Till::new();
    let file = till.folder.path().join("the.key");
    let keyring = Keyring::in_memory().with_key_at(KeyPlace::File(file.clone()));
    let why_not = async || match Vault::open(&till.data(), &keyring).await {
        Ok(vault) => {
            vault.close().await;
            None
        }
        Err(OpenError::KeyFile(why)) => Some(why),
        Err(error) => panic!("{error:?}"),
    };
    assert_eq!(why_not().await, Some(KeyFileError::Missing));
    assert!(!file.exists() && !till.data().join("vault.db").exists());
    private(&file, &format!("{}\n", "5a".repeat(32)));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(why_not().await, Some(KeyFileError::ReadableByOthers));
    assert!(!till.data().join("vault.db").exists());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(why_not().await, None);
    assert!(keyring.get("database-key").await.unwrap().is_none(), "the keyring has no key");

    fs::rename(&file, file.with_extension("gone")).unwrap();
    assert_eq!(why_not().await, Some(KeyFileError::Missing));
    private(&file, &"5b".repeat(32));
    assert!(matches!(Vault::open(&till.data(), &keyring).await, Err(OpenError::WrongKey)));
    private(&file, "short");
    assert!(matches!(Vault::open(&till.data(), &keyring).await, Err(OpenError::WrongKey)));
    private(&file, &"5a".repeat(32));
    let vault = Vault::rekey(&till.data(), &keyring, None, at(1)).await.unwrap();
    vault.close().await;
    assert_ne!(fs::read_to_string(&file).unwrap().trim(), "5a".repeat(32));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(why_not().await, None);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_was_not_given_opens_nothing_and_is_never_changed() {
    let till = Till::new();
    let without = Keyring::in_memory().with_key_at(KeyPlace::Credential(None));
    let why_not = Vault::open(&till.data(), &without).await.unwrap_err();
    assert!(matches!(why_not, OpenError::KeyFile(KeyFileError::Missing)), "{why_not:?}");

    let file = till.folder.path().join("countersign-vault-key");
    private(&file, &"5a".repeat(32));
    let given = Keyring::in_memory().with_key_at(KeyPlace::Credential(Some(file.clone())));
    let vault = Vault::open(&till.data(), &given).await.unwrap();
    let id = remember(&vault, &amelie()).await;
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::from_u128(1), BY, at(1)).await.unwrap();
    vault.close().await;
    let why_not = Vault::rekey(&till.data(), &given, None, at(1)).await.unwrap_err();
    assert!(matches!(why_not, OpenError::KeyFile(KeyFileError::Given)), "{why_not:?}");
    let (vault, rescued) = Vault::start_anew(&till.data(), &given, at(2)).await.unwrap();
    assert_eq!((rescued.edits, rescued.complete), (1, true));
    vault.close().await;
    assert_eq!(fs::read_to_string(&file).unwrap(), "5a".repeat(32));
}
