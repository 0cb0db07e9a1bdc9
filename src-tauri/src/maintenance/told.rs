//! What a command has to say, for people and for programs.

use serde::Serialize;
use vault::{AuditCheck, AuditFault, AuditHead, Export, Soundness};

/// What a command has to say.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Told {
    /// Of `check`.
    Checked(Checked),
    /// Of `export`; said as JSON to anybody.
    Exported(Box<Export>),
    /// Of `export --to`.
    Written {
        /// Where it is.
        file: String,
    },
    /// Of `erase`.
    Erased {
        /// Edits that the centre will never get.
        unsent: u32,
        /// Databases that were set aside, which may have the customer as well.
        set_aside: u32,
    },
    /// Of `backup`.
    BackedUp {
        /// Where it is.
        file: String,
        /// How long it is.
        bytes: u64,
    },
    /// Of `rekey`.
    Rekeyed {
        /// Databases that were set aside, which keep their key.
        set_aside: u32,
    },
    /// Of `audit verify`.
    Trail(Trail),
}

/// Of `check`.
#[derive(Serialize)]
pub(super) struct Checked {
    sound: bool,
    sqlite: String,
    sqlcipher: String,
    customers: u32,
    edits: u32,
    damaged_pages: u32,
    damaged_rows: u32,
    orphans: u32,
    unreadable: u32,
    trail: Trail,
}

impl Checked {
    pub(super) fn new(engine: &vault::Engine, found: &Soundness, head: &AuditHead) -> Self {
        let Soundness { damaged_pages, damaged_rows, orphans, unreadable, trail, customers, edits } = *found;
        Self {
            sound: found.is_sound(),
            sqlite: engine.sqlite_version.clone(),
            sqlcipher: engine.cipher_version.clone(),
            customers,
            edits,
            damaged_pages,
            damaged_rows,
            orphans,
            unreadable,
            trail: Trail::new(trail, head),
        }
    }
}

/// Of `audit verify`.
#[derive(Serialize)]
pub(super) struct Trail {
    intact: bool,
    lines: u64,
    /// What to keep elsewhere: `audit verify --head` compares with it later.
    head: String,
    broken: Option<Broken>,
}

#[derive(Serialize)]
struct Broken {
    line: u64,
    fault: AuditFault,
}

impl Trail {
    pub(super) fn new(check: AuditCheck, head: &AuditHead) -> Self {
        let broken = match check {
            AuditCheck::Intact { .. } => None,
            AuditCheck::Broken { line, fault } => Some(Broken { line, fault }),
        };
        Self { intact: broken.is_none(), lines: head.lines, head: head.to_string(), broken }
    }

    fn text(&self) -> String {
        match &self.broken {
            None => format!("The audit trail is whole: {} lines. Its head is {}.", self.lines, self.head),
            Some(Broken { line, fault }) => {
                let what = match fault {
                    AuditFault::Missing => "is missing or there twice",
                    AuditFault::Changed => "is not what was written: it was changed, moved or put in",
                    AuditFault::Cut => "and what came after it is gone",
                    AuditFault::Other => "is of another trail than the head that was kept",
                };
                format!("The audit trail is broken: line {line} {what}.")
            }
        }
    }
}

impl Told {
    pub(super) fn is_good(&self) -> bool {
        match self {
            Self::Checked(checked) => checked.sound,
            Self::Trail(trail) => trail.intact,
            Self::Exported(_)
            | Self::Written { .. }
            | Self::Erased { .. }
            | Self::BackedUp { .. }
            | Self::Rekeyed { .. } => true,
        }
    }

    pub(super) fn text(&self, json: bool) -> String {
        if json || matches!(self, Self::Exported(_)) {
            return serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        }
        let text = match self {
            Self::Checked(checked) => {
                let Checked { customers, edits, damaged_pages, damaged_rows, orphans, unreadable, .. } =
                    checked;
                let standing = if checked.sound { "sound" } else { "NOT sound" };
                format!(
                    "The database is {standing}: {customers} customers, {edits} unsent edits (SQLite {}, SQLCipher {}).\n\
                     Damaged pages {damaged_pages}, damaged rows {damaged_rows}, rows without their customer {orphans}, \
                     unreadable documents {unreadable}.\n{}",
                    checked.sqlite,
                    checked.sqlcipher,
                    checked.trail.text()
                )
            }
            Self::Exported(_) => String::new(),
            Self::Written { file } => format!("Written to {file}, which only this user may read."),
            Self::Erased { unsent, set_aside: 0 } => format!("Erased, with {unsent} unsent edits."),
            Self::Erased { unsent, set_aside } => format!(
                "Erased, with {unsent} unsent edits. {set_aside} databases that were set aside may have the customer as \
                 well: remove the files vault-kept-* when they are needed no more."
            ),
            Self::BackedUp { file, bytes } => format!(
                "Copied into {file} ({bytes} bytes), encrypted with the key of this till: without that it is worth nothing."
            ),
            Self::Rekeyed { set_aside } => format!(
                "The database has a new key. Backups made before, and {set_aside} databases that were set aside, have theirs."
            ),
            Self::Trail(trail) => trail.text(),
        };
        text + "\n"
    }
}
