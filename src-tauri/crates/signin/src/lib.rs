//! The OpenID Connect relying party of the till: discovery, device grant (RFC 8628), ID token checks, refresh,
//! revocation (RFC 7009), against any provider.
//!
//! One call is one step: nothing here waits, loops or retries by itself, so the caller's machine can hold and test
//! every step. The one exception is a single second look at the provider's keys when a token names an unknown one.
//!
//! The types and checks of OpenID Connect are those of `openidconnect`. What it lacks is written here and says so:
//! single polls that are judged by what the answer says ([`Provider::poll`]), the checks of `azp` and `at_hash`, and
//! requests that never hold a secret longer than they need it.
//!
//! Tokens and device codes are secrets: they leave this crate inside [`secrecy::SecretString`] only, and neither `Debug`
//! nor an error shows them. A customer is never reported before all checks of the ID token have passed.

mod addresses;
mod device;
mod error;
mod http;
mod id_token;
mod metadata;
mod provider;
mod schedule;
mod token_answer;
mod tokens;

pub use error::{Distrust, Error, RefreshError, Refusal};
pub use http::http_client;
pub use provider::{Provider, ProviderConfig};
pub use schedule::{AnswerKind, PollSchedule};
pub use tokens::{Claims, DeviceCode, PollAnswer, Revocation, SignedIn, Tokens};
