//! Somebody new at the counter, with and without the network; and somebody who turns out to be known.

use anyhow::Result;
use harness::{
    AMELIE, App, Keyring, LONG, SHORT, Scene,
    visit::{self, hook, texts, values},
};

/// Enters somebody new, who agrees to everything.
async fn enter(app: &App, given: &str, family: &str, email: &str) -> Result<()> {
    let page = app.associate();
    page.press_at(&hook("new-customer")).await?;
    for (field, text) in [("new-given", given), ("new-family", family), ("new-email", email)] {
        page.fill_at(&hook(field), text).await?;
    }
    for part in ["new-contact", "new-preferences", "new-activity"] {
        page.press_at(&hook(part)).await?;
    }
    page.press_at(&hook("new-keep")).await?;
    page.wait_for("profile").await
}

async fn take_note(app: &App, text: &str) -> Result<()> {
    let page = app.associate();
    page.fill_at(&hook("note-field"), text).await?;
    page.press_at(&hook("take-note")).await?;
    let saved = format!("{}:not([data-progress=\"saving\"])", hook("note"));
    page.wait_for_at(&saved, SHORT).await
}

/// What is said of it may be overtaken by the next notice: the count in the status bar is not.
async fn needs_a_decision(app: &App) -> Result<()> {
    app.associate().wait_for_at(&format!("{}[data-refused=\"1\"]", hook("queue")), LONG).await
}

#[tokio::test]
async fn somebody_new_is_entered_without_the_network_and_made_when_it_is_back() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    visit::unlock(scene.app()?).await?;
    scene.central.stop().await?;
    enter(scene.app()?, "Zoë", "Hartmann", "zoe.hartmann@mail.example").await?;
    take_note(scene.app()?, "Waits for the yellow raincoat").await?;
    visit::choose(scene.app()?, "style", "fit", "relaxed").await?;
    visit::wait_for_progress(scene.app()?, "style", "fit", "waiting").await?;
    scene.app()?.associate().press_at(&hook("note-visit")).await?;
    visit::wait_for_notice(scene.app()?, "visitNoted").await?;

    // What a person was told is saved stays saved.
    scene.kill_app().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    assert_eq!(values(app.associate(), "queue", "data-waiting").await?, ["4"]);
    visit::open_remembered(app, "hartmann zo").await?;
    assert_eq!(texts(app.associate(), "note").await?.len(), 1);

    scene.central.restart()?;
    visit::wait_for_notice(scene.app()?, "queueSent").await?;
    let app = scene.app()?;
    visit::wait_for_value(app, "style", "fit", "relaxed").await?;
    visit::end(app).await?;
    assert_eq!(values(app.associate(), "queue", "data-waiting").await?, ["0"]);
    assert_eq!(scene.central.names_found("zoe hartmann", &scene.phone).await?, ["Zoë Hartmann"]);
    scene.quit_app().await
}

#[tokio::test]
async fn whoever_is_known_already_is_asked_and_signs_in_themselves() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    enter(app, "Amélie", "Durand", AMELIE.email).await?;
    take_note(app, "Waits for the yellow raincoat").await?;
    needs_a_decision(app).await?;
    visit::end(app).await?;

    let page = app.associate();
    page.press_at(&hook("show-refused")).await?;
    page.wait_for_at(&hook("new-question"), LONG).await?;
    assert_eq!(texts(page, "candidate").await?.len(), 1);
    page.press_at(&hook("same-person")).await?;
    app.display().wait_for("scan").await?;
    let address = visit::scan(&scene.display).await?;
    visit::say_yes(&scene.phone, &address, &AMELIE, false).await?;
    visit::wait_for_match(app).await?;
    visit::confirm(app).await?;
    visit::wait_for_notice(app, "enteredTakenOver").await?;
    page.wait_for_at(&format!("{}[data-progress=\"sent\"]", hook("note")), LONG).await?;
    visit::end(app).await?;
    assert_eq!(values(page, "queue", "data-waiting").await?, ["0"]);
    assert_eq!(visit::search(app, "durand").await?, [""; 0], "just this visit");

    let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    let notes = profile["preferences"]["notes"].as_object().map(serde_json::Map::len);
    assert_eq!(notes, Some(1));
    scene.quit_app().await
}

#[tokio::test]
async fn somebody_else_with_the_same_address_becomes_a_customer_of_their_own() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    enter(app, "Tom", "Durand", AMELIE.email).await?;
    needs_a_decision(app).await?;
    visit::end(app).await?;
    let page = app.associate();
    page.press_at(&hook("show-refused")).await?;
    page.wait_for_at(&hook("new-question"), LONG).await?;
    page.press_at(&hook("somebody-else")).await?;
    page.wait_for_at(&hook("unsent-none"), LONG).await?;
    let mut found = scene.central.names_found("durand", &scene.phone).await?;
    found.sort_unstable();
    assert_eq!(found, [AMELIE.name, "Tom Durand"]);
    scene.quit_app().await
}
