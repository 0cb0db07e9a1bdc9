//! The OpenID provider as its clients see it.

mod at_rest;
mod browser;
mod device;
mod id_token;
mod refresh;
mod revocation;
mod signing;
