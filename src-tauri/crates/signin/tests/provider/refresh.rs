//! Refresh tokens: good once, so it matters whether a request left this machine.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use signin::{Kind, Provider, ProviderConfig, RefreshError};
use tokio::io::AsyncReadExt;
use wiremock::ResponseTemplate;

use crate::stand::{CLIENT, REFRESH_TOKEN, Stand, discover, error_answer, field, json_answer, page_answer};

fn old_token() -> SecretString {
    SecretString::from(REFRESH_TOKEN)
}

async fn ready() -> (Stand, Provider) {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    (stand, provider)
}

#[tokio::test]
async fn a_refresh_sends_the_token_and_no_scope_and_gives_the_next_one() {
    let (stand, provider) = ready().await;
    let answer =
        json!({ "access_token": "new-access", "token_type": "Bearer", "refresh_token": "next-refresh" });
    stand.answers("POST", "/token", json_answer(200, &answer)).await;
    let tokens = provider.refresh(&old_token()).await.unwrap();
    assert_eq!(tokens.access_token.expose_secret(), "new-access");
    assert_eq!(tokens.refresh_token.unwrap().expose_secret(), "next-refresh");
    let form = stand.last_form("/token").await;
    assert_eq!(field(&form, "grant_type"), Some("refresh_token"));
    assert_eq!(field(&form, "refresh_token"), Some(REFRESH_TOKEN));
    assert_eq!(field(&form, "client_id"), Some(CLIENT));
    assert_eq!(field(&form, "scope"), None);
}

#[tokio::test]
async fn where_no_next_token_comes_the_old_one_stays() {
    let (stand, provider) = ready().await;
    let answer = json!({ "access_token": "new-access", "token_type": "Bearer" });
    stand.answers("POST", "/token", json_answer(200, &answer)).await;
    let tokens = provider.refresh(&old_token()).await.unwrap();
    assert_eq!(tokens.refresh_token.unwrap().expose_secret(), REFRESH_TOKEN);
}

#[tokio::test]
async fn a_no_of_the_provider_is_told_from_an_answer_that_got_lost() {
    let (stand, provider) = ready().await;
    for (answer, said) in [
        (error_answer(400, "invalid_grant"), "dead"),
        (error_answer(403, "invalid_grant"), "dead"),
        (error_answer(401, "invalid_client"), "refused"),
        (error_answer(400, "unauthorized_client"), "refused"),
        (json_answer(200, &json!({ "access_token": "x", "token_type": "DPoP" })), "refused"),
        (error_answer(503, "temporarily_unavailable"), "later"),
        (error_answer(429, "too_many_requests"), "later"),
        (error_answer(400, "slow_down"), "later"),
        (error_answer(500, "server_error"), "no answer"),
        (error_answer(500, "invalid_grant"), "no answer"),
        (page_answer(502), "no answer"),
        (page_answer(403), "no answer"),
        (ResponseTemplate::new(429), "no answer"),
        (ResponseTemplate::new(200), "no answer"),
        (ResponseTemplate::new(302).insert_header("location", "/elsewhere"), "no answer"),
    ] {
        stand.answers_once("POST", "/token", answer).await;
        match provider.refresh(&old_token()).await {
            Err(RefreshError::Dead) => assert_eq!(said, "dead"),
            Err(RefreshError::Refused) => assert_eq!(said, "refused"),
            Err(RefreshError::Later) => assert_eq!(said, "later"),
            Err(RefreshError::NoAnswer { retried: false }) => assert_eq!(said, "no answer"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stand.requests_to("/token").await, 15, "nothing is sent twice");
}

#[tokio::test]
async fn what_did_not_leave_this_machine_was_never_sent() {
    let closed = closed_address();
    let stand = Stand::with(|metadata| metadata["token_endpoint"] = json!(format!("{closed}/token"))).await;
    let provider = stand.provider().await;
    let result = provider.refresh(&old_token()).await;
    assert!(matches!(result, Err(RefreshError::NeverSent)), "{result:?}");
}

#[tokio::test]
async fn a_provider_that_hangs_up_after_the_request_may_have_used_up_the_token() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/token", listener.local_addr().unwrap());
    let hang_up = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
    });
    let stand = Stand::with(|metadata| metadata["token_endpoint"] = json!(address)).await;
    let provider = stand.provider().await;
    let result = provider.refresh(&old_token()).await;
    assert!(matches!(result, Err(RefreshError::NoAnswer { retried: false })), "{result:?}");
    hang_up.await.unwrap();
}

/// An address that nobody listens at.
fn closed_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A provider whose table entry says that an old refresh token works for a while.
async fn with_grace(token_endpoint: Option<String>) -> (Stand, Provider) {
    let stand = Stand::with(|metadata| {
        if let Some(endpoint) = token_endpoint {
            metadata["token_endpoint"] = json!(endpoint);
        }
    })
    .await;
    let provider = discover(ProviderConfig { kind: Some(Kind::Entra), ..stand.config() }).await.unwrap();
    (stand, provider)
}

#[tokio::test]
async fn a_refresh_that_was_not_answered_is_sent_once_more_where_the_provider_documents_a_grace() {
    let (stand, provider) = with_grace(None).await;
    stand.answers_once("POST", "/token", page_answer(502)).await;
    let answer = json!({ "access_token": "new-access", "token_type": "Bearer" });
    stand.answers("POST", "/token", json_answer(200, &answer)).await;
    assert_eq!(provider.refresh(&old_token()).await.unwrap().access_token.expose_secret(), "new-access");
    assert_eq!(stand.requests_to("/token").await, 2);
}

#[tokio::test]
async fn a_second_silence_is_the_last_one_and_a_no_is_never_asked_again() {
    let (stand, provider) = with_grace(None).await;
    stand.answers("POST", "/token", page_answer(502)).await;
    let result = provider.refresh(&old_token()).await;
    assert!(matches!(result, Err(RefreshError::NoAnswer { retried: true })), "{result:?}");
    assert_eq!(stand.requests_to("/token").await, 2);

    let (stand, provider) = with_grace(None).await;
    stand.answers("POST", "/token", error_answer(400, "invalid_grant")).await;
    assert!(matches!(provider.refresh(&old_token()).await, Err(RefreshError::Dead)));
    assert_eq!(stand.requests_to("/token").await, 1);

    let (_stand, provider) = with_grace(Some(format!("{}/token", closed_address()))).await;
    assert!(matches!(provider.refresh(&old_token()).await, Err(RefreshError::NeverSent)));
}
