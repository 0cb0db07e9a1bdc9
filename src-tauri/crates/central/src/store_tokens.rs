//! What a till is given for itself (RFC 6749, section 4.4): it speaks for the till and its store, and for no customer. What
//! it may see of whom is decided where it is used, by what each customer agreed to.

use chrono::{DateTime, Utc};

use crate::{
    Error,
    clients::Store,
    db::Db,
    secret::{Fresh, SecretHash},
    tokens::ACCESS_LIVES,
};

/// The scope of these tokens.
pub(crate) const STORE: &str = "store";

/// A till that asks for itself.
#[derive(Clone, Debug)]
pub(crate) struct AtStore {
    pub(crate) client_id: String,
    pub(crate) store: Store,
}

pub(crate) async fn issue(db: &Db, client_id: &str, now: DateTime<Utc>) -> Result<Fresh, Error> {
    let token = Fresh::random();
    let (hash, expires_at) = (token.hash(), (now + ACCESS_LIVES).timestamp());
    let hash = hash.as_slice();
    let mut write = db.write().await?;
    sqlx::query!(
        "INSERT INTO store_tokens (hash, client_id, expires_at) VALUES (?, ?, ?)",
        hash,
        client_id,
        expires_at
    )
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(token)
}

/// The till that a token was given to. Not after its key was taken away.
pub(crate) async fn find(db: &Db, token: &str, now: DateTime<Utc>) -> Result<Option<AtStore>, Error> {
    let (hash, now) = (SecretHash::of(token), now.timestamp());
    let hash = hash.as_slice();
    let row = sqlx::query!(
        "SELECT t.client_id, s.id, s.name, s.brand
         FROM store_tokens t JOIN clients c ON c.id = t.client_id JOIN stores s ON s.id = c.store_id
         WHERE t.hash = ? AND t.expires_at > ? AND c.key IS NOT NULL",
        hash,
        now
    )
    .fetch_optional(db.read())
    .await?;
    Ok(row.map(|row| AtStore {
        client_id: row.client_id,
        store: Store { id: row.id, name: row.name, brand: row.brand },
    }))
}

/// Ends a token of this client; nothing where there is none.
pub(crate) async fn revoke(db: &Db, client_id: &str, token: &str) -> Result<(), Error> {
    let hash = SecretHash::of(token);
    let hash = hash.as_slice();
    let known = sqlx::query_scalar!(
        "SELECT count(*) FROM store_tokens WHERE hash = ? AND client_id = ?",
        hash,
        client_id
    )
    .fetch_one(db.read())
    .await?;
    if known == 0 {
        return Ok(());
    }
    let mut write = db.write().await?;
    sqlx::query!("DELETE FROM store_tokens WHERE hash = ? AND client_id = ?", hash, client_id)
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    Ok(())
}

pub(crate) async fn remove_expired(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    let now = now.timestamp();
    let mut write = db.write().await?;
    sqlx::query!("DELETE FROM store_tokens WHERE expires_at <= ?", now).execute(&mut *write).await?;
    write.commit().await?;
    Ok(())
}
