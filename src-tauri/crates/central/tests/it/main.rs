//! The service from outside, over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod demo;
mod pages;
mod profile_api;
mod provider;
mod signer;
mod starting;
mod till;
mod world;
