//! The vault on real files: what a till's user, its IT department and a privacy officer rely on.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests too"
)]

mod associates;
mod concurrency;
mod customers;
mod encryption;
mod killing;
mod opening;
mod outbox;
mod search;
mod support;
#[cfg(target_os = "linux")]
mod system_keyring;
mod tokens;
