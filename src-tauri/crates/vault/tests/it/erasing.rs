//! Erasing a customer leaves nothing of them, in no byte of any file, and the audit trail whole.

use uuid::Uuid;
use vault::{AuditAct, AuditCheck, AuditLine, Erased, Unsent, Why};

use crate::{
    pages::{contains, decrypted},
    support::{BY, Till, amelie, at, bought, edit, in_days, key, lines, person, remember},
};

const TRACES: [&str; 7] = ["Amélie", "amelie", "durand", "33612345678", "4711", "Zebra", "Forty-two"];

/// A till that knows Amélie from everywhere: copy, index, queue, trail, tokens.
async fn till_that_knows_amelie() -> (Till, vault::Vault, Uuid) {
    let till = Till::new();
    let vault = till.open().await;
    let activity: Vec<_> = (0..80).map(|n| bought(&format!("Zebra lantern {n}"))).collect();
    let id = vault.remember(&key("amelie"), &amelie(), &activity, None, in_days(9), at(0)).await.unwrap();
    remember(&vault, &person("bo", "Bo Li")).await;
    for n in 0..3 {
        let edit = edit(&format!("shoes{n}"), "Forty-two");
        vault.edit_preference(id, &edit, Uuid::new_v4(), BY, at(1)).await.unwrap();
    }
    for subject in ["amelie", "bo", "amelie"] {
        let line = AuditLine {
            who: None,
            whom: key(subject),
            act: AuditAct::Opened,
            why: Why::SignedIn,
            online: true,
        };
        vault.audit(line, at(2)).await.unwrap();
    }
    vault.set_refresh_token(id, &"token".to_owned().into()).await.unwrap();
    vault.begin_refresh(id, at(3)).await.unwrap();
    (till, vault, id)
}

async fn traces(till: &Till) -> Vec<&'static str> {
    let pages = decrypted(&till.data(), &till.key().await);
    TRACES.into_iter().filter(|trace| contains(&pages, trace)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_customer_is_left_in_any_byte_and_the_trail_is_whole_and_nameless() {
    let (till, vault, id) = till_that_knows_amelie().await;
    assert_eq!(traces(&till).await, TRACES, "this test sees what is there");
    let erased = vault.erase(&key("amelie"), Why::ErasureRequest, Some("DPO"), at(4)).await.unwrap();
    assert_eq!(erased, Erased { known: true, unsent: 3 });
    assert_eq!(traces(&till).await, Vec::<&str>::new());
    assert!(vault.refresh_token(id).await.unwrap().is_none());
    assert_eq!(vault.count().await.unwrap(), 1);
    assert_eq!(vault.queue().await.unwrap().waiting, 0);

    assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 7 });
    let trail = lines(&vault, 0).await;
    let last = &trail[6].content;
    assert_eq!((last.act.as_str(), last.why.as_str()), ("erased", "erasure_request"));
    assert_eq!((last.note.as_deref(), last.whom), (Some("by DPO"), trail[0].content.whom));

    // Who comes back is somebody new.
    let line =
        AuditLine { who: None, whom: key("amelie"), act: AuditAct::Opened, why: Why::SignedIn, online: true };
    vault.audit(line, at(5)).await.unwrap();
    assert_ne!(lines(&vault, 7).await[0].content.whom, trail[0].content.whom);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_either_of_somebody_who_took_back_their_yes_before_the_centre_knew() {
    let (till, vault, id) = till_that_knows_amelie().await;
    vault.take_back(id, Uuid::new_v4(), None, at(4)).await.unwrap();
    let erased = vault.erase(&key("amelie"), Why::ErasedAtCentre, None, at(5)).await.unwrap();
    assert_eq!(erased, Erased { known: true, unsent: 3 });
    assert_eq!(traces(&till).await, Vec::<&str>::new());
    assert!(vault.customers_with_withdrawals().await.unwrap().is_empty());
    assert!(vault.refresh_token(id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_somebody_whom_nobody_knows_writes_nothing() {
    let till = Till::new();
    let vault = till.open().await;
    let erased = vault.erase(&key("nobody"), Why::ErasureRequest, None, at(0)).await.unwrap();
    assert_eq!(erased, Erased::default());
    assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_with_the_unsent_edits_leaves_the_customers_key_to_the_trail_alone() {
    let (till, vault, id) = till_that_knows_amelie().await;
    vault.forget(id, Unsent::Discard, at(4)).await.unwrap();
    // The key of the customer: the lines about them still say whom they are about.
    assert_eq!(traces(&till).await, ["amelie"]);
}
