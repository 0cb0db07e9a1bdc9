//! The processes that this one starts: each ends with it, also when it is interrupted.

use std::{
    io,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// How long a process may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// By id, all that run now.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// On an interrupt, ends what was started and then this process.
pub(crate) fn end_with_this_process() -> Result<()> {
    ctrlc::set_handler(|| {
        for id in running(|ids| ids.clone()) {
            ask_to_end(id);
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && !running(|ids| ids.is_empty()) {
            thread::sleep(PAUSE);
        }
        std::process::exit(130);
    })
    .context("cannot watch for an interrupt")
}

/// A process in the background: ended when dropped.
#[derive(Debug)]
pub(crate) struct Background(Child);

impl Background {
    /// Starts one.
    pub(crate) fn start(command: &mut Command) -> io::Result<Background> {
        let child = command.stdin(Stdio::null()).spawn()?;
        running(|ids| ids.push(child.id()));
        Ok(Background(child))
    }

    /// The process.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        ask_to_end(self.0.id());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.0.try_wait(), Ok(None)) {
            if deadline <= Instant::now() {
                let _ = self.0.kill();
                let _ = self.0.wait();
                break;
            }
            thread::sleep(PAUSE);
        }
        let id = self.0.id();
        running(|ids| ids.retain(|other| *other != id));
    }
}

/// Runs a process to its end.
pub(crate) fn run(command: &mut Command) -> io::Result<ExitStatus> {
    let mut child = command.spawn()?;
    let id = child.id();
    running(|ids| ids.push(id));
    let status = child.wait();
    running(|ids| ids.retain(|other| *other != id));
    status
}

fn running<T>(use_them: impl FnOnce(&mut Vec<u32>) -> T) -> T {
    use_them(&mut RUNNING.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The standard library can only kill; a service should be asked, so that it can put its files in order.
fn ask_to_end(id: u32) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/T", "/F", "/PID", &id.to_string()]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("kill -TERM {id}")]);
        command
    };
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
}
