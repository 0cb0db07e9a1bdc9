//! Keys for tests, and tokens that are signed with them by hand, so that each part of a token can be made wrong.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// Signs with nothing but tokens of these tests.
const RSA_KEY: &str = include_str!("rsa_test_key.txt");

pub(crate) struct Key {
    pub(crate) kid: &'static str,
    secret: Secret,
}

enum Secret {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    pub(crate) fn ed25519(kid: &'static str, seed: u8) -> Self {
        Self { kid, secret: Secret::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()) }
    }

    pub(crate) fn p256(kid: &'static str) -> Self {
        Self { kid, secret: Secret::P256(ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING)) }
    }

    pub(crate) fn p384(kid: &'static str) -> Self {
        Self { kid, secret: Secret::P384(ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING)) }
    }

    pub(crate) fn rsa(kid: &'static str) -> Self {
        let der = STANDARD.decode(RSA_KEY.split_whitespace().collect::<String>()).unwrap();
        Self { kid, secret: Secret::Rsa(RsaKeyPair::from_der(&der).unwrap()) }
    }

    pub(crate) fn jwk(&self) -> Value {
        match &self.secret {
            Secret::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": self.kid, "x": text(pair.public_key()) })
            }
            Secret::P256(pair) => self.ec_jwk("P-256", pair),
            Secret::P384(pair) => self.ec_jwk("P-384", pair),
            Secret::Rsa(pair) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "use": "sig", "kid": self.kid, "n": text(public.n), "e": text(public.e) })
            }
        }
    }

    fn ec_jwk(&self, curve: &str, pair: &EcdsaKeyPair) -> Value {
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        json!({ "kty": "EC", "crv": curve, "use": "sig", "kid": self.kid, "x": text(x), "y": text(y) })
    }

    /// The algorithm that this key is usually used with.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.secret {
            Secret::Ed25519(_) => "EdDSA",
            Secret::P256(_) => "ES256",
            Secret::P384(_) => "ES384",
            Secret::Rsa(_) => "RS256",
        }
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_under(&json!({ "alg": self.algorithm(), "kid": self.kid, "typ": "JWT" }), claims)
    }

    /// A token with this header.
    pub(crate) fn sign_under(&self, header: &Value, claims: &Value) -> String {
        self.sign_with(&text(header.to_string()), &text(claims.to_string()), header["alg"] == "PS256")
    }

    /// A token of two parts that are written already.
    pub(crate) fn sign_parts(&self, header: &str, claims: &str) -> String {
        self.sign_with(header, claims, false)
    }

    fn sign_with(&self, header: &str, claims: &str, pss: bool) -> String {
        let input = format!("{header}.{claims}");
        let random = SystemRandom::new();
        let signature = match &self.secret {
            Secret::Ed25519(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
            Secret::P256(pair) | Secret::P384(pair) => {
                pair.sign(&random, input.as_bytes()).unwrap().as_ref().to_vec()
            }
            Secret::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding =
                    if pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &random, input.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{input}.{}", text(signature))
    }

    /// The public half, as bytes: what a forger takes for a shared secret.
    pub(crate) fn public_bytes(&self) -> Vec<u8> {
        match &self.secret {
            Secret::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Secret::P256(pair) | Secret::P384(pair) => pair.public_key().as_ref().to_vec(),
            Secret::Rsa(pair) => pair.public().as_ref().to_vec(),
        }
    }
}

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
}

/// A token that is signed with a shared secret.
pub(crate) fn sign_shared(secret: &[u8], kid: &str, claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "kid": kid });
    let input = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    format!("{input}.{}", text(tag))
}

/// A token that is not signed at all.
pub(crate) fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", text(json!({ "alg": "none" }).to_string()), text(claims.to_string()))
}

/// The hash that binds an ID token to an access token: the left half, by the hash of the signature's algorithm.
pub(crate) fn at_hash(algorithm: &str, access_token: &str) -> String {
    let hash = match algorithm {
        "EdDSA" => &ring::digest::SHA512,
        "ES384" => &ring::digest::SHA384,
        _ => &ring::digest::SHA256,
    };
    let digest = ring::digest::digest(hash, access_token.as_bytes());
    let bytes = digest.as_ref();
    text(&bytes[..bytes.len() / 2])
}

pub(crate) fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
