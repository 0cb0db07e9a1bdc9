//! Stores and the clients that ask for sign-ins: tills, and browsers of web shops.

use openidconnect::{
    JsonWebKey,
    core::{CoreJsonWebKey, CoreJsonWebKeyType},
};
use sqlx::SqliteConnection;
use url::Url;

use crate::{Error, db::Db};

/// A store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) brand: String,
}

/// A till: the client of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Till {
    /// The client id.
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Adds a store.
pub(crate) async fn add_store(db: &mut SqliteConnection, store: &Store) -> Result<(), Error> {
    sqlx::query!("INSERT INTO stores (id, name, brand) VALUES (?, ?, ?)", store.id, store.name, store.brand)
        .execute(db)
        .await?;
    Ok(())
}

/// Adds a till to a store that is there.
pub(crate) async fn add_till(
    db: &mut SqliteConnection,
    store: &Store,
    till: &Till,
    scopes: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO clients (id, kind, name, brand, store_id, scopes) VALUES (?, 'till', ?, ?, ?, ?)",
        till.id,
        till.name,
        store.brand,
        store.id,
        scopes
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds a web shop or app that signs customers in by redirect.
pub(crate) async fn add_browser_client(
    db: &mut SqliteConnection,
    id: &str,
    name: &str,
    brand: &str,
    scopes: &str,
    redirect_uris: &[&str],
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO clients (id, kind, name, brand, scopes) VALUES (?, 'browser', ?, ?, ?)",
        id,
        name,
        brand,
        scopes
    )
    .execute(&mut *db)
    .await?;
    for uri in redirect_uris {
        sqlx::query!("INSERT INTO redirect_uris (client_id, uri) VALUES (?, ?)", id, uri)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// A client as the provider knows it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) brand: String,
    /// What it signs who it is with; none for one that says its name alone.
    pub(crate) key: Option<Box<CoreJsonWebKey>>,
    till: bool,
    scopes: String,
}

impl Client {
    pub(crate) fn is_till(&self) -> bool {
        self.till
    }

    /// What is asked for and allowed, in the order of the client's own list.
    pub(crate) fn allowed(&self, asked: &str) -> String {
        let allowed: Vec<&str> = self
            .scopes
            .split_whitespace()
            .filter(|scope| asked.split_whitespace().any(|a| a == *scope))
            .collect();
        allowed.join(" ")
    }
}

fn read_key(key: &str) -> Result<Box<CoreJsonWebKey>, Error> {
    serde_json::from_str(key).map(Box::new).map_err(|_| Error::Stored("clients.key"))
}

/// Registers the public key (RFC 7517) that a client signs who it is with from now on, in the place of one it had. Nothing
/// of a private half is kept.
pub(crate) async fn set_key(db: &Db, id: &str, jwk: &str) -> Result<(), Error> {
    let unfit = || Error::ClientKey(id.to_owned());
    let key: CoreJsonWebKey = serde_json::from_str(jwk).map_err(|_| unfit())?;
    // A shared secret is no public key.
    if key.key_type() == &CoreJsonWebKeyType::Symmetric {
        return Err(unfit());
    }
    let key = serde_json::to_string(&key).map_err(|_| unfit())?;
    let mut write = db.write().await?;
    let known = sqlx::query!("UPDATE clients SET key = ? WHERE id = ?", key, id)
        .execute(&mut *write)
        .await?
        .rows_affected();
    if known == 0 {
        return Err(unfit());
    }
    write.commit().await?;
    Ok(())
}

/// Finds a client.
pub(crate) async fn find(db: &Db, id: &str) -> Result<Option<Client>, Error> {
    let row = sqlx::query!("SELECT id, kind, name, brand, scopes, key FROM clients WHERE id = ?", id)
        .fetch_optional(db.read())
        .await?;
    row.map(|row| {
        Ok(Client {
            id: row.id,
            name: row.name,
            brand: row.brand,
            key: row.key.as_deref().map(read_key).transpose()?,
            till: row.kind == "till",
            scopes: row.scopes,
        })
    })
    .transpose()
}

/// The store of a till, and the till's name; none where the client is no till.
pub(crate) async fn at_store(db: &Db, id: &str) -> Result<Option<(Store, String)>, Error> {
    let row = sqlx::query!(
        "SELECT s.id, s.name, s.brand, c.name AS till FROM clients c JOIN stores s ON s.id = c.store_id WHERE c.id = ?",
        id
    )
    .fetch_optional(db.read())
    .await?;
    Ok(row.map(|row| (Store { id: row.id, name: row.name, brand: row.brand }, row.till)))
}

/// Whether answers may be sent to the address: it is compared as it is, letter by letter (RFC 9700, section 4.1.3), but
/// for the port of an app on the browser's own machine, which takes whatever port is free (RFC 8252, section 7.3).
pub(crate) async fn allows_redirect(db: &Db, client_id: &str, uri: &str) -> Result<bool, Error> {
    let portless = without_loopback_port(uri);
    let known = sqlx::query_scalar!(
        "SELECT count(*) FROM redirect_uris WHERE client_id = ? AND uri IN (?, ?)",
        client_id,
        uri,
        portless
    )
    .fetch_one(db.read())
    .await?;
    Ok(known > 0)
}

fn without_loopback_port(uri: &str) -> Option<String> {
    let mut url = Url::parse(uri).ok().filter(|url| url.scheme() == "http")?;
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]")).then_some(())?;
    let port = format!(":{}", url.port()?);
    url.set_port(None).ok()?;
    // Only the port may differ, not how the rest is written.
    (uri.replacen(&port, "", 1) == url.as_str()).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::without_loopback_port;

    #[test]
    fn only_the_port_of_this_machine_is_free() {
        assert_eq!(
            without_loopback_port("http://127.0.0.1:49152/callback").as_deref(),
            Some("http://127.0.0.1/callback")
        );
        for other in [
            "http://127.0.0.1/callback",
            "https://shop.example:8443/callback",
            "http://127.0.0.1.evil.example:1/callback",
            "http://evil@127.0.0.1:1:2/callback",
            "http://127.0.0.1:1/../callback",
            "shop:127.0.0.1:1",
        ] {
            assert_eq!(without_loopback_port(other), None, "{other}");
        }
    }
}
