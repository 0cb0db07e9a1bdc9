//! A retailer whose provider says who a customer is, and has no profile API.

use anyhow::Result;
use harness::{
    Answer, App, Display, Keyring, Provider, Session, Till, init,
    visit::{self, preference, texts},
};

const CONTROLS: &str = "[data-testid=preference] :is(button, input, textarea, [role=radio])";

struct Counter {
    app: App,
    _display: Display,
    _session: Session,
    _till: Till,
}

/// A customer of the provider is open at a till with this section in its configuration.
async fn visited(provider: &Provider, section: &str) -> Result<Counter> {
    init();
    let till = Till::with_configuration(&format!(
        "issuer = \"{}\"\nclient_id = \"till-northquay-1\"\n\n[till]\nstore = \"Marram Northquay\"\nname = \"Till 1\"\n\
         brand = \"marram\"\n{section}",
        provider.issuer()
    ))?;
    let (display, session) = (Display::start()?, Session::start(Keyring::Missing).await?);
    let app = App::start(&display, &session, &till).await?;
    visit::unlock(&app).await?;
    visit::ask_for_code(&app).await?;
    provider.answer(Answer::Tokens(None));
    visit::wait_for_stage(&app, "match").await?;
    visit::confirm(&app).await?;
    Ok(Counter { app, _display: display, _session: session, _till: till })
}

#[tokio::test]
async fn what_user_info_does_not_say_is_not_offered_and_named_as_unknown() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = visited(&provider, "").await?;
    let page = counter.app.associate();
    assert_eq!(texts(page, "customer-name").await?, ["Ottoline Featherstonehaugh"]);
    for absent in ["preference", "activity", "identity", "consent"] {
        assert!(texts(page, absent).await?.is_empty(), "{absent}");
    }
    let unknown = texts(page, "unknown").await?.concat();
    for name in ["Preferences", "Activity", "Linked accounts"] {
        assert!(unknown.contains(name), "{unknown}");
    }
    visit::end(&counter.app).await
}

#[tokio::test]
async fn mapped_claims_are_shown_without_anything_to_change_them_by() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let section = "[profile]\nsource = \"user_info\"\n[profile.preferences]\n\
        \"sizes.shoes\" = \"/https:~1~1shop.example~1likes/shoes\"\n\
        \"style.colours\" = \"/https:~1~1shop.example~1likes/colours\"\n";
    let counter = visited(&provider, section).await?;
    let page = counter.app.associate();
    page.wait_for_at(&preference("sizes", "shoes"), harness::SHORT).await?;
    let shown = texts(page, "preference").await?;
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[0].contains("38") && shown[1].contains("Navy, Sand"), "{shown:?}");
    assert!(!page.has(CONTROLS).await?, "something can be changed");
    visit::end(&counter.app).await
}
