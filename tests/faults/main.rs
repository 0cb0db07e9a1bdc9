//! What goes wrong in stores: customers who say no, providers that lie, networks that go, keyrings that do not answer,
//! files that are damaged. Each has its own screen, shows nobody's profile, and lets the next customer start at once.

mod configuration;
mod desktop;
mod doctor;
mod endings;
mod memory;
