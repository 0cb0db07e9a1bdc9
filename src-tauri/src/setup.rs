//! The first run: try it with the embedded central service, or connect to a provider. Either way a configuration is
//! written, and the till runs with it as it will at every later start.

use std::sync::Arc;

use chrono::Utc;
use directory::SourceConfig;
use signin::{Distrust, Network, Provider, ProviderConfig, Refusal};
use url::Url;

use crate::{
    config::{self, Config, Demo, Display, Memory, Till},
    credentials, embedded,
    state::{SharedShell, Shell},
    view::ProblemCode,
};

/// What somebody typed to connect to their own provider.
#[derive(Debug)]
pub struct Connection {
    /// The issuer's address.
    pub issuer: String,
    /// What the provider calls this till.
    pub client_id: String,
    /// The store's name.
    pub store: String,
    /// The till's name.
    pub till: String,
}

/// Tries it with the embedded central service.
///
/// # Errors
/// When the service does not start, or the configuration cannot be written. The screen says so as well.
pub async fn try_embedded(shell: &SharedShell) -> Result<(), ProblemCode> {
    shell.begin_setup()?;
    let found = async {
        let issuer = embedded::prepare(&shell.paths.central()).await.map_err(|error| {
            tracing::error!(%error, "the embedded central service did not start");
            ProblemCode::EmbeddedFailed
        })?;
        // Without a keyring the till says its name alone, and sees nothing but who stands before it.
        let signs = credentials::public_key(&credentials::keyring(&shell.paths, None)).await.is_ok();
        let client_authentication = signs.then(|| credentials::PRIVATE_KEY_JWT.to_owned());
        Ok(Config {
            issuer,
            client_id: embedded::CLIENT.to_owned(),
            provider: config::Provider { client_authentication, ..config::Provider::default() },
            network: config::Network::default(),
            till: Till {
                store: "Marram Northquay".to_owned(),
                name: "Till 1".to_owned(),
                brand: Some("marram".to_owned()),
                country: Some("FR".to_owned()),
                scanner: None,
            },
            associates: None,
            profile: SourceConfig::default(),
            display: Display::default(),
            memory: Memory::default(),
            demo: Some(Demo { phone_here: true, embedded: true }),
        })
    };
    finish(shell, found.await)
}

/// Connects to a provider, once it has answered.
///
/// # Errors
/// When the address is not one, the provider does not serve tills, or the configuration cannot be written. The screen
/// says so as well.
pub async fn connect(shell: &SharedShell, connection: Connection) -> Result<(), ProblemCode> {
    shell.begin_setup()?;
    finish(shell, check(connection).await)
}

async fn check(connection: Connection) -> Result<Config, ProblemCode> {
    let config = understand(&connection)?;
    let provider = ProviderConfig::new(config.issuer.clone(), &*config.client_id);
    let http = signin::http_client(&Network::new(&config.issuer)).map_err(|error| {
        tracing::error!(%error, "no client for requests");
        ProblemCode::Internal
    })?;
    Provider::discover(provider, Arc::new(http), Arc::new(Utc::now))
        .await
        .map_err(|error| problem(&error))?;
    Ok(config)
}

fn understand(connection: &Connection) -> Result<Config, ProblemCode> {
    let issuer = Url::parse(connection.issuer.trim()).map_err(|_| ProblemCode::BadIssuer)?;
    if !config::is_secure(&issuer) {
        return Err(ProblemCode::BadIssuer);
    }
    let texts =
        [&connection.client_id, &connection.store, &connection.till].map(|text| text.trim().to_owned());
    if texts.iter().any(String::is_empty) {
        // The form asks for all of them.
        return Err(ProblemCode::Internal);
    }
    let [client_id, store, name] = texts;
    let till = Till { store, name, brand: None, country: None, scanner: None };
    Ok(Config {
        issuer,
        client_id,
        provider: config::Provider::default(),
        network: config::Network::default(),
        till,
        associates: None,
        profile: SourceConfig::default(),
        display: Display::default(),
        memory: Memory::default(),
        demo: None,
    })
}

fn problem(error: &signin::Error) -> ProblemCode {
    tracing::warn!(%error, "the provider cannot be used");
    match error {
        signin::Error::Unreachable => ProblemCode::ProviderUnreachable,
        signin::Error::Refused(Refusal::NoDeviceGrant) => ProblemCode::NoDeviceGrant,
        signin::Error::NotTrusted(Distrust::NotHttps) => ProblemCode::BadIssuer,
        signin::Error::Refused(Refusal::NoDiscovery | Refusal::IntervalTooLong | Refusal::Code(_))
        | signin::Error::NotTrusted(_)
        | signin::Error::Unexpected(_)
        | signin::Error::Key(_) => ProblemCode::NotAProvider,
    }
}

fn finish(shell: &Arc<Shell>, found: Result<Config, ProblemCode>) -> Result<(), ProblemCode> {
    let done = found.and_then(|config| {
        config.write(&shell.paths.config).map_err(|error| {
            tracing::error!(%error, "the configuration cannot be written");
            ProblemCode::CannotWriteConfiguration
        })?;
        shell.run(config)
    });
    done.inspect_err(|problem| shell.fail_setup(*problem))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::paths::Paths;

    fn typed(issuer: &str) -> Connection {
        let text = |text: &str| text.to_owned();
        Connection { issuer: text(issuer), client_id: text(" till "), store: text("A"), till: text("1") }
    }

    #[test]
    fn only_an_address_that_can_be_asked_safely_is_taken() {
        for good in ["https://id.example.com", " http://127.0.0.1:8080/realms/a "] {
            assert_eq!(understand(&typed(good)).unwrap().client_id, "till", "{good}");
        }
        for bad in ["id.example.com", "http://id.example.com", "ftp://id.example.com", ""] {
            assert_eq!(understand(&typed(bad)), Err(ProblemCode::BadIssuer), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_choice_that_fails_writes_nothing_and_can_be_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("countersign.toml");
        let paths =
            Paths { config: file.clone(), config_is_named: false, data: PathBuf::from(folder.path()) };
        let shell = Shell::new(paths, Ok(None));
        for _ in 0..2 {
            assert_eq!(connect(&shell, typed("http://id.example.com")).await, Err(ProblemCode::BadIssuer));
        }
        assert!(!file.exists());
    }
}
