//! The counter as it is, on a simulated network under virtual time. A seed decides what goes wrong and when; what must
//! never happen is looked at with every request, whatever goes wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod network;
mod provider;

use std::{
    collections::HashSet,
    env,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use counter::{
    Counter, Credentials, Input, Parts, Settings, State,
    state::{Staff, Visit},
};
use directory::SourceConfig;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::SecretString;
use signin::ProviderConfig;
use tokio::time::{sleep, timeout};
use vault::{Keyring, KeyringError, keyring::SecretStore};

use self::{
    network::Network,
    provider::{CLIENT, HOST, ISSUER, Provider, wall},
};

const TILL: &str = "till";
const TICK: Duration = Duration::from_millis(100);
const OFFER: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_secs(30);
/// No sign-in takes longer: codes are offered, the last of them lives on, and at each end something may be waited for.
const LONGEST_SIGN_IN: Duration = Duration::from_secs(60 + 60 + 30 + 30 + 5);
/// When nothing goes wrong any more.
const HEALED: Duration = Duration::from_mins(2);
/// Where no number is given.
const SEEDS: u64 = 500;

/// A machine without a keyring.
struct NoKeyring;

impl SecretStore for NoKeyring {
    fn get(&self, _: &str, _: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        Err(KeyringError::Missing)
    }
    fn set(&self, _: &str, _: &SecretString, _: &AtomicBool) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }
    fn delete(&self, _: &str, _: &AtomicBool) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Faults {
    /// Links that break, stall, lose and delay.
    Network,
    /// The same, and a provider that is restarted.
    Restarts,
}

/// What the test and the till tell each other.
#[derive(Default)]
struct Stage {
    ready: AtomicBool,
    begun: AtomicBool,
    healed: AtomicBool,
    sessions: Mutex<Vec<String>>,
    served: AtomicBool,
}

/// What came of a seed.
struct Outcome {
    violations: Vec<String>,
    sessions: usize,
    polls: u64,
}

fn pin() -> SecretString {
    "4711".to_owned().into()
}

fn start(network: &Arc<Network>, seed: u64, skew: i64) -> Counter {
    let keyring = Keyring::over(Arc::new(NoKeyring), "simulation");
    let issuer: url::Url = ISSUER.parse().unwrap();
    let jitter = Mutex::new(ChaCha8Rng::seed_from_u64(seed ^ 0x71));
    let counter = Counter::start(Parts {
        associates: None,
        transport: Arc::clone(network) as Arc<dyn signin::Transport>,
        // Only a profile source would use it, and there is none.
        http: signin::http_client(&signin::Network::new(&issuer)).unwrap(),
        credentials: Credentials::none(keyring.clone()),
        profile: SourceConfig::default(),
        provider: ProviderConfig::new(issuer, CLIENT),
        vault_folder: PathBuf::from("never-made"),
        keyring,
        clock: Arc::new(move || wall() + TimeDelta::seconds(skew)),
        jitter: Arc::new(move || jitter.lock().unwrap().random()),
        settings: Settings {
            offer: OFFER,
            patience: PATIENCE,
            goodbye: Duration::from_secs(1),
            failure: Duration::from_secs(5),
            ..Settings::default()
        },
    });
    let _ = network.state.set(counter.state());
    counter
}

async fn until(counter: &Counter, limit: Duration, is: impl Fn(&State) -> bool) -> Option<Arc<State>> {
    let mut states = counter.state();
    let found = timeout(limit, states.wait_for(|state| is(state))).await.ok()?;
    found.ok().map(|state| Arc::clone(&state))
}

fn has_ended(state: &State) -> bool {
    !matches!(state.visit, Visit::Starting { .. } | Visit::AwaitingScan(_) | Visit::Verifying { .. })
}

/// The till and its associate.
async fn till(network: Arc<Network>, stage: Arc<Stage>, seed: u64, skew: i64) -> turmoil::Result {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xa550c);
    let counter = start(&network, seed, skew);
    let long = Duration::from_hours(1);
    until(&counter, long, |state| matches!(state.staff, Staff::NoneYet { .. })).await.unwrap();
    counter.send(Input::AddAssociate { name: "Robin".to_owned(), pin: pin() });
    until(&counter, long, |state| matches!(state.staff, Staff::Unlocked(_))).await.unwrap();
    stage.ready.store(true, Ordering::SeqCst);
    while !stage.begun.load(Ordering::SeqCst) {
        sleep(TICK).await;
    }
    while !stage.healed.load(Ordering::SeqCst) {
        customer(&counter, &stage, &mut rng).await?;
        sleep(Duration::from_millis(rng.random_range(100..8_000))).await;
    }
    // Whatever was on its way may still end by its time-out.
    sleep(Duration::from_secs(20)).await;
    counter.send(Input::SignIn);
    let end = until(&counter, LONGEST_SIGN_IN, |state| {
        matches!(state.visit, Visit::AwaitingMatch(_) | Visit::Failed(_))
    });
    let end = end.await.ok_or("the customer after all was waited for in vain")?;
    stage.served.store(matches!(end.visit, Visit::AwaitingMatch(_)), Ordering::SeqCst);
    stage.note(&end);
    counter.stop().await;
    Ok(())
}

/// One customer, and an associate who may not wait for them.
async fn customer(counter: &Counter, stage: &Stage, rng: &mut ChaCha8Rng) -> turmoil::Result {
    counter.send(Input::SignIn);
    if rng.random_bool(0.2) {
        counter.send(Input::SignIn);
    }
    let act = match rng.random_range(0..20) {
        0..4 => Some(Input::Cancel),
        4..8 => Some(Input::NewCode),
        8 => Some(Input::Lock),
        _ => None,
    };
    let after = Duration::from_millis(rng.random_range(0..30_000));
    // The first change of state is the beginning of this sign-in.
    sleep(TICK).await;
    let mut end = None;
    if let Some(act) = act {
        end = until(counter, after, has_ended).await;
        if end.is_none() {
            counter.send(act);
            sleep(TICK).await;
        }
    }
    if end.is_none() {
        end = until(counter, LONGEST_SIGN_IN, has_ended).await;
    }
    let end = end.ok_or_else(|| format!("a sign-in never ended: {:?}", counter.state().borrow().visit))?;
    stage.note(&end);
    counter.send(Input::Cancel);
    counter.send(Input::Dismiss);
    let locked = counter.state().borrow().clone();
    if let Staff::Locked { associates, .. } = &locked.staff {
        counter.send(Input::Unlock { associate: associates[0].id, pin: pin() });
        let unlocked = until(counter, PATIENCE, |state| matches!(state.staff, Staff::Unlocked(_)));
        unlocked.await.ok_or("the till stays locked")?;
    }
    Ok(())
}

impl Stage {
    /// A match is a session of the customer whose code was granted.
    fn note(&self, state: &State) {
        if let Visit::AwaitingMatch(found) = &state.visit {
            self.sessions.lock().unwrap().push(found.customer.subject.clone());
        }
    }
}

fn fault(sim: &mut turmoil::Sim<'_>, rng: &mut ChaCha8Rng, faults: Faults, provider: &Provider) {
    match rng.random_range(0..if faults == Faults::Restarts { 13 } else { 10 }) {
        0 => sim.partition(TILL, HOST),
        1 => sim.partition_oneway(TILL, HOST),
        2 => sim.partition_oneway(HOST, TILL),
        3 => sim.hold(TILL, HOST),
        4 => sim.release(TILL, HOST),
        5 => sim.set_link_fail_rate(TILL, HOST, rng.random_range(0.0..0.2)),
        6 => {
            let longest = Duration::from_millis(rng.random_range(200..5_000));
            sim.set_link_max_message_latency(TILL, HOST, longest);
        }
        10 => sim.crash(HOST),
        11 | 12 => {
            provider.world().forgets = rng.random_bool(0.5);
            sim.bounce(HOST);
        }
        _ => {
            sim.repair(TILL, HOST);
            if !sim.is_host_running(HOST) {
                sim.bounce(HOST);
            }
        }
    }
}

fn heal(sim: &mut turmoil::Sim<'_>, provider: &Provider, stage: &Stage) {
    provider.world().faulty = false;
    sim.set_link_fail_rate(TILL, HOST, 0.0);
    sim.set_link_max_message_latency(TILL, HOST, Duration::from_millis(100));
    sim.release(TILL, HOST);
    sim.repair(TILL, HOST);
    if !sim.is_host_running(HOST) {
        sim.bounce(HOST);
    }
    stage.healed.store(true, Ordering::SeqCst);
}

/// Plays one seed to its end.
fn play(seed: u64, faults: Faults, impatient: bool) -> Outcome {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(TICK)
        .simulation_duration(Duration::from_hours(10))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(200))
        .repair_rate(0.3)
        .tcp_capacity(4096)
        .build();
    let provider = Provider::new(seed);
    let stage = Arc::new(Stage::default());
    let skew = rng.random_range(-120..=120);
    let serving = provider.clone();
    sim.host(HOST, move || serving.clone().serve());
    let network = Arc::new(Network::new(provider.clone(), impatient));
    sim.client(TILL, till(network, Arc::clone(&stage), seed, skew));
    while !stage.ready.load(Ordering::SeqCst) {
        // The keyring is looked at by a thread of its own, on real time.
        sim.step().unwrap();
        std::thread::yield_now();
    }
    stage.begun.store(true, Ordering::SeqCst);
    let begun = sim.elapsed();
    let (mut next, mut ended) = (begun + Duration::from_secs(2), false);
    while !ended {
        let elapsed = sim.elapsed();
        if !stage.healed.load(Ordering::SeqCst) {
            if elapsed >= begun + HEALED {
                heal(&mut sim, &provider, &stage);
            } else if elapsed >= next {
                fault(&mut sim, &mut rng, faults, &provider);
                next = elapsed + Duration::from_millis(rng.random_range(500..10_000));
            }
        }
        match sim.step() {
            Ok(over) => ended = over,
            Err(error) => {
                provider.world().violations.push(error.to_string());
                ended = true;
            }
        }
    }
    drop(sim);
    judge(&provider, &stage, skew)
}

fn judge(provider: &Provider, stage: &Stage, skew: i64) -> Outcome {
    let mut world = provider.world();
    let sessions = stage.sessions.lock().unwrap().clone();
    let mut violations = std::mem::take(&mut world.violations);
    let mut seen = HashSet::new();
    for code in &sessions {
        if !seen.insert(code) {
            violations.push(format!("two sessions of {code}"));
        }
        if world.denied.contains(code) || !world.granted.contains(code) {
            violations.push(format!("a session of {code}, whose customer has not said yes"));
        }
    }
    // With clocks that differ by more than a till accepts, a token is refused, and that is right.
    if skew.unsigned_abs() < signin::LEEWAY.as_secs() && !stage.served.load(Ordering::SeqCst) {
        violations.push("the network is whole, and yet the next customer is not served".to_owned());
    }
    Outcome { violations, sessions: sessions.len(), polls: world.polls }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

fn hold_for_every_seed(faults: Faults) {
    let only = number("COUNTERSIGN_SIMULATION_SEED");
    let seeds =
        only.map_or(0..number("COUNTERSIGN_SIMULATION_SEEDS").unwrap_or(SEEDS), |seed| seed..seed + 1);
    let (mut sessions, mut polls, mut failed) = (0, 0, Vec::new());
    for seed in seeds.clone() {
        let outcome = play(seed, faults, false);
        if !outcome.violations.is_empty() {
            failed.push(format!("COUNTERSIGN_SIMULATION_SEED={seed}: {:?}", outcome.violations));
        }
        sessions += outcome.sessions;
        polls += outcome.polls;
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // What never signs anybody in proves nothing.
    assert!(only.is_some() || sessions > 0, "no session in {seeds:?} with {polls} polls");
}

#[test]
fn whatever_the_network_does_a_code_is_asked_about_in_time_and_signs_in_once_at_most() {
    hold_for_every_seed(Faults::Network);
}

#[test]
fn whatever_the_network_does_and_however_the_provider_is_restarted_the_next_customer_is_served() {
    hold_for_every_seed(Faults::Restarts);
}

#[test]
fn a_till_that_asks_too_often_is_found_out() {
    let outcome = play(1, Faults::Network, true);
    assert!(
        outcome.violations.iter().any(|what| what.contains("after the last answer")),
        "{:?}",
        outcome.violations
    );
}
