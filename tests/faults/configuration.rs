//! A configuration that cannot be used: one sentence, on the command line and on the screen, and nothing half-started.

use std::path::PathBuf;

use anyhow::Result;
use harness::{
    AMELIE, App, Display, Keyring, Phone, SHORT, Session, Till, command_line, init, search, visit,
};

const GOOD: &str = "issuer = \"https://id.example.com\"\nclient_id = \"till-northquay-1\"\n\n[till]\n\
                    store = \"Marram Northquay\"\nname = \"Till 1\"\nbrand = \"marram\"\n";

struct Mistake {
    what: &'static str,
    text: String,
    /// What the sentence must name, besides the file.
    names: &'static [&'static str],
    /// What the screen must name, besides the file.
    shown: &'static [&'static str],
    code: &'static str,
}

fn mistakes() -> Vec<Mistake> {
    let mistake = |what, text, names, shown, code| Mistake { what, text, names, shown, code };
    vec![
        mistake(
            "an unknown key",
            GOOD.replace("client_id", "isuer = \"x\"\nclient_id"),
            &["line 2", "\"isuer\"", "expected", "issuer"],
            &["2", "isuer", "issuer, client_id"],
            "unknownKey",
        ),
        mistake(
            "no issuer",
            GOOD.replace("issuer = \"https://id.example.com\"\n", ""),
            &["\"issuer\"", "missing"],
            &["issuer"],
            "missingKey",
        ),
        mistake(
            "an issuer without https",
            GOOD.replace("https://", "http://"),
            &["line 1", "\"issuer\"", "https"],
            &["1", "issuer", "https://"],
            "insecureIssuer",
        ),
        mistake(
            "a broken address",
            GOOD.replace("https://id.example.com", "https//id"),
            &["line 1", "\"issuer\"", "this is not the address of a provider", "expected"],
            &["1", "issuer", "https://", "https//id"],
            "badUrl",
        ),
        mistake(
            "an address with a password",
            GOOD.replace("https://id", "https://robin:secret@id"),
            &["line 1", "\"issuer\"", "this is not the address of a provider", "expected"],
            &["1", "issuer", "https://"],
            "badUrl",
        ),
        mistake(
            "a brand without a theme",
            GOOD.replace("\"marram\"", "\"fjord\""),
            &["line 7", "\"till.brand\"", "fjord", "expected", "marram, voltage"],
            &["7", "till.brand", "marram, voltage", "fjord"],
            "unknownValue",
        ),
        mistake(
            "a language that is not spoken",
            format!("{GOOD}\n[display]\nlanguage = \"tlh\"\n"),
            &["line 10", "\"display.language\"", "tlh", "expected", "de, en"],
            &["10", "display.language", "de, en", "tlh"],
            "unknownValue",
        ),
        mistake(
            "text that is not TOML",
            GOOD.replace("[till]", "[till"),
            &["line 4", "expected"],
            &["4"],
            "notToml",
        ),
    ]
}

#[test]
fn the_command_line_says_each_mistake_in_one_sentence_and_fails() -> Result<()> {
    for Mistake { what, text, names, .. } in mistakes() {
        let till = Till::with_configuration(&text)?;
        let file = till.configuration().display().to_string();
        let (code, said) = command_line(&till, &["check", "--config", &file])?;
        assert_eq!(code, Some(2), "{what}: {said}");
        assert_eq!(said.trim().lines().count(), 1, "{what}: {said}");
        for name in [file.as_str()].iter().chain(names) {
            assert!(said.contains(name), "{what}: {name} is not in: {said}");
        }
        assert!(search::files(&till.data())?.is_empty(), "{what}: the check wrote files");
    }
    Ok(())
}

#[test]
fn a_good_file_passes_the_check() -> Result<()> {
    let till = Till::with_configuration(GOOD)?;
    let (code, said) =
        command_line(&till, &["check", "--config", &till.configuration().display().to_string()])?;
    assert_eq!(code, Some(0), "{said}");
    Ok(())
}

#[test]
fn a_file_that_is_not_there_or_no_file_is_named() -> Result<()> {
    let till = Till::without_configuration()?;
    for file in [till.folder().join("none.toml"), till.data()] {
        let file: PathBuf = file;
        let (code, said) = command_line(&till, &["check", "--config", &file.display().to_string()])?;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(&file.display().to_string()) && said.contains("cannot be read"), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn the_screen_says_it_too_and_nothing_else_has_started() -> Result<()> {
    init();
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    for Mistake { what, text, shown, code, .. } in mistakes() {
        let till = Till::with_configuration(&text)?;
        let app = App::start(&display, &session, &till).await?;
        shows(&app, &till, what, code, shown).await?;
        app.display().wait_for("rest").await?;
        let databases =
            search::files(&till.data())?.into_iter().filter(|file| file.to_string_lossy().contains(".db"));
        assert_eq!(databases.count(), 0, "{what}: a database was made");
        app.quit().await?;
    }
    assert!(!session.secrets("service", "countersign")?.contains("secret ="), "a key was made");
    Ok(())
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_on_the_screen_and_in_the_exit_code() -> Result<()> {
    init();
    let (display, session) = (Display::start()?, Session::start(Keyring::Missing).await?);
    let till = Till::with_configuration(GOOD)?;
    // Nobody can read a folder as a file, not even root.
    std::fs::remove_file(till.configuration())?;
    std::fs::create_dir(till.configuration())?;
    let app = App::start(&display, &session, &till).await?;
    shows(&app, &till, "a folder", "unreadable", &[]).await?;
    app.quit().await?;

    // Whoever started it is told as well, although there was a window.
    let mut app = App::start_undriven(&display, &session, &till)?;
    display.wait_for_window("Countersign Display").await?;
    assert_eq!(app.end().await?.code(), Some(2));
    Ok(())
}

/// The screen says what is wrong, in which file, and names all of this.
async fn shows(app: &App, till: &Till, what: &str, code: &str, named: &[&str]) -> Result<()> {
    let page = app.associate();
    page.wait_for_at(&format!("[data-screen=\"badConfiguration\"][data-code=\"{code}\"]"), SHORT).await?;
    let script =
        "return [...document.querySelectorAll('main dd')].map((element) => element.innerText.trim());";
    let shown: Vec<String> = serde_json::from_value(page.script(script, vec![]).await?)?;
    let file = till.configuration().display().to_string();
    assert!(shown.contains(&file), "{what}: the file is not named: {shown:?}");
    for name in named {
        assert!(shown.iter().any(|text| text.contains(name)), "{what}: {name} is not among {shown:?}");
    }
    assert!(shown.iter().all(|text| !text.contains("secret")), "{what}: a password is shown: {shown:?}");
    assert!(page.text().await?.lines().count() > shown.len(), "{what}: no sentence says what is wrong");
    Ok(())
}

#[tokio::test]
async fn a_till_that_was_never_set_up_offers_to_try_it_and_then_works() -> Result<()> {
    init();
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    let till = Till::without_configuration()?;
    let app = App::start(&display, &session, &till).await?;
    app.associate().wait_for("firstRun").await?;
    app.associate().press_at(&visit::hook("try-embedded")).await?;
    visit::unlock(&app).await?;
    visit::connection_is(&app, "online").await?;
    let phone = Phone::start("de").await?;
    visit::sign_in(&app, &display, &phone, &AMELIE, false).await?;
    app.quit().await
}
