//! Broken set-ups, on real parts: servers with real certificates, proxies, databases. Of each the first line that is not
//! well must have the right code.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod around;
mod good;
mod provider;
mod stand;
mod till;
mod way;
