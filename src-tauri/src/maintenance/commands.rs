//! The commands, and what each does with the open memory.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use chrono::Utc;
use clap::Subcommand;
use profile::CustomerKey;
use vault::{AuditHead, Vault, Why};

use super::{
    Refusal, sentence,
    told::{Checked, Told, Trail},
};
use crate::paths::Paths;

/// What to do with what this till remembers.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum VaultCommand {
    /// Look at every page, row and document of the database, and at the audit trail.
    Check {
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Write out all that this till has of a customer, as JSON (assets/customer-export.schema.json).
    Export {
        /// Their member number, e-mail address, subject, or id at this till.
        #[arg(long, value_name = "WHO")]
        customer: String,
        /// Who asks, for the audit trail.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// A file that must not be there yet and that only this user will be able to read; standard output if absent.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// For programs: also errors as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove all that this till has of a customer, with edits that were not sent yet.
    Erase {
        /// Their member number, e-mail address, subject, or id at this till.
        #[arg(long, value_name = "WHO")]
        customer: String,
        /// Who asks, for the audit trail.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Copy the database into a file that must not be there yet. It stays encrypted with the key of this till.
    Backup {
        /// The file.
        file: PathBuf,
        /// Who asks, for the audit trail.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Give the database a new key, under which all of it is encrypted anew. Needs room for a copy.
    Rekey {
        /// Who asks, for the audit trail.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// What to do with the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AuditCommand {
    /// Find any line that was changed, removed, moved or put in, and say where.
    Verify {
        /// A head that was kept elsewhere (LINES:HASH): the trail must still lead there.
        #[arg(long, value_name = "HEAD", value_parser = head)]
        head: Option<AuditHead>,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl VaultCommand {
    pub(super) fn as_json(&self) -> bool {
        match self {
            Self::Check { json }
            | Self::Export { json, .. }
            | Self::Erase { json, .. }
            | Self::Backup { json, .. }
            | Self::Rekey { json, .. } => *json,
        }
    }
}

impl AuditCommand {
    pub(super) fn as_json(&self) -> bool {
        let Self::Verify { json, .. } = self;
        *json
    }
}

pub(super) async fn run(vault: &Vault, paths: &Paths, command: &VaultCommand) -> Result<Told, Refusal> {
    let now = Utc::now();
    match command {
        VaultCommand::Check { .. } => {
            let found = vault.soundness().await.map_err(|error| sentence(&error.to_string()))?;
            let head = vault.audit_head().await.map_err(|error| sentence(&error.to_string()))?;
            Ok(Told::Checked(Checked::new(vault.engine(), &found, &head)))
        }
        VaultCommand::Export { customer, by, to, .. } => {
            let customer = the_one(vault, customer).await?;
            let mut file = to.as_deref().map(private).transpose()?;
            let export = vault.export(&customer, Some(by), now).await;
            let told = Told::Exported(Box::new(export.map_err(|error| sentence(&error.to_string()))?));
            let Some((path, file)) = to.as_deref().zip(file.as_mut()) else { return Ok(told) };
            let written = file.write_all(told.text(true).as_bytes()).and_then(|()| file.sync_all());
            written.map_err(|error| unwritable(path, &error))?;
            Ok(Told::Written { file: path.display().to_string() })
        }
        VaultCommand::Erase { customer, by, .. } => {
            let customer = the_one(vault, customer).await?;
            let erased = vault.erase(&customer, Why::ErasureRequest, Some(by), now).await;
            let erased = erased.map_err(|error| sentence(&error.to_string()))?;
            Ok(Told::Erased { unsent: erased.unsent, set_aside: set_aside(&paths.vault()) })
        }
        VaultCommand::Backup { file, by, .. } => {
            let bytes = vault.backup(file, by.as_deref(), now).await.map_err(|error| match error {
                vault::Error::File(error) => unwritable(file, &error),
                error => sentence(&error.to_string()),
            })?;
            Ok(Told::BackedUp { file: file.display().to_string(), bytes })
        }
        // It was opened with a new key.
        VaultCommand::Rekey { .. } => Ok(Told::Rekeyed { set_aside: set_aside(&paths.vault()) }),
    }
}

pub(super) async fn audit(vault: &Vault, command: &AuditCommand) -> Result<Told, Refusal> {
    let AuditCommand::Verify { head, .. } = command;
    let check = vault.verify_audit(head.as_ref()).await.map_err(|error| sentence(&error.to_string()))?;
    let head = vault.audit_head().await.map_err(|error| sentence(&error.to_string()))?;
    Ok(Told::Trail(Trail::new(check, &head)))
}

/// The one customer who is meant. Who else there is of the same e-mail address is not said.
async fn the_one(vault: &Vault, words: &str) -> Result<CustomerKey, Refusal> {
    let mut found = vault.look_up(words).await.map_err(|error| sentence(&error.to_string()))?;
    match (found.len(), found.pop()) {
        (1, Some(customer)) => Ok(customer),
        (0, _) | (_, None) => Err("Nothing of such a customer is kept at this till.".to_owned()),
        (many, _) => Err(format!("{many} customers fit; give the subject or the id of one.")),
    }
}

/// A new file that only this user may read.
fn private(file: &Path) -> Result<fs::File, Refusal> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map_err(|error| unwritable(file, &error))
}

fn unwritable(file: &Path, error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{} is there already; nothing is overwritten.", file.display())
        }
        kind => format!("{} cannot be written: {kind}.", file.display()),
    }
}

/// How many databases were set aside beside the one in use.
fn set_aside(folder: &Path) -> u32 {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let kept = names.filter(|name| {
        let is_database = Path::new(name).extension().is_some_and(|ending| ending == "db");
        is_database && name.to_str().is_some_and(|name| name.starts_with("vault-kept-"))
    });
    u32::try_from(kept.count()).unwrap_or(u32::MAX)
}

fn head(text: &str) -> Result<AuditHead, String> {
    let parsed = text.split_once(':').and_then(|(lines, hash)| Some((lines.parse().ok()?, hash)));
    match parsed {
        Some((lines, hash)) if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(AuditHead { lines, hash: hash.to_owned() })
        }
        _ => Err("a head is a number of lines, a colon and 64 hexadecimal digits".to_owned()),
    }
}
