//! Many tills and one centre under simulated time: the counter's machine decides, on the vault and against the central
//! service as they are. A seed decides what people do and what goes wrong: edits, notes and visits are made, somebody new is
//! entered, what was agreed to is taken back and given again; links are cut, requests and answers lost, held back for a day
//! and doubled, tills killed between any two steps, the centre restarted, stretches of its feed lost, clocks moved by years,
//! customers erased. Afterwards, with nobody doing anything more, all that was saved has come to the centre once, or stands
//! before a person; every till remembers whom the store may remember; and nobody who is erased is anywhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod acts;
mod centre;
mod errands;
mod following;
mod judge;
mod till;
mod trails;
mod world;

use std::{env, time::Duration};

use profile::Profile;

use self::{
    centre::Centre,
    world::{Fault, World},
};

/// Where no number is given.
const SEEDS: u64 = 400;
/// No seed has more acts and mishaps.
const MOST_FATES: u32 = 200;
/// So many at once: more would only wait for each other.
const AT_ONCE: u64 = 2;

/// A fault shows within so many seeds.
const MOST_TRIES: u64 = 60;

struct Stage {
    centre: centre::Template,
    customers: Vec<Profile>,
    till: till::Template,
    http: reqwest::Client,
}

impl Stage {
    async fn set() -> Self {
        // A second one in the same process changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let template = centre::Template::make().await;
        let centre = Centre::start(&template, &http).await;
        let mut customers = Vec::new();
        for subject in &template.customers {
            customers.extend(centre.profile(subject).await);
        }
        centre.stop().await;
        let till = till::Template::make(customers.clone()).await;
        Self { centre: template, customers, till, http }
    }

    /// Plays so many acts and mishaps of a seed; what must not have happened, and how many edits there were.
    async fn play(&self, seed: u64, fates: u32, fault: Option<Fault>) -> (Vec<String>, usize) {
        let _named = Named(seed);
        let centre = Centre::start(&self.centre, &self.http).await;
        let mut world = World::new(seed, fates, fault, centre, &self.customers, &self.till).await;
        world.play().await;
        judge::judge(&mut world).await;
        world.stop().await;
        judge::files(&mut world).await;
        (world.violations, world.made.len())
    }
}

impl Stage {
    /// How few of its acts and mishaps are enough for a seed to fail.
    async fn shortest(&self, seed: u64, all: u32, violations: Vec<String>) -> String {
        for fates in 0..all.min(MOST_FATES) {
            let (violations, _) = self.play(seed, fates, None).await;
            if !violations.is_empty() {
                return format!("SIMULATION_SEED={seed} SIMULATION_FATES={fates}: {violations:#?}");
            }
        }
        format!("SIMULATION_SEED={seed}: {violations:#?}")
    }
}

/// Says which seed it was where a part of it panics.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("SIMULATION_SEED={}\n", self.0).as_bytes(),
            )
            .unwrap_or_default();
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_happens_between_tills_and_centre_every_edit_arrives_once_or_is_before_a_person() {
    let only = number("SIMULATION_SEED");
    let seeds = only.map_or(0..number("SIMULATION_SEEDS").unwrap_or(SEEDS), |seed| seed..seed + 1);
    let threads: Vec<_> = (0..AT_ONCE)
        .map(|thread| {
            let mine: Vec<u64> = seeds.clone().filter(|seed| seed % AT_ONCE == thread).collect();
            std::thread::spawn(move || played(&mine))
        })
        .collect();
    let (mut failed, mut edits) = (Vec::new(), 0);
    for thread in threads {
        let (violations, made) = thread.join().unwrap();
        failed.extend(violations);
        edits += made;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // What never edits anything proves nothing.
    assert!(only.is_some() || edits > 0, "no edit in {seeds:?}");
}

fn played(seeds: &[u64]) -> (Vec<String>, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = Stage::set().await;
        let (mut failed, mut edits) = (Vec::new(), 0);
        for seed in seeds {
            let all = number("SIMULATION_FATES").and_then(|most| most.try_into().ok()).unwrap_or(u32::MAX);
            let (violations, made) = stage.play(*seed, all, None).await;
            edits += made;
            if !violations.is_empty() {
                failed.push(stage.shortest(*seed, all, violations).await);
            }
        }
        (failed, edits)
    })
}

#[tokio::test]
async fn a_till_that_does_what_none_does_is_found_out() {
    let stage = Stage::set().await;
    for (fault, signs) in [
        (Fault::OtherKey, &["was carried out"][..]),
        (Fault::LosesEdits, &["is lost"]),
        (Fault::KeepsWithdrawals, &["took it back and is remembered"]),
        (
            Fault::DeafToErasures,
            &["has not erased", "a token of", "is found at till", "is in customer of till"],
        ),
        (Fault::DeafToLeaving, &["the store may not remember them"]),
    ] {
        let mut missed = signs.to_vec();
        for seed in 0..MOST_TRIES {
            let (violations, _) = stage.play(seed, u32::MAX, Some(fault)).await;
            missed.retain(|sign| !violations.iter().any(|what| what.contains(sign)));
            if missed.is_empty() {
                break;
            }
        }
        assert!(missed.is_empty(), "{fault:?} does not show as {missed:?}");
    }
}
