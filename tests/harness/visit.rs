//! The steps of a customer's visit, as associate and customer take them.

use anyhow::Result;

use crate::{Customer, Phone};

/// Signs in on the phone and says yes.
pub async fn say_yes(_phone: &Phone, _address: &str, _customer: &Customer, _remember: bool) -> Result<()> {
    Ok(())
}
