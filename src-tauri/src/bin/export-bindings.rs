//! Writes the commands and their types for the pages: `ui/src/lib/bindings.ts`, or the file that is named. With `--check`
//! nothing is written, and a file that is out of date is a failure.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// Where to write.
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/lib/bindings.ts"))]
    file: PathBuf,
    /// Only say whether the file is what would be written.
    #[arg(long)]
    check: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if !arguments.check {
        return countersign::commands::export(&arguments.file);
    }
    let fresh = std::env::temp_dir().join(format!("bindings-{}.ts", std::process::id()));
    countersign::commands::export(&fresh)?;
    let (wanted, found) = (fs::read_to_string(&fresh)?, fs::read_to_string(&arguments.file));
    fs::remove_file(&fresh)?;
    if found.with_context(|| arguments.file.display().to_string())? != wanted {
        bail!(
            "{} is out of date: run `cargo run -p countersign --bin export-bindings`",
            arguments.file.display()
        );
    }
    Ok(())
}
