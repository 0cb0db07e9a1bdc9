//! Customers and places to keep them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use profile::{
    Activity, ActivityKind, Author, Channel, CustomerKey, Loyalty, Name, NameOrder, Preference,
    PreferenceEdit, PreferenceValue, Profile, Provenance,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use uuid::Uuid;
use vault::{Arriving, By, Keyring, KeyringError, Vault, Why, WrittenLine, keyring::SecretStore};

/// The till itself, for a customer who has signed in.
pub(crate) const BY: By = By { who: None, why: Why::SignedIn, online: true };

/// Noon of a day in November, plus seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
}

pub(crate) fn in_days(days: i64) -> DateTime<Utc> {
    at(0) + TimeDelta::days(days)
}

pub(crate) fn key(subject: &str) -> CustomerKey {
    CustomerKey { issuer: "https://id.example.com".to_owned(), subject: subject.to_owned() }
}

pub(crate) fn provenance() -> Provenance {
    Provenance { channel: Channel::Web, at: at(-86_400), by: Author::Customer }
}

pub(crate) fn text(value: &str) -> PreferenceValue {
    PreferenceValue::Text(value.to_owned())
}

pub(crate) fn edit(key: &str, value: &str) -> PreferenceEdit {
    PreferenceEdit { group: "sizes".to_owned(), key: key.to_owned(), value: Some(text(value)) }
}

pub(crate) fn person(subject: &str, name: &str) -> Profile {
    Profile {
        subject: subject.to_owned(),
        revision: 7,
        name: Name { display: name.to_owned(), given: None, family: None, order: NameOrder::default() },
        email: None,
        email_verified: false,
        phone: None,
        locale: None,
        birthday: None,
        member_since: Some(at(-1_000_000)),
        identities: Vec::new(),
        loyalty: None,
        preferences: [(
            "sizes".to_owned(),
            [("shoes".to_owned(), Preference { value: text("38"), provenance: Some(provenance()) })].into(),
        )]
        .into(),
        consents: Vec::new(),
    }
}

pub(crate) fn amelie() -> Profile {
    Profile {
        email: Some("amelie.durand@example.com".to_owned()),
        phone: Some("+33612345678".to_owned()),
        loyalty: Some(Loyalty {
            number: "MRM-4711-0815".to_owned(),
            tier: Some("Gold".to_owned()),
            points: Some(1200),
            next_tier_at: Some(2000),
        }),
        ..person("amelie", "Amélie Durand")
    }
}

pub(crate) fn bought(title: &str) -> Activity {
    Activity {
        id: Uuid::new_v4().to_string(),
        at: at(-3600),
        channel: Channel::App,
        kind: ActivityKind::Purchase,
        title: title.to_owned(),
        brand: None,
        store: None,
        amount: None,
    }
}

/// A folder, and keys that survive the vault and the process.
pub(crate) struct Till {
    pub folder: TempDir,
    pub keyring: Keyring,
    _settled: Settled,
}

/// When dropped, waits until no connection is being closed any more: SQLCipher frees its locks when the process ends,
/// under the feet of a connection that still closes. Declared before any vault, it is dropped after all.
#[derive(Default)]
pub(crate) struct Settled;

impl Drop for Settled {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while connections() > 0 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Each connection has a thread of its own, named by sqlx. Elsewhere than on Linux nobody counts them.
fn connections() -> usize {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return 0 };
    threads
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok())
        .filter(|name| name.starts_with("sqlx-sqlite"))
        .count()
}

impl Till {
    pub(crate) fn new() -> Till {
        let folder = tempfile::tempdir().unwrap();
        let keyring = file_keyring(folder.path());
        Till { folder, keyring, _settled: Settled }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) async fn open(&self) -> Vault {
        Vault::open(&self.data(), &self.keyring).await.unwrap()
    }

    /// Does something with the database that no program would, while nobody has it open.
    pub(crate) async fn meddle(&self, sql: &'static str) {
        let options = SqliteConnectOptions::new()
            .filename(self.data().join("vault.db"))
            .pragma("key", format!("\"x'{}'\"", self.key().await))
            .foreign_keys(false);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The key of the database, in hexadecimal digits.
    pub(crate) async fn key(&self) -> String {
        self.keyring.get("database-key").await.unwrap().unwrap().expose_secret().to_owned()
    }
}

pub(crate) async fn remember(vault: &Vault, profile: &Profile) -> Uuid {
    vault.remember(&key(&profile.subject), profile, &[], None, in_days(30), at(0)).await.unwrap()
}

/// The lines of the audit trail after a number, of a till that has not sent any.
pub(crate) async fn lines(vault: &Vault, after: usize) -> Vec<WrittenLine> {
    vault.audit_batch("https://id.example.com").await.unwrap().lines.split_off(after)
}

/// As the centre tells of a customer.
pub(crate) fn arriving(profile: Profile) -> Arriving {
    Arriving { customer: key(&profile.subject), profile, remember: in_days(30).into() }
}

pub(crate) fn pin(digits: &str) -> SecretString {
    digits.to_owned().into()
}

pub(crate) fn file_keyring(folder: &Path) -> Keyring {
    Keyring::over(Arc::new(FileKeys(folder.join("keys"))), "test")
}

/// Keys in plain files: a keyring that a killed process and its successor share. For tests alone.
struct FileKeys(PathBuf);

impl FileKeys {
    fn file(&self, account: &str) -> PathBuf {
        self.0.join(account.replace('/', "_"))
    }
}

impl SecretStore for FileKeys {
    fn get(&self, account: &str, _: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        Ok(fs::read_to_string(self.file(account)).ok().map(Into::into))
    }

    fn set(&self, account: &str, secret: &SecretString, _: &AtomicBool) -> Result<(), KeyringError> {
        fs::create_dir_all(&self.0)
            .and_then(|()| fs::write(self.file("half"), secret.expose_secret()))
            .and_then(|()| fs::rename(self.file("half"), self.file(account)))
            .unwrap();
        Ok(())
    }

    fn delete(&self, account: &str, _: &AtomicBool) -> Result<(), KeyringError> {
        let _ = fs::remove_file(self.file(account));
        Ok(())
    }
}
