//! The demo store: a made-up retailer with customers generated from a seed.

use crate::{Clock, Demo, Error, db::Db};

/// What the demo customer signs in with, for the hint on the sign-in page.
pub(crate) const EMAIL: &str = "amelie.durand@example.com";
/// The password of every demo customer.
pub(crate) const PASSWORD: &str = "lantern-harbour-42";

/// Fills an empty database; does nothing to one that has accounts.
pub(crate) async fn seed(_db: &Db, _clock: &dyn Clock, _demo: &Demo) -> Result<(), Error> {
    Ok(())
}
