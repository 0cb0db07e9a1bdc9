//! Stores and the clients that ask for sign-ins: tills, and browsers of web shops.

use sqlx::SqliteConnection;

use crate::Error;

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
        sqlx::query!("INSERT INTO redirect_uris (client_id, uri) VALUES (?, ?)", id, uri).execute(&mut *db).await?;
    }
    Ok(())
}
