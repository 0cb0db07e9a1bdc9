//! The engine from outside: the machine as tables of events, the driver against a provider that tests hold in hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod driver;
mod machine;
mod people;
