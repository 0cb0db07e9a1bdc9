//! The phone pages as a phone sees them.

mod account;
mod device;
mod safety;
