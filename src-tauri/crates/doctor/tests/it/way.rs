//! What is broken on the way to the identity service.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use doctor::{Check, Code, Misconfigured};
use url::Url;

use crate::{
    stand::{Authority, closed_port, encrypted_service, mute, proxy, service},
    till::{Set, at, set_up},
};

/// A host that is nobody's.
const ELSEWHERE: &str = "https://id.shop.invalid";

#[tokio::test(flavor = "multi_thread")]
async fn a_till_without_a_configuration_is_told_so() {
    let mut set = at(ELSEWHERE);
    set.till.configuration = Ok(None);
    set.finds(Code::ConfigurationMissing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_is_named_with_line_and_key() {
    let mut set = at(ELSEWHERE);
    set.till.configuration = Err(Misconfigured {
        problem: "unknownKey".to_owned(),
        file: "countersign.toml".to_owned(),
        line: Some(2),
        key: Some("isuer".to_owned()),
    });
    let report = set.finds(Code::ConfigurationBad).await;
    assert!(report.to_string().contains("file countersign.toml, problem unknownKey, line 2, key isuer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_is_found() {
    let report = at(ELSEWHERE).finds(Code::DnsNotFound).await;
    let skipped = report.lines().iter().filter(|line| line.code == Code::NotTried).count();
    assert_eq!(skipped, 11, "nothing behind the name was tried: {report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_where_nothing_listens_is_found() {
    let issuer = format!("https://127.0.0.1:{}", closed_port().await);
    at(&issuer).finds(Code::TcpRefused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_no_web_server_is_found() {
    let (_running, port) = mute().await;
    at(&format!("https://localhost:{port}")).finds(Code::TlsNoHandshake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_encryption_at_an_https_address_is_found() {
    let (_running, issuer) = service(|_, _| {}).await;
    at(&issuer.replace("http:", "https:")).finds(Code::TlsNoHandshake).await;
}

/// A service that shows such a certificate, and a till that trusts its authority.
async fn certified(hosts: &[&str], from: i64, to: i64) -> (impl Drop, Authority, Set) {
    let authority = Authority::called("Northquay Stores CA");
    let (running, issuer) = encrypted_service(authority.server(hosts, from, to)).await;
    let set = set_up(&issuer, Some(&authority.file()), None);
    (running, authority, set)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_has_expired_is_found() {
    let (_running, _authority, set) = certified(&["localhost"], -30, -2).await;
    let report = set.finds(Code::TlsExpired).await;
    assert!(report.to_string().contains("days_left -2"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_tomorrow_is_found() {
    let (_running, _authority, set) = certified(&["localhost"], 1, 90).await;
    set.finds(Code::TlsNotYetValid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host_is_found_and_the_host_is_named() {
    let (_running, _authority, set) = certified(&["id.shop.example"], -1, 90).await;
    let report = set.finds(Code::TlsWrongHost).await;
    assert!(report.to_string().contains("names id.shop.example"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_about_to_expire_is_a_warning() {
    let (_running, _authority, set) = certified(&["localhost"], -80, 5).await;
    set.finds(Code::TlsExpiresSoon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_the_machine_does_not_know_is_found_and_named() {
    let authority = Authority::called("Northquay Stores CA");
    let (_running, issuer) = encrypted_service(authority.server(&["localhost"], -1, 90)).await;
    let other = Authority::called("Somebody else");
    let report = set_up(&issuer, Some(&other.file()), None).finds(Code::TlsUnknownCa).await;
    assert!(report.to_string().contains("issued_by Northquay Stores CA"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_any_authority_is_found() {
    let (_running, _authority, mut set) = certified(&["localhost"], -1, 90).await;
    if let Ok(Some(configuration)) = &mut set.till.configuration {
        configuration.verifier = None;
    }
    set.finds(Code::TlsNoAuthorities).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_opens_the_encryption_is_told_from_an_unknown_authority() {
    let authority = Authority::called("Zscaler Inc.");
    let (_running, issuer) = encrypted_service(authority.server(&["localhost"], -1, 90)).await;
    let other = Authority::called("Somebody else");
    set_up(&issuer, Some(&other.file()), None).finds(Code::TlsIntercepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_opens_the_encryption_with_its_own_authority_is_found() {
    let company = Authority::called("Northquay Network Security");
    let own = company.server(&["id.shop.invalid"], -1, 90);
    let (_running, address) = proxy("200 Connection established", Some(own)).await;
    set_up(ELSEWHERE, None, Some(address)).finds(Code::TlsIntercepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_not_there_is_found() {
    let address = Url::parse(&format!("http://127.0.0.1:{}", closed_port().await)).unwrap();
    set_up(ELSEWHERE, None, Some(address)).finds(Code::ProxyUnreachable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_a_password_is_found_and_the_one_given_is_not_told() {
    let (_running, mut address) = proxy("407 Proxy Authentication Required", None).await;
    address.set_username("robin").unwrap();
    address.set_password(Some("lantern-harbour")).unwrap();
    let report = set_up(ELSEWHERE, None, Some(address)).finds(Code::ProxyWantsPassword).await;
    let told = format!("{report}{}{report:?}", serde_json::to_string(&report).unwrap());
    assert!(!told.contains("robin") && !told.contains("lantern"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_is_found() {
    let (_running, address) = proxy("403 Forbidden", None).await;
    set_up(ELSEWHERE, None, Some(address)).finds(Code::ProxyRefuses).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_this_machine_is_not_asked_through_a_proxy() {
    let (_running, issuer) = service(|_, _| {}).await;
    let nowhere = Url::parse(&format!("http://127.0.0.1:{}", closed_port().await)).unwrap();
    let report = set_up(&issuer, None, Some(nowhere)).report().await;
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(report.lines().iter().any(|line| line.code == Code::ProxyBypassed), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_too_slow_for_a_person_is_found() {
    // It takes connections, and never says a word.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut set = at(&format!("http://{}", listener.local_addr().unwrap()));
    set.till.patience = std::time::Duration::from_millis(300);
    let report = set.finds(Code::OutOfTime).await;
    assert!(report.lines().iter().any(|line| line.code == Code::TcpOpen), "{report}");
}

fn ahead(set: &mut Set, seconds: i64) {
    set.till.clock = Arc::new(move || Utc::now() + TimeDelta::seconds(seconds));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_a_warning_and_one_that_is_wrong_is_the_cause() {
    let (_running, issuer) = service(|_, _| {}).await;
    let mut set = at(&issuer);
    ahead(&mut set, 45);
    set.finds(Code::ClockOff).await;
    ahead(&mut set, -600);
    set.finds(Code::ClockWrong).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_of_another_year_is_the_cause_and_not_the_certificate_that_seems_to_have_expired() {
    let (_running, _authority, mut set) = certified(&["localhost"], -1, 90).await;
    ahead(&mut set, 3 * 365 * 86_400);
    let report = set.finds(Code::ClockWrong).await;
    let tls = report.lines().iter().find(|line| line.check == Check::Tls).unwrap();
    assert_eq!(tls.code, Code::NotTried, "{report}");
}
