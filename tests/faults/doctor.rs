//! `countersign doctor` and its page: the real program, in sessions and on tills that lack things.

use std::net::TcpListener;

use anyhow::{Context, Result, ensure};
use harness::{
    App, CentralProcess, Display, Keyring, LONG, Session, Till, command_line_in, init, visit::hook,
};
use serde_json::Value;

/// A till, where it stands.
struct Place {
    central: CentralProcess,
    session: Session,
    display: Display,
    till: Till,
}

impl Place {
    async fn with(keyring: Keyring) -> Result<Place> {
        init();
        let central = CentralProcess::start()?;
        let till = Till::new(&central.issuer())?;
        Ok(Place { session: Session::start(keyring).await?, display: Display::start()?, central, till })
    }

    fn doctor(&self, environment: &[(&str, &str)]) -> Result<Told> {
        Told::by(&self.session, Some(&self.display), &self.till, environment)
    }
}

/// What the doctor told, to people and to programs.
struct Told {
    text: String,
    json: Value,
}

impl Told {
    fn by(
        session: &Session,
        display: Option<&Display>,
        till: &Till,
        environment: &[(&str, &str)],
    ) -> Result<Told> {
        let (code, text) = command_line_in(session, display, till, environment, &["doctor"])?;
        let (again, json) = command_line_in(session, display, till, environment, &["doctor", "--json"])?;
        let json: Value = serde_json::from_str(&json).with_context(|| json.clone())?;
        ensure!(code == again, "{code:?} and {again:?}: {text}");
        ensure!(json["exit_code"].as_i64() == code.map(i64::from), "{code:?}: {json}");
        ensure!(json["schema"] == 1, "{json}");
        Ok(Told { text, json })
    }

    fn first(&self) -> Option<&str> {
        self.json["first"].as_str()
    }

    /// The code of a check.
    fn code(&self, check: &str) -> Option<&str> {
        let lines = self.json["lines"].as_array()?;
        lines.iter().find(|line| line["check"] == check)?["code"].as_str()
    }

    /// The checks that did not come out well.
    fn troubles(&self) -> Vec<&str> {
        let lines = self.json["lines"].as_array().into_iter().flatten();
        lines.filter(|line| line["verdict"] != "ok").filter_map(|line| line["check"].as_str()).collect()
    }
}

#[tokio::test]
async fn a_till_that_is_well_is_told_so_and_stays_as_it_was() -> Result<()> {
    let place = Place::with(Keyring::Unlocked).await?;
    let told = place.doctor(&[])?;
    // No scanner is plugged into a machine that runs tests.
    ensure!(told.troubles().iter().all(|check| *check == "scanner"), "{}", told.text);
    let expected = i32::from(!told.troubles().is_empty());
    assert_eq!(told.json["exit_code"], expected, "{}", told.text);
    assert_eq!(told.text.lines().count(), 19, "{}", told.text);
    assert!(harness::search::files(&place.till.data())?.is_empty(), "something was left in the data folder");
    let left = place.session.secrets("service", "countersign")?;
    assert!(!left.contains("secret ="), "something was left in the keyring: {left}");
    Ok(())
}

#[tokio::test]
async fn keyrings_that_lack_or_lock_or_keep_silent_are_named() -> Result<()> {
    for (keyring, code) in [
        (Keyring::Missing, "keyring_missing"),
        (Keyring::NoBus, "keyring_missing"),
        (Keyring::Locked, "keyring_locked"),
        (Keyring::Silent, "keyring_silent"),
    ] {
        let place = Place::with(keyring).await?;
        let told = place.doctor(&[])?;
        assert_eq!((told.first(), told.json["exit_code"].as_i64()), (Some(code), Some(2)), "{}", told.text);
        assert_eq!(told.code("database"), Some("not_tried"), "{}", told.text);
    }
    Ok(())
}

#[tokio::test]
async fn without_display_and_session_it_says_so_and_what_else_is_well() -> Result<()> {
    let place = Place::with(Keyring::NoBus).await?;
    let told = Told::by(&place.session, None, &place.till, &[])?;
    assert_eq!(told.code("display"), Some("display_none"), "{}", told.text);
    assert_eq!(told.code("device"), Some("device_code_given"), "{}", told.text);
    let nowhere = Told::by(&place.session, None, &place.till, &[("DISPLAY", ":4711")])?;
    assert_eq!(nowhere.code("display"), Some("display_unreachable"), "{}", nowhere.text);
    Ok(())
}

#[tokio::test]
async fn a_service_that_is_gone_and_a_file_that_is_wrong_are_named() -> Result<()> {
    let mut place = Place::with(Keyring::Unlocked).await?;
    place.central.stop().await?;
    assert_eq!(place.doctor(&[])?.first(), Some("tcp_refused"));
    std::fs::write(place.till.configuration(), "isuer = \"x\"\n")?;
    let told = place.doctor(&[])?;
    assert_eq!(told.first(), Some("configuration_bad"));
    assert!(told.text.contains("problem unknownKey, line 1, key isuer"), "{}", told.text);
    std::fs::remove_file(place.till.configuration())?;
    assert_eq!(place.doctor(&[])?.first(), Some("configuration_missing"));
    Ok(())
}

#[tokio::test]
async fn nothing_secret_or_personal_is_told() -> Result<()> {
    const SECRETS: [&str; 4] = ["lantern", "harbour", "robin", "quillfeather"];
    init();
    let session = Session::start(Keyring::Missing).await?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let closed = listener.local_addr()?.port();
    drop(listener);
    let proxy = format!("http://robin:lantern-harbour@127.0.0.1:{closed}");
    let environment = [
        ("HTTPS_PROXY", proxy.as_str()),
        ("HOME", "/nonexistent/quillfeather"),
        ("COUNTERSIGN_DATA", "/nonexistent/quillfeather/data"),
        ("COUNTERSIGN_LOG", "trace"),
    ];
    let good = "client_id = \"till\"\n[till]\nstore = \"Northquay\"\nname = \"Till 1\"\n";
    for (issuer, first) in [
        ("https://id.shop.example", "proxy_unreachable"),
        ("https://robin:lantern@id.shop.example", "configuration_bad"),
        ("https://id.shop.example/?key=lantern", "configuration_bad"),
    ] {
        let till = Till::with_configuration(&format!("issuer = \"{issuer}\"\n{good}"))?;
        let told = Told::by(&session, None, &till, &environment)?;
        assert_eq!(told.first(), Some(first), "{}", told.text);
        for secret in SECRETS {
            let both = format!("{}{}", told.text, told.json);
            assert!(!both.to_lowercase().contains(secret), "{secret} is in: {both}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn while_the_app_runs_its_own_page_looks_into_the_database_and_the_command_line_leaves_it_alone()
-> Result<()> {
    let place = Place::with(Keyring::Unlocked).await?;
    let app = App::start(&place.display, &place.session, &place.till).await?;
    // Once the first PIN can be set, the memory is open.
    harness::visit::unlock(&app).await?;
    let told = place.doctor(&[])?;
    assert_eq!(told.code("database"), Some("database_in_use"), "{}", told.text);

    let page = app.associate();
    page.press_at("[data-testid=lock]").await?;
    page.press_at(&hook("check-up")).await?;
    page.wait_for("checkup").await?;
    page.wait_for_at("[data-testid=standing]:is([data-standing=ok], [data-standing=warning])", LONG).await?;
    assert!(page.has("[data-check=database][data-code=database_good]").await?, "{}", page.text().await?);
    assert!(page.has("[data-check=display][data-code=display_good]").await?, "{}", page.text().await?);
    page.press_at(&hook("close-checkup")).await?;
    page.wait_for("locked").await?;
    app.quit().await
}

#[tokio::test]
async fn a_wrong_file_is_found_from_its_own_screen() -> Result<()> {
    init();
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    let till = Till::with_configuration("issuer = 1\n")?;
    let app = App::start(&display, &session, &till).await?;
    let page = app.associate();
    page.wait_for("badConfiguration").await?;
    page.press_at(&hook("check-up")).await?;
    page.wait_for_at("[data-standing=failed]", LONG).await?;
    assert!(page.has("[data-check=configuration][data-code=configuration_bad]").await?);
    assert!(page.has("[data-check=tls][data-code=not_tried]").await?);
    app.quit().await
}
