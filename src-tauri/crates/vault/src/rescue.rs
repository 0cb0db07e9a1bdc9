//! Rescue.

use std::path::PathBuf;

/// What was saved when a vault was started anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The name that the old database file has now; none where there was no file.
    pub kept: Option<PathBuf>,
    /// Edits that could be read and wait in the new database.
    pub edits: u32,
    /// Whether everything in the old queue could be read. Where the key is gone nobody can know, so it is `false`.
    pub complete: bool,
}
