//! What the system tests, the demo's player and the bench drive the real parts with: a virtual display, a private
//! session with a real keyring, the real central service, the real app through its webview, and a customer's phone.
//!
//! It sees the system only from outside (windows, pixels, HTTP, files, memory) and must never reach into a crate.
//! It is for Linux: `WebKitWebDriver`, Xvfb and D-Bus are. Everything it starts dies with it.

mod app;
mod central;
mod children;
pub mod database;
mod display;
mod page;
mod phone;
mod provider;
mod proxy;
pub mod qr;
pub mod recorder;
pub mod records;
mod scene;
pub mod search;
mod session;
mod till;
pub mod visit;
mod wait;

pub use app::{App, command_line, command_line_in};
pub use central::{AMELIE, CentralProcess, Customer, DEMO_PASSWORD, STAFF};
pub use children::{Guarded, binary, start_listening, tool};
pub use display::Display;
pub use page::Page;
pub use phone::Phone;
pub use provider::{Answer, Garbage, Poll, Provider, TokenFault};
pub use proxy::{Method, Passed, Proxy};
pub use scene::Scene;
pub use session::{Keyring, Session};
pub use till::Till;
pub use wait::{LONG, SHORT, until};

/// Makes the TLS library that the tests' HTTP clients are built on usable. Safe to call again.
pub fn init() {
    // Fails only when it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
