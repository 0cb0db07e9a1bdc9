//! What every handler shares.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use url::Url;

use crate::{
    Clock, Error,
    db::Db,
    keys::Keys,
    limits::Limits,
    pages::Brands,
    passwords::Passwords,
    provider::client::Assertions,
    sealing::Sealing,
    waiting::{Held, WaitingRoom},
};

/// What every handler shares; clones are cheap.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    /// The public URL.
    pub(crate) issuer: Arc<Url>,
    /// How phones reach the pages.
    pub(crate) phone_url: Arc<Url>,
    pub(crate) keys: Keys,
    pub(crate) sealing: Sealing,
    /// How pages look.
    pub(crate) brands: Arc<Brands>,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Arc<Limits>,
    pub(crate) assertions: Arc<Assertions>,
    pub(crate) waiting: WaitingRoom,
    /// Requests that are held, for tokens or for changes.
    pub(crate) held: Held,
    /// What successors of refresh tokens are made with.
    pub(crate) refresh_key: Arc<[u8]>,
    /// What tells a code that was scanned from one that was typed.
    pub(crate) scan_key: Arc<[u8]>,
    /// Whether the sign-in page tells how to sign in.
    pub(crate) demo: bool,
    pub(crate) stop: watch::Receiver<bool>,
}

impl AppState {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The issuer as it is written everywhere: without a trailing slash.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }

    /// Ends when the service stops: whoever holds a request answers it then.
    pub(crate) async fn stopping(&self) {
        // An error means that the server is gone, which is the same.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }
}

/// Reads random bytes by their name, made at first start.
pub(crate) async fn secret(db: &Db, name: &str) -> Result<Arc<[u8]>, Error> {
    let mut fresh = [0_u8; 32];
    rand::fill(&mut fresh);
    let fresh = fresh.as_slice();
    let mut write = db.write().await?;
    sqlx::query!(
        "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        name,
        fresh
    )
    .execute(&mut *write)
    .await?;
    let value =
        sqlx::query_scalar!("SELECT value FROM secrets WHERE name = ?", name).fetch_one(&mut *write).await?;
    write.commit().await?;
    Ok(value.into())
}
