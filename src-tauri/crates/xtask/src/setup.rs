//! What every command needs before it can begin. Safe to run again: it does only what is missing.

use anyhow::Result;

use crate::{
    node, packages,
    step::{already, can_run, run, step},
    workspace::cargo,
};

/// What the set-up is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Building and running the app.
    Building,
    /// And showing it to a person.
    Showing,
    /// And driving it without one.
    Driving,
}

/// System packages and pages.
pub(crate) fn everything(purpose: For) -> Result<()> {
    packages::install(purpose)?;
    node::build_pages()
}

/// The test runner.
pub(crate) fn nextest() -> Result<()> {
    subcommand("nextest", "~0.9")
}

/// What looks at licences and at where crates come from.
pub(crate) fn deny() -> Result<()> {
    subcommand("deny", "~0.20")
}

/// The version is one that this repository's Rust builds.
fn subcommand(name: &str, version: &str) -> Result<()> {
    let program = format!("cargo-{name}");
    if can_run(&program, &[name, "--version"]) {
        already(&format!("{program} is there"));
        return Ok(());
    }
    step(&format!("install {program}"), || {
        run(cargo().args(["install", "--locked", &program, "--version", version]))
    })
}
