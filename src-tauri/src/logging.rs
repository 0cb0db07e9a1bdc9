//! Logs: JSON lines in the data folder and plain lines on stderr, with nothing personal in them at any level.
//!
//! The level is for this repository's own crates, which log ids and counts. Libraries below them would print headers,
//! bodies and SQL parameters at their lower levels; they are heard from `warn` up, whatever was asked for.

use std::{
    any::Any,
    fs::{self, File},
    io::{self, IsTerminal as _},
    panic::{self, PanicHookInfo},
    path::Path,
    sync::Mutex,
};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// The crates of this repository: what they log was written with this rule in mind.
const OWN: [&str; 7] = ["countersign", "counter", "signin", "directory", "vault", "central", "doctor"];

/// One older file is kept beside the newest.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Begins to log. The folder must be there; where the file cannot be written, stderr alone is used.
///
/// # Errors
/// When the file cannot be opened; logging to stderr has begun all the same.
pub fn begin(folder: &Path, level: Option<&str>) -> io::Result<()> {
    let filter = EnvFilter::builder().parse_lossy(level.unwrap_or("info"));
    let (file, problem) = match open(folder) {
        Ok(file) => (Some(tracing_subscriber::fmt::layer().json().with_writer(Mutex::new(file))), None),
        Err(error) => (None, Some(error)),
    };
    let stderr =
        tracing_subscriber::fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr);
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(file.with_filter(filter_fn(may_be_logged)))
        .with(stderr.with_filter(filter_fn(may_be_logged)));
    if registry.try_init().is_ok() {
        panic::set_hook(Box::new(log_panic));
    }
    problem.map_or(Ok(()), Err)
}

fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let newest = folder.join("countersign.log");
    if fs::metadata(&newest).is_ok_and(|file| file.len() > LARGEST) {
        fs::rename(&newest, folder.join("countersign.1.log"))?;
    }
    File::options().create(true).append(true).open(newest)
}

fn may_be_logged(what: &Metadata<'_>) -> bool {
    *what.level() <= Level::WARN || is_own(what.target())
}

fn is_own(target: &str) -> bool {
    OWN.contains(&target.split("::").next().unwrap_or(target))
}

/// A panic is a fault of ours: the log gets the place, and the message only where it is a literal of the source, because
/// a formatted one may hold what was being worked on.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, message = literal(panic.payload()), "panic");
}

fn literal(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(formatted message withheld)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_crates_are_heard_below_warn() {
        for own in ["countersign", "countersign::state", "vault::outbox", "signin"] {
            assert!(is_own(own), "{own}");
        }
        for other in ["hyper::proto", "reqwest::connect", "sqlx::query", "h2", "vaultlike", "rustls"] {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn a_formatted_panic_message_is_withheld() {
        let mail = "amelie@example.com";
        let formatted = panic::catch_unwind(|| panic!("cannot read {mail}")).unwrap_err();
        assert!(!literal(&*formatted).contains(mail));
        let plain = panic::catch_unwind(|| panic!("a literal")).unwrap_err();
        assert_eq!(literal(&*plain), "a literal");
    }

    #[test]
    fn a_long_log_is_put_aside_once() {
        let folder = tempfile::tempdir().unwrap();
        let newest = folder.path().join("countersign.log");
        File::create(&newest).unwrap().set_len(LARGEST + 1).unwrap();
        open(folder.path()).unwrap();
        assert_eq!(fs::metadata(newest).unwrap().len(), 0);
        assert!(folder.path().join("countersign.1.log").exists());
    }
}
