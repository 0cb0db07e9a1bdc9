//! `docs/providers.md`: which behaviour of which provider the tests have seen, by the records that they leave.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    services, setup,
    step::{already, run, step},
    workspace::{cargo, root, target},
};

/// Where tests write records to, by the name that they know it under.
const FOLDER: &str = "COUNTERSIGN_PROVIDER_RECORDS";
const BEGIN: &str = "<!-- written by `cargo xtask providers` -->\n";
const END: &str = "<!-- to here -->";
/// The columns.
const BEHAVIOURS: [&str; 16] = [
    "discovery",
    "device-code",
    "verification-page",
    "pending",
    "slow-down",
    "denied",
    "expired",
    "used-code",
    "tokens",
    "id-token",
    "user-info",
    "refresh",
    "refresh-refused",
    "revocation",
    "client-authentication",
    "dpop",
];
/// The tests that leave records.
const TESTS: &str = "(package(system-tests) & binary(interop)) | (package(signin) & binary(provider))";

/// Writes the table anew.
#[derive(Debug, clap::Args)]
pub(crate) struct Providers {
    /// The day that stands above the table, as 2026-11-25.
    #[arg(long)]
    date: String,
}

impl Providers {
    /// Runs the tests that leave records, and writes the table.
    pub(crate) fn run(self) -> Result<()> {
        setup::everything(setup::For::Driving)?;
        setup::nextest()?;
        services::install()?;
        // What they start; the tests themselves are built when they run.
        step("build the app and central", || {
            run(cargo().args(["build", "-p", "countersign", "-p", "central", "--bins"]))
        })?;
        let records = Records::begin()?;
        let mut tests = cargo();
        tests.args(["nextest", "run", "-p", "system-tests", "-p", "signin", "-E", TESTS]);
        step("run the tests that see providers", || run(records.kept_by(&mut tests)))?;
        let (before, _, after) = document()?;
        let versions: Vec<String> =
            services::versions()?.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let seen = format!("Seen on {} with {}.", self.date, versions.join(", "));
        fs::write(path(), format!("{before}{BEGIN}\n{seen}\n\n{}\n{END}{after}", records.table()?))?;
        already("docs/providers.md is written");
        Ok(())
    }
}

/// The records of one run.
pub(crate) struct Records(PathBuf);

impl Records {
    /// Begins with none.
    pub(crate) fn begin() -> Result<Records> {
        let folder = target().join("xtask").join("provider-records");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Records(folder))
    }

    /// Tells tests to leave them here.
    pub(crate) fn kept_by<'a>(&self, tests: &'a mut Command) -> &'a mut Command {
        tests.env(FOLDER, &self.0)
    }

    /// Fails when the document claims anything else than every test together has seen.
    pub(crate) fn compare(&self) -> Result<()> {
        let (_, written, _) = document()?;
        let rows = |text: &str| -> Vec<String> {
            text.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect()
        };
        if rows(&written) == rows(&self.table()?) {
            already("docs/providers.md is what the tests have seen");
            return Ok(());
        }
        bail!("docs/providers.md is not what the tests have seen; run `cargo xtask providers` and commit it")
    }

    /// A row a provider, a column a behaviour.
    fn table(&self) -> Result<String> {
        let mut seen: BTreeMap<String, BTreeMap<String, &str>> = BTreeMap::new();
        for file in fs::read_dir(&self.0)? {
            let file = file?.path();
            let record: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
            let text = |name: &str| {
                record[name]
                    .as_str()
                    .map(str::to_owned)
                    .with_context(|| format!("{}: no {name}", file.display()))
            };
            let behaviour = text("behaviour")?;
            if !BEHAVIOURS.contains(&behaviour.as_str()) {
                bail!("{}: the table has no column {behaviour}", file.display());
            }
            let column = seen.entry(text("provider")?).or_default().entry(behaviour).or_insert("shape");
            if text("how")? == "live" {
                *column = "live";
            }
        }
        let row = |first: &str, cells: Vec<&str>| format!("| {first} | {} |\n", cells.join(" | "));
        let mut table = row("", BEHAVIOURS.to_vec()) + &row("---", vec!["---"; BEHAVIOURS.len()]);
        for (provider, behaviours) in seen {
            let cells = BEHAVIOURS.iter().map(|name| behaviours.get(*name).copied().unwrap_or(""));
            table.push_str(&row(&provider, cells.collect()));
        }
        Ok(table)
    }
}

fn path() -> PathBuf {
    root().join("docs").join("providers.md")
}

/// What stands before the table, the table, and what stands after it.
fn document() -> Result<(String, String, String)> {
    let path: &Path = &path();
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (table, after) = rest.split_once(END)?;
        Some((before.to_owned(), table.to_owned(), after.to_owned()))
    });
    parts.with_context(|| format!("{} has no place for the table", path.display()))
}
