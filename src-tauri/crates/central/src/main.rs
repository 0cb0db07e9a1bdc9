//! The command line of the embedded central service: serves until it is told to end, or prints the contract.

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use central::{Decided, Decision, Demo, Options, Server};
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use url::Url;

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until it is told to end.
    Serve(Box<Serve>),
    /// Erases a customer, and all that is known of them, at their wish. The service must not run meanwhile; tills learn it as
    /// soon as it runs again.
    Erase {
        /// Folder that holds the database.
        #[arg(long)]
        data: PathBuf,
        /// The customer's subject.
        #[arg(long)]
        subject: String,
    },
    /// What tills have handed over sealed and the service has not applied: each waits for a decision. The service must not
    /// run meanwhile.
    Kept {
        /// Folder that holds the database.
        #[arg(long)]
        data: PathBuf,
        #[command(subcommand)]
        what: Kept,
    },
    /// The audit trails that tills have sent. The service must not run meanwhile.
    Audit {
        /// Folder that holds the database.
        #[arg(long)]
        data: PathBuf,
        #[command(subcommand)]
        what: Audit,
    },
    /// Prints the OpenAPI document of the profile API.
    Openapi,
}

#[derive(Subcommand)]
enum Kept {
    /// Prints them, one JSON document a line.
    List,
    /// Applies one, whatever has been set since.
    Apply { number: i64 },
    /// Lets go of one.
    Drop { number: i64 },
}

#[derive(Subcommand)]
enum Audit {
    /// Looks at every line, and prints what it found of each trail, one JSON document a line. Fails where one is broken.
    Verify,
}

#[derive(Args)]
struct Serve {
    /// Folder that holds the database; made when it is not there.
    #[arg(long)]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How the world reaches the service, where that is not the address listened on: the issuer. Over https, but for this
    /// machine alone.
    #[arg(long)]
    public_url: Option<Url>,
    /// How phones reach the pages, where that is not the public URL.
    #[arg(long)]
    phone_url: Option<Url>,
    /// Fills an empty database with the demo store. Never with real customers: the sign-in page tells a password.
    #[arg(long)]
    demo: bool,
    /// How many customers the demo store has.
    #[arg(long, default_value_t = 200, requires = "demo")]
    customers: u32,
    /// The same seed gives the same customers.
    #[arg(long, default_value_t = 1, requires = "demo")]
    seed: u64,
    /// The public key of a client, in a file as `countersign client-key` prints it: from then on the client has to sign who it
    /// is. Again for each client.
    #[arg(long, value_name = "CLIENT=FILE", value_parser = client_key)]
    client_key: Vec<(String, String)>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(how) => serve(*how).await,
        Command::Erase { data, subject } => erase(&data, &subject).await,
        Command::Kept { data, what } => kept(&data, &what).await,
        Command::Audit { data, what: Audit::Verify } => verify(&data).await,
        Command::Openapi => say(&central::openapi()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell where standard error is closed.
            let _ = writeln!(io::stderr(), "central: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn erase(data: &Path, subject: &str) -> Result<(), Box<dyn Error>> {
    if central::erase(data, subject).await? { say("erased") } else { Err("there is no such customer".into()) }
}

async fn verify(data: &Path) -> Result<(), Box<dyn Error>> {
    let trails = central::audit_trails(data).await?;
    for trail in &trails {
        say(&serde_json::to_string(trail)?)?;
    }
    match trails.iter().filter(|trail| trail.broken.is_some()).count() {
        0 => Ok(()),
        broken => Err(format!("{broken} of {} trails are broken", trails.len()).into()),
    }
}

async fn kept(data: &Path, what: &Kept) -> Result<(), Box<dyn Error>> {
    let (number, decision) = match what {
        Kept::List => {
            for thing in central::kept(data).await? {
                say(&serde_json::to_string(&thing)?)?;
            }
            return Ok(());
        }
        Kept::Apply { number } => (*number, Decision::Apply),
        Kept::Drop { number } => (*number, Decision::Drop),
    };
    match central::decide(data, number, decision).await? {
        Decided::Done => say("done"),
        Decided::Unknown => Err("nothing of that number is kept".into()),
        Decided::CustomerFirst => Err("it is about somebody new: decide about them first".into()),
        Decided::Invalid => Err("the preference cannot have the value: the edit can only be dropped".into()),
    }
}

fn client_key(text: &str) -> Result<(String, String), String> {
    let (client, file) = text.split_once('=').ok_or("CLIENT=FILE is expected")?;
    let key = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Ok((client.to_owned(), key))
}

async fn serve(how: Serve) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_env("CENTRAL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    // Before "listening" is said: whoever reads that may end the service at once.
    let end = told_to_end()?;
    let mut options = Options::new(how.data);
    options.listen = how.listen;
    options.public_url = how.public_url;
    options.phone_url = how.phone_url;
    options.demo = how.demo.then_some(Demo { customers: how.customers, seed: how.seed });
    options.client_keys = how.client_key;
    let server = Server::start(options).await?;
    say(&format!("listening on http://{}", server.address()))?;
    end.await;
    server.stop().await;
    Ok(())
}

/// Becomes ready at SIGTERM or Ctrl-C.
#[cfg(unix)]
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Becomes ready at Ctrl-C or Ctrl-Break.
#[cfg(windows)]
fn told_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c};
    let (mut stop, mut interrupt) = (ctrl_break()?, ctrl_c()?);
    Ok(async move {
        tokio::select! {
            _ = stop.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn say(line: &str) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
