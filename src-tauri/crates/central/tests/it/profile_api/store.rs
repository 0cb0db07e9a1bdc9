//! What a till sees with a token of its own: the customers who agreed to be remembered at its store.

use std::time::Duration;

use profile::{PreferenceEdit, PreferenceValue};
use reqwest::{Method, StatusCode};
use sealing::{PublicKey, Sealed, Waiting, What};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AMELIE, Api, TILL, expect, problem};
use crate::{
    signer::{SIGNING_TILL, Signer},
    world::ELSEWHERE,
};

/// The service, and a till of Northquay that has a token of its own.
pub(super) struct Store {
    pub(super) api: Api,
    pub(super) token: String,
}

impl Store {
    pub(super) async fn start() -> Self {
        let api = Api::start().await;
        let token = Signer::enrolled(&api.world, SIGNING_TILL).await.token(&api.world).await;
        Self { api, token }
    }

    /// A token of the same till, later.
    pub(super) async fn renewed(&self) -> String {
        Signer::enrolled(&self.api.world, SIGNING_TILL).await.token(&self.api.world).await
    }

    /// Somebody says at the till beside it whether the store may remember them.
    pub(super) async fn decide(&self, email: &str, choice: &str) -> String {
        self.decide_at(TILL, email, choice).await
    }

    async fn decide_at(&self, till: &str, email: &str, choice: &str) -> String {
        let phone = self.api.world.phone_of(email).await;
        let tokens = self.api.world.tokens_at(till, &phone, "openid customer", choice).await;
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn document(&self, path: &str) -> Value {
        self.api.document(path, &self.token).await
    }

    async fn subjects(&self) -> Vec<Value> {
        let page = self.document("/v1/remembered?limit=500").await;
        assert_eq!(page["next"], Value::Null);
        let items = page["items"].as_array().unwrap();
        assert_eq!(page["total"], items.len());
        items.iter().map(|item| item["profile"]["subject"].clone()).collect()
    }

    async fn changes(&self, since: &Value) -> Value {
        self.document(&format!("/v1/changes?since={since}")).await
    }
}

fn kinds(feed: &Value) -> Vec<(Value, Value)> {
    let items = feed["items"].as_array().unwrap();
    items.iter().map(|item| (item["subject"].clone(), item["kind"].clone())).collect()
}

#[tokio::test]
async fn a_store_sees_who_agreed_to_be_remembered_there_and_nobody_else() {
    let store = Store::start().await;
    let others = store.api.others().await;
    assert_eq!(store.subjects().await, [] as [Value; 0]);
    store.decide(AMELIE, "store").await;
    store.decide(&others[0], "visit").await;
    store.decide_at(ELSEWHERE, &others[1], "store").await;
    let amelie = store.api.subject(AMELIE).await;
    assert_eq!(store.subjects().await, [json!(amelie)]);

    let one = store.document(&format!("/v1/remembered/{amelie}")).await;
    assert_eq!(one["profile"]["email"], AMELIE);
    assert_eq!(one["until"], "2027-03-02T10:00:00Z");
    let newest = one["profile"]["consents"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(newest["id"], one["act"]);
    for hidden in [&others[0], &others[1]] {
        let subject = store.api.subject(hidden).await;
        let answer = store.api.get(&format!("/v1/remembered/{subject}"), &store.token).await;
        problem(answer, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn who_takes_it_back_or_whose_date_is_over_is_not_seen_any_more() {
    let store = Store::start().await;
    let other = store.api.others().await[0].clone();
    store.decide(AMELIE, "store").await;
    store.decide(&other, "store").await;
    assert_eq!(store.subjects().await.len(), 2);
    let since = store.changes(&json!(0)).await["next"].clone();
    store.decide(AMELIE, "visit").await;
    let amelie = json!(store.api.subject(AMELIE).await);
    assert_eq!(store.subjects().await, [json!(store.api.subject(&other).await)]);
    let feed = store.changes(&since).await;
    assert_eq!(kinds(&feed), [(amelie, json!("left"))]);
    assert!(feed["items"][0].get("remembered").is_none(), "{feed}");

    store.api.pass(chrono::TimeDelta::days(366));
    let store = Store { token: store.renewed().await, ..store };
    assert_eq!(store.subjects().await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_snapshot_comes_in_pages_that_leave_nobody_out() {
    let store = Store::start().await;
    let mut emails = store.api.others().await;
    emails.truncate(5);
    for email in &emails {
        store.decide(email, "store").await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/remembered?limit=2".to_owned();
    loop {
        let page = store.document(&path).await;
        assert_eq!(page["total"], 5);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["profile"]["subject"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/remembered?limit=2&cursor={next}");
    }
    let mut all = Vec::new();
    for email in &emails {
        all.push(store.api.subject(email).await);
    }
    all.sort_unstable();
    assert_eq!(seen, all);
    for wrong in ["limit=0", "limit=501", "limit=x", "cursor=%25", "cursor="] {
        let answer = store.api.get(&format!("/v1/remembered?{wrong}"), &store.token).await;
        problem(answer, StatusCode::BAD_REQUEST).await;
    }
}

#[tokio::test]
async fn the_feed_tells_a_store_what_its_customers_are_now_and_nothing_of_others() {
    let store = Store::start().await;
    let other = store.api.others().await[0].clone();
    let amelie = store.decide(AMELIE, "store").await;
    let since = store.document("/v1/remembered").await["feed"].clone();
    for size in ["40", "41"] {
        let patch = json!({ "sizes": { "shoes": size } });
        expect(&store.api.patch(&amelie, &patch).send().await.unwrap(), StatusCode::OK);
    }
    let stranger = store.api.token(&other, TILL, "openid customer").await;
    let patch = json!({ "sizes": { "shoes": "45" } });
    expect(&store.api.patch(&stranger, &patch).send().await.unwrap(), StatusCode::OK);

    let feed = store.changes(&since).await;
    assert_eq!(kinds(&feed), [(json!(store.api.subject(AMELIE).await), json!("changed"))]);
    let told = &feed["items"][0]["remembered"]["profile"];
    assert_eq!(told["preferences"]["sizes"]["shoes"]["value"], "41");
    // Also past what is not told.
    assert!(feed["next"].as_i64() > feed["items"][0]["seq"].as_i64(), "{feed}");
    let rest = store.changes(&feed["next"]).await;
    assert_eq!(rest, json!({ "items": [], "next": feed["next"] }));
}

#[tokio::test]
async fn a_till_that_waits_is_told_at_once_of_its_own_customers() {
    let store = Store::start().await;
    let amelie = store.decide(AMELIE, "store").await;
    let other = store.api.token(&store.api.others().await[0], TILL, "openid customer").await;
    let since = store.document("/v1/remembered").await["feed"].clone();
    let path = format!("/v1/changes?since={since}&wait=15");
    let shoes = json!({ "sizes": { "shoes": "40" } });
    let change = async {
        store.api.server().until_held(1).await;
        expect(&store.api.patch(&other, &shoes).send().await.unwrap(), StatusCode::OK);
        store.api.server().until_held(1).await;
        expect(&store.api.patch(&amelie, &shoes).send().await.unwrap(), StatusCode::OK);
    };
    let waiting = tokio::time::timeout(Duration::from_secs(14), store.document(&path));
    let (feed, ()) = tokio::join!(waiting, change);
    assert_eq!(kinds(&feed.unwrap()), [(json!(store.api.subject(AMELIE).await), json!("changed"))]);
}

#[tokio::test]
async fn an_erasure_is_told_to_every_store_and_confirmed_by_its_tills() {
    let store = Store::start().await;
    let other = store.api.others().await[0].clone();
    let since = store.document("/v1/remembered").await["feed"].clone();
    store.decide(AMELIE, "store").await;
    let erased = [store.api.subject(AMELIE).await, store.api.subject(&other).await];
    for subject in &erased {
        assert!(store.api.server().erase(subject).await.unwrap());
    }
    let feed = store.changes(&since).await;
    assert_eq!(kinds(&feed), erased.clone().map(|subject| (json!(subject), json!("erased"))));
    for _ in 0..2 {
        let path = format!("/v1/erasures/{}/confirmation", erased[0]);
        let answer = store.api.request(Method::POST, &path, &store.token).send().await.unwrap();
        expect(&answer, StatusCode::NO_CONTENT);
    }
    let till: Vec<String> = sqlx::query_scalar("SELECT client_id FROM erasure_confirmations")
        .fetch_all(&mut store.api.database().await)
        .await
        .unwrap();
    assert_eq!(till, [SIGNING_TILL]);
    let path = "/v1/erasures/nobody/confirmation";
    let answer = store.api.request(Method::POST, path, &store.token).send().await.unwrap();
    problem(answer, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_till_that_asks_for_everybody_hears_who_is_erased_in_between() {
    let store = Store::start().await;
    let emails = store.api.others().await;
    for email in &emails[..3] {
        store.decide(email, "store").await;
    }
    let mut subjects = Vec::new();
    for email in &emails[..3] {
        subjects.push(store.api.subject(email).await);
    }
    subjects.sort_unstable();
    assert!(store.api.server().erase(&subjects[1]).await.unwrap());
    let first = store.document("/v1/remembered?limit=2").await;
    assert_eq!(first["items"][0]["profile"]["subject"], subjects[0]);
    assert_eq!((first["items"].as_array().unwrap().len(), &first["erased"]), (1, &json!([subjects[1]])));
    let next = first["next"].as_str().unwrap();
    let last = store.document(&format!("/v1/remembered?limit=2&cursor={next}")).await;
    assert_eq!(last["items"][0]["profile"]["subject"], subjects[2]);
    assert_eq!((&last["erased"], &last["next"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn a_till_takes_back_for_a_customer_who_left_no_token_and_gives_nothing() {
    let store = Store::start().await;
    store.decide(AMELIE, "store").await;
    let subject = store.api.subject(AMELIE).await;
    let stranger = store.api.subject(&store.api.others().await[0]).await;
    let document = json!({ "id": "7b0f1f64-5717-4562-b3fc-2c963f66afa6", "at": store.api.now() });
    let send = async |subject: &str| {
        let path = format!("/v1/remembered/{subject}/withdrawals");
        store.api.request(Method::POST, &path, &store.token).json(&document).send().await.unwrap()
    };
    for _ in 0..2 {
        let answer = send(&subject).await;
        expect(&answer, StatusCode::CREATED);
        let act: Value = answer.json().await.unwrap();
        assert_eq!((&act["given"], &act["by"]), (&json!(false), &json!("associate")));
    }
    problem(store.api.get(&format!("/v1/remembered/{subject}"), &store.token).await, StatusCode::NOT_FOUND)
        .await;
    problem(send(&stranger).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn what_a_till_sealed_by_its_own_grant_is_applied_while_the_store_remembers_the_customer() {
    let store = Store::start().await;
    let amelie = store.decide(AMELIE, "store").await;
    let subject = store.api.subject(AMELIE).await;
    let stranger = store.api.subject(&store.api.others().await[0]).await;
    let answer = store.document("/v1/sealing-key").await;
    let grant = answer["grant"].as_str().unwrap().to_owned();
    let public: PublicKey = serde_json::from_value(answer).unwrap();
    let base = store.api.me(&amelie).await["revision"].as_u64().unwrap();
    let seal = |grant: String, what: What| {
        let waiting = Waiting { id: Uuid::new_v4(), grant, what, made_at: store.api.now() };
        Sealed::seal(&public, &waiting).unwrap()
    };
    let value = Some(PreferenceValue::Text("39".to_owned()));
    let change = PreferenceEdit { group: "sizes".to_owned(), key: "shoes".to_owned(), value };
    let edit = What::Edit { change, base };
    let hand_over = async |edits: &[Sealed]| {
        let url = store.api.world.at("/v1/sealed-edits");
        let answer = store.api.world.http.post(url).json(&json!({ "edits": edits })).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let answers = answer["answers"].as_array().unwrap().iter();
        answers.map(|answer| answer["status"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let visit = What::Visit { at: store.api.now() };
    let sealed = [
        seal(format!("{grant}/{subject}"), edit.clone()),
        seal(format!("{grant}/{subject}"), visit.clone()),
        seal(format!("{grant}/{stranger}"), visit),
        seal(grant.clone(), edit.clone()),
        seal(format!("x{grant}/{subject}"), edit.clone()),
    ];
    assert_eq!(hand_over(&sealed).await, [200, 200, 404, 403, 403]);
    assert_eq!(hand_over(&sealed[..2]).await, [200, 200], "an answer was lost");
    assert_eq!(store.api.me(&amelie).await["preferences"]["sizes"]["shoes"]["value"], "39");
    let visits: i64 = sqlx::query_scalar("SELECT count(*) FROM visits WHERE subject = ?")
        .bind(&subject)
        .fetch_one(&mut store.api.database().await)
        .await
        .unwrap();
    assert_eq!(visits, 1);
    // Of whom the store may not remember, a person decides.
    store.decide(AMELIE, "visit").await;
    let late = [seal(format!("{grant}/{subject}"), edit.clone()), seal(format!("{grant}/{stranger}"), edit)];
    assert_eq!(hand_over(&late).await, [202, 202]);
}

#[tokio::test]
async fn who_is_erased_is_in_no_byte_of_the_files() {
    let store = Store::start().await;
    store.decide(AMELIE, "store").await;
    assert!(store.api.server().erase(&store.api.subject(AMELIE).await).await.unwrap());
    for file in ["central.db", "central.db-wal"] {
        let bytes = std::fs::read(store.api.world.folder.path().join(file)).unwrap_or_default();
        for trace in [AMELIE, "Amélie Durand", "amelie durand"] {
            let found = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            assert!(!found, "{trace} in {file}");
        }
    }
}

#[tokio::test]
async fn a_till_changes_preferences_of_its_customers_once_for_each_key_whoever_sends_it() {
    let store = Store::start().await;
    let amelie = store.decide(AMELIE, "store").await;
    let subject = store.api.subject(AMELIE).await;
    let path = format!("/v1/remembered/{subject}/preferences");
    let send = |key: &'static str, size: &'static str| {
        store
            .api
            .request(Method::PATCH, &path, &store.token)
            .header("content-type", "application/merge-patch+json")
            .header("idempotency-key", key)
            .body(json!({ "sizes": { "shoes": size } }).to_string())
            .send()
    };
    let answer = send("a", "39").await.unwrap();
    expect(&answer, StatusCode::OK);
    let profile: Value = answer.json().await.unwrap();
    let shoes = &profile["preferences"]["sizes"]["shoes"];
    assert_eq!(
        (&shoes["value"], &shoes["provenance"]["by"], &shoes["provenance"]["channel"]),
        (&json!("39"), &json!("associate"), &json!("store"))
    );
    let revision = profile["revision"].clone();
    let again: Value = send("a", "39").await.unwrap().json().await.unwrap();
    assert_eq!(again["revision"], revision);
    problem(send("a", "40").await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(store.api.me(&amelie).await["preferences"]["sizes"]["shoes"]["value"], "39");

    store.decide(AMELIE, "visit").await;
    problem(send("b", "41").await.unwrap(), StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_till_that_changes_preferences_hears_and_changes_no_more_than_was_left_there() {
    let store = Store::start().await;
    let phone = store.api.world.phone_of(AMELIE).await;
    let path = format!("/v1/remembered/{}/preferences", store.api.subject(AMELIE).await);
    let send = |key: &'static str| {
        store
            .api
            .request(Method::PATCH, &path, &store.token)
            .header("content-type", "application/merge-patch+json")
            .header("idempotency-key", key)
            .body(json!({ "sizes": { "shoes": "39" } }).to_string())
            .send()
    };
    for (part, key) in [("keep_preferences", "a"), ("keep_loyalty", "b")] {
        let code = store.api.world.code_at(TILL, "openid customer").await;
        let page = phone.open(&code.address).await;
        let form = [("decision", "yes"), ("remember", "some"), (part, "yes")];
        phone.submit(&page, "/device/decision", &form).await.expect("done");
        let answer = send(key).await.unwrap();
        if part == "keep_loyalty" {
            problem(answer, StatusCode::FORBIDDEN).await;
            break;
        }
        let profile: Value = answer.json().await.unwrap();
        assert_eq!(profile["preferences"]["sizes"]["shoes"]["value"], "39");
        for hidden in ["email", "phone", "birthday", "loyalty"] {
            assert!(profile[hidden].is_null(), "{hidden}: {profile}");
        }
        assert_eq!(profile["identities"], json!([]));
    }
}

#[tokio::test]
async fn the_token_of_a_person_is_none_of_a_till() {
    let store = Store::start().await;
    for token in [store.api.amelie().await, store.api.staff().await] {
        let answer = store.api.get("/v1/remembered", &token).await;
        assert_eq!(
            answer.headers()["www-authenticate"],
            r#"Bearer error="insufficient_scope", scope="store""#
        );
        problem(answer, StatusCode::FORBIDDEN).await;
    }
}
