//! The README's pictures, taken from the running system so that they stay true.

use std::process::Command;

use anyhow::Result;

use crate::{
    demo, setup,
    step::{self, step},
    workspace::{program, root},
};

/// Takes them anew.
pub(crate) fn run() -> Result<()> {
    setup::everything(setup::For::Driving)?;
    demo::build(&["screenshots"])?;
    let folder = root().join("assets").join("screenshots");
    step("take the pictures", || step::run(Command::new(program("debug", "screenshots")).arg(folder)))
}
