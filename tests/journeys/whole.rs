//! The main job: from the tap to the goodbye.

use anyhow::Result;
use harness::{
    AMELIE, Keyring, LONG, SHORT, Scene, qr, until,
    visit::{self, hook, preference, texts, values},
};
use url::Url;

#[tokio::test]
async fn a_customer_signs_in_at_the_counter_and_the_associate_sees_their_one_profile() -> Result<()> {
    let scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;

    visit::ask_for_code(app).await?;
    let address = visit::scan(&scene.display).await?;
    assert!(address.starts_with(&scene.central.address("/device?")), "the QR code holds {address}");
    let code = texts(app.display(), "user-code").await?.concat();
    assert!(
        Url::parse(&address)?.query_pairs().any(|(name, value)| name == "user_code" && value == code),
        "the display shows the code {code} in letters, the QR code holds {address}"
    );

    visit::sign_in_on_phone(&scene.phone, &address, &AMELIE).await?;
    app.display().wait_for("onYourPhone").await?;
    let on_phone = scene.phone.page().text().await?;
    for expected in ["Marram Northquay", &code] {
        assert!(on_phone.contains(expected), "the phone does not say {expected}: {on_phone}");
    }
    visit::decide(&scene.phone, visit::Decision::Remember).await?;

    let (masked, check) = visit::wait_for_match(app).await?;
    assert_eq!(masked, "A••• D•••");
    assert_eq!(check, visit::check_on_phone(&scene.phone).await?);
    assert!(!app.associate().text().await?.contains(AMELIE.given), "the name is shown before the match");
    app.display().wait_for("showYourPhone").await?;

    visit::confirm(app).await?;
    app.display().wait_for("welcome").await?;
    assert!(texts(app.display(), "first-name").await?.concat().contains(AMELIE.given));
    assert!(!app.display().text().await?.contains("Durand"), "the display shows more than the first name");
    sees_the_profile(&scene).await?;

    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "sent").await?;
    let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    assert_eq!(profile["preferences"]["style"]["fit"]["value"], "slim");
    assert_eq!(profile["preferences"]["style"]["fit"]["provenance"]["by"], "associate");

    visit::end(app).await?;
    app.display().wait_for("rest").await?;
    let left = app.display().script("return document.documentElement.outerHTML;", vec![]).await?;
    for personal in [AMELIE.given, "Durand", AMELIE.email, &code] {
        assert!(!left.to_string().contains(personal), "the display still holds {personal}");
    }
    assert_eq!(qr::decode(&scene.display.picture()?)?, None, "a QR code can still be scanned");
    scene_ends(scene).await
}

#[tokio::test]
async fn the_associate_can_take_back_what_they_changed() -> Result<()> {
    let scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, false).await?;
    visit::choose(app, "style", "fit", "slim").await?;
    // At once: the offer does not stay.
    app.associate().press_at(&hook("undo")).await?;
    visit::wait_for_value(app, "style", "fit", "relaxed").await?;
    visit::wait_for_progress(app, "style", "fit", "sent").await?;
    until("the old value at the centre", SHORT, async || {
        let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
        Ok((profile["preferences"]["style"]["fit"]["value"] == "relaxed").then_some(()))
    })
    .await?;
    scene_ends(scene).await
}

#[tokio::test]
async fn a_customer_who_says_no_on_the_phone_is_shown_to_nobody() -> Result<()> {
    let scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::ask_for_code(app).await?;
    let address = visit::scan(&scene.display).await?;
    visit::sign_in_on_phone(&scene.phone, &address, &AMELIE).await?;
    visit::decide(&scene.phone, visit::Decision::No).await?;
    app.associate().wait_for_at("[data-screen=\"failed\"][data-why=\"denied\"]", SHORT).await?;
    app.display().wait_for("sorry").await?;
    for window in [app.associate(), app.display()] {
        assert!(!window.text().await?.contains(AMELIE.given));
    }
    // The code that was denied is of no use, and the next customer gets another.
    visit::to_home(app).await?;
    visit::ask_for_code(app).await?;
    visit::scan_another(&scene.display, &address).await?;
    scene_ends(scene).await
}

#[tokio::test]
async fn a_refused_match_opens_nothing() -> Result<()> {
    let scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::ask_for_code(app).await?;
    let address = visit::scan(&scene.display).await?;
    visit::say_yes(&scene.phone, &address, &AMELIE, true).await?;
    visit::wait_for_match(app).await?;
    app.associate().press_at(&hook("refuse-match")).await?;
    visit::to_home(app).await?;
    // What was agreed to on the phone was agreed to by somebody else than who stands here: the store forgets it.
    until("the agreement taken back", LONG, async || {
        let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
        let newest = profile["consents"].as_array().and_then(|acts| acts.last());
        let taken_back =
            newest.is_some_and(|act| act["purpose"] == "remember_at_store" && act["given"] == false);
        Ok(taken_back.then_some(()))
    })
    .await?;
    until("nobody of that name here", LONG, async || {
        Ok(visit::search(app, "amelie").await?.is_empty().then_some(()))
    })
    .await?;
    for window in [app.associate(), app.display()] {
        assert!(!window.text().await?.contains(AMELIE.given));
    }
    visit::ask_for_code(app).await?;
    scene_ends(scene).await
}

async fn sees_the_profile(scene: &Scene) -> Result<()> {
    let page = scene.app()?.associate();
    assert_eq!(texts(page, "customer-name").await?, [AMELIE.name]);
    let mut identities = values(page, "identity", "data-provider").await?;
    identities.sort();
    let profile = scene.central.profile_of(&AMELIE, &scene.phone).await?;
    let mut linked: Vec<&str> = profile["identities"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["provider"].as_str())
        .collect();
    linked.sort_unstable();
    assert_eq!(identities, linked);
    for known in ["apple", "facebook", "google"] {
        assert!(identities.iter().any(|shown| shown == known), "{known} is not among {identities:?}");
    }
    for (group, key) in [("sizes", "top"), ("style", "fit"), ("contact", "channel"), ("care", "allergies")] {
        assert!(page.has(&preference(group, key)).await?, "{group}.{key} is not shown");
    }
    // Newest first, as the centre has it. The visit itself may be the newest entry of both.
    let shown = texts(page, "activity").await?;
    let known = scene.central.activity_of(&AMELIE, &scene.phone).await?;
    let titles: Vec<&str> = known.iter().filter_map(|activity| activity["title"].as_str()).collect();
    assert!(shown.len() >= 10, "only {} activities are shown", shown.len());
    let first = titles.iter().position(|title| shown[0].contains(title));
    let Some(first) = first else { panic!("{:?} is not among {titles:?}", shown[0]) };
    for (shown, title) in shown.iter().zip(&titles[first..]) {
        assert!(shown.contains(title), "{shown:?} is shown where the centre has {title:?}");
    }
    Ok(())
}

async fn scene_ends(mut scene: Scene) -> Result<()> {
    scene.quit_app().await
}
