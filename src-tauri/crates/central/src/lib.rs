//! The embedded central service: an OpenID provider and profile API for one machine.
