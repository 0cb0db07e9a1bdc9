//! The README's pictures, from the running system, so that they stay true.
#![expect(clippy::print_stdout, reason = "it tells whoever started it what it has written")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use harness::{
    AMELIE, Keyring, Page, Scene,
    visit::{self, Decision},
};

/// Wide enough for the text in a window to be read.
const WIDEST: &str = "1280x>";
/// Few enough for a repository; interfaces have few.
const COLOURS: &str = "255";

#[tokio::main]
async fn main() -> Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).context("usage: screenshots FOLDER")?);
    fs::create_dir_all(&folder)?;
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::memory_is(app, "ready").await?;

    visit::ask_for_code(app).await?;
    let address = visit::scan(&scene.display).await?;
    take(app.display(), &folder, "display-scan").await?;
    take(app.associate(), &folder, "associate-scan").await?;

    visit::sign_in_on_phone(&scene.phone, &address, &AMELIE).await?;
    take(scene.phone.page(), &folder, "phone-consent").await?;
    visit::decide(&scene.phone, Decision::Remember).await?;
    visit::wait_for_match(app).await?;
    take(app.associate(), &folder, "associate-match").await?;
    take(scene.phone.page(), &folder, "phone-done").await?;

    visit::confirm(app).await?;
    app.display().wait_for("welcome").await?;
    take(app.associate(), &folder, "associate-profile").await?;
    take(app.display(), &folder, "display-welcome").await?;

    visit::end_remembered(app, &AMELIE).await?;
    take(app.associate(), &folder, "associate-home").await?;

    scene.central.stop().await?;
    let app = scene.app()?;
    visit::open_remembered(app, "amelie").await?;
    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "waiting").await?;
    visit::connection_is(app, "offline").await?;
    take(app.associate(), &folder, "associate-offline").await?;
    scene.quit_app().await
}

/// A picture of a page once nothing moves on it, small enough to be kept.
async fn take(page: &Page, folder: &Path, name: &str) -> Result<()> {
    let file = folder.join(format!("{name}.png"));
    page.settled().await?;
    page.save(&file).await?;
    let mut small = Command::new("convert");
    small.arg(&file).args(["-resize", WIDEST, "-strip", "+dither", "-colors", COLOURS]);
    small.args(["-define", "png:compression-level=9"]).arg(format!("png8:{}", file.display()));
    ensure!(
        small.status().context("convert (of imagemagick)")?.success(),
        "{} is no picture",
        file.display()
    );
    println!("    {} ({} kB)", file.display(), fs::metadata(&file)?.len() / 1000);
    Ok(())
}
