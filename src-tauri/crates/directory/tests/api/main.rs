//! The services are played by a server that says exactly what a test needs.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod auth0;
mod bound_tokens;
mod hostility;
mod refusals;
mod requests;
mod scim;
mod scim_live;
mod silence;
mod stand;
mod user_info;
