//! What a memory of a million customers costs, beside bare statements on the same database, schema and key. Both are
//! measured in turn in one run, so that a busy machine slows both down.
#![expect(clippy::print_stdout, reason = "it prints the table")]

mod bare;
mod measure;

use std::{env, path::PathBuf};

use anyhow::{Context, Result};
use report::{Goal, Row};

/// So many, unless said otherwise.
const CUSTOMERS: u64 = 1_000_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let table = PathBuf::from(arguments.next().context("usage: vault-bench FILE [BEGINNING OF A NAME]")?);
    let only = arguments.next().unwrap_or_default();
    let customers = match env::var("VAULT_CUSTOMERS") {
        Ok(number) => number.parse().context("VAULT_CUSTOMERS")?,
        Err(_) => CUSTOMERS,
    };
    // On the disk that the build is on: a folder for temporary files may be memory.
    let folder = tempfile::tempdir_in(table.parent().context("a file in a folder")?)?;
    let mut rows = rows(measure::all(folder.path(), customers).await?);
    rows.retain(|row| row.name.starts_with(&only));
    println!("\n{customers} customers");
    report::write(&rows, &table)
}

fn rows(measured: measure::Measured) -> Vec<Row> {
    let row = |name, unit, samples, baseline_name, goal| Row { name, unit, samples, baseline_name, goal };
    vec![
        // At least 0.8 of the rows in the same time.
        row("vault.sync_rows", "µs/row", measured.sync, "json_each into the same schema", Goal::Times(1.25)),
        row(
            "vault.sync_memory",
            "MB",
            measured.memory,
            "the peak after a tenth of the customers",
            Goal::Times(1.25),
        ),
        row("vault.size", "B/customer", measured.size, "the document alone", Goal::Times(2.5)),
        row(
            "vault.search_p50",
            "µs",
            measured.search_median,
            "the bare query of the index",
            Goal::AtMost(5000.0),
        ),
        row(
            "vault.search_p99",
            "µs",
            measured.search_slow,
            "the bare query of the index",
            Goal::TimesAndAtMost(1.5, 10_000.0),
        ),
        row(
            "vault.search_mistaken_p99",
            "µs",
            measured.mistaken_slow,
            "the bare query, which finds nobody",
            Goal::AtMost(10_000.0),
        ),
        row("vault.open_p99", "µs", measured.open_slow, "the bare rows", Goal::AtMost(5000.0)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_few_customers_are_measured_like_a_million() {
        let folder = tempfile::tempdir().unwrap();
        let rows = rows(measure::all(folder.path(), 2000).await.unwrap());
        report::write(&rows, &folder.path().join("table.json")).unwrap();
        let table = std::fs::read_to_string(folder.path().join("table.json")).unwrap();
        assert!(rows.iter().all(|row| table.contains(row.name)), "{table}");
    }
}
