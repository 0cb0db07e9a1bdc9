//! How often something may be tried. In memory: a restart forgets, and a restart is rare.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::secret::SecretHash;

/// A number of attempts in a span of time, by key.
#[derive(Debug)]
pub(crate) struct Limit {
    most: usize,
    within: TimeDelta,
    attempts: Mutex<HashMap<SecretHash, VecDeque<DateTime<Utc>>>>,
}

impl Limit {
    fn new(most: usize, within: TimeDelta) -> Self {
        Self { most, within, attempts: Mutex::default() }
    }

    /// Counts an attempt before it is made, so that parallel ones are counted too. False: too many already.
    pub(crate) fn take(&self, key: &str, now: DateTime<Utc>) -> bool {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = attempts.entry(SecretHash::of(key)).or_default();
        while recent.front().is_some_and(|at| *at + self.within <= now) {
            recent.pop_front();
        }
        let allowed = recent.len() < self.most;
        if allowed {
            recent.push_back(now);
        }
        allowed
    }

    /// Gives an attempt back that succeeded.
    pub(crate) fn give_back(&self, key: &str) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(recent) = attempts.get_mut(&SecretHash::of(key)) {
            recent.pop_back();
        }
    }

    fn forget_old(&self, now: DateTime<Utc>) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.retain(|_, recent| recent.back().is_some_and(|at| *at + self.within > now));
    }
}

/// All limits of the service.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Wrong user codes that were typed, from one address; codes that were scanned are not counted. With 20^8 codes this
    /// leaves a guesser, in the five minutes that a code lives, a chance of about 1 in 1,700,000,000 per waiting code
    /// (RFC 8628, section 5.1). A whole store may share one address, so it is not stricter.
    pub(crate) codes_by_address: Limit,
    /// Codes that a till asks for, by its client id and address: nobody can fill the file with them. One a second is more
    /// than any counter can use, and the tills of a store behind one address do not share the number.
    pub(crate) codes_asked_for: Limit,
    /// Wrong user codes that were typed in one browser.
    pub(crate) codes_by_browser: Limit,
    /// Wrong passwords from one address.
    pub(crate) passwords_by_address: Limit,
    /// Wrong passwords for one account.
    pub(crate) passwords_by_account: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        let window = TimeDelta::minutes(10);
        Self {
            codes_asked_for: Limit::new(600, window),
            codes_by_address: Limit::new(30, window),
            codes_by_browser: Limit::new(6, window),
            passwords_by_address: Limit::new(40, window),
            passwords_by_account: Limit::new(8, window),
        }
    }
}

impl Limits {
    /// Forgets what no longer counts.
    pub(crate) fn forget_old(&self, now: DateTime<Utc>) {
        for limit in [
            &self.codes_asked_for,
            &self.codes_by_address,
            &self.codes_by_browser,
            &self.passwords_by_address,
            &self.passwords_by_account,
        ] {
            limit.forget_old(now);
        }
    }
}
