//! The demo store: a made-up retailer with any number of customers, the same for the same seed.
//!
//! Names, articles, stores and texts are files in `assets/demo/`; addresses are of domains and phone numbers of ranges
//! that can belong to nobody. Nothing of the demo is ever added to a database that has accounts.

mod amelie;
mod customers;
mod data;
mod history;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use customers::customers;

use crate::{
    Clock, Demo, Error,
    accounts::{self, Role},
    clients::{self, Store, Till},
    db::Db,
};

/// What the demo customer signs in with, for the hint on the sign-in page.
pub(crate) const EMAIL: &str = "amelie.durand@example.com";
/// The password of every demo customer.
pub(crate) const PASSWORD: &str = "lantern-harbour-42";

const CUSTOMER_SCOPES: &str = "openid profile email phone offline_access customer";
const TILL_SCOPES: &str = "openid profile email phone offline_access customer customers:read";

/// Fills an empty database; does nothing to one that has accounts.
pub(crate) async fn seed(db: &Db, clock: &dyn Clock, demo: &Demo) -> Result<(), Error> {
    let now = clock.now();
    let mut writing = db.write().await?;
    let accounts = sqlx::query_scalar!("SELECT count(*) FROM accounts").fetch_one(&mut *writing).await?;
    if accounts > 0 {
        return Ok(());
    }
    // Hashed once: two hundred times would take a minute.
    let hash = accounts::hash_password(PASSWORD)?;
    let retailer = data::retailer()?;
    let stores: Vec<Store> = retailer
        .stores
        .into_iter()
        .map(|store| Store { id: store.id, name: store.name, brand: store.brand })
        .collect();
    for store in &stores {
        clients::add_store(&mut writing, store).await?;
        for till in retailer.tills.iter().filter(|till| till.store == store.id) {
            let till = Till { id: till.client.clone(), name: till.name.clone() };
            clients::add_till(&mut writing, store, &till, TILL_SCOPES).await?;
        }
    }
    for browser in &retailer.browsers {
        let redirects: Vec<&str> = browser.redirect_uris.iter().map(String::as_str).collect();
        clients::add_browser_client(
            &mut writing,
            &browser.client,
            &browser.name,
            &browser.brand,
            CUSTOMER_SCOPES,
            &redirects,
        )
        .await?;
    }
    for staff in &retailer.staff {
        let subject = uuid::Uuid::new_v4().to_string();
        accounts::add(&mut writing, &subject, &staff.email, Some(&hash), Role::Staff, now).await?;
        accounts::name_staff(&mut writing, &subject, &staff.name, &staff.role).await?;
    }
    for customer in customers(demo.seed, demo.customers, now)? {
        let profile = &customer.profile;
        let email = profile.email.as_deref().unwrap_or_default();
        accounts::add(
            &mut writing,
            &profile.subject,
            email,
            Some(&hash),
            Role::Customer,
            profile.member_since.unwrap_or(now),
        )
        .await?;
        crate::customers::add(&mut writing, profile, &customer.activity).await?;
    }
    writing.commit().await?;
    Ok(())
}

/// One of them. The lists of the demo data are never empty: a test holds them to it.
fn pick<'a, T>(rng: &mut ChaCha8Rng, from: &'a [T]) -> &'a T {
    &from[rng.random_range(0..from.len())]
}

fn uuid(rng: &mut ChaCha8Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// An identifier that sorts by time.
fn id_at(rng: &mut ChaCha8Rng, at: DateTime<Utc>) -> String {
    let mut bytes = [0; 10];
    rng.fill_bytes(&mut bytes);
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().to_string()
}
