//! Why a till cannot sign anybody in: checks from the configuration over network and identity service to the scanner, of
//! which the first that fails names the cause. What depends on it is not tried, so that one fault is one failed line.
//!
//! Looking and judging are apart: what was seen is judged by pure functions, and time comes in from outside. Every look
//! has a limit, and the whole an upper one ([`examine`]).
//!
//! Nothing secret or personal is in a [`Line`]: its facts are hosts, ports, counts, days and names of algorithms. What
//! a server writes about itself is cut down to the characters of such names. Nothing is changed at the till but for
//! what is taken away at once: a probe in the keyring and one in the data folder.

mod certificate;
mod clock;
mod code;
mod database;
mod disk;
mod display;
mod examination;
mod keyring;
mod line;
mod network;
mod profile;
mod provider;
mod report;
mod scanner;
mod till;
mod watching;

pub use code::Code;
pub use examination::examine;
pub use line::{Check, Fact, Line, Value, Verdict};
pub use provider::note;
pub use report::Report;
pub use till::{Clock, Configuration, Memory, Misconfigured, Screen, Screens, Till};
