//! The pages: Node.js, their packages, and the build that the app has inside.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    step::{already, output, run, step},
    workspace::{fingerprint, root, target, ui},
};

/// What the pages' build tool asks for.
const OLDEST: (u32, u32) = (20, 19);

/// Makes sure that the pages are built from what is there now.
pub(crate) fn build_pages() -> Result<()> {
    packages()?;
    let ui = ui();
    let built = ui.join("dist");
    // What the build writes is no source.
    let sources = fingerprint(
        &[ui.clone(), root().join("assets").join("brands")],
        &[
            built.clone(),
            ui.join("node_modules"),
            ui.join("src").join("lib").join("paraglide"),
            ui.join("project.inlang"),
        ],
    )?;
    let stamp = stamp("pages");
    if is_stamped(&stamp, &sources)
        && built.join("associate.html").is_file()
        && built.join("display.html").is_file()
    {
        already("the pages are built");
        return Ok(());
    }
    step("build the pages", || run(npm()?.args(["run", "build"])))?;
    write_stamp(&stamp, &sources)
}

/// Installs the pages' packages where the lock file asks for others than are there.
pub(crate) fn packages() -> Result<()> {
    packages_of(&ui(), "the pages")
}

/// Installs the packages of a folder where its lock file asks for others than are there.
pub(crate) fn packages_of(folder: &Path, name: &str) -> Result<()> {
    check_version()?;
    let wanted = fingerprint(&[folder.join("package.json"), folder.join("package-lock.json")], &[])?;
    // Inside the folder that it speaks of, so that it goes when that does.
    let stamp = folder.join("node_modules").join(".installed-from");
    if is_stamped(&stamp, &wanted) {
        already(&format!("the packages of {name} are there"));
        return Ok(());
    }
    // Not `npm ci`: it refuses a lock file in which the binaries of another platform are missing, and registries are
    // behind with those. This installs what the lock file says as well, and leaves it as it is.
    step(&format!("install the packages of {name}"), || {
        run(npm()?.current_dir(folder).args(["install", "--no-save", "--no-audit", "--no-fund"]))
    })?;
    write_stamp(&stamp, &wanted)
}

/// npm in the pages' folder.
pub(crate) fn npm() -> Result<Command> {
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if output(name, &["--version"]).is_none() {
        bail!("npm is missing: it comes with Node.js {}.{} or newer, https://nodejs.org", OLDEST.0, OLDEST.1);
    }
    let mut command = Command::new(name);
    command.current_dir(ui());
    Ok(command)
}

fn check_version() -> Result<()> {
    let expected = format!("Node.js {}.{} or newer is needed (https://nodejs.org)", OLDEST.0, OLDEST.1);
    let Some(version) = output("node", &["--version"]) else { bail!("{expected}; there is none") };
    let mut numbers =
        version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        bail!("{expected}; this is {version}");
    }
    Ok(())
}

fn stamp(name: &str) -> PathBuf {
    target().join("xtask").join(name)
}

fn is_stamped(stamp: &PathBuf, with: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == with)
}

fn write_stamp(stamp: &PathBuf, with: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(stamp, with).with_context(|| stamp.display().to_string())
}
