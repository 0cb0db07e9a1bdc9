//! What must not be where: customers who did not agree, plain text on the disk, tokens anywhere but in Rust's memory.

use std::path::Path;

use anyhow::{Context, Result};
use harness::{
    AMELIE, App, Keyring, LONG, Page, Scene, database, recorder, search,
    visit::{self, texts},
};
use serde_json::json;

/// What the first customer of the demo could be known by.
const PERSONAL: [&str; 7] =
    ["Amélie", "Durand", "durand", "amelie", "+353209104182", "353209104182", "9c41d0b7@relay.example.net"];

#[tokio::test]
async fn a_customer_of_just_this_visit_is_in_no_file_and_in_no_answer() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, false).await?;
    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "sent").await?;
    let during = search::in_files(&places(&scene), &PERSONAL)?;
    assert!(during.is_empty(), "during the visit: {during:#?}");

    visit::end(app).await?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    assert!(visit::search(app, "durand").await?.is_empty());
    scene.kill_app().await?;
    // What the person typed into the search is no trace of a customer, and is not kept either.
    let after = search::in_files(&places(&scene), &PERSONAL)?;
    assert!(after.is_empty(), "after the visit: {after:#?}");
    assert!(!scene.till.logs()?.is_empty(), "there are no logs to search");
    // Nor is anything of theirs where only the key could show it.
    let kept = in_database(&scene).await?;
    assert!(kept.contains(visit::ASSOCIATE), "the database was not read");
    for personal in PERSONAL {
        assert!(!kept.contains(personal), "{personal} is in the database");
    }

    let app = scene.start_app().await?;
    visit::unlock(app).await?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    scene.quit_app().await
}

#[tokio::test]
async fn a_remembered_customer_who_now_comes_for_just_this_visit_is_not_there_any_more() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    visit::end_remembered(app, &AMELIE).await?;
    let kept = in_database(&scene).await?;
    assert!(
        kept.contains(AMELIE.name) && kept.contains("durand"),
        "a remembered customer is not found by this"
    );

    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, false).await?;
    visit::end(app).await?;
    app.associate()
        .until("a till that remembers nobody", LONG, async || {
            Ok(texts(app.associate(), "recent").await?.is_empty().then_some(()))
        })
        .await?;
    assert!(visit::search(app, "amelie").await?.is_empty());
    scene.quit_app().await?;
    let kept = in_database(&scene).await?;
    for personal in PERSONAL {
        assert!(!kept.contains(personal), "{personal} is in the database");
    }
    Ok(())
}

/// Where something of a customer could be left.
fn places(scene: &Scene) -> [&Path; 2] {
    [scene.till.folder(), scene.session.folder()]
}

async fn in_database(scene: &Scene) -> Result<String> {
    let key = database::key(&scene.session)?;
    database::contents(&mut database::open_copy(&scene.till, Some(&key)).await?).await
}

#[tokio::test]
async fn the_database_opens_with_the_key_of_the_real_keyring_alone() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    visit::sign_in(app, &scene.display, &scene.phone, &AMELIE, true).await?;
    visit::end_remembered(app, &AMELIE).await?;
    assert_eq!(visit::search(app, "amelie").await?.len(), 1);
    scene.kill_app().await?;

    let plain = search::in_files(&places(&scene), &PERSONAL)?;
    assert!(plain.is_empty(), "in plain text: {plain:#?}");
    let bytes = std::fs::read(database::file(&scene.till)?)?;
    assert!(!bytes.starts_with(b"SQLite format 3"), "the file is plain SQLite");
    assert!(database::open_copy(&scene.till, None).await.is_err(), "the database opens without a key");
    let other = "0".repeat(64);
    assert!(
        database::open_copy(&scene.till, Some(&other)).await.is_err(),
        "the database opens with another key"
    );
    let key = database::key(&scene.session)?;
    let mut opened = database::open_copy(&scene.till, Some(&key)).await?;
    assert_eq!(database::count(&mut opened, "customer").await?, 1);
    let in_files = search::in_files(&places(&scene), &[&key])?;
    assert!(in_files.is_empty(), "the key is in {in_files:#?}");
    Ok(())
}

#[tokio::test]
async fn no_token_is_in_a_webview_a_log_or_a_file() -> Result<()> {
    let mut scene = Scene::start(Keyring::Unlocked).await?;
    let app = scene.app()?;
    recorder::start(app.associate()).await?;
    recorder::start(app.display()).await?;
    visit::unlock(app).await?;
    visit::ask_for_code(app).await?;
    let code = texts(app.display(), "user-code").await?.concat();
    let address = visit::scan(&scene.display).await?;
    visit::say_yes(&scene.phone, &address, &AMELIE, true).await?;
    visit::wait_for_match(app).await?;
    visit::confirm(app).await?;
    visit::choose(app, "style", "fit", "slim").await?;
    visit::wait_for_progress(app, "style", "fit", "sent").await?;

    let secrets = scene.proxy.secrets();
    assert!(secrets.len() >= 4, "device code, access, refresh and ID token, but there are {}", secrets.len());
    let in_webviews = |app: &App| -> Result<_> {
        let hits = app.webviews().into_iter().map(|id| search::in_memory(id, &secrets));
        Ok(hits.collect::<Result<Vec<_>>>()?.into_iter().flatten().count())
    };
    assert_eq!(in_webviews(app)?, 0, "a token is in the memory of a webview");
    is_in_no_file(&scene)?;
    // The same search finds what is there.
    let present = app.webviews().into_iter().map(|id| search::in_memory(id, &[AMELIE.email]));
    assert!(present.collect::<Result<Vec<_>>>()?.iter().any(|hits| !hits.is_empty()));
    visit::end_remembered(app, &AMELIE).await?;

    let associate = recorder::heard(app.associate()).await?;
    let display = recorder::heard(app.display()).await?;
    assert!(
        associate.contains(AMELIE.email) && associate.contains(&code),
        "the recording has not heard the profile"
    );
    assert!(display.contains(&code), "the recording has not heard the code");
    scene.quit_app().await?;
    let logs = scene.till.logs()?;
    assert!(logs.contains("\"TRACE\"") || logs.contains("\"DEBUG\""), "the log is not at its lowest level");
    // Also those that were issued at the end.
    for secret in scene.proxy.secrets() {
        assert!(!associate.contains(&secret), "the associate's window has heard a token");
        assert!(!display.contains(&secret), "the customer display has heard a token");
        assert!(!logs.contains(&secret), "a token is in the log");
    }
    is_in_no_file(&scene)
}

/// No secret that was issued is in a file of the till or of its session, nor in the log of the central service.
fn is_in_no_file(scene: &Scene) -> Result<()> {
    let [till, session] = places(scene);
    let files = search::in_files(&[till, session, scene.central.log()], &scene.proxy.secrets())?;
    assert!(files.is_empty(), "a token is in {:?}", files.iter().map(|hit| &hit.place).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn each_window_can_call_its_own_commands_alone() -> Result<()> {
    let scene = Scene::start(Keyring::Missing).await?;
    let app = scene.app()?;
    visit::unlock(app).await?;
    let (associate, display) = (commands("associate")?, commands("display")?);
    assert!(associate.len() >= 20 && display == ["display_view"], "{associate:?} {display:?}");
    for command in &associate {
        assert_refused(app.display(), command).await?;
    }
    for command in &display {
        assert_refused(app.associate(), command).await?;
    }
    // Nor anything that Tauri itself would do for a page.
    for page in [app.associate(), app.display()] {
        for command in
            ["plugin:event|emit", "plugin:window|set_title", "plugin:webview|create_webview_window"]
        {
            assert_refused(page, command).await?;
        }
    }
    // The same call from the right window goes through.
    assert_eq!(call(app.associate(), "touched").await?, json!({ "answered": true }));
    app.display().wait_for("rest").await
}

async fn assert_refused(page: &Page, command: &str) -> Result<()> {
    let answer = call(page, command).await?;
    let refusal = answer["refused"].as_str().unwrap_or_default();
    assert!(refusal.contains("not allowed"), "{command} was answered with {answer}");
    Ok(())
}

async fn call(page: &Page, command: &str) -> Result<serde_json::Value> {
    let script = r#"
        const [command, done] = arguments;
        window.__TAURI_INTERNALS__.invoke(command, {}).then(
          () => done({ answered: true }),
          (problem) => done({ refused: typeof problem === "string" ? problem : JSON.stringify(problem) }),
        );
    "#;
    page.script_async(script, vec![json!(command)]).await
}

/// The commands that a capability file allows.
fn commands(window: &str) -> Result<Vec<String>> {
    let file = format!("{}/../src-tauri/capabilities/{window}.json", env!("CARGO_MANIFEST_DIR"));
    let capability: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let permissions = capability["permissions"].as_array().context("no permissions")?;
    let names = permissions.iter().filter_map(|name| name.as_str()?.strip_prefix("allow-"));
    Ok(names.map(|name| name.replace('-', "_")).collect())
}
