//! A till whose database cannot be used any more.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result, ensure};
use harness::{
    AMELIE, Keyring, LONG, Scene, Session, command_line_in, database, search, until,
    visit::{self, hook, values},
};

#[tokio::test]
async fn a_damaged_database_is_kept_aside_untouched_and_the_till_starts_anew() -> Result<()> {
    let mut scene = remembers_somebody().await?;
    let database = database::file(&scene.till)?;
    let mut bytes = fs::read(&database)?;
    let middle = bytes.len() / 2;
    bytes.iter_mut().skip(64).take(middle).for_each(|byte| *byte ^= 0x5a);
    fs::write(&database, bytes)?;
    let damaged = files_of(&scene)?;

    scene.start_app().await?;
    starts_anew(&scene, "damaged").await?;
    is_kept(&scene, &damaged)?;
    remembers_again(&mut scene).await
}

#[tokio::test]
async fn a_database_whose_key_is_gone_is_kept_aside_untouched_and_the_till_starts_anew() -> Result<()> {
    let mut scene = remembers_somebody().await?;
    let locked_out = files_of(&scene)?;
    scene.session = Session::start(Keyring::Unlocked).await?;

    scene.start_app().await?;
    starts_anew(&scene, "wrongKey").await?;
    is_kept(&scene, &locked_out)?;
    remembers_again(&mut scene).await
}

#[tokio::test]
async fn an_edit_that_can_still_be_read_in_a_damaged_database_is_sent() -> Result<()> {
    let mut scene = remembers_somebody().await?;
    leaves_an_edit(&mut scene).await?;
    database::damage(&scene.till, &database::key(&scene.session)?, "copy").await?;

    scene.start_app().await?;
    starts_anew(&scene, "damaged").await?;
    scene.central.restart()?;
    // Nobody's token is at hand: the edit waits, is counted, and goes out when the customer is at the counter again.
    let app = scene.app()?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    arrives(&scene).await?;
    scene.quit_app().await
}

#[tokio::test]
async fn an_edit_that_nobody_at_the_till_can_read_any_more_reaches_the_centre() -> Result<()> {
    let mut scene = remembers_somebody().await?;
    leaves_an_edit(&mut scene).await?;
    scene.session = Session::start(Keyring::Unlocked).await?;
    scene.central.restart()?;

    scene.start_app().await?;
    starts_anew(&scene, "wrongKey").await?;
    arrives(&scene).await?;
    scene.quit_app().await
}

#[tokio::test]
async fn store_it_looks_after_the_memory_of_a_till_by_the_command_line() -> Result<()> {
    let scene = remembers_somebody().await?;
    let run = |arguments: &[&str]| {
        let (code, text) = command_line_in(&scene.session, None, &scene.till, &[], arguments)?;
        ensure!(code == Some(0), "{arguments:?} ended with {code:?}: {text}");
        anyhow::Ok(text)
    };
    let (export, backup) = (scene.till.folder().join("export.json"), scene.till.folder().join("backup.db"));
    let (export, backup) = (export.to_str().context("no path")?, backup.to_str().context("no path")?);
    ensure!(run(&["vault", "check"])?.contains("1 customers"));
    run(&["vault", "export", "--customer", AMELIE.email, "--by", "DPO", "--to", export])?;
    ensure!(fs::read_to_string(export)?.contains(AMELIE.name));
    run(&["vault", "backup", backup])?;
    run(&["vault", "rekey"])?;
    run(&["audit", "verify"])?;
    run(&["vault", "erase", "--customer", AMELIE.email, "--by", "DPO"])?;
    ensure!(run(&["vault", "check"])?.contains("0 customers"));
    run(&["audit", "verify"]).map(drop)
}

/// A till that has remembered a customer, and was switched off.
async fn remembers_somebody() -> Result<Scene> {
    let mut scene = Scene::start_by_name(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    visit::end_remembered(app, &AMELIE).await?;
    scene.quit_app().await?;
    Ok(scene)
}

/// An edit is made while the centre is away, and waits at the till, which is switched off.
async fn leaves_an_edit(scene: &mut Scene) -> Result<()> {
    scene.central.stop().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    visit::open_remembered(app, "amelie").await?;
    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "waiting").await?;
    scene.quit_app().await
}

/// The edit comes to the centre.
async fn arrives(scene: &Scene) -> Result<()> {
    until("the edit at the centre", LONG, async || {
        let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
        Ok((profile["preferences"]["style"]["fit"]["value"] == "slim").then_some(()))
    })
    .await
}

/// The window says what is wrong and offers to start anew; that is taken.
async fn starts_anew(scene: &Scene, state: &str) -> Result<()> {
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::memory_is(app, state).await?;
    assert_eq!(values(app.associate(), "memory", "data-state").await?, [state]);
    app.associate().press_at(&hook("start-anew")).await?;
    app.associate().press_at(&hook("confirm-start-anew")).await?;
    visit::memory_is(app, "ready").await?;
    visit::unlock(app).await
}

/// The old files are there, byte for byte, under a name that has the day in it.
fn is_kept(scene: &Scene, before: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let now = files_of(scene)?;
    let database = before.get("vault.db").context("there was no database")?;
    let kept: Vec<&String> =
        now.iter().filter(|(_, bytes)| *bytes == database).map(|(name, _)| name).collect();
    assert_eq!(kept.len(), 1, "the database is kept as {kept:?}");
    let dated = kept[0].chars().filter(char::is_ascii_digit).count() >= 8;
    assert!(dated && kept[0] != "vault.db", "{} has no day in its name", kept[0]);
    Ok(())
}

async fn remembers_again(scene: &mut Scene) -> Result<()> {
    let app = scene.app()?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    visit::end_remembered(app, &AMELIE).await?;
    assert_eq!(visit::search(app, "amelie").await?.len(), 1);
    scene.quit_app().await
}

/// Contents of the files of the database, by name.
fn files_of(scene: &Scene) -> Result<BTreeMap<String, Vec<u8>>> {
    let database = database::file(&scene.till)?;
    let folder = database.parent().context("no folder")?;
    let mut found = BTreeMap::new();
    for file in search::files(folder)? {
        let name = file.file_name().context("no name")?.to_string_lossy().into_owned();
        found.insert(name, fs::read(file)?);
    }
    Ok(found)
}
