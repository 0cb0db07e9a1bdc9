//! A customer's phone: a headless browser with a phone's screen and nothing of any other phone.

use std::{fs, os::unix::fs::PermissionsExt as _};

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    Guarded, Page,
    children::{end_family, start_listening, tool},
    page::connect,
};

/// The browser, which the kernel ends together with its driver.
const BROWSER: &str = "#!/bin/sh\nexec setpriv --pdeathsig KILL --";

/// A phone.
#[derive(Debug)]
pub struct Phone {
    page: Page,
    driver: Guarded,
    _folder: TempDir,
}

impl Phone {
    /// Switches one on, in a language.
    pub async fn start(language: &str) -> Result<Phone> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("chromedriver.log");
        let (driver, port) = start_listening(&tool("chromedriver")?, &log, |command, port| {
            command.arg(format!("--port={port}")).env_remove("DISPLAY");
            // Also what they leave in the folder for temporary files goes with the phone.
            command.env("HOME", folder.path()).env("TMPDIR", folder.path());
        })
        .await?;
        let browser = folder.path().join("browser");
        fs::write(&browser, format!("{BROWSER} {} \"$@\"\n", tool("chromium")?.display()))?;
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o700))?;
        let profile = folder.path().join("profile");
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": browser,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-crash-reporter", "--disable-breakpad", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--no-proxy-server",
                    format!("--user-data-dir={}", profile.display()),
                    format!("--lang={language}"),
                ],
                "prefs": { "intl.accept_languages": language },
                "mobileEmulation": {
                    "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true },
                },
            },
        });
        let session = connect(port, capabilities)
            .await
            .with_context(|| fs::read_to_string(&log).unwrap_or_default())
            .context("the phone's browser did not start")?;
        Ok(Phone { page: Page::new(session, None), driver, _folder: folder })
    }

    /// What the phone shows.
    pub fn page(&self) -> &Page {
        &self.page
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        // The browser outlives a driver that is killed.
        end_family(self.driver.id());
    }
}
