//! What waits at a till, sealed to this service: the keys it is sealed to, and the grants that come with it.
//!
//! Whoever has the public key can seal. So whatever is sealed carries a grant that this service has signed and told to one
//! till alone: the customer's yes to that till, or that it is a till of its store, for whomever the store may remember.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use profile::RememberScope;
use sealing::{PublicKey, Sealed, SecretKey, Waiting};
use serde::{Deserialize, Serialize};

use crate::{
    Error, clients, customers,
    db::Db,
    secret::{self, SecretHash},
};

/// How long a key is sealed to.
const SEALS_FOR: TimeDelta = TimeDelta::days(365);

/// The keys, newest first, and what grants are signed with; clones share them.
#[derive(Clone)]
pub(crate) struct Sealing {
    keys: Arc<[SecretKey]>,
    newest: PublicKey,
    grants: Arc<[u8]>,
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealing").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Sealing {
    /// Reads the keys, and makes one where there is none or the newest is old. `grants` is a secret.
    pub(crate) async fn open(db: &Db, grants: Arc<[u8]>, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut write = db.write().await?;
        let (second, old) = (now.timestamp(), (now - SEALS_FOR).timestamp());
        let young = sqlx::query_scalar!("SELECT count(*) FROM sealing_keys WHERE made_at > ?", old)
            .fetch_one(&mut *write)
            .await?;
        if young == 0 {
            let key = SecretKey::make();
            let (id, secret) = (key.id(), key.to_bytes());
            let secret = secret.as_slice();
            sqlx::query!(
                "INSERT INTO sealing_keys (id, secret, made_at) VALUES (?, ?, ?)",
                id,
                secret,
                second
            )
            .execute(&mut *write)
            .await?;
        }
        let rows = sqlx::query_scalar!("SELECT secret FROM sealing_keys ORDER BY made_at DESC, id")
            .fetch_all(&mut *write)
            .await?;
        write.commit().await?;
        let keys: Arc<[SecretKey]> = rows
            .iter()
            .map(|secret| SecretKey::from_bytes(secret))
            .collect::<Result<_, _>>()
            .map_err(|_| Error::Stored("sealing_keys.secret"))?;
        let newest = keys.first().ok_or(Error::Stored("sealing_keys"))?.public();
        Ok(Self { keys, newest, grants })
    }

    /// What a till seals to.
    pub(crate) fn public(&self) -> &PublicKey {
        &self.newest
    }

    /// Says that whoever has it may hand over what waits of the customer who gave this yes. None where there is no such yes.
    pub(crate) async fn grant(
        &self,
        db: &Db,
        authorization: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, Error> {
        let second = now.timestamp();
        let yes = sqlx::query_as!(
            Yes,
            "SELECT a.id, a.created_at, a.client_id, a.subject
             FROM authorizations a JOIN clients c ON c.id = a.client_id
             WHERE a.id = ? AND a.expires_at > ? AND c.store_id IS NOT NULL",
            authorization,
            second
        )
        .fetch_optional(db.read())
        .await?;
        let Some(yes) = yes else { return Ok(None) };
        let text = serde_json::to_vec(&yes).map_err(|_| Error::Stored("authorizations"))?;
        let text = URL_SAFE_NO_PAD.encode(text);
        Ok(Some(format!("{text}.{}", self.proof(&text)?)))
    }

    /// Says that whoever has it may hand over what waits of customers of a till's store.
    pub(crate) fn till_grant(&self, client_id: &str) -> Result<String, Error> {
        let till = Till { client_id: client_id.to_owned() };
        let text = serde_json::to_vec(&till).map_err(|_| Error::Stored("clients"))?;
        let text = URL_SAFE_NO_PAD.encode(text);
        Ok(format!("{text}.{}", self.proof(&text)?))
    }

    /// What a grant is for, also where it is over; none where this service has not signed it.
    pub(crate) fn granted(&self, grant: &str) -> Result<Option<Granted>, Error> {
        let (signed, subject) = match grant.split_once('/') {
            Some((signed, subject)) => (signed, Some(subject)),
            None => (grant, None),
        };
        let Some((text, proof)) = signed.split_once('.') else { return Ok(None) };
        // Of their digests nobody learns anything by how long it takes.
        if SecretHash::of(&self.proof(text)?) != SecretHash::of(proof) {
            return Ok(None);
        }
        let Ok(text) = URL_SAFE_NO_PAD.decode(text) else { return Ok(None) };
        Ok(match subject {
            None => serde_json::from_slice(&text).ok().map(Granted::by_customer),
            Some(subject) => serde_json::from_slice(&text)
                .ok()
                .map(|till: Till| Granted::of_till(&till.client_id, subject)),
        })
    }

    fn proof(&self, text: &str) -> Result<String, Error> {
        secret::proof(&format!("sealing grant {text}"), &self.grants)
    }

    /// Opens what was sealed to one of the keys.
    pub(crate) fn open_sealed(&self, sealed: &Sealed) -> Option<Waiting> {
        let key = self.keys.iter().find(|key| key.id() == sealed.key_id)?;
        sealed.open(key).ok()
    }
}

/// A customer's yes to a till.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Yes {
    id: i64,
    created_at: i64,
    client_id: String,
    subject: String,
}

/// A till of a store.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Till {
    client_id: String,
}

/// Whose it is that a till hands over, and by whose word.
pub(crate) struct Granted {
    pub(crate) client_id: String,
    pub(crate) subject: String,
    /// Number and time of the customer's yes; none where the till hands it over by its own word.
    yes: Option<(i64, i64)>,
}

impl Granted {
    fn by_customer(yes: Yes) -> Self {
        Self { client_id: yes.client_id, subject: yes.subject, yes: Some((yes.id, yes.created_at)) }
    }

    /// What a till hands over of a customer by its own word.
    pub(crate) fn of_till(client_id: &str, subject: &str) -> Self {
        Self { client_id: client_id.to_owned(), subject: subject.to_owned(), yes: None }
    }

    /// Whether preferences may be changed by it now: the customer's yes is not over, whose number may be given to another; or
    /// the customer leaves their preferences at the till's store.
    pub(crate) async fn stands(&self, db: &Db, now: DateTime<Utc>) -> Result<bool, Error> {
        let Self { client_id, subject, yes } = self;
        let Some((id, created_at)) = yes else {
            let Some((store, _)) = clients::at_store(db, client_id).await? else { return Ok(false) };
            let here = customers::remembered(db, &store.id, subject, now).await?;
            return Ok(here.is_some_and(|here| here.scopes.has(RememberScope::Preferences)));
        };
        let second = now.timestamp();
        let standing = sqlx::query_scalar!(
            "SELECT count(*) FROM authorizations
             WHERE id = ? AND created_at = ? AND client_id = ? AND subject = ? AND expires_at > ?",
            id,
            created_at,
            client_id,
            subject,
            second
        );
        Ok(standing.fetch_one(db.read()).await? == 1)
    }
}
