//! The answers of the token endpoint, and of its neighbours: tokens (RFC 6749, section 5.1) or an error code (5.2).
//!
//! `oauth2` judges an answer by its status and throws the rest away. Providers answer "pending" with 400, 403 and 428,
//! and "too fast" with 400 and 429, so here the `error` of the answer alone decides.

use std::time::Duration;

use http::header::RETRY_AFTER;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{
    Error, Refusal, Tokens,
    json::{self, Unreadable},
    transport::Reply,
};

/// An error code is a word of the protocol, and no longer than this.
const LONGEST_CODE: usize = 48;

/// What an answer says.
pub(crate) enum Said {
    /// Tokens.
    Tokens(Tokens),
    /// An error.
    Error(ProtocolError),
    /// JSON, but neither of them.
    Neither,
    /// No JSON.
    Nothing,
}

/// An error of the protocol.
pub(crate) struct ProtocolError {
    /// The word for it.
    pub(crate) code: String,
    /// How long to wait between two requests from now on.
    pub(crate) interval: Option<Duration>,
    /// The customer has opened the page: Countersign's own addition to "pending".
    pub(crate) scanned: bool,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default, deserialize_with = "word")]
    error: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    interval: Option<Duration>,
    #[serde(default, deserialize_with = "word")]
    countersign_stage: Option<String>,
    access_token: Option<SecretString>,
    #[serde(default, deserialize_with = "word")]
    token_type: Option<String>,
    id_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<Duration>,
}

/// Reads an answer. `proven`: the request carried a proof of the till's key, so that tokens may be bound to it.
pub(crate) fn read(reply: &Reply, proven: bool) -> Said {
    let answer: Answer = match json::read(&reply.body) {
        Ok(answer) => answer,
        Err(Unreadable::OtherShape) => return Said::Neither,
        Err(Unreadable::NotJson) => return Said::Nothing,
    };
    if let Some(code) = answer.error {
        let interval = answer.interval.or_else(|| retry_after(reply));
        let scanned = answer.countersign_stage.as_deref() == Some("scanned");
        return Said::Error(ProtocolError { code: readable(code), interval, scanned });
    }
    let Some(access_token) = answer.access_token.filter(|_| reply.status.is_success()) else {
        return Said::Neither;
    };
    let is_of = |name: &str| answer.token_type.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(name));
    let bound = proven && is_of("dpop");
    // A token of another type needs more than to be sent along, and would be refused by the profile API.
    if answer.token_type.is_some() && !is_of("bearer") && !bound {
        let code = "unknown_token_type".to_owned();
        return Said::Error(ProtocolError { code, interval: None, scanned: false });
    }
    Said::Tokens(Tokens {
        access_token,
        id_token: answer.id_token,
        refresh_token: answer.refresh_token,
        expires_in: answer.expires_in,
        bound,
    })
}

/// Why a request other than for tokens was refused.
pub(crate) fn refusal(reply: &Reply, said: Said) -> Error {
    let error = match said {
        Said::Error(error) if is_later(&error.code) => Error::Unreachable,
        _ if reply.says_later() => Error::Unreachable,
        Said::Error(error) => Error::Refused(Refusal::Code(error.code)),
        Said::Tokens(_) | Said::Neither | Said::Nothing => {
            Error::Refused(Refusal::Code(format!("http_{}", reply.status.as_u16())))
        }
    };
    tracing::warn!(status = reply.status.as_u16(), %error, "the provider refuses a request");
    error
}

/// Whether an error code says "later".
pub(crate) fn is_later(code: &str) -> bool {
    matches!(code, "temporarily_unavailable" | "server_error" | "slow_down")
}

fn retry_after(reply: &Reply) -> Option<Duration> {
    let value = reply.headers.get(RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// Only what looks like a word of the protocol may be logged or shown: whatever else a provider writes may be anything.
fn readable(code: String) -> String {
    let is_word = code.len() <= LONGEST_CODE && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if is_word && !code.is_empty() { code } else { "unreadable_error".to_owned() }
}

/// A text; anything else is as good as none.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(String::new()),
    })
}

/// Seconds as a number or, as some providers write it, as a text. Nonsense is as good as none.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let number = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    // What is too much for a number of seconds is still "very long", and no reason to ask at once.
    Ok(number
        .filter(|seconds| *seconds >= 0.0)
        .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use proptest::prelude::*;
    use secrecy::ExposeSecret;
    use serde_json::json;
    use zeroize::Zeroizing;

    use super::*;

    fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        let status = StatusCode::from_u16(status).unwrap();
        Reply { status, headers: HeaderMap::new(), body: Zeroizing::new(body.into()) }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            prop::sample::select(vec!["authorization_pending", "bearer", "5", "-1", "1e400", "NaN"])
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
    }

    fn answer() -> impl Strategy<Value = Value> {
        let names = [
            "error",
            "interval",
            "countersign_stage",
            "access_token",
            "token_type",
            "id_token",
            "refresh_token",
            "expires_in",
        ];
        prop::collection::hash_map(prop::sample::select(names.to_vec()), value(), 0..8)
            .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    proptest! {
        #[test]
        fn tokens_come_out_of_a_success_with_an_access_token_and_no_error_alone(
            status in 200_u16..600,
            answer in answer(),
        ) {
            match read(&reply(status, answer.to_string()), false) {
                Said::Tokens(tokens) => {
                    prop_assert!((200..300).contains(&status));
                    prop_assert_eq!(&answer["access_token"], tokens.access_token.expose_secret());
                    prop_assert!(answer["error"].is_null());
                }
                Said::Error(error) => {
                    prop_assert!(error.code.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
                    prop_assert!(!error.code.is_empty());
                }
                Said::Neither => {}
                Said::Nothing => prop_assert!(false, "JSON was taken for nothing"),
            }
        }

        #[test]
        fn whatever_comes_is_read_without_a_panic(status in 200_u16..600, body in prop::collection::vec(any::<u8>(), 0..64)) {
            let is_json = serde_json::from_slice::<Value>(&body).is_ok();
            prop_assert!(is_json || matches!(read(&reply(status, body), false), Said::Nothing));
        }
    }

    #[test]
    fn a_provider_cannot_put_its_own_words_into_the_log() {
        for (said, shown) in [
            ("invalid_grant", "invalid_grant"),
            ("invalid grant\nERROR everything is broken", "unreadable_error"),
            ("Gx7Qm2xK9vTzR4pLwN8sBd", "unreadable_error"),
            ("", "unreadable_error"),
        ] {
            let Said::Error(error) = read(&reply(400, json!({ "error": said }).to_string()), false) else {
                panic!("{said:?} is no error")
            };
            assert_eq!(error.code, shown);
        }
    }
}
