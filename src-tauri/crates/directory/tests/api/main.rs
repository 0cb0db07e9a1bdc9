//! The profile API is played by a server that says exactly what a test needs.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod refusals;
mod requests;
mod silence;
mod stand;
