//! The engine of a counter: decide first, do after.
//!
//! [`machine`] holds the pure state machine: `step(state, event, now) -> effects`. [`driver`] runs the effects on tokio
//! (ask the provider, read the vault) and feeds the results back as events, so that every journey is a table of events
//! in a test, and the screen is a function of one [`State`].
//!
//! Invariants, held by property tests:
//! - a profile is in the state only after an ID token was verified and an associate confirmed the match, or after an
//!   associate opened a remembered customer by name;
//! - nothing polls after a sign-in has ended;
//! - after the end nothing of the customer is in the state;
//! - tokens and device codes are never in the state: the driver holds them, keyed by [`AttemptId`](state::AttemptId).
//!
//! This crate knows neither windows nor Tauri.

pub mod credentials;
pub mod driver;
pub mod input;
pub mod machine;
mod proof;
pub mod roles;
pub mod state;

pub use credentials::Credentials;
pub use driver::{
    AssociatesAt, CentreSearch, Clock, Counter, Jitter, Parts, SearchError, SearchResult, Searched,
};
pub use input::{Entry, Input};
pub use machine::{Machine, Settings};
pub use state::State;
