//! What is made of a no, of silence and of nonsense.

use directory::{Authority, Customer, Error, Kind, Mapping};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::stand::{SUBJECT, Stand, edit, json_answer, problem, profile, source};

async fn me(answer: ResponseTemplate) -> Error {
    let stand = Stand::start().await;
    stand.answers("GET", "/v1/me", answer).await;
    stand.me().await.unwrap_err()
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_no_passing_trouble() {
    for status in [401, 403] {
        let error = me(problem(status, &json!({ "title": "Unauthorized" }))).await;
        assert!(matches!(error, Error::NotAuthorised), "{error:?}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_refusal_says_why_and_whether_to_try_again() {
    for (status, transient) in [
        (400, false),
        (404, false),
        (408, true),
        (409, false),
        (412, false),
        (422, false),
        (425, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let error =
            me(problem(status, &json!({ "type": "https://example.org/why", "title": "Because" }))).await;
        assert_eq!(error.is_transient(), transient, "{status}");
        assert_eq!(error.to_string(), format!("the profile source refused with status {status}: Because"));
        let Error::Refused { problem, .. } = error else { panic!("{error:?}") };
        assert_eq!(problem.kind, "https://example.org/why");
    }
}

#[tokio::test]
async fn what_is_no_problem_document_is_not_the_apis_word_and_is_asked_again() {
    let page = ResponseTemplate::new(502).set_body_raw("<!doctype html>", "text/html");
    let lost = ResponseTemplate::new(404).set_body_raw("<!doctype html>", "text/html");
    for answer in [
        page,
        lost,
        ResponseTemplate::new(502),
        problem(422, &json!([1])),
        problem(422, &json!({ "title": 5 })),
    ] {
        let error = me(answer).await;
        assert!(error.is_transient(), "{error:?}");
    }
    let error = me(problem(422, &json!({}))).await;
    assert_eq!(error.to_string(), "the profile source refused with status 422: no reason given");
}

#[tokio::test]
async fn a_conflict_says_what_stands_there_now() {
    let stand = Stand::start().await;
    let conflict = json!({
        "title": "Somebody else has changed the same preferences",
        "revision": 9,
        "conflicts": [
            { "group": "sizes", "key": "shoes", "current": {
                "value": "42", "provenance": { "channel": "web", "at": "2026-11-23T09:00:00Z", "by": "customer" } } },
            { "group": "style", "key": "colours", "current": null },
        ],
    });
    stand.answers("PATCH", "/v1/me/preferences", problem(412, &conflict)).await;
    let result = stand.source.change_preferences(stand.customer(), &edit(), Some(7), Uuid::nil()).await;
    let Err(Error::Refused { status: 412, problem }) = result else { panic!("{result:?}") };
    assert_eq!(problem.revision, Some(9));
    assert_eq!(problem.conflicts.len(), 2);
    assert_eq!(problem.conflicts[0].key, "shoes");
    assert!(problem.conflicts[0].current.is_some());
    assert!(problem.conflicts[1].current.is_none());
}

#[tokio::test]
async fn nobody_at_the_address_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody =
        source(Kind::Central, &format!("http://{}/v1", listener.local_addr().unwrap()), Mapping::default());
    drop(listener);
    let stand = Stand::start().await;
    let error = nobody.me(stand.customer(), None).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn nonsense_is_unexpected() {
    for answer in [
        ResponseTemplate::new(200),
        ResponseTemplate::new(200).set_body_raw("<!doctype html>", "text/html"),
        json_answer(200, &json!({ "subject": "customer-1" })),
        ResponseTemplate::new(200).set_body_bytes(vec![b' '; 5 * 1024 * 1024]),
    ] {
        let error = me(answer).await;
        assert!(matches!(error, Error::Unexpected(_)), "{error:?}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn the_token_follows_no_redirect() {
    let stand = Stand::start().await;
    let elsewhere = ResponseTemplate::new(307).insert_header("location", "/elsewhere");
    stand.answers("GET", "/v1/me", elsewhere).await;
    stand.answers("GET", "/elsewhere", json_answer(200, &profile(1))).await;
    let error = stand.me().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error:?}");
    assert_eq!(stand.request().await.url.path(), "/v1/me");
}

#[tokio::test]
async fn the_token_is_not_sent_without_https() {
    let stand = Stand::start().await;
    for base in ["http://profiles.example.com/v1", "http://192.168.1.5/v1", "ftp://127.0.0.1/v1"] {
        let error =
            source(Kind::Central, base, Mapping::default()).me(stand.customer(), None).await.unwrap_err();
        assert!(matches!(error, Error::Unexpected("an address without https")), "{base}: {error:?}");
    }
}

#[tokio::test]
async fn a_token_that_would_break_out_of_its_header_is_not_sent() {
    let stand = Stand::start().await;
    let authority = Authority::bearer(SecretString::from("a\r\nx-evil: 1"));
    let error = stand
        .source
        .me(Customer { subject: SUBJECT, authority: &authority, claims: None }, None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error:?}");
    assert!(stand.server.received_requests().await.unwrap().is_empty());
}
