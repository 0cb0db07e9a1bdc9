//! Issuing, renewing and revoking tokens. All tokens that come from one yes hang on one authorization.
//!
//! Anybody can send codes and tokens that there are not. They are looked up by a reader first: only one that there is takes
//! a turn of the one connection that writes.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use crate::{
    Error,
    claims::SignIn,
    db::{Db, Writing},
    secret::{Fresh, SecretHash},
    state::AppState,
};

/// How long an access token lives: a long visit.
pub(crate) const ACCESS_LIVES: TimeDelta = TimeDelta::hours(1);
/// How long a browser client can renew.
const BROWSER_RENEWS: TimeDelta = TimeDelta::days(30);
/// How long a refresh token that was just used is answered again: the answer may have been lost on the way, and a
/// till on bad Wi-Fi is not a thief.
const GRACE: TimeDelta = TimeDelta::seconds(60);
/// How long an authorization code lives.
pub(crate) const CODE_LIVES: TimeDelta = TimeDelta::seconds(60);

/// Tokens that were just made.
pub(crate) struct Issued {
    pub(crate) access: Fresh,
    pub(crate) refresh: Option<Fresh>,
    pub(crate) sign_in: SignIn,
}

/// Why there are no tokens.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The code or token is unknown, used, expired, revoked or somebody else's.
    InvalidGrant,
    /// The database could not be asked.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What an authorization code stands for.
#[derive(Debug)]
pub(crate) struct CodeRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a str,
    pub(crate) code_challenge: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) auth_time: i64,
}

/// Exchanges an approved device grant. Of any number of requests at once one wins.
pub(crate) async fn for_device(state: &AppState, grant: i64, now: DateTime<Utc>) -> Result<Issued, Refusal> {
    let mut write = state.db.write().await?;
    let row = sqlx::query!(
        r#"UPDATE device_grants SET state = 'exchanged' WHERE id = ? AND state = 'approved'
           RETURNING client_id, scopes, subject AS "subject!", auth_time AS "auth_time!", remember_until, match_check"#,
        grant
    )
    .fetch_optional(&mut *write)
    .await?
    .ok_or(Refusal::InvalidGrant)?;
    let sign_in = SignIn {
        subject: row.subject,
        client_id: row.client_id,
        scopes: split(&row.scopes),
        auth_time: row.auth_time,
        nonce: None,
        check: row.match_check,
        remember_until: row.remember_until,
    };
    let renews =
        sign_in.remember_until.is_some() && sign_in.scopes.iter().any(|scope| scope == "offline_access");
    let authorization =
        authorize(&mut write, &sign_in, sign_in.remember_until.filter(|_| renews), now).await?;
    sqlx::query!("UPDATE device_grants SET authorization_id = ? WHERE id = ?", authorization, grant)
        .execute(&mut *write)
        .await?;
    Ok(issue(write, authorization, sign_in, renews, now).await?)
}

/// Makes an authorization code.
pub(crate) async fn add_code(db: &Db, request: &CodeRequest<'_>, now: DateTime<Utc>) -> Result<Fresh, Error> {
    let code = Fresh::random();
    let hash = code.hash();
    let (hash, expires_at) = (hash.as_slice(), (now + CODE_LIVES).timestamp());
    let mut write = db.write().await?;
    sqlx::query!(
        "INSERT INTO authorization_codes
             (hash, client_id, subject, redirect_uri, scopes, code_challenge, nonce, auth_time, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        hash,
        request.client_id,
        request.subject,
        request.redirect_uri,
        request.scopes,
        request.code_challenge,
        request.nonce,
        request.auth_time,
        expires_at
    )
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(code)
}

/// Exchanges an authorization code. A second use takes back what the first one gave (RFC 6749, section 4.1.2).
pub(crate) async fn for_code(
    state: &AppState,
    client_id: &str,
    code: &str,
    redirect_uri: &str,
    code_challenge: &str,
    now: DateTime<Utc>,
) -> Result<Issued, Refusal> {
    let hash = SecretHash::of(code);
    let (hash, second) = (hash.as_slice(), now.timestamp());
    let known = sqlx::query_scalar!("SELECT count(*) FROM authorization_codes WHERE hash = ?", hash)
        .fetch_one(state.db.read())
        .await?;
    if known == 0 {
        return Err(Refusal::InvalidGrant);
    }
    let mut write = state.db.write().await?;
    let row = sqlx::query!(
        "SELECT client_id, subject, redirect_uri, scopes, code_challenge, nonce, auth_time, expires_at,
                authorization_id, used_at
         FROM authorization_codes WHERE hash = ?",
        hash
    )
    .fetch_optional(&mut *write)
    .await?
    .ok_or(Refusal::InvalidGrant)?;
    if row.used_at.is_some() {
        sqlx::query!("DELETE FROM authorizations WHERE id = ?", row.authorization_id)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        return Err(Refusal::InvalidGrant);
    }
    let fits = row.client_id == client_id
        && row.redirect_uri == redirect_uri
        && row.code_challenge == code_challenge
        && row.expires_at > second;
    if !fits {
        return Err(Refusal::InvalidGrant);
    }
    let sign_in = SignIn {
        subject: row.subject,
        client_id: row.client_id,
        scopes: split(&row.scopes),
        auth_time: row.auth_time,
        nonce: row.nonce,
        check: None,
        remember_until: None,
    };
    let renews = sign_in.scopes.iter().any(|scope| scope == "offline_access");
    let until = renews.then(|| (now + BROWSER_RENEWS).timestamp());
    let authorization = authorize(&mut write, &sign_in, until, now).await?;
    sqlx::query!(
        "UPDATE authorization_codes SET used_at = ?, authorization_id = ? WHERE hash = ?",
        second,
        authorization,
        hash
    )
    .execute(&mut *write)
    .await?;
    Ok(issue(write, authorization, sign_in, renews, now).await?)
}

/// Renews. The token is exchanged for its successor; one that comes back after its grace has been stolen or copied, and
/// the whole authorization ends (RFC 9700, section 4.14.2).
pub(crate) async fn for_refresh(
    state: &AppState,
    client_id: &str,
    token: &str,
    scopes: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Issued, Refusal> {
    let hash = SecretHash::of(token);
    let (hash, second) = (hash.as_slice(), now.timestamp());
    let known = sqlx::query_scalar!(
        "SELECT count(*) FROM refresh_tokens r JOIN authorizations a ON a.id = r.authorization_id
         WHERE r.hash = ? AND a.client_id = ? AND a.expires_at > ?",
        hash,
        client_id,
        second
    )
    .fetch_one(state.db.read())
    .await?;
    if known == 0 {
        return Err(Refusal::InvalidGrant);
    }
    let mut write = state.db.write().await?;
    let row = sqlx::query!(
        r#"SELECT r.authorization_id, r.used_at, s.used_at AS "successor_used_at?",
                  a.client_id, a.subject, a.scopes, a.auth_time, a.remember_until
           FROM refresh_tokens r
           JOIN authorizations a ON a.id = r.authorization_id
           LEFT JOIN refresh_tokens s ON s.hash = r.successor
           WHERE r.hash = ? AND a.expires_at > ?"#,
        hash,
        second
    )
    .fetch_optional(&mut *write)
    .await?
    .filter(|row| row.client_id == client_id)
    .ok_or(Refusal::InvalidGrant)?;
    let authorization = row.authorization_id;
    let refresh = Fresh::successor(token, &state.refresh_key)?;
    match row.used_at {
        None => {
            let successor = refresh.hash();
            let successor = successor.as_slice();
            sqlx::query!(
                "UPDATE refresh_tokens SET used_at = ?, successor = ? WHERE hash = ?",
                second,
                successor,
                hash
            )
            .execute(&mut *write)
            .await?;
            add_refresh(&mut write, authorization, &refresh, now).await?;
        }
        Some(used_at) if row.successor_used_at.is_none() && second < used_at + GRACE.num_seconds() => {}
        Some(_) => {
            sqlx::query!("DELETE FROM authorizations WHERE id = ?", authorization)
                .execute(&mut *write)
                .await?;
            write.commit().await?;
            tracing::warn!(client = client_id, "a refresh token was used twice: its authorization has ended");
            return Err(Refusal::InvalidGrant);
        }
    }
    let allowed = split(&row.scopes);
    let scopes = match scopes {
        Some(asked) => {
            allowed.into_iter().filter(|scope| asked.split_whitespace().any(|a| a == scope)).collect()
        }
        None => allowed,
    };
    let access = add_access(&mut write, authorization, &scopes, now).await?;
    write.commit().await?;
    let sign_in = SignIn {
        subject: row.subject,
        client_id: row.client_id,
        scopes,
        auth_time: row.auth_time,
        nonce: None,
        check: None,
        remember_until: row.remember_until,
    };
    Ok(Issued { access, refresh: Some(refresh), sign_in })
}

/// Revokes a token of this client (RFC 7009): an access token alone, or with a refresh token all that hangs on it.
/// A token that is unknown is as good as revoked.
pub(crate) async fn revoke(db: &Db, client_id: &str, token: &str) -> Result<(), Error> {
    let hash = SecretHash::of(token);
    let hash = hash.as_slice();
    let known = sqlx::query_scalar!(
        "SELECT count(*) FROM authorizations
         WHERE client_id = ? AND id IN (SELECT authorization_id FROM access_tokens WHERE hash = ?
             UNION ALL SELECT authorization_id FROM refresh_tokens WHERE hash = ?)",
        client_id,
        hash,
        hash
    )
    .fetch_one(db.read())
    .await?;
    if known == 0 {
        return Ok(());
    }
    let mut write = db.write().await?;
    sqlx::query!(
        "DELETE FROM access_tokens
         WHERE hash = ? AND authorization_id IN (SELECT id FROM authorizations WHERE client_id = ?)",
        hash,
        client_id
    )
    .execute(&mut *write)
    .await?;
    sqlx::query!(
        "DELETE FROM authorizations
         WHERE client_id = ? AND id = (SELECT authorization_id FROM refresh_tokens WHERE hash = ?)",
        client_id,
        hash
    )
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(())
}

/// Removes what has expired.
pub(crate) async fn remove_expired(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    let (second, day_ago) = (now.timestamp(), (now - TimeDelta::days(1)).timestamp());
    let mut write = db.write().await?;
    sqlx::query!("DELETE FROM access_tokens WHERE expires_at <= ?", second).execute(&mut *write).await?;
    sqlx::query!("DELETE FROM authorizations WHERE expires_at <= ?", second).execute(&mut *write).await?;
    sqlx::query!("DELETE FROM sessions WHERE expires_at <= ?", second).execute(&mut *write).await?;
    // A day longer: a late answer is "expired" or "used already", not "wrong code".
    sqlx::query!("DELETE FROM device_grants WHERE expires_at <= ?", day_ago).execute(&mut *write).await?;
    sqlx::query!("DELETE FROM authorization_codes WHERE expires_at <= ?", day_ago)
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    Ok(())
}

async fn authorize(
    db: &mut SqliteConnection,
    sign_in: &SignIn,
    renews_until: Option<i64>,
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    let scopes = sign_in.scopes.join(" ");
    let (created_at, expires_at) =
        (now.timestamp(), renews_until.unwrap_or_default().max((now + ACCESS_LIVES).timestamp()));
    Ok(sqlx::query!(
        "INSERT INTO authorizations (client_id, subject, scopes, auth_time, remember_until, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        sign_in.client_id,
        sign_in.subject,
        scopes,
        sign_in.auth_time,
        sign_in.remember_until,
        created_at,
        expires_at
    )
    .execute(db)
    .await?
    .last_insert_rowid())
}

/// Hands out the tokens of a new authorization, and with that ends its transaction.
async fn issue(
    mut write: Writing,
    authorization: i64,
    sign_in: SignIn,
    renews: bool,
    now: DateTime<Utc>,
) -> Result<Issued, Error> {
    let access = add_access(&mut write, authorization, &sign_in.scopes, now).await?;
    let refresh = if renews {
        let fresh = Fresh::random();
        add_refresh(&mut write, authorization, &fresh, now).await?;
        Some(fresh)
    } else {
        None
    };
    write.commit().await?;
    Ok(Issued { access, refresh, sign_in })
}

async fn add_access(
    db: &mut SqliteConnection,
    authorization: i64,
    scopes: &[String],
    now: DateTime<Utc>,
) -> Result<Fresh, Error> {
    let token = Fresh::random();
    let (hash, scopes, expires_at) = (token.hash(), scopes.join(" "), (now + ACCESS_LIVES).timestamp());
    let hash = hash.as_slice();
    sqlx::query!(
        "INSERT INTO access_tokens (hash, authorization_id, scopes, expires_at) VALUES (?, ?, ?, ?)",
        hash,
        authorization,
        scopes,
        expires_at
    )
    .execute(db)
    .await?;
    Ok(token)
}

async fn add_refresh(
    db: &mut SqliteConnection,
    authorization: i64,
    token: &Fresh,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (hash, now) = (token.hash(), now.timestamp());
    let hash = hash.as_slice();
    sqlx::query!(
        "INSERT INTO refresh_tokens (hash, authorization_id, issued_at) VALUES (?, ?, ?)",
        hash,
        authorization,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

fn split(scopes: &str) -> Vec<String> {
    scopes.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn revoking_a_token_that_there_is_not_waits_for_no_turn() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(folder.path()).await.unwrap();
        let somebody_writes = db.write().await.unwrap();
        revoke(&db, "till", "nobodys").await.unwrap();
        drop(somebody_writes);
        db.close().await;
    }
}
