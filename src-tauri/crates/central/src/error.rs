//! What can go wrong when the service starts or reads its file. What a client is told is beside each endpoint.

use std::{io, net::SocketAddr, path::PathBuf};

use url::Url;

/// Why the service could not start, or could not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An option has a value that cannot be.
    #[error("{option} cannot be {value}: it must be {expected}")]
    Option {
        /// The option, as it is written on the command line.
        option: &'static str,
        /// Its value.
        value: Url,
        /// What it must be.
        expected: &'static str,
    },
    /// Nothing says how the world reaches a service that listens for more than this machine.
    #[error(
        "--listen {0} is for more than this machine: --public-url must say how the world reaches the service, such as \
         https://id.example.com"
    )]
    PublicUrlMissing(SocketAddr),
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
    /// What is given as the key of a client is none, or there is no such client.
    #[error("--client-key: there is no client {0}, or what is given for it is no public key (RFC 7517)")]
    ClientKey(String),
    /// The issuer cannot be written as a URL.
    #[error("the issuer cannot be written as a URL")]
    Issuer,
    /// The file is no database, or parts of it are broken.
    #[error(
        "{} is damaged: put the last copy of the file in its place, or, where there is none, move the file away and \
         start with an empty one",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: Box<Error>,
    },
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
