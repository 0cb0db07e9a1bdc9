//! The real central service as a process, and what a customer can ask it from elsewhere.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use url::Url;

use crate::{Guarded, Phone, binary, till::CLIENT, until, visit};

/// The password of every customer of the demo.
pub const DEMO_PASSWORD: &str = "lantern-harbour-42";

/// The demo's first customer.
pub const AMELIE: Customer =
    Customer { given: "Amélie", name: "Amélie Durand", email: "amelie.durand@example.com" };

/// The till beside the usual one, and one of another store.
const BESIDE: &str = "till-northquay-2";
const ELSEWHERE: &str = "till-oldtown-1";
/// Somebody who works in the demo's stores.
pub const STAFF: Customer =
    Customer { given: "Robin", name: "Robin Ash", email: "staff.northquay@example.com" };

/// What a customer's own device asks for.
const CUSTOMER: &str = "openid profile email customer";

/// Enough customers for a test.
pub(crate) const FEW: u32 = 40;

/// A customer of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Customer {
    /// Given name.
    pub given: &'static str,
    /// Whole name.
    pub name: &'static str,
    /// E-mail, to sign in with.
    pub email: &'static str,
}

/// The central service with the demo store, on a port and in a folder that outlive its process.
#[derive(Debug)]
pub struct CentralProcess {
    listen: SocketAddr,
    customers: u32,
    level: &'static str,
    public: Option<Url>,
    /// The file with the public key of the usual till, which signs who it is then.
    till_key: Option<PathBuf>,
    process: Option<Guarded>,
    log: PathBuf,
    folder: TempDir,
}

impl CentralProcess {
    /// Starts one with the demo store, in small, that logs what it does in a store.
    pub fn start() -> Result<CentralProcess> {
        CentralProcess::start_with(FEW, "info", None)
    }

    /// Starts one with so many customers, that logs from a level on and is known by another address.
    pub fn start_with(customers: u32, level: &'static str, public: Option<Url>) -> Result<CentralProcess> {
        CentralProcess::start_knowing(customers, level, public, None)
    }

    /// The same, which knows the public key of the usual till.
    pub fn start_knowing(
        customers: u32,
        level: &'static str,
        public: Option<Url>,
        till_key: Option<PathBuf>,
    ) -> Result<CentralProcess> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("log");
        std::fs::create_dir(&log)?;
        let mut central =
            CentralProcess { listen, customers, level, public, till_key, process: None, log, folder };
        central.restart()?;
        Ok(central)
    }

    /// Where it listens.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// The issuer, without a slash at its end.
    pub fn issuer(&self) -> String {
        match &self.public {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// An address below the issuer.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// Starts it again, on the same port and data.
    pub fn restart(&mut self) -> Result<()> {
        let mut process = Guarded::start(&binary("central")?, &self.log.join("central.log"), |command| {
            command.arg("serve").arg("--data").arg(self.data());
            command.args(["--listen", &self.listen.to_string(), "--demo", "--seed", "1"]);
            command.args(["--customers", &self.customers.to_string()]);
            if let Some(url) = &self.public {
                command.args(["--public-url", url.as_str()]);
            }
            if let Some(file) = &self.till_key {
                command.arg("--client-key").arg(format!("{CLIENT}={}", file.display()));
            }
            command.env("CENTRAL_LOG", self.level).stdout(Stdio::piped());
        })?;
        let line = process.first_line()?;
        let Some(address) = line.strip_prefix("listening on http://") else { bail!("central said: {line}") };
        self.listen = address.trim_end_matches('/').parse().with_context(|| line.clone())?;
        self.process = Some(process);
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self) -> Result<Option<ExitStatus>> {
        match self.process.take() {
            Some(mut process) => process.end().await.map(Some),
            None => Ok(None),
        }
    }

    /// Erases a customer while the service does not run.
    pub fn erase(&self, subject: &str) -> Result<()> {
        let mut command = Command::new(binary("central")?);
        command.arg("erase").arg("--data").arg(self.data()).args(["--subject", subject]);
        let output = command.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// What it finds of each till's audit trail while the service does not run, and whether all are whole.
    pub fn audit_trails(&self) -> Result<(Vec<Value>, bool)> {
        let mut command = Command::new(binary("central")?);
        let output = command.args(["audit", "--data"]).arg(self.data()).arg("verify").output()?;
        let lines = String::from_utf8(output.stdout)?;
        let trails = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok((trails, output.status.success()))
    }

    /// Lets every customer of the demo agree to be remembered at the till's store, while the service does not run.
    pub async fn everybody_is_remembered(&self) -> Result<u64> {
        let options = SqliteConnectOptions::new().filename(self.data().join("central.db"));
        let mut connection = options.disable_statement_logging().connect().await?;
        let agreed = sqlx::query(
            "INSERT INTO consents (id, subject, purpose, given, at, author, channel, wording, store)
             SELECT 'agreed-' || subject, subject, 'remember_at_store', 1, unixepoch() * 1000, 'customer', 'store',
                 'phone-remember-2.en', 'northquay'
             FROM accounts WHERE role = 'customer'",
        )
        .execute(&mut connection)
        .await?;
        connection.close().await?;
        Ok(agreed.rows_affected())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// What the customer's own devices see of their profile: signs in with a phone through another till.
    pub async fn profile_of(&self, customer: &Customer, phone: &Phone) -> Result<Value> {
        let http = client()?;
        let token = self.token(ELSEWHERE, customer, CUSTOMER, phone, false).await?;
        get(&http, &self.address("/v1/me"), &token).await
    }

    /// A customer agrees, at the till beside the usual one, to be remembered at the store.
    pub async fn remembers_beside(&self, customer: &Customer, phone: &Phone) -> Result<()> {
        self.token(BESIDE, customer, CUSTOMER, phone, true).await.map(drop)
    }

    /// The names of the customers that staff finds.
    pub async fn names_found(&self, query: &str, phone: &Phone) -> Result<Vec<String>> {
        let http = client()?;
        let token = self.token(ELSEWHERE, &STAFF, "openid customers:read", phone, false).await?;
        let mut address = Url::parse(&self.address("/v1/customers"))?;
        address.query_pairs_mut().append_pair("query", query);
        let found = get(&http, address.as_str(), &token).await?;
        let items = found["items"].as_array().context("no list")?;
        Ok(items.iter().filter_map(|item| item["name"].as_str()).map(str::to_owned).collect())
    }

    /// The newest activities of a customer, as their own devices see them.
    pub async fn activity_of(&self, customer: &Customer, phone: &Phone) -> Result<Vec<Value>> {
        let http = client()?;
        let token = self.token(ELSEWHERE, customer, CUSTOMER, phone, false).await?;
        let page = get(&http, &self.address("/v1/me/activity?limit=50"), &token).await?;
        Ok(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    async fn token(
        &self,
        till: &str,
        customer: &Customer,
        scope: &str,
        phone: &Phone,
        remember: bool,
    ) -> Result<String> {
        let http = client()?;
        let client = ("client_id", till);
        let ask = [client, ("scope", scope)];
        let code: Value = http.post(self.address("/oauth/device")).form(&ask).send().await?.json().await?;
        let address = code["verification_uri_complete"].as_str().context("no complete address")?;
        visit::say_yes(phone, address, customer, remember).await?;
        let device_code = code["device_code"].as_str().context("no device code")?;
        let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        until("a token for the customer's own device", Duration::from_secs(20), async || {
            let form = [client, grant, ("device_code", device_code)];
            let answer: Value =
                http.post(self.address("/oauth/token")).form(&form).send().await?.json().await?;
            Ok(answer["access_token"].as_str().map(str::to_owned))
        })
        .await
    }
}

fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?)
}

async fn get(http: &reqwest::Client, address: &str, token: &str) -> Result<Value> {
    Ok(http.get(address).bearer_auth(token).send().await?.error_for_status()?.json().await?)
}
