//! Showing what is being done, and doing it.

use std::{
    io::IsTerminal,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::children;

/// Says what is done, does it, and says how long that took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("{} {what}", paint("1;36", "==>"));
    let start = Instant::now();
    let done = work().with_context(|| format!("failed: {what}"))?;
    println!("{} {what} ({:.1} s)", paint("1;32", " ok"), start.elapsed().as_secs_f64());
    Ok(done)
}

/// Says that nothing had to be done.
pub(crate) fn already(what: &str) {
    println!("{} {what}", paint("1;32", " ok"));
}

/// Runs a program to its end and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = children::run(command).with_context(|| format!("cannot start: {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

/// What a program prints, when it can be run and ends well.
pub(crate) fn output(program: impl AsRef<Path>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program.as_ref())
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program can be run.
pub(crate) fn can_run(program: &str, arguments: &[&str]) -> bool {
    output(program, arguments).is_some()
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

fn paint(colour: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}
