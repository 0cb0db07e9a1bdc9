//! What the release build costs, beside what the same would cost without it. Each figure and its baseline are measured in
//! turn in one run, so that a busy machine slows both down.

mod measure;

use std::{env, path::PathBuf};

use anyhow::{Context, Result};
use report::{Goal, Row};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let table = PathBuf::from(arguments.next().context("usage: bench FILE [BEGINNING OF A NAME]")?);
    let only = arguments.next().unwrap_or_default();
    // Whatever ends it, all that it started ends with it.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        rows = rows(&only) => report::write(&rows?, &table),
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

/// How many customers a till is to start with.
fn customers() -> Result<u64> {
    env::var("VAULT_CUSTOMERS").map_or(Ok(1_000_000), |number| number.parse().context("VAULT_CUSTOMERS"))
}

async fn rows(only: &str) -> Result<Vec<Row>> {
    harness::init();
    let wanted = |names: &[&str]| names.iter().any(|name| name.starts_with(only));
    let mut rows = Vec::new();
    if wanted(&["start.interactive", "memory.two_windows"]) {
        let starts = measure::starts().await?;
        rows.push(Row {
            name: "start.interactive",
            unit: "ms",
            samples: starts.interactive,
            baseline_name: "a bare Tauri window",
            goal: Goal::Times(1.25),
        });
        rows.push(Row {
            name: "memory.two_windows",
            unit: "MB",
            samples: starts.memory,
            baseline_name: "a bare app with two windows",
            goal: Goal::Times(1.2),
        });
    }
    if wanted(&["start.million"]) {
        rows.push(Row {
            name: "start.million",
            unit: "ms",
            samples: measure::starts_with_many(customers()?).await?,
            baseline_name: "the same with nobody in the memory",
            goal: Goal::Times(1.1),
        });
    }
    if wanted(&["signin.qr_visible", "signin.yes_to_match", "profile.painted"]) {
        let visits = measure::visits().await?;
        rows.push(Row {
            name: "signin.qr_visible",
            unit: "ms",
            samples: visits.qr_visible,
            baseline_name: "the raw device authorization request",
            goal: Goal::Over(50.0),
        });
        rows.push(Row {
            name: "signin.yes_to_match",
            unit: "ms",
            samples: visits.yes_to_match,
            baseline_name: "the phone's yes to the raw token answer",
            goal: Goal::Over(100.0),
        });
        rows.push(Row {
            name: "profile.painted",
            unit: "ms",
            samples: visits.profile_painted,
            baseline_name: "a bare app's tap to its painted answer",
            goal: Goal::AtMost(50.0),
        });
    }
    rows.retain(|row| row.name.starts_with(only));
    Ok(rows)
}
