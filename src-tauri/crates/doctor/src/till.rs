//! The till that is looked at: what the shell knows of it.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use directory::SourceConfig;
use rustls::client::danger::ServerCertVerifier;
use signin::{KeyError, ProviderConfig, Transport};
use url::Url;
use vault::{Keyring, Vault};

/// The wall clock.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The till that is looked at.
pub struct Till {
    /// As store IT has set it up, or why that cannot be used; none where nobody has.
    pub configuration: Result<Option<Configuration>, Misconfigured>,
    /// The data folder.
    pub data: PathBuf,
    /// What it remembers.
    pub memory: Memory,
    /// Its screens.
    pub screens: Screens,
    /// Where Linux lists what can be typed on: [`Till::DEVICES`].
    pub devices: PathBuf,
    /// How long the way to the identity service and all that is asked there may take together: [`Till::PATIENCE`].
    pub patience: Duration,
    /// The wall clock of this machine.
    pub clock: Clock,
}

impl Till {
    /// How long somebody waits in front of a screen before they walk away.
    pub const PATIENCE: Duration = Duration::from_secs(20);
    /// Where the kernel of Linux lists what can be typed on.
    pub const DEVICES: &str = "/proc/bus/input/devices";
}

impl fmt::Debug for Till {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Till").finish_non_exhaustive()
    }
}

/// A configuration that can be used.
#[derive(Clone)]
pub struct Configuration {
    /// The identity service, and this till's name there.
    pub provider: ProviderConfig,
    /// Whether what the till says who it is with could be had.
    pub credentials: Result<(), KeyError>,
    /// The client for all requests, as [`signin::http_client`] makes it.
    pub transport: Arc<dyn Transport>,
    /// What says whether a certificate is believed, as [`signin::server_verifier`] makes it.
    pub verifier: Option<Arc<dyn ServerCertVerifier>>,
    /// The proxy; none for that of the machine.
    pub proxy: Option<Url>,
    /// Which service tells profiles.
    pub profile: SourceConfig,
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Configuration").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// What is wrong with a configuration, without what was found there: that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misconfigured {
    /// The kind of problem.
    pub problem: String,
    /// The name of the file, without its folder.
    pub file: String,
    /// The line, from 1, where known.
    pub line: Option<u32>,
    /// The key, where known.
    pub key: Option<String>,
}

/// What the till remembers.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The folder of the database.
    pub folder: PathBuf,
    /// Where its key is.
    pub keyring: Keyring,
    /// The database, where this program has it open: the file is not opened a second time.
    pub open: Option<Vault>,
}

/// The screens.
#[derive(Clone, Debug)]
pub enum Screens {
    /// This program has windows, and knows them.
    Known(Vec<Screen>),
    /// The display server is to be asked.
    Asked,
}

/// A screen, in logical points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}
