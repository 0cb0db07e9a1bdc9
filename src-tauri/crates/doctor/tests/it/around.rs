//! What is broken at the till itself.

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use doctor::{Check, Code, Screen, Screens};
use secrecy::SecretString;
use vault::{Keyring, KeyringError, Vault, keyring::SecretStore};

use crate::{
    stand::{Running, service},
    till::{Set, at},
};

async fn well() -> (Running, Set) {
    let (running, issuer) = service(|_, _| {}).await;
    (running, at(&issuer))
}

/// A till that was used, and is closed.
async fn used() -> (Running, Set) {
    let (running, set) = well().await;
    Vault::open(&set.till.memory.folder, &set.till.memory.keyring).await.unwrap().close().await;
    (running, set)
}

fn line(report: &doctor::Report, check: Check) -> Code {
    report.lines().iter().find(|line| line.check == check).unwrap().code
}

/// A keyring that fails in one way, or forgets at once.
struct Failing(Option<KeyringError>);

impl SecretStore for Failing {
    fn get(&self, _: &str, _: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        self.0.map_or(Ok(None), Err)
    }

    fn set(&self, _: &str, _: &SecretString, _: &AtomicBool) -> Result<(), KeyringError> {
        self.0.map_or(Ok(()), Err)
    }

    fn delete(&self, _: &str, _: &AtomicBool) -> Result<(), KeyringError> {
        self.0.map_or(Ok(()), Err)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_fails_is_the_cause_and_the_database_is_not_asked() {
    let (_running, mut set) = used().await;
    for (failure, code) in [
        (Some(KeyringError::Missing), Code::KeyringMissing),
        (Some(KeyringError::Locked), Code::KeyringLocked),
        (Some(KeyringError::Silent), Code::KeyringSilent),
        (Some(KeyringError::Other), Code::KeyringFails),
        (None, Code::KeyringFails),
    ] {
        set.till.memory.keyring = Keyring::over(Arc::new(Failing(failure)), "test");
        let report = set.finds(code).await;
        assert_eq!(line(&report, Check::Database), Code::NotTried, "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_in_the_keyring_is_taken_away() {
    let (_running, set) = well().await;
    assert_eq!(set.report().await.exit_code(), 0);
    assert!(set.till.memory.keyring.get("doctor-probe").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_database_stays_exactly_as_it_is() {
    let (_running, set) = used().await;
    let before = files(&set.till.memory.folder);
    let report = set.report().await;
    assert_eq!((report.exit_code(), line(&report, Check::Database)), (0, Code::DatabaseGood), "{report}");
    assert_eq!(files(&set.till.memory.folder), before);
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_found() {
    let (_running, set) = used().await;
    let file = set.till.memory.folder.join("vault.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xA5);
    fs::write(&file, &bytes).unwrap();
    set.finds(Code::DatabaseDamaged).await;
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_could_not_read_of_an_older_database_is_told_until_somebody_takes_it_away() {
    let (_running, set) = used().await;
    let unread = set.till.memory.folder.join("sealed-unread");
    fs::create_dir(&unread).unwrap();
    let file = unread.join("0197a3a0-0000-7000-8000-000000000001");
    fs::write(&file, "{}").unwrap();
    set.finds(Code::DatabaseSealedUnread).await;
    fs::remove_file(file).unwrap();
    assert_eq!(line(&set.report().await, Check::Database), Code::DatabaseGood);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_key_is_gone_or_another_ones_is_found() {
    let (_running, set) = used().await;
    let keyring = &set.till.memory.keyring;
    keyring.set("database-key", &"5".repeat(64).into()).await.unwrap();
    set.finds(Code::DatabaseWrongKey).await;
    keyring.delete("database-key").await.unwrap();
    set.finds(Code::DatabaseWrongKey).await;
    assert!(keyring.get("database-key").await.unwrap().is_none(), "no key was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_of_a_database_that_a_program_has_open() {
    let (_running, set) = well().await;
    let memory = &set.till.memory;
    let vault = Vault::open(&memory.folder, &memory.keyring).await.unwrap();
    let report = set.report().await;
    assert_eq!((report.exit_code(), line(&report, Check::Database)), (0, Code::DatabaseInUse), "{report}");
    vault.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_that_has_the_database_open_looks_into_it() {
    let (_running, mut set) = well().await;
    let memory = &mut set.till.memory;
    memory.open = Some(Vault::open(&memory.folder, &memory.keyring).await.unwrap());
    let report = set.report().await;
    assert_eq!((report.exit_code(), line(&report, Check::Database)), (0, Code::DatabaseGood), "{report}");
    set.till.memory.open.unwrap().close().await;
}

/// Not even root makes a file there.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_cannot_be_written_is_found_before_what_it_breaks() {
    let (_running, mut set) = well().await;
    set.till.data = "/proc/self/task".into();
    set.finds(Code::DiskNotWritable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_without_room_for_the_code_is_a_warning() {
    let (_running, mut set) = well().await;
    set.till.screens = Screens::Known(vec![Screen { width: 800, height: 600 }]);
    set.finds(Code::DisplaySmall).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scanner_is_a_warning_and_no_more() {
    let (_running, set) = well().await;
    fs::write(&set.till.devices, "N: Name=\"Keyboard\"\nH: Handlers=kbd event0\n").unwrap();
    set.finds(Code::ScannerNone).await;
    assert!(set.folder.path().is_dir());
}
