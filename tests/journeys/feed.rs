//! A till that follows the centre: who agrees elsewhere at the store is found here, and who is erased is not.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use harness::{
    AMELIE, Keyring, LONG, Method, Scene, database, until,
    visit::{self, hook, texts, values},
};

#[tokio::test]
async fn who_agrees_at_the_till_beside_is_found_here_and_gone_once_they_are_erased_at_the_centre()
-> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    scene.central.remembers_beside(&AMELIE, &scene.phone).await?;
    until("somebody who was never here", LONG, async || {
        Ok((!visit::search(app, "durand amelie").await?.is_empty()).then_some(()))
    })
    .await?;
    visit::open_remembered(app, "durand amelie").await?;
    assert_eq!(values(app.associate(), "origin", "data-origin").await?, ["copy"]);
    visit::end(app).await?;

    let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    let subject = profile["subject"].as_str().context("no subject")?.to_owned();
    scene.central.stop().await?;
    scene.central.erase(&subject)?;
    scene.central.restart()?;
    let confirmation = format!("/v1/erasures/{subject}/confirmation");
    until("the word that it is done", LONG, async || {
        let said = |passed: &harness::Passed| {
            passed.method == Method::POST && passed.path == confirmation && passed.status == 204
        };
        Ok(scene.proxy.requests().iter().any(said).then_some(()))
    })
    .await?;
    let app = scene.app()?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    assert!(texts(app.associate(), "recent").await?.is_empty());
    scene.quit_app().await?;
    let key = database::key(&scene.session)?;
    let kept = database::contents(&mut database::open_copy(&scene.till, Some(&key)).await?).await?;
    assert!(kept.contains(visit::ASSOCIATE), "the database was not read");
    for trace in [AMELIE.name, AMELIE.email, "durand", &subject] {
        assert!(!kept.contains(trace), "{trace} is in the database");
    }
    Ok(())
}

/// Waits until so many parts of the trail were answered like this since the app started.
async fn shipped(scene: &Scene, before: usize, status: u16) -> Result<()> {
    until("a part of the trail", LONG, async || {
        let passed = scene.proxy.requests();
        let said = |passed: &harness::Passed| passed.path == "/v1/audit" && passed.status == status;
        Ok(passed[before..].iter().any(said).then_some(()))
    })
    .await
}

#[tokio::test]
async fn who_saw_whom_is_known_at_the_centre_which_notices_a_till_that_was_put_back() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    scene.central.remembers_beside(&AMELIE, &scene.phone).await?;
    let yesterday = tempfile::tempdir()?;
    for day in 0..2 {
        let app = scene.app()?;
        visit::unlock(app).await?;
        until("somebody who was never here", LONG, async || {
            Ok((!visit::search(app, "durand amelie").await?.is_empty()).then_some(()))
        })
        .await?;
        visit::open_remembered(app, "durand amelie").await?;
        visit::end(app).await?;
        scene.quit_app().await?;
        // What was done before it was switched off is sent when it is on again.
        let before = scene.proxy.requests().len();
        scene.start_app().await?;
        shipped(&scene, before, 200).await?;
        if day == 0 {
            scene.quit_app().await?;
            copy(&scene.till.data(), yesterday.path())?;
            scene.start_app().await?;
        }
    }
    scene.quit_app().await?;
    scene.central.stop().await?;
    let (trails, whole) = scene.central.audit_trails()?;
    let [trail] = &trails[..] else { bail!("{trails:?}") };
    assert!(whole && trail["lines"].as_u64() >= Some(2), "{trail}");
    scene.central.restart()?;

    copy(yesterday.path(), &scene.till.data())?;
    let before = scene.proxy.requests().len();
    scene.start_app().await?;
    shipped(&scene, before, 409).await?;
    until("all of the trail under another name", LONG, async || {
        let passed = scene.proxy.requests();
        let mut parts = passed[before..].iter().filter(|passed| passed.path == "/v1/audit");
        Ok((parts.next_back().is_some_and(|part| part.status == 200)).then_some(()))
    })
    .await?;
    scene.quit_app().await?;
    scene.central.stop().await?;
    let (trails, whole) = scene.central.audit_trails()?;
    let faults: Vec<_> = trails.iter().map(|trail| trail["broken"]["fault"].as_str()).collect();
    assert_eq!((&faults[..], whole), (&[Some("cut"), None][..], false));
    Ok(())
}

/// Puts the files of a folder into the place of those in another.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::remove_dir_all(to)?;
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::create_dir(to.join(entry.file_name()))?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_new_till_copies_the_stores_customers_and_says_how_far_it_is() -> Result<()> {
    let mut scene = Scene::start_with(Keyring::Unlocked, 450).await?;
    scene.quit_app().await?;
    scene.central.stop().await?;
    let everybody = scene.central.everybody_is_remembered().await?;
    // A new till: what it knew is gone.
    fs::remove_dir_all(scene.till.data())?;
    fs::create_dir(scene.till.data())?;
    scene.proxy.answers_only(1, "/v1/remembered");
    scene.central.restart()?;

    scene.start_app().await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    let page = app.associate();
    page.wait_for_at(&format!("{}[data-paused=\"false\"]", hook("copying")), LONG).await?;
    let line = texts(page, "copying").await?.concat();
    assert!(line.contains(&format!("200 of {everybody}")), "{line}");
    page.settled().await?;
    page.save(&scene.till.output().join("copying.png")).await?;
    page.press_at(&hook("pause-copying")).await?;
    page.wait_for_at(&format!("{}[data-paused=\"true\"]", hook("copying")), LONG).await?;

    // The power goes away; the till goes on at its page and not from the beginning.
    scene.kill_app().await?;
    scene.proxy.answers_all();
    let before = scene.proxy.requests().len();
    scene.start_app().await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    until("everybody", LONG, async || {
        visit::search(app, "a").await?;
        let searched = texts(app.associate(), "searched").await?.concat();
        Ok(searched.contains(&format!("{everybody} customers")).then_some(()))
    })
    .await?;
    let passed = scene.proxy.requests();
    let pages = passed[before..].iter().filter(|passed| passed.path == "/v1/remembered").count();
    assert_eq!(pages, 2);
    assert!(!app.associate().has(&hook("copying")).await?);
    scene.quit_app().await
}
