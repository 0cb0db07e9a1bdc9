//! The keys that sign ID tokens: Ed25519, made at first start.
//!
//! There are always two: the one that signs, and the next one, published long before it is used so that every client
//! knows it by then. A retired key stays published until the last token it signed has expired.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{EncodePrivateKey, spki::der::pem::LineEnding},
};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJsonWebKey, CoreJsonWebKeySet},
};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use crate::{Error, db::Db};

/// How long a key signs.
const SIGNS_FOR: TimeDelta = TimeDelta::days(90);
/// How long a retired key is published: longer than any ID token lives.
const PUBLISHED_AFTER: TimeDelta = TimeDelta::days(2);

/// The keys in use; clones share them.
#[derive(Clone)]
pub(crate) struct Keys(Arc<RwLock<KeySet>>);

struct KeySet {
    signs: Arc<CoreEdDsaPrivateSigningKey>,
    published: CoreJsonWebKeySet,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// Reads the keys, and makes those that are missing.
    pub(crate) async fn open(db: &Db, now: DateTime<Utc>) -> Result<Self, Error> {
        turn_over(db, now).await?;
        Ok(Self(Arc::new(RwLock::new(read(db).await?))))
    }

    /// Rotates when the time has come.
    pub(crate) async fn keep_fresh(&self, db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
        if turn_over(db, now).await? {
            let fresh = read(db).await?;
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
            tracing::info!("the signing keys have rotated");
        }
        Ok(())
    }

    /// The key that signs now.
    pub(crate) fn signing(&self) -> Arc<CoreEdDsaPrivateSigningKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).signs.clone()
    }

    /// What clients check signatures with.
    pub(crate) fn published(&self) -> CoreJsonWebKeySet {
        self.0.read().unwrap_or_else(PoisonError::into_inner).published.clone()
    }
}

/// Brings the table to one current and one next key; true when anything changed.
async fn turn_over(db: &Db, now: DateTime<Utc>) -> Result<bool, Error> {
    let mut write = db.write().await?;
    let (second, old, unpublished) =
        (now.timestamp(), (now - SIGNS_FOR).timestamp(), (now - PUBLISHED_AFTER).timestamp());
    let mut changed =
        sqlx::query!("DELETE FROM signing_keys WHERE state = 'retired' AND since <= ?", unpublished)
            .execute(&mut *write)
            .await?
            .rows_affected();
    changed += sqlx::query!(
        "UPDATE signing_keys SET state = 'retired', since = ? WHERE state = 'current' AND since <= ?",
        second,
        old
    )
    .execute(&mut *write)
    .await?
    .rows_affected();
    for state in ["current", "next"] {
        let there = sqlx::query_scalar!("SELECT count(*) FROM signing_keys WHERE state = ?", state)
            .fetch_one(&mut *write)
            .await?;
        if there > 0 {
            continue;
        }
        changed += 1;
        let moved = if state == "current" {
            sqlx::query!("UPDATE signing_keys SET state = 'current', since = ? WHERE state = 'next'", second)
                .execute(&mut *write)
                .await?
                .rows_affected()
        } else {
            0
        };
        if moved == 0 {
            add(&mut write, state, second).await?;
        }
    }
    write.commit().await?;
    Ok(changed > 0)
}

async fn add(db: &mut SqliteConnection, state: &str, since: i64) -> Result<(), Error> {
    let mut seed = [0_u8; 32];
    rand::fill(&mut seed);
    let key = SigningKey::from_bytes(&seed);
    let kid = URL_SAFE_NO_PAD.encode(&Sha256::digest(key.verifying_key().as_bytes())[..12]);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| Error::Sign)?;
    let pem = pem.as_str();
    sqlx::query!(
        "INSERT INTO signing_keys (kid, pem, state, since) VALUES (?, ?, ?, ?)",
        kid,
        pem,
        state,
        since
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn read(db: &Db) -> Result<KeySet, Error> {
    let rows = sqlx::query!("SELECT kid, pem, state FROM signing_keys ORDER BY since, kid")
        .fetch_all(db.read())
        .await?;
    let mut signs = None;
    let mut published: Vec<CoreJsonWebKey> = Vec::new();
    for row in rows {
        let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(&row.pem, Some(JsonWebKeyId::new(row.kid)))
            .map_err(|_| Error::Stored("a signing key"))?;
        published.push(key.as_verification_key());
        if row.state == "current" {
            signs = Some(Arc::new(key));
        }
    }
    Ok(KeySet {
        signs: signs.ok_or(Error::Stored("the current signing key"))?,
        published: CoreJsonWebKeySet::new(published),
    })
}
