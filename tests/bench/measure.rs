//! The measuring. Moments are those at which a page has painted a frame, told by the page itself: nothing here waits for
//! a page by asking it again and again, which would slow it down.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use harness::{
    AMELIE, App, CentralProcess, Display, Keyring, LONG, Page, Phone, Session, Till, binary, database, until,
    visit::{self, Decision, hook},
};
use report::Samples;
use serde_json::{Value, json};

/// How often both apps are started. One more is not counted: it warms the caches.
const STARTS: usize = 9;
/// How many customers sign in. One more is not counted.
const VISITS: usize = 12;

/// What is measured of starts.
#[derive(Default)]
pub(crate) struct Starts {
    pub(crate) interactive: Samples,
    pub(crate) memory: Samples,
}

/// What is measured of visits.
#[derive(Default)]
pub(crate) struct Visits {
    pub(crate) qr_visible: Samples,
    pub(crate) yes_to_match: Samples,
    pub(crate) profile_painted: Samples,
}

/// Starts a till that an associate has used before, and the bare app, in turn.
pub(crate) async fn starts() -> Result<Starts> {
    let central = CentralProcess::start()?;
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    let (till, other) = (Till::quiet(&central.issuer())?, Till::without_configuration()?);
    let app = App::start(&display, &session, &till).await?;
    visit::unlock(&app).await?;
    visit::memory_is(&app, "ready").await?;
    app.quit().await?;

    let (program, bare) = (binary("countersign")?, binary("bare")?);
    let mut starts = Starts::default();
    for round in 0..=STARTS {
        let mut figures = Vec::new();
        for (program, till) in [(&program, &till), (&bare, &other)] {
            let app = App::start_program(program, &display, &session, till).await?;
            let ready = app.interactive_after().await?;
            app.display().settled().await?;
            figures.push((ready, memory(&app).await?));
            app.quit().await?;
        }
        if let [(value, used), (baseline, used_bare)] = figures[..]
            && round > 0
        {
            starts.interactive.values.push(value);
            starts.interactive.baselines.push(baseline);
            starts.memory.values.push(used);
            starts.memory.baselines.push(used_bare);
        }
    }
    Ok(starts)
}

/// Starts a till that remembers many customers, and the same one with nobody in its memory, in turn.
pub(crate) async fn starts_with_many(customers: u64) -> Result<Samples> {
    let central = CentralProcess::start()?;
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    let till = Till::quiet(&central.issuer())?;
    let app = App::start(&display, &session, &till).await?;
    visit::unlock(&app).await?;
    visit::memory_is(&app, "ready").await?;
    app.quit().await?;

    let file = database::file(&till)?;
    let memory = file.parent().context("the database is in no folder")?;
    let (full, empty) = (memory.with_extension("full"), memory.with_extension("empty"));
    copy_folder(memory, &empty)?;
    fs::rename(memory, &full)?;
    fill(&full, customers, &database::key(&session)?)?;

    let mut samples = Samples::default();
    for round in 0..=STARTS {
        for (stored, figures) in [(&full, &mut samples.values), (&empty, &mut samples.baselines)] {
            fs::rename(stored, memory)?;
            let app = App::start(&display, &session, &till).await?;
            let ready = app.interactive_after().await?;
            visit::memory_is(&app, "ready").await?;
            app.quit().await?;
            fs::rename(memory, stored)?;
            if round > 0 {
                figures.push(ready);
            }
        }
    }
    Ok(samples)
}

/// Puts customers into a memory that nobody has open, by a program of its own: nothing here knows the vault.
fn fill(memory: &Path, customers: u64, key: &str) -> Result<()> {
    let mut filling = Command::new(binary("fill")?)
        .arg(memory)
        .arg(customers.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .context("fill")?;
    filling.stdin.take().context("fill takes no key")?.write_all(key.as_bytes())?;
    ensure!(filling.wait()?.success(), "the memory could not be filled");
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Lets customers sign in at the till, and beside it the same requests without one.
pub(crate) async fn visits() -> Result<Visits> {
    let central = CentralProcess::start()?;
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    let (till, other) = (Till::quiet(&central.issuer())?, Till::without_configuration()?);
    let (phone, second_display) = (Phone::start("en").await?, Display::start()?);
    let bare = App::start_program(&binary("bare")?, &second_display, &session, &other).await?;
    let app = App::start(&display, &session, &till).await?;
    visit::unlock(&app).await?;
    visit::memory_is(&app, "ready").await?;
    visit::connection_is(&app, "online").await?;

    let raw = Raw::new(&central)?;
    let mut visits = Visits::default();
    for round in 0..=VISITS {
        // The same two steps without a till.
        let asked = SystemTime::now();
        let code = raw.code().await?;
        let raw_code = since(asked)?;
        visit::sign_in_on_phone(&phone, &code.address, &AMELIE).await?;
        let (came, yes) = tokio::try_join!(raw.token(&code.device_code), say_yes(&phone))?;
        let raw_tokens = came - yes;

        let appears = appearing(app.display(), &hook("qr")).await?;
        let tapped = tap(app.associate(), &hook("sign-in")).await?;
        let qr_visible = appears.wait().await? - tapped;
        visit::sign_in_on_phone(&phone, &visit::scan(&display).await?, &AMELIE).await?;
        let appears = appearing(app.associate(), &hook("masked-name")).await?;
        let yes = say_yes(&phone).await?;
        let yes_to_match = appears.wait().await? - yes;

        let profile = tap_to_paint(app.associate(), &hook("confirm-match"), &hook("customer-name")).await?;
        bare.associate().script("document.querySelector('main').dataset.screen = 'home';", vec![]).await?;
        let echo = tap_to_paint(bare.associate(), "#tap", "[data-screen=answered]").await?;
        visit::end(&app).await?;
        app.display().wait_for("rest").await?;
        if round > 0 {
            visits.qr_visible.values.push(qr_visible);
            visits.qr_visible.baselines.push(raw_code);
            visits.yes_to_match.values.push(yes_to_match);
            visits.yes_to_match.baselines.push(raw_tokens);
            visits.profile_painted.values.push(profile);
            visits.profile_painted.baselines.push(echo);
        }
    }
    app.quit().await?;
    bare.quit().await?;
    Ok(visits)
}

/// Keeps when something has been painted that is not there yet.
const WATCH: &str = r"
const [selector] = arguments;
window.__painted = new Promise((resolve) => {
  const look = () => {
    if (document.querySelector(selector) === null) return;
    watching.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
  };
  const watching = new MutationObserver(look);
  watching.observe(document, { subtree: true, childList: true, attributes: true });
  look();
});
";

const WAIT: &str = "window.__painted.then(arguments[arguments.length - 1]);";

/// Taps, and says when.
const TAP: &str = r"
const tapped = performance.timeOrigin + performance.now();
document.querySelector(arguments[0]).click();
return tapped;
";

/// Something that is to appear on a page.
struct Appearing<'a>(&'a Page);

async fn appearing<'a>(page: &'a Page, selector: &str) -> Result<Appearing<'a>> {
    page.script(WATCH, vec![json!(selector)]).await?;
    Ok(Appearing(page))
}

impl Appearing<'_> {
    /// When it was painted.
    async fn wait(&self) -> Result<f64> {
        self.0.script_async(WAIT, vec![]).await?.as_f64().context("the page tells no time")
    }
}

async fn tap(page: &Page, selector: &str) -> Result<f64> {
    page.wait_for_at(selector, LONG).await?;
    page.script(TAP, vec![json!(selector)]).await?.as_f64().context("the page tells no time")
}

/// From a tap to what it makes appear on the same page.
async fn tap_to_paint(page: &Page, button: &str, selector: &str) -> Result<f64> {
    let appears = appearing(page, selector).await?;
    let tapped = tap(page, button).await?;
    Ok(appears.wait().await? - tapped)
}

/// The customer's yes, and when they tapped. The page goes with the tap: what it keeps for its site stays.
async fn say_yes(phone: &Phone) -> Result<f64> {
    let listen = "document.addEventListener('click', () => sessionStorage.setItem('tapped', performance.timeOrigin + performance.now()), true);";
    phone.page().script(listen, vec![]).await?;
    visit::decide(phone, Decision::JustThisVisit).await?;
    let tapped = phone.page().script("return Number(sessionStorage.getItem('tapped'));", vec![]).await?;
    tapped.as_f64().context("the phone tells no time")
}

/// A till's requests without a till.
struct Raw {
    http: reqwest::Client,
    issuer: String,
}

struct Code {
    address: String,
    device_code: String,
}

const CLIENT: (&str, &str) = ("client_id", "till-northquay-1");

impl Raw {
    fn new(central: &CentralProcess) -> Result<Raw> {
        let http = reqwest::Client::builder().no_proxy().timeout(LONG).build()?;
        Ok(Raw { http, issuer: central.issuer() })
    }

    async fn code(&self) -> Result<Code> {
        let ask = [CLIENT, ("scope", "openid profile email customer")];
        let address = format!("{}/oauth/device", self.issuer);
        let answer: Value = self.http.post(address).form(&ask).send().await?.json().await?;
        let text = |name: &str| answer[name].as_str().map(str::to_owned).context("no code");
        Ok(Code { address: text("verification_uri_complete")?, device_code: text("device_code")? })
    }

    /// Asks for tokens until there are some, and says when they came.
    async fn token(&self, device_code: &str) -> Result<f64> {
        let address = format!("{}/oauth/token", self.issuer);
        let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        let form = [CLIENT, grant, ("device_code", device_code)];
        until("the raw tokens", LONG, async || {
            let answer: Value = self.http.post(&address).form(&form).send().await?.json().await?;
            let now = milliseconds(SystemTime::now())?;
            Ok(answer["access_token"].is_string().then_some(now))
        })
        .await
    }
}

/// Megabytes of all processes of an app, shared pages counted in parts, once it has come to rest.
async fn memory(app: &App) -> Result<f64> {
    let mut before = 0.0;
    until("the memory to come to rest", LONG, async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut now = 0.0;
        for process in app.processes() {
            now += proportional(process)?;
        }
        let rests = (now - before).abs() < 0.005 * now;
        before = now;
        Ok(rests.then_some(now))
    })
    .await
}

fn proportional(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no share of memory")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1000.0)
}

fn milliseconds(time: SystemTime) -> Result<f64> {
    Ok(time.duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64() * 1000.0)
}

fn since(start: SystemTime) -> Result<f64> {
    Ok(start.elapsed()?.as_secs_f64() * 1000.0)
}
