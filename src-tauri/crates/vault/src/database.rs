//! Pools.

/// What the database engine says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// SQLite's version.
    pub sqlite_version: String,
    /// SQLCipher's version.
    pub cipher_version: String,
}
