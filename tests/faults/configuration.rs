//! A configuration that cannot be used: one sentence, on the command line and on the screen, and nothing half-started.

use std::path::PathBuf;

use anyhow::Result;
use harness::{App, Display, Keyring, Session, Till, command_line, init, search};

const GOOD: &str = "issuer = \"https://id.example.com\"\nclient_id = \"till-northquay-1\"\n\n[till]\n\
                    store = \"Marram Northquay\"\nname = \"Till 1\"\nbrand = \"marram\"\n";

struct Mistake {
    what: &'static str,
    text: String,
    /// What the sentence must name, besides the file.
    names: &'static [&'static str],
    code: &'static str,
}

fn mistakes() -> Vec<Mistake> {
    let mistake = |what, text, names, code| Mistake { what, text, names, code };
    vec![
        mistake(
            "an unknown key",
            GOOD.replace("client_id", "isuer = \"x\"\nclient_id"),
            &["line 2", "\"isuer\"", "expected", "issuer"],
            "unknownKey",
        ),
        mistake(
            "no issuer",
            GOOD.replace("issuer = \"https://id.example.com\"\n", ""),
            &["\"issuer\"", "missing"],
            "missingKey",
        ),
        mistake(
            "an issuer without https",
            GOOD.replace("https://", "http://"),
            &["line 1", "\"issuer\"", "https"],
            "insecureIssuer",
        ),
        mistake(
            "a broken address",
            GOOD.replace("https://id.example.com", "https//id"),
            &["line 1", "\"issuer\"", "expected"],
            "badUrl",
        ),
        mistake("text that is not TOML", GOOD.replace("[till]", "[till"), &["line 4", "expected"], "notToml"),
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
    for Mistake { what, text, code, .. } in mistakes() {
        let till = Till::with_configuration(&text)?;
        let app = App::start(&display, &session, &till).await?;
        let page = app.associate();
        page.wait_for("badConfiguration").await?;
        assert!(page.has(&format!("[data-screen][data-code=\"{code}\"]")).await?, "{what}");
        let said = page.text().await?;
        assert!(
            said.contains(&till.configuration().display().to_string()),
            "{what}: the file is not named: {said}"
        );
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
async fn a_till_that_was_never_set_up_offers_to_try_it_and_then_works() -> Result<()> {
    init();
    let (display, session) = (Display::start()?, Session::start(Keyring::Unlocked).await?);
    let till = Till::without_configuration()?;
    let app = App::start(&display, &session, &till).await?;
    app.associate().wait_for("firstRun").await?;
    app.associate().press_at(&harness::visit::hook("try-embedded")).await?;
    harness::visit::unlock(&app).await?;
    harness::visit::ask_for_code(&app).await?;
    let phone = harness::Phone::start("de").await?;
    let address = harness::visit::scan(&display).await?;
    harness::visit::say_yes(&phone, &address, &harness::AMELIE, false).await?;
    harness::visit::wait_for_match(&app).await?;
    harness::visit::confirm(&app).await?;
    app.quit().await
}
