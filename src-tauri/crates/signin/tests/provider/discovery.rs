//! Discovery: only the configured provider is believed, and only over https.

use serde_json::{Value, json};
use signin::{Distrust, Error, Network, ProviderConfig, Refusal, http_client};
use url::Url;
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    keys::Key,
    stand::{CLIENT, Stand, discover, json_answer, page_answer},
};

async fn distrust(stand: &Stand) -> Distrust {
    match stand.discover().await {
        Err(Error::NotTrusted(why)) => why,
        other => panic!("the provider was not distrusted: {other:?}"),
    }
}

#[tokio::test]
async fn a_provider_says_where_the_profile_api_is_and_that_it_holds_requests() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    assert_eq!(provider.profile_api().unwrap().path(), "/v1");
    assert!(provider.holds_token_requests());
}

#[tokio::test]
async fn a_provider_that_knows_nothing_of_countersign_will_do() {
    let stand = Stand::with(|metadata| {
        for name in [
            "countersign_profile_api",
            "countersign_holds_token_requests",
            "code_challenge_methods_supported",
        ] {
            metadata.as_object_mut().unwrap().remove(name);
        }
    })
    .await;
    let provider = stand.provider().await;
    assert!(provider.profile_api().is_none());
    assert!(!provider.holds_token_requests());
}

#[tokio::test]
async fn metadata_of_another_issuer_are_not_believed() {
    for other in ["https://id.example.com", "http://127.0.0.1:1/x", "HTTP://127.0.0.1"] {
        let stand = Stand::with(|metadata| metadata["issuer"] = json!(other)).await;
        assert_eq!(distrust(&stand).await, Distrust::Issuer, "{other}");
    }
    let stand = Stand::with(|metadata| {
        metadata["issuer"] = json!(format!("{}/realms/shop", metadata["issuer"].as_str().unwrap()));
    })
    .await;
    assert_eq!(distrust(&stand).await, Distrust::Issuer);
}

#[tokio::test]
async fn the_slash_of_an_empty_path_may_be_there_or_not() {
    let stand = Stand::with(|metadata| {
        metadata["issuer"] = json!(format!("{}/", metadata["issuer"].as_str().unwrap()));
    })
    .await;
    assert!(stand.discover().await.is_ok());
}

#[tokio::test]
async fn the_last_slash_of_a_path_must_be_the_same() {
    let stand = Stand::start().await;
    let issuer = format!("{}/realms/shop", stand.server.uri());
    let mut document = json_of(&stand).await;
    document["issuer"] = json!(issuer);
    stand.answers("GET", "/realms/shop/.well-known/openid-configuration", json_answer(200, &document)).await;
    let discover_at = |issuer: String| discover(ProviderConfig::new(Url::parse(&issuer).unwrap(), CLIENT));
    assert!(discover_at(issuer.clone()).await.is_ok());
    let other = discover_at(format!("{issuer}/")).await;
    assert!(matches!(other, Err(Error::NotTrusted(Distrust::Issuer))), "{other:?}");
}

/// The metadata of the stand.
async fn json_of(stand: &Stand) -> Value {
    let url = format!("{}/.well-known/openid-configuration", stand.server.uri());
    http_client(&Network::new(&stand.config().issuer))
        .unwrap()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_issuer_without_https_is_asked_nothing() {
    for issuer in ["http://id.example.com", "http://192.168.1.5:8080", "ftp://127.0.0.1"] {
        let result = discover(ProviderConfig::new(Url::parse(issuer).unwrap(), CLIENT)).await;
        assert!(matches!(result, Err(Error::NotTrusted(Distrust::NotHttps))), "{issuer}: {result:?}");
    }
}

#[tokio::test]
async fn this_machine_is_not_asked_through_a_proxy() {
    if std::env::var_os("HTTP_PROXY").is_some() {
        assert!(Stand::start().await.discover().await.is_ok());
        return;
    }
    // Nobody listens there.
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "discovery::this_machine_is_not_asked_through_a_proxy"])
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
}

#[tokio::test]
async fn an_endpoint_without_https_is_not_believed() {
    for name in [
        "device_authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "countersign_profile_api",
    ] {
        let stand = Stand::with(|metadata| metadata[name] = json!("http://id.example.com/x")).await;
        assert_eq!(distrust(&stand).await, Distrust::NotHttps, "{name}");
    }
}

#[tokio::test]
async fn a_provider_without_the_device_grant_is_a_matter_of_set_up() {
    let stand = Stand::with(|metadata| {
        metadata.as_object_mut().unwrap().remove("device_authorization_endpoint");
    })
    .await;
    let result = stand.discover().await;
    assert!(matches!(result, Err(Error::Refused(Refusal::NoDeviceGrant))), "{result:?}");
}

#[tokio::test]
async fn what_is_no_discovery_document_is_told_from_a_provider_that_is_down() {
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "/elsewhere");
    for (answer, set_up) in [
        (page_answer(404), true),
        (page_answer(200), true),
        (elsewhere, true),
        (page_answer(503), false),
        (ResponseTemplate::new(429), false),
        (ResponseTemplate::new(408), false),
        (ResponseTemplate::new(200).set_body_bytes(vec![b' '; 600 * 1024]), false),
    ] {
        let server = MockServer::start().await;
        let stand = Stand { server, key: Key::ed25519("first", 1) };
        stand.answers("GET", "/.well-known/openid-configuration", answer).await;
        match stand.discover().await {
            Err(Error::Refused(Refusal::NoDiscovery)) => assert!(set_up),
            Err(Error::Unreachable) => assert!(!set_up),
            other => panic!("{other:?}"),
        }
        assert_eq!(stand.requests_to("/elsewhere").await, 0, "a redirect was followed");
    }
}

#[tokio::test]
async fn a_document_that_is_no_metadata_is_unexpected() {
    let server = MockServer::start().await;
    let stand = Stand { server, key: Key::ed25519("first", 1) };
    stand
        .answers("GET", "/.well-known/openid-configuration", json_answer(200, &json!({ "issuer": 5 })))
        .await;
    let result = stand.discover().await;
    assert!(matches!(result, Err(Error::Unexpected(_))), "{result:?}");
}

#[tokio::test]
async fn without_a_network_or_without_keys_the_provider_is_unreachable() {
    let stand = Stand::start().await;
    let config = stand.config();
    drop(stand);
    let config = ProviderConfig { issuer: free_port(&config.issuer), ..config };
    let result = discover(config).await;
    assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");

    let stand = Stand::with(|metadata| {
        metadata["jwks_uri"] = json!(format!("{}/no-keys", metadata["issuer"].as_str().unwrap()));
    })
    .await;
    stand.answers("GET", "/no-keys", ResponseTemplate::new(503)).await;
    let result = stand.discover().await;
    assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");
}

/// The address with a port that nobody listens at.
fn free_port(url: &Url) -> Url {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut url = url.clone();
    url.set_port(Some(port)).unwrap();
    url
}
