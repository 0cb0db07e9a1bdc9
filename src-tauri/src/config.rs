//! The till's one file: read whole or not at all. Whatever is wrong with it becomes one sentence that names the file,
//! the line, the key and what is expected; nothing runs on a half-understood configuration.
//!
//! The reader walks the parsed document itself, so that every error knows its line and key.

mod profile;
mod reader;

use std::{
    fmt, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use directory::SourceConfig;
use serde::Serialize;
use url::{Host, Url};

use crate::{embedded, view::ConfigurationProblem};
use reader::Section;
use signin::NetworkError;

include!(concat!(env!("OUT_DIR"), "/listed.rs"));

/// The products that there is an entry for in `signin::providers`.
pub const KINDS: [&str; 12] = [
    "auth0",
    "keycloak",
    "okta",
    "entra",
    "google",
    "authentik",
    "hydra",
    "zitadel",
    "rauthy",
    "kanidm",
    "node-oidc-provider",
    "spring-authorization-server",
];

/// How a till may say who it is, as OpenID Connect names it.
pub const CLIENT_AUTHENTICATIONS: [&str; 4] =
    ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

/// How a customer's tokens may end with the visit.
pub const VISIT_ENDS: [&str; 3] = ["revoke", "log_out", "forget"];

/// A till as store IT has set it up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// The OpenID provider: https, or http on this machine.
    pub issuer: Url,
    /// What the provider calls this till.
    pub client_id: String,
    /// What of the provider cannot be discovered.
    #[serde(skip_serializing_if = "Provider::is_default")]
    pub provider: Provider,
    /// How the provider is reached.
    #[serde(skip_serializing_if = "Network::is_default")]
    pub network: Network,
    /// Where the till stands.
    pub till: Till,
    /// How associates sign in at the identity service; none where they set their PINs at the till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associates: Option<Associates>,
    /// Which service tells profiles.
    #[serde(skip_serializing_if = "profile::is_default")]
    pub profile: SourceConfig,
    /// The customer display.
    #[serde(skip_serializing_if = "Display::is_default")]
    pub display: Display,
    /// What the till remembers.
    #[serde(skip_serializing_if = "Memory::is_default")]
    pub memory: Memory,
    /// Only in the demo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo: Option<Demo>,
}

/// What of the provider cannot be discovered. No secret is in here: those are in the keyring.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// Which product it is: one of [`KINDS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The API that tokens are wanted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Hosts besides the issuer's that the page for the customer may be at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verification_hosts: Vec<String>,
    /// How the till says who it is: one of [`CLIENT_AUTHENTICATIONS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<String>,
    /// Whether tokens are bound to the till where the provider offers it; so if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop: Option<bool>,
    /// How far the clocks of till and provider may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_leeway_seconds: Option<u64>,
    /// How a customer's tokens end: one of [`VISIT_ENDS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit_end: Option<String>,
}

impl Provider {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How the provider is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Certificates to believe besides those of the machine: a PEM file. A relative path was taken from the folder of the
    /// configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// A proxy; that of the machine if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
}

impl Network {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the till stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Till {
    /// The store's name.
    pub store: String,
    /// The till's name.
    pub name: String,
    /// Key of the brand in `assets/brands`; none for a plain theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Where phone numbers without a country code belong: ISO 3166-1, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the scanner is set to type before what it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanner: Option<String>,
}

/// How associates sign in at the identity service. That the section is there says that they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Associates {
    /// Their provider, where it is not that of the customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Url>,
    /// What that provider calls this till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// JSON Pointer (RFC 6901) to the role in the ID token.
    pub role_claim: String,
    /// What associates have there.
    pub associate: Vec<String>,
    /// What managers have there.
    pub manager: Vec<String>,
    /// What store IT has there.
    pub it: Vec<String>,
    /// So many days after a sign-in the PIN is enough.
    pub pin_days: u64,
}

/// Where the role stands in a token, if nothing else is said: as the embedded service writes it.
const ROLE_CLAIM: &str = "/countersign_role";
/// Days that a PIN is enough for.
const PIN_DAYS: u64 = 7;
const MOST_PIN_DAYS: u64 = 90;

/// The customer display.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Display {
    /// Language of the display while no customer has said another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Display {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the till remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Where the key of the database is: `keyring` (also if absent), `file:` with an absolute path, or `systemd:` with the
    /// name of a credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl Memory {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a place is one that a key can be at.
    fn is_place(key: &str) -> bool {
        match key.split_once(':') {
            None => key == "keyring",
            Some(("file", path)) => Path::new(path).is_absolute(),
            Some(("systemd", name)) => {
                !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            }
            Some(_) => false,
        }
    }
}

/// What only the demo has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Demo {
    /// Whether the associate's window offers the phone page on this machine.
    pub phone_here: bool,
    /// Whether this program starts the central service by itself, at the address of the issuer.
    pub embedded: bool,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(file).map_err(|error| ConfigError {
            found: Some(unreadable(error.kind()).to_owned()),
            ..ConfigError::new(file, ConfigurationProblem::Unreadable)
        })?;
        Self::parse(file, &text)
    }

    /// Reads the text of a file. Errors name `file`, and relative paths start at its folder.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let document = toml::de::DeTable::parse(text).map_err(|error| ConfigError {
            line: error.span().map(|span| reader::line_of(text, span.start)),
            found: Some(error.message().lines().next().unwrap_or_default().to_owned()),
            ..ConfigError::new(file, ConfigurationProblem::NotToml)
        })?;

        let top = Section::document(file, text, &document);
        top.only(&[
            "issuer",
            "client_id",
            "provider",
            "network",
            "till",
            "associates",
            "profile",
            "display",
            "memory",
            "demo",
        ])?;
        let issuer = top.url("issuer")?;
        if !is_secure(&issuer) {
            return Err(top.problem("issuer", ConfigurationProblem::InsecureIssuer, issuer.to_string()));
        }
        let client_id = top.required_text("client_id")?;

        let provider = top.optional_section("provider")?.as_ref().map(provider).transpose()?;
        let network =
            top.optional_section("network")?.as_ref().map(|section| network(file, section)).transpose()?;

        let till = top.section("till")?;
        till.only(&["store", "name", "brand", "country", "scanner"])?;
        let till = Till {
            store: till.required_text("store")?,
            name: till.required_text("name")?,
            brand: till.optional_choice("brand", &BRANDS)?,
            country: till.optional_country("country")?,
            scanner: till.optional_text("scanner")?,
        };

        let associates = top.optional_section("associates")?.as_ref().map(associates).transpose()?;

        let profile = top.optional_section("profile")?.map(|section| profile::read(&section)).transpose()?;

        let mut display = Display::default();
        if let Some(section) = top.optional_section("display")? {
            section.only(&["language"])?;
            display.language = section.optional_choice("language", &LANGUAGES)?;
        }

        let memory = top.optional_section("memory")?.as_ref().map(memory).transpose()?;

        let mut demo = None;
        if let Some(section) = top.optional_section("demo")? {
            section.only(&["phone_here", "embedded"])?;
            let embedded = section.optional_flag("embedded")?.unwrap_or_default();
            if embedded && embedded::address(&issuer).is_none() {
                let code = ConfigurationProblem::EmbeddedElsewhere;
                return Err(top.problem("issuer", code, issuer.to_string()));
            }
            demo =
                Some(Demo { phone_here: section.optional_flag("phone_here")?.unwrap_or_default(), embedded });
        }

        Ok(Self {
            issuer,
            client_id,
            provider: provider.unwrap_or_default(),
            network: network.unwrap_or_default(),
            till,
            associates,
            profile: profile.unwrap_or_default(),
            display,
            memory: memory.unwrap_or_default(),
            demo,
        })
    }

    /// Writes the file whole: a reader sees the old one or the new one, also after a power cut.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let beside = file.with_extension("toml.new");
        let mut new = fs::File::create(&beside)?;
        new.write_all(text.as_bytes())?;
        new.sync_all()?;
        drop(new);
        fs::rename(&beside, file)
    }
}

fn provider(section: &Section<'_>) -> Result<Provider, ConfigError> {
    section.only(&[
        "kind",
        "audience",
        "verification_hosts",
        "client_authentication",
        "dpop",
        "clock_leeway_seconds",
        "visit_end",
    ])?;
    Ok(Provider {
        kind: section.optional_choice("kind", &KINDS)?,
        audience: section.optional_text("audience")?,
        verification_hosts: section.optional_hosts("verification_hosts")?.unwrap_or_default(),
        client_authentication: section.optional_choice("client_authentication", &CLIENT_AUTHENTICATIONS)?,
        dpop: section.optional_flag("dpop")?,
        clock_leeway_seconds: section
            .optional_seconds("clock_leeway_seconds", signin::LONGEST_LEEWAY.as_secs())?,
        visit_end: section.optional_choice("visit_end", &VISIT_ENDS)?,
    })
}

fn network(config: &Path, section: &Section<'_>) -> Result<Network, ConfigError> {
    section.only(&["ca_file", "proxy"])?;
    let ca_file = section.optional_text("ca_file")?.map(|named| beside(config, &named));
    if let Some(file) = &ca_file {
        let found = match signin::check_ca_file(file) {
            Ok(()) => None,
            Err(NetworkError::CaFile(kind)) => Some(unreadable(kind)),
            Err(_) => Some("one without a certificate that can be used"),
        };
        if let Some(found) = found {
            let code = ConfigurationProblem::BadCertificates;
            return Err(section.problem("ca_file", code, found.to_owned()));
        }
    }
    let proxy = section.optional_proxy("proxy")?;
    if let Some(address) = proxy.as_ref().filter(|address| signin::check_proxy(address).is_err()) {
        return Err(section.problem("proxy", ConfigurationProblem::BadProxy, address.to_string()));
    }
    Ok(Network { ca_file, proxy })
}

fn associates(section: &Section<'_>) -> Result<Associates, ConfigError> {
    section.only(&["issuer", "client_id", "role_claim", "associate", "manager", "it", "pin_days"])?;
    let issuer = section.optional_url("issuer")?;
    if let Some(insecure) = issuer.as_ref().filter(|issuer| !is_secure(issuer)) {
        return Err(section.problem("issuer", ConfigurationProblem::InsecureIssuer, insecure.to_string()));
    }
    let client_id = match &issuer {
        Some(_) => Some(section.required_text("client_id")?),
        None => section.optional_text("client_id")?,
    };
    let role_claim = section.optional_text("role_claim")?.unwrap_or_else(|| ROLE_CLAIM.to_owned());
    if !role_claim.starts_with('/') {
        return Err(section.problem("role_claim", ConfigurationProblem::BadPointer, role_claim));
    }
    let names = |role: &str| Ok(section.optional_texts(role)?.unwrap_or_else(|| vec![role.to_owned()]));
    Ok(Associates {
        associate: names("associate")?,
        manager: names("manager")?,
        it: names("it")?,
        pin_days: section.optional_days("pin_days", MOST_PIN_DAYS)?.unwrap_or(PIN_DAYS),
        issuer,
        client_id,
        role_claim,
    })
}

fn memory(section: &Section<'_>) -> Result<Memory, ConfigError> {
    section.only(&["key"])?;
    let key = section.optional_text("key")?;
    match key {
        Some(key) if !Memory::is_place(&key) => Err(ConfigError {
            expected: Some(Expected::OneOf(&["keyring", "file:/a/path", "systemd:a-name"])),
            ..section.problem("key", ConfigurationProblem::UnknownValue, key)
        }),
        key => Ok(Memory { key }),
    }
}

/// A program is started from anywhere, so a relative path starts at the configuration.
fn beside(config: &Path, named: &str) -> PathBuf {
    config.parent().map_or_else(|| PathBuf::from(named), |folder| folder.join(named))
}

/// Whether an address may be asked: https, or http that never leaves this machine.
pub fn is_secure(issuer: &Url) -> bool {
    match issuer.scheme() {
        "https" => issuer.has_host(),
        "http" => is_loopback(issuer),
        _ => false,
    }
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Why a file could not be read, in the same words on every system.
fn unreadable(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "no such file",
        io::ErrorKind::PermissionDenied => "not permitted",
        io::ErrorKind::IsADirectory => "a folder",
        io::ErrorKind::InvalidData => "not UTF-8 text",
        _ => "the file cannot be read",
    }
}

/// What is wrong with a configuration. Shown as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1, where known.
    pub line: Option<u32>,
    /// The key with its section (`till.store`), where known.
    pub key: Option<String>,
    /// What is wrong.
    pub code: ConfigurationProblem,
    /// What would be right, where the problem alone does not say.
    pub expected: Option<Expected>,
    /// What was found, where that helps.
    pub found: Option<String>,
}

/// What would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Text in quotes.
    Text,
    /// True or false.
    Flag,
    /// A section.
    Section,
    /// An https address.
    Address,
    /// A list of texts.
    Texts,
    /// A whole number of days from 1 to this.
    Days(u64),
    /// A whole number of seconds up to this.
    Seconds(u64),
    /// A list of names of hosts.
    Hosts,
    /// A country.
    Country,
    /// One of these keys.
    OneOf(&'static [&'static str]),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text in quotes"),
            Self::Flag => f.write_str("true or false"),
            Self::Section => f.write_str("a section of that name"),
            Self::Address => f.write_str("an address like https://id.example.com in quotes"),
            Self::Texts => f.write_str("a list of texts such as [\"manager\"]"),
            Self::Days(most) => write!(f, "a whole number of days from 1 to {most}"),
            Self::Seconds(most) => write!(f, "a whole number of seconds from 0 to {most}"),
            Self::Hosts => f.write_str("a list like [\"id.example.com\"]"),
            Self::Country => f.write_str("a country as two letters like \"FR\""),
            Self::OneOf(keys) => write!(f, "one of {}", keys.join(", ")),
        }
    }
}

impl ConfigError {
    fn new(file: &Path, code: ConfigurationProblem) -> Self {
        Self { file: file.to_owned(), line: None, key: None, code, expected: None, found: None }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(key) = &self.key {
            write!(f, ", key \"{key}\"")?;
        }
        match self.code {
            ConfigurationProblem::Unreadable => write!(f, ": the file cannot be read")?,
            ConfigurationProblem::NotToml => write!(f, ": this is not TOML")?,
            ConfigurationProblem::UnknownKey => write!(f, ": this key is not known")?,
            ConfigurationProblem::MissingKey => write!(f, ": this key is missing")?,
            ConfigurationProblem::WrongKind => write!(f, ": this is the wrong kind of value")?,
            ConfigurationProblem::UnknownValue => write!(f, ": this value is not known")?,
            ConfigurationProblem::EmbeddedElsewhere => {
                write!(f, ": the embedded central service cannot be at this address")?;
            }
            ConfigurationProblem::BadUrl => write!(f, ": this is not the address of a provider")?,
            ConfigurationProblem::InsecureIssuer => write!(f, ": this address is not secure")?,
            ConfigurationProblem::BadProxy => write!(f, ": this is not the address of a proxy")?,
            ConfigurationProblem::BadCertificates => {
                write!(f, ": this file of certificates cannot be used")?;
            }
            ConfigurationProblem::BadPointer => write!(f, ": this is not a JSON Pointer (RFC 6901)")?,
        }
        if let Some(found) = &self.found {
            write!(f, " (found {found})")?;
        }
        match (&self.expected, self.code) {
            (Some(expected), _) => write!(f, "; expected {expected}."),
            (None, ConfigurationProblem::BadUrl) => write!(f, "; expected one like https://id.example.com."),
            (None, ConfigurationProblem::InsecureIssuer) => {
                write!(f, "; expected an https address, or an http one on this machine.")
            }
            (None, ConfigurationProblem::BadPointer) => {
                write!(f, "; expected one like /address/locality, with ~1 for a / in a name and ~0 for a ~.")
            }
            (None, ConfigurationProblem::EmbeddedElsewhere) => {
                write!(f, "; expected one on this machine with a port, like http://127.0.0.1:8080.")
            }
            (None, ConfigurationProblem::BadProxy) => {
                write!(f, "; expected one like http://proxy.example.com:8080.")
            }
            (None, ConfigurationProblem::BadCertificates) => {
                write!(f, "; expected a PEM file that this user may read.")
            }
            (None, ConfigurationProblem::NotToml) => write!(f, "; expected lines like key = \"value\"."),
            (None, _) => write!(f, "; expected a readable TOML file."),
        }
    }
}

#[cfg(test)]
mod tests;
