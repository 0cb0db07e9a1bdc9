//! The audit trail on its way to the centre: what is sent, and what the centre would make of it.

use trail::Outcome;
use uuid::Uuid;
use vault::{AuditAct, AuditBatch, AuditFault, AuditHead, Vault};

use crate::support::{BY, Till, at, key};

const ISSUER: &str = "https://id.example.com";

async fn opened(vault: &Vault, subjects: &[&str]) {
    for subject in subjects {
        vault.audit(BY.line(key(subject), AuditAct::Opened), at(1)).await.unwrap();
    }
}

/// What a centre that has this makes of the next batch, and what it has then.
async fn send(vault: &Vault, kept: &mut AuditHead) -> (AuditBatch, Outcome) {
    let batch = vault.audit_batch(ISSUER).await.unwrap();
    let outcome = batch.judge(kept);
    if let Outcome::Taken { head, .. } = &outcome {
        *kept = head.clone();
    }
    vault.audit_is_shipped(batch.trail, kept.lines).await.unwrap();
    (batch, outcome)
}

#[tokio::test]
async fn lines_are_sent_once_and_name_customers_of_the_centre_alone() {
    let till = Till::new();
    let vault = till.open().await;
    opened(&vault, &["ana", "bo", "ana"]).await;
    let elsewhere = profile::CustomerKey { issuer: "https://other.example".to_owned(), ..key("cleo") };
    vault.audit(BY.line(elsewhere, AuditAct::Opened), at(2)).await.unwrap();

    let mut kept = AuditHead::none();
    let (batch, _) = send(&vault, &mut kept).await;
    assert_eq!((batch.after, batch.lines.len(), kept.lines), (0, 4, 4));
    let named: Vec<_> = batch.named.iter().map(|named| (named.whom, named.subject.as_str())).collect();
    let whom: Vec<_> = batch.lines.iter().map(|line| line.content.whom.unwrap()).collect();
    assert_eq!(named, [(whom[0], "ana"), (whom[1], "bo")]);
    assert!(!format!("{batch:?}").contains("ana"));

    let (batch, _) = send(&vault, &mut kept).await;
    assert_eq!((batch.after, batch.lines.len(), &batch.head), (4, 0, &kept));
    // Also after it was switched off.
    vault.close().await;
    let vault = till.open().await;
    opened(&vault, &["bo"]).await;
    let (again, outcome) = send(&vault, &mut kept).await;
    assert_eq!((again.trail, again.after, again.lines.len()), (batch.trail, 4, 1));
    assert_eq!(outcome, Outcome::Taken { head: vault.audit_head().await.unwrap(), broken: None });
    vault.close().await;
}

#[tokio::test]
async fn many_lines_go_in_batches_that_the_centre_takes() {
    let till = Till::new();
    let vault = till.open().await;
    let subjects: Vec<String> = (0..150).map(|n| format!("{n:\u{e9}>255}")).collect();
    for _ in 0..2 {
        opened(&vault, &subjects.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let (mut kept, mut batches) = (AuditHead::none(), 0);
    while kept.lines < 300 {
        let (batch, outcome) = send(&vault, &mut kept).await;
        assert!(matches!(outcome, Outcome::Taken { broken: None, .. }), "{outcome:?}");
        assert!(serde_json::to_vec(&batch).unwrap().len() <= 64 * 1024);
        batches += 1;
    }
    assert!((2..20).contains(&batches), "{batches}");
    vault.close().await;
}

#[tokio::test]
async fn a_till_that_was_put_back_to_yesterday_is_found_and_sends_all_anew() {
    let till = Till::new();
    let vault = till.open().await;
    opened(&vault, &["ana", "bo"]).await;
    let mut kept = AuditHead::none();
    send(&vault, &mut kept).await;
    let copy = till.data().join("yesterday.db");
    vault.backup(&copy, None, at(2)).await.unwrap();
    opened(&vault, &["ana", "bo"]).await;
    let (batch, _) = send(&vault, &mut kept).await;
    vault.close().await;

    std::fs::remove_file(till.data().join("vault.db")).unwrap();
    std::fs::rename(copy, till.data().join("vault.db")).unwrap();
    let vault = till.open().await;
    // First the till learns how much the centre has.
    assert_eq!(send(&vault, &mut kept).await.1, Outcome::OutOfStep);
    let (_, outcome) = send(&vault, &mut kept).await;
    let own = vault.audit_head().await.unwrap().lines;
    assert_eq!(outcome, Outcome::Differs { line: own + 1, fault: AuditFault::Cut });
    // Whoever has written on meanwhile is found as well.
    opened(&vault, &["bo", "ana", "ana"]).await;
    let (_, outcome) = send(&vault, &mut kept).await;
    assert_eq!(outcome, Outcome::Differs { line: kept.lines + 1, fault: AuditFault::Other });

    vault.audit_differs(batch.trail).await.unwrap();
    let mut fresh = AuditHead::none();
    let (anew, outcome) = send(&vault, &mut fresh).await;
    assert_ne!(anew.trail, batch.trail);
    assert_eq!(outcome, Outcome::Taken { head: vault.audit_head().await.unwrap(), broken: None });
    // An answer about the old trail says nothing about the new one.
    vault.audit_is_shipped(batch.trail, 1).await.unwrap();
    vault.audit_differs(Uuid::new_v4()).await.unwrap();
    assert_eq!(vault.audit_batch(ISSUER).await.unwrap().after, fresh.lines);
    vault.close().await;
}
