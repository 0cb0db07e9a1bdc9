//! A desktop session of its own: a message bus, and on it a keyring or what is wrong with keyrings.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    Guarded, SHORT,
    children::{signal, tool},
    until,
};

/// The name of whoever keeps secrets.
const SECRETS: &str = "org.freedesktop.secrets";

/// What the session offers for secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// gnome-keyring, unlocked.
    Unlocked,
    /// gnome-keyring, locked, and nobody there to unlock it.
    Locked,
    /// gnome-keyring holds the name and never answers.
    Silent,
    /// A bus without any secret service.
    Missing,
    /// No session bus at all.
    NoBus,
    /// A bus without any secret service, whose desktop portal hangs when it is started.
    BrokenPortal,
}

/// A private session. What is kept in its keyring stays for as long as the session.
#[derive(Debug)]
pub struct Session {
    address: Option<String>,
    folder: TempDir,
    daemon: Option<Guarded>,
    bus: Option<Guarded>,
}

impl Session {
    /// Starts one.
    pub async fn start(keyring: Keyring) -> Result<Session> {
        let folder = tempfile::tempdir()?;
        let runtime = folder.path().join("runtime");
        std::fs::create_dir(&runtime)?;
        std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let mut session = Session { address: None, folder, daemon: None, bus: None };
        if keyring == Keyring::NoBus {
            return Ok(session);
        }
        session.start_bus(keyring == Keyring::BrokenPortal)?;
        match keyring {
            Keyring::Unlocked => session.start_keyring(true).await?,
            Keyring::Locked => {
                // The first start makes the keyring, the second finds it locked.
                session.start_keyring(true).await?;
                session.store("session", "first")?;
                session.end_keyring().await?;
                session.start_keyring(false).await?;
            }
            Keyring::Silent => {
                session.start_keyring(true).await?;
                session.silence()?;
            }
            Keyring::Missing | Keyring::NoBus | Keyring::BrokenPortal => {}
        }
        Ok(session)
    }

    /// Makes the keyring answer no more.
    fn silence(&self) -> Result<()> {
        self.daemon.as_ref().map_or(Ok(()), |daemon| signal(daemon.id(), Signal::STOP))
    }

    /// Makes it answer again.
    pub fn resume(&self) -> Result<()> {
        self.daemon.as_ref().map_or(Ok(()), |daemon| signal(daemon.id(), Signal::CONT))
    }

    /// Starts a keyring, unlocked, where there was none or another.
    pub async fn unlock(&mut self) -> Result<()> {
        self.end_keyring().await?;
        self.start_keyring(true).await
    }

    /// The environment variables of a program in this session, over those of the test.
    pub fn apply(&self, command: &mut Command) {
        command.env("XDG_RUNTIME_DIR", self.folder.path().join("runtime"));
        // Without an address dbus-launch would start a bus, where there is one.
        command.env("DBUS_SESSION_BUS_ADDRESS", self.address.as_deref().unwrap_or("disabled:"));
    }

    /// Everything that was written in the name of this session: what is at run time, and the keyring.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What `secret-tool` prints for a search: attributes and secrets. Whoever can do this has the session.
    pub fn secrets(&self, attribute: &str, value: &str) -> Result<String> {
        let mut command = Command::new(tool("secret-tool")?);
        self.apply(&mut command);
        let output = command.args(["search", "--all", "--unlock", attribute, value]).output()?;
        Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    }

    /// Stores a secret. gnome-keyring makes its file when the first one is stored.
    pub fn store(&self, value: &str, secret: &str) -> Result<()> {
        let mut command = Command::new(tool("secret-tool")?);
        self.apply(&mut command);
        let mut child = command
            .args(["store", "--label", value, "of", value])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("no input")?.write_all(secret.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "secret-tool: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// What the bus says when a service is asked for a sign of life: nothing when it gives one, else the name of an error.
    pub fn ping(&self, name: &str) -> Result<String> {
        let mut command = self.dbus_send()?;
        command.args([
            "--reply-timeout=1000",
            &format!("--dest={name}"),
            "/",
            "org.freedesktop.DBus.Peer.Ping",
        ]);
        Ok(String::from_utf8_lossy(&command.output()?.stderr).into_owned())
    }

    fn start_bus(&mut self, broken_portal: bool) -> Result<()> {
        let services = self.folder.path().join("services");
        std::fs::create_dir(&services)?;
        if broken_portal {
            // It starts and never takes its name: callers wait until the bus gives up.
            std::fs::write(
                services.join("org.freedesktop.portal.Desktop.service"),
                "[D-BUS Service]\nName=org.freedesktop.portal.Desktop\nExec=/bin/sleep 120\n",
            )?;
        }
        let configuration = self.folder.path().join("bus.conf");
        std::fs::write(&configuration, bus_configuration(&services, self.folder.path()))?;
        let mut bus =
            Guarded::start(&tool("dbus-daemon")?, &self.folder.path().join("bus.log"), |command| {
                command.arg("--nofork").arg("--print-address=1");
                command.arg(format!("--config-file={}", configuration.display()));
                command.stdout(Stdio::piped());
            })?;
        let address = bus.first_line()?;
        self.address = Some(address);
        self.bus = Some(bus);
        Ok(())
    }

    async fn start_keyring(&mut self, unlocked: bool) -> Result<()> {
        let data = self.data()?;
        let mut password = tempfile::tempfile_in(self.folder.path())?;
        password.write_all(b"password of the session")?;
        std::io::Seek::rewind(&mut password)?;
        let log = self.folder.path().join("keyring.log");
        let daemon = Guarded::start(&tool("gnome-keyring-daemon")?, &log, |command| {
            self.apply(command);
            command
                .env("XDG_DATA_HOME", &data)
                .env("HOME", &data)
                .args(["--foreground", "--components=secrets"]);
            if unlocked {
                command.arg("--unlock").stdin(password);
            }
        })?;
        self.daemon = Some(daemon);
        until("the keyring's name on the bus", SHORT, async || Ok(self.has_keyring()?.then_some(()))).await
    }

    /// Ends the keyring and waits until its name is free: two never serve at once.
    async fn end_keyring(&mut self) -> Result<()> {
        self.daemon = None;
        until("the end of the keyring", SHORT, async || Ok((!self.has_keyring()?).then_some(()))).await
    }

    /// Whether somebody holds the name of the secret service.
    fn has_keyring(&self) -> Result<bool> {
        let mut command = self.dbus_send()?;
        command.args(["--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"]);
        let output = command.arg(format!("string:{SECRETS}")).output()?;
        ensure!(output.status.success(), "dbus-send: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).contains("boolean true"))
    }

    fn dbus_send(&self) -> Result<Command> {
        let mut command = Command::new(tool("dbus-send")?);
        self.apply(&mut command);
        command.args(["--session", "--print-reply"]);
        Ok(command)
    }

    fn data(&self) -> Result<PathBuf> {
        let data = self.folder.path().join("data");
        std::fs::create_dir_all(&data)?;
        Ok(data)
    }
}

/// A bus that starts nothing by itself but what a test puts into `services`, so that no keyring or portal of the
/// machine gets into a test.
fn bus_configuration(services: &Path, folder: &Path) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context=\"default\">
    <allow send_destination=\"*\" eavesdrop=\"true\"/>
    <allow eavesdrop=\"true\"/>
    <allow own=\"*\"/>
  </policy>
</busconfig>
",
        folder = folder.display(),
        services = services.display(),
    )
}
