//! The clients of the services that can tell a customer's profile, behind one trait:
//!
//! - [`Kind::Central`]: the profile API (`assets/central.openapi.json`), which can do everything
//! - [`Kind::UserInfo`]: any OpenID provider's `UserInfo`, read only
//! - [`Kind::IdToken`]: the ID token of the sign-in alone, read only
//! - [`Kind::Auth0`]: Auth0's own user API
//! - [`Kind::Scim`]: SCIM 2.0
//!
//! and of what the profile API tells a till itself: [`StoreApi`].
//!
//! One call is one attempt: nothing here retries, stores or decides. A change carries the caller's idempotency key where
//! the service knows such a thing, and is otherwise one that may be made twice: the caller may send it until it has an answer.
//!
//! No token and no part of a profile is in an error or a log line. The token goes into the `Authorization` header alone,
//! and only over https or to this machine. A profile of anybody but the customer who was asked for is refused.

mod address;
mod auth0;
mod authority;
mod central;
mod error;
mod http;
mod id_token;
mod json;
mod mapping;
mod scim;
mod source;
mod store;
mod user_info;

pub use authority::{Authority, Prove};
pub use error::{Conflict, Error, Problem};
pub use mapping::{Claim, Mapping, Misfit, NotAPointer};
pub use source::{
    Answer, Customer, Discovered, Kind, Me, Offers, ProfileSource, Sealing, SourceConfig, Which, Withdrawal,
};
pub use store::{StoreApi, StoreChange, StoreChanges, StoreCustomer, StorePage};
