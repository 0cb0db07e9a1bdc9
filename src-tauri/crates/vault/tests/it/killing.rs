//! `kill -9` at any moment loses nothing that was acknowledged.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use uuid::Uuid;

use crate::support::{Till, amelie, at, edit, file_keyring, remember};

const FOLDER: &str = "VAULT_TEST_FOLDER";
const ROUNDS: usize = 30;
const SEED: u64 = 20_261_124;

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_program_loses_no_acknowledged_edit() {
    if let Ok(folder) = env::var(FOLDER) {
        return edit_until_killed(Path::new(&folder)).await;
    }
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.close().await;

    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut acknowledged: Vec<Uuid> = Vec::new();
    for round in 0..ROUNDS {
        acknowledged.extend(killed_after(till.folder.path(), random.next_u32() % 120));
        let vault = till.open().await;
        let copy = vault.open_customer(id).await.unwrap().unwrap();
        let saved: Vec<Uuid> = copy.waiting.iter().map(|edit| edit.id).collect();
        let lost: Vec<_> = acknowledged.iter().filter(|id| !saved.contains(id)).collect();
        assert!(
            lost.is_empty(),
            "round {round} of seed {SEED}: {} of {} lost",
            lost.len(),
            acknowledged.len()
        );
        assert!(saved.len() <= acknowledged.len() + round + 1, "at most the edit in flight is more");
        vault.close().await;
    }
    assert!(ROUNDS < acknowledged.len(), "only {} edits in {ROUNDS} rounds", acknowledged.len());
}

/// Runs this test in another process, kills it some time after its first edit, and gives back what it acknowledged.
fn killed_after(folder: &Path, milliseconds: u32) -> Vec<Uuid> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["killing::killing_the_program_loses_no_acknowledged_edit", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let mut end = None;
    for line in lines.by_ref() {
        let line = line.unwrap();
        if let Some(id) = line.strip_prefix("saved ") {
            acknowledged.push(id.parse().unwrap());
            let end = *end.get_or_insert_with(|| Instant::now() + Duration::from_millis(milliseconds.into()));
            if end <= Instant::now() {
                break;
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had printed before it was killed counts; a line cut off in the middle does not.
    acknowledged.extend(
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("saved ")?.parse::<Uuid>().ok()),
    );
    acknowledged
}

async fn edit_until_killed(folder: &Path) {
    let vault = vault::Vault::open(&folder.join("data"), &file_keyring(folder)).await.unwrap();
    let id = vault.recent(1, at(0)).await.unwrap()[0].id;
    // A line of its own: the test harness has begun one.
    println!();
    for n in 0_u32.. {
        let edit_id = Uuid::new_v4();
        vault.edit_preference(id, &edit("shoes", &n.to_string()), edit_id, at(n.into())).await.unwrap();
        println!("saved {edit_id}");
        std::io::stdout().flush().unwrap();
    }
}
