//! What a customer does on the pages of each provider: these are theirs, not ours, and so are their texts.

use anyhow::{Result, ensure};
use harness::{Phone, SHORT};

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
        phone.page().open(address).await?;
        match self.kind {
            Kind::OidcProvider => oidc_provider(phone, code, customer, decision).await,
            Kind::Glewlwyd => glewlwyd(phone, code, customer, decision).await,
        }
    }
}

async fn oidc_provider(phone: &Phone, code: &str, customer: &Customer, decision: Decision) -> Result<()> {
    const CONFIRM: &str = "[form='op.deviceConfirmForm']";
    let page = phone.page();
    page.wait_for_at(CONFIRM, SHORT).await?;
    let asked = page.text().await?;
    ensure!(asked.contains(code), "the page does not show the code {code}: {asked}");
    page.press_at(&format!("{CONFIRM}[autofocus]")).await?;
    page.fill_at("[name=login]", customer.login).await?;
    page.fill_at("[name=password]", PASSWORD).await?;
    page.press_at(".login-submit").await?;
    page.wait_for_at("[name=prompt][value=consent]", SHORT).await?;
    match decision {
        Decision::Yes => page.press_at(".login-submit").await?,
        Decision::No => page.press_at("a[href$='/abort']").await?,
    }
    page.wait_for_at(".container:not(:has(form))", SHORT).await
}

async fn glewlwyd(phone: &Phone, _code: &str, _customer: &Customer, _decision: Decision) -> Result<()> {
    let page = phone.page();
    page.wait_for_at("input", SHORT).await?;
    let html = page.script("return document.body.innerHTML;", vec![]).await?;
    anyhow::bail!("{html}")
}
