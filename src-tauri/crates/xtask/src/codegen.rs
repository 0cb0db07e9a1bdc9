//! What is generated from Rust and kept in the repository: whoever reads it need not build first.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    node, packages,
    setup::For,
    step::{already, output, run, step},
    workspace::{cargo, program, root, target, ui},
};

/// Writes what is generated.
#[derive(Debug, clap::Args)]
pub(crate) struct Codegen {
    /// Only say whether what is there is what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

impl Codegen {
    /// Writes or checks both files.
    pub(crate) fn run(self) -> Result<()> {
        packages::install(For::Building)?;
        node::build_pages()?;
        step("build what generates", || {
            run(cargo().args([
                "build",
                "-p",
                "countersign",
                "-p",
                "central",
                "--bin",
                "export-bindings",
                "--bin",
                "central",
            ]))
        })?;
        let fresh = target().join("xtask").join("codegen");
        fs::create_dir_all(&fresh)?;

        let bindings = fresh.join("bindings.ts");
        run(Command::new(program("debug", "export-bindings")).arg(&bindings))?;
        self.settle(&bindings, &ui().join("src").join("lib").join("bindings.ts"))?;

        let contract = fresh.join("central.openapi.json");
        let text =
            output(program("debug", "central"), &["openapi"]).context("central openapi printed nothing")?;
        fs::write(&contract, text + "\n")?;
        self.settle(&contract, &root().join("assets").join("central.openapi.json"))
    }

    fn settle(&self, fresh: &Path, kept: &PathBuf) -> Result<()> {
        let name = kept.strip_prefix(root()).unwrap_or(kept).display().to_string();
        let wanted = fs::read_to_string(fresh)?;
        if fs::read_to_string(kept).is_ok_and(|found| found == wanted) {
            already(&format!("{name} is what the sources say"));
        } else if self.check {
            bail!("{name} is not what the sources say; run `cargo xtask codegen` and commit it");
        } else {
            fs::write(kept, wanted)?;
            already(&format!("{name} is written"));
        }
        Ok(())
    }
}
