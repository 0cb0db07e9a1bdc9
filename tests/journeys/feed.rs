//! A till that follows the centre: who agrees elsewhere at the store is found here, and who is erased is not.

use std::fs;

use anyhow::{Context, Result};
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
