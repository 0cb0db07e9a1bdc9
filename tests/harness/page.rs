//! One page of a webview or a browser, as a person uses it. What is pressed, filled and read is found by CSS selectors:
//! texts change with the language.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use thirtyfour::{By, Capabilities, WebDriver, WindowHandle};

use crate::{LONG, SHORT, until};

/// Opens a session of a WebDriver on this machine.
pub(crate) async fn connect(port: u16, capabilities: Value) -> Result<WebDriver> {
    let Value::Object(capabilities) = capabilities else { bail!("capabilities are an object") };
    // Without idle connections: WebKitWebDriver resets one now and then.
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(LONG).build()?;
    let address = format!("http://127.0.0.1:{port}");
    let driver = WebDriver::builder(address, Capabilities::from(capabilities)).client(client).await?;
    // The session ends with the driver's process; saying so to a driver that is gone would only wait.
    driver.clone().leak()?;
    Ok(driver)
}

/// A page that is driven through WebDriver.
#[derive(Clone, Debug)]
pub struct Page {
    driver: WebDriver,
    window: Option<WindowHandle>,
}

impl Page {
    pub(crate) fn new(driver: WebDriver, window: Option<WindowHandle>) -> Page {
        Page { driver, window }
    }

    /// Asks until there is an answer. When time is up, what the page shows is told.
    pub async fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        ask: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        match until(what, limit, ask).await {
            Ok(found) => Ok(found),
            Err(error) => {
                let screen = self.screen().await.unwrap_or_default();
                let text = self.text().await.unwrap_or_default();
                Err(error.context(format!("the page shows the screen {screen:?}: {text}")))
            }
        }
    }

    /// Runs a script in the page and gives back what it returns.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.focus().await?;
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Runs a script that calls its last argument when it has an answer.
    pub async fn script_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.focus().await?;
        Ok(self.driver.execute_async(script, arguments).await?.json().clone())
    }

    /// What the page says it shows: the value of `data-screen`, or of `data-page` on a phone.
    pub async fn screen(&self) -> Result<String> {
        let script = "const main = document.querySelector('[data-screen], [data-page]')?.dataset; return main?.screen ?? main?.page ?? '';";
        Ok(self.script(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page shows a screen.
    pub async fn wait_for(&self, screen: &str) -> Result<()> {
        self.wait_for_one_of(&[screen], SHORT).await.map(drop)
    }

    /// Waits until the page shows one of these screens.
    pub async fn wait_for_one_of(&self, screens: &[&str], limit: Duration) -> Result<String> {
        self.until(&format!("the screen {screens:?}"), limit, async || {
            let shown = self.screen().await?;
            Ok(screens.contains(&shown.as_str()).then_some(shown))
        })
        .await
    }

    /// Waits until a CSS selector finds something.
    pub async fn wait_for_at(&self, selector: &str, limit: Duration) -> Result<()> {
        self.until(selector, limit, async || Ok(self.has(selector).await?.then_some(()))).await
    }

    /// All text that can be read.
    pub async fn text(&self) -> Result<String> {
        let text = self.script("return document.body?.innerText ?? '';", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the first element that a CSS selector finds has a text, and gives it back.
    pub async fn text_at(&self, selector: &str) -> Result<String> {
        self.until(&format!("a text in {selector}"), SHORT, async || {
            let script = "return document.querySelector(arguments[0])?.innerText.trim() ?? '';";
            let text = self.script(script, vec![json!(selector)]).await?;
            Ok(text.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
        })
        .await
    }

    /// Whether a CSS selector finds anything now.
    pub async fn has(&self, selector: &str) -> Result<bool> {
        let found = self
            .script("return document.querySelector(arguments[0]) !== null;", vec![json!(selector)])
            .await?;
        Ok(found == json!(true))
    }

    /// Presses the first element that a CSS selector finds.
    pub async fn press_at(&self, selector: &str) -> Result<()> {
        self.until(&format!("{selector} to press"), SHORT, async || {
            self.focus().await?;
            self.driver.find(By::Css(selector)).await?.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Writes a text into the field that a CSS selector finds, in place of what is there.
    pub async fn fill_at(&self, selector: &str, text: &str) -> Result<()> {
        self.until(&format!("{selector} to fill"), SHORT, async || {
            self.focus().await?;
            let field = self.driver.find(By::Css(selector)).await?;
            field.clear().await?;
            field.send_keys(text).await?;
            Ok(Some(()))
        })
        .await
    }

    /// Waits until all that moves has come to rest, but for what moves for ever. For pictures.
    pub async fn settled(&self) -> Result<()> {
        let script = r#"
            const done = arguments[0];
            const ends = (one) => Number.isFinite(one.effect?.getComputedTiming().endTime);
            const moving = document.getAnimations().filter((one) => one.playState === "running" && ends(one));
            Promise.allSettled([document.fonts.ready, ...moving.map((one) => one.finished)])
              .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
        "#;
        self.script_async(script, vec![]).await.map(drop)
    }

    /// Saves a picture of the page.
    pub async fn save(&self, file: &Path) -> Result<()> {
        self.focus().await?;
        let picture = self.driver.screenshot_as_png().await?;
        std::fs::write(file, picture).with_context(|| file.display().to_string())
    }

    /// Opens an address.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.focus().await?;
        self.driver.goto(address).await?;
        Ok(())
    }

    async fn focus(&self) -> Result<()> {
        if let Some(window) = &self.window {
            self.driver.switch_to_window(window.clone()).await?;
        }
        Ok(())
    }
}
