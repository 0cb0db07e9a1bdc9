//! The desktop shell of Countersign: two windows, the commands their pages may call, the configuration, and the wiring.
//! It decides nothing: what people do goes to the [`counter`], and what its state says is drawn.
//!
//! Nothing crosses into a page but the view models of [`view`]; no token, device code or subject is in them. The customer
//! display can call one command, which gives it what it draws.

pub mod app;
pub mod checkup;
pub mod cli;
pub mod commands;
pub mod config;
pub mod credentials;
pub mod desktop;
pub mod embedded;
pub mod instance;
pub mod logging;
pub mod maintenance;
pub mod paths;
pub mod phone;
pub mod qr;
pub mod screen;
pub mod setup;
pub mod state;
pub mod till;
pub mod view;
pub mod windows;
