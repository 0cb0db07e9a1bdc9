//! A till on this machine: its configuration and all that the app may write.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::{Session, command_line_in};

/// What the central service calls it.
pub(crate) const CLIENT: &str = "till-northquay-1";

/// A configured till with folders of its own. What the app writes stays in them.
#[derive(Debug)]
pub struct Till {
    folder: TempDir,
    is_set_up: bool,
    log: &'static str,
}

impl Till {
    /// A till of the demo's first store that asks this issuer.
    pub fn new(issuer: &str) -> Result<Till> {
        Till::with_configuration(&format!(
            "issuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\n\n[till]\nstore = \"Marram Northquay\"\n\
             name = \"Till 1\"\nbrand = \"marram\"\n"
        ))
    }

    /// The same, which signs who it is with a key of its own: gives back the file with the public half too.
    pub fn with_key(issuer: &str, session: &Session) -> Result<(Till, PathBuf)> {
        let till = Till::new(issuer)?;
        let configured = std::fs::read_to_string(till.configuration())?;
        let signs = "\n[provider]\nclient_authentication = \"private_key_jwt\"\n";
        std::fs::write(till.configuration(), configured + signs)?;
        let (code, key) = command_line_in(session, None, &till, &[], &["client-key"])?;
        ensure!(code == Some(0), "no key of the till");
        let file = till.folder.path().join("till-key.json");
        std::fs::write(&file, key)?;
        Ok((till, file))
    }

    /// From its next start on associates sign in at the identity service.
    pub fn let_associates_sign_in(&self) -> Result<()> {
        let configured = std::fs::read_to_string(self.configuration())?;
        Ok(std::fs::write(self.configuration(), configured + "\n[associates]\n")?)
    }

    /// The same, which logs no more than it does in a store: for measuring.
    pub fn quiet(issuer: &str) -> Result<Till> {
        Ok(Till { log: "info", ..Till::new(issuer)? })
    }

    /// A till with any configuration.
    pub fn with_configuration(text: &str) -> Result<Till> {
        let till = Till { is_set_up: true, ..Till::without_configuration()? };
        std::fs::write(till.configuration(), text)?;
        Ok(till)
    }

    /// A till that was never set up.
    pub fn without_configuration() -> Result<Till> {
        // Somebody who looks for a fault wants to see the logs: HARNESS_KEEP leaves the folder behind.
        let folder = tempfile::Builder::new()
            .prefix("till-")
            .disable_cleanup(std::env::var_os("HARNESS_KEEP").is_some())
            .tempdir()?;
        for name in ["data", "home", "output"] {
            std::fs::create_dir(folder.path().join(name))?;
        }
        Ok(Till { folder, is_set_up: false, log: "trace" })
    }

    /// The configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("countersign.toml")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where the output of the app and of what drives it goes.
    pub fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// A file there which nothing has written to.
    pub(crate) fn next_output(&self, name: &str) -> Result<PathBuf> {
        let number = std::fs::read_dir(self.output())?.count();
        Ok(self.output().join(format!("{name}-{number}.log")))
    }

    /// Everything that was written in the name of this till.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The logs, all in one text.
    pub fn logs(&self) -> Result<String> {
        let mut text = String::new();
        for folder in [self.data().join("logs"), self.output()] {
            for file in crate::search::files(&folder)? {
                text.push_str(&String::from_utf8_lossy(&std::fs::read(file)?));
            }
        }
        Ok(text)
    }

    /// The environment of the app, over that of the test.
    pub(crate) fn apply(&self, command: &mut Command) {
        // Caches, settings, whatever the webview keeps.
        let home = self.folder.path().join("home");
        if self.is_set_up {
            command.env("COUNTERSIGN_CONFIG", self.configuration());
        } else {
            command.env_remove("COUNTERSIGN_CONFIG");
        }
        command
            .env("COUNTERSIGN_DATA", self.data())
            .env("COUNTERSIGN_LOG", self.log)
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("share"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("LC_ALL", "C.UTF-8")
            .env("LANGUAGE", "en");
    }
}
