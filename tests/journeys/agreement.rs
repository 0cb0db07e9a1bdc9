//! What a customer leaves at a store, and takes back before an associate.

use anyhow::Result;
use harness::{
    AMELIE, Keyring, LONG, Scene, until,
    visit::{self, hook, values},
};

#[tokio::test]
async fn a_customer_leaves_one_part_and_is_forgotten_offline_and_the_centre_hears_of_it() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::ask_for_code(app).await?;
    let address = visit::scan(&scene.display).await?;
    visit::sign_in_on_phone(&scene.phone, &address, &AMELIE).await?;
    visit::leave(&scene.phone, &["preferences"]).await?;
    visit::wait_for_match(app).await?;
    visit::confirm(app).await?;
    assert_eq!(values(app.associate(), "agreed", "data-scope").await?, ["preferences"]);
    assert!(values(app.associate(), "not-kept", "data-part").await?.is_empty(), "they have signed in");
    visit::end_remembered(app, &AMELIE).await?;

    scene.central.stop().await?;
    let app = scene.app()?;
    assert!(
        visit::search(app, "amelie.durand@example.com").await?.is_empty(),
        "an address is found that was not left"
    );
    visit::open_remembered(app, "amelie").await?;
    assert_eq!(values(app.associate(), "not-kept", "data-part").await?, ["activity", "contact"]);
    app.associate().press_at(&hook("forget")).await?;
    app.associate().press_at(&hook("forget-yes")).await?;
    visit::wait_for_notice(app, "forgotten").await?;
    app.associate().wait_for("home").await?;
    assert!(visit::search(app, "amelie").await?.is_empty());

    // What was told at the till is not lost with the power.
    scene.kill_app().await?;
    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    scene.central.restart()?;
    until("the withdrawal at the centre", LONG, async || {
        let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
        let newest = profile["consents"].as_array().and_then(|acts| acts.last()).cloned().unwrap_or_default();
        Ok((newest["given"] == false && newest["by"] == "associate").then_some(()))
    })
    .await?;
    scene.quit_app().await
}
