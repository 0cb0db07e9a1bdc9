//! An identity service of somebody else as a process, behind a proxy that hears what passes.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use harness::{CentralProcess, Guarded, LONG, Proxy, init, start_listening, tool, until};
use serde_json::Value;
use tempfile::TempDir;

/// The till, as the services know it.
pub(crate) const CLIENT: &str = "till-northquay-1";

/// How many customers central has, where nobody looks at more than one.
const CUSTOMERS: u32 = 5;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// node oidc-provider, with its own pages for development.
    OidcProvider,
    /// Glewlwyd of Debian.
    Glewlwyd,
    /// This repository's own.
    Central,
    /// better-auth with its OAuth provider, and the pages that whoever uses it has to write.
    BetterAuth,
}

impl Kind {
    /// Its folder below `providers`, and its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::OidcProvider => "node-oidc-provider",
            Kind::Glewlwyd => "glewlwyd",
            Kind::BetterAuth => "better-auth",
            Kind::Central => "central",
        }
    }

    /// The path of the issuer.
    fn issuer_path(self) -> &'static str {
        match self {
            Kind::OidcProvider | Kind::Central => "",
            Kind::Glewlwyd => "/api/oidc",
            Kind::BetterAuth => "/api/auth",
        }
    }

    /// Whether its claims have a given name, and not the whole name alone: then the customer display can greet by it.
    pub(crate) fn tells_given_names(self) -> bool {
        self != Kind::Glewlwyd
    }

    /// Whether it binds tokens to a till's key (RFC 9449).
    pub(crate) fn binds_tokens(self) -> bool {
        matches!(self, Kind::OidcProvider | Kind::BetterAuth)
    }

    /// Whether a client without a secret may revoke its tokens.
    pub(crate) fn revokes_for_public_clients(self) -> bool {
        self != Kind::Glewlwyd
    }

    /// What runs it: a program, and what it is told before all that each is told.
    fn program(self) -> Result<(PathBuf, Vec<PathBuf>)> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop").join("providers").join(self.name());
        match self {
            Kind::OidcProvider | Kind::BetterAuth => {
                is_installed(&here.join("node_modules"))?;
                Ok((tool("node")?, vec![here.join("serve.mjs")]))
            }
            Kind::Glewlwyd => {
                let root = installed()?.join(self.name());
                is_installed(&root)?;
                Ok((tool("python3")?, vec![here.join("serve.py"), root]))
            }
            Kind::Central => bail!("the harness starts this one"),
        }
    }
}

/// Where `cargo xtask test` installs what is not beside the scripts.
fn installed() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    Ok(here.ancestors().nth(3).context("the test is in no target folder")?.join("interop"))
}

fn is_installed(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    bail!("{} is missing: `cargo xtask test` installs what the tests need", path.display())
}

/// A running service. It ends when dropped.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) kind: Kind,
    /// What stands between it and everybody.
    pub(crate) proxy: Proxy,
    issuer: String,
    metadata: Value,
    http: reqwest::Client,
    _process: Process,
}

/// What ends with the service.
#[derive(Debug)]
enum Process {
    Central { _process: CentralProcess },
    Other { _process: Guarded, _folder: TempDir },
}

impl Service {
    /// Starts one, and waits until it says what it is.
    pub(crate) async fn start(kind: Kind) -> Result<Service> {
        Service::start_with(kind, Duration::from_mins(10)).await
    }

    /// The same, whose codes work for so long.
    pub(crate) async fn start_with(kind: Kind, code_life: Duration) -> Result<Service> {
        init();
        let proxy = Proxy::start().await?;
        let public = proxy.url().as_str().trim_end_matches('/').to_owned();
        let process = match kind {
            Kind::Central => {
                let process = CentralProcess::start_with(CUSTOMERS, "info", Some(proxy.url().clone()))?;
                proxy.pass_to(process.listen());
                Process::Central { _process: process }
            }
            _ => start_other(kind, code_life, &public, &proxy).await?,
        };
        let issuer = format!("{public}{}", kind.issuer_path());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let metadata = until(&format!("the discovery document of {}", kind.name()), LONG, async || {
            let address = format!("{issuer}/.well-known/openid-configuration");
            Ok(Some(http.get(&address).send().await?.error_for_status()?.json().await?))
        })
        .await?;
        Ok(Service { kind, proxy, issuer, metadata, http, _process: process })
    }

    /// Its issuer.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether an access token is good at its `UserInfo`.
    pub(crate) async fn knows(&self, access_token: &str) -> Result<bool> {
        let address = self.metadata["userinfo_endpoint"].as_str().context("no UserInfo")?;
        let answer = self.http.get(address).bearer_auth(access_token).send().await?;
        Ok(answer.status().is_success())
    }

    /// Whether any secret that it has handed out so far is good there.
    pub(crate) async fn knows_any(&self) -> Result<bool> {
        for secret in self.proxy.secrets() {
            if self.knows(&secret).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

async fn start_other(kind: Kind, code_life: Duration, public: &str, proxy: &Proxy) -> Result<Process> {
    // HARNESS_KEEP leaves what it has written, as it does with a till's folder.
    let folder = tempfile::Builder::new()
        .prefix("provider-")
        .disable_cleanup(std::env::var_os("HARNESS_KEEP").is_some())
        .tempdir()?;
    let (program, script) = kind.program()?;
    let (process, port) = start_listening(&program, &folder.path().join("log"), |command, port| {
        command.args(&script).arg(port.to_string()).args([public, CLIENT]).arg(folder.path());
        command.arg(code_life.as_secs().to_string());
    })
    .await?;
    proxy.pass_to(SocketAddr::from(([127, 0, 0, 1], port)));
    Ok(Process::Other { _process: process, _folder: folder })
}
