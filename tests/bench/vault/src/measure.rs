//! The measuring: a store's snapshot is taken over, then an associate types, and opens profiles.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use people::People;
use report::{Samples, quantile};
use sqlx::Connection;
use vault::{Arriving, Keyring, Vault};

use crate::bare;

/// Customers that come together: so many pages of the centre's in one transaction.
const TOGETHER: u64 = 10_000;
/// Customers who are looked for, in so many groups; the figures of a group are one sample.
const GROUPS: u64 = 10;
const LOOKED_FOR: u64 = 60;
const OPENED: u64 = 100;

/// All that is measured.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) sync: Samples,
    pub(crate) memory: Samples,
    pub(crate) size: Samples,
    pub(crate) search_median: Samples,
    pub(crate) search_slow: Samples,
    pub(crate) mistaken_slow: Samples,
    pub(crate) open_slow: Samples,
}

pub(crate) async fn all(folder: &Path, customers: u64) -> Result<Measured> {
    let people = People::of(4711)?;
    let (memory, other) = (folder.join("vault"), folder.join("bare"));
    let (keyring, other_keyring) = (Keyring::in_memory(), Keyring::in_memory());
    Vault::open(&other, &other_keyring).await?.close().await;
    let vault = Vault::open(&memory, &keyring).await?;

    let mut measured = Measured::default();
    sync(&vault, (&memory, &keyring), (&other, &other_keyring), &people, customers, &mut measured).await?;
    let file = fs::metadata(memory.join("vault.db"))?.len();
    measured.size.values.push(number(file) / number(customers));
    fs::remove_dir_all(&other)?;

    let mut bare = bare::connect(&memory, &keyring, true).await?;
    for group in 0..GROUPS {
        search(&vault, &mut bare, &people, customers, group, &mut measured).await?;
        open(&vault, &mut bare, &people, customers, group, &mut measured).await?;
    }
    bare.close().await?;
    vault.close().await;
    Ok(measured)
}

async fn sync(
    vault: &Vault,
    (memory, keyring): (&Path, &Keyring),
    (other, other_keyring): (&Path, &Keyring),
    people: &People,
    customers: u64,
    measured: &mut Measured,
) -> Result<()> {
    let mut reading = bare::connect(memory, keyring, true).await?;
    bare::attach(&mut reading, other, other_keyring).await?;
    let mut bare = bare::connect(other, other_keyring, false).await?;
    let now = Utc::now();
    let until = now + TimeDelta::days(365);
    for from in (0..customers).step_by(usize::try_from(TOGETHER)?) {
        let to = (from + TOGETHER).min(customers);
        let arriving: Vec<Arriving> = (from..to)
            .map(|n| people.nth(n))
            .map(|profile| Arriving { customer: people::key(&profile), profile, remember: until.into() })
            .collect();
        if from == 0 {
            let documents =
                serde_json::to_string(&arriving.iter().map(|one| &one.profile).collect::<Vec<_>>())?.len();
            measured.size.baselines.push(number(u64::try_from(documents)?) / number(to));
        }
        let (started, rows) = (Instant::now(), number(to - from));
        vault.remember_many(arriving, now).await?;
        measured.sync.values.push(micros(started) / rows);

        let rows_there = bare::newest(&mut reading, i64::try_from(from)?).await?;
        let started = Instant::now();
        bare::insert(&mut bare, &rows_there).await?;
        measured.sync.baselines.push(micros(started) / rows);
        if from == customers / 10 / TOGETHER * TOGETHER {
            measured.memory.baselines.push(peak()?);
        }
    }
    measured.memory.values.push(peak()?);
    bare.close().await?;
    reading.close().await?;
    Ok(())
}

async fn search(
    vault: &Vault,
    bare: &mut sqlx::SqliteConnection,
    people: &People,
    customers: u64,
    group: u64,
    measured: &mut Measured,
) -> Result<()> {
    let now = Utc::now();
    let (mut right, mut right_bare, mut mistaken, mut mistaken_bare) = (vec![], vec![], vec![], vec![]);
    for nth in 0..LOOKED_FOR {
        let typed = people.typed_for(someone(group, nth, customers));
        let (values, baselines) =
            if typed.mistaken { (&mut mistaken, &mut mistaken_bare) } else { (&mut right, &mut right_bare) };
        for stroke in &typed.strokes {
            let started = Instant::now();
            vault.search(stroke, 20, now).await?;
            values.push(micros(started));
            let started = Instant::now();
            bare::search(bare, stroke).await?;
            baselines.push(micros(started));
        }
    }
    measured.search_median.values.push(quantile(&right, 0.5)?);
    measured.search_median.baselines.push(quantile(&right_bare, 0.5)?);
    measured.search_slow.values.push(quantile(&right, 0.99)?);
    measured.search_slow.baselines.push(quantile(&right_bare, 0.99)?);
    measured.mistaken_slow.values.push(quantile(&mistaken, 0.99)?);
    measured.mistaken_slow.baselines.push(quantile(&mistaken_bare, 0.99)?);
    Ok(())
}

async fn open(
    vault: &Vault,
    bare: &mut sqlx::SqliteConnection,
    people: &People,
    customers: u64,
    group: u64,
    measured: &mut Measured,
) -> Result<()> {
    let (mut values, mut baselines) = (vec![], vec![]);
    for nth in 0..OPENED {
        let profile = people.nth(someone(group, LOOKED_FOR + nth, customers));
        let id = vault.find(&people::key(&profile)).await?.context("a customer is not there")?;
        let started = Instant::now();
        vault.open_customer(id).await?.context("a customer is not there")?;
        values.push(micros(started));
        let started = Instant::now();
        bare::open(bare, id).await?;
        baselines.push(micros(started));
    }
    measured.open_slow.values.push(quantile(&values, 0.99)?);
    measured.open_slow.baselines.push(quantile(&baselines, 0.99)?);
    Ok(())
}

/// Somebody else each time, all over the memory.
fn someone(group: u64, nth: u64, customers: u64) -> u64 {
    ((group * 1000 + nth) * 7_919_317) % customers
}

/// The most memory that this process has had, in megabytes.
fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no peak of memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1000.0)
}

fn micros(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "a figure of a table")]
fn number(whole: u64) -> f64 {
    whole as f64
}
