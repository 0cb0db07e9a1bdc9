//! Associates sign in at the identity service with their own phones, and from then on with a PIN.

use anyhow::Result;
use harness::{
    AMELIE, Customer, Keyring, LONG, Phone, STAFF, Scene,
    visit::{self, hook},
};

/// A till at which associates sign in, locked.
async fn scene() -> Result<Scene> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    scene.quit_app().await?;
    scene.till.let_associates_sign_in()?;
    scene.start_app().await?;
    Ok(scene)
}

/// Somebody asks for a code at the locked till, scans it and says yes.
async fn says_yes(scene: &Scene, phone: &Phone, who: &Customer) -> Result<()> {
    let app = scene.app()?;
    app.associate().press_at(&hook("sign-in-associate")).await?;
    visit::wait_for_associate_stage(app, "scan").await?;
    let address = visit::scan_as_associate(&scene.display).await?;
    visit::say_yes(phone, &address, who, false).await
}

async fn lock(scene: &Scene) -> Result<()> {
    scene.app()?.associate().press_at(&hook("lock")).await?;
    scene.app()?.associate().wait_for("locked").await
}

#[tokio::test]
async fn an_associate_signs_in_with_their_phone_and_then_by_pin_also_while_the_centre_is_away() -> Result<()>
{
    let mut scene = scene().await?;
    let page = scene.app()?.associate();
    page.wait_for("locked").await?;
    assert!(!page.has(&hook("pin")).await?, "nobody makes up a PIN");
    says_yes(&scene, &scene.phone, &STAFF).await?;
    visit::wait_for_associate_stage(scene.app()?, "choosePin").await?;
    assert_eq!(page.text_at(&hook("role")).await?, "Associate");
    assert_eq!(scene.app()?.display().screen().await?, "rest", "the customers' display shows nothing of it");
    visit::enter_pin(page, "271828").await?;
    page.wait_for("home").await?;
    assert!(page.text().await?.contains(STAFF.name));
    lock(&scene).await?;

    scene.central.stop().await?;
    visit::enter_pin(scene.app()?.associate(), "271828").await?;
    scene.app()?.associate().wait_for("home").await?;

    // Nothing that the phone gave is anywhere, and the PIN is not either.
    scene.quit_app().await?;
    let logs = scene.till.logs()?;
    for trace in [STAFF.name, STAFF.email, "271828"] {
        assert!(!logs.contains(trace), "{trace} is in the log");
    }
    Ok(())
}

#[tokio::test]
async fn a_customer_does_not_get_in_as_an_associate_and_customers_are_served_as_ever() -> Result<()> {
    let scene = scene().await?;
    let page = scene.app()?.associate();
    page.wait_for("locked").await?;
    says_yes(&scene, &scene.phone, &AMELIE).await?;
    page.wait_for_at("[data-screen=\"associateSignIn\"][data-why=\"noRole\"]", LONG).await?;
    page.press_at(&hook("cancel")).await?;
    page.wait_for("locked").await?;

    let own = Phone::start("en").await?;
    says_yes(&scene, &own, &STAFF).await?;
    visit::wait_for_associate_stage(scene.app()?, "choosePin").await?;
    visit::enter_pin(page, "271828").await?;
    page.wait_for("home").await?;
    visit::sign_in(scene.app()?, &scene.display, &scene.phone, &AMELIE, false).await?;
    visit::end(scene.app()?).await
}
