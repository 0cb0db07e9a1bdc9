//! Tokens in the keyring: refresh tokens of remembered customers, and tokens that must still be ended at the provider.
//!
//! The database knows of them by id alone. What it says is written before the keyring or the provider is asked, so that a
//! power cut at any moment leaves a token that is doubted at worst, and never one that is used twice or forgotten.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, KeyringError, Vault, stored::micros};

/// So many revocations wait at most. A till that is offline for so long has more to mend than these.
const MOST_REVOCATIONS: i64 = 500;

/// Tokens that are to be ended at the provider.
#[derive(Clone)]
pub struct Revocable {
    /// Good for longest, so it is ended first.
    pub refresh_token: Option<SecretString>,
    /// Ends by itself soon.
    pub access_token: Option<SecretString>,
}

impl fmt::Debug for Revocable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocable")
            .field("refresh_token", &self.refresh_token.is_some())
            .field("access_token", &self.access_token.is_some())
            .finish()
    }
}

/// As it stands in the keyring.
#[derive(Serialize)]
struct ToKeep<'a> {
    refresh_token: Option<&'a str>,
    access_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct Kept {
    refresh_token: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl Vault {
    /// The refresh token of a remembered customer, from the keyring.
    pub async fn refresh_token(&self, id: Uuid) -> Result<Option<SecretString>, KeyringError> {
        self.keyring.get(&refresh_entry(id)).await
    }

    /// Keeps the refresh token of a remembered customer in the keyring. It is a fresh one: no doubt is left of it.
    pub async fn set_refresh_token(&self, id: Uuid, token: &SecretString) -> Result<(), Error> {
        let _one_at_a_time = self.tokens.lock().await;
        let mut tx = self.database.write().await?;
        sqlx::query!("DELETE FROM dead_token WHERE customer_id = ?", id).execute(&mut *tx).await?;
        tx.commit().await?;
        self.keyring.set(&refresh_entry(id), token).await?;
        self.refresh_is_over(id).await
    }

    /// Removes a refresh token from the keyring.
    pub async fn delete_refresh_token(&self, id: Uuid) -> Result<(), Error> {
        self.keyring.delete(&refresh_entry(id)).await?;
        self.refresh_is_over(id).await
    }

    /// Notes, on the disk, that the refresh token is about to be sent. Answers false where it was sent before and nobody
    /// knows what came of it: then it must not be sent again.
    pub async fn begin_refresh(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
        let at = micros(now);
        let mut tx = self.database.write().await?;
        let noted = sqlx::query!(
            "INSERT OR IGNORE INTO refresh_in_flight (customer_id, sent_at) VALUES (?, ?)",
            id,
            at
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(noted.rows_affected() == 1)
    }

    /// The refresh was answered, or was never sent: nothing is in doubt.
    pub async fn refresh_is_over(&self, id: Uuid) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("DELETE FROM refresh_in_flight WHERE customer_id = ?", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes what the database has let go of and lies outside of it: sealed files, and the tokens of customers who are
    /// gone. What fails is tried again the next time.
    pub(crate) async fn remove_leftovers(&self) -> Result<(), Error> {
        self.remove_unsealed().await?;
        self.remove_dead_tokens().await
    }

    /// What fails stays noted.
    async fn remove_dead_tokens(&self) -> Result<(), Error> {
        let _one_at_a_time = self.tokens.lock().await;
        // What is still to be sent for somebody is sent with theirs.
        let ids = sqlx::query_scalar!(
            r#"SELECT customer_id AS "id: Uuid" FROM dead_token
               WHERE customer_id NOT IN (SELECT customer_id FROM queued_withdrawal)"#
        )
        .fetch_all(self.database.read())
        .await?;
        for id in ids {
            if let Err(error) = self.delete_refresh_token(id).await {
                tracing::warn!(%error, "a refresh token is still in the keyring and will be removed later");
                break;
            }
            let mut tx = self.database.write().await?;
            sqlx::query!("DELETE FROM dead_token WHERE customer_id = ?", id).execute(&mut *tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Keeps tokens until the provider can be told to end them.
    pub async fn queue_revocation(&self, tokens: &Revocable, now: DateTime<Utc>) -> Result<(), Error> {
        let to_keep = ToKeep {
            refresh_token: tokens.refresh_token.as_ref().map(ExposeSecret::expose_secret),
            access_token: tokens.access_token.as_ref().map(ExposeSecret::expose_secret),
        };
        let secret = SecretString::from(serde_json::to_string(&to_keep)?);
        let (id, at) = (Uuid::new_v4(), micros(now));
        let mut tx = self.database.write().await?;
        let waiting =
            sqlx::query_scalar!("SELECT count(*) FROM queued_revocation").fetch_one(&mut *tx).await?;
        if MOST_REVOCATIONS <= waiting {
            return Err(Error::TooManyRevocations);
        }
        sqlx::query!("INSERT INTO queued_revocation (id, queued_at) VALUES (?, ?)", id, at)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(self.keyring.set(&revocation_entry(id), &secret).await?)
    }

    /// The tokens that wait to be ended, oldest first.
    pub async fn queued_revocations(&self) -> Result<Vec<Uuid>, Error> {
        Ok(sqlx::query_scalar!(r#"SELECT id AS "id: Uuid" FROM queued_revocation ORDER BY queued_at"#)
            .fetch_all(self.database.read())
            .await?)
    }

    /// The tokens of one of them; none where the keyring never got them, or has lost them.
    pub async fn revocable(&self, id: Uuid) -> Result<Option<Revocable>, Error> {
        let Some(secret) = self.keyring.get(&revocation_entry(id)).await? else { return Ok(None) };
        let Kept { refresh_token, access_token } = serde_json::from_str(secret.expose_secret())?;
        Ok(Some(Revocable { refresh_token, access_token }))
    }

    /// Forgets tokens that the provider has ended, or never will.
    pub async fn revocation_is_over(&self, id: Uuid) -> Result<(), Error> {
        self.keyring.delete(&revocation_entry(id)).await?;
        let mut tx = self.database.write().await?;
        sqlx::query!("DELETE FROM queued_revocation WHERE id = ?", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn refresh_entry(id: Uuid) -> String {
    format!("refresh-token/{id}")
}

fn revocation_entry(id: Uuid) -> String {
    format!("revocation/{id}")
}
