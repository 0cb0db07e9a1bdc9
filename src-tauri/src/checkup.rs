//! `countersign doctor`, and the same for the page in the app: what the shell knows of this till, handed to the doctor.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use chrono::Utc;
use doctor::{Configuration, Memory, Misconfigured, Screens, Till};
use signin::{ClientAuthentication, ProviderConfig};
use vault::{Keyring, Vault};

use crate::{
    app,
    config::{Config, ConfigError},
    credentials,
    paths::Paths,
};

/// `countersign doctor`: looks, prints what was found, and ends with 0, 1 or 2. Needs neither a display nor a session.
pub fn run(paths: &Paths, json: bool) -> ExitCode {
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return ExitCode::FAILURE };
    let report = runtime.block_on(async {
        let till = till(paths, app::configuration(paths), None, Screens::Asked).await;
        doctor::examine(&till, &|_| {}).await
    });
    // What still hangs somewhere is not waited for.
    runtime.shutdown_background();
    let text = if json { serde_json::to_string_pretty(&report).ok().map(|text| text + "\n") } else { None };
    // Nobody may be there to read it.
    drop(io::stdout().write_all(text.unwrap_or_else(|| report.to_string()).as_bytes()));
    ExitCode::from(report.exit_code())
}

/// This till, for the doctor. `open` is its memory, where this program has it open.
pub async fn till(
    paths: &Paths,
    found: Result<Option<Config>, ConfigError>,
    open: Option<Vault>,
    screens: Screens,
) -> Till {
    let keyring = credentials::keyring(paths, found.as_ref().ok().and_then(Option::as_ref));
    Till {
        configuration: match found {
            Ok(Some(config)) => configuration(paths, config, keyring.clone()).await.map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(misconfigured(&error)),
        },
        data: paths.data.clone(),
        memory: Memory { folder: paths.vault(), keyring, open },
        screens,
        devices: Till::DEVICES.into(),
        patience: Till::PATIENCE,
        clock: Arc::new(Utc::now),
    }
}

async fn configuration(
    paths: &Paths,
    config: Config,
    keyring: Keyring,
) -> Result<Configuration, Misconfigured> {
    let unusable = |_| Misconfigured {
        problem: "network".to_owned(),
        file: name_of(&paths.config),
        line: None,
        key: Some("network".to_owned()),
    };
    let transport = signin::http_client(&credentials::network(&config)).map_err(unusable)?;
    let verifier = signin::server_verifier(config.network.ca_file.as_deref()).map_err(unusable)?;
    let (client_authentication, credentials) =
        match credentials::credentials(&config, keyring).authentication().await {
            Ok(authentication) => (authentication, Ok(())),
            Err(why) => (ClientAuthentication::None, Err(why)),
        };
    Ok(Configuration {
        provider: ProviderConfig { client_authentication, ..credentials::provider(&config) },
        credentials,
        transport: Arc::new(transport),
        verifier,
        proxy: config.network.proxy,
        profile: config.profile,
    })
}

/// What was found in the file is left out: it may be a secret.
fn misconfigured(error: &ConfigError) -> Misconfigured {
    let problem = serde_json::to_value(error.code).ok();
    Misconfigured {
        problem: problem.as_ref().and_then(|code| code.as_str()).unwrap_or_default().to_owned(),
        file: name_of(&error.file),
        line: error.line,
        key: error.key.clone(),
    }
}

/// Folders above may be called after a person.
fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
