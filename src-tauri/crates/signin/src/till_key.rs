//! The key of a till: made here, kept in the keyring, shown to nobody. It signs who the till is (RFC 7523) and that a
//! token is used by the till that got it (RFC 9449).
//!
//! ES256 alone, which every provider that takes either must know (RFC 9449, section 5.1) or does. `openidconnect` signs with RSA
//! and Ed25519 only, so the signature is that of `ring`.

use std::{fmt, sync::Arc};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom as _, SystemRandom},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::KeyError;

/// The algorithm of every signature of a till (RFC 7518, section 3.4).
pub(crate) const ALGORITHM: &str = "ES256";

/// A P-256 key that was made on this till.
#[derive(Clone)]
pub struct TillKey {
    pair: Arc<EcdsaKeyPair>,
    document: SecretString,
}

impl fmt::Debug for TillKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TillKey(..)")
    }
}

impl TillKey {
    /// Makes a key from the randomness of the operating system.
    pub fn generate() -> Result<Self, KeyError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| KeyError::NotMade)?;
        Self::from_secret(&STANDARD.encode(document.as_ref()).into())
    }

    /// The key as text for the keyring: PKCS #8 in base64.
    pub fn to_secret(&self) -> SecretString {
        self.document.clone()
    }

    /// Reads what [`TillKey::to_secret`] has written.
    pub fn from_secret(text: &SecretString) -> Result<Self, KeyError> {
        let document = zeroize::Zeroizing::new(
            STANDARD.decode(text.expose_secret().trim()).map_err(|_| KeyError::NotAKey)?,
        );
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &SystemRandom::new())
                .map_err(|_| KeyError::NotAKey)?;
        Ok(Self { pair: Arc::new(pair), document: text.clone() })
    }

    /// The public half (RFC 7517), for store IT to register with the provider. Its `kid` is its thumbprint (RFC 7638).
    pub fn public_jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        json!({
            "kty": "EC", "crv": "P-256", "x": x, "y": y,
            "alg": ALGORITHM, "use": "sig", "kid": self.thumbprint(),
        })
    }

    /// The public half with nothing but what makes the key, as a proof carries it (RFC 9449, section 4.2).
    pub(crate) fn bare_jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    /// RFC 7638.
    pub(crate) fn thumbprint(&self) -> String {
        let (x, y) = self.coordinates();
        hash(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes())
    }

    fn coordinates(&self) -> (String, String) {
        // One byte that says "uncompressed", then both coordinates (SEC 1, section 2.3.3).
        let point = self.pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at(point.len() / 2);
        (text(x), text(y))
    }

    /// Signs a token in the compact form (RFC 7515, section 7.1).
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> Result<SecretString, KeyError> {
        let input = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
        let signature =
            self.pair.sign(&SystemRandom::new(), input.as_bytes()).map_err(|_| KeyError::NotSigned)?;
        Ok(format!("{input}.{}", text(signature.as_ref())).into())
    }
}

/// A name that no other token has: 128 random bits.
pub(crate) fn unique() -> Result<String, KeyError> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeyError::NotSigned)?;
    Ok(text(bytes))
}

/// SHA-256 in the alphabet of tokens.
pub(crate) fn hash(bytes: &[u8]) -> String {
    text(digest(&SHA256, bytes))
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_the_keyring_as_it_was() {
        let key = TillKey::generate().unwrap();
        let again = TillKey::from_secret(&key.to_secret()).unwrap();
        assert_eq!(key.public_jwk(), again.public_jwk());
        assert_ne!(key.public_jwk(), TillKey::generate().unwrap().public_jwk());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["", "not base64 !", "AAAA", "a client secret"] {
            assert!(matches!(TillKey::from_secret(&bad.into()), Err(KeyError::NotAKey)), "{bad:?}");
        }
    }

    #[test]
    fn neither_debug_nor_the_public_half_shows_the_secret() {
        let key = TillKey::generate().unwrap();
        let secret = key.to_secret();
        let shown = format!("{key:?} {}", key.public_jwk());
        assert!(!shown.contains(secret.expose_secret()));
        assert!(key.public_jwk().get("d").is_none());
    }
}
