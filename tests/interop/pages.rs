//! What a customer does on the pages of each provider: these are theirs, not ours, and so are their texts.

use anyhow::{Result, ensure};
use harness::{AMELIE, Phone, SHORT, visit};

use crate::service::{Kind, Service};

/// The password of every customer, where a provider asks for one.
const PASSWORD: &str = "lantern-harbour-42";

/// A customer whom each of the services knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Customer {
    pub(crate) login: &'static str,
    pub(crate) given: &'static str,
    pub(crate) name: &'static str,
}

pub(crate) const OTTOLINE: Customer =
    Customer { login: "ottoline", given: "Ottoline", name: "Ottoline Featherstonehaugh" };
pub(crate) const CASIMIR: Customer =
    Customer { login: "casimir", given: "Casimir", name: "Casimir Wrzesniewski" };

/// What a customer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Yes,
    No,
}

impl Service {
    /// Opens the address that was scanned, enters the code where the page asks for it, signs in and decides.
    pub(crate) async fn decide(
        &self,
        phone: &Phone,
        address: &str,
        code: &str,
        customer: &Customer,
        decision: Decision,
    ) -> Result<()> {
        if self.kind != Kind::Central {
            phone.page().open(address).await?;
        }
        match self.kind {
            Kind::OidcProvider => oidc_provider(phone, code, customer, decision).await,
            Kind::Glewlwyd => {
                ensure!(decision == Decision::Yes, "its pages have no \"no\"");
                glewlwyd(phone, customer).await
            }
            Kind::Central => {
                visit::sign_in_on_phone(phone, address, &AMELIE).await?;
                let yes = visit::Decision::Remember;
                visit::decide(phone, if decision == Decision::Yes { yes } else { visit::Decision::No }).await
            }
            Kind::BetterAuth => better_auth(phone, code, customer, decision).await,
        }
    }
}

async fn oidc_provider(phone: &Phone, code: &str, customer: &Customer, decision: Decision) -> Result<()> {
    const CONFIRM: &str = "[form='op.deviceConfirmForm']";
    const ENTER: &str = "input[type=text][name=user_code]";
    let page = phone.page();
    page.wait_for_at(&format!("{CONFIRM}, {ENTER}"), SHORT).await?;
    if page.has(ENTER).await? {
        page.fill_at(ENTER, code).await?;
        page.press_at("[form='op.deviceInputForm']").await?;
        page.wait_for_at(CONFIRM, SHORT).await?;
    }
    let asked = page.text().await?;
    ensure!(asked.contains(code), "the page does not show the code {code}: {asked}");
    page.press_at(&format!("{CONFIRM}[autofocus]")).await?;
    page.fill_at("[name=login]", customer.login).await?;
    page.fill_at("[name=password]", PASSWORD).await?;
    page.press_at(".login-submit").await?;
    page.wait_for_at("[name=prompt][value=consent]", SHORT).await?;
    match decision {
        Decision::Yes => {
            page.press_at(".login-submit").await?;
            page.wait_for_at(".container:not(:has(form))", SHORT).await
        }
        Decision::No => {
            page.press_at("a[href$='/abort']").await?;
            page.wait_for_at("[id='op.deviceInputForm']", SHORT).await
        }
    }
}

/// It shows no code to compare, and has no "no": whoever does not want to closes the page, and the code runs out.
async fn glewlwyd(phone: &Phone, customer: &Customer) -> Result<()> {
    let page = phone.page();
    page.fill_at("#username", customer.login).await?;
    page.fill_at("#password", PASSWORD).await?;
    page.press_at("#loginbut").await?;
    page.wait_for_at("#grant-profile", SHORT).await?;
    for scope in ["profile", "email", "offline_access"] {
        page.press_at(&format!("#grant-{scope}")).await?;
    }
    page.press_at(".carousel-item .btn-primary").await?;
    page.until("the grant to be taken", SHORT, async || {
        Ok((!page.has("#grant-profile").await?).then_some(()))
    })
    .await?;
    page.press_at(".btn-success").await?;
    page.until("the end of the page's questions", SHORT, async || {
        let at = page.script("return location.search;", vec![]).await?;
        Ok(at.as_str().is_some_and(|at| at.contains("prompt=deviceComplete")).then_some(()))
    })
    .await
}

async fn better_auth(phone: &Phone, code: &str, customer: &Customer, decision: Decision) -> Result<()> {
    let page = phone.page();
    if page.has("#enter:not([hidden])").await? {
        page.fill_at("[name=user_code]", code).await?;
        page.press_at("#enter button").await?;
    }
    page.fill_at("[name=login]", customer.login).await?;
    page.fill_at("[name=password]", PASSWORD).await?;
    page.press_at("#sign-in button").await?;
    page.wait_for_at("#decide:not([hidden])", SHORT).await?;
    let asked = page.text().await?;
    ensure!(asked.contains(code), "the page does not show the code {code}: {asked}");
    let answer = if decision == Decision::Yes { "approve" } else { "deny" };
    page.press_at(&format!("#decide [value={answer}]")).await?;
    page.wait_for_at("#done:not([hidden])", SHORT).await
}
