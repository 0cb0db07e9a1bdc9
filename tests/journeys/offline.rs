//! The network goes away, the power goes away, and nothing is lost.

use anyhow::Result;
use harness::{
    AMELIE, Keyring, LONG, Method, Scene, until,
    visit::{self, values},
};

#[tokio::test]
async fn a_till_that_lost_network_and_power_goes_on_and_sends_what_waited_once() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    visit::unlock(scene.app()?).await?;
    remember(&scene).await?;
    let before = scene.central.profile_of(&AMELIE, &scene.phone).await?["revision"].clone();

    scene.central.stop().await?;
    scene.kill_app().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    // Accents folded, words in any order, beginnings of words.
    let hits = visit::search(app, "dur amelie").await?;
    assert_eq!(hits.len(), 1, "{hits:?}");
    visit::open_remembered(app, "amelie").await?;
    assert_eq!(values(app.associate(), "origin", "data-origin").await?, ["copy"]);

    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "waiting").await?;
    assert_eq!(values(app.associate(), "queue", "data-waiting").await?, ["1"]);

    // What a person was told is saved stays saved.
    scene.kill_app().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    visit::open_remembered(app, "amelie").await?;
    visit::wait_for_progress(app, "style", "fit", "waiting").await?;

    scene.central.restart()?;
    let app = scene.app()?;
    visit::wait_for_notice(app, "queueSent").await?;
    visit::wait_for_progress(app, "style", "fit", "sent").await?;
    visit::wait_for_value(app, "style", "fit", "slim").await?;
    let after = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    assert_eq!(after["preferences"]["style"]["fit"]["value"], "slim");
    assert_eq!(
        after["revision"].as_u64(),
        before.as_u64().map(|before| before + 1),
        "the edit arrived more than once"
    );

    // What was sent is what the till remembers, also without the centre.
    scene.central.stop().await?;
    scene.kill_app().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    visit::open_remembered(app, "amelie").await?;
    visit::wait_for_value(app, "style", "fit", "slim").await?;
    assert_eq!(values(app.associate(), "queue", "data-waiting").await?, ["0"]);
    scene.quit_app().await
}

#[tokio::test]
async fn an_edit_whose_answer_got_lost_arrives_once_all_the_same() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    let before = scene.central.profile_of(&AMELIE, &scene.phone).await?["revision"].clone();

    scene.proxy.lose_the_next_answer_to(Method::PATCH, "/v1/me/preferences");
    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "sent").await?;
    let sent = scene.proxy.requests().iter().filter(|passed| passed.method == Method::PATCH).count();
    assert!(sent >= 2, "the edit was not sent again");
    let after = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    assert_eq!(
        after["revision"].as_u64(),
        before.as_u64().map(|before| before + 1),
        "the edit arrived more than once"
    );
    scene.quit_app().await
}

/// The answer with the next refresh token is lost. A second use of the old one could end everything, so there is none: what
/// waits is sent with the customer's next sign-in, by a till that may not send it for itself.
#[tokio::test]
async fn an_edit_waits_for_the_next_sign_in_when_the_answer_with_the_next_token_got_lost() -> Result<()> {
    let mut scene = Scene::start_by_name(Keyring::Unlocked).await?;
    visit::unlock(scene.app()?).await?;
    remember(&scene).await?;
    scene.central.stop().await?;
    scene.kill_app().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    visit::open_remembered(app, "amelie").await?;
    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "waiting").await?;

    let before = scene.proxy.requests().len();
    scene.proxy.lose_the_next_answer_to(Method::POST, "/oauth/token");
    scene.central.restart()?;
    let app = scene.app()?;
    until("a lost answer", LONG, async || Ok((!scene.proxy.is_about_to_lose()).then_some(()))).await?;
    visit::connection_is(app, "online").await?;
    visit::end(app).await?;
    let since = &scene.proxy.requests()[before..];
    let refreshes = since.iter().filter(|passed| passed.path == "/oauth/token").count();
    assert_eq!(refreshes, 1, "the old token was used again");
    assert_eq!(values(app.associate(), "queue", "data-waiting").await?, ["1"]);

    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    visit::wait_for_notice(app, "queueSent").await?;
    let after = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    assert_eq!(after["preferences"]["style"]["fit"]["value"], "slim");
    scene.quit_app().await
}

async fn remember(scene: &Scene) -> Result<()> {
    let app = scene.app()?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    visit::end_remembered(app, &AMELIE).await
}
