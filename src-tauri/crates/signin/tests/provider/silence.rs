//! No token, no code and nothing of a customer is in any `Debug`, in any error or in any line of the log, not even of the
//! libraries and not even at the most talkative level.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use secrecy::ExposeSecret;
use serde_json::json;
use signin::{Distrust, Error, PollAnswer, RefreshError, Refusal};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::ResponseTemplate;

use crate::{
    keys::Key,
    stand::{
        ACCESS_TOKEN, DEVICE_CODE, REFRESH_TOKEN, Stand, USER_CODE, error_answer, json_answer, page_answer,
        tokens,
    },
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

#[tokio::test]
async fn nothing_secret_is_in_debug_errors_or_the_log() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();

    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let code = stand.code(&provider).await;
    let id_token = stand.key.sign(&stand.claims());
    let granted = json!({
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "refresh_token": REFRESH_TOKEN,
        "id_token": id_token,
    });
    let mut said = vec![format!("{provider:?} {code:?} {:?}", stand.config())];
    // A provider that repeats what it was sent, as some do in their error pages.
    for answer in [
        error_answer(400, DEVICE_CODE),
        json_answer(400, &json!({ "error": "invalid_request", "error_description": DEVICE_CODE })),
        page_answer(500),
        ResponseTemplate::new(500).set_body_string(DEVICE_CODE),
        json_answer(200, &granted),
    ] {
        stand.answers_once("POST", "/token", answer).await;
        said.push(format!("{:?}", provider.poll(&code).await));
    }
    stand.answers_once("POST", "/token", json_answer(200, &granted)).await;
    let PollAnswer::Granted(tokens_of_customer) = provider.poll(&code).await else { panic!("no tokens") };
    said.push(format!("{tokens_of_customer:?}"));
    let signed_in = provider.verify(tokens_of_customer).await.unwrap();
    said.push(format!("{signed_in:?} {:?} {:?}", signed_in.claims, signed_in.customer));

    let forged = Key::ed25519("first", 9).sign(&stand.claims());
    said.push(format!("{:?}", provider.verify(tokens(Some(forged.clone()))).await));
    let unknown = Key::ed25519("other", 9).sign(&stand.claims());
    said.push(format!("{:?}", provider.verify(tokens(Some(unknown))).await));
    said.push(format!("{:?}", provider.verify(tokens(Some("a.b.c".to_owned()))).await));

    let refresh_token = signed_in.tokens.refresh_token.clone().unwrap();
    stand.answers_once("POST", "/token", error_answer(400, refresh_token.expose_secret())).await;
    said.push(format!("{:?}", provider.refresh(&refresh_token).await));
    // The server of the tests writes down what it does not expect.
    stand.answers("POST", "/revoke", error_answer(400, REFRESH_TOKEN)).await;
    said.push(format!("{:?}", provider.end(&signed_in.tokens).await));
    stand.answers_once("POST", "/device", json_answer(400, &json!({ "error": USER_CODE }))).await;
    said.push(format!("{:?}", provider.request_code().await));

    let said = said.join("\n");
    let log = log.text();
    assert!(log.contains("the provider refuses this till"), "the log was not captured");
    assert!(log.contains("hyper"), "the libraries were not captured");
    for secret in [
        ACCESS_TOKEN,
        REFRESH_TOKEN,
        DEVICE_CODE,
        USER_CODE,
        &id_token,
        id_token.rsplit_once('.').unwrap().1,
        forged.rsplit_once('.').unwrap().1,
        "Amélie",
        "Durand",
        "customer-1",
        "K7",
    ] {
        assert!(!said.contains(secret), "{secret} was said: {said}");
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn an_error_is_one_sentence() {
    for (error, sentence) in [
        (Error::Unreachable, "the provider cannot be reached"),
        (
            Error::Refused(Refusal::Code("invalid_client".to_owned())),
            "the provider refuses this till: invalid_client",
        ),
        (
            Error::NotTrusted(Distrust::Expired),
            "the provider's answer cannot be trusted: the ID token has expired",
        ),
    ] {
        assert_eq!(error.to_string(), sentence);
    }
    assert_eq!(RefreshError::NeverSent.to_string(), "the refresh was never sent");
}
