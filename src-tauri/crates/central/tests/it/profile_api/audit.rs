//! What the service makes of the audit trails that tills send.

use central::AuditTrail;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use trail::{AuditBatch, AuditFault, AuditHead, Content, Named, WrittenLine};
use uuid::Uuid;

use super::{AMELIE, problem, store::Store};
use crate::signer::SIGNING_TILL;

const AMELIES: Uuid = Uuid::from_u128(0xA);

/// A trail of so many lines; each tells of `act`.
fn lines(count: u64, act: &str) -> Vec<WrittenLine> {
    let mut before = AuditHead::none().hash;
    (1..=count)
        .map(|seq| {
            let content = Content {
                seq,
                at: 1_795_000_000_000_000,
                who: seq.is_multiple_of(2).then(|| Uuid::from_u128(7)),
                whom: Some(AMELIES),
                act: act.to_owned(),
                why: "signed_in".to_owned(),
                online: true,
                note: (seq == 3).then(|| "by Ana".to_owned()),
            };
            before = hex::encode(content.after(&before));
            WrittenLine { content, hash: before.clone() }
        })
        .collect()
}

fn batch(trail: u128, lines: &[WrittenLine], after: usize) -> AuditBatch {
    let head = lines
        .last()
        .map_or_else(AuditHead::none, |last| AuditHead { lines: last.content.seq, hash: last.hash.clone() });
    AuditBatch {
        trail: Uuid::from_u128(trail),
        after: after as u64,
        head,
        lines: lines[after.min(lines.len())..].to_vec(),
        named: Vec::new(),
    }
}

async fn send(store: &Store, batch: &AuditBatch) -> Response {
    store.api.request(Method::POST, "/v1/audit", &store.token).json(batch).send().await.unwrap()
}

async fn sent(store: &Store, batch: &AuditBatch) -> Value {
    let answer = send(store, batch).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

/// What a look at all lines finds: lines, and what is broken where. The service is stopped for it.
async fn verified(mut store: Store) -> (TempDir, Vec<(u64, Option<(u64, AuditFault)>)>) {
    store.api.world.stop().await;
    let folder = store.api.world.folder;
    let trails = central::audit_trails(folder.path()).await.unwrap();
    assert!(trails.iter().all(|trail| trail.till == SIGNING_TILL));
    let broken = |trail: &AuditTrail| trail.broken.map(|broken| (broken.line, broken.fault));
    let found = trails.iter().map(|trail| (trail.lines, broken(trail))).collect();
    (folder, found)
}

#[tokio::test]
async fn a_trail_is_kept_line_by_line_and_a_lost_answer_doubles_nothing() {
    let store = Store::start().await;
    let all = lines(5, "opened");
    assert_eq!(sent(&store, &batch(1, &all[..3], 0)).await, json!({ "lines": 3 }));
    assert_eq!(sent(&store, &batch(1, &all[..3], 0)).await, json!({ "lines": 3 }), "again");
    assert_eq!(sent(&store, &batch(1, &all, 3)).await, json!({ "lines": 5 }));
    assert_eq!(sent(&store, &batch(1, &all, 5)).await, json!({ "lines": 5 }), "nothing new");
    // A batch that was overtaken accuses nobody.
    assert_eq!(sent(&store, &batch(1, &all[..3], 3)).await, json!({ "lines": 5 }));
    let (_, found) = verified(store).await;
    assert_eq!(found, [(5, None)]);
}

#[tokio::test]
async fn a_trail_that_was_cut_or_is_another_one_is_kept_as_it_was() {
    let store = Store::start().await;
    let (all, other) = (lines(5, "opened"), lines(6, "edited"));
    for trail in [1, 2] {
        sent(&store, &batch(trail, &all, 0)).await;
    }
    for differing in [batch(1, &all[..2], 5), batch(2, &other, 5), batch(1, &all, 5)] {
        let problem = problem(send(&store, &differing).await, StatusCode::CONFLICT).await;
        assert_eq!(problem["type"], "https://example.org/countersign/problems/other-trail");
    }
    // All of it comes under another name.
    assert_eq!(sent(&store, &batch(3, &all[..2], 0)).await, json!({ "lines": 2 }));
    let (_, found) = verified(store).await;
    assert_eq!(found, [(5, Some((3, AuditFault::Cut))), (5, Some((6, AuditFault::Other))), (2, None)]);
}

#[tokio::test]
async fn what_is_broken_at_the_till_or_here_is_found() {
    let store = Store::start().await;
    let mut changed = lines(4, "opened");
    changed[2].content.online = false;
    assert_eq!(sent(&store, &batch(1, &changed, 0)).await, json!({ "lines": 4 }));
    assert_eq!(sent(&store, &batch(2, &lines(4, "opened"), 0)).await, json!({ "lines": 4 }));
    let (folder, found) = verified(store).await;
    assert_eq!(found, [(4, Some((3, AuditFault::Changed))), (4, None)]);

    let options = SqliteConnectOptions::new().filename(folder.path().join("central.db"));
    let mut file = SqliteConnection::connect_with(&options).await.unwrap();
    for sql in ["UPDATE audit_lines SET online = 0", "DELETE FROM audit_lines"] {
        assert!(sqlx::query(sql).execute(&mut file).await.is_err(), "{sql}");
    }
    sqlx::raw_sql(
        "DROP TRIGGER audit_lines_are_never_removed;
         DELETE FROM audit_lines WHERE seq = 2 AND trail = (SELECT number FROM audit_trails ORDER BY number DESC LIMIT 1)",
    )
    .execute(&mut file)
    .await
    .unwrap();
    file.close().await.unwrap();
    let broken = central::audit_trails(folder.path()).await.unwrap()[1].broken.unwrap();
    assert_eq!((broken.line, broken.fault), (2, AuditFault::Missing));
}

#[tokio::test]
async fn who_is_behind_a_pseudonym_goes_with_the_customer() {
    let store = Store::start().await;
    let amelie = store.api.subject(AMELIE).await;
    let all = lines(3, "opened");
    let named = |subject: &str| vec![Named { whom: AMELIES, subject: subject.to_owned() }];
    sent(&store, &AuditBatch { named: named(&amelie), ..batch(1, &all[..2], 0) }).await;
    // Somebody whom the centre does not have yet.
    sent(&store, &AuditBatch { named: named("somebody-new"), ..batch(2, &all[..2], 0) }).await;
    let behind_whom = "SELECT subject FROM audit_subjects ORDER BY trail";
    let mut file = store.api.database().await;
    let behind: Vec<String> = sqlx::query_scalar(behind_whom).fetch_all(&mut file).await.unwrap();
    assert_eq!(behind, [amelie.clone(), "somebody-new".to_owned()]);

    assert!(store.api.server().erase(&amelie).await.unwrap());
    // The till has not heard of it yet.
    sent(&store, &AuditBatch { named: named(&amelie), ..batch(1, &all, 2) }).await;
    let behind: Vec<String> = sqlx::query_scalar(behind_whom).fetch_all(&mut file).await.unwrap();
    assert_eq!(behind, ["somebody-new"]);
    file.close().await.unwrap();
    let (_, found) = verified(store).await;
    assert_eq!(found, [(3, None), (2, None)], "the chain is whole without the name");
}

#[tokio::test]
async fn only_a_till_sends_a_trail_and_nothing_that_is_none() {
    let store = Store::start().await;
    let body = batch(1, &lines(1, "opened"), 0);
    for token in [store.api.amelie().await, store.api.staff().await] {
        let answer = store.api.request(Method::POST, "/v1/audit", &token).json(&body).send().await.unwrap();
        problem(answer, StatusCode::FORBIDDEN).await;
    }
    let mut far = body.clone();
    far.lines[0].content.seq = u64::MAX;
    problem(send(&store, &far).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let nothing = store.api.request(Method::POST, "/v1/audit", &store.token).json(&json!({}));
    problem(nothing.send().await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    let (_, found) = verified(store).await;
    assert_eq!(found, []);
}
