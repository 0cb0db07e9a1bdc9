//! The keys that a provider signs with (RFC 7517): fetched with the metadata, and again when a token does not fit them.
//!
//! Whoever sends tokens with invented keys must not make the till hammer its provider, so a second fetch is a rare one.

use std::time::Duration;

use openidconnect::{JsonWebKeySet, core::CoreJsonWebKey};
use tokio::{
    sync::{Mutex, RwLock},
    time::Instant,
};

use crate::{Error, json, transport::Reply};

/// The keys of a provider.
pub(crate) type KeySet = JsonWebKeySet<CoreJsonWebKey>;

/// The least time between two fetches because of a token.
const AGAIN: Duration = Duration::from_mins(1);
/// The same, where the last one has failed.
const AGAIN_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The keys as last fetched.
pub(crate) struct Keys {
    set: RwLock<KeySet>,
    last: Mutex<Option<Last>>,
}

#[derive(Clone, Copy)]
struct Last {
    at: Instant,
    failed: bool,
}

/// Whether keys may be fetched because of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Now,
    /// They were fetched just now, and the token does not fit them.
    Known,
    /// They could not be fetched just now.
    Failed,
}

impl Keys {
    pub(crate) fn new(set: KeySet) -> Self {
        Self { set: RwLock::new(set), last: Mutex::new(None) }
    }

    pub(crate) async fn read(&self) -> tokio::sync::RwLockReadGuard<'_, KeySet> {
        self.set.read().await
    }

    /// How many there are.
    pub(crate) async fn count(&self) -> usize {
        self.read().await.keys().len()
    }

    /// Fetches them because a token does not fit, unless that was done just now. Whether there are fresh ones.
    pub(crate) async fn renew(
        &self,
        fetch: impl Future<Output = Result<KeySet, Error>>,
    ) -> Result<bool, Error> {
        let mut last = self.last.lock().await;
        match turn(*last, Instant::now()) {
            Turn::Known => return Ok(false),
            Turn::Failed => return Err(Error::Unreachable),
            Turn::Now => {}
        }
        tracing::info!("an ID token does not fit the keys: they are fetched again");
        let fetched = fetch.await;
        *last = Some(Last { at: Instant::now(), failed: fetched.is_err() });
        *self.set.write().await = fetched?;
        Ok(true)
    }
}

fn turn(last: Option<Last>, now: Instant) -> Turn {
    match last {
        Some(Last { at, failed: true }) if now < at + AGAIN_AFTER_FAILURE => Turn::Failed,
        Some(Last { at, failed: false }) if now < at + AGAIN => Turn::Known,
        Some(_) | None => Turn::Now,
    }
}

/// Reads an answer.
pub(crate) fn read(reply: &Reply) -> Result<KeySet, Error> {
    if !reply.status.is_success() {
        return Err(Error::Unexpected("keys that cannot be read"));
    }
    json::read(&reply.body).map_err(|_| Error::Unexpected("keys that cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_makes_the_till_fetch_the_keys_once_in_a_while() {
        let at = Instant::now();
        let after = |last, seconds| turn(last, at + Duration::from_secs(seconds));
        let (fetched, failed) = (Some(Last { at, failed: false }), Some(Last { at, failed: true }));
        assert_eq!(after(None, 0), Turn::Now);
        assert_eq!((after(fetched, 59), after(fetched, 60)), (Turn::Known, Turn::Now));
        assert_eq!((after(failed, 4), after(failed, 5)), (Turn::Failed, Turn::Now));
    }
}
