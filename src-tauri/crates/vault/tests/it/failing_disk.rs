//! What was said to be saved survives whatever the disk does: the power fails, single operations fail, it is full.
//!
//! A till works on a disk that is a program of ours (`disk.rs`), which fails at a change that the seed chooses. After a
//! power cut only what was synced is certain to be there.
//! `VAULT_FAULTS=5000` plays more seeds; `VAULT_FAULT_SEED=17` plays one alone.

use std::{env, fs, path::Path};

use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use crate::{
    disk::{Disk, Fault},
    mount::Mounted,
    support::{Settled, file_keyring},
    work::{self, Promises, Worker},
};

/// How many disks, where nothing else is asked for: a till without power is soon at its end, the others go on.
const POWER_CUTS: u64 = 600;
const OTHERS: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_nothing_that_was_said_to_be_saved() {
    let name = "failing_disk::a_power_cut_loses_nothing_that_was_said_to_be_saved";
    fails(name, POWER_CUTS, |chance| Fault::PowerCut { at: some_change(chance) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failing_disk_did_not_take_is_not_said_to_be_saved() {
    let name = "failing_disk::what_a_failing_disk_did_not_take_is_not_said_to_be_saved";
    fails(name, OTHERS, |chance| {
        let from = some_change(chance);
        Fault::Errors { from, until: from + chance.random_range(1..4) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_did_not_take_is_not_said_to_be_saved() {
    let name = "failing_disk::what_a_full_disk_did_not_take_is_not_said_to_be_saved";
    fails(name, OTHERS, |chance| Fault::Full {
        from: some_change(chance),
        failures: chance.random_range(1..40),
    })
    .await;
}

/// Opening is some forty changes, the work some five hundred.
fn some_change(chance: &mut ChaCha8Rng) -> u64 {
    let last = if chance.random_bool(0.2) { 60 } else { 500 };
    chance.random_range(1..last)
}

async fn fails(test: &str, seeds: u64, some_fault: fn(&mut ChaCha8Rng) -> Fault) {
    if work::is_at_work().await {
        return;
    }
    let _settled = Settled;
    let template = tempfile::tempdir().unwrap();
    let keyring = file_keyring(template.path());
    work::begin(&template.path().join("vault"), &keyring).await;
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds = match number("VAULT_FAULT_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("VAULT_FAULTS").unwrap_or(seeds),
    };
    let (mut reached, mut tried, mut acts, mut told) = (0, 0, 0, 0);
    for seed in seeds {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let fault = some_fault(&mut chance);
        let place = tempfile::tempdir().unwrap();
        let mut promises = Promises::default();
        let Some(disk) = works_on(test, place.path(), template.path(), fault, seed, &mut promises) else {
            return println!("NOT TESTED: faults of the disk; this machine lets nobody mount one (FUSE)");
        };
        let left = place.path().join("left");
        fs::create_dir(&left).unwrap();
        match fault {
            Fault::PowerCut { .. } => disk.after_power_cut(&mut chance, &left),
            Fault::Errors { .. } | Fault::Full { .. } => disk.as_seen(&left),
        }
        promises.hold(&left, &keyring, &format!("{fault:?}, VAULT_FAULT_SEED={seed}")).await;
        tried += 1;
        reached += u32::from(disk.failures() > 0);
        acts += promises.begun;
        told += promises.failed;
    }
    println!(
        "{tried} disks, {reached} of them failed, {acts} acts, {told} of which the till was told had failed"
    );
    assert!(tried < 10 || tried / 2 < reached, "only {reached} of {tried} faults were reached");
}

/// Lets a till work on such a disk until it ends by itself or the power is gone. None where nobody may mount.
fn works_on(
    test: &str,
    place: &Path,
    template: &Path,
    fault: Fault,
    seed: u64,
    promises: &mut Promises,
) -> Option<Disk> {
    let folder = place.join("vault");
    fs::create_dir(&folder).unwrap();
    let mounted = Mounted::at(&folder, Disk::copy_of(&template.join("vault"), Some(fault))).ok()?;
    let mut worker = Worker::start(test, &folder, template, seed);
    // A till without power does nothing more; any other goes on as well as it can.
    let has_power = |promises: &Promises| !matches!(fault, Fault::PowerCut { .. }) || promises.failed == 0;
    worker.listen(promises, has_power);
    worker.kill(promises);
    Some(mounted.take())
}
