//! The demo: the central service with a made-up retailer, and the app. A person plays both parts, or, where there is no
//! display, the player of the system tests does.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    children::Background,
    setup,
    step::{already, run, step},
    workspace::{cargo, program, target},
};

/// What the central service calls the till.
const CLIENT: &str = "till-northquay-1";

/// Tries it.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Let phones on the local network reach it, so that a real one can scan the code.
    #[arg(long)]
    lan: bool,
    /// Play the whole visit without a person, in a virtual display, and keep a picture of each step.
    #[arg(long, conflicts_with = "lan")]
    headless: bool,
    /// Where the demo keeps its things.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

impl Demo {
    /// Runs until the window is closed or the visit is played.
    pub(crate) fn run(self) -> Result<()> {
        if self.headless || !has_display() { self.play() } else { self.open() }
    }

    fn play(&self) -> Result<()> {
        if !self.headless {
            println!("There is no display here: the visit is played in a virtual one.");
        }
        setup::everything(setup::For::Driving)?;
        build(&["player"])?;
        let pictures = self.data.clone().unwrap_or_else(|| target().join("demo"));
        step("play a whole visit", || run(Command::new(program("debug", "player")).arg(pictures)))
    }

    fn open(&self) -> Result<()> {
        setup::everything(setup::For::Showing)?;
        build(&[])?;
        let folder = self.data.clone().unwrap_or_else(|| target().join("demo").join("data"));
        fs::create_dir_all(&folder)?;
        let port = port(&folder)?;
        let mut central = Command::new(program("debug", "central"));
        central.args(["serve", "--demo", "--data"]).arg(folder.join("central"));
        let phone = if self.lan { Some(lan_address()?) } else { None };
        if let Some(address) = phone {
            println!(
                "\n    The central service is open to everybody on this network, at http://{address}:{port}, without \
                 encryption, until you close the app.\n    Its customers are made up; do not type a password of your \
                 own.\n"
            );
            central.args(["--listen", &format!("0.0.0.0:{port}")]);
            central.args(["--phone-url", &format!("http://{address}:{port}")]);
            central.args(["--public-url", &format!("http://127.0.0.1:{port}")]);
        } else {
            central.args(["--listen", &format!("127.0.0.1:{port}")]);
        }
        let key = client_key(&folder)?;
        if let Some(key) = &key {
            central.arg("--client-key").arg(format!("{CLIENT}={}", key.display()));
        }
        let _central = serve(&mut central)?;
        let configuration = folder.join("countersign.toml");
        fs::write(&configuration, till(&format!("http://127.0.0.1:{port}"), phone, key.is_some()))?;
        println!(
            "\n    Choose a PIN, tap \"Sign in a customer\", and scan the code{}.\n    \
             Customer: amelie.durand@example.com, password: lantern-harbour-42. Close the window to end.\n",
            if self.lan { " with your phone" } else { ", or follow the link under it" }
        );
        let mut app = Command::new(program("debug", "countersign"));
        app.arg("--config").arg(&configuration).arg("--data").arg(folder.join("till"));
        run(&mut app)
    }
}

/// Builds the app, the central service, and programs of the system tests.
pub(crate) fn build(tests: &[&str]) -> Result<()> {
    step("build the app and the central service", || {
        let mut command = cargo();
        command.args([
            "build",
            "-p",
            "countersign",
            "-p",
            "central",
            "--bin",
            "countersign",
            "--bin",
            "central",
        ]);
        if !tests.is_empty() {
            command.args(["-p", "system-tests"]);
        }
        for name in tests {
            command.args(["--bin", name]);
        }
        run(&mut command)
    })
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Starts the service and waits until it says that it listens.
fn serve(command: &mut Command) -> Result<Background> {
    let mut central =
        Background::start(command.stdout(Stdio::piped())).context("cannot start the central service")?;
    let output = central.child().stdout.take().context("the central service has no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    if line.is_empty() {
        bail!("the central service did not start");
    }
    already(&format!("the central service is {}", line.trim()));
    Ok(central)
}

/// The same port each time, since customers are known by the issuer's address; another one when it is taken.
fn port(folder: &Path) -> Result<u16> {
    let file = folder.join("port");
    let before = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, before))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let port = free.local_addr()?.port();
    fs::write(file, port.to_string())?;
    Ok(port)
}

/// The address by which others on the network reach this machine. Nothing is sent: the system only chooses a route.
fn lan_address() -> Result<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).context("this machine is on no network")?;
    let address = socket.local_addr()?.ip();
    if address.is_loopback() || address.is_unspecified() {
        bail!("this machine is on no network that a phone could be on");
    }
    Ok(address)
}

/// The file with the public key of the till, whose private half never leaves the keyring. Without a keyring there is none,
/// and the till says its name alone.
fn client_key(folder: &Path) -> Result<Option<PathBuf>> {
    let mut command = Command::new(program("debug", "countersign"));
    let printed = command.arg("client-key").arg("--data").arg(folder.join("till")).output()?;
    if !printed.status.success() {
        println!("    There is no keyring here: the till says its name alone, and remembers nobody.");
        return Ok(None);
    }
    let file = folder.join("till-key.json");
    fs::write(&file, printed.stdout)?;
    Ok(Some(file))
}

/// The phone's page is at the address on the network, where there is one.
fn till(issuer: &str, phone: Option<IpAddr>, signs: bool) -> String {
    let hosts = phone.map(|address| format!("verification_hosts = [\"{address}\"]\n"));
    let signs = signs.then(|| "client_authentication = \"private_key_jwt\"\n".to_owned());
    let provider: String = hosts.into_iter().chain(signs).collect();
    format!(
        "issuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\n\n[provider]\n{provider}\n[till]\nstore = \"Marram Northquay\"\nname = \"Till 1\"\n\
         brand = \"marram\"\n\n[demo]\nphone_here = true\n"
    )
}
