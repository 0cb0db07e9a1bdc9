//! The provider's side is played by a server that says exactly what a test needs; its tokens are signed here.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod client_authentication;
mod codes;
mod discovery;
mod ending;
mod hostile;
mod id_tokens;
mod keys;
mod network;
mod own_token;
mod polls;
mod recorded;
mod refresh;
mod silence;
mod stand;
mod user_info;
