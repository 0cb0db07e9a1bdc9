//! PINs: how they are hashed, and what wrong ones lead to. Pure, so that a counter without a vault has the same rules.
//!
//! A PIN of four digits is guessed in ten thousand attempts: the hash protects a copied file only a little; the
//! limit on attempts ([`Attempts`]) protects the till.

use std::fmt;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::Error;

/// Wrong PINs in a row that are free.
const FREE_ATTEMPTS: u32 = 5;
/// The first wait in seconds; it doubles with each further wrong PIN.
const FIRST_WAIT: u32 = 30;
/// The longest wait in seconds.
const LONGEST_WAIT: u32 = 3600;

/// The argon2id hash of a PIN, in PHC format.
#[derive(Clone)]
pub struct PinHash(String);

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(..)")
    }
}

impl PinHash {
    /// Hashes a PIN of four to twelve digits with a random salt. Takes tens of milliseconds: not for an async thread.
    pub fn new(pin: &SecretString) -> Result<PinHash, Error> {
        let digits = pin.expose_secret();
        if !(4..=12).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::PinFormat);
        }
        let hash = Argon2::default().hash_password(digits.as_bytes()).map_err(|_| Error::Hash)?;
        Ok(PinHash(hash.to_string()))
    }

    /// The same, on a thread of its own.
    pub async fn of(pin: &SecretString) -> Result<PinHash, Error> {
        let pin = pin.clone();
        tokio::task::spawn_blocking(move || PinHash::new(&pin)).await.map_err(|_| Error::Hash)?
    }

    /// Whether the PIN is the one that was hashed. As slow as [`PinHash::new`].
    pub fn matches(&self, pin: &SecretString) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| {
            Argon2::default().verify_password(pin.expose_secret().as_bytes(), &hash).is_ok()
        })
    }

    pub(crate) fn from_stored(phc: String) -> PinHash {
        PinHash(phc)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Wrong PINs in a row, and until when no PIN is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Wrong PINs since the last right one.
    pub wrong: u32,
    /// Until when no PIN is looked at.
    pub blocked_until: Option<DateTime<Utc>>,
}

impl Attempts {
    /// Until when no PIN is looked at, if now is before it. A time further away than the longest wait comes from a
    /// clock that was turned back since, and blocks nobody.
    pub fn blocked(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let latest = now + TimeDelta::seconds(LONGEST_WAIT.into());
        self.blocked_until.filter(|until| (now..=latest).contains(until) && *until != now)
    }

    /// After one more wrong PIN.
    #[must_use]
    pub fn after_wrong(self, now: DateTime<Utc>) -> Attempts {
        let wrong = self.wrong.saturating_add(1);
        let blocked_until = wrong.checked_sub(FREE_ATTEMPTS).map(|beyond| {
            let wait =
                1_u32.checked_shl(beyond).unwrap_or(u32::MAX).saturating_mul(FIRST_WAIT).min(LONGEST_WAIT);
            now + TimeDelta::seconds(wait.into())
        });
        Attempts { wrong, blocked_until }
    }
}
