//! Where this till keeps its things.

use std::{env, path::PathBuf};

use directories::BaseDirs;

use crate::cli::Cli;

/// Where this till keeps its things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration.
    pub config: PathBuf,
    /// Whether the command line names the configuration: then it must be there.
    pub config_is_named: bool,
    /// The data folder.
    pub data: PathBuf,
}

impl Paths {
    /// As the command line says, or the user's own folders. None where the system has no such folders and the
    /// command line names none.
    pub fn from_cli(cli: &Cli) -> Option<Self> {
        let own = BaseDirs::new();
        let config = cli.config.clone().or_else(from_environment).or_else(|| {
            own.as_ref().map(|own| own.config_dir().join("countersign").join("countersign.toml"))
        })?;
        let data = cli.data.clone().or_else(|| own.map(|own| own.data_local_dir().join("countersign")))?;
        Some(Self { config, config_is_named: cli.config.is_some(), data })
    }

    /// Logs.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// The encrypted database.
    pub fn vault(&self) -> PathBuf {
        self.data.join("vault")
    }

    /// The embedded central service.
    pub fn central(&self) -> PathBuf {
        self.data.join("central")
    }

    /// What keeps the keyring entries of this data folder apart from those of another.
    pub fn keyring_namespace(&self) -> String {
        self.data.canonicalize().unwrap_or_else(|_| self.data.clone()).display().to_string()
    }

    /// What the webviews keep. They are given nothing to keep.
    pub fn webview(&self) -> PathBuf {
        self.data.join("webview")
    }
}

fn from_environment() -> Option<PathBuf> {
    env::var_os("COUNTERSIGN_CONFIG").filter(|file| !file.is_empty()).map(PathBuf::from)
}
