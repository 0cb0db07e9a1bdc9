//! Child processes that die with the test, and the binaries that are tested.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::{SHORT, until};

/// A child process: killed when dropped, and by the kernel should the test itself be killed.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    name: String,
}

impl Guarded {
    /// Starts a program whose output goes to a file.
    pub fn start(program: &Path, log: &Path, configure: impl FnOnce(&mut Command)) -> Result<Guarded> {
        let output = File::create(log).with_context(|| log.display().to_string())?;
        let mut command = with_parent(program);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        configure(&mut command);
        let name = program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Guarded { child, name })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first line that the program prints; for a program started with its standard output piped. What it prints
    /// later is read and dropped, so that it never waits for a reader.
    pub fn first_line(&mut self) -> Result<String> {
        let mut output = BufReader::new(self.child.stdout.take().context("the output is not piped")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "{} ended before it was ready", self.name);
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Ok(line.trim().to_owned())
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end, and waits until it has.
    pub async fn end(&mut self) -> Result<ExitStatus> {
        signal(self.id(), Signal::TERM)?;
        let name = self.name.clone();
        until(&format!("the end of {name}"), SHORT, async || Ok(self.child.try_wait()?)).await
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process that this test started.
pub(crate) fn signal(id: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).context("not a process id")?;
    Ok(kill_process(pid, signal)?)
}

/// Ends a process and all below it, as a power cut would.
pub(crate) fn end_family(root: u32) {
    for process in family(root).into_iter().rev() {
        // It may have ended together with the one before.
        let _ = signal(process, Signal::KILL);
    }
}

/// Whether a process is there. A zombie is not.
pub(crate) fn is_alive(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z')))
}

/// All processes below one, itself included.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|id: u32| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        next += 1;
    }
    found
}

/// The kernel kills the program when the thread that started it ends, also by SIGKILL.
pub(crate) fn with_parent(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// A program of this workspace, beside the running test. `cargo xtask test` builds them all first.
pub fn binary(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let found = here.ancestors().skip(1).take(3).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| format!("the program {name} is not built: run `cargo build --workspace` first"))
}

/// A program of the system, with a clear sentence when it is not there.
pub fn tool(name: &str) -> Result<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&folders) {
        let path = folder.join(name);
        if path.is_file() {
            return Ok(path);
        }
    }
    bail!("{name} is not installed: `cargo xtask test` installs what the tests need")
}

/// Starts a program that listens on the port which it is told, and waits until it does. Somebody else may take the port
/// first: then the program ends, and another port is tried.
pub async fn start_listening(
    program: &Path,
    log: &Path,
    configure: impl Fn(&mut Command, u16),
) -> Result<(Guarded, u16)> {
    for _ in 0..5 {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut child = Guarded::start(program, log, |command| configure(command, port))?;
        let listens = until(&format!("{} on port {port}", child.name), SHORT, async || {
            if !child.is_running() {
                return Ok(Some(false));
            }
            Ok(listens(child.id(), port)?.then_some(true))
        })
        .await?;
        if listens {
            return Ok((child, port));
        }
    }
    bail!("{} does not listen: {}", program.display(), std::fs::read_to_string(log).unwrap_or_default())
}

/// Whether this process, and no other, listens on a port.
fn listens(process: u32, port: u16) -> Result<bool> {
    const LISTENING: &str = "0A";
    const INODE: usize = 9;
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let sockets: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(3) == Some(&LISTENING))
        .filter(|fields| fields.get(1).is_some_and(|address| address.ends_with(&format!(":{port:04X}"))))
        .filter_map(|fields| Some(format!("socket:[{}]", fields.get(INODE)?)))
        .collect();
    for file in std::fs::read_dir(format!("/proc/{process}/fd"))? {
        // One that was closed in the meantime is no socket that listens.
        if let Ok(target) = std::fs::read_link(file?.path())
            && sockets.iter().any(|socket| target.as_os_str() == socket.as_str())
        {
            return Ok(true);
        }
    }
    Ok(false)
}
