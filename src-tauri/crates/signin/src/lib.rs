//! The OpenID Connect relying party of the till: discovery, device grant (RFC 8628), ID token checks, refresh,
//! revocation (RFC 7009), against any provider.
//!
//! One call is one step: nothing here waits, loops or retries by itself, so the caller's machine can hold and test
//! every step. The one exception is a single second look at the provider's keys when a token names an unknown one.
//!
//! Tokens and device codes are secrets: they leave this crate inside [`secrecy::SecretString`] only, and neither `Debug`
//! nor an error shows them. A customer is never reported before all checks of the ID token have passed.

mod error;
mod provider;
mod schedule;
mod tokens;

pub use error::{Distrust, Error, RefreshError, Refusal};
pub use provider::{Provider, ProviderConfig, http_client};
pub use schedule::{AnswerKind, PollSchedule};
pub use tokens::{Claims, DeviceCode, PollAnswer, Revocation, SignedIn, Tokens};
