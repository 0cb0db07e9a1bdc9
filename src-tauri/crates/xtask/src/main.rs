//! What the README's commands call: set-up, demo, test, lint, bench, codegen, providers, screenshots, gallery.
//!
//! It is compiled first on a machine that has nothing but Rust and Node.js, so it must never depend on a crate of this
//! workspace or on a system library. Every command can be run again, shows what it does, and ends what it started.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to whoever typed the command")]

mod bench;
mod children;
mod codegen;
mod demo;
mod gallery;
mod lint;
mod node;
mod packages;
mod providers;
mod screenshots;
mod services;
mod setup;
mod step;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Set-up, demo, test and the rest of what is done to this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what building needs, and build the pages.
    Setup,
    /// Try it: the embedded central service with a made-up retailer, and the app.
    Demo(demo::Demo),
    /// Build everything once and run every test. More arguments go to cargo-nextest.
    Test(test::Test),
    /// Formatting, clippy, the pages' linters, licences and generated files.
    Lint,
    /// Write what is generated from Rust: the pages' bindings and central's OpenAPI document.
    Codegen(codegen::Codegen),
    /// Measure the release build against a bare application, as a table and in target/bench.json.
    Bench(bench::Bench),
    /// Write docs/providers.md from what the tests see of each provider.
    Providers(providers::Providers),
    /// Take the README's pictures anew.
    Screenshots,
    /// Pictures of every state of every screen in target/gallery/, each looked at by axe.
    Gallery(gallery::Gallery),
}

fn main() -> ExitCode {
    let result = children::end_with_this_process().and_then(|()| match Cli::parse().command {
        Command::Setup => setup::everything(setup::For::Building),
        Command::Demo(demo) => demo.run(),
        Command::Test(test) => test.run(),
        Command::Lint => lint::run(),
        Command::Codegen(codegen) => codegen.run(),
        Command::Bench(bench) => bench.run(),
        Command::Providers(providers) => providers.run(),
        Command::Screenshots => screenshots::run(),
        Command::Gallery(gallery) => gallery.run(),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
