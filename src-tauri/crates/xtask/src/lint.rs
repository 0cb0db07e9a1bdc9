//! What is held of every line, beside the tests.

use anyhow::{Result, bail};

use crate::{
    codegen, node, setup,
    step::{self, step},
    workspace::cargo,
};

/// Runs all linters; says at the end which ones had something to say.
pub(crate) fn run() -> Result<()> {
    setup::everything(setup::For::Building)?;
    setup::deny()?;
    let mut unhappy = Vec::new();
    let mut lint = |what: &str, work: &mut dyn FnMut() -> Result<()>| {
        if let Err(error) = step(what, work) {
            eprintln!("{error:#}");
            unhappy.push(what.to_owned());
        }
    };
    lint("formatting", &mut || run_cargo(&["fmt", "--all", "--check"]));
    lint("clippy", &mut || run_cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    lint("documentation", &mut || {
        step::run(cargo().env("RUSTDOCFLAGS", "-D warnings").args([
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
            "--quiet",
        ]))
    });
    lint("the pages' style", &mut || step::run(node::npm()?.args(["run", "lint"])));
    lint("the pages' types", &mut || step::run(node::npm()?.args(["run", "check"])));
    lint("generated files are those of the sources", &mut || codegen::Codegen { check: true }.run());
    // The duplicates that it only warns of are many lines.
    lint("licences, bans and sources", &mut || {
        run_cargo(&["deny", "--all-features", "--log-level", "error", "check", "bans", "licenses", "sources"])
    });
    lint("known faults in the pages' packages", &mut audit);
    if unhappy.is_empty() { Ok(()) } else { bail!("not clean: {}", unhappy.join(", ")) }
}

/// npm's list of known faults; a machine without that service is no fault of the sources.
fn audit() -> Result<()> {
    let output = node::npm()?.args(["audit", "--omit=dev", "--audit-level=high", "--json"]).output()?;
    let answer = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        Ok(())
    } else if answer.contains("\"vulnerabilities\"") {
        bail!("{answer}")
    } else {
        println!("    The list of known faults cannot be reached; not checked.");
        Ok(())
    }
}

fn run_cargo(arguments: &[&str]) -> Result<()> {
    step::run(cargo().args(arguments))
}
