//! Refresh tokens: good once, so it matters whether a request left this machine. And revocation.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use signin::{Error, Provider, RefreshError, Refusal, Revocation};
use tokio::io::AsyncReadExt;
use wiremock::ResponseTemplate;

use crate::stand::{
    ACCESS_TOKEN, CLIENT, REFRESH_TOKEN, Stand, error_answer, field, json_answer, page_answer, tokens,
};

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
        (error_answer(503, "temporarily_unavailable"), "no answer"),
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
            Err(RefreshError::NoAnswer) => assert_eq!(said, "no answer"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stand.requests_to("/token").await, 12, "nothing is sent twice");
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
    assert!(matches!(result, Err(RefreshError::NoAnswer)), "{result:?}");
    hang_up.await.unwrap();
}

/// An address that nobody listens at.
fn closed_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn both_tokens_are_revoked_the_one_that_is_good_for_longer_first() {
    let (stand, provider) = ready().await;
    stand.answers("POST", "/revoke", ResponseTemplate::new(200)).await;
    assert_eq!(provider.revoke(&tokens(None)).await.unwrap(), Revocation::Done);
    let requests = stand.server.received_requests().await.unwrap();
    let bodies: Vec<String> = requests
        .iter()
        .filter(|request| request.url.path() == "/revoke")
        .map(|request| String::from_utf8(request.body.clone()).unwrap())
        .collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].contains(REFRESH_TOKEN) && bodies[0].contains("token_type_hint=refresh_token"));
    assert!(bodies[1].contains(ACCESS_TOKEN) && bodies[1].contains("token_type_hint=access_token"));
    assert!(bodies.iter().all(|body| body.contains(&format!("client_id={CLIENT}"))));
}

#[tokio::test]
async fn a_provider_that_revokes_refresh_tokens_only_has_done_it() {
    let (stand, provider) = ready().await;
    stand.answers_once("POST", "/revoke", ResponseTemplate::new(200)).await;
    stand.answers("POST", "/revoke", error_answer(400, "unsupported_token_type")).await;
    assert_eq!(provider.revoke(&tokens(None)).await.unwrap(), Revocation::Done);
    let access_only = signin::Tokens { refresh_token: None, ..tokens(None) };
    assert_eq!(provider.revoke(&access_only).await.unwrap(), Revocation::NotOffered);
}

#[tokio::test]
async fn a_provider_without_revocation_is_not_asked() {
    let stand = Stand::with(|metadata| {
        metadata.as_object_mut().unwrap().remove("revocation_endpoint");
    })
    .await;
    let provider = stand.provider().await;
    assert_eq!(provider.revoke(&tokens(None)).await.unwrap(), Revocation::NotOffered);
    assert_eq!(stand.requests_to("/revoke").await, 0);
}

#[tokio::test]
async fn a_revocation_that_failed_says_whether_to_try_again() {
    let (stand, provider) = ready().await;
    stand.answers_once("POST", "/revoke", ResponseTemplate::new(503)).await;
    let result = provider.revoke(&tokens(None)).await;
    assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");
    stand.answers_once("POST", "/revoke", error_answer(401, "invalid_client")).await;
    match provider.revoke(&tokens(None)).await {
        Err(Error::Refused(Refusal::Code(code))) => assert_eq!(code, "invalid_client"),
        other => panic!("{other:?}"),
    }
}
