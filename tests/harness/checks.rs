//! The harness itself: what it finds, and that it can find it.

use anyhow::Result;
use harness::{
    AMELIE, App, CentralProcess, Display, Keyring, Phone, Proxy, Session, Till, binary, init, qr, search,
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
    let sleeper = std::process::Command::new("sleep").arg("60").spawn()?;
    let found = search::in_memory(sleeper.id(), &[&absent])?;
    rustix::process::kill_process(rustix::process::Pid::from_child(&sleeper), rustix::process::Signal::KILL)?;
    assert!(found.is_empty());
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
    app.associate().press("Tap").await?;
    app.associate().wait_for_text("answer").await?;
    app.display().wait_for("home").await?;
    assert_eq!(app.webviews().len(), 2);
    app.kill().await
}

#[tokio::test]
async fn a_phone_opens_pages() -> Result<()> {
    init();
    let phone = Phone::start("fr").await?;
    phone.page().open("data:text/html,<main data-screen=hello><button>Oui</button></main>").await?;
    phone.page().wait_for("hello").await?;
    assert!(phone.page().offers("oui").await?);
    Ok(())
}

#[tokio::test]
async fn sessions_have_the_keyring_that_was_asked_for() -> Result<()> {
    for keyring in
        [Keyring::Unlocked, Keyring::Locked, Keyring::Missing, Keyring::NoBus, Keyring::BrokenPortal]
    {
        Session::start(keyring).await?;
    }
    let session = Session::start(Keyring::Silent).await?;
    session.resume()
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
    let central = CentralProcess::start_behind(Some(proxy.url().clone()))?;
    proxy.pass_to(central.listen());
    central.profile_of(&AMELIE, &Phone::start("en").await?).await?;
    // A device code, an access token and an ID token.
    assert_eq!(proxy.secrets().len(), 3);
    assert!(proxy.requests().iter().any(|passed| passed.path == "/v1/me" && passed.status == 200));
    Ok(())
}
