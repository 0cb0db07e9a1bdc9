//! Polls: one request each, judged by what the answer says and not by its status.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use signin::{DeviceCode, PollAnswer, Provider};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::stand::{
    ACCESS_TOKEN, CLIENT, DEVICE_CODE, REFRESH_TOKEN, Stand, error_answer, field, json_answer, page_answer,
};

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Pending,
    Scanned,
    SlowDown(Option<u64>),
    Denied,
    Expired,
    Granted,
    NoAnswer,
    Refused,
}

fn kind(answer: &PollAnswer) -> Kind {
    match answer {
        PollAnswer::Pending { scanned: false } => Kind::Pending,
        PollAnswer::Pending { scanned: true } => Kind::Scanned,
        PollAnswer::SlowDown { interval } => Kind::SlowDown(interval.map(|interval| interval.as_secs())),
        PollAnswer::Denied { .. } => Kind::Denied,
        PollAnswer::Expired => Kind::Expired,
        PollAnswer::Granted(_) => Kind::Granted,
        PollAnswer::NoAnswer => Kind::NoAnswer,
        PollAnswer::Refused => Kind::Refused,
    }
}

async fn ready() -> (Stand, Provider, DeviceCode) {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let code = stand.code(&provider).await;
    (stand, provider, code)
}

async fn poll_of(answer: ResponseTemplate) -> Kind {
    let (stand, provider, code) = ready().await;
    stand.answers("POST", "/token", answer).await;
    let answer = kind(&provider.poll(&code).await);
    assert_eq!(stand.requests_to("/token").await, 1, "one poll is one request");
    answer
}

#[tokio::test]
async fn a_poll_sends_the_code_and_who_asks_and_no_secret_of_a_client() {
    let (stand, provider, code) = ready().await;
    stand.answers("POST", "/token", error_answer(400, "authorization_pending")).await;
    provider.poll(&code).await;
    let form = stand.last_form("/token").await;
    assert_eq!(field(&form, "grant_type"), Some("urn:ietf:params:oauth:grant-type:device_code"));
    assert_eq!(field(&form, "device_code"), Some(DEVICE_CODE));
    assert_eq!(field(&form, "client_id"), Some(CLIENT));
    assert_eq!(field(&form, "client_secret"), None);
}

#[tokio::test]
async fn the_error_decides_whatever_the_status_says() {
    let table = [
        ("authorization_pending", Kind::Pending),
        ("slow_down", Kind::SlowDown(None)),
        ("access_denied", Kind::Denied),
        ("authorization_declined", Kind::Denied),
        ("expired_token", Kind::Expired),
        ("bad_verification_code", Kind::Expired),
        ("invalid_grant", Kind::Refused),
        ("unauthorized_client", Kind::Refused),
        ("invalid_client", Kind::Refused),
        ("unsupported_grant_type", Kind::Refused),
        ("temporarily_unavailable", Kind::NoAnswer),
        ("server_error", Kind::NoAnswer),
    ];
    // Every status that a provider is known to use for one of them, and two more.
    let (stand, provider, _) = ready().await;
    for status in [200, 400, 401, 403, 428, 429, 500] {
        for (error, expected) in &table {
            let code = stand.code(&provider).await;
            stand.answers_once("POST", "/token", error_answer(status, error)).await;
            assert_eq!(&kind(&provider.poll(&code).await), expected, "{error} with status {status}");
        }
    }
}

#[tokio::test]
async fn a_provider_may_say_that_the_page_was_opened() {
    let scanned = json!({ "error": "authorization_pending", "countersign_stage": "scanned" });
    assert_eq!(poll_of(json_answer(400, &scanned)).await, Kind::Scanned);
    for other in [json!("waiting"), json!(5), json!(null)] {
        let answer = json!({ "error": "authorization_pending", "countersign_stage": other });
        assert_eq!(poll_of(json_answer(400, &answer)).await, Kind::Pending);
    }
}

#[tokio::test]
async fn too_fast_comes_with_the_new_interval_where_there_is_one() {
    let in_document = json_answer(400, &json!({ "error": "slow_down", "interval": 12 }));
    assert_eq!(poll_of(in_document).await, Kind::SlowDown(Some(12)));
    let in_header = error_answer(429, "slow_down").insert_header("retry-after", "30");
    assert_eq!(poll_of(in_header).await, Kind::SlowDown(Some(30)));
    let a_date = error_answer(429, "slow_down").insert_header("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT");
    assert_eq!(poll_of(a_date).await, Kind::SlowDown(None));
}

#[tokio::test]
async fn what_says_nothing_is_no_answer() {
    for answer in [
        page_answer(200),
        page_answer(403),
        page_answer(404),
        page_answer(502),
        ResponseTemplate::new(200),
        ResponseTemplate::new(204),
        ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
        ResponseTemplate::new(408),
        ResponseTemplate::new(429),
        ResponseTemplate::new(500),
        ResponseTemplate::new(503).insert_header("retry-after", "5"),
        ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 600 * 1024]),
        json_answer(200, &json!({})),
        json_answer(200, &json!({ "access_token": 5 })),
        json_answer(429, &json!({ "message": "too many requests" })),
        json_answer(500, &json!({ "access_token": ACCESS_TOKEN })),
    ] {
        assert_eq!(poll_of(answer).await, Kind::NoAnswer);
    }
}

#[tokio::test]
async fn an_answer_in_json_that_is_none_of_the_protocol_is_a_matter_of_set_up() {
    assert_eq!(poll_of(json_answer(404, &json!({ "message": "no route" }))).await, Kind::Refused);
    assert_eq!(poll_of(json_answer(403, &json!([1, 2]))).await, Kind::Refused);
}

#[tokio::test]
async fn a_yes_brings_the_tokens() {
    let (stand, provider, code) = ready().await;
    let answer = json!({
        "access_token": ACCESS_TOKEN,
        "token_type": "bearer",
        "expires_in": "3600",
        "refresh_token": REFRESH_TOKEN,
        "id_token": "a.b.c",
        "scope": "openid",
    });
    stand.answers("POST", "/token", json_answer(200, &answer)).await;
    let PollAnswer::Granted(tokens) = provider.poll(&code).await else { panic!("no tokens") };
    assert_eq!(tokens.access_token.expose_secret(), ACCESS_TOKEN);
    assert_eq!(tokens.refresh_token.unwrap().expose_secret(), REFRESH_TOKEN);
    assert_eq!(tokens.id_token.unwrap().expose_secret(), "a.b.c");
    assert_eq!(tokens.expires_in, Some(Duration::from_hours(1)));
}

#[tokio::test]
async fn tokens_that_cannot_be_used_are_no_yes() {
    let of_type = |token_type| json!({ "access_token": ACCESS_TOKEN, "token_type": token_type });
    assert_eq!(poll_of(json_answer(200, &of_type("DPoP"))).await, Kind::Refused);
    assert_eq!(poll_of(json_answer(400, &of_type("Bearer"))).await, Kind::Refused);
}

#[tokio::test]
async fn a_code_that_is_unknown_after_an_answer_got_lost_has_expired() {
    for lost in [page_answer(502), ResponseTemplate::new(200), json_answer(200, &json!({}))] {
        let (stand, provider, code) = ready().await;
        stand.answers_once("POST", "/token", lost).await;
        stand.answers("POST", "/token", error_answer(400, "invalid_grant")).await;
        assert_eq!(kind(&provider.poll(&code).await), Kind::NoAnswer);
        assert_eq!(kind(&provider.poll(&code.clone()).await), Kind::Expired);
    }
}

#[tokio::test]
async fn a_code_that_is_unknown_though_no_answer_got_lost_is_a_matter_of_set_up() {
    let (stand, provider, code) = ready().await;
    stand.answers_once("POST", "/token", ResponseTemplate::new(429)).await;
    stand.answers_once("POST", "/token", error_answer(400, "authorization_pending")).await;
    stand.answers("POST", "/token", error_answer(400, "invalid_grant")).await;
    assert_eq!(kind(&provider.poll(&code).await), Kind::NoAnswer);
    assert_eq!(kind(&provider.poll(&code).await), Kind::Pending);
    assert_eq!(kind(&provider.poll(&code).await), Kind::Refused);
}

#[tokio::test]
async fn a_code_that_is_unknown_when_its_time_is_over_has_expired() {
    let (stand, provider, _) = ready().await;
    let mut answer = stand.code_answer();
    answer["expires_in"] = json!(3);
    answer["interval"] = json!(1);
    stand.answers("POST", "/device", json_answer(200, &answer)).await;
    let code = provider.request_code().await.unwrap();
    stand.answers("POST", "/token", error_answer(400, "invalid_grant")).await;
    assert_eq!(kind(&provider.poll(&code).await), Kind::Expired);
}

#[tokio::test]
async fn a_poll_that_never_left_this_machine_used_up_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let token_endpoint = format!("http://{address}/token");
    let stand = Stand::with(|metadata| metadata["token_endpoint"] = json!(token_endpoint)).await;
    let provider = stand.provider().await;
    let code = stand.code(&provider).await;
    assert_eq!(kind(&provider.poll(&code).await), Kind::NoAnswer);

    // Now somebody listens, and does not know the code: that is no answer that got lost.
    let listener = std::net::TcpListener::bind(address).unwrap();
    let server = MockServer::builder().listener(listener).start().await;
    let unknown = Mock::given(method("POST")).respond_with(error_answer(400, "invalid_grant"));
    unknown.mount(&server).await;
    assert_eq!(kind(&provider.poll(&code).await), Kind::Refused);
}

#[tokio::test]
async fn a_request_that_is_held_is_waited_for() {
    let held = error_answer(400, "authorization_pending").set_delay(Duration::from_millis(300));
    assert_eq!(poll_of(held).await, Kind::Pending);
}
