//! What can go wrong when the service starts or reads its file. What a client is told is beside each endpoint.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why the service could not start, or could not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder cannot be made or opened.
    #[error("cannot use the data folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process serves from this folder: two would write to one file.
    #[error("the data folder {} is in use by another central service", .0.display())]
    InUse(PathBuf),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The public address is not one that an issuer can have.
    #[error("the public URL must be an origin such as https://id.example.com, without query or fragment")]
    PublicUrl,
    /// The database answered with an error.
    #[error("the database answered with an error")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to this version.
    #[error("the tables could not be brought up to this version")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what this version writes.
    #[error("{0} in the database is not what this version writes")]
    Stored(&'static str),
    /// The data of the demo store cannot be read.
    #[error("the data of the demo store cannot be read")]
    DemoData(#[from] toml::de::Error),
    /// The colours of a brand cannot be read.
    #[error("the colours of a brand cannot be read")]
    Brand(#[from] serde_json::Error),
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Hash,
    /// A token could not be signed.
    #[error("a token could not be signed")]
    Sign,
}
