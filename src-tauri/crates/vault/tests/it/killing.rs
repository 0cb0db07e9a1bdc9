//! `kill -9` at any moment loses nothing that was acknowledged, and a log that was cut short spoils nothing.
//!
//! `VAULT_KILLS=5000` kills more often.

use std::{
    env, fs,
    path::Path,
    time::{Duration, Instant},
};

use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use vault::{AuditCheck, OpenError, Vault};

use crate::{
    support::{Settled, Till, key},
    work::{self, Promises, Worker},
};

const KILLS: u64 = 600;

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_program_loses_and_doubles_no_acknowledged_edit() {
    if work::is_at_work().await {
        return;
    }
    let _settled = Settled;
    let kills = env::var("VAULT_KILLS").map_or(KILLS, |number| number.parse().unwrap());
    let (mut begun, mut seed) = (0, 0);
    while seed < kills {
        // One memory is killed many times, as one at a till is.
        let till = Till::new();
        work::begin(&till.data(), &till.keyring).await;
        let mut promises = Promises::default();
        for _ in 0..10 {
            let test = "killing::killing_the_program_loses_and_doubles_no_acknowledged_edit";
            killed(test, till.folder.path(), &till.data(), seed, &mut promises);
            promises.hold(&till.data(), &till.keyring, &format!("kill {seed}")).await;
            seed += 1;
        }
        begun += promises.begun;
    }
    println!("{seed} kills within {begun} acts");
    assert!(seed < begun.into(), "only {begun} acts in {seed} kills");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_cut_short_spoils_nothing_of_what_is_left() {
    if work::is_at_work().await {
        return;
    }
    let _settled = Settled;
    let mut cut = 0;
    for seed in 0..40 {
        let till = Till::new();
        work::begin(&till.data(), &till.keyring).await;
        let test = "killing::a_log_that_was_cut_short_spoils_nothing_of_what_is_left";
        killed(test, till.folder.path(), &till.data(), seed, &mut Promises::default());
        let log = till.data().join("vault.db-wal");
        let Some(length) = fs::metadata(&log).ok().map(|log| log.len()).filter(|length| 0 < *length) else {
            continue;
        };
        let left = ChaCha8Rng::seed_from_u64(seed).random_range(0..length);
        fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(left).unwrap();
        cut += 1;
        match Vault::open(&till.data(), &till.keyring).await {
            Ok(vault) => {
                let amelie = vault.find(&key("amelie")).await.unwrap().unwrap();
                vault.open_customer(amelie).await.unwrap().unwrap();
                let trail = vault.verify_audit(None).await.unwrap();
                assert!(matches!(trail, AuditCheck::Intact { .. }), "seed {seed}, cut at {left}: {trail:?}");
                vault.close().await;
            }
            // Part of it had been moved into the file: said, and the file kept.
            Err(OpenError::Damaged) => assert!(till.data().join("vault.db").exists()),
            Err(error) => panic!("seed {seed}, cut at {left}: {error:?}"),
        }
    }
    assert!(10 < cut, "only {cut} logs were cut");
}

/// Kills a till some time after its first act.
fn killed(test: &str, keys: &Path, vault: &Path, seed: u64, promises: &mut Promises) {
    let patience = Duration::from_millis(ChaCha8Rng::seed_from_u64(seed).random_range(0..120));
    let mut worker = Worker::start(test, vault, keys, seed);
    let before = promises.begun;
    let mut end = None;
    worker.listen(promises, |promises| {
        before == promises.begun || Instant::now() < *end.get_or_insert_with(|| Instant::now() + patience)
    });
    worker.kill(promises);
}
