//! The demo that plays itself, for a machine without a display: a whole visit on real parts, with a line and a picture of
//! each step.
#![expect(clippy::print_stdout, reason = "it tells whoever started it what happens")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result};
use harness::{
    AMELIE, DEMO_PASSWORD, Keyring, LONG, Scene,
    visit::{self, Decision, hook},
};
use tokio::signal::unix::{SignalKind, signal};

/// As many as the demo with a display has.
const CUSTOMERS: u32 = 200;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).context("usage: player FOLDER")?);
    // Whatever ends it, all that it started ends with it.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        played = play(&folder) => played,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

async fn play(folder: &Path) -> Result<()> {
    let mut story = Story::begin(folder)?;
    let mut scene = Scene::start_with(Keyring::Unlocked, CUSTOMERS).await?;
    scene.app()?.associate().wait_for_one_of(&["firstPin"], LONG).await?;
    story.tell(&scene, "first-pin", "The till and the customer's display are open.").await?;

    visit::unlock(scene.app()?).await?;
    visit::memory_is(scene.app()?, "ready").await?;
    story.tell(&scene, "home", "Robin has chosen a PIN and is at the till.").await?;

    visit::ask_for_code(scene.app()?).await?;
    let address = visit::scan(&scene.display).await?;
    story.tell(&scene, "scan", &format!("The display shows a QR code; its pixels say {address}")).await?;

    visit::sign_in_on_phone(&scene.phone, &address, &AMELIE).await?;
    let who = format!("The phone has signed in {} (password {DEMO_PASSWORD}).", AMELIE.name);
    story.phone(&scene, "consent", &who).await?;

    visit::decide(&scene.phone, Decision::Remember).await?;
    let (name, check) = visit::wait_for_match(scene.app()?).await?;
    story.phone(&scene, "yes", "The customer says: yes, and remember me at this store.").await?;
    story.tell(&scene, "match", &format!("The till shows {name} and {check}; so does the phone.")).await?;

    visit::confirm(scene.app()?).await?;
    scene.app()?.display().wait_for("welcome").await?;
    story.tell(&scene, "profile", "The associate has tapped, and sees the customer's one profile.").await?;

    visit::choose(scene.app()?, "style", "fit", "slim").await?;
    visit::wait_for_progress(scene.app()?, "style", "fit", "sent").await?;
    story.tell(&scene, "edit", "A preference is changed; the centre has it.").await?;

    visit::end_remembered(scene.app()?, &AMELIE).await?;
    story.tell(&scene, "end", "The visit is over; the till remembers the customer.").await?;

    scene.central.stop().await?;
    let hits = visit::search(scene.app()?, "dur amelie").await?;
    let found = format!("The central service is stopped; a search on the till finds {}.", hits.len());
    story.tell(&scene, "search", &found).await?;

    scene.app()?.associate().press_at(&hook("search-hit")).await?;
    scene.app()?.associate().wait_for("profile").await?;
    visit::choose(scene.app()?, "style", "fit", "relaxed").await?;
    visit::wait_for_progress(scene.app()?, "style", "fit", "waiting").await?;
    visit::connection_is(scene.app()?, "offline").await?;
    story.tell(&scene, "offline", "The copy is open without the network; a change waits to be sent.").await?;

    scene.central.restart()?;
    visit::wait_for_notice(scene.app()?, "queueSent").await?;
    visit::wait_for_progress(scene.app()?, "style", "fit", "sent").await?;
    visit::connection_is(scene.app()?, "online").await?;
    story.tell(&scene, "online", "The central service is back; the change has arrived.").await?;

    visit::end(scene.app()?).await?;
    scene.app()?.display().wait_for("rest").await?;
    story.tell(&scene, "rest", "The visit is over; the display shows nothing of the customer.").await?;
    scene.quit_app().await?;
    println!(
        "A whole visit in {:.0} s. The pictures are in {}",
        story.begun.elapsed().as_secs_f64(),
        folder.display()
    );
    Ok(())
}

/// What has been told so far.
struct Story {
    folder: PathBuf,
    begun: Instant,
    step: Instant,
    number: u32,
}

impl Story {
    /// In place of the one before.
    fn begin(folder: &Path) -> Result<Story> {
        fs::create_dir_all(folder)?;
        for file in fs::read_dir(folder)? {
            let file = file?.path();
            if is_ours(&file) {
                fs::remove_file(file)?;
            }
        }
        Ok(Story { folder: folder.to_owned(), begun: Instant::now(), step: Instant::now(), number: 0 })
    }

    /// A step at the counter, with a picture of the whole screen.
    async fn tell(&mut self, scene: &Scene, name: &str, what: &str) -> Result<()> {
        let file = self.say(name, what);
        scene.app()?.associate().settled().await?;
        scene.app()?.display().settled().await?;
        scene.display.save(&file)?;
        self.step = Instant::now();
        Ok(())
    }

    /// A step on the customer's phone, with a picture of that.
    async fn phone(&mut self, scene: &Scene, name: &str, what: &str) -> Result<()> {
        let file = self.say(&format!("phone-{name}"), what);
        scene.phone.page().save(&file).await?;
        self.step = Instant::now();
        Ok(())
    }

    fn say(&mut self, name: &str, what: &str) -> PathBuf {
        self.number += 1;
        println!("{:5.1} s  {what}", self.step.elapsed().as_secs_f64());
        self.folder.join(format!("{:02}-{name}.png", self.number))
    }
}

/// Whether a file is called as our pictures are. Somebody may have named a folder that holds others.
fn is_ours(file: &Path) -> bool {
    let name = file.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (number, rest) = name.split_at_checked(2).unwrap_or_default();
    let is_numbered = number.bytes().all(|digit| digit.is_ascii_digit()) && rest.starts_with('-');
    is_numbered && file.extension().is_some_and(|ending| ending == "png")
}
