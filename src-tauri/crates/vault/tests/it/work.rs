//! A till at work in a process of its own, which tells what it was promised; and what must be true of the memory that it
//! leaves behind, however it ended.
//!
//! The process writes one line before each act and one after it. What stands in no second line may have happened or not.

use std::{
    collections::{HashMap, HashSet},
    env, fs,
    io::{BufRead, BufReader, Write, stdout},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use profile::Profile;
use rand::{Rng, RngExt};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use sealing::{Sealed, SecretKey};
use uuid::Uuid;
use vault::{AuditAct, AuditCheck, AuditLine, Keyring, Sealing, Unsent, Vault, Why};

use crate::support::{BY, amelie, at, edit, in_days, key, person, remember};

/// The folder of the vault, the folder with its keys, and the seed of the work.
const VAULT: &str = "VAULT_TEST_VAULT";
const KEYS: &str = "VAULT_TEST_KEYS";
const SEED: &str = "VAULT_TEST_SEED";
/// The centre's key to open what is sealed.
const CENTRE: [u8; 32] = [7; 32];
/// The work ends by itself after so many acts.
const ACTS: u32 = 150;

/// What the till at work was promised.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    /// Edits, by the last that was heard of each.
    edits: HashMap<Uuid, Heard>,
    /// In the order in which they were saved.
    order: Vec<Uuid>,
    /// Guests who are remembered.
    guests: HashSet<String>,
    /// Guests of whom it is not known whether they are.
    unsure: HashSet<String>,
    /// Lines of the audit trail.
    lines: u64,
    /// Acts that were begun, and those that failed with a sentence.
    pub(crate) begun: u32,
    pub(crate) failed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Saving,
    Saved,
    Sending,
    Sent,
}

impl Promises {
    /// Takes a line; lines of the test harness are none of this.
    pub(crate) fn hear(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let (Some(word), Some(what)) = (words.next(), words.next()) else { return };
        let mut edit = |heard| {
            if let Ok(id) = what.parse::<Uuid>() {
                self.edits.insert(id, heard);
                if heard == Heard::Saved {
                    self.order.push(id);
                }
            }
        };
        match word {
            "saving" => edit(Heard::Saving),
            "saved" => edit(Heard::Saved),
            "sending" => edit(Heard::Sending),
            "sent" => edit(Heard::Sent),
            "remembering" | "forgetting" => drop(self.unsure.insert(what.to_owned())),
            "remembered" => {
                self.unsure.remove(what);
                self.guests.insert(what.to_owned());
            }
            "forgotten" => {
                self.unsure.remove(what);
                self.guests.remove(what);
            }
            "noted" => self.lines += 1,
            "failed" => self.failed += 1,
            _ => {}
        }
        if word.ends_with("ing") {
            self.begun += 1;
        }
    }

    /// Opens the memory that was left behind and compares. `told` says which fault it was.
    pub(crate) async fn hold(&self, folder: &Path, keyring: &Keyring, told: &str) {
        // As it is left where the key of the database is lost.
        let sealed_before = sealed(folder);
        let vault = Vault::open(folder, keyring).await.unwrap_or_else(|error| panic!("{told}: {error:?}"));
        let amelie = vault.find(&key("amelie")).await.unwrap().unwrap_or_else(|| panic!("{told}: nobody"));
        let copy = vault.open_customer(amelie).await.unwrap().unwrap();
        let waiting: Vec<Uuid> = copy.waiting.iter().map(|edit| edit.id).collect();
        for (id, heard) in &self.edits {
            match heard {
                Heard::Saved => assert!(waiting.contains(id), "{told}: an edit that was saved is lost"),
                Heard::Sent => assert!(!waiting.contains(id), "{told}: an edit would be sent twice"),
                Heard::Saving | Heard::Sending => {}
            }
        }
        for (id, heard) in &self.edits {
            let is_sealed = sealed_before.contains(id);
            assert!(*heard != Heard::Saved || is_sealed, "{told}: an edit that was saved is not sealed");
        }
        assert_eq!(sealed(folder), waiting.iter().copied().collect(), "{told}: what is sealed is what waits");
        for id in &waiting {
            assert!(self.edits.contains_key(id), "{told}: an edit that nobody made");
        }
        let in_order: Vec<Uuid> = self.order.iter().copied().filter(|id| waiting.contains(id)).collect();
        let kept: Vec<Uuid> = waiting.iter().copied().filter(|id| in_order.contains(id)).collect();
        assert_eq!(kept, in_order, "{told}: the order of the edits");
        for guest in self.guests.difference(&self.unsure) {
            assert!(vault.find(&key(guest)).await.unwrap().is_some(), "{told}: {guest} is lost");
            let found = vault.search(guest, 5, at(0)).await.unwrap();
            assert_eq!(found.rows.len(), 1, "{told}: {guest} is not found");
        }
        match vault.verify_audit(None).await.unwrap() {
            AuditCheck::Intact { lines } => {
                assert!(self.lines <= lines, "{told}: lines of the trail are lost");
            }
            broken @ AuditCheck::Broken { .. } => panic!("{told}: {broken:?}"),
        }
        vault.close().await;
    }
}

/// Makes a vault with one customer in it.
pub(crate) async fn begin(vault: &Path, keyring: &Keyring) {
    let vault = Vault::open(vault, keyring).await.unwrap();
    let id = remember(&vault, &amelie()).await;
    let key = SecretKey::from_bytes(&CENTRE).unwrap().public();
    vault.seal_with(id, &Sealing { key, grant: "a-grant".to_owned() }).await.unwrap();
    vault.close().await;
}

/// What waits in the files beside the database, opened by the centre.
fn sealed(vault: &Path) -> HashSet<Uuid> {
    let key = SecretKey::from_bytes(&CENTRE).unwrap();
    fs::read_dir(vault.join("sealed"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        // One that was half written when the power went has its name but not its content.
        .filter_map(|text| serde_json::from_str::<Sealed>(&text).ok())
        .map(|sealed| sealed.open(&key).unwrap().id)
        .collect()
}

/// A till at work. The test that is named calls [`is_at_work`] first.
pub(crate) struct Worker {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Worker {
    pub(crate) fn start(test: &str, vault: &Path, keys: &Path, seed: u64) -> Worker {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(VAULT, vault)
            .env(KEYS, keys)
            .env(SEED, seed.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Worker { child, lines }
    }

    /// Listens until the work is over, or as long as `go_on` says.
    pub(crate) fn listen(&mut self, promises: &mut Promises, mut go_on: impl FnMut(&Promises) -> bool) {
        while go_on(promises) {
            match self.lines.next() {
                Some(Ok(line)) => promises.hear(&line),
                Some(Err(_)) | None => break,
            }
        }
    }

    /// Ends it as `kill -9` does. What it had said before counts.
    pub(crate) fn kill(mut self, promises: &mut Promises) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.by_ref().map_while(Result::ok).for_each(|line| promises.hear(&line));
    }
}

/// Where this process is to work, if it is the one that works: the folder, the keys, and the seed.
pub(crate) fn place() -> Option<(PathBuf, Keyring, u64)> {
    let (vault, keys) = (env::var(VAULT).ok()?, env::var(KEYS).ok()?);
    // A line of its own: the test harness has begun one.
    println!();
    Some((
        vault.into(),
        crate::support::file_keyring(Path::new(&keys)),
        env::var(SEED).ok()?.parse().unwrap(),
    ))
}

/// Whether this process is the one that works; then it has done so.
pub(crate) async fn is_at_work() -> bool {
    let Some((vault, keyring, seed)) = place() else { return false };
    work(&vault, &keyring, seed).await;
    true
}

pub(crate) fn say(word: &str, what: impl std::fmt::Display) {
    println!("{word} {what}");
    stdout().flush().unwrap();
}

async fn work(folder: &Path, keyring: &Keyring, seed: u64) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let vault = match Vault::open(folder, keyring).await {
        Ok(vault) => vault,
        Err(error) => return say("failed", format_args!("opening:{error:?}")),
    };
    let Ok(Some(amelie)) = vault.find(&key("amelie")).await else { return say("failed", "finding") };
    for act in 0..ACTS {
        let id = Uuid::from_u128(chance.random());
        let done = match chance.random_range(0..10) {
            0..5 => {
                say("saving", id);
                let edit = edit("shoes", &chance.next_u32().to_string());
                let saved = vault.edit_preference(amelie, &edit, id, BY, at(act.into())).await;
                saved.map(|_| say("saved", id))
            }
            5 | 6 => sends_one(&vault, act).await,
            7 => {
                let guest = format!("guest{}", chance.random_range(0..5));
                say("remembering", &guest);
                let profile = Profile { revision: act.into(), ..person(&guest, &guest) };
                let kept =
                    vault.remember(&key(&guest), &profile, &[], None, in_days(9), at(act.into())).await;
                kept.map(|_| say("remembered", &guest))
            }
            8 => forgets_one(&vault, &format!("guest{}", chance.random_range(0..5)), act).await,
            _ => {
                let line = AuditLine {
                    who: None,
                    whom: key("amelie"),
                    act: AuditAct::Opened,
                    why: Why::SignedIn,
                    online: false,
                };
                vault.audit(line, at(act.into())).await.map(|()| say("noted", act))
            }
        };
        if let Err(error) = done {
            say("failed", format!("{error:?}").replace(' ', "_"));
        }
    }
    vault.close().await;
    say("finished", "all");
}

/// The centre has the oldest edit.
async fn sends_one(vault: &Vault, act: u32) -> Result<(), vault::Error> {
    let Some(customer) = vault.customers_waiting().await?.into_iter().next() else { return Ok(()) };
    let Some(next) = vault.next_to_send(customer).await? else { return Ok(()) };
    say("sending", next.id);
    // Without a phone: reading the numbers of all countries takes longer than a short life lasts.
    let fresh = Profile { revision: u64::from(act) + 10, ..person("amelie", "Amélie") };
    vault.mark_sent(next.id, &fresh, at(act.into())).await?;
    say("sent", next.id);
    Ok(())
}

async fn forgets_one(vault: &Vault, guest: &str, act: u32) -> Result<(), vault::Error> {
    let Some(id) = vault.find(&key(guest)).await? else { return Ok(()) };
    say("forgetting", guest);
    vault.forget(id, Unsent::Refuse, at(act.into())).await?;
    say("forgotten", guest);
    Ok(())
}
