//! Fills the memory of a till, which nobody has open, with made-up customers: `fill FOLDER CUSTOMERS`, and the key on the
//! standard input.

use std::{env, io, path::PathBuf};

use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use people::People;
use vault::{Arriving, Keyring, Vault};

/// Customers that come together.
const TOGETHER: u64 = 10_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("usage: fill FOLDER CUSTOMERS")?);
    let customers: u64 = arguments.next().context("usage: fill FOLDER CUSTOMERS")?.parse()?;
    let keyring = Keyring::in_memory();
    keyring.set("database-key", &io::read_to_string(io::stdin())?.trim().into()).await?;
    let vault = Vault::open(&folder, &keyring).await?;
    let (people, now) = (People::of(4711)?, Utc::now());
    for from in (0..customers).step_by(usize::try_from(TOGETHER)?) {
        let together = (from..(from + TOGETHER).min(customers)).map(|n| people.nth(n));
        let arriving = together.map(|profile| Arriving {
            customer: people::key(&profile),
            remember: (now + TimeDelta::days(365)).into(),
            profile,
        });
        vault.remember_many(arriving.collect(), now).await?;
    }
    vault.close().await;
    Ok(())
}
