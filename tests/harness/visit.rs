//! The steps of a customer's visit, as associate and customer take them.
//!
//! What is pressed and read is found by these hooks, which both windows and the phone pages keep:
//!
//! - the shown screen is `data-screen` on `<main>`; in the sign-in its stage is `data-stage`, on a failure the reason is
//!   `data-why`; the phone's page is `data-page`;
//! - what is pressed, filled or read has a `data-testid`: see [`hook`] and its uses here.
//!
//! Texts are for people and change with the language: nothing here looks for one.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::{App, Customer, DEMO_PASSWORD, Display, LONG, Page, Phone, SHORT, qr, until};

/// The associate of the tests.
pub const ASSOCIATE: &str = "Robin";

/// Their PIN.
pub const PIN: &str = "4711";

/// Where the customer display begins on the virtual screen.
const DISPLAY_FROM: u32 = 1290;

/// What a customer decides on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, and be remembered at this store.
    Remember,
    /// Yes, just this visit.
    JustThisVisit,
    /// No.
    No,
}

/// The CSS selector of a hook.
pub fn hook(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

/// The CSS selector of the field in which a preference is edited.
pub fn preference(group: &str, key: &str) -> String {
    format!("[data-testid=\"preference\"][data-group=\"{group}\"][data-key=\"{key}\"]")
}

/// Unlocks the till: with a first PIN where there is none yet.
pub async fn unlock(app: &App) -> Result<()> {
    let page = app.associate();
    // While the memory is being opened the till is locked, and nobody can be chosen yet.
    let screen = page
        .until("somebody who may come in", LONG, async || {
            let screen = page.screen().await?;
            let somebody = match screen.as_str() {
                "firstPin" | "home" => true,
                "locked" => page.has(&hook("associate")).await?,
                _ => false,
            };
            Ok(somebody.then_some(screen))
        })
        .await?;
    match screen.as_str() {
        "firstPin" => {
            page.fill_at(&hook("name"), ASSOCIATE).await?;
            enter_pin(page, PIN).await?;
        }
        "locked" => enter_pin(page, PIN).await?,
        _ => return Ok(()),
    }
    page.wait_for("home").await
}

/// Types a PIN and sends it off.
pub async fn enter_pin(page: &Page, pin: &str) -> Result<()> {
    page.fill_at(&hook("pin"), pin).await?;
    page.press_at(&hook("submit-pin")).await
}

/// The associate taps "Sign in a customer"; the display shows a code.
pub async fn ask_for_code(app: &App) -> Result<()> {
    app.associate().press_at(&hook("sign-in")).await?;
    app.display().wait_for("scan").await
}

/// The address in the QR code, read from the pixels of the customer display alone.
pub async fn scan(display: &Display) -> Result<String> {
    until("a QR code in the pixels of the customer display", SHORT, async || {
        qr::decode_right_of(&display.picture()?, DISPLAY_FROM)
    })
    .await
}

/// The address in the QR code that an associate is shown in their own window.
pub async fn scan_as_associate(display: &Display) -> Result<String> {
    until("a QR code in the pixels of the associate's window", SHORT, async || {
        qr::decode_right_of(&display.picture()?, 0)
    })
    .await
}

/// The same, once it is another than before: pixels come a little later than the page says.
pub async fn scan_another(display: &Display, before: &str) -> Result<String> {
    until("another QR code on the customer display", SHORT, async || {
        Ok(Some(scan(display).await?).filter(|address| address != before))
    })
    .await
}

/// Waits until the phone shows one of these pages, and says which.
pub async fn phone_page(phone: &Phone, pages: &[&str]) -> Result<String> {
    phone.page().wait_for_one_of(pages, SHORT).await
}

/// Opens the scanned address and signs in, up to the question.
pub async fn sign_in_on_phone(phone: &Phone, address: &str, customer: &Customer) -> Result<()> {
    phone.page().open(address).await?;
    loop {
        match phone_page(phone, &["code", "sign-in", "consent"]).await?.as_str() {
            "consent" => return Ok(()),
            "code" => {
                submit(phone, "[data-page=\"code\"]").await?;
                let page = phone.page();
                page.until("the page after the code", SHORT, async || {
                    Ok((page.screen().await? != "code").then_some(()))
                })
                .await?;
            }
            _ => {
                phone.page().fill_at("form:has([name=password]) [name=email]", customer.email).await?;
                phone.page().fill_at("form [name=password]", DEMO_PASSWORD).await?;
                submit(phone, "form:has([name=password])").await?;
                phone_page(phone, &["consent"]).await?;
            }
        }
    }
}

/// Answers the question on the phone.
pub async fn decide(phone: &Phone, decision: Decision) -> Result<()> {
    let page = phone.page();
    let remember = match decision {
        Decision::Remember => "store",
        Decision::JustThisVisit | Decision::No => "visit",
    };
    // The radio itself may be drawn by its label.
    page.script(
        "document.querySelector(`[name=remember][value=${arguments[0]}]`)?.click();",
        vec![json!(remember)],
    )
    .await?;
    if decision == Decision::No {
        page.press_at("[name=decision][value=no]").await?;
        phone_page(phone, &["denied"]).await.map(drop)
    } else {
        page.press_at("[name=decision][value=yes]").await?;
        phone_page(phone, &["done"]).await.map(drop)
    }
}

/// Says yes on the phone, and leaves these parts of the profile at the store.
pub async fn leave(phone: &Phone, parts: &[&str]) -> Result<()> {
    let page = phone.page();
    page.script(
        "document.querySelector('[name=remember][value=some]').click();
        for (const part of arguments[0]) document.querySelector(`[name=keep_${part}]`).click();",
        vec![json!(parts)],
    )
    .await?;
    page.press_at("[name=decision][value=yes]").await?;
    phone_page(phone, &["done"]).await.map(drop)
}

/// Signs in on the phone and says yes.
pub async fn say_yes(phone: &Phone, address: &str, customer: &Customer, remember: bool) -> Result<()> {
    sign_in_on_phone(phone, address, customer).await?;
    decide(phone, if remember { Decision::Remember } else { Decision::JustThisVisit }).await
}

/// The two characters that the phone shows after the yes.
pub async fn check_on_phone(phone: &Phone) -> Result<String> {
    phone.page().text_at("[data-check]").await
}

/// Waits for the two-way match on the till: the masked name and the check.
pub async fn wait_for_match(app: &App) -> Result<(String, String)> {
    wait_for_stage(app, "match").await?;
    let page = app.associate();
    Ok((page.text_at(&hook("masked-name")).await?, page.text_at(&hook("check")).await?))
}

/// Waits until the sign-in of an associate has come to a stage.
pub async fn wait_for_associate_stage(app: &App, stage: &str) -> Result<()> {
    let selector = format!("[data-screen=\"associateSignIn\"][data-stage=\"{stage}\"]");
    app.associate().wait_for_at(&selector, SHORT).await
}

/// Waits until the sign-in has come to a stage.
pub async fn wait_for_stage(app: &App, stage: &str) -> Result<()> {
    app.associate().wait_for_at(&format!("[data-screen=\"signIn\"][data-stage=\"{stage}\"]"), SHORT).await
}

/// The associate sees the same check on the phone and taps; the profile opens.
pub async fn confirm(app: &App) -> Result<()> {
    app.associate().press_at(&hook("confirm-match")).await?;
    app.associate().wait_for("profile").await
}

/// A whole sign-in, from the tap to the open profile, with the QR code read from the pixels.
pub async fn sign_in(
    app: &App,
    display: &Display,
    phone: &Phone,
    customer: &Customer,
    remember: bool,
) -> Result<()> {
    ask_for_code(app).await?;
    let address = scan(display).await?;
    say_yes(phone, &address, customer, remember).await?;
    let (_, check) = wait_for_match(app).await?;
    let on_phone = check_on_phone(phone).await?;
    ensure!(check == on_phone, "the till shows the check {check} and the phone {on_phone}");
    confirm(app).await
}

/// The visit is over; the till is free again.
pub async fn end(app: &App) -> Result<()> {
    app.associate().press_at(&hook("end-visit")).await?;
    app.associate().wait_for_one_of(&["ended", "home"], SHORT).await?;
    to_home(app).await
}

/// The same for somebody who is remembered: also waits until the till lists them. By then their copy is in the database and
/// their refresh token in the keyring.
pub async fn end_remembered(app: &App, customer: &Customer) -> Result<()> {
    end(app).await?;
    let page = app.associate();
    page.until(&format!("{} among the customers last seen", customer.name), LONG, async || {
        Ok(texts(page, "recent").await?.iter().any(|row| row.contains(customer.name)).then_some(()))
    })
    .await
}

/// Waits until the till's memory is in a state: the value of `data-memory`.
pub async fn memory_is(app: &App, state: &str) -> Result<()> {
    app.associate().wait_for_at(&format!("main[data-memory=\"{state}\"]"), LONG).await
}

/// Leaves an ending or a failure.
pub async fn to_home(app: &App) -> Result<()> {
    let page = app.associate();
    page.until("the start screen", SHORT, async || {
        if page.screen().await? == "home" {
            return Ok(Some(()));
        }
        if page.has(&hook("dismiss")).await? {
            // It may go by itself in the same moment.
            let _ = page
                .script("document.querySelector(arguments[0])?.click();", vec![json!(hook("dismiss"))])
                .await;
        }
        Ok(None)
    })
    .await
}

/// Searches the remembered customers and gives back the texts of the hits. An empty answer is one that the screen
/// says is empty.
pub async fn search(app: &App, query: &str) -> Result<Vec<String>> {
    let page = app.associate();
    page.fill_at(&hook("search"), query).await?;
    let answer = page
        .until(&format!("the answer to {query:?}"), SHORT, async || {
            let answer = page.script(SEARCH_ANSWER, vec![json!(query)]).await?;
            Ok((!answer.is_null()).then_some(answer))
        })
        .await?;
    Ok(serde_json::from_value(answer)?)
}

/// The hits, once the answer is to this query and says how many were searched. A search that failed says nothing of the
/// kind.
const SEARCH_ANSWER: &str = r#"
const answer = document.querySelector('[data-testid="search-answer"]');
if (answer === null || answer.dataset.query !== arguments[0].trim()) return null;
if (answer.querySelector('[data-testid="searched"]') === null) return null;
return [...answer.querySelectorAll('[data-testid="search-hit"]')].map((hit) => hit.innerText);
"#;

/// Finds a remembered customer and opens the copy.
pub async fn open_remembered(app: &App, query: &str) -> Result<()> {
    let hits = search(app, query).await?;
    ensure!(!hits.is_empty(), "{query} was not found");
    app.associate().press_at(&hook("search-hit")).await?;
    app.associate().wait_for("profile").await
}

/// Chooses another value of a preference that is one of a few options.
pub async fn choose(app: &App, group: &str, key: &str, option: &str) -> Result<()> {
    app.associate().press_at(&format!("{} [data-option=\"{option}\"]", preference(group, key))).await
}

/// Waits until the edit of a preference has come so far: the value of `data-progress`.
pub async fn wait_for_progress(app: &App, group: &str, key: &str, wanted: &str) -> Result<()> {
    let page = app.associate();
    let script = "return document.querySelector(arguments[0])?.dataset.progress ?? '';";
    page.until(&format!("{group}.{key} to be {wanted}"), LONG, async || {
        let found = page.script(script, vec![json!(preference(group, key))]).await?;
        ensure!(found == json!(wanted), "it is {found}");
        Ok(Some(()))
    })
    .await
}

/// Waits until a preference is shown with a value: that of `data-value`.
pub async fn wait_for_value(app: &App, group: &str, key: &str, value: &str) -> Result<()> {
    let selector = format!("{}[data-value=\"{value}\"]", preference(group, key));
    app.associate().wait_for_at(&selector, SHORT).await
}

/// Waits until the till knows that the centre can be reached, or that it cannot: the value of `data-state`.
pub async fn connection_is(app: &App, state: &str) -> Result<()> {
    let selector = format!("{}[data-state=\"{state}\"]", hook("connection"));
    app.associate().wait_for_at(&selector, LONG).await
}

/// Waits until the app says something at the edge of the screen: the value of `data-kind`.
pub async fn wait_for_notice(app: &App, kind: &str) -> Result<()> {
    app.associate().wait_for_at(&format!("{}[data-kind=\"{kind}\"]", hook("notice")), LONG).await
}

/// Texts of all elements with a hook.
pub async fn texts(page: &Page, name: &str) -> Result<Vec<String>> {
    let script =
        "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText.trim());";
    Ok(serde_json::from_value(page.script(script, vec![json!(hook(name))]).await?)?)
}

/// Values of an attribute of all elements with a hook.
pub async fn values(page: &Page, name: &str, attribute: &str) -> Result<Vec<String>> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.getAttribute(arguments[1]) ?? '');";
    Ok(serde_json::from_value(page.script(script, vec![json!(hook(name)), json!(attribute)]).await?)?)
}

async fn submit(phone: &Phone, within: &str) -> Result<()> {
    phone.page().press_at(&format!("{within} button[type=submit], {within} button:not([type])")).await
}
