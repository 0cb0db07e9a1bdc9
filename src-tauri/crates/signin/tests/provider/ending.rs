//! The end of a visit: what becomes of the tokens at the provider, and that it is said as it is.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use signin::{Ended, Kind, ProviderConfig, StillValid, TokenEnd, Tokens, VisitEnd};
use wiremock::ResponseTemplate;

use crate::stand::{
    ACCESS_TOKEN, CLIENT, REFRESH_TOKEN, Stand, discover, error_answer, field, page_answer, tokens,
};

/// A customer's tokens, of which the access token works for ten minutes.
fn both() -> Tokens {
    Tokens { expires_in: Some(Duration::from_mins(10)), ..tokens(None) }
}

async fn end_with(config: ProviderConfig, tokens: &Tokens) -> Ended {
    discover(config).await.unwrap().end(tokens).await
}

async fn end(stand: &Stand, tokens: &Tokens) -> Ended {
    end_with(stand.config(), tokens).await
}

fn still_valid(why: StillValid) -> TokenEnd {
    TokenEnd::StillValid(why)
}

#[tokio::test]
async fn both_tokens_are_revoked_the_one_that_is_good_for_longer_first() {
    let stand = Stand::start().await;
    stand.answers("POST", "/revoke", ResponseTemplate::new(200)).await;
    let ended = end(&stand, &both()).await;
    assert_eq!((&ended.refresh_token, &ended.access_token), (&TokenEnd::Revoked, &TokenEnd::Revoked));
    assert!(ended.is_complete() && ended.valid_for.is_none());
    let forms = stand.forms("/revoke").await;
    let said: Vec<_> =
        forms.iter().map(|form| (field(form, "token"), field(form, "token_type_hint"))).collect();
    assert_eq!(
        said,
        [(Some(REFRESH_TOKEN), Some("refresh_token")), (Some(ACCESS_TOKEN), Some("access_token"))]
    );
    assert!(forms.iter().all(|form| field(form, "client_id") == Some(CLIENT)));
}

#[tokio::test]
async fn where_there_is_no_refresh_token_the_access_token_is_revoked() {
    let stand = Stand::start().await;
    stand.answers("POST", "/revoke", ResponseTemplate::new(200)).await;
    let ended = end(&stand, &Tokens { refresh_token: None, ..both() }).await;
    assert_eq!((ended.refresh_token, ended.access_token), (TokenEnd::None, TokenEnd::Revoked));
    assert_eq!(stand.requests_to("/revoke").await, 1);
}

#[tokio::test]
async fn a_provider_that_revokes_refresh_tokens_only_leaves_the_access_token_its_time() {
    let stand = Stand::start().await;
    stand.answers_once("POST", "/revoke", ResponseTemplate::new(200)).await;
    stand.answers("POST", "/revoke", error_answer(400, "unsupported_token_type")).await;
    let ended = end(&stand, &both()).await;
    assert_eq!(ended.refresh_token, TokenEnd::Revoked);
    assert_eq!(ended.access_token, still_valid(StillValid::NotOffered));
    assert_eq!(ended.valid_for, Some(Duration::from_mins(10)));
    assert!(!ended.is_complete() && !ended.has_failed() && !ended.is_worth_another_try());

    // Auth0 is known for it and not even asked.
    let auth0 = Stand::start().await;
    auth0.answers("POST", "/revoke", ResponseTemplate::new(200)).await;
    let config = ProviderConfig { kind: Some(Kind::Auth0), ..auth0.config() };
    let ended = end_with(config, &both()).await;
    assert_eq!(ended.refresh_token, TokenEnd::Revoked);
    assert_eq!(ended.access_token, still_valid(StillValid::NotOffered));
    assert_eq!(auth0.requests_to("/revoke").await, 1);
}

#[tokio::test]
async fn an_access_token_that_has_ended_with_its_refresh_token_is_not_said_to_live_on() {
    let stand = Stand::start().await;
    stand.answers_once("POST", "/revoke", ResponseTemplate::new(200)).await;
    stand.answers("POST", "/revoke", error_answer(400, "invalid_request")).await;
    assert!(end(&stand, &both()).await.is_complete());
    // Alone, the same answer says that the request was wrong.
    let ended = end(&stand, &Tokens { refresh_token: None, ..both() }).await;
    assert!(ended.has_failed());
}

#[tokio::test]
async fn a_provider_without_revocation_is_not_asked_and_the_answer_says_so() {
    let without = |metadata: &mut Value| {
        metadata.as_object_mut().unwrap().remove("revocation_endpoint");
    };
    let stand = Stand::with(without).await;
    let ended = end(&stand, &both()).await;
    assert_eq!(ended.refresh_token, still_valid(StillValid::NotOffered));
    assert_eq!(ended.access_token, still_valid(StillValid::NotOffered));
    assert_eq!(ended.valid_for, Some(Duration::from_mins(10)));
    assert_eq!(stand.requests_to("/revoke").await, 0);
}

#[tokio::test]
async fn who_wants_nothing_revoked_gets_nothing_revoked() {
    let stand = Stand::start().await;
    let config = ProviderConfig { visit_end: Some(VisitEnd::Forget), ..stand.config() };
    let ended = end_with(config, &both()).await;
    assert_eq!(ended.refresh_token, still_valid(StillValid::NotOffered));
    assert_eq!(stand.requests_to("/revoke").await, 0);
}

#[tokio::test]
async fn a_log_out_hands_over_the_refresh_token() {
    let stand = Stand::with(|metadata| {
        metadata["end_session_endpoint"] = json!(format!("{}/logout", metadata["issuer"].as_str().unwrap()));
    })
    .await;
    stand.answers("POST", "/logout", ResponseTemplate::new(204)).await;
    let config = ProviderConfig { visit_end: Some(VisitEnd::LogOut), ..stand.config() };
    let ended = end_with(config, &both()).await;
    assert_eq!(ended.refresh_token, TokenEnd::Revoked);
    assert_eq!(ended.access_token, still_valid(StillValid::NotOffered));
    let form = stand.last_form("/logout").await;
    assert_eq!(field(&form, "refresh_token"), Some(REFRESH_TOKEN));
    assert_eq!(field(&form, "client_id"), Some(CLIENT));
    assert_eq!(stand.requests_to("/revoke").await, 0);
}

#[tokio::test]
async fn a_revocation_that_failed_says_whether_to_try_again() {
    for (answer, why, again) in [
        (ResponseTemplate::new(503), StillValid::Unreachable, true),
        (ResponseTemplate::new(429), StillValid::Unreachable, true),
        (error_answer(400, "temporarily_unavailable"), StillValid::Unreachable, true),
        (error_answer(401, "invalid_client"), StillValid::Refused("invalid_client".to_owned()), false),
        (page_answer(404), StillValid::Refused("http_404".to_owned()), false),
    ] {
        let stand = Stand::start().await;
        stand.answers("POST", "/revoke", answer).await;
        let ended = end(&stand, &both()).await;
        assert_eq!(ended.refresh_token, still_valid(why));
        assert_eq!(ended.is_worth_another_try(), again);
        assert!(ended.has_failed());
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_waited_for_once() {
    let stand = Stand::start().await;
    stand.answers("POST", "/revoke", ResponseTemplate::new(503)).await;
    let ended = end(&stand, &both()).await;
    assert_eq!(ended.access_token, still_valid(StillValid::Unreachable));
    assert_eq!(stand.requests_to("/revoke").await, 1);
}

#[tokio::test]
async fn a_token_that_has_ended_already_has_ended() {
    let stand = Stand::start().await;
    stand.answers("POST", "/revoke", error_answer(400, "invalid_token")).await;
    assert!(end(&stand, &both()).await.is_complete());
}

#[tokio::test]
async fn a_refresh_token_ends_without_an_access_token_at_hand() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    stand.answers("POST", "/revoke", ResponseTemplate::new(200)).await;
    let ended = provider.end_refresh_token(&SecretString::from(REFRESH_TOKEN)).await;
    assert_eq!(ended, TokenEnd::Revoked);
    assert_eq!(field(&stand.last_form("/revoke").await, "token"), Some(REFRESH_TOKEN));
}
