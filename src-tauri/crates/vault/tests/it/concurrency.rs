//! Readers beside the writer, with a checkpoint every few rows.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use vault::Unsent;

use crate::support::{Till, at, in_days, key, person, remember};

const PEOPLE: u32 = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_miss_no_row_while_rows_are_written_and_the_log_is_emptied() {
    let till = Till::new();
    let vault = till.open().await;
    let written = Arc::new(AtomicU32::new(0));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (vault, written) = (vault.clone(), Arc::clone(&written));
            tokio::spawn(async move {
                let mut looks = 0_u32;
                loop {
                    let at_least = written.load(Ordering::Acquire);
                    let count = vault.count().await.unwrap();
                    assert!(at_least <= count, "{at_least} were acknowledged, {count} are seen");
                    let found = vault.search("person", 200, at(0)).await.unwrap().rows.len();
                    assert!(count <= u32::try_from(found).unwrap() + 1, "index and rows are of one moment");
                    looks += 1;
                    if at_least == PEOPLE {
                        return looks;
                    }
                }
            })
        })
        .collect();
    for n in 0..PEOPLE {
        remember(&vault, &person(&n.to_string(), &format!("Person {n}"))).await;
        written.store(n + 1, Ordering::Release);
        if n % 5 == 0 {
            // Somebody comes and is forgotten: that empties the log.
            let guest = person("guest", "Guest");
            let id = vault.remember(&key("guest"), &guest, &[], None, in_days(1), at(0)).await.unwrap();
            vault.forget(id, Unsent::Refuse, at(1)).await.unwrap();
        }
    }
    for reader in readers {
        assert!(0 < reader.await.unwrap());
    }
    vault.close().await;
    let vault = till.open().await;
    for n in 0..PEOPLE {
        assert!(vault.find(&key(&n.to_string())).await.unwrap().is_some(), "person {n}");
    }
}
