//! No token and no part of a profile is in any `Debug`, in any error or in any line of the log, not even of the libraries
//! and not even at the most talkative level.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

use crate::stand::{Stand, TOKEN, edit, json_answer, problem, profile};

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

#[tokio::test]
async fn nothing_secret_is_in_debug_errors_or_the_log() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();

    let stand = Stand::start().await;
    let talkative = json!({
        "title": "Conflict",
        "detail": "Amélie Durand wears 41",
        "conflicts": [{ "group": "sizes", "key": "shoes", "current": {
            "value": "size-forty-two", "provenance": { "channel": "web", "at": "2026-11-23T09:00:00Z", "by": "customer" },
        } }],
    });
    stand.answers("GET", "/v1/me", json_answer(200, &profile(7))).await;
    stand.answers("GET", "/v1/me/activity", json_answer(200, &json!({ "items": "Linen shirt" }))).await;
    stand.answers("PATCH", "/v1/me/preferences", problem(412, &talkative)).await;
    let said = [
        format!("{:?} {:?}", stand.source, stand.customer()),
        format!("{:?}", stand.source.me(stand.customer(), None).await),
        format!("{:?}", stand.source.activity(stand.customer(), None).await),
        format!("{:?}", stand.source.change_preferences(stand.customer(), &edit(), None, Uuid::nil()).await),
    ]
    .join("\n");

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("directory") && log.contains("hyper"), "the log was not captured");
    for secret in [TOKEN, "Amélie", "Durand", "customer-1", "Linen shirt", "size-forty-two"] {
        assert!(!said.contains(secret), "{secret} was said: {said}");
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
