//! The people who work at the till, and their PINs.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
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

impl Vault {
    /// Who works here, by name.
    pub async fn associates(&self) -> Result<Vec<(Uuid, String)>, Error> {
        let rows = sqlx::query!(r#"SELECT id AS "id: Uuid", name FROM associate ORDER BY name, added_at"#)
            .fetch_all(self.database.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }

    /// A new associate. The PIN is four to twelve digits.
    pub async fn add_associate(
        &self,
        name: &str,
        pin: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        let pin = pin.clone();
        let hash =
            tokio::task::spawn_blocking(move || PinHash::new(&pin)).await.map_err(|_| Error::Hash)??;
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

    /// Checks a PIN. A guess is counted on the disk before it is looked at, so that pulling the plug gives no free one.
    pub async fn unlock(&self, id: Uuid, pin: &SecretString, now: DateTime<Utc>) -> Result<Unlock, Error> {
        let _one_at_a_time = self.pins.lock().await;
        let Some(row) = sqlx::query!("SELECT pin_hash, wrong, blocked_until FROM associate WHERE id = ?", id)
            .fetch_optional(self.database.read())
            .await?
        else {
            return Ok(Unlock::Wrong);
        };
        let blocked_until = row.blocked_until.map(time).transpose()?;
        let before = Attempts { wrong: number(row.wrong)?, blocked_until };
        if let Some(until) = before.blocked(now) {
            return Ok(Unlock::Blocked { until });
        }
        let after = before.after_wrong(now);
        self.set_attempts(id, after).await?;

        let (hash, pin) = (PinHash::from_stored(row.pin_hash), pin.clone());
        if tokio::task::spawn_blocking(move || hash.matches(&pin)).await.map_err(|_| Error::Hash)? {
            self.set_attempts(id, Attempts::default()).await?;
            return Ok(Unlock::Opened);
        }
        Ok(after.blocked(now).map_or(Unlock::Wrong, |until| Unlock::Blocked { until }))
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
