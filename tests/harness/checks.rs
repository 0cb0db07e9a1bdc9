//! The harness itself: what it finds, and that it can find it.

use std::path::Path;

use anyhow::Result;
use harness::{
    AMELIE, App, CentralProcess, Display, Guarded, Keyring, Method, Phone, Proxy, Session, Till, binary,
    init, qr, search,
};

/// A QR code must be found in pixels, and only there where one is, or the journeys prove nothing.
#[test]
fn a_picture_without_a_code_gives_none() -> Result<()> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(200, 200, image::Luma([255]))
        .write_to(&mut bytes, image::ImageFormat::Png)?;
    assert_eq!(qr::decode(&bytes.into_inner())?, None);
    Ok(())
}

#[test]
fn texts_are_found_in_files_in_any_encoding() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wide: Vec<u8> = "Amélie".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("wide"), wide)?;
    std::fs::write(folder.path().join("plain"), "so Amélie came")?;
    std::fs::write(folder.path().join("other"), "nobody came")?;
    assert_eq!(search::in_files(&[folder.path()], &["Amélie"])?.len(), 2);
    Ok(())
}

#[test]
fn texts_are_found_in_the_memory_of_a_process() -> Result<()> {
    let secret: String = ["needle", "in", "a", "heap"].join("-");
    let absent: String = ["needle", "in", "a", "stack"].join("+");
    assert_eq!(search::in_memory(std::process::id(), &[&secret])?.len(), 1);
    // The needle itself is in our memory by now, so that only another process can tell the opposite.
    let folder = tempfile::tempdir()?;
    let other = Guarded::start(Path::new("sleep"), &folder.path().join("log"), |command| {
        command.arg("60");
    })?;
    assert!(search::in_memory(other.id(), &[&absent])?.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_app_with_two_windows_is_driven_and_killed() -> Result<()> {
    init();
    let display = Display::start()?;
    let session = Session::start(Keyring::Missing).await?;
    let till = Till::without_configuration()?;
    let app = App::start_program(&binary("bare")?, &display, &session, &till).await?;
    app.associate().wait_for("home").await?;
    app.associate().press_at("#tap").await?;
    app.associate().wait_for("answered").await?;
    app.display().wait_for("home").await?;
    assert_eq!(app.webviews().len(), 2);
    app.kill().await
}

#[tokio::test]
async fn a_phone_opens_pages() -> Result<()> {
    init();
    let phone = Phone::start("fr").await?;
    phone.page().open("data:text/html,<main data-page=hello><p>Bonjour</main>").await?;
    phone.page().wait_for("hello").await?;
    assert_eq!(phone.page().text_at("p").await?, "Bonjour");
    Ok(())
}

#[tokio::test]
async fn sessions_have_the_keyring_that_was_asked_for() -> Result<()> {
    const SECRETS: &str = "org.freedesktop.secrets";
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    let unlocked = Session::start(Keyring::Unlocked).await?;
    unlocked.store("drawer", "a sealed letter")?;
    assert!(unlocked.secrets("of", "drawer")?.contains("a sealed letter"));

    let mut locked = Session::start(Keyring::Locked).await?;
    assert_eq!(locked.ping(SECRETS)?, "", "the keyring does not answer");
    assert!(locked.store("drawer", "a sealed letter").is_err(), "a locked keyring takes secrets");
    locked.unlock().await?;
    locked.store("drawer", "a sealed letter")?;

    let silent = Session::start(Keyring::Silent).await?;
    assert!(silent.ping(SECRETS)?.contains("NoReply"));
    silent.resume()?;
    assert_eq!(silent.ping(SECRETS)?, "");

    let missing = Session::start(Keyring::Missing).await?;
    for name in [SECRETS, PORTAL] {
        assert!(missing.ping(name)?.contains("ServiceUnknown"), "{name}: {}", missing.ping(name)?);
    }
    let broken = Session::start(Keyring::BrokenPortal).await?;
    assert!(broken.ping(SECRETS)?.contains("ServiceUnknown"));
    assert!(broken.ping(PORTAL)?.contains("NoReply"), "{}", broken.ping(PORTAL)?);
    let none = Session::start(Keyring::NoBus).await?;
    assert!(none.ping(SECRETS).is_err() || !none.ping(SECRETS)?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_phone_signs_a_customer_in_at_the_central_service() -> Result<()> {
    init();
    let mut central = CentralProcess::start()?;
    let phone = Phone::start("fr").await?;
    let profile = central.profile_of(&AMELIE, &phone).await?;
    assert_eq!(profile["name"]["display"], AMELIE.name);
    central.stop().await?;
    central.restart()?;
    assert!(!central.activity_of(&AMELIE, &phone).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_proxy_hears_every_secret_that_passes() -> Result<()> {
    init();
    let proxy = Proxy::start().await?;
    let central = CentralProcess::start_with(40, "info", Some(proxy.url().clone()))?;
    proxy.pass_to(central.listen());
    central.profile_of(&AMELIE, &Phone::start("en").await?).await?;
    // A device code, an access token and an ID token.
    assert_eq!(proxy.secrets().len(), 3);
    assert!(proxy.requests().iter().any(|passed| passed.path == "/v1/me" && passed.status == 200));

    // A lost answer is none at all: no status, no headers.
    proxy.lose_the_next_answer_to(Method::GET, "/.well-known/openid-configuration");
    let address = central.address("/.well-known/openid-configuration");
    let http = reqwest::Client::builder().no_proxy().build()?;
    assert!(http.get(&address).send().await.is_err());
    assert_eq!(http.get(&address).send().await?.status(), 200);
    Ok(())
}
