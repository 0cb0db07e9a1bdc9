//! Measuring the release build. The measuring itself is in `tests/bench`; the memory's in `tests/bench/vault`, which goes
//! below the application and so is a program of its own.

use std::process::Command;

use anyhow::Result;

use crate::{
    setup,
    step::{run, step},
    workspace::{cargo, program, target},
};

/// Measures.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    /// Only the rows whose name begins so.
    #[arg(default_value = "")]
    only: String,
}

impl Bench {
    /// Measures the release build beside a bare application, and the memory beside bare statements.
    pub(crate) fn run(self) -> Result<()> {
        setup::everything(setup::For::Driving)?;
        // The memory needs no application, which takes long to build.
        if !self.only.starts_with("vault") {
            self.app()?;
        }
        if self.only.is_empty() || self.only.starts_with("vault") {
            self.memory()?;
        }
        Ok(())
    }

    fn app(&self) -> Result<()> {
        step("build for release", || {
            run(cargo()
                .args(["build", "--release", "-p", "countersign", "-p", "central", "-p", "system-tests"])
                .args(["-p", "bare", "-p", "vault-bench", "--bin", "countersign", "--bin", "central"])
                .args(["--bin", "bench", "--bin", "bare", "--bin", "fill"]))
        })?;
        self.measure("bench", "bench.json")
    }

    fn memory(&self) -> Result<()> {
        step("build the bench of the memory", || {
            run(cargo().args(["build", "--release", "-p", "vault-bench"]))
        })?;
        self.measure("vault-bench", "bench-vault.json")
    }

    fn measure(&self, name: &str, table: &str) -> Result<()> {
        let table = target().join(table);
        step("measure", || run(Command::new(program("release", name)).arg(&table).arg(&self.only)))
    }
}
