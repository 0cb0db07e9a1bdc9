//! Somebody new, entered at a till.

use chrono::TimeDelta;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AMELIE, TILL, expect, problem, store::Store};

/// Somebody whom nobody knows.
fn ada(store: &Store) -> Value {
    let now = store.api.now();
    json!({
        "name": { "display": "Ada Lovelace", "given": "Ada", "family": "Lovelace" },
        "email": "ada@mail.example",
        "phone": "+33199001199",
        "locale": "fr",
        "at": now,
        "scopes": ["contact", "preferences"],
        "until": now + TimeDelta::days(300),
        "wording": "till-new-1",
    })
}

fn but(mut whole: Value, field: &str, value: Value) -> Value {
    whole[field] = value;
    whole
}

impl Store {
    async fn put(&self, id: Uuid, document: &Value) -> Response {
        let path = format!("/v1/customers/{id}");
        self.api.request(Method::PUT, &path, &self.token).json(document).send().await.unwrap()
    }

    async fn made(&self, id: Uuid, document: &Value) -> Value {
        let answer = self.put(id, document).await;
        expect(&answer, StatusCode::OK);
        answer.json().await.unwrap()
    }

    async fn candidates(&self, id: Uuid, document: &Value) -> Vec<Value> {
        let answer = problem(self.put(id, document).await, StatusCode::CONFLICT).await;
        answer["candidates"].as_array().cloned().unwrap_or_default()
    }

    async fn customers(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM customers");
        count.fetch_one(&mut self.api.database().await).await.unwrap()
    }
}

#[tokio::test]
async fn somebody_new_is_remembered_at_the_store_as_they_agreed() {
    let store = Store::start().await;
    let (id, ada) = (Uuid::new_v4(), ada(&store));
    let made = store.made(id, &ada).await;
    assert_eq!(made["profile"]["subject"], json!(id));
    assert_eq!(made["profile"]["name"]["display"], "Ada Lovelace");
    assert_eq!(
        (&made["profile"]["email"], &made["profile"]["email_verified"]),
        (&ada["email"], &json!(false))
    );
    assert_eq!(made["scopes"], json!(["contact", "preferences"]));
    let act = &made["profile"]["consents"][0];
    assert_eq!((&act["id"], &made["act"]), (&json!(id), &json!(id)));
    assert_eq!((&act["by"], &act["wording"]), (&json!("associate"), &json!("till-new-1")));
    assert_eq!(store.document(&format!("/v1/remembered/{id}")).await, made);

    let shoes = json!({ "sizes": { "shoes": "40" } });
    let path = format!("/v1/remembered/{id}/preferences");
    let edit = store.api.request(Method::PATCH, &path, &store.token).header("Idempotency-Key", "1");
    let edit = edit.header("Content-Type", "application/merge-patch+json").body(shoes.to_string());
    expect(&edit.send().await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn a_lost_answer_makes_nobody_twice() {
    let store = Store::start().await;
    let (id, ada, before) = (Uuid::new_v4(), ada(&store), store.customers().await);
    let first = store.made(id, &ada).await;
    store.api.pass(TimeDelta::days(100));
    let store = Store { token: store.renewed().await, ..store };
    assert_eq!(store.made(id, &ada).await, first);
    assert_eq!(store.customers().await, before + 1);
    // Whoever else has the same address is asked about, though nobody has proven that it is theirs.
    assert_eq!(store.candidates(Uuid::new_v4(), &ada).await.len(), 1);
}

#[tokio::test]
async fn somebody_with_the_same_address_or_number_is_a_question_and_never_merged() {
    let store = Store::start().await;
    let (id, before) = (Uuid::new_v4(), store.customers().await);
    let document = but(ada(&store), "email", json!(AMELIE.to_uppercase()));
    let asked = store.candidates(id, &document).await;
    let [candidate] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(candidate["name"], "A••• D•••");
    assert_eq!((&candidate["same_email"], &candidate["same_phone"]), (&json!(true), &json!(false)));
    assert!(!json!(asked).to_string().contains(&store.api.subject(AMELIE).await));
    assert_eq!(store.customers().await, before);

    let amelie = store.api.subject(AMELIE).await;
    let phone: String = sqlx::query_scalar("SELECT phone FROM customers WHERE subject = ?")
        .bind(&amelie)
        .fetch_one(&mut store.api.database().await)
        .await
        .unwrap();
    let by_phone = store.candidates(id, &but(ada(&store), "phone", json!(phone))).await;
    assert_eq!(by_phone[0]["id"], candidate["id"]);
    assert_eq!(by_phone[0]["same_phone"], true);

    // Asked, and not the same: two people may share an address.
    let document = but(document, "somebody_else", json!([candidate["id"]]));
    store.made(id, &document).await;
    assert_eq!(store.customers().await, before + 1);
    let own = store.api.token(AMELIE, TILL, "openid customer").await;
    assert_eq!(store.api.document("/v1/me", &own).await["subject"], json!(amelie));
}

#[tokio::test]
async fn nobody_comes_back_who_was_erased_and_nobody_is_taken_over() {
    let store = Store::start().await;
    let (id, ada) = (Uuid::new_v4(), ada(&store));
    store.made(id, &ada).await;
    assert!(store.api.server().erase(&id.to_string()).await.unwrap());
    problem(store.put(id, &ada).await, StatusCode::GONE).await;

    store.decide(AMELIE, "store").await;
    let amelie: Uuid = store.api.subject(AMELIE).await.parse().unwrap();
    assert_eq!(store.candidates(amelie, &ada).await, [] as [Value; 0]);
    assert_eq!(store.document(&format!("/v1/remembered/{amelie}")).await["profile"]["email"], AMELIE);
}

#[tokio::test]
async fn what_cannot_be_a_customer_is_refused_and_pointed_at() {
    let store = Store::start().await;
    for (field, value, at) in [
        ("name", json!({ "display": " " }), "/name/display"),
        ("email", json!("ada"), "/email"),
        ("phone", json!("0199001199"), "/phone"),
        ("scopes", json!(["preferences"]), "/scopes"),
    ] {
        let answer = store.put(Uuid::new_v4(), &but(ada(&store), field, value)).await;
        let wrong = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(wrong["errors"][0]["pointer"], at);
    }
    let customer = store.api.token(AMELIE, TILL, "openid customer").await;
    let path = format!("/v1/customers/{}", Uuid::new_v4());
    let answer = store.api.request(Method::PUT, &path, &customer).json(&ada(&store)).send().await.unwrap();
    problem(answer, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn a_till_whose_clock_is_off_keeps_nobody_for_longer() {
    let store = Store::start().await;
    let now = store.api.now();
    let ahead = but(ada(&store), "at", json!(now + TimeDelta::days(4000)));
    let made = store.made(Uuid::new_v4(), &but(ahead, "until", json!(now + TimeDelta::days(5000)))).await;
    assert_eq!(made["until"], json!(now + TimeDelta::days(365)));
    assert_eq!(made["profile"]["consents"][0]["at"], json!(now));
}

#[tokio::test]
async fn somebody_entered_by_a_clock_that_is_years_behind_is_remembered_for_as_long_as_they_agreed_to() {
    let store = Store::start().await;
    let now = store.api.now();
    let behind = but(ada(&store), "at", json!(now - TimeDelta::days(1000)));
    let made = store.made(Uuid::new_v4(), &but(behind, "until", json!(now - TimeDelta::days(700)))).await;
    assert_eq!(made["until"], json!(now + TimeDelta::days(300)));
    assert_eq!(made["profile"]["consents"][0]["at"], json!(now));
}

#[tokio::test]
async fn a_visit_that_was_noted_is_in_the_activity_once() {
    let store = Store::start().await;
    store.decide(AMELIE, "store").await;
    let amelie = store.api.subject(AMELIE).await;
    let path = format!("/v1/remembered/{amelie}/visits");
    let visit = json!({ "at": store.api.now() - TimeDelta::days(2) });
    let note = async |key: &str, visit: &Value| {
        let request = store.api.request(Method::POST, &path, &store.token).header("Idempotency-Key", key);
        request.json(visit).send().await.unwrap()
    };
    for _ in 0..2 {
        expect(&note("a", &visit).await, StatusCode::CREATED);
    }
    let other = json!({ "at": store.api.now() });
    problem(note("a", &other).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let noted = "SELECT count(*) FROM visits v JOIN activity a ON a.id = v.id
                 WHERE v.subject = ? AND how = 'noted' AND ended_at = opened_at AND at = opened_at";
    let noted = sqlx::query_scalar::<_, i64>(noted).bind(&amelie);
    assert_eq!(noted.fetch_one(&mut store.api.database().await).await.unwrap(), 1);

    let stranger = store.api.subject(&store.api.others().await[0]).await;
    let path = format!("/v1/remembered/{stranger}/visits");
    let request = store.api.request(Method::POST, &path, &store.token).header("Idempotency-Key", "b");
    problem(request.json(&visit).send().await.unwrap(), StatusCode::NOT_FOUND).await;
}
