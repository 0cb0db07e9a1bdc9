//! A service that is wrong or hostile: each time no profile, and an error that says what was wrong.

use std::time::Duration;

use directory::{Error, Kind, Mapping};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::ResponseTemplate;

use crate::stand::{Stand, edit, json_answer, mapped, profile, source};

/// All kinds of service, and where each is asked for a profile.
const KINDS: [(Kind, &str, &str); 4] = [
    (Kind::Central, "/v1", "/v1/me"),
    (Kind::UserInfo, "/userinfo", "/userinfo"),
    (Kind::Auth0, "/api/v2/", "/api/v2/users/customer-1"),
    (Kind::Scim, "/scim/v2", "/scim/v2/Me"),
];

#[tokio::test]
async fn a_document_that_cannot_be_trusted_is_no_profile_whatever_the_service() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
    let bodies: [(&[u8], &str); 8] = [
        (b"<!doctype html><p>Sign in to the guest network", "not JSON"),
        (b"", "ends too early"),
        (b"{\"sub\":\"customer-1\",\"name\":\"Am", "ends too early"),
        (b"{\"sub\":\"customer-1\",\"name\":\"\xff\xfe\"}", "not UTF-8"),
        (b"{\"sub\":\"customer-1\",\"sub\":\"customer-2\"}", "a key twice"),
        (deep.as_bytes(), "nested too deep"),
        (b"{\"error\":\"invalid_token\"}", "document"),
        (b"[]", "document"),
    ];
    for (kind, at, path) in KINDS {
        let stand = Stand::of(kind, at, Mapping::default()).await;
        for (body, wrong) in bodies {
            stand.server.reset().await;
            let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
            stand.answers("GET", path, answer).await;
            let error = stand.me().await.unwrap_err();
            assert!(
                matches!(error, Error::Unexpected(_)) && error.to_string().contains(wrong),
                "{kind:?}: {error}"
            );
            assert!(!error.is_transient());
        }
    }
}

#[tokio::test]
async fn somebody_elses_profile_is_refused_whatever_the_service() {
    for (kind, at, path) in KINDS {
        let stand = Stand::of(kind, at, Mapping::default()).await;
        let mut document = profile(7);
        for key in ["sub", "subject", "user_id", "id"] {
            document[key] = json!("customer-2");
        }
        stand.answers("GET", path, json_answer(200, &document)).await;
        let error = stand.me().await.unwrap_err();
        assert!(matches!(error, Error::OtherSubject), "{kind:?}: {error:?}");
    }
}

#[tokio::test]
async fn somebody_elses_profile_is_refused_as_an_answer_to_an_edit_as_well() {
    let other = json!({ "subject": "customer-2", "user_id": "customer-2", "revision": 9, "name": { "display": "B" } });
    for (kind, at, path, mapping) in [
        (Kind::Central, "/v1", "/v1/me/preferences", Mapping::default()),
        (
            Kind::Auth0,
            "/api/v2",
            "/api/v2/users/customer-1",
            mapped("sizes", "shoes", "/user_metadata/shoe_size"),
        ),
    ] {
        let stand = Stand::of(kind, at, mapping).await;
        stand.answers("PATCH", path, json_answer(200, &other)).await;
        let result =
            stand.source.change_preferences(stand.customer(), &edit(), None, uuid::Uuid::nil()).await;
        assert!(matches!(result, Err(Error::OtherSubject)), "{kind:?}: {result:?}");
    }
}

#[tokio::test]
async fn no_kind_of_service_leads_the_token_elsewhere() {
    for (kind, at, path) in KINDS {
        let stand = Stand::of(kind, at, Mapping::default()).await;
        for status in [301, 302, 303, 307, 308] {
            stand.server.reset().await;
            let elsewhere = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
            stand.answers("GET", path, elsewhere).await;
            let error = stand.me().await.unwrap_err();
            assert!(matches!(error, Error::Unexpected(_)), "{kind:?}: {error:?}");
            assert_eq!(stand.request().await.url.path(), path);
        }
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[").await.unwrap();
        let mut sent = 0_usize;
        // Ends when the other side has had enough.
        while stream.write_all(&[b' '; 16384]).await.is_ok() {
            sent += 16384;
        }
        sent
    });
    let stand = Stand::start().await;
    let error =
        source(Kind::Central, &address, Mapping::default()).me(stand.customer(), None).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected("an answer that is too long")), "{error:?}");
    let sent = tokio::time::timeout(Duration::from_secs(20), server).await.unwrap().unwrap();
    // What the sockets held on the way comes on top of what was read.
    assert!(sent < 64 * 1024 * 1024, "{sent}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"subject\":").await.unwrap();
    });
    let stand = Stand::start().await;
    let error =
        source(Kind::Central, &address, Mapping::default()).me(stand.customer(), None).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable), "{error:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn an_error_is_no_profile_even_where_a_subject_stands_beside_it() {
    let (kind, at, path) = KINDS[1];
    assert_eq!(kind, Kind::UserInfo);
    let stand = Stand::of(kind, at, Mapping::default()).await;
    let both = json!({ "sub": "customer-1", "error": "invalid_token" });
    stand.answers("GET", path, json_answer(200, &both)).await;
    assert!(matches!(stand.me().await, Err(Error::Unexpected(_))));
}
