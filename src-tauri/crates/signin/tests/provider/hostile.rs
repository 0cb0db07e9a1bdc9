//! A provider that is broken or means harm: nobody is signed in, an error says why, memory and time are bounded, and the next
//! customer is served.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use http::Request;
use secrecy::SecretString;
use serde_json::{Value, json};
use signin::{
    Distrust, Error, Failure, Network, PollAnswer, Provider, ProviderConfig, RefreshError, Refusal, Reply,
    Transport, http_client,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;
use wiremock::ResponseTemplate;

use crate::{
    keys::{self, Key, text},
    stand::{ACCESS_TOKEN, CLIENT, REFRESH_TOKEN, Stand, json_answer, now, page_answer, tokens},
};

/// The longest answer that is read.
const LONGEST: u64 = 512 * 1024;

/// Real sockets, and a limit that a test can wait for.
struct Hasty(reqwest::Client);

impl Transport for Hasty {
    fn send(&self, request: Request<Vec<u8>>, limit: Duration) -> BoxFuture<'_, Result<Reply, Failure>> {
        self.0.send(request, limit.min(Duration::from_millis(400)))
    }
}

async fn hasty(stand: &Stand) -> Provider {
    let config = stand.config();
    let http = http_client(&Network::new(&config.issuer)).unwrap();
    Provider::discover(config, Arc::new(Hasty(http)), Arc::new(now)).await.unwrap()
}

/// What a server does with a connection once a request has come.
type Behaviour = fn(TcpStream, Arc<AtomicU64>) -> BoxFuture<'static, ()>;

/// A server that answers every request so; and how many bytes it got rid of.
async fn server(behaves: Behaviour) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut request = [0; 8 * 1024];
                drop(stream.read(&mut request).await);
                behaves(stream, counter).await;
            });
        }
    });
    (address, sent)
}

/// JSON that begins and never ends.
fn never_ends(mut stream: TcpStream, sent: Arc<AtomicU64>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        drop(
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"error\":\"").await,
        );
        while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {
            sent.fetch_add(16 * 1024, Ordering::Relaxed);
        }
    })
}

/// One byte, and then another, for ever.
fn drips(mut stream: TcpStream, sent: Arc<AtomicU64>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{").await);
        while stream.write_all(b" ").await.is_ok() {
            sent.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

/// Takes the request, and says nothing.
fn is_silent(mut stream: TcpStream, _: Arc<AtomicU64>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        drop(stream.read_u8().await);
    })
}

/// Promises ten gigabytes.
fn promises_much(mut stream: TcpStream, _: Arc<AtomicU64>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n{}").await);
        drop(stream.read_u8().await);
    })
}

/// A provider of which one address behaves so.
async fn with(name: &str, behaves: Behaviour) -> (Stand, Arc<AtomicU64>) {
    let (address, sent) = server(behaves).await;
    (Stand::with(|metadata| metadata[name] = json!(format!("{address}/x"))).await, sent)
}

#[tokio::test]
async fn an_answer_without_end_costs_no_more_than_half_a_megabyte() {
    let (stand, sent) = with("token_endpoint", never_ends).await;
    let provider = stand.provider().await;
    let code = stand.code(&provider).await;
    assert!(matches!(provider.poll(&code).await, PollAnswer::NoAnswer));
    let result = provider.refresh(&SecretString::from(REFRESH_TOKEN)).await;
    assert!(matches!(result, Err(RefreshError::NoAnswer { retried: false })), "{result:?}");
    // What the two answers took, and what lay in the buffers of the system.
    assert!(sent.load(Ordering::Relaxed) < 2 * LONGEST + 16 * 1024 * 1024);
}

#[tokio::test]
async fn whatever_endpoint_never_comes_to_an_end_the_till_does() {
    for behaves in [drips as Behaviour, is_silent, promises_much, never_ends] {
        let (stand, _) = with("token_endpoint", behaves).await;
        let provider = hasty(&stand).await;
        let code = stand.code(&provider).await;
        assert!(matches!(provider.poll(&code).await, PollAnswer::NoAnswer));
        let result = provider.refresh(&SecretString::from(REFRESH_TOKEN)).await;
        assert!(matches!(result, Err(RefreshError::NoAnswer { .. })), "{result:?}");

        let (stand, _) = with("device_authorization_endpoint", behaves).await;
        let result = hasty(&stand).await.request_code().await;
        assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");

        let (stand, _) = with("userinfo_endpoint", behaves).await;
        let result = hasty(&stand).await.verify(tokens(None)).await;
        assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");

        let (stand, _) = with("revocation_endpoint", behaves).await;
        assert!(hasty(&stand).await.end(&tokens(None)).await.is_worth_another_try());

        let (address, _) = server(behaves).await;
        let config = ProviderConfig::new(Url::parse(&address).unwrap(), CLIENT);
        let http = http_client(&Network::new(&config.issuer)).unwrap();
        let result = Provider::discover(config, Arc::new(Hasty(http)), Arc::new(now)).await;
        assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");
    }
}

/// What is no answer at any endpoint, and what is wrong with it.
fn no_answers() -> Vec<(&'static str, ResponseTemplate)> {
    let raw = |bytes: &[u8]| ResponseTemplate::new(200).set_body_raw(bytes, "application/json");
    let token = |more: &str| format!(r#"{{"access_token":"a","token_type":"Bearer"{more}"#);
    vec![
        ("cut off", raw(token("").as_bytes())),
        ("a page", page_answer(200)),
        ("deep", raw(token(&format!(r#","x":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000))).as_bytes())),
        ("a name twice", raw(token(r#","access_token":"b"}"#).as_bytes())),
        ("an unknown name twice", raw(token(r#","x":1,"x":2}"#).as_bytes())),
        ("a name twice, deep within", raw(token(r#","x":[{"y":1,"y":2}]}"#).as_bytes())),
        ("no UTF-8", raw(b"{\"access_token\":\"\xff\xfe\"}")),
        ("no UTF-8 in a name", raw(b"{\"\xc3\x28\":1,\"access_token\":\"a\"}")),
        ("more behind it", raw(token("}{}").as_bytes())),
        ("nothing", ResponseTemplate::new(200)),
    ]
}

#[tokio::test]
async fn what_cannot_be_read_in_one_way_only_is_no_answer() {
    for (what, answer) in no_answers() {
        let stand = Stand::with(|metadata| {
            metadata["userinfo_endpoint"] = json!(format!("{}/me", metadata["issuer"].as_str().unwrap()));
        })
        .await;
        let provider = stand.provider().await;
        let code = stand.code(&provider).await;
        stand.answers("POST", "/token", answer.clone()).await;
        stand.answers("POST", "/device", answer.clone()).await;
        stand.answers("GET", "/me", answer.clone()).await;
        assert!(matches!(provider.poll(&code).await, PollAnswer::NoAnswer), "{what}");
        let refreshed = provider.refresh(&SecretString::from(REFRESH_TOKEN)).await;
        assert!(matches!(refreshed, Err(RefreshError::NoAnswer { .. })), "{what}: {refreshed:?}");
        let asked = provider.request_code().await;
        assert!(matches!(asked, Err(Error::Unexpected(_))), "{what}: {asked:?}");
        let said = provider.verify(tokens(None)).await;
        assert!(matches!(said, Err(Error::Unexpected(_))), "{what}: {said:?}");
    }
}

#[tokio::test]
async fn metadata_and_keys_that_cannot_be_read_in_one_way_only_are_none() {
    for (what, answer) in no_answers() {
        let stand = Stand { server: wiremock::MockServer::start().await, key: Key::ed25519("first", 1) };
        stand.answers("GET", "/.well-known/openid-configuration", answer.clone()).await;
        let result = stand.discover().await;
        assert!(matches!(result, Err(Error::Refused(Refusal::NoDiscovery))), "{what}: {result:?}");

        let stand = Stand::with(|metadata| {
            metadata["jwks_uri"] = json!(format!("{}/bad-keys", metadata["issuer"].as_str().unwrap()));
        })
        .await;
        stand.answers("GET", "/bad-keys", answer).await;
        let result = stand.discover().await;
        assert!(matches!(result, Err(Error::Unexpected(_))), "{what}: {result:?}");
    }
}

#[tokio::test]
async fn a_success_with_an_error_in_it_is_an_error() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let both = json!({ "error": "access_denied", "access_token": "a", "token_type": "Bearer" });
    let code = stand.code(&provider).await;
    stand.answers("POST", "/token", json_answer(200, &both)).await;
    assert!(matches!(provider.poll(&code).await, PollAnswer::Denied { .. }));
}

#[tokio::test]
async fn a_redirect_is_followed_nowhere() {
    let again = |status: u16| ResponseTemplate::new(status).insert_header("location", "/token");
    for status in [301, 302, 303, 307, 308] {
        let stand = Stand::start().await;
        let provider = stand.provider().await;
        let code = stand.code(&provider).await;
        for at in ["/token", "/device", "/revoke"] {
            stand.answers("POST", at, again(status)).await;
        }
        assert!(matches!(provider.poll(&code).await, PollAnswer::NoAnswer), "{status}");
        assert!(provider.request_code().await.is_err(), "{status}");
        assert!(provider.end(&tokens(None)).await.has_failed(), "{status}");
        assert_eq!(stand.requests_to("/token").await, 1, "{status}");
    }
}

/// Claims of the right shape, with one thing wrong.
fn wrong(stand: &Stand, change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = stand.claims();
    change(&mut claims);
    claims
}

#[tokio::test]
async fn no_forged_token_signs_anybody_in_and_the_next_customer_is_served() {
    let stand = Stand::signing_with(Key::p256("first"), |_| {}).await;
    let provider = stand.provider().await;
    let at = now().timestamp();
    let sign = |claims: &Value| stand.key.sign(claims);
    let forged: Vec<(&str, String, Distrust)> = vec![
        ("another key of that name", Key::p256("first").sign(&stand.claims()), Distrust::Signature),
        ("an unknown key", Key::p256("other").sign(&stand.claims()), Distrust::UnknownKey),
        ("unsigned", keys::unsigned(&stand.claims()), Distrust::Algorithm),
        (
            "the public key as a shared secret",
            keys::sign_shared(&stand.key.public_bytes(), "first", &stand.claims()),
            Distrust::Algorithm,
        ),
        (
            "another issuer",
            sign(&wrong(&stand, |claims| claims["iss"] = json!("https://evil.example.com"))),
            Distrust::TokenIssuer,
        ),
        (
            "another audience",
            sign(&wrong(&stand, |claims| claims["aud"] = json!("another-till"))),
            Distrust::Audience,
        ),
        (
            "issued to another",
            sign(&wrong(&stand, |claims| claims["azp"] = json!("another-till"))),
            Distrust::AuthorizedParty,
        ),
        ("expired", sign(&wrong(&stand, |claims| claims["exp"] = json!(at - 3600))), Distrust::Expired),
        (
            "from the future",
            sign(&wrong(&stand, |claims| claims["iat"] = json!(at + 3600))),
            Distrust::FromTheFuture,
        ),
        (
            "of another access token",
            sign(&wrong(&stand, |claims| claims["at_hash"] = json!(keys::at_hash("ES256", "another")))),
            Distrust::AccessTokenHash,
        ),
    ];
    for (what, token, expected) in forged {
        match provider.verify(tokens(Some(token))).await {
            Err(Error::NotTrusted(why)) => assert_eq!(why, expected, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    let next = provider.verify(tokens(Some(stand.key.sign(&stand.claims())))).await;
    assert!(next.is_ok(), "{next:?}");
}

#[tokio::test]
async fn a_token_that_says_something_twice_is_not_believed_though_it_is_signed() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let (claims, header) = (stand.claims().to_string(), r#"{"alg":"EdDSA","kid":"first"}"#);
    let twice = format!(r#"{},"sub":"customer-2"}}"#, claims.strip_suffix('}').unwrap());
    let deep =
        format!(r#"{},"x":{}{}}}"#, claims.strip_suffix('}').unwrap(), "[".repeat(1_000), "]".repeat(1_000));
    for (header, claims) in [
        (header, twice.as_str()),
        (header, deep.as_str()),
        (r#"{"alg":"EdDSA","alg":"none","kid":"first"}"#, claims.as_str()),
    ] {
        let token = stand.key.sign_parts(&text(header), &text(claims));
        let result = provider.verify(tokens(Some(token))).await;
        assert!(matches!(result, Err(Error::NotTrusted(Distrust::Malformed))), "{result:?}");
    }
    let good = stand.key.sign_parts(&text(header), &text(&claims));
    assert!(provider.verify(tokens(Some(good))).await.is_ok(), "the same without the fault");
}

#[tokio::test]
async fn a_provider_that_becomes_another_is_not_believed() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    // A token that is right in every way for the one that it has become.
    let other = "https://id2.example.com";
    let claims = wrong(&stand, |claims| claims["iss"] = json!(other));
    let result = provider.verify(tokens(Some(stand.key.sign(&claims)))).await;
    assert!(matches!(result, Err(Error::NotTrusted(Distrust::TokenIssuer))), "{result:?}");
    stand.server.reset().await;
    let document = json!({ "issuer": other, "token_endpoint": other, "jwks_uri": other });
    stand.answers("GET", "/.well-known/openid-configuration", json_answer(200, &document)).await;
    let result = stand.discover().await;
    assert!(matches!(result, Err(Error::NotTrusted(Distrust::Issuer))), "{result:?}");
}

#[tokio::test]
async fn an_access_token_that_cannot_be_a_header_is_sent_nowhere() {
    let stand = Stand::with(|metadata| {
        metadata["userinfo_endpoint"] = json!(format!("{}/me", metadata["issuer"].as_str().unwrap()));
    })
    .await;
    let provider = stand.provider().await;
    let tokens = signin::Tokens { access_token: format!("{ACCESS_TOKEN}\r\nx: y").into(), ..tokens(None) };
    assert!(provider.verify(tokens).await.is_err());
    assert_eq!(stand.requests_to("/me").await, 0);
}
