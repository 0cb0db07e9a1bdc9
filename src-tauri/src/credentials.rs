//! From the configuration to what the provider is told: and the two words of the command line that set up what is told.

use std::{
    env,
    io::{self, Read as _},
    path::PathBuf,
    time::Duration,
};

use chrono::TimeDelta;
use counter::{
    AssociatesAt,
    credentials::{self, Credentials, Method},
    roles::Roles,
};
use secrecy::SecretString;
use signin::{Kind, Network, ProviderConfig, VisitEnd};
use vault::{KeyPlace, Keyring};
use zeroize::Zeroizing;

use crate::{config::Config, paths::Paths};

/// Where a secret may come from besides the keyring.
const VARIABLE: &str = "COUNTERSIGN_CLIENT_SECRET";
/// Where systemd puts the credentials of a service (systemd.exec(5)).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// The word of the configuration for a till that signs who it is.
pub const PRIVATE_KEY_JWT: &str = "private_key_jwt";
/// No secret is longer than this.
const LONGEST_SECRET: u64 = 4096;

/// The keyring of this till, with the key of the database where the configuration says.
pub fn keyring(paths: &Paths, config: Option<&Config>) -> Keyring {
    let key = config.and_then(|config| config.memory.key.as_deref()).unwrap_or_default();
    let place = match key.split_once(':') {
        Some(("file", path)) => KeyPlace::File(path.into()),
        Some(("systemd", name)) => {
            KeyPlace::Credential(env::var_os(CREDENTIALS).map(|folder| PathBuf::from(folder).join(name)))
        }
        Some(_) | None => KeyPlace::Keyring,
    };
    Keyring::system(&paths.keyring_namespace()).with_key_at(place)
}

/// What is configured of the provider.
pub fn provider(config: &Config) -> ProviderConfig {
    let given = &config.provider;
    let defaults = ProviderConfig::new(config.issuer.clone(), &*config.client_id);
    ProviderConfig {
        kind: given.kind.as_deref().and_then(Kind::of_name),
        audience: given.audience.clone(),
        verification_hosts: given.verification_hosts.clone(),
        leeway: given.clock_leeway_seconds.map_or(defaults.leeway, Duration::from_secs),
        visit_end: given.visit_end.as_deref().map(visit_end),
        ..defaults
    }
}

/// Where associates sign in. Another provider than that of the customers knows the till by its name alone.
pub fn associates(config: &Config) -> Option<AssociatesAt> {
    let given = config.associates.as_ref()?;
    let provider = given
        .issuer
        .clone()
        .map(|issuer| ProviderConfig::new(issuer, given.client_id.as_deref().unwrap_or(&config.client_id)));
    let roles = Roles {
        claim: given.role_claim.clone(),
        associate: given.associate.clone(),
        manager: given.manager.clone(),
        it: given.it.clone(),
    };
    let days = i64::try_from(given.pin_days).unwrap_or(i64::MAX);
    Some(AssociatesAt {
        provider,
        roles,
        pin_counts_for: TimeDelta::try_days(days).unwrap_or(TimeDelta::MAX),
    })
}

/// Whether the till signs who it is with a key of its own.
pub fn signs_who_it_is(config: &Config) -> bool {
    config.provider.client_authentication.as_deref() == Some(PRIVATE_KEY_JWT)
}

/// How the provider is reached.
pub fn network(config: &Config) -> Network<'_> {
    Network {
        issuer: &config.issuer,
        ca_file: config.network.ca_file.as_deref(),
        proxy: config.network.proxy.as_ref(),
    }
}

/// What the till says who it is with.
pub fn credentials(config: &Config, keyring: Keyring) -> Credentials {
    let method = match config.provider.client_authentication.as_deref() {
        Some("client_secret_basic") => Method::SecretBasic,
        Some("client_secret_post") => Method::SecretPost,
        Some(PRIVATE_KEY_JWT) => Method::PrivateKeyJwt,
        Some(_) | None => Method::None,
    };
    let given = env::var(VARIABLE).ok().filter(|secret| !secret.is_empty()).map(SecretString::from);
    Credentials::new(keyring, method, given, config.provider.dpop.unwrap_or(true))
}

fn visit_end(name: &str) -> VisitEnd {
    match name {
        "log_out" => VisitEnd::LogOut,
        "forget" => VisitEnd::Forget,
        _ => VisitEnd::Revoke,
    }
}

/// The public half of this till's key, for store IT to register: one line of JSON. The key is made where there is none.
///
/// # Errors
/// One sentence.
pub async fn public_key(keyring: &Keyring) -> Result<String, String> {
    let key = credentials::client_key(keyring).await;
    key.map(|key| key.public_jwk().to_string()).map_err(|why| format!("The key of this till: {why}."))
}

/// Reads a secret to its end, without the line break behind it, and keeps it.
///
/// # Errors
/// One sentence, without the secret.
pub async fn keep_secret(keyring: &Keyring, source: impl io::Read) -> Result<(), String> {
    let mut text = Zeroizing::new(String::new());
    source
        .take(LONGEST_SECRET)
        .read_to_string(&mut text)
        .map_err(|_| "The secret cannot be read: it is expected as text on standard input.".to_owned())?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err("No secret came on standard input.".to_owned());
    }
    let kept = credentials::keep_client_secret(keyring, &secret.into()).await;
    kept.map_err(|why| format!("The secret is not kept: {why}."))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use signin::ClientAuthentication;

    use super::*;
    use crate::config::{KINDS, VISIT_ENDS};

    fn config(sections: &str) -> Config {
        let text = format!(
            "issuer = \"https://id.example.com\"\nclient_id = \"till\"\n[till]\nstore = \"A\"\nname = \"1\"\n{sections}"
        );
        Config::parse(Path::new("a.toml"), &text).unwrap()
    }

    #[test]
    fn every_name_in_the_configuration_is_one_of_signin() {
        assert_eq!(KINDS, Kind::ALL.map(Kind::name));
        let ends = VISIT_ENDS.map(visit_end);
        assert_eq!(ends, [VisitEnd::Revoke, VisitEnd::LogOut, VisitEnd::Forget]);
    }

    #[test]
    fn what_is_configured_reaches_the_provider() {
        let config = config(
            "[provider]\nkind = \"keycloak\"\naudience = \"api\"\nverification_hosts = [\"a.example.com\"]\n\
             clock_leeway_seconds = 5\nvisit_end = \"log_out\"\n",
        );
        let provider = provider(&config);
        assert_eq!(provider.kind, Some(Kind::Keycloak));
        assert_eq!(provider.audience.as_deref(), Some("api"));
        assert_eq!(provider.verification_hosts, ["a.example.com"]);
        assert_eq!(provider.leeway, Duration::from_secs(5));
        assert_eq!(provider.visit_end, Some(VisitEnd::LogOut));
    }

    #[tokio::test]
    async fn a_secret_from_the_command_line_is_what_the_provider_is_told() {
        let keyring = Keyring::in_memory();
        keep_secret(&keyring, &b"s3cret words\r\n"[..]).await.unwrap();
        let config = config("[provider]\nclient_authentication = \"client_secret_post\"\n");
        match credentials(&config, keyring.clone()).authentication().await.unwrap() {
            ClientAuthentication::SecretPost(secret) => {
                assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), "s3cret words");
            }
            other => panic!("{other:?}"),
        }
        assert!(keep_secret(&keyring, &b"\n"[..]).await.is_err());
        assert!(keep_secret(&keyring, &b"\xff"[..]).await.is_err());
    }

    #[tokio::test]
    async fn the_public_key_can_be_registered_and_holds_no_secret() {
        let keyring = Keyring::in_memory();
        let shown = public_key(&keyring).await.unwrap();
        assert_eq!(public_key(&keyring).await.unwrap(), shown);
        let jwk: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert!(jwk["x"].is_string() && jwk["kid"].is_string() && jwk["d"].is_null());
    }
}
