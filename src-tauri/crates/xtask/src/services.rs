//! Identity services of others, which the system tests sign customers in at. Each is installed where it harms nothing: no
//! service of the system is started, and nothing listens until a test starts it.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    node, packages,
    step::{already, can_run, output, run, step},
    workspace::{root, target},
};

/// Those of npm, each with its lock file in a folder of its own.
const OF_NPM: [&str; 2] = ["better-auth", "node-oidc-provider"];

/// Glewlwyd and its pages. Unpacked and not installed: Debian's package starts a server with a known password on every
/// address of the machine. Its libraries are installed.
const GLEWLWYD: [&str; 6] = [
    "fonts-fork-awesome",
    "glewlwyd",
    "glewlwyd-common",
    "libjs-bootstrap4",
    "libjs-jquery",
    "libjs-popper.js",
];

/// Makes sure that all of them are there.
pub(crate) fn install() -> Result<()> {
    for name in OF_NPM {
        let folder = root().join("tests").join("interop").join("providers").join(name);
        node::packages_of(&folder, name)?;
    }
    glewlwyd()
}

/// What is there, with its version.
pub(crate) fn versions() -> Result<Vec<(String, String)>> {
    let mut versions = Vec::new();
    for name in OF_NPM {
        let lock = root().join("tests/interop/providers").join(name).join("package-lock.json");
        let lock: serde_json::Value = serde_json::from_str(&fs::read_to_string(&lock)?)?;
        let module = format!("node_modules/{}", name.trim_start_matches("node-"));
        let version =
            lock["packages"][&module]["version"].as_str().context("a lock file without a version")?;
        versions.push((name.to_owned(), version.to_owned()));
    }
    let version = fs::read_to_string(target().join("interop").join("glewlwyd").join(STAMP))?;
    versions.push(("glewlwyd".to_owned(), version));
    Ok(versions)
}

/// Says which version was unpacked, and goes with the folder.
const STAMP: &str = ".version";

fn glewlwyd() -> Result<()> {
    let folder = target().join("interop").join("glewlwyd");
    if folder.join(STAMP).is_file() {
        already("Glewlwyd is there");
        return Ok(());
    }
    if !can_run("dpkg-deb", &["--version"]) {
        println!("    This is not Debian or Ubuntu: the tests at Glewlwyd cannot run.");
        return Ok(());
    }
    let mut libraries = libraries();
    if libraries.is_empty() {
        packages::update()?;
        libraries = self::libraries();
    }
    if libraries.is_empty() {
        bail!(
            "This system's package lists have no glewlwyd, which tests need. Its lists may be old: apt-get update"
        );
    }
    packages::get(&libraries.iter().map(String::as_str).collect::<Vec<_>>())?;
    step("unpack Glewlwyd", || {
        let archives = target().join("interop").join("archives");
        for path in [&archives, &folder] {
            if path.exists() {
                fs::remove_dir_all(path)?;
            }
            fs::create_dir_all(path)?;
        }
        run(Command::new("apt-get").current_dir(&archives).args(["-q", "download"]).args(GLEWLWYD))?;
        for archive in fs::read_dir(&archives)? {
            run(Command::new("dpkg-deb").arg("--extract").arg(archive?.path()).arg(&folder))?;
        }
        fs::remove_dir_all(&archives)?;
        fs::write(folder.join(STAMP), unpacked_version(&folder)?)?;
        Ok(())
    })
}

/// The libraries that Debian says it needs.
fn libraries() -> Vec<String> {
    let depends = output("apt-cache", &["depends", "glewlwyd"]).unwrap_or_default();
    let names = depends.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    names.filter(|name| name.starts_with("lib")).map(str::to_owned).collect()
}

fn unpacked_version(folder: &Path) -> Result<String> {
    let said = output(folder.join("usr/bin/glewlwyd"), &["--version"]).context("Glewlwyd does not run")?;
    Ok(said.lines().next().unwrap_or_default().trim().to_owned())
}
