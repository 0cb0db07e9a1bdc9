//! The program. Everything is in the library, so that it can be tested.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use clap::Parser as _;
use countersign::{app, cli::Cli};

fn main() -> ExitCode {
    app::run(&Cli::parse())
}
