//! The real app, in its real webview, driven through `WebKitWebDriver`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};
use rustix::process::Signal;
use serde_json::json;
use thirtyfour::WebDriver;

use crate::{
    Display, Guarded, LONG, Page, SHORT, Session, Till, binary,
    children::{end_family, family, is_alive, signal, start_listening, tool},
    page::connect,
    until,
};

/// Writes the time of the start and becomes the app, which the kernel ends together with its driver.
const START: &str = r#"date +%s%N > "$0"; exec setpriv --pdeathsig KILL -- "$@""#;

/// Waits for the page's own mark, and says when it was set.
const INTERACTIVE: &str = r#"
const done = arguments[0];
const look = () => {
  const [mark] = performance.getEntriesByName("interactive");
  if (mark) done(performance.timeOrigin + mark.startTime);
  else setTimeout(look, 10);
};
look();
"#;

/// A running app.
#[derive(Debug)]
pub struct App {
    process: u32,
    started_at: SystemTime,
    associate: Page,
    display: Page,
    driver: Guarded,
}

impl App {
    /// Starts Countersign and waits until both windows are there.
    pub async fn start(display: &Display, session: &Session, till: &Till) -> Result<App> {
        App::start_program(&binary("countersign")?, display, session, till).await
    }

    /// Starts any program with the same two windows.
    pub async fn start_program(
        program: &Path,
        display: &Display,
        session: &Session,
        till: &Till,
    ) -> Result<App> {
        let log = till.next_output("app")?;
        let (driver, port) = start_listening(&tool("WebKitWebDriver")?, &log, |command, port| {
            command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
            dress(command, display, session, till);
            command.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        })
        .await?;
        let clock = log.with_extension("started");
        let program = program.to_str().context("the program's path is not UTF-8")?;
        let capabilities = json!({
            "browserName": "wry",
            "webkitgtk:browserOptions": { "binary": "/bin/sh", "args": ["-c", START, clock, program] },
        });
        let session = connect(port, capabilities)
            .await
            .with_context(|| std::fs::read_to_string(&log).unwrap_or_default())
            .context("the app did not start under WebKitWebDriver")?;
        let associate = window(&session, "associate").await?;
        let customer = window(&session, "display").await?;
        let process = until("the app's process", SHORT, async || {
            Ok(family(driver.id()).into_iter().find(|id| runs(*id, Path::new(program))))
        })
        .await?;
        Ok(App { process, started_at: started_at(&clock)?, associate, display: customer, driver })
    }

    /// Starts Countersign with nobody who drives it: its exit code can be read. Nothing waits for its windows.
    pub fn start_undriven(display: &Display, session: &Session, till: &Till) -> Result<Guarded> {
        Guarded::start(&binary("countersign")?, &till.next_output("app")?, |command| {
            dress(command, display, session, till);
        })
    }

    /// The associate's window.
    pub fn associate(&self) -> &Page {
        &self.associate
    }

    /// The customer display.
    pub fn display(&self) -> &Page {
        &self.display
    }

    /// How many milliseconds after the start of its process the associate's window was painted and could be used, by the
    /// mark that the page itself has set.
    pub async fn interactive_after(&self) -> Result<f64> {
        let at = self.associate.script_async(INTERACTIVE, vec![]).await?;
        let at = at.as_f64().context("the page tells no time")?;
        Ok(at - self.started_at.duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64() * 1000.0)
    }

    /// The app's process and those of its webviews.
    pub fn processes(&self) -> Vec<u32> {
        family(self.process)
    }

    /// The processes that run the pages.
    pub fn webviews(&self) -> Vec<u32> {
        self.processes().into_iter().filter(|id| *id != self.process).filter(|id| is_webview(*id)).collect()
    }

    /// Ends the app as a power cut would, and its driver with it.
    pub async fn kill(mut self) -> Result<()> {
        let all = self.processes();
        signal(self.process, Signal::KILL)?;
        self.driver.kill();
        gone(&all).await
    }

    /// Asks the app to end, as the session does at log-out.
    pub async fn quit(mut self) -> Result<()> {
        let all = self.processes();
        signal(self.process, Signal::TERM)?;
        until("the end of the app", SHORT, async || Ok((!is_alive(self.process)).then_some(()))).await?;
        self.driver.kill();
        gone(&all).await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // The app outlives a driver that is killed, for a moment.
        end_family(self.driver.id());
    }
}

/// Runs the app's command line and gives back its exit code and what it printed.
pub fn command_line(till: &Till, arguments: &[&str]) -> Result<(Option<i32>, String)> {
    let mut command = Command::new(binary("countersign")?);
    till.apply(&mut command);
    command.env_remove("COUNTERSIGN_CONFIG").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.env("COUNTERSIGN_LOG", "off");
    let output = command.args(arguments).stdin(Stdio::null()).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8_lossy(&text).into_owned()))
}

/// The same in a session, with a display where one is given, and with more in its environment. What it prints on its
/// standard output alone is given back.
pub fn command_line_in(
    session: &Session,
    display: Option<&Display>,
    till: &Till,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Result<(Option<i32>, String)> {
    let mut command = Command::new(binary("countersign")?);
    till.apply(&mut command);
    session.apply(&mut command);
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").envs(environment.iter().copied());
    if let Some(display) = display {
        command.env("DISPLAY", display.name());
    }
    let output = command.args(arguments).stdin(Stdio::null()).output()?;
    Ok((output.status.code(), String::from_utf8(output.stdout)?))
}

/// The environment of a program at this till, over that of the test.
fn dress(command: &mut Command, display: &Display, session: &Session, till: &Till) {
    till.apply(command);
    session.apply(command);
    command.env("DISPLAY", display.name()).env_remove("WAYLAND_DISPLAY");
    command.env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1");
}

async fn window(session: &WebDriver, name: &str) -> Result<Page> {
    let wanted = format!("/{name}.html");
    until(&format!("the window of {wanted}"), LONG, async || {
        for handle in session.windows().await? {
            session.switch_to_window(handle.clone()).await?;
            let address = session.current_url().await?;
            let ready = session.execute("return document.readyState;", vec![]).await?;
            if address.path() == wanted && ready.json() == "complete" {
                return Ok(Some(Page::new(session.clone(), Some(handle))));
            }
        }
        Ok(None)
    })
    .await
}

fn runs(process: u32, program: &Path) -> bool {
    std::fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|path| path == program)
}

fn is_webview(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/comm"))
        .is_ok_and(|name| name.starts_with("WebKitWebProces"))
}

fn started_at(clock: &PathBuf) -> Result<SystemTime> {
    let nanoseconds = std::fs::read_to_string(clock)?.trim().parse()?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds))
}

async fn gone(processes: &[u32]) -> Result<()> {
    until("the end of all the app's processes", SHORT, async || {
        Ok(processes.iter().all(|id| !is_alive(*id)).then_some(()))
    })
    .await
}
