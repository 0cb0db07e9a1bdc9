//! Where things are in this repository.

use std::{
    ffi::OsString,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).map_or_else(PathBuf::new, Path::to_owned)
}

/// The folder of the pages.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// Where everything that can be made again goes.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program of this workspace, built with a profile.
pub(crate) fn program(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    command
}

/// Stands for the contents of files and folders: changes when anything in them does.
pub(crate) fn fingerprint(paths: &[PathBuf], leave_out: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    let mut waiting: Vec<PathBuf> = paths.to_vec();
    waiting.reverse();
    while let Some(path) = waiting.pop() {
        if leave_out.contains(&path) || !path.exists() {
            continue;
        }
        if path.is_dir() {
            let mut inside =
                fs::read_dir(&path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
            inside.sort();
            waiting.extend(inside.into_iter().rev());
        } else {
            path.hash(&mut hasher);
            fs::read(&path).with_context(|| path.display().to_string())?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}
