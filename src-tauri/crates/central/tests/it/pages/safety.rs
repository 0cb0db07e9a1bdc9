//! What no page may ever do, and no form may be made to do.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{StatusCode, header};
use sha2::{Digest, Sha256};

use crate::world::{ALL, AMELIE, PASSWORD, Page, World};

/// One of every kind of page.
async fn every_page(world: &World) -> Vec<Page> {
    let phone = world.phone();
    let code = world.code(ALL).await;
    let mut pages = vec![
        phone.open("/device").await,
        phone.open("/device?user_code=BBBBBBBB").await,
        phone.open(&format!("/register?user_code={}", code.user_code)).await,
        phone.open("/oauth/authorize").await,
        phone.open("/nothing").await,
    ];
    let sign_in = phone.open(&code.address).await;
    pages.push(phone.sign_in(&sign_in, AMELIE, "wrong").await);
    let consent = phone.sign_in(&sign_in, AMELIE, PASSWORD).await;
    let done = phone.decide(&consent, "yes", "store").await;
    pages.push(world.phone().open(&code.address).await);
    pages.push(phone.submit(&done, "/device/take-back", &[]).await);
    let expired = world.code(ALL).await;
    world.pass(300);
    pages.push(phone.open(&expired.address).await);
    pages.extend([sign_in, consent, done]);
    let mut names: Vec<&str> = pages.iter().map(Page::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
        [
            "code",
            "consent",
            "denied",
            "done",
            "expired",
            "problem",
            "register",
            "sign-in",
            "used",
            "wrong-code"
        ]
    );
    pages
}

#[tokio::test]
async fn no_page_has_a_script_or_loads_anything_or_is_large() {
    let world = World::start().await;
    for page in every_page(&world).await {
        let html = page.html.to_lowercase();
        for never in ["<script", "javascript:", " onclick", " onload", "<iframe", "src=", "@import", "url("] {
            assert!(!html.contains(never), "{never} in {}", page.html);
        }
        assert!(html.len() < 50_000, "{} has {} bytes", page.name(), html.len());
        assert!(!html.contains("http://") && !html.contains("https://"), "{}", page.html);
    }
}

#[tokio::test]
async fn every_page_is_held_by_a_strict_policy_and_kept_by_nobody() {
    let world = World::start().await;
    for page in every_page(&world).await {
        let style = page.html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let says = |name: header::HeaderName| page.headers[name].to_str().unwrap().to_owned();
        assert_eq!(
            says(header::CONTENT_SECURITY_POLICY),
            format!(
                "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; \
                 frame-ancestors 'none'; base-uri 'none'"
            )
        );
        assert_eq!(says(header::X_FRAME_OPTIONS), "DENY");
        assert_eq!(says(header::CACHE_CONTROL), "no-store");
        assert_eq!(says(header::REFERRER_POLICY), "same-origin");
        assert_eq!(says(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert!(!page.html.contains(" style="), "a style that the policy would stop: {}", page.html);
    }
}

#[tokio::test]
async fn what_somebody_typed_is_text_and_nothing_else() {
    let world = World::start().await;
    let phone = world.phone();
    let evil = "\"><script>alert(1)</script>";
    let page = phone.open("/device?user_code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    page.expect("wrong-code");
    assert!(!page.html.contains("<script") && page.html.contains("&#60;script&#62;"), "{}", page.html);
    let page = phone.open(&world.code("openid").await.address).await;
    let page = phone.sign_in(&page, evil, "wrong").await;
    assert!(!page.html.contains("<script") && page.html.contains("&#60;script&#62;"), "{}", page.html);
}

#[tokio::test]
async fn a_form_from_elsewhere_decides_nothing() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let page = phone.open(&code.address).await;
    page.expect("consent");
    let hidden = page.hidden();
    let token = hidden.iter().find(|(name, _)| name == "form_token").unwrap().1.clone();
    let mine = ("user_code", code.user_code.as_str());
    let yes = ("decision", "yes");

    let stranger = world.phone_of(AMELIE).await;
    let theirs = stranger.open(&code.address).await.hidden();
    for form in [
        vec![mine, yes],
        vec![mine, yes, ("form_token", "")],
        vec![mine, yes, ("form_token", "made-up")],
        vec![mine, yes, ("form_token", theirs[0].1.as_str())],
    ] {
        let refused = phone.send("/device/decision", &form).await;
        refused.expect("problem");
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let address = world.at("/device/decision");
    for site in ["cross-site", "same-site"] {
        let request = world.http.post(&address).header("sec-fetch-site", site);
        let refused = phone.follow(request.form(&[mine, yes, ("form_token", token.as_str())])).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{site}");
    }
    assert_eq!(world.poll(&code).await.1["error"], "authorization_pending");
    phone.send("/device/decision", &[mine, yes, ("form_token", token.as_str())]).await.expect("done");
}

#[tokio::test]
async fn every_form_asks_for_its_token() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let fields = [
        ("user_code", code.user_code.as_str()),
        ("email", AMELIE),
        ("password", PASSWORD),
        ("decision", "no"),
    ];
    for path in ["/sign-in", "/register", "/sign-out", "/device/decision", "/device/take-back"] {
        assert_eq!(phone.send(path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    phone.open(&code.address).await.expect("consent");
}

#[tokio::test]
async fn a_form_that_was_shown_to_one_customer_is_not_sent_by_the_next() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code("openid").await;
    let shown = phone.open(&code.address).await;
    let page = phone.submit(&shown, "/sign-out", &[]).await;
    phone.sign_in(&page, AMELIE, PASSWORD).await.expect("consent");
    phone.decide(&shown, "yes", "visit").await.expect("problem");
    assert_eq!(world.poll(&code).await.1["error"], "authorization_pending");
}

#[tokio::test]
async fn the_cookies_are_for_this_server_alone_and_for_no_script() {
    let world = World::start().await;
    let code = world.code("openid").await;
    let first = world.http.get(&code.address).send().await.unwrap();
    let cookie = first.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("countersign_browser="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000"), "{cookie}");
}
