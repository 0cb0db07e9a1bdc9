//! The client of the profile API (`assets/central.openapi.json`): profile, activity, preferences, visits.
//!
//! One call is one request: nothing here retries, stores or decides. No token and no part of a profile is in an error
//! or a log line.

mod client;
mod error;

pub use client::{Directory, Me};
pub use error::{Error, Problem};
