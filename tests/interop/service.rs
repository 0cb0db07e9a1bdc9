//! An identity service of somebody else as a process, behind a proxy that hears what passes.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use harness::{Guarded, LONG, Proxy, init, start_listening, tool, until};
use serde_json::Value;
use tempfile::TempDir;

/// The till, as the services know it.
pub(crate) const CLIENT: &str = "till-northquay-1";

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// node oidc-provider, with its own pages for development.
    OidcProvider,
    /// Glewlwyd of Debian.
    Glewlwyd,
}

impl Kind {
    /// Its folder below `providers`, and its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::OidcProvider => "oidc-provider",
            Kind::Glewlwyd => "glewlwyd",
        }
    }

    /// The path of the issuer.
    fn issuer_path(self) -> &'static str {
        match self {
            Kind::OidcProvider => "",
            Kind::Glewlwyd => "/api/oidc",
        }
    }

    /// What runs it: a program, and what it is told before port, address, client and folder.
    fn program(self) -> Result<(PathBuf, Vec<PathBuf>)> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop").join("providers").join(self.name());
        Ok(match self {
            Kind::OidcProvider => {
                is_installed(&here.join("node_modules"))?;
                (tool("node")?, vec![here.join("serve.mjs")])
            }
            Kind::Glewlwyd => {
                let root = installed()?.join(self.name());
                is_installed(&root)?;
                (tool("python3")?, vec![here.join("serve.py"), root])
            }
        })
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
    _process: Guarded,
    _folder: TempDir,
}

impl Service {
    /// Starts one, and waits until it says what it is.
    pub(crate) async fn start(kind: Kind) -> Result<Service> {
        init();
        let proxy = Proxy::start().await?;
        let public = proxy.url().as_str().trim_end_matches('/').to_owned();
        // HARNESS_KEEP leaves what it has written, as it does with a till's folder.
        let folder = tempfile::Builder::new()
            .prefix("provider-")
            .disable_cleanup(std::env::var_os("HARNESS_KEEP").is_some())
            .tempdir()?;
        let log = folder.path().join("log");
        let (program, script) = kind.program()?;
        let (process, port) = start_listening(&program, &log, |command, port| {
            command.args(&script).arg(port.to_string()).args([&public, CLIENT]).arg(folder.path());
        })
        .await?;
        proxy.pass_to(SocketAddr::from(([127, 0, 0, 1], port)));
        let issuer = format!("{public}{}", kind.issuer_path());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let metadata = until(&format!("the discovery document of {}", kind.name()), LONG, async || {
            let address = format!("{issuer}/.well-known/openid-configuration");
            Ok(Some(http.get(&address).send().await?.error_for_status()?.json().await?))
        })
        .await
        .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())?;
        Ok(Service { kind, proxy, issuer, metadata, http, _process: process, _folder: folder })
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
