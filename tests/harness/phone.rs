//! A customer's phone: a headless browser with a phone's screen and nothing of any other phone.

use anyhow::{Context, Result};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    Guarded, Page, SHORT,
    children::{family, free_port, listening, signal, tool},
    page::connect,
};

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
        let port = free_port()?;
        let log = folder.path().join("chromedriver.log");
        let driver = Guarded::start(&tool("chromedriver")?, &log, |command| {
            command.arg(format!("--port={port}")).env("HOME", folder.path()).env_remove("DISPLAY");
        })?;
        listening(port, SHORT).await?;
        let profile = folder.path().join("profile");
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": tool("chromium")?,
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
            .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())
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
        for process in family(self.driver.id()).into_iter().rev() {
            // It may have ended together with the one before.
            let _ = signal(process, Signal::KILL);
        }
    }
}
