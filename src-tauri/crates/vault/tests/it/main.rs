//! The vault on real files: what a till's user, its IT department and a privacy officer rely on.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests too"
)]

mod agreement;
mod associates;
mod bulk;
mod concurrency;
mod customers;
#[cfg(target_os = "linux")]
mod disk;
mod encryption;
mod erasing;
#[cfg(target_os = "linux")]
mod failing_disk;
mod feed;
mod killing;
mod maintenance;
mod mending;
#[cfg(target_os = "linux")]
mod mount;
mod new_customers;
mod opening;
mod outbox;
mod pages;
mod rekeying;
mod sealed;
mod search;
mod shipping;
mod support;
#[cfg(target_os = "linux")]
mod system_keyring;
mod tokens;
mod upgrading;
mod work;
