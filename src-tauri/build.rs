//! Tells Tauri which commands there are: a command that is not named here is open to every window, one that is named is
//! open to the windows alone whose capability file allows it.

use tauri_build::{AppManifest, Attributes};

include!("src/commands/names.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/commands/names.rs");
    // The pages are in the binary.
    println!("cargo::rerun-if-changed=../ui/dist");
    tauri_build::try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))?;
    Ok(())
}
