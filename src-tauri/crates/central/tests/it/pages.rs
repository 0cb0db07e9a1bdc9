//! The phone pages as a phone sees them.

mod account;
mod agreements;
mod device;
mod safety;
