//! Every test, in one build.

use anyhow::Result;

use crate::{
    node,
    providers::Records,
    services, setup,
    step::{run, step},
    workspace::cargo,
};

/// Runs every test.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// For cargo-nextest: a part of a test's name, or its options after `--`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    nextest: Vec<String>,
}

impl Test {
    /// Runs every test.
    pub(crate) fn run(self) -> Result<()> {
        setup::everything(setup::For::Driving)?;
        setup::nextest()?;
        services::install()?;
        step("check the pages' types", || run(node::npm()?.args(["run", "check"])))?;
        step("test the pages", || run(node::npm()?.args(["run", "test"])))?;
        // The system tests start programs of the workspace that cargo does not know they need.
        step("build everything", || run(cargo().args(["build", "--workspace", "--all-targets"])))?;
        let records = Records::begin()?;
        let mut tests = cargo();
        tests.args(["nextest", "run", "--workspace"]).args(&self.nextest);
        step("run the tests", || run(records.kept_by(&mut tests)))?;
        // A part of the tests sees a part of the table.
        if self.nextest.is_empty() { records.compare() } else { Ok(()) }
    }
}
