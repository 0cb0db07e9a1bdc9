//! A customer's visit with the whole app: real windows, a QR code read from their pixels, the provider's own pages.

use anyhow::Result;
use harness::{
    App, Display, Keyring, Phone, SHORT, Session, Till, qr,
    records::{self, Behaviour},
    until,
    visit::{self, texts},
};

use crate::{
    pages::{CASIMIR, Customer, Decision, OTTOLINE},
    service::{Kind, Service},
};

/// A till in front of somebody else's identity service.
struct Counter {
    app: App,
    display: Display,
    _session: Session,
    _till: Till,
    service: Service,
    /// Whether the till's tokens work with a proof of its key alone.
    bound: bool,
}

impl Counter {
    async fn with(kind: Kind) -> Result<Counter> {
        let service = Service::start(kind).await?;
        let till = Till::new(service.issuer())?;
        Counter::at(till, service, kind.binds_tokens()).await
    }

    /// The same, whose tokens are not bound to its key: whoever has one can try whether it still works.
    async fn with_bearer_tokens(kind: Kind) -> Result<Counter> {
        let service = Service::start(kind).await?;
        let till = Till::new(service.issuer())?;
        let configured = std::fs::read_to_string(till.configuration())?;
        std::fs::write(till.configuration(), format!("{configured}\n[provider]\ndpop = false\n"))?;
        Counter::at(till, service, false).await
    }

    async fn at(till: Till, service: Service, bound: bool) -> Result<Counter> {
        let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
        let app = App::start(&display, &session, &till).await?;
        visit::unlock(&app).await?;
        Ok(Counter { app, display, _session: session, _till: till, service, bound })
    }

    /// The associate asks for a code; the address in the QR code and the code in letters, as the display shows them.
    async fn code(&self) -> Result<(String, String)> {
        visit::ask_for_code(&self.app).await?;
        let address = visit::scan(&self.display).await?;
        let here = self.service.proxy.url().as_str();
        assert!(address.starts_with(here), "the QR code holds {address}, the provider is at {here}");
        Ok((address, texts(self.app.display(), "user-code").await?.concat()))
    }

    /// The whole visit of one customer, who scans and says yes.
    async fn visit(&self, customer: &Customer) -> Result<()> {
        let (address, code) = self.code().await?;
        self.visit_with(customer, &address, &code).await
    }

    /// The same of one whose camera does not work: they open the address that the display shows, and type the letters.
    async fn visit_without_camera(&self, customer: &Customer) -> Result<()> {
        let (_, code) = self.code().await?;
        let shown = self.app.display().text_at("dd.address").await?;
        self.visit_with(customer, &format!("http://{shown}"), &code).await
    }

    async fn visit_with(&self, customer: &Customer, address: &str, code: &str) -> Result<()> {
        // Each comes with a phone of their own.
        let phone = Phone::start("en").await?;
        self.service.decide(&phone, address, code, customer, Decision::Yes).await?;

        visit::wait_for_stage(&self.app, "match").await?;
        let shown = self.app.associate().text().await?;
        assert!(!shown.contains(customer.name), "the whole name is shown before the match: {shown}");
        visit::confirm(&self.app).await?;
        self.app.display().wait_for("welcome").await?;
        assert_eq!(texts(self.app.associate(), "customer-name").await?, [customer.name]);
        let greeting = self.app.display().text().await?;
        let by_name = greeting.contains(customer.given);
        assert_eq!(by_name, self.service.kind.tells_given_names(), "the display says {greeting}");
        assert!(!greeting.contains(customer.name), "the display shows more than the first name: {greeting}");
        let works_alone = self.service.knows_any().await?;
        assert_eq!(works_alone, !self.bound, "during the visit, of a token without a proof");
        if self.bound {
            records::seen(self.service.kind.name(), &[Behaviour::Dpop])?;
        }

        visit::end(&self.app).await?;
        self.app.display().wait_for("rest").await?;
        for window in [self.app.associate(), self.app.display()] {
            let left = window.script("return document.documentElement.outerHTML;", vec![]).await?.to_string();
            assert!(!left.contains(customer.given), "a window still holds {}", customer.given);
        }
        // Pixels come a little later than the page says.
        until("a display without a QR code", SHORT, async || {
            Ok(qr::decode(&self.display.picture()?)?.is_none().then_some(()))
        })
        .await?;
        if self.bound || !self.service.kind.revokes_for_public_clients() {
            return Ok(());
        }
        until("the provider to refuse the tokens of the visit", SHORT, async || {
            Ok((!self.service.knows_any().await?).then_some(()))
        })
        .await?;
        records::seen(self.service.kind.name(), &[Behaviour::Revocation])
    }
}

async fn one_customer_after_the_other_signs_in(kind: Kind) -> Result<()> {
    use Behaviour::{DeviceCode, Discovery, IdToken, Tokens, UserInfo, VerificationPage};

    let counter = Counter::with(kind).await?;
    counter.visit(&OTTOLINE).await?;
    counter.visit(&CASIMIR).await?;
    records::seen(kind.name(), &[Discovery, DeviceCode, VerificationPage, Tokens, IdToken, UserInfo])?;
    counter.app.quit().await
}

async fn a_customer_who_says_no_is_shown_to_nobody(kind: Kind) -> Result<()> {
    let counter = Counter::with_bearer_tokens(kind).await?;
    let phone = Phone::start("en").await?;
    let (address, code) = counter.code().await?;
    counter.service.decide(&phone, &address, &code, &OTTOLINE, Decision::No).await?;
    counter.app.associate().wait_for_at("[data-screen=\"failed\"][data-why=\"denied\"]", SHORT).await?;
    counter.app.display().wait_for("sorry").await?;
    for window in [counter.app.associate(), counter.app.display()] {
        assert!(!window.text().await?.contains(OTTOLINE.given));
    }
    records::seen(kind.name(), &[Behaviour::Denied])?;
    visit::to_home(&counter.app).await?;
    counter.visit_without_camera(&CASIMIR).await?;
    counter.app.quit().await
}

#[tokio::test]
async fn one_customer_after_the_other_signs_in_at_node_oidc_provider() -> Result<()> {
    one_customer_after_the_other_signs_in(Kind::OidcProvider).await
}

#[tokio::test]
async fn a_customer_who_says_no_at_node_oidc_provider_is_shown_to_nobody() -> Result<()> {
    a_customer_who_says_no_is_shown_to_nobody(Kind::OidcProvider).await
}

#[tokio::test]
async fn one_customer_after_the_other_signs_in_at_glewlwyd() -> Result<()> {
    one_customer_after_the_other_signs_in(Kind::Glewlwyd).await
}

#[tokio::test]
async fn one_customer_after_the_other_signs_in_at_better_auth() -> Result<()> {
    one_customer_after_the_other_signs_in(Kind::BetterAuth).await
}

#[tokio::test]
async fn a_customer_who_says_no_at_better_auth_is_shown_to_nobody() -> Result<()> {
    a_customer_who_says_no_is_shown_to_nobody(Kind::BetterAuth).await
}
