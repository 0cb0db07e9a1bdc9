//! A till that is well.

use central::{Demo, Options, Server};
use doctor::{Check, Verdict, examine};
use std::sync::Mutex;

use crate::{
    stand::{Authority, encrypted_service, service},
    till::{Set, at, set_up},
};

async fn is_well(set: &Set) {
    let told = Mutex::new(Vec::new());
    let report = examine(&set.till, &|line| told.lock().unwrap().push(line.check)).await;
    let well = report.lines().iter().all(|line| line.verdict() == Verdict::Ok);
    assert!(well && report.exit_code() == 0 && report.first().is_none(), "{report}");
    let mut told = told.into_inner().unwrap();
    told.sort();
    assert_eq!(told, Check::ALL, "each line is told as it comes in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_at_the_central_service_is_in_order() {
    let data = tempfile::tempdir().unwrap();
    let mut options = Options::new(data.path());
    options.demo = Some(Demo { customers: 3, seed: 1 });
    let central = Server::start(options).await.unwrap();
    is_well(&at(central.url().as_str())).await;
    central.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_at_an_encrypted_service_of_the_companys_own_authority_is_in_order() {
    let authority = Authority::called("Northquay Stores CA");
    let (_running, issuer) = encrypted_service(authority.server(&["localhost"], -1, 90)).await;
    is_well(&set_up(&issuer, Some(&authority.file()), None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_at_any_other_provider_is_in_order() {
    let (_running, issuer) = service(|_, _| {}).await;
    is_well(&at(&issuer)).await;
}
