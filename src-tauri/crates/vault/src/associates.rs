//! The people who work at the till, and their PINs; of those who sign in at the store's identity provider also what it said of
//! them last. What a role may do is decided elsewhere: here it is a word.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Error, Vault,
    pin::{Attempts, PinHash},
    stored::{micros, number, time},
};

/// The answer to a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// The PIN was right.
    Opened,
    /// The PIN was wrong, or there is no such associate.
    Wrong,
    /// Too many wrong PINs: this one was not looked at, or was the last one too many.
    Blocked {
        /// Until when.
        until: DateTime<Utc>,
    },
}

/// A person who works at the till.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAssociate {
    /// Key in this vault.
    pub id: Uuid,
    /// As colleagues know them.
    pub name: String,
    /// What the identity provider said of them last; none for somebody who has set a PIN at the till alone.
    pub provided: Option<Provided>,
}

/// What the store's identity provider said of an associate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provided {
    /// What they are there.
    pub role: String,
    /// When they signed in there last; none where their PIN is to count no longer.
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// An associate who has signed in at the store's identity provider.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedInAssociate {
    /// Who it is there.
    pub key: CustomerKey,
    /// As colleagues know them.
    pub name: String,
    /// What they are there.
    pub role: String,
}

impl SignedInAssociate {
    /// What they are called in audit trails: the same at every till, so that the centre can tell whose acts these were. A
    /// UUID of their own making (RFC 9562, section 5.8) from the digest of issuer and subject.
    pub fn id(&self) -> Uuid {
        let CustomerKey { issuer, subject } = &self.key;
        let digest = Sha256::new()
            .chain_update("associate\0")
            .chain_update(issuer)
            .chain_update("\0")
            .chain_update(subject)
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl fmt::Debug for SignedInAssociate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedInAssociate").field("role", &self.role).finish_non_exhaustive()
    }
}

impl Vault {
    /// Who works here, by name.
    pub async fn associates(&self) -> Result<Vec<KnownAssociate>, Error> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id: Uuid", name, role, signed_in_at FROM associate ORDER BY name, added_at"#
        )
        .fetch_all(self.database.read())
        .await?;
        rows.into_iter()
            .map(|row| {
                let signed_in_at = row.signed_in_at.map(time).transpose()?;
                let provided = row.role.map(|role| Provided { role, signed_in_at });
                Ok(KnownAssociate { id: row.id, name: row.name, provided })
            })
            .collect()
    }

    /// Takes over what the identity provider says of an associate who has a PIN here. None for somebody who has none yet.
    pub async fn associate_signed_in(
        &self,
        who: &SignedInAssociate,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>, Error> {
        let (CustomerKey { issuer, subject }, now) = (&who.key, micros(now));
        let mut tx = self.database.write().await?;
        let id = sqlx::query_scalar!(
            r#"UPDATE associate SET name = ?, role = ?, signed_in_at = ?, wrong = 0, blocked_until = NULL
               WHERE issuer = ? AND subject = ? RETURNING id AS "id: Uuid""#,
            who.name,
            who.role,
            now,
            issuer,
            subject
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The first PIN, or another one, of an associate who has just signed in at the identity provider.
    pub async fn set_pin(
        &self,
        who: &SignedInAssociate,
        pin: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        let hash = PinHash::of(pin).await?;
        let (new, hash, now) = (who.id(), hash.as_str(), micros(now));
        let CustomerKey { issuer, subject } = &who.key;
        let mut tx = self.database.write().await?;
        let id = sqlx::query_scalar!(
            r#"INSERT INTO associate (id, name, pin_hash, added_at, issuer, subject, role, signed_in_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?4)
               ON CONFLICT DO UPDATE
               SET name = ?2, pin_hash = ?3, role = ?7, signed_in_at = ?4, wrong = 0, blocked_until = NULL
               RETURNING id AS "id: Uuid""#,
            new,
            who.name,
            hash,
            now,
            issuer,
            subject,
            who.role
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The shift of an associate is over: before their PIN counts again, the identity provider is asked.
    pub async fn shift_is_over(&self, id: Uuid) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE associate SET signed_in_at = NULL WHERE id = ?", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A new associate. The PIN is four to twelve digits.
    pub async fn add_associate(
        &self,
        name: &str,
        pin: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        let hash = PinHash::of(pin).await?;
        let (id, name, hash, added_at) = (Uuid::new_v4(), name.trim(), hash.as_str(), micros(now));
        let mut tx = self.database.write().await?;
        sqlx::query!(
            "INSERT INTO associate (id, name, pin_hash, added_at) VALUES (?, ?, ?, ?)",
            id,
            name,
            hash,
            added_at
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Checks a PIN. A guess is counted on the disk before it is looked at, so that pulling the plug gives no free one;
    /// where the disk is full it is counted in memory.
    pub async fn unlock(&self, id: Uuid, pin: &SecretString, now: DateTime<Utc>) -> Result<Unlock, Error> {
        let mut uncounted = self.pins.lock().await;
        let Some(row) = sqlx::query!("SELECT pin_hash, wrong, blocked_until FROM associate WHERE id = ?", id)
            .fetch_optional(self.database.read())
            .await?
        else {
            return Ok(Unlock::Wrong);
        };
        let blocked_until = row.blocked_until.map(time).transpose()?;
        let stored = Attempts { wrong: number(row.wrong)?, blocked_until };
        let before = uncounted.get(&id).copied().unwrap_or(stored);
        if let Some(until) = before.blocked(now) {
            return Ok(Unlock::Blocked { until });
        }
        let after = before.after_wrong(now);
        self.count_guess(&mut uncounted, id, after).await?;

        let (hash, pin) = (PinHash::from_stored(row.pin_hash), pin.clone());
        if tokio::task::spawn_blocking(move || hash.matches(&pin)).await.map_err(|_| Error::Hash)? {
            self.count_guess(&mut uncounted, id, Attempts::default()).await?;
            return Ok(Unlock::Opened);
        }
        Ok(after.blocked(now).map_or(Unlock::Wrong, |until| Unlock::Blocked { until }))
    }

    async fn count_guess(
        &self,
        uncounted: &mut HashMap<Uuid, Attempts>,
        id: Uuid,
        attempts: Attempts,
    ) -> Result<(), Error> {
        match self.set_attempts(id, attempts).await {
            Ok(()) => drop(uncounted.remove(&id)),
            Err(Error::DiskFull) => drop(uncounted.insert(id, attempts)),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn set_attempts(&self, id: Uuid, attempts: Attempts) -> Result<(), Error> {
        let blocked_until = attempts.blocked_until.map(micros);
        let mut tx = self.database.write().await?;
        sqlx::query!(
            "UPDATE associate SET wrong = ?, blocked_until = ? WHERE id = ?",
            attempts.wrong,
            blocked_until,
            id
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Keyring;

    use super::*;

    #[tokio::test]
    async fn a_full_disk_keeps_nobody_out_and_gives_no_free_guesses() {
        let (folder, now) = (tempfile::tempdir().unwrap(), DateTime::UNIX_EPOCH);
        let vault = Vault::open(folder.path(), &Keyring::in_memory()).await.unwrap();
        let pin = |digits: &str| SecretString::from(digits);
        let robin = vault.add_associate("Robin", &pin("4711"), now).await.unwrap();
        // Nothing can be written any more, on this connection and on any after it.
        sqlx::query("PRAGMA query_only = ON").execute(vault.database.writer()).await.unwrap();
        assert!(matches!(vault.set_attempts(robin, Attempts::default()).await, Err(Error::DiskFull)));
        for _ in 0..4 {
            assert_eq!(vault.unlock(robin, &pin("0000"), now).await.unwrap(), Unlock::Wrong);
        }
        assert_eq!(vault.unlock(robin, &pin("4711"), now).await.unwrap(), Unlock::Opened);
        for _ in 0..4 {
            assert_eq!(vault.unlock(robin, &pin("0000"), now).await.unwrap(), Unlock::Wrong);
        }
        assert!(matches!(vault.unlock(robin, &pin("0000"), now).await.unwrap(), Unlock::Blocked { .. }));
        assert!(matches!(vault.unlock(robin, &pin("4711"), now).await.unwrap(), Unlock::Blocked { .. }));
        vault.close().await;
    }
}
