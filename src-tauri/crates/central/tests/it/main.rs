//! The service from outside, over real HTTP.
