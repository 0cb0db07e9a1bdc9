//! A store for one test: the central service behind a recording proxy, a till with its session and screen, a phone.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{App, CentralProcess, Display, Keyring, Phone, Proxy, Session, Till, central::FEW, init};

/// Everything a visit needs. The app is started last and ended first.
#[derive(Debug)]
pub struct Scene {
    app: Option<App>,
    /// The customer's phone.
    pub phone: Phone,
    /// The virtual screen.
    pub display: Display,
    /// Message bus and keyring.
    pub session: Session,
    /// The till's folders.
    pub till: Till,
    /// What stands between the till and the central service, and writes down what passes.
    pub proxy: Proxy,
    /// The central service.
    pub central: CentralProcess,
}

impl Scene {
    /// Sets the store up and starts the app. Where there is a keyring, the till signs who it is with a key of its own.
    pub async fn start(keyring: Keyring) -> Result<Scene> {
        Scene::start_with(keyring, FEW).await
    }

    /// The same, with so many customers.
    pub async fn start_with(keyring: Keyring, customers: u32) -> Result<Scene> {
        init();
        let (proxy, session) = (Proxy::start().await?, Session::start(keyring).await?);
        let issuer = proxy.url().as_str().trim_end_matches('/');
        let (till, key) = match keyring {
            Keyring::Unlocked => {
                let (till, key) = Till::with_key(issuer, &session)?;
                (till, Some(key))
            }
            _ => (Till::new(issuer)?, None),
        };
        Scene::of(proxy, session, till, key, customers).await
    }

    /// The same, with a till that says its name alone.
    pub async fn start_by_name(keyring: Keyring) -> Result<Scene> {
        init();
        let (proxy, session) = (Proxy::start().await?, Session::start(keyring).await?);
        let till = Till::new(proxy.url().as_str().trim_end_matches('/'))?;
        Scene::of(proxy, session, till, None, FEW).await
    }

    async fn of(
        proxy: Proxy,
        session: Session,
        till: Till,
        key: Option<PathBuf>,
        customers: u32,
    ) -> Result<Scene> {
        let central = CentralProcess::start_knowing(customers, "trace", Some(proxy.url().clone()), key)?;
        proxy.pass_to(central.listen());
        let display = Display::start()?;
        let phone = Phone::start("en").await?;
        let app = App::start(&display, &session, &till).await?;
        Ok(Scene { app: Some(app), phone, display, session, till, proxy, central })
    }

    /// The running app.
    pub fn app(&self) -> Result<&App> {
        self.app.as_ref().context("the app was ended")
    }

    /// Ends the app as a power cut would.
    pub async fn kill_app(&mut self) -> Result<()> {
        self.app.take().context("the app was ended")?.kill().await
    }

    /// Ends the app in good order.
    pub async fn quit_app(&mut self) -> Result<()> {
        self.app.take().context("the app was ended")?.quit().await
    }

    /// Starts the app again: same till, same session, same screen.
    pub async fn start_app(&mut self) -> Result<&App> {
        let app = App::start(&self.display, &self.session, &self.till).await?;
        Ok(self.app.insert(app))
    }
}
