//! The system's packages: what is missing, and how it gets there.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    setup::For,
    step::{already, can_run, output, run, step},
};

/// To build and to run the app.
const BUILDING: [&str; 6] =
    ["build-essential", "ca-certificates", "libssl-dev", "libwebkit2gtk-4.1-dev", "pkg-config", "procps"];

/// To look at it: letters for the names of the demo's customers, who come from everywhere.
const SHOWING: [&str; 3] = ["fonts-dejavu-core", "fonts-noto-cjk", "fonts-noto-core"];

/// What opens the demo's phone page in a window of its own, and the package of one where none is there.
const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const BROWSER: &str = "chromium";

/// To drive the app without a display: a virtual display, a keyring, a phone's browser, a camera, a disk that fails, and
/// what identity services of others run on.
const DRIVING: [&str; 12] = [
    "chromium",
    "chromium-driver",
    "dbus",
    "fuse3",
    "gnome-keyring",
    "imagemagick",
    "libsecret-tools",
    "openssl",
    "python3",
    "webkit2gtk-driver",
    "xdotool",
    "xvfb",
];

/// Installs what is missing, or says exactly what to type.
pub(crate) fn install(purpose: For) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return elsewhere(purpose);
    }
    if !can_run("dpkg-query", &["--version"]) {
        println!(
            "    This is not Debian or Ubuntu: a C compiler, pkg-config, OpenSSL and WebKitGTK 4.1 with their headers \
             are expected to be there already, under whatever names this system gives them."
        );
        return Ok(());
    }
    let mut wanted = BUILDING.to_vec();
    if purpose != For::Building {
        wanted.extend(SHOWING);
    }
    if purpose == For::Showing && !BROWSERS.iter().any(|browser| can_run(browser, &["--version"])) {
        wanted.push(BROWSER);
    }
    if purpose == For::Driving {
        wanted.extend(DRIVING);
    }
    get(&wanted)
}

/// Installs those of these packages that are missing.
pub(crate) fn get(wanted: &[&str]) -> Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        already("system packages are there");
        return Ok(());
    }
    let names = missing.join(" ");
    let Some(rights) = rights() else {
        bail!(
            "These system packages are missing, and installing them needs an administrator. Type this, then start \
             again:\n\n    sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}\n"
        );
    };
    step(&format!("install system packages: {names}"), || {
        run(apt(&rights).args(["update", "-q"]))?;
        run(apt(&rights).args(["install", "-y", "-q", "--no-install-recommends"]).args(&missing))
    })
}

/// Fetches the lists of what there is.
pub(crate) fn update() -> Result<()> {
    let Some(rights) = rights() else { bail!("Type this, then start again:\n\n    sudo apt-get update\n") };
    step("update the lists of system packages", || run(apt(&rights).args(["update", "-q"])))
}

fn elsewhere(purpose: For) -> Result<()> {
    if purpose == For::Driving {
        bail!(
            "Driving the real windows without a person works on Linux alone, where WebKitWebDriver and Xvfb are."
        );
    }
    if cfg!(windows) {
        println!(
            "    Needed on Windows: the Visual Studio C++ build tools, Perl (for OpenSSL), and WebView2 (in Windows 11)."
        );
    } else {
        println!("    Needed on macOS: the Xcode command line tools (xcode-select --install).");
    }
    Ok(())
}

fn is_installed(package: &str) -> bool {
    output("dpkg-query", &["-W", "-f", "${Status}", package])
        .is_some_and(|status| status == "install ok installed")
}

/// What to put before apt-get, if it may be run at all.
fn rights() -> Option<Vec<&'static str>> {
    if output("id", &["-u"]).as_deref() == Some("0") {
        Some(vec![])
    } else if can_run("sudo", &["-n", "true"]) {
        Some(vec!["sudo", "-n"])
    } else {
        None
    }
}

fn apt(rights: &[&str]) -> Command {
    let mut words = rights.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
