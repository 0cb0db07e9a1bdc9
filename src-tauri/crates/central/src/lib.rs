//! The embedded central service: an OpenID provider, the phone pages that a customer sees, and the profile API, in
//! one process on one SQLite file.
//!
//! It makes the demo and the tests real and serves one machine; a chain may as well run any other OpenID provider
//! behind the same contract. What decides about security is libraries: `argon2` for passwords, `openidconnect`'s own
//! types for metadata, keys and ID tokens, `ed25519-dalek` for signatures.
//!
//! It must never store a token, code or cookie other than as a hash, never log who a customer is, and never answer a
//! till anything that the customer has not said yes to.

mod accounts;
mod api;
mod audit;
mod bearer;
mod claims;
mod clients;
mod clock;
mod customers;
mod db;
mod demo;
mod error;
mod grants;
mod handing_over;
mod keys;
mod limits;
mod pages;
mod passwords;
mod provider;
mod receipts;
mod sealing;
mod secret;
mod server;
mod sessions;
mod state;
mod store_tokens;
mod tokens;
mod user_code;
mod waiting;

pub use api::openapi;
pub use audit::{AuditTrail, Broken};
pub use clock::{Clock, ManualClock, SystemClock};
pub use customers::Kept;
pub use error::Error;
pub use handing_over::{Decided, Decision};
pub use server::{Demo, Options, Server, audit_trails, decide, erase, kept};
