//! The centre: the service as it is, on a file of its own and on loopback, with a clock that the simulation holds.

use std::{path::Path, sync::Arc};

use central::{Clock, Demo, ManualClock, Options, Server};
use chrono::{DateTime, TimeDelta, Utc};
use directory::{Authority, Customer, Discovered, Error, ProfileSource, SourceConfig, StoreApi};
use profile::{PreferenceEdit, Profile};
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use uuid::Uuid;

/// The name that stands in the keys of customers. The service is at another port each time.
pub(crate) const ISSUER: &str = "https://id.example.com";
const STORE: &str = "northquay";
/// The clients of the store's tills.
pub(crate) const TILLS: [&str; 3] = ["till-northquay-1", "till-northquay-2", "till-northquay-3"];
/// What a customer uses at home, for the centre a client like others.
const ELSEWHERE: &str = "till-oldtown-1";
const CUSTOMERS: u32 = 4;
/// A public key (RFC 7515, A.3.1): who has one may ask for themselves. Nobody signs here.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// When everything begins.
pub(crate) fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

/// Somebody whom the store remembers.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) subject: String,
}

/// A centre as it is at the beginning, made once.
pub(crate) struct Template {
    folder: TempDir,
    pub(crate) customers: Vec<Known>,
}

impl Template {
    pub(crate) async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Some(Demo { customers: CUSTOMERS, seed: 1 });
        let clock = Arc::new(ManualClock::new(beginning()));
        serve(folder.path(), clock, demo).await.stop().await;
        // Nobody else has the file now.
        let mut file = database(folder.path(), false).await;
        let customers = customers(&mut file).await;
        agree(&mut file, &customers).await;
        sqlx::Connection::close(file).await.unwrap();
        Self { folder, customers }
    }
}

async fn customers(file: &mut SqliteConnection) -> Vec<Known> {
    let subjects = sqlx::query_scalar("SELECT subject FROM customers ORDER BY subject");
    let subjects: Vec<String> = subjects.fetch_all(file).await.unwrap();
    subjects.into_iter().map(|subject| Known { subject }).collect()
}

/// All of them let the store remember them, and left tokens at each till.
async fn agree(file: &mut SqliteConnection, customers: &[Known]) {
    let now = beginning().timestamp();
    let ever = now + 20 * 365 * 86_400;
    let third = "INSERT INTO clients (id, kind, name, brand, store_id, scopes)
        SELECT ?, kind, 'Till 3', brand, store_id, scopes FROM clients WHERE id = ?";
    sqlx::query(third).bind(TILLS[2]).bind(TILLS[0]).execute(&mut *file).await.unwrap();
    for till in TILLS {
        sqlx::query("UPDATE clients SET key = ? WHERE id = ?")
            .bind(KEY)
            .bind(till)
            .execute(&mut *file)
            .await
            .unwrap();
        sqlx::query("INSERT INTO store_tokens (hash, client_id, expires_at) VALUES (?, ?, ?)")
            .bind(hash(till))
            .bind(till)
            .bind(ever)
            .execute(&mut *file)
            .await
            .unwrap();
    }
    for Known { subject, .. } in customers {
        sqlx::query(
            "INSERT INTO consents (id, subject, purpose, given, at, author, channel, wording, store, until)
             VALUES (?, ?, 'remember_at_store', 1, ?, 'customer', 'store', 'test', ?, ?)",
        )
        .bind(format!("agreed-{subject}"))
        .bind(subject)
        .bind(now * 1000)
        .bind(STORE)
        .bind((beginning() + TimeDelta::days(400)).timestamp_millis())
        .execute(&mut *file)
        .await
        .unwrap();
        for client in TILLS.into_iter().chain([ELSEWHERE]) {
            let authorization: i64 = sqlx::query_scalar(
                "INSERT INTO authorizations (client_id, subject, scopes, auth_time, created_at, expires_at)
                 VALUES (?, ?, 'openid customer', ?, ?, ?) RETURNING id",
            )
            .bind(client)
            .bind(subject)
            .bind(now)
            .bind(now)
            .bind(ever)
            .fetch_one(&mut *file)
            .await
            .unwrap();
            sqlx::query(
                "INSERT INTO access_tokens (hash, authorization_id, scopes, expires_at)
                 VALUES (?, ?, 'openid customer', ?)",
            )
            .bind(hash(&token(client, subject)))
            .bind(authorization)
            .bind(ever)
            .execute(&mut *file)
            .await
            .unwrap();
        }
    }
}

fn token(client: &str, subject: &str) -> String {
    format!("{client}.{subject}")
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

async fn serve(folder: &Path, clock: Arc<ManualClock>, demo: Option<Demo>) -> Server {
    let mut options = Options::new(folder);
    (options.clock, options.demo) = (clock, demo);
    Server::start(options).await.unwrap()
}

async fn database(folder: &Path, read_only: bool) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(folder.join("central.db"))
        .read_only(read_only)
        .connect()
        .await
        .unwrap()
}

/// A running centre.
pub(crate) struct Centre {
    folder: TempDir,
    clock: Arc<ManualClock>,
    server: Server,
    source: Arc<dyn ProfileSource>,
    store: StoreApi,
    /// To look into the file; it never writes.
    file: SqliteConnection,
}

impl Centre {
    pub(crate) async fn start(template: &Template, http: &reqwest::Client) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(template.folder.path().join("central.db"), folder.path().join("central.db")).unwrap();
        let clock = Arc::new(ManualClock::new(beginning()));
        let server = serve(folder.path(), clock.clone(), None).await;
        let found = Discovered {
            issuer: server.url().clone(),
            profile_api: Some(server.url().join("/v1/").unwrap()),
            user_info: None,
        };
        let source = SourceConfig::default().open(&found, http.clone()).unwrap();
        let store = SourceConfig::default().open_store(&found, http.clone()).unwrap();
        let file = database(folder.path(), true).await;
        Self { folder, clock, server, source, store, file }
    }

    /// Its clock is never wrong.
    pub(crate) fn at(&self, now: DateTime<Utc>) {
        self.clock.advance(now - self.clock.now());
    }

    /// A till sends an edit with the token that the customer left there.
    pub(crate) async fn change(
        &self,
        till: &str,
        subject: &str,
        edit: &PreferenceEdit,
        base: Option<u64>,
        id: Uuid,
    ) -> Result<Profile, Error> {
        let authority = Authority::bearer(token(till, subject).into());
        let customer = Customer { subject, authority: &authority, claims: None };
        self.source.change_preferences(customer, edit, base, id).await
    }

    /// The customer changes something at home, whatever stands there.
    pub(crate) async fn change_at_home(&self, subject: &str, edit: &PreferenceEdit, id: Uuid) {
        // Who is erased changes nothing any more.
        let _ = self.change(ELSEWHERE, subject, edit, None, id).await;
    }

    /// What a till asks for itself, and what it says who it is with.
    pub(crate) fn store(&self, till: &str) -> (StoreApi, Authority) {
        (self.store.clone(), Authority::bearer(till.to_owned().into()))
    }

    /// Number of the newest change.
    pub(crate) async fn newest(&mut self) -> i64 {
        let newest = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM changes");
        newest.fetch_one(&mut self.file).await.unwrap()
    }

    pub(crate) async fn erase(&self, subject: &str) {
        self.server.erase(subject).await.unwrap();
    }

    /// The customer's profile; none of somebody who is erased.
    pub(crate) async fn profile(&self, subject: &str) -> Option<Profile> {
        let authority = Authority::bearer(token(ELSEWHERE, subject).into());
        let customer = Customer { subject, authority: &authority, claims: None };
        match self.source.me(customer, None).await {
            Ok(directory::Me::Profile(profile)) => Some(*profile),
            _ => None,
        }
    }

    /// How often the customer's document was changed.
    pub(crate) async fn revision(&mut self, subject: &str) -> Option<i64> {
        let revision = sqlx::query_scalar("SELECT revision FROM customers WHERE subject = ?");
        revision.bind(subject).fetch_optional(&mut self.file).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        sqlx::Connection::close(self.file).await.unwrap();
        self.server.stop().await;
        drop(self.folder);
    }
}
