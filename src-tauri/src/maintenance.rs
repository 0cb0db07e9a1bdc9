//! `countersign vault` and `countersign audit`: what store IT and the privacy officer do with the memory of a till, while
//! the app does not run. Needs no display.
//!
//! Answers go to standard output, one sentence of what went wrong to standard error. Nothing personal is printed but by
//! `export`, to where the person asked for it.

mod commands;
mod told;

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use chrono::Utc;
use serde::Serialize;
use vault::{Keyring, OpenError, Vault};

pub use commands::{AuditCommand, VaultCommand};
use told::Told;

use crate::{app, credentials, paths::Paths};

/// What is wrong was found, and said.
const FAULTY: u8 = 2;

/// Why a command was not carried out: one sentence.
type Refusal = String;

/// `countersign vault`.
pub fn run(paths: &Paths, command: &VaultCommand) -> ExitCode {
    let opened = async |folder: &Path, keyring: &Keyring| match command {
        VaultCommand::Rekey { by, .. } => Vault::rekey(folder, keyring, by.as_deref(), Utc::now()).await,
        _ => Vault::open(folder, keyring).await,
    };
    let work = async |vault, paths: &Paths| commands::run(&vault, paths, command).await;
    with_memory(paths, command.as_json(), opened, work)
}

/// `countersign audit`.
pub fn audit(paths: &Paths, command: &AuditCommand) -> ExitCode {
    let work = async |vault, _: &Paths| commands::audit(&vault, command).await;
    with_memory(paths, command.as_json(), Vault::open, work)
}

/// Opens the memory, does something with it, and closes it.
fn with_memory(
    paths: &Paths,
    json: bool,
    opened: impl AsyncFnOnce(&Path, &Keyring) -> Result<Vault, OpenError>,
    work: impl AsyncFnOnce(Vault, &Paths) -> Result<Told, Refusal>,
) -> ExitCode {
    let told = tauri::async_runtime::block_on(async {
        let keyring = keyring(paths)?;
        let vault = opened(&paths.vault(), &keyring).await.map_err(|error| why_not(&error))?;
        let told = work(vault.clone(), paths).await;
        vault.close().await;
        told
    });
    let told = match told {
        Ok(told) => told,
        Err(why) => return refuse(&why, json),
    };
    // Nobody may be there to read it.
    drop(io::stdout().write_all(told.text(json).as_bytes()));
    if told.is_good() { ExitCode::SUCCESS } else { ExitCode::from(FAULTY) }
}

fn keyring(paths: &Paths) -> Result<Keyring, Refusal> {
    if fs::metadata(paths.vault().join("vault.db")).is_err() {
        return Err(format!("There is no database in {} yet.", paths.data.display()));
    }
    let config = app::configuration(paths).map_err(|error| error.to_string())?;
    Ok(credentials::keyring(paths, config.as_ref()))
}

fn why_not(error: &OpenError) -> Refusal {
    match error {
        OpenError::InUse => {
            "The app runs and has the database open. End it first, or look at Check this till.".to_owned()
        }
        error => sentence(&error.to_string()),
    }
}

/// An error of the vault, as a sentence.
fn sentence(error: &str) -> Refusal {
    let mut letters = error.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn refuse(why: &str, json: bool) -> ExitCode {
    #[derive(Serialize)]
    struct Refused<'a> {
        error: &'a str,
    }
    if json && let Ok(text) = serde_json::to_string_pretty(&Refused { error: why }) {
        drop(writeln!(io::stdout(), "{text}"));
    }
    drop(writeln!(io::stderr(), "{why}"));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests;
