//! Tells Tauri which commands there are: a command that is not named here is open to every window, one that is named is
//! open to the windows alone whose capability file allows it. And which languages and brands there are: one for each
//! file in their folders.

use std::{env, error::Error, fmt::Write, fs, path::Path};

use tauri_build::{AppManifest, Attributes};

include!("src/commands/names.rs");

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/commands/names.rs");
    listed()?;
    // The pages are in the binary.
    println!("cargo::rerun-if-changed=../ui/dist");
    tauri_build::try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))?;
    Ok(())
}

/// Writes down what the folders hold, for `config`.
fn listed() -> Result<(), Box<dyn Error>> {
    let (languages, brands) = ("../ui/messages", "../assets/brands");
    let root = fs::canonicalize(brands)?;
    let brands = names(brands)?;
    let mut themes = String::new();
    for brand in &brands {
        let file = root.join(brand).with_extension("json");
        let file = file.to_str().ok_or("the path of the brands is no text")?;
        write!(themes, "({brand:?}, include_str!({file:?})),")?;
    }
    let languages = names(languages)?;
    let text = format!(
        "/// The languages that both windows speak.\npub const LANGUAGES: [&str; {}] = {languages:?};\n\
         /// The brands that there is a theme for.\npub const BRANDS: [&str; {count}] = {brands:?};\n\
         /// Their themes.\npub(crate) const THEMES: [(&str, &str); {count}] = [{themes}];\n",
        languages.len(),
        count = brands.len(),
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("listed.rs"), text)?;
    Ok(())
}

/// The files of a folder, by their names without the ending.
fn names(folder: &str) -> Result<Vec<String>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={folder}");
    let mut names = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?.path();
        names.extend(file.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}
