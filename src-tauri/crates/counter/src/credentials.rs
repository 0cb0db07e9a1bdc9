//! What the till says who it is with: a secret or a key of its own, both in the keyring and nowhere else.
//!
//! The keyring is asked when the provider is discovered, never while a window opens.

use secrecy::{ExposeSecret, SecretString};
use signin::{ClientAuthentication, KeyError, TillKey};
use vault::{Keyring, KeyringError};

/// The names in the keyring.
const KEY: &str = "client-key";
const SECRET: &str = "client-secret";

/// How a till says who it is (OpenID Connect Core 1.0, section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By its name alone.
    #[default]
    None,
    /// By a shared secret in the header.
    SecretBasic,
    /// By a shared secret in the form.
    SecretPost,
    /// By a token that it signs.
    PrivateKeyJwt,
}

/// What a till says who it is with.
#[derive(Clone, Debug)]
pub struct Credentials {
    keyring: Keyring,
    method: Method,
    given_secret: Option<SecretString>,
    binds_tokens: bool,
}

impl Credentials {
    /// A till that says its name alone.
    pub fn none(keyring: Keyring) -> Self {
        Self { keyring, method: Method::None, given_secret: None, binds_tokens: false }
    }

    /// `given_secret` goes before the one in the keyring. `binds_tokens`: where the provider binds tokens to a key, they
    /// are bound to this till's.
    pub fn new(
        keyring: Keyring,
        method: Method,
        given_secret: Option<SecretString>,
        binds_tokens: bool,
    ) -> Self {
        Self { keyring, method, given_secret, binds_tokens }
    }

    /// Whether the till says who it is with more than its name.
    pub fn say_more_than_a_name(&self) -> bool {
        self.method != Method::None
    }

    /// What the provider is told. A key is made where there is none yet.
    pub async fn authentication(&self) -> Result<ClientAuthentication, KeyError> {
        Ok(match self.method {
            Method::None => ClientAuthentication::None,
            Method::SecretBasic => ClientAuthentication::SecretBasic(self.secret().await?),
            Method::SecretPost => ClientAuthentication::SecretPost(self.secret().await?),
            Method::PrivateKeyJwt => ClientAuthentication::PrivateKeyJwt(client_key(&self.keyring).await?),
        })
    }

    /// The key to bind tokens to; none where that is not wanted, or the keyring does not give one: tokens are as good as
    /// those of a provider that binds none.
    pub async fn proof_key(&self) -> Option<TillKey> {
        if !self.binds_tokens {
            return None;
        }
        let key = client_key(&self.keyring).await;
        key.inspect_err(|error| tracing::warn!(%error, "tokens are not bound to this till")).ok()
    }

    async fn secret(&self) -> Result<SecretString, KeyError> {
        match &self.given_secret {
            Some(given) => Ok(given.clone()),
            None => self.keyring.get(SECRET).await.map_err(out_of_reach)?.ok_or(KeyError::Missing),
        }
    }
}

/// The key of this till. It is made where the keyring says for certain that there is none, and used only once it has been
/// read back from there.
pub async fn client_key(keyring: &Keyring) -> Result<TillKey, KeyError> {
    if let Some(stored) = keyring.get(KEY).await.map_err(out_of_reach)? {
        return TillKey::from_secret(&stored);
    }
    let key = TillKey::generate()?;
    keyring.set(KEY, &key.to_secret()).await.map_err(out_of_reach)?;
    match keyring.get(KEY).await.map_err(out_of_reach)? {
        Some(stored) if stored.expose_secret() == key.to_secret().expose_secret() => Ok(key),
        _ => Err(KeyError::OutOfReach),
    }
}

/// Keeps the secret that the provider has given this till.
pub async fn keep_client_secret(keyring: &Keyring, secret: &SecretString) -> Result<(), KeyringError> {
    keyring.set(SECRET, secret).await
}

fn out_of_reach(error: KeyringError) -> KeyError {
    tracing::warn!(%error, "what this till says who it is with is out of reach");
    KeyError::OutOfReach
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(keyring: &Keyring, method: Method, given: Option<&str>) -> Credentials {
        Credentials::new(keyring.clone(), method, given.map(SecretString::from), true)
    }

    #[tokio::test]
    async fn a_key_is_made_once_and_stays_the_same() {
        let keyring = Keyring::in_memory();
        let first = client_key(&keyring).await.unwrap().public_jwk();
        assert_eq!(client_key(&keyring).await.unwrap().public_jwk(), first);
        let proof = with(&keyring, Method::None, None).proof_key().await.unwrap();
        assert_eq!(proof.public_jwk(), first);
        assert!(Credentials::none(keyring).proof_key().await.is_none());
    }

    #[tokio::test]
    async fn what_is_no_key_is_not_replaced() {
        let keyring = Keyring::in_memory();
        keyring.set(KEY, &"something else".into()).await.unwrap();
        assert_eq!(client_key(&keyring).await.unwrap_err(), KeyError::NotAKey);
        assert_eq!(keyring.get(KEY).await.unwrap().unwrap().expose_secret(), "something else");
    }

    #[tokio::test]
    async fn a_secret_comes_from_the_keyring_unless_another_is_given() {
        let keyring = Keyring::in_memory();
        let missing = with(&keyring, Method::SecretPost, None).authentication().await;
        assert!(matches!(missing, Err(KeyError::Missing)));
        keep_client_secret(&keyring, &"kept".into()).await.unwrap();
        for (given, expected) in [(None, "kept"), (Some("given"), "given")] {
            match with(&keyring, Method::SecretPost, given).authentication().await.unwrap() {
                ClientAuthentication::SecretPost(secret) => assert_eq!(secret.expose_secret(), expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn neither_is_in_debug() {
        let shown = format!("{:?}", with(&Keyring::in_memory(), Method::SecretBasic, Some("s3cret")));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
