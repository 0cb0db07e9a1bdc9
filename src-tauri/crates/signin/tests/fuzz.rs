//! Everything that is parsed from a provider, mutated: it never panics, and whatever passes still keeps the rules.
//!
//! The seeds are the recorded shapes of `tests/recorded`. A run makes a bounded number of cases, and prints what is
//! needed to repeat one that fails; `PROPTEST_CASES` makes a longer run of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    collections::HashMap,
    env, fs,
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt as _, ready};
use http::{HeaderMap, Request, StatusCode};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use signin::{Distrust, Error, Failure, PollAnswer, Provider, ProviderConfig, Reply, Tokens, Transport};
use tokio::runtime::Runtime;
use url::Url;
use zeroize::Zeroizing;

const CLIENT: &str = "till-northquay-1";
const ISSUER: &str = "https://id.example.com/";

/// A provider in memory: what it answers at each address.
#[derive(Clone, Default)]
struct Answers(HashMap<String, (u16, Vec<u8>)>);

impl Answers {
    fn with(mut self, path: &str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), (status, body.into()));
        self
    }
}

impl Transport for Answers {
    fn send(&self, request: Request<Vec<u8>>, _: Duration) -> BoxFuture<'_, Result<Reply, Failure>> {
        let found = self.0.get(request.uri().path()).cloned().ok_or(Failure::NeverSent);
        let reply = found.map(|(status, body)| Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Zeroizing::new(body),
        });
        ready(reply).boxed()
    }
}

/// What `PROPTEST_CASES` says; the library's own default is too few for documents of this size.
static CASES: LazyLock<u32> = LazyLock::new(|| match env::var("PROPTEST_CASES") {
    Ok(cases) => cases.parse().unwrap(),
    Err(_) => 512,
});
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());
static RECORDED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| serde_json::from_slice(&fs::read(file).unwrap()).unwrap()).collect()
});

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T10:00:00Z").unwrap().to_utc()
}

/// A good provider.
fn good() -> Answers {
    let metadata = json!({
        "issuer": ISSUER,
        "token_endpoint": format!("{ISSUER}token"),
        "device_authorization_endpoint": format!("{ISSUER}device"),
        "jwks_uri": format!("{ISSUER}keys"),
        "userinfo_endpoint": format!("{ISSUER}me"),
    });
    Answers::default().with("/.well-known/openid-configuration", 200, metadata.to_string()).with(
        "/keys",
        200,
        keys().to_string(),
    )
}

fn keys() -> Value {
    let x = URL_SAFE_NO_PAD.encode(KEY.public_key());
    json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "use": "sig", "x": x }] })
}

fn claims() -> Value {
    let at = now().timestamp();
    json!({ "iss": ISSUER, "sub": "customer-1", "aud": CLIENT, "iat": at, "exp": at + 600, "amr": ["pwd"] })
}

/// A signed token of these parts.
fn token(header: &[u8], claims: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = KEY.sign(input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header() -> String {
    json!({ "alg": "EdDSA", "kid": "k" }).to_string()
}

async fn discover(issuer: &str, answers: Answers) -> Result<Provider, Error> {
    let config = ProviderConfig::new(Url::parse(issuer).unwrap(), CLIENT);
    Provider::discover(config, Arc::new(answers), Arc::new(now)).await
}

fn tokens(id_token: Option<String>) -> Tokens {
    Tokens {
        access_token: SecretString::from("access"),
        id_token: id_token.map(SecretString::from),
        refresh_token: None,
        expires_in: None,
        bound: false,
    }
}

/// What a change of a document does.
#[derive(Clone, Debug)]
enum Change {
    /// One byte becomes another.
    Byte(prop::sample::Index, u8),
    /// The document ends here.
    Cut(prop::sample::Index),
    /// A part stands there twice.
    Repeat(prop::sample::Index, usize),
    /// A part is missing.
    Remove(prop::sample::Index, usize),
    /// Something is put in.
    Insert(prop::sample::Index, Vec<u8>),
    /// A value of an object or a list becomes another.
    Value(prop::sample::Index, Value),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    let part = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8),
        prop::sample::select(vec![
            "null",
            "[]",
            "{}",
            "\"\"",
            "1e999",
            "-1",
            ",",
            "\\u0000",
            "\"a\":1,\"a\":2",
            "\u{202e}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => at().prop_map(Change::Cut),
        1 => (at(), 1_usize..200).prop_map(|(at, length)| Change::Repeat(at, length)),
        1 => (at(), 1_usize..80).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (at(), part).prop_map(|(at, part)| Change::Insert(at, part)),
        4 => (at(), value()).prop_map(|(at, value)| Change::Value(at, value)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "http://evil.example.com/",
            "https://evil.example.com/x",
            "https://id.example.com/other",
            "none",
            "HS256",
            "authorization_pending",
            "slow_down",
            "javascript:alert(1)",
            "customer-2",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn mutated(document: &Value, changes: &[Change]) -> Vec<u8> {
    let mut document = document.clone();
    for change in changes {
        if let Change::Value(at, value) = change {
            replace(&mut document, *at, value);
        }
    }
    let mut bytes = document.to_string().into_bytes();
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        match change {
            Change::Byte(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Change::Repeat(at, length) => {
                let at = at.index(bytes.len());
                let part = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Remove(at, length) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Change::Insert(at, part) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, part.iter().copied());
            }
            Change::Value(..) => {}
        }
    }
    bytes
}

/// Replaces a value somewhere at the top, or one below.
fn replace(document: &mut Value, at: prop::sample::Index, value: &Value) {
    match document {
        Value::Object(members) if !members.is_empty() => {
            let place = at.index(members.len());
            if let Some(member) = members.values_mut().nth(place) {
                *member = value.clone();
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let place = at.index(items.len());
            replace(&mut items[place], at, value);
        }
        other => *other = value.clone(),
    }
}

fn recorded(name: &'static str) -> impl Strategy<Value = Value> {
    (0..RECORDED.len()).prop_map(move |which| RECORDED[which][name].clone())
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 0..4)
}

fn is_plain_https(url: &Url) -> bool {
    url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: *CASES, ..ProptestConfig::default() })]

    #[test]
    fn metadata(document in recorded("discovery"), changes in changes()) {
        let issuer = document["issuer"].as_str().unwrap().to_owned();
        let path = Url::parse(&issuer).unwrap().path().trim_end_matches('/').to_owned();
        let keys_at = Url::parse(document["jwks_uri"].as_str().unwrap()).unwrap();
        let body = mutated(&document, &changes);
        let answers = good()
            .with(&format!("{path}/.well-known/openid-configuration"), 200, body.clone())
            .with(keys_at.path(), 200, keys().to_string());
        if let Ok(provider) = RUNTIME.block_on(discover(&issuer, answers)) {
            let read: Value = serde_json::from_slice(&body).unwrap();
            let found = read["issuer"].as_str().unwrap();
            prop_assert_eq!(found.trim_end_matches('/'), issuer.trim_end_matches('/'));
            let facts = RUNTIME.block_on(provider.facts());
            prop_assert!(facts.algorithms.iter().all(|name| ["ES256", "ES384", "EdDSA", "RS256", "PS256"].contains(name)));
            prop_assert!(provider.user_info().is_none_or(is_plain_https));
            prop_assert!(provider.profile_api().is_none_or(is_plain_https));
        }
    }

    #[test]
    fn key_sets(changes in changes()) {
        let answers = good().with("/keys", 200, mutated(&keys(), &changes));
        if let Ok(provider) = RUNTIME.block_on(discover(ISSUER, answers)) {
            let forged = token(header().as_bytes(), claims().to_string().as_bytes());
            // Whatever the keys are: with one of them the token is right, or it is not believed.
            match RUNTIME.block_on(provider.verify(tokens(Some(forged)))) {
                Ok(signed_in) => prop_assert_eq!(signed_in.customer.subject, "customer-1"),
                Err(error) => prop_assert!(
                    matches!(error, Error::NotTrusted(Distrust::UnknownKey | Distrust::Signature | Distrust::Algorithm)),
                    "{:?}", error
                ),
            }
        }
    }

    #[test]
    fn codes(answer in recorded("code"), changes in changes()) {
        let mut body = answer["body"].clone();
        for name in ["verification_uri", "verification_uri_complete", "verification_url"] {
            if body[name].is_string() {
                body[name] = json!("https://id.example.com/device");
            }
        }
        let answers = good().with("/device", 200, mutated(&body, &changes));
        let provider = RUNTIME.block_on(discover(ISSUER, answers)).unwrap();
        if let Ok(code) = RUNTIME.block_on(provider.request_code()) {
            prop_assert!(code.expires_in <= Duration::from_mins(10) && code.expires_in >= Duration::from_secs(1));
            prop_assert!(code.interval >= Duration::from_secs(1));
            prop_assert!(!code.user_code.is_empty() && code.user_code.chars().count() <= 32);
            prop_assert!(!code.user_code.chars().any(char::is_control));
            for page in std::iter::once(&code.verification_uri).chain(&code.verification_uri_complete) {
                prop_assert!(is_plain_https(page));
                prop_assert_eq!(page.host_str(), Some("id.example.com"));
            }
        }
    }

    #[test]
    fn token_answers(
        answer in prop::sample::select(vec!["tokens", "pending", "slow_down", "refresh_refused"]).prop_flat_map(recorded),
        status in prop::sample::select(vec![200_u16, 201, 204, 302, 400, 401, 403, 428, 429, 500, 503]),
        changes in changes(),
    ) {
        let body = mutated(&answer["body"], &changes);
        let code = json!({
            "device_code": "d", "user_code": "U", "verification_uri": "https://id.example.com/device",
            "expires_in": 300, "interval": 5,
        });
        let answers = good().with("/device", 200, code.to_string()).with("/token", status, body.clone());
        let provider = RUNTIME.block_on(discover(ISSUER, answers)).unwrap();
        let code = RUNTIME.block_on(provider.request_code()).unwrap();
        if let PollAnswer::Granted(tokens) = RUNTIME.block_on(provider.poll(&code)) {
            prop_assert!((200..300).contains(&status));
            let read: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(tokens.access_token.expose_secret(), read["access_token"].as_str().unwrap());
            prop_assert!(read["error"].is_null() && !tokens.bound);
        }
        if let Ok(tokens) = RUNTIME.block_on(provider.refresh(&SecretString::from("old"))) {
            prop_assert!((200..300).contains(&status) && tokens.refresh_token.is_some());
        }
    }

    #[test]
    fn id_tokens_with_a_good_signature(claims_changes in changes(), header_changes in changes()) {
        let provider = RUNTIME.block_on(discover(ISSUER, good())).unwrap();
        let header = mutated(&serde_json::from_str(&header()).unwrap(), &header_changes);
        let body = mutated(&claims(), &claims_changes);
        let verified = RUNTIME.block_on(provider.verify(tokens(Some(token(&header, &body)))));
        if let Ok(signed_in) = verified {
            let read: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(&read["iss"], ISSUER);
            prop_assert_eq!(&read["sub"], &signed_in.customer.subject);
            prop_assert!(read["aud"] == CLIENT || read["aud"].as_array().is_some_and(|list| list.contains(&json!(CLIENT))));
            let at = f64::from(u32::try_from(now().timestamp()).unwrap());
            prop_assert!(read["exp"].as_f64().unwrap() > at - 61.0);
            prop_assert!(read["iat"].as_f64().unwrap() < at + 61.0);
            prop_assert!(signed_in.claims.amr.len() <= 8);
        }
    }

    #[test]
    fn id_tokens_without_one(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let provider = RUNTIME.block_on(discover(ISSUER, good())).unwrap();
        let good = token(header().as_bytes(), claims().to_string().as_bytes());
        let mut bytes = good.clone().into_bytes();
        // The last letter carries bits that mean nothing.
        let at = at.index(bytes.len() - 1);
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        let changed = String::from_utf8_lossy(&bytes).into_owned();
        let is_same = changed == good;
        prop_assert_eq!(RUNTIME.block_on(provider.verify(tokens(Some(changed)))).is_ok(), is_same);
    }

    #[test]
    fn user_info(person in recorded("user_info"), changes in changes()) {
        let mut person = person;
        person["sub"] = json!("customer-1");
        let body = mutated(&person, &changes);
        let provider = RUNTIME.block_on(discover(ISSUER, good().with("/me", 200, body.clone()))).unwrap();
        if let Ok(signed_in) = RUNTIME.block_on(provider.verify(tokens(None))) {
            let read: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(&read["sub"], &signed_in.customer.subject);
            prop_assert!(!signed_in.customer.subject.is_empty());
        }
    }
}
