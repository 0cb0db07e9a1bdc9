//! The OpenID Connect relying party of the till: discovery, device grant, ID token checks, refresh, revocation.
