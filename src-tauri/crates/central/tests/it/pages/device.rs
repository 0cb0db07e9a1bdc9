//! Codes: each way that opening one can end, and what the page of a waiting one says.

use reqwest::StatusCode;

use crate::world::{ALL, AMELIE, Asked, PASSWORD, Phone, World};

#[tokio::test]
async fn a_signed_in_phone_needs_two_taps() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code(ALL).await;
    let page = phone.open(&code.address).await;
    page.expect("consent");
    phone.decide(&page, "yes", "visit").await.expect("done");
}

#[tokio::test]
async fn the_code_can_be_typed_however_it_is_read() {
    let world = World::start().await;
    let code = world.code("openid").await;
    let phone = world.phone();
    phone.open("/device").await.expect("code");
    let typed = code.user_code.to_lowercase().replace('-', "%20");
    phone.open(&format!("/device?user_code={typed}")).await.expect("sign-in");
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_for_how_long() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let page = phone.open(&world.code(ALL).await.address).await;
    for said in [
        "Marram Northquay",
        "Till 1",
        AMELIE,
        "your name and language",
        "your e-mail address",
        "your phone number",
        "your membership, preferences",
        "one hour at most",
        "24 November 2027",
    ] {
        assert!(page.html.contains(said), "{said} is not in {}", page.html);
    }
    assert!(!page.html.contains("customers of this retailer"), "a customer cannot share that");
    let less = phone.open(&world.code("openid email").await.address).await;
    assert!(less.html.contains("your e-mail address"));
    assert!(!less.html.contains("your phone number"), "only what is asked for is listed");
}

#[tokio::test]
async fn just_this_visit_is_what_is_chosen_and_no_stands_beside_yes() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let page = phone.open(&world.code(ALL).await.address).await;
    assert!(page.html.contains(r#"value="visit" checked"#), "{}", page.html);
    assert!(!page.html.contains(r#"value="store" checked"#), "{}", page.html);
    let no = page.html.find(r#"name="decision" value="no""#).unwrap();
    let yes = page.html.find(r#"name="decision" value="yes""#).unwrap();
    assert!(no < yes, "no comes first");
}

#[tokio::test]
async fn no_needs_no_account() {
    let world = World::start().await;
    let code = world.code("openid").await;
    let phone = world.phone();
    let page = phone.open(&code.address).await;
    page.expect("sign-in");
    phone.submit(&page, "/device/decision", &[("decision", "no")]).await.expect("denied");
    assert_eq!(world.poll(&code).await.1["error"], "access_denied");
}

#[tokio::test]
async fn every_page_of_a_code_that_has_ended_says_how() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let stranger = world.phone();

    let denied = world.code("openid").await;
    phone.decide(&phone.open(&denied.address).await, "no", "visit").await.expect("denied");
    stranger.open(&denied.address).await.expect("denied");

    let used = world.code("openid").await;
    let done = phone.decide(&phone.open(&used.address).await, "yes", "visit").await;
    stranger.open(&used.address).await.expect("used");
    let again = phone.open(&used.address).await;
    again.expect("done");
    assert_eq!(again.check(), done.check());
    world.poll(&used).await;
    stranger.open(&used.address).await.expect("used");
    phone.open(&used.address).await.expect("done");

    let expired = world.code("openid").await;
    world.pass(300);
    stranger.open(&expired.address).await.expect("expired");
    phone.open(&expired.address).await.expect("expired");

    let wrong = stranger.open("/device?user_code=BBBB-BBBB").await;
    wrong.expect("wrong-code");
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_first_decision_counts() {
    let world = World::start().await;
    let (first, second) = (world.phone_of(AMELIE).await, world.phone_of(AMELIE).await);
    let code = world.code("openid").await;
    let (one, other) = (first.open(&code.address).await, second.open(&code.address).await);
    first.decide(&one, "no", "visit").await.expect("denied");
    second.decide(&other, "yes", "visit").await.expect("denied");
    assert_eq!(world.poll(&code).await.1["error"], "access_denied");
}

#[tokio::test]
async fn wrong_codes_of_one_phone_are_few() {
    let world = World::start().await;
    let phone = world.phone();
    let code = world.code("openid").await;
    let typed = typed(&code);
    // A cookie is what a phone is known by, and right codes do not count.
    for _ in 0..20 {
        phone.open(&typed).await.expect("sign-in");
    }
    for guess in 0..6 {
        let page = phone.open(&format!("/device?user_code=BBBBBBB{}", char::from(b"BCDFGH"[guess]))).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{guess}");
    }
    let page = phone.open(&typed).await;
    page.expect("wrong-code");
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    world.phone().open(&typed).await.expect("sign-in");
    // As the page says, scanning helps.
    phone.open(&code.address).await.expect("sign-in");
    world.pass(600);
    phone.open(&typed_of(&world).await).await.expect("sign-in");
}

#[tokio::test]
async fn wrong_codes_from_one_address_are_limited_with_or_without_cookies() {
    let world = World::start().await;
    for _ in 0..30 {
        assert_eq!(world.phone().open("/device?user_code=BBBBBBBB").await.status, StatusCode::NOT_FOUND);
    }
    let page = world.phone().open("/device?user_code=BBBBBBBC").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn whoever_scans_signs_in_however_many_wrong_codes_others_type_in_the_store() {
    let world = World::start().await;
    let code = world.code("openid").await;
    // One who has typed a right code is past it, too.
    let (scans, types) = (world.phone(), world.phone());
    let other = world.code("openid").await;
    let typed_page = types.open(&typed(&other)).await;
    for _ in 0..30 {
        world.phone().open("/device?user_code=BBBBBBBB").await;
    }
    assert_eq!(world.phone().open(&typed(&code)).await.status, StatusCode::TOO_MANY_REQUESTS);
    for guessed in ["", "made-up", "AAAAAAAAAAAAAAAAAAAAAA"] {
        let page = world.phone().open(&format!("{}&proof={guessed}", typed(&code))).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{guessed}");
    }
    for (phone, page) in [(&scans, scans.open(&code.address).await), (&types, typed_page)] {
        let consent = phone.sign_in(&page, AMELIE, PASSWORD).await;
        let done = phone.decide(&consent, "yes", "visit").await;
        done.expect("done");
        phone.submit(&done, "/device/take-back", &[]).await.expect("denied");
    }
}

/// The address that somebody comes to who types the code.
fn typed(code: &Asked) -> String {
    format!("/device?user_code={}", code.user_code)
}

async fn typed_of(world: &World) -> String {
    typed(&world.code("openid").await)
}

#[tokio::test]
async fn whoever_opens_the_address_of_a_form_can_enter_a_code() {
    let world = World::start().await;
    let phone = world.phone();
    for path in ["/", "/sign-in", "/sign-out", "/device/decision", "/device/take-back"] {
        let page = phone.open(path).await;
        page.expect("code");
        assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/device"), "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_or_is_not_there_is_a_page_in_the_phones_language() {
    let world = World::start().await;
    let phone = Phone::new(&world, "de");
    for (path, status) in [
        ("/nothing", StatusCode::NOT_FOUND),
        ("/device/nothing", StatusCode::NOT_FOUND),
        ("/device?user_code=BCDFGHJK&user_code=BCDFGHJK", StatusCode::BAD_REQUEST),
        ("/register?request=a&request=b", StatusCode::BAD_REQUEST),
    ] {
        let page = phone.open(path).await;
        page.expect("problem");
        assert_eq!(page.status, status, "{path}");
        assert!(page.html.contains("Diese Seite gibt es nicht"), "{}", page.html);
    }
    for (path, form) in [("/sign-in", [("email", AMELIE), ("email", AMELIE)]), ("/register", [("a", "b"); 2])]
    {
        let page = phone.send(path, &form).await;
        page.expect("problem");
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(page.html.contains("<html lang=\"de\""), "{}", page.html);
    }
}

#[tokio::test]
async fn the_pages_speak_the_phones_language() {
    let world = World::start().await;
    for (asked, tag, said) in [
        ("en", "en", "Share your profile with this counter?"),
        ("de-CH,de;q=0.9", "de", "Ihr Profil mit dieser Kasse teilen?"),
        ("fr-FR", "fr", "Partager votre profil avec cette caisse"),
        ("es-419,es;q=0.9,en;q=0.8", "es", "¿Compartir tu perfil con esta caja?"),
        ("ar-EG", "ar", "مشاركة ملفك مع نقطة البيع هذه؟"),
        ("ja", "ja", "このレジにプロフィールを共有しますか？"),
        ("pt-BR", "en", "Share your profile with this counter?"),
    ] {
        let phone = Phone::new(&world, asked);
        let code = world.code(ALL).await;
        let page = phone.open(&code.address).await;
        let mut pages = vec![phone.open("/device").await, phone.open("/device?user_code=x").await];
        pages.push(phone.open(&format!("/register?user_code={}", code.user_code)).await);
        pages.push(phone.open("/oauth/authorize").await);
        let consent = phone.sign_in(&page, AMELIE, PASSWORD).await;
        assert!(consent.html.contains(said), "{asked}: {}", consent.html);
        pages.push(phone.decide(&consent, "yes", "store").await);
        pages.extend([page, consent]);
        for page in pages {
            assert!(page.html.contains(&format!("<html lang=\"{tag}\"")), "{}", page.html);
            assert!(!page.html.contains("Unknown localization"), "{}", page.html);
            assert!(page.html.len() < 50_000, "{} bytes", page.html.len());
        }
    }
}
