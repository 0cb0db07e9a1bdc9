//! Remembering and forgetting.

use std::fs;

use profile::Profile;
use uuid::Uuid;
use vault::{AuditAct, AuditCheck, AuditLine, Error, Why};

use crate::pages::{contains, decrypted};
use crate::support::{BY, Till, amelie, at, bought, edit, in_days, key, person, remember};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_what_was_remembered_also_after_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let activity = [bought("Linen shirt, sand"), bought("Rain coat")];
    let id = vault
        .remember(&key("amelie"), &amelie(), &activity, Some("page-2"), in_days(30), at(0))
        .await
        .unwrap();
    vault.close().await;

    let vault = till.open().await;
    assert_eq!(vault.find(&key("amelie")).await.unwrap(), Some(id));
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.customer, copy.profile), (key("amelie"), amelie()));
    assert_eq!((copy.activity.as_slice(), copy.older.as_deref()), (activity.as_slice(), Some("page-2")));
    assert_eq!((copy.copied_at, copy.remember), (at(0), in_days(30).into()));
    assert_eq!(vault.recent(5, at(0)).await.unwrap()[0].hint.as_deref(), Some("Gold · MRM-4711-0815"));
}

#[tokio::test(flavor = "multi_thread")]
async fn remembering_again_renews_the_copy_and_keeps_id_and_edits() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let fresh = Profile { revision: 9, ..amelie() };
    let again = vault.remember(&key("amelie"), &fresh, &[], None, in_days(60), at(2)).await.unwrap();
    assert_eq!(again, id);
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.revision, copy.remember.until, copy.waiting), (9, in_days(60), vec![queued]));
    assert_eq!(vault.count().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_remembered_whose_date_is_over() {
    let till = Till::new();
    let vault = till.open().await;
    let answer = vault.remember(&key("amelie"), &amelie(), &[], None, at(0), at(0)).await;
    assert!(matches!(answer, Err(Error::Expired)));
    assert_eq!(vault.count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_date_no_page_of_the_file_has_anything_of_the_customer() {
    let till = Till::new();
    let vault = till.open().await;
    // Others before and after, so that pages are shared, and enough of the customer to fill pages of her own.
    for n in 0..40 {
        remember(&vault, &person(&n.to_string(), &format!("Bystander {n}"))).await;
    }
    let activity: Vec<_> = (0..200).map(|n| bought(&format!("Zebra lantern {n}"))).collect();
    for n in 0..5 {
        let profile = Profile { revision: n, ..amelie() };
        vault
            .remember(&key("amelie"), &profile, &activity, None, in_days(n.cast_signed() + 1), at(0))
            .await
            .unwrap();
    }
    for n in 40..80 {
        remember(&vault, &person(&n.to_string(), &format!("Bystander {n}"))).await;
    }
    let key = till.key().await;
    let traces = ["Amélie", "amelie.durand", "durand", "33612345678", "4711", "Zebra"];
    let found = |traces: &[&'static str]| {
        let pages = decrypted(&till.data(), &key);
        traces.iter().copied().filter(|trace| contains(&pages, trace)).collect::<Vec<_>>()
    };
    assert_eq!(found(&traces), traces, "this test sees what is there");

    assert_eq!(vault.purge_expired(in_days(10)).await.unwrap(), 1);
    assert_eq!(found(&traces), Vec::<&str>::new());
    assert_eq!(found(&["Bystander 79"]).len(), 1);
    assert_eq!(fs::metadata(till.data().join("vault.db-wal")).unwrap().len(), 0);
    assert_eq!(vault.count().await.unwrap(), 80);
    assert!(vault.search("zebra amelie", 5, at(0)).await.unwrap().rows.is_empty());
    assert_eq!(
        vault.verify_audit(None).await.unwrap(),
        AuditCheck::Intact { lines: 1 },
        "the purge can be shown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_by_years_removes_nobody_and_keeps_nobody_for_longer() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &amelie()).await;
    assert_eq!(vault.purge_expired(in_days(1)).await.unwrap(), 0);
    assert_eq!(vault.purge_expired(in_days(9000)).await.unwrap(), 0, "nobody believes that clock");
    assert_eq!(vault.purge_expired(in_days(-20_000)).await.unwrap(), 0);
    assert_eq!(vault.count().await.unwrap(), 1);
    assert_eq!(vault.purge_expired(in_days(31)).await.unwrap(), 1);
    assert_eq!(vault.count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_opening_leaves_a_line_and_the_chain_holds_over_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let line = AuditLine {
        who: Some(Uuid::new_v4()),
        whom: key("amelie"),
        act: AuditAct::Opened,
        why: Why::OpenedByAssociate,
        online: false,
    };
    for n in 0..3 {
        vault.audit(line.clone(), at(n)).await.unwrap();
    }
    vault.close().await;
    let vault = till.open().await;
    vault.audit(line, at(4)).await.unwrap();
    assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 4 });
}
