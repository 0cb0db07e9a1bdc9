//! Browsers: the cookie of one that is signed in, and the token that proves a form came from our own page.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderName, header::SET_COOKIE, request::Parts},
    response::AppendHeaders,
};
use axum_extra::extract::cookie::CookieJar;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::{
    Error,
    secret::{Fresh, SecretHash},
    state::AppState,
};

/// How long a phone stays signed in.
const STAYS_SIGNED_IN: TimeDelta = TimeDelta::days(90);

/// A browser, known by its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    /// Where it asks from; for limits alone.
    pub(crate) address: String,
    /// A random value that every browser is given: what forms and limits are bound to.
    id: String,
    /// The session cookie, as sent.
    session: Option<String>,
    secure: bool,
    set: Vec<(HeaderName, String)>,
}

/// Who is signed in.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) subject: String,
    pub(crate) email: String,
    pub(crate) auth_time: i64,
}

impl FromRequestParts<AppState> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        let secure = state.issuer.scheme() == "https" && state.phone_url.scheme() == "https";
        let value = |name: &str| jar.get(&cookie_name(name, secure)).map(|cookie| cookie.value().to_owned());
        let session = value("session");
        let known = value("browser");
        // The peer, not a forwarded header: anybody can write one of those.
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or_else(String::new, |ConnectInfo(peer)| peer.ip().to_string());
        let mut browser = Self { address, id: String::new(), session, secure, set: Vec::new() };
        if let Some(id) = known {
            browser.id = id;
        } else {
            let fresh = Fresh::random();
            browser.set("browser", fresh.expose());
            fresh.expose().clone_into(&mut browser.id);
        }
        Ok(browser)
    }
}

impl Browser {
    /// What limits count by.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The cookies to send with the answer.
    pub(crate) fn cookies(&self) -> AppendHeaders<Vec<(HeaderName, String)>> {
        AppendHeaders(self.set.clone())
    }

    /// The value of the hidden field in every form: bound to this browser and to who is signed in on it.
    pub(crate) fn form_token(&self) -> String {
        let mut hash = Sha256::new_with_prefix(b"form");
        for part in [self.id.as_str(), self.session.as_deref().unwrap_or_default()] {
            hash.update([0]);
            hash.update(part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    /// Whether a form came from a page that this browser was shown. Compared as hashes, so that the time it takes tells
    /// nothing.
    pub(crate) fn sent(&self, form_token: &str) -> bool {
        SecretHash::of(form_token) == SecretHash::of(&self.form_token())
    }

    /// Who is signed in.
    pub(crate) async fn session(&self, state: &AppState) -> Result<Option<Session>, Error> {
        let Some(session) = &self.session else { return Ok(None) };
        let hash = SecretHash::of(session);
        let (hash, now) = (hash.as_slice(), state.now().timestamp());
        let row = sqlx::query!(
            "SELECT s.subject, s.signed_in_at, a.email
             FROM sessions s JOIN accounts a ON a.subject = s.subject
             WHERE s.hash = ? AND s.expires_at > ?",
            hash,
            now
        )
        .fetch_optional(state.db.read())
        .await?;
        Ok(row.map(|row| Session { subject: row.subject, email: row.email, auth_time: row.signed_in_at }))
    }

    /// Signs in. The session has a new name each time, so that none can be planted before.
    pub(crate) async fn sign_in(&mut self, state: &AppState, subject: &str) -> Result<(), Error> {
        let session = Fresh::random();
        let (hash, now) = (session.hash(), state.now());
        let (hash, signed_in_at, expires_at) =
            (hash.as_slice(), now.timestamp(), (now + STAYS_SIGNED_IN).timestamp());
        self.end_session(state).await?;
        let mut write = state.db.write().await?;
        sqlx::query!(
            "INSERT INTO sessions (hash, subject, signed_in_at, expires_at) VALUES (?, ?, ?, ?)",
            hash,
            subject,
            signed_in_at,
            expires_at
        )
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        self.set("session", session.expose());
        Ok(())
    }

    /// Signs out.
    pub(crate) async fn sign_out(&mut self, state: &AppState) -> Result<(), Error> {
        self.end_session(state).await?;
        self.set("session", "");
        Ok(())
    }

    async fn end_session(&mut self, state: &AppState) -> Result<(), Error> {
        let Some(old) = self.session.take() else { return Ok(()) };
        let hash = SecretHash::of(&old);
        let hash = hash.as_slice();
        let mut write = state.db.write().await?;
        sqlx::query!("DELETE FROM sessions WHERE hash = ?", hash).execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }

    /// `Lax`, not `Strict`: a page opened by the camera comes from another app.
    fn set(&mut self, name: &str, value: &str) {
        let name = cookie_name(name, self.secure);
        let age = if value.is_empty() { 0 } else { STAYS_SIGNED_IN.num_seconds() };
        let secure = if self.secure { "; Secure" } else { "" };
        self.set.push((
            SET_COOKIE,
            format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"),
        ));
    }
}

/// With the prefix no other host of the domain can set the cookie; browsers take it over https only.
fn cookie_name(name: &str, secure: bool) -> String {
    let prefix = if secure { "__Host-" } else { "" };
    format!("{prefix}countersign_{name}")
}
