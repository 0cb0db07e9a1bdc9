//! The OpenID Connect relying party of the till: discovery, device grant (RFC 8628), ID token checks, refresh, the end of
//! a visit (RFC 7009), against any provider. Where one departs from the standard stands in one table ([`providers`]).
//!
//! One call is one step: nothing here waits, loops or retries by itself, so the caller's machine can hold and test
//! every step. The exceptions are a single second look at the provider's keys when a token does not fit them, a second
//! request where the provider has refused the first for want of its nonce (RFC 9449, section 8), and a second refresh where
//! the provider documents that it may be.
//!
//! All requests go through one seam, [`Transport`]; the wall clock comes in. The checks of OpenID Connect are those of
//! `openidconnect`. What it lacks is written here and says so: single polls that are judged by what the answer says
//! ([`Provider::poll`]), the checks of `azp` and `at_hash`, signatures of a till's own key ([`TillKey`]), and requests that
//! never hold a secret longer than they need it.
//!
//! Tokens and device codes are secrets: they leave this crate inside [`secrecy::SecretString`] only, and neither `Debug`
//! nor an error shows them. A customer is never reported before all checks have passed.

mod addresses;
mod config;
mod device;
mod ending;
mod error;
mod facts;
mod id_token;
mod json;
mod keys;
mod metadata;
mod network;
mod own_token;
mod provider;
pub mod providers;
mod refresh;
mod requests;
mod schedule;
mod till_key;
mod token_answer;
mod tokens;
mod transport;
mod user_info;

pub use addresses::is_this_machine;
pub use config::{ClientAuthentication, LEEWAY, LONGEST_LEEWAY, ProviderConfig};
pub use ending::{Ended, StillValid, TokenEnd};
pub use error::{Distrust, Error, KeyError, NetworkError, RefreshError, Refusal};
pub use facts::Facts;
pub use network::{Network, check_ca_file, check_proxy, http_client, server_verifier};
pub use provider::{Clock, Provider};
pub use providers::{Advice, Departures, Kind, VisitEnd};
pub use schedule::{AnswerKind, PollSchedule};
pub use till_key::TillKey;
pub use tokens::{Claims, DeviceCode, Evidence, PollAnswer, SignedIn, Tokens};
pub use transport::{Failure, Reply, Transport};
