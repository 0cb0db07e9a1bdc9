//! Measuring the release build. The measuring itself is in `tests/bench`.

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
    /// Measures the release build beside a bare application.
    pub(crate) fn run(self) -> Result<()> {
        setup::everything(setup::For::Driving)?;
        step("build for release", || {
            run(cargo()
                .args(["build", "--release", "-p", "countersign", "-p", "central", "-p", "system-tests"])
                .args(["-p", "bare", "--bin", "countersign", "--bin", "central", "--bin", "bench"])
                .args(["--bin", "bare"]))
        })?;
        let table = target().join("bench.json");
        step("measure", || run(Command::new(program("release", "bench")).arg(&table).arg(&self.only)))
    }
}
