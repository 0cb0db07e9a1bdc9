//! The client of the profile API (`assets/central.openapi.json`): profile, activity, preferences, visits. A provider
//! without that API is asked for its `UserInfo`, which says who somebody is and no more.
//!
//! One call is one request: nothing here retries, stores or decides. A change carries the caller's idempotency key, so the
//! caller may send it again until it has an answer.
//!
//! No token and no part of a profile is in an error or a log line. The token goes into the `Authorization` header alone,
//! and only over https or to this machine.

mod client;
mod error;
mod http;
mod user_info;

pub use client::{Directory, Me};
pub use error::{Conflict, Error, Problem};
