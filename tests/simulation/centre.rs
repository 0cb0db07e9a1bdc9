//! The centre: the service as it is, on a file of its own and on loopback, with a clock that the simulation holds.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use central::{Clock, Demo, ManualClock, Options, Server};
use chrono::{DateTime, TimeDelta, Utc};
use directory::{
    Authority, Customer, Discovered, Error, ProfileSource, SourceConfig, StoreApi, StoreCustomer, Withdrawal,
};
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
/// The phone with which a customer takes back what they agreed to: for the centre one more client of the store.
const PHONE: &str = "till-northquay-4";
const CUSTOMERS: u32 = 4;
/// A public key (RFC 7515, A.3.1): who has one may ask for themselves. Nobody signs here.
const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// When everything begins.
pub(crate) fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

/// A centre as it is at the beginning, made once.
pub(crate) struct Template {
    folder: TempDir,
    /// Whom the store remembers.
    pub(crate) customers: Vec<String>,
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

async fn customers(file: &mut SqliteConnection) -> Vec<String> {
    let subjects = sqlx::query_scalar("SELECT subject FROM customers ORDER BY subject");
    subjects.fetch_all(file).await.unwrap()
}

/// All of them let the store remember them, and left tokens at each till, which end with that.
async fn agree(file: &mut SqliteConnection, customers: &[String]) {
    let now = beginning().timestamp();
    let ever = now + 20 * 365 * 86_400;
    let more = "INSERT INTO clients (id, kind, name, brand, store_id, scopes)
        SELECT ?1, kind, ?1, brand, store_id, scopes FROM clients WHERE id = ?2";
    for client in [TILLS[2], PHONE] {
        sqlx::query(more).bind(client).bind(TILLS[0]).execute(&mut *file).await.unwrap();
    }
    for till in TILLS.into_iter().chain([PHONE]) {
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
    for subject in customers {
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
        for client in TILLS.into_iter().chain([ELSEWHERE, PHONE]) {
            let authorization: i64 = sqlx::query_scalar(
                "INSERT INTO authorizations
                    (client_id, subject, scopes, auth_time, created_at, expires_at, remember_until)
                 VALUES (?1, ?2, 'openid customer', ?3, ?3, ?4, ?5) RETURNING id",
            )
            .bind(client)
            .bind(subject)
            .bind(now)
            .bind(ever)
            .bind(TILLS.contains(&client).then_some(ever))
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
    http: reqwest::Client,
    service: Service,
}

/// What ends with the process, and the ways to it.
struct Service {
    server: Server,
    source: Arc<dyn ProfileSource>,
    store: StoreApi,
    /// To look into the file; it never writes.
    file: SqliteConnection,
}

impl Service {
    async fn start(folder: &Path, clock: Arc<ManualClock>, http: &reqwest::Client) -> Self {
        let server = serve(folder, clock, None).await;
        let found = Discovered {
            issuer: server.url().clone(),
            profile_api: Some(server.url().join("/v1/").unwrap()),
            user_info: None,
        };
        let source = SourceConfig::default().open(&found, http.clone()).unwrap();
        let store = SourceConfig::default().open_store(&found, http.clone()).unwrap();
        Self { server, source, store, file: database(folder, true).await }
    }

    async fn stop(self) {
        sqlx::Connection::close(self.file).await.unwrap();
        self.server.stop().await;
    }
}

/// What a request can change of a customer: revision of the document, acts of consent, visits.
pub(crate) type Trace = Option<(i64, i64, i64)>;

impl Centre {
    pub(crate) async fn start(template: &Template, http: &reqwest::Client) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(template.folder.path().join("central.db"), folder.path().join("central.db")).unwrap();
        let clock = Arc::new(ManualClock::new(beginning()));
        let service = Service::start(folder.path(), clock.clone(), http).await;
        Self { folder, clock, http: http.clone(), service }
    }

    /// Ends and begins again: what it had in memory alone is gone. Meanwhile somebody may have agreed anew.
    pub(crate) async fn restart(self, agrees: Option<(&str, Uuid)>) -> Self {
        let Self { folder, clock, http, service } = self;
        service.stop().await;
        if let Some((subject, act)) = agrees {
            agree_anew(folder.path(), subject, act, clock.now()).await;
        }
        let service = Service::start(folder.path(), clock.clone(), &http).await;
        Self { folder, clock, http, service }
    }

    /// Its clock is never wrong.
    pub(crate) fn at(&self, now: DateTime<Utc>) {
        self.clock.advance(now - self.clock.now());
    }

    /// A till sends an edit: with the token that the customer left there, and else with its own.
    pub(crate) async fn change(
        &self,
        till: &str,
        subject: &str,
        with_token: bool,
        edit: &PreferenceEdit,
        base: Option<u64>,
        id: Uuid,
    ) -> Result<Profile, Error> {
        if with_token {
            let authority = Authority::bearer(token(till, subject).into());
            let customer = Customer { subject, authority: &authority, claims: None };
            match self.service.source.change_preferences(customer, edit, base, id).await {
                Err(Error::NotAuthorised) => {}
                answer => return answer,
            }
        }
        let (store, who) = self.store(till);
        store.change_preferences(&who, subject, edit, base, id).await
    }

    /// A till says that a customer took back what they agreed to: in the same way.
    pub(crate) async fn take_back(
        &self,
        till: &str,
        subject: &str,
        with_token: bool,
        withdrawal: &Withdrawal,
    ) -> Result<(), Error> {
        if with_token {
            let authority = Authority::bearer(token(till, subject).into());
            let customer = Customer { subject, authority: &authority, claims: None };
            match self.service.source.take_back(customer, withdrawal).await {
                Err(Error::NotAuthorised) => {}
                answer => return answer,
            }
        }
        let (store, who) = self.store(till);
        store.take_back(&who, subject, withdrawal).await
    }

    /// The customer changes something at home, whatever stands there.
    pub(crate) async fn change_at_home(&self, subject: &str, edit: &PreferenceEdit, id: Uuid) {
        // Who is erased changes nothing any more.
        let _ = self.change(ELSEWHERE, subject, true, edit, None, id).await;
    }

    /// The customer takes back what they agreed to, on their phone. False where they are erased.
    pub(crate) async fn take_back_at_home(&self, subject: &str, id: Uuid) -> bool {
        let withdrawal = Withdrawal { id, act: None, at: self.clock.now() };
        self.take_back(PHONE, subject, true, &withdrawal).await.is_ok()
    }

    /// What a till asks for itself, and what it says who it is with.
    pub(crate) fn store(&self, till: &str) -> (StoreApi, Authority) {
        (self.service.store.clone(), Authority::bearer(till.to_owned().into()))
    }

    /// Whom the store remembers.
    pub(crate) async fn remembered(&self) -> BTreeMap<String, StoreCustomer> {
        let (store, who) = self.store(TILLS[0]);
        let page = store.page(&who, None).await.unwrap();
        assert!(page.next.is_none(), "more customers than are asked for");
        page.items.into_iter().map(|one| (one.profile.subject.clone(), one)).collect()
    }

    /// What is wrong with the audit trail of a till, where one is not whole.
    pub(crate) async fn broken_trail(&mut self) -> Option<String> {
        let broken = sqlx::query_scalar(
            "SELECT client_id || ' ' || broken_line || ' ' || broken_fault FROM audit_trails WHERE broken_line NOT NULL",
        );
        broken.fetch_optional(&mut self.service.file).await.unwrap()
    }

    /// Number of the newest change.
    pub(crate) async fn newest(&mut self) -> i64 {
        let newest = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM changes");
        newest.fetch_one(&mut self.service.file).await.unwrap()
    }

    pub(crate) async fn erase(&self, subject: &str) {
        self.service.server.erase(subject).await.unwrap();
    }

    /// The customer's profile; none of somebody who is erased.
    pub(crate) async fn profile(&self, subject: &str) -> Option<Profile> {
        let authority = Authority::bearer(token(ELSEWHERE, subject).into());
        let customer = Customer { subject, authority: &authority, claims: None };
        match self.service.source.me(customer, None).await {
            Ok(directory::Me::Profile(profile)) => Some(*profile),
            _ => None,
        }
    }

    /// What stands in the file of a customer; none where there is no such person.
    pub(crate) async fn trace(&mut self, subject: &str) -> Trace {
        let trace = sqlx::query_as(
            "SELECT revision, (SELECT count(*) FROM consents a WHERE a.subject = c.subject),
                (SELECT count(*) FROM visits v WHERE v.subject = c.subject)
             FROM customers c WHERE subject = ?",
        );
        trace.bind(subject).fetch_optional(&mut self.service.file).await.unwrap()
    }

    /// Tills that have said of somebody erased that they are erased there.
    pub(crate) async fn confirmed(&mut self, subject: &str) -> Vec<String> {
        let tills = sqlx::query_scalar("SELECT client_id FROM erasure_confirmations WHERE subject = ?");
        tills.bind(subject).fetch_all(&mut self.service.file).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.service.stop().await;
        drop(self.folder);
    }
}

/// A yes on the customer's phone, while nobody else has the file.
async fn agree_anew(folder: &Path, subject: &str, act: Uuid, now: DateTime<Utc>) {
    let mut file = database(folder, false).await;
    let until = (now + TimeDelta::days(300)).timestamp_millis();
    sqlx::query(
        "INSERT INTO consents (id, subject, purpose, given, at, author, channel, wording, store, until)
         VALUES (?, ?, 'remember_at_store', 1, ?, 'customer', 'store', 'test', ?, ?)",
    )
    .bind(act.to_string())
    .bind(subject)
    .bind(now.timestamp_millis())
    .bind(STORE)
    .bind(until)
    .execute(&mut file)
    .await
    .unwrap();
    for sql in [
        "UPDATE customers SET revision = revision + 1 WHERE subject = ?",
        "INSERT INTO changes (subject, kind) VALUES (?, 'changed')",
    ] {
        sqlx::query(sql).bind(subject).execute(&mut file).await.unwrap();
    }
    sqlx::Connection::close(file).await.unwrap();
}
