//! One page of a webview or a browser, as a person uses it: by what is on the screen, by role and name.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use thirtyfour::{By, Capabilities, Key, WebDriver, WebElement, WindowHandle};

use crate::{LONG, SHORT, until};

/// Finds a visible element that is used by a given name: its label, or its text. An exact name wins over a part of one.
const FIND: &str = r#"
const [selector, wanted] = arguments;
const clean = (text) => (text ?? "").replace(/\s+/g, " ").trim().toLowerCase();
const byId = (ids) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.innerText ?? "").join(" ");
const names = (element) => [
  element.getAttribute("aria-label"),
  byId(element.getAttribute("aria-labelledby")),
  ...[...(element.labels ?? [])].map((label) => label.innerText),
  element.innerText,
  element.getAttribute("placeholder"),
  element.getAttribute("title"),
  element.type === "submit" ? element.value : "",
].map(clean).filter((name) => name !== "");
const visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
const all = [...document.querySelectorAll(selector)].filter(visible).filter((element) => !element.disabled);
const name = clean(wanted);
return all.find((element) => names(element).includes(name))
  ?? all.find((element) => names(element).some((own) => own.includes(name)))
  ?? null;
"#;

const PRESSABLE: &str = "button, a[href], input[type=submit], input[type=checkbox], input[type=radio], label, summary, \
                         [role=button], [role=radio], [role=checkbox], [role=switch], [role=tab], [role=option], \
                         [role=menuitem]";
const FILLABLE: &str = "input, textarea, select, [role=searchbox], [role=textbox], [role=combobox]";

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
        let mut last = String::new();
        let found = until(&format!("the screen {screens:?}"), limit, async || {
            last = self.screen().await?;
            Ok(screens.contains(&last.as_str()).then(|| last.clone()))
        })
        .await;
        match found {
            Ok(found) => Ok(found),
            Err(error) => {
                let text = self.text().await.unwrap_or_default();
                Err(error.context(format!("the page shows the screen {last:?}: {text}")))
            }
        }
    }

    /// All text that can be read.
    pub async fn text(&self) -> Result<String> {
        let text = self.script("return document.body?.innerText ?? '';", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a text can be read.
    pub async fn wait_for_text(&self, wanted: &str) -> Result<()> {
        let found = until(&format!("the text {wanted:?}"), SHORT, async || {
            let text = self.text().await?;
            Ok(text.to_lowercase().contains(&wanted.to_lowercase()).then_some(()))
        })
        .await;
        match found {
            Ok(()) => Ok(()),
            Err(error) => {
                Err(error.context(format!("the page reads: {}", self.text().await.unwrap_or_default())))
            }
        }
    }

    /// The first element that a CSS selector finds.
    pub async fn element(&self, selector: &str) -> Result<WebElement> {
        until(selector, SHORT, async || {
            self.focus().await?;
            Ok(self.driver.find(By::Css(selector)).await.ok())
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

    /// Whether something that can be pressed has this name.
    pub async fn offers(&self, name: &str) -> Result<bool> {
        Ok(self.find(PRESSABLE, name).await?.is_some())
    }

    /// Presses what has this name, once it is there.
    pub async fn press(&self, name: &str) -> Result<()> {
        self.press_one_of(&[name]).await
    }

    /// Presses the first of these names that is there.
    pub async fn press_one_of(&self, names: &[&str]) -> Result<()> {
        let pressed = until(&format!("something to press called {names:?}"), SHORT, async || {
            for name in names {
                if let Some(element) = self.find(PRESSABLE, name).await? {
                    element.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await;
        match pressed {
            Ok(()) => Ok(()),
            Err(error) => {
                Err(error.context(format!("the page reads: {}", self.text().await.unwrap_or_default())))
            }
        }
    }

    /// Presses the first element that a CSS selector finds.
    pub async fn press_at(&self, selector: &str) -> Result<()> {
        until(&format!("{selector} to press"), SHORT, async || {
            self.focus().await?;
            self.driver.find(By::Css(selector)).await?.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Writes a text into the field of this name, in place of what is there.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let field =
            until(&format!("a field called {name:?}"), SHORT, async || self.find(FILLABLE, name).await).await;
        let field = match field {
            Ok(field) => field,
            Err(error) => {
                return Err(
                    error.context(format!("the page reads: {}", self.text().await.unwrap_or_default()))
                );
            }
        };
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Writes a text into the field that a CSS selector finds.
    pub async fn fill_at(&self, selector: &str, text: &str) -> Result<()> {
        let field = self.element(selector).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Types on the keyboard, wherever the focus is.
    pub async fn type_keys(&self, text: &str) -> Result<()> {
        self.focus().await?;
        self.driver.action_chain().send_keys(text).perform().await?;
        Ok(())
    }

    /// Presses the enter key.
    pub async fn enter(&self) -> Result<()> {
        self.focus().await?;
        self.driver.action_chain().send_keys(Key::Enter + "").perform().await?;
        Ok(())
    }

    /// A picture of the page.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        self.focus().await?;
        Ok(self.driver.screenshot_as_png().await?)
    }

    /// The same, into a file.
    pub async fn save(&self, file: &Path) -> Result<()> {
        std::fs::write(file, self.picture().await?).with_context(|| file.display().to_string())
    }

    /// Opens an address.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.focus().await?;
        self.driver.goto(address).await?;
        Ok(())
    }

    /// The address of the page.
    pub async fn address(&self) -> Result<String> {
        self.focus().await?;
        Ok(self.driver.current_url().await?.to_string())
    }

    async fn find(&self, selector: &str, name: &str) -> Result<Option<WebElement>> {
        self.focus().await?;
        let found = self.driver.execute(FIND, vec![json!(selector), json!(name)]).await?;
        if found.json().is_null() { Ok(None) } else { Ok(Some(found.element()?)) }
    }

    async fn focus(&self) -> Result<()> {
        if let Some(window) = &self.window {
            ensure!(!window.to_string().is_empty(), "the window has no handle");
            self.driver.switch_to_window(window.clone()).await?;
        }
        Ok(())
    }
}
