//! A till that signs who it is (RFC 7523), and what it is given for itself.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use central::Clock;
use reqwest::StatusCode;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use crate::world::{Answer, World};

/// The till beside the usual one, in the same store, once its key is registered.
pub(crate) const SIGNING_TILL: &str = "till-northquay-2";

/// A key, and the till that has it.
pub(crate) struct Signer {
    pair: EcdsaKeyPair,
    till: String,
}

impl Signer {
    /// A till whose key the service knows.
    pub(crate) async fn enrolled(world: &World, till: &str) -> Self {
        let signer = Self::stranger(till);
        world.server.set_client_key(till, &signer.public().to_string()).await.unwrap();
        signer
    }

    /// A key that nobody has registered.
    pub(crate) fn stranger(till: &str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        Self { pair, till: till.to_owned() }
    }

    pub(crate) fn public(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig", "kid": "till" })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a good assertion says; `jti` is its name.
    pub(crate) fn claims(&self, world: &World, jti: &str) -> Value {
        let now = world.clock.now().timestamp();
        let issuer = world.server.url().as_str().trim_end_matches('/');
        json!({ "iss": self.till, "sub": self.till, "aud": issuer, "jti": jti, "iat": now, "exp": now + 120 })
    }

    pub(crate) fn assertion(&self, world: &World) -> String {
        let jti: [u8; 16] = rand::random();
        let claims = self.claims(world, &URL_SAFE_NO_PAD.encode(jti));
        self.sign(&json!({ "alg": "ES256", "typ": "JWT" }), &claims)
    }

    /// Asks for a token of the till itself.
    pub(crate) async fn ask(&self, world: &World, assertion: &str) -> Answer {
        world
            .token(&[
                ("grant_type", "client_credentials"),
                ("scope", "store"),
                ("client_id", &self.till),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", assertion),
            ])
            .await
    }

    pub(crate) async fn token(&self, world: &World) -> String {
        let (status, answer) = self.ask(world, &self.assertion(world)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }
}
