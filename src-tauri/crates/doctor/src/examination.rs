//! The checks in their order: what has failed, and what is then not tried.

use std::sync::{Mutex, PoisonError};

use signin::{KeyError, Provider};
use tokio::time::timeout;

use crate::{
    Check, Code, Configuration, Line, Report, Till, Verdict, certificate, clock, database, disk, display,
    keyring,
    network::{self, Onlook, STEP, Stream, Way},
    profile, provider, scanner,
    watching::Watching,
};

/// All checks of the way to the identity service, in order.
const NETWORK: [Check; 12] = [
    Check::Dns,
    Check::Tcp,
    Check::Proxy,
    Check::Clock,
    Check::Tls,
    Check::Discovery,
    Check::Jwks,
    Check::Algorithms,
    Check::Device,
    Check::Poll,
    Check::Provider,
    Check::Profile,
];

/// Looks at everything. `on_line` hears of each line as soon as there is one, in no particular order.
pub async fn examine(till: &Till, on_line: &(dyn Fn(&Line) + Sync)) -> Report {
    let lines = Lines { lines: Mutex::default(), on_line };
    tokio::join!(service_in_time(till, &lines), memory(till, &lines), surroundings(till, &lines));
    Report::new(lines.lines.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The lines so far.
struct Lines<'a> {
    lines: Mutex<Vec<Line>>,
    on_line: &'a (dyn Fn(&Line) + Sync),
}

impl Lines<'_> {
    fn add(&self, line: Line) {
        (self.on_line)(&line);
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn has(&self, check: Check) -> bool {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().any(|line| line.check == check)
    }

    /// All that come after a check in a list, and were not looked at because it has failed.
    fn skip_after(&self, checks: &[Check], failed: Check, because: Check) {
        for check in checks.iter().filter(|check| **check > failed) {
            self.add(Line::not_tried(*check, because));
        }
    }
}

async fn surroundings(till: &Till, lines: &Lines<'_>) {
    lines.add(display::look(&till.screens).await);
    lines.add(scanner::look(&till.devices));
}

async fn memory(till: &Till, lines: &Lines<'_>) {
    lines.add(disk::look(&till.data).await);
    let keyring = keyring::look(&till.memory.keyring).await;
    let failed = keyring.verdict() == Verdict::Failed;
    lines.add(keyring);
    lines.add(if failed && till.memory.open.is_none() {
        Line::not_tried(Check::Database, Check::Keyring)
    } else {
        database::look(&till.memory).await
    });
}

/// The whole way to the identity service, within the till's patience.
async fn service_in_time(till: &Till, lines: &Lines<'_>) {
    if timeout(till.patience, service(till, lines)).await.is_ok() {
        return;
    }
    let mut missing = NETWORK.into_iter().filter(|check| !lines.has(*check)).collect::<Vec<_>>().into_iter();
    if let Some(slow) = missing.next() {
        lines.add(Line::new(slow, Code::OutOfTime).with("seconds", till.patience.as_secs()));
        missing.for_each(|check| lines.add(Line::not_tried(check, slow)));
    }
}

async fn service(till: &Till, lines: &Lines<'_>) {
    let line = |code| Line::new(Check::Configuration, code);
    let configuration = match &till.configuration {
        Ok(Some(configuration)) => configuration,
        Ok(None) => {
            lines.add(line(Code::ConfigurationMissing));
            return lines.skip_after(&NETWORK, Check::Configuration, Check::Configuration);
        }
        Err(wrong) => {
            let line = line(Code::ConfigurationBad)
                .with("file", wrong.file.as_str())
                .with("problem", wrong.problem.as_str())
                .with_some("line", wrong.line)
                .with_some("key", wrong.key.as_deref());
            lines.add(line);
            return lines.skip_after(&NETWORK, Check::Configuration, Check::Configuration);
        }
    };
    lines.add(line(Code::ConfigurationGood));
    match way_there(till, configuration, lines).await {
        Ok(()) => at_the_service(till, configuration, lines).await,
        Err((failed, because)) => lines.skip_after(&NETWORK, failed, because),
    }
}

/// From the name to the certificate. A failure is the check that failed last, and the one that is the reason.
async fn way_there(
    till: &Till,
    configuration: &Configuration,
    lines: &Lines<'_>,
) -> Result<(), (Check, Check)> {
    let issuer = &configuration.provider.issuer;
    let way = Way::of(configuration);
    let look = Onlook::new(configuration.verifier.clone(), (till.clock)());
    let stream = connection(issuer, &way, &look, lines).await?;

    let leeway = configuration.provider.leeway;
    let Some(stream) = stream else {
        lines.add(Line::new(Check::Clock, Code::ClockUnknown));
        lines.add(Line::new(Check::Tls, Code::TlsUnseen));
        return Ok(());
    };
    if issuer.scheme() == "http" {
        let there = network::time_of(stream, issuer).await;
        return clock_and(
            lines,
            clock::judge((till.clock)(), there, leeway),
            Line::new(Check::Tls, Code::TlsNotNeeded),
        );
    }
    let (host, _) = network::host_and_port(issuer);
    let Ok(Ok((stream, seen))) = timeout(STEP, look.shake_hands(&host, stream)).await else {
        let line = Line::new(Check::Tls, Code::TlsNoHandshake);
        return clock_and(lines, Line::new(Check::Clock, Code::ClockUnknown), line);
    };
    let there = network::time_of(stream, issuer).await;
    let clock = clock::judge((till.clock)(), there, leeway);
    let mut tls = certificate::judge(&seen, (till.clock)(), way.is_through_proxy());
    if configuration.verifier.is_none() {
        tls.code = Code::TlsNoAuthorities;
    }
    clock_and(lines, clock, tls)
}

/// A wrong clock is the reason why a certificate seems to be out of date.
fn clock_and(lines: &Lines<'_>, clock: Line, tls: Line) -> Result<(), (Check, Check)> {
    let wrong_clock = clock.code == Code::ClockWrong;
    let out_of_date = matches!(tls.code, Code::TlsExpired | Code::TlsNotYetValid);
    lines.add(clock);
    if wrong_clock && out_of_date {
        return Err((Check::Clock, Check::Clock));
    }
    let failed = tls.verdict() == Verdict::Failed;
    lines.add(tls);
    if failed { Err((Check::Tls, Check::Tls)) } else { Ok(()) }
}

/// Name, connection and proxy.
async fn connection(
    issuer: &url::Url,
    way: &Way,
    look: &Onlook,
    lines: &Lines<'_>,
) -> Result<Option<Stream>, (Check, Check)> {
    let (host, port) = network::host_and_port(issuer);
    let fail = |line: Line| {
        let check = line.check;
        lines.add(line);
        (check, check)
    };
    match way {
        Way::Through(proxy) => {
            lines.add(Line::new(Check::Dns, Code::DnsNotNeeded).with("host", host.as_str()));
            lines.add(Line::new(Check::Tcp, Code::TcpNotNeeded).with("host", host.as_str()));
            let (line, stream) = network::tunnel(proxy, &host, port, look).await.map_err(fail)?;
            lines.add(line);
            Ok(stream)
        }
        Way::Straight { bypassed } => {
            let (line, addresses) = network::look_up(&host, port).await.map_err(fail)?;
            lines.add(line);
            let (line, stream) = network::connect(&host, &addresses).await.map_err(fail)?;
            lines.add(line);
            let code = if *bypassed { Code::ProxyBypassed } else { Code::ProxyNone };
            lines.add(Line::new(Check::Proxy, code));
            Ok(Some(Box::new(stream)))
        }
    }
}

/// From the discovery document to the profile.
async fn at_the_service(till: &Till, configuration: &Configuration, lines: &Lines<'_>) {
    let watching = Watching::new(configuration.transport.clone(), STEP);
    let discovered = provider::discover(configuration, &watching, till.clock.clone()).await;
    for line in discovered.lines {
        lines.add(line);
    }
    let provider = match discovered.provider {
        Ok(provider) => provider,
        Err(failed) => return lines.skip_after(&NETWORK, failed, failed),
    };
    if let Err(why) = &configuration.credentials {
        lines.add(match why {
            KeyError::OutOfReach => Line::not_tried(Check::Device, Check::Keyring),
            _ => Line::new(Check::Device, Code::DeviceNoKey),
        });
        lines.add(Line::not_tried(Check::Poll, Check::Device));
    } else {
        ask_for_code(configuration, &provider, &watching, lines).await;
    }
    lines.add(provider::product_line(&provider.facts().await));
    lines.add(profile::look(configuration, &provider).await);
}

async fn ask_for_code(
    configuration: &Configuration,
    provider: &Provider,
    watching: &Watching,
    lines: &Lines<'_>,
) {
    match provider::ask_for_code(provider, &configuration.provider.issuer, watching).await {
        Ok((line, code)) => {
            lines.add(line);
            lines.add(provider::poll(provider, &code, watching).await);
        }
        Err(line) => {
            lines.add(line);
            lines.add(Line::not_tried(Check::Poll, Check::Device));
        }
    }
}
