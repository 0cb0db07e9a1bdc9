//! Pictures of every state of every screen, and a look at each of them.

use anyhow::Result;
use clap::Args;

use crate::{
    node,
    step::{run, step},
};

/// Takes them by the pages' own tool.
#[derive(Args, Debug)]
pub(crate) struct Gallery {
    /// Passed on: `--only profile,scan` and `--variants arabic` take some of them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Gallery {
    pub(crate) fn run(&self) -> Result<()> {
        node::packages()?;
        step("take the pictures", || run(node::npm()?.args(["run", "pictures", "--"]).args(&self.arguments)))
    }
}
