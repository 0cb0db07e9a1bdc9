//! `GET /v1/me/sealing-key` and `POST /v1/sealed-edits`: what a till hands over that cannot read it any more.

use std::process::Command;

use central::{Decided, Decision, Kept};
use chrono::TimeDelta;
use profile::{Name, NameOrder, NewCustomer, PreferenceEdit, PreferenceValue, RememberScope};
use reqwest::StatusCode;
use sealing::{PublicKey, Sealed, Waiting, What};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AMELIE, Api, WEB, expect, problem, store::Store};
use crate::world::{ALL, World};

struct Key {
    public: PublicKey,
    grant: String,
}

async fn key(api: &Api, token: &str) -> Key {
    let answer = api.document("/v1/me/sealing-key", token).await;
    let grant = answer["grant"].as_str().unwrap().to_owned();
    Key { public: serde_json::from_value(answer).unwrap(), grant }
}

fn shoes(size: &str) -> PreferenceEdit {
    let value = Some(PreferenceValue::Text(size.to_owned()));
    PreferenceEdit { group: "sizes".to_owned(), key: "shoes".to_owned(), value }
}

impl Key {
    fn seal(&self, api: &Api, id: Uuid, size: &str, base: u64, age: i64) -> Sealed {
        self.seal_what(api, id, What::Edit { change: shoes(size), base }, age)
    }

    fn seal_what(&self, api: &Api, id: Uuid, what: What, age: i64) -> Sealed {
        let made_at = api.now() - TimeDelta::seconds(age);
        Sealed::seal(&self.public, &Waiting { id, grant: self.grant.clone(), what, made_at }).unwrap()
    }
}

async fn hand_over(api: &Api, edits: &[Sealed]) -> Vec<u64> {
    let url = api.world.at("/v1/sealed-edits");
    let answer = api.world.http.post(url).json(&json!({ "edits": edits })).send().await.unwrap();
    expect(&answer, StatusCode::OK);
    let answer: Value = answer.json().await.unwrap();
    answer["answers"].as_array().unwrap().iter().map(|answer| answer["status"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn sealed_edits_are_applied_once_in_the_order_in_which_they_were_made() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let key = key(&api, &token).await;
    let base = api.me(&token).await["revision"].as_u64().unwrap();
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    // Made on the first one, whatever the order they come in.
    let edits = [key.seal(&api, second, "44", base + 1, 10), key.seal(&api, first, "43", base, 20)];
    assert_eq!(hand_over(&api, &edits).await, [200, 200]);
    let me = api.me(&token).await;
    assert_eq!(
        (&me["preferences"]["sizes"]["shoes"]["value"], me["revision"].as_u64()),
        (&json!("44"), Some(base + 2))
    );
    assert_eq!(me["preferences"]["sizes"]["shoes"]["provenance"]["channel"], "store");

    assert_eq!(hand_over(&api, &edits).await, [200, 200], "an answer was lost");
    let sent = api.patch_as(&token, &first.to_string(), &shoes("43").merge_patch()).send().await.unwrap();
    expect(&sent, StatusCode::OK);
    assert_eq!(api.me(&token).await["revision"].as_u64(), Some(base + 2), "it had arrived sealed");
}

/// What the service has kept, once it is stopped.
async fn kept(world: World) -> (World, Vec<Kept>) {
    let mut world = world;
    world.stop().await;
    let kept = central::kept(world.folder.path()).await.unwrap();
    (world, kept)
}

async fn stored_shoes(world: &World) -> Option<String> {
    let shoes =
        "SELECT value FROM preferences JOIN accounts USING (subject) WHERE key = 'shoes' AND email = ?";
    sqlx::query_scalar(shoes).bind(AMELIE).fetch_one(&mut world.database().await).await.unwrap()
}

#[tokio::test]
async fn what_somebody_else_has_changed_since_is_kept_until_a_person_has_decided() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let key = key(&api, &token).await;
    let base = api.me(&token).await["revision"].as_u64().unwrap();
    expect(&api.patch(&token, &shoes("42").merge_patch()).send().await.unwrap(), StatusCode::OK);
    let mut sealed: Vec<_> = ["41", "40"].map(|size| key.seal(&api, Uuid::new_v4(), size, base, 5)).into();
    assert_eq!(hand_over(&api, &sealed).await, [202, 202]);
    sealed.push(key.seal(&api, Uuid::new_v4(), &"4".repeat(501), base, 1));
    assert_eq!(hand_over(&api, &sealed).await, [202, 202, 202], "an answer was lost");
    assert_eq!(api.me(&token).await["preferences"]["sizes"]["shoes"]["value"], "42");

    let subject = api.subject(AMELIE).await;
    let (world, kept) = kept(api.world).await;
    let told: Vec<_> = kept.iter().map(|edit| &*edit.why).collect();
    assert_eq!(told, ["changed_since", "changed_since", "invalid"]);
    let first = &kept[0];
    assert_eq!((&*first.till, &first.subject), (super::TILL, &subject));
    assert!(first.what == What::Edit { change: shoes("41"), base });
    let decide = async |nth: usize, decision| {
        central::decide(world.folder.path(), kept[nth].number, decision).await.unwrap()
    };
    assert_eq!(decide(0, Decision::Apply).await, Decided::Done);
    assert_eq!(decide(1, Decision::Drop).await, Decided::Done);
    assert_eq!(decide(1, Decision::Apply).await, Decided::Unknown);
    assert_eq!(decide(2, Decision::Apply).await, Decided::Invalid);
    assert_eq!(stored_shoes(&world).await.as_deref(), Some(r#""41""#));
    assert_eq!(central::kept(world.folder.path()).await.unwrap().len(), 1);
}

/// Runs the program on the folder of a service that does not run; what it printed, where it has succeeded.
fn central(world: &World, command: &str, rest: &[&str]) -> Result<String, String> {
    let mut central = Command::new(env!("CARGO_BIN_EXE_central"));
    central.arg(command).arg("--data").arg(world.folder.path()).args(rest);
    let output = central.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[tokio::test]
async fn store_it_lists_applies_and_drops_what_was_kept_and_erases_by_the_command_line() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let key = key(&api, &token).await;
    let base = api.me(&token).await["revision"].as_u64().unwrap();
    expect(&api.patch(&token, &shoes("42").merge_patch()).send().await.unwrap(), StatusCode::OK);
    let sealed = ["41", "40"].map(|size| key.seal(&api, Uuid::new_v4(), size, base, 5));
    assert_eq!(hand_over(&api, &sealed).await, [202, 202]);
    let subject = api.subject(AMELIE).await;
    let mut world = api.world;
    world.stop().await;

    let listed = central(&world, "kept", &["list"]).unwrap();
    let listed: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.len(), 2, "{listed:?}");
    let numbers = [0, 1].map(|nth: usize| listed[nth]["number"].to_string());
    let expected = listed[0]["what"]["change"]["value"].to_string();
    assert_eq!(central(&world, "kept", &["apply", &numbers[0]]).unwrap(), "done\n");
    assert_eq!(stored_shoes(&world).await, Some(expected));
    assert_eq!(central(&world, "kept", &["drop", &numbers[1]]).unwrap(), "done\n");
    assert!(central(&world, "kept", &["apply", &numbers[1]]).unwrap_err().contains("nothing of that number"));
    assert_eq!(central(&world, "kept", &["list"]).unwrap(), "");

    assert_eq!(central(&world, "erase", &["--subject", &subject]).unwrap(), "erased\n");
    assert!(central(&world, "erase", &["--subject", &subject]).unwrap_err().contains("no such customer"));
}

#[tokio::test]
async fn whoever_has_the_public_key_alone_changes_nothing() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let key = key(&api, &token).await;
    let other = api.token(&api.others().await[0], super::TILL, "openid customer").await;
    let before = api.me(&token).await;
    let number = key.grant.split_once('.').unwrap().0.to_owned();
    let proof_of_another = self::key(&api, &other).await.grant.split_once('.').unwrap().1.to_owned();
    for grant in
        ["", "1", ".", "x.y", &format!("{number}."), &format!("{number}.{proof_of_another}"), "999999.AAAA"]
    {
        let forged = Key { public: key.public.clone(), grant: grant.to_owned() };
        assert_eq!(hand_over(&api, &[forged.seal(&api, Uuid::new_v4(), "30", 1, 5)]).await, [403], "{grant}");
    }
    let sealed = key.seal(&api, Uuid::new_v4(), "30", 1, 5);
    let elsewhere = Sealed { key_id: "another".to_owned(), ..sealed.clone() };
    let changed = Sealed { sealed: sealed.sealed.replace(['A', 'b'], "c"), ..sealed };
    assert_eq!(hand_over(&api, &[elsewhere, changed]).await, [400, 400]);
    assert_eq!(api.me(&token).await, before);
}

#[tokio::test]
async fn under_a_yes_that_is_over_nothing_is_applied_and_nothing_is_lost() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let key = key(&api, &token).await;
    let before = api.me(&token).await;
    let base = before["revision"].as_u64().unwrap();
    let (in_time, late) =
        (key.seal(&api, Uuid::new_v4(), "41", base, 5), key.seal(&api, Uuid::new_v4(), "42", base + 1, 5));
    assert_eq!(hand_over(&api, std::slice::from_ref(&in_time)).await, [200]);
    api.pass(TimeDelta::days(2));
    // The number of the yes may be that of somebody else's now.
    let other = api.token(&api.others().await[0], super::TILL, "openid customer").await;
    let theirs = api.me(&other).await;
    assert_eq!(hand_over(&api, &[in_time, late]).await, [200, 202], "what was applied in time was applied");
    assert_eq!(api.me(&other).await, theirs);
    assert_eq!(api.me(&api.amelie().await).await["preferences"]["sizes"]["shoes"]["value"], "41");
    let (_, kept) = kept(api.world).await;
    assert_eq!(kept[0].why, "yes_is_over");
    assert!(kept[0].what == What::Edit { change: shoes("42"), base: base + 1 });
}

#[tokio::test]
async fn what_was_taken_back_at_a_till_that_has_lost_its_key_is_taken_back() {
    let api = Api::start().await;
    let phone = api.world.phone_of(AMELIE).await;
    let tokens = api.world.tokens(&phone, ALL, "store").await;
    let token = tokens["access_token"].as_str().unwrap();
    let key = key(&api, token).await;
    let me = api.me(token).await;
    let of_store = |me: &Value| -> Vec<Value> {
        let acts = me["consents"].as_array().unwrap().iter();
        acts.filter(|act| act["purpose"] == "remember_at_store").cloned().collect()
    };
    let yes = of_store(&me)[0]["id"].as_str().map(str::to_owned);
    let (edit, withdrawal) = (Uuid::new_v4(), Uuid::new_v4());
    api.pass(TimeDelta::seconds(60));
    let sealed = [
        key.seal_what(&api, withdrawal, What::Withdrawal { act: yes }, 5),
        key.seal(&api, edit, "43", me["revision"].as_u64().unwrap(), 20),
    ];
    assert_eq!(hand_over(&api, &sealed).await, [200, 200]);
    assert_eq!(hand_over(&api, &sealed).await, [200, 200], "an answer was lost");
    let me = api.me(&api.amelie().await).await;
    assert_eq!(me["preferences"]["sizes"]["shoes"]["value"], "43");
    let acts: Vec<_> = of_store(&me).into_iter().map(|act| act["given"].clone()).collect();
    assert_eq!(acts.len(), 2);
    assert!(acts.contains(&json!(false)));
}

#[tokio::test]
async fn of_somebody_who_was_erased_nothing_is_kept() {
    let api = Api::start().await;
    let token = api.amelie().await;
    let key = key(&api, &token).await;
    let base = api.me(&token).await["revision"].as_u64().unwrap();
    expect(&api.patch(&token, &shoes("42").merge_patch()).send().await.unwrap(), StatusCode::OK);
    let sealed = key.seal(&api, Uuid::new_v4(), "41", base, 5);
    assert_eq!(hand_over(&api, std::slice::from_ref(&sealed)).await, [202]);
    api.server().erase(&api.subject(AMELIE).await).await.unwrap();
    assert_eq!(hand_over(&api, &[sealed]).await, [404]);
    assert!(kept(api.world).await.1.is_empty());
}

/// Somebody whom a till entered.
struct Entered {
    subject: Uuid,
    key: Key,
}

impl Entered {
    async fn at(store: &Store) -> Self {
        let subject = Uuid::new_v4();
        let answer = store.document("/v1/sealing-key").await;
        let grant = format!("{}/{subject}", answer["grant"].as_str().unwrap());
        Self { subject, key: Key { public: serde_json::from_value(answer).unwrap(), grant } }
    }

    fn customer(&self, api: &Api, email: &str) -> Sealed {
        self.key.seal_what(api, self.subject, ada(api, email), 30)
    }

    fn all(&self, api: &Api, email: &str) -> Vec<Sealed> {
        let visit = What::Visit { at: api.now() - TimeDelta::seconds(10) };
        // In any order.
        vec![
            self.key.seal_what(api, Uuid::new_v4(), visit, 10),
            self.key.seal(api, Uuid::new_v4(), "43", 0, 20),
            self.customer(api, email),
        ]
    }
}

fn ada(api: &Api, email: &str) -> What {
    let display = "Ada Lovelace".to_owned();
    let new = NewCustomer {
        name: Name { display, given: None, family: None, order: NameOrder::default() },
        email: Some(email.to_owned()),
        phone: None,
        locale: None,
        at: api.now(),
        scopes: [RememberScope::Contact, RememberScope::Preferences].into_iter().collect(),
        until: api.now() + TimeDelta::days(300),
        wording: "till-new-1".to_owned(),
    };
    What::Customer { new: Box::new(new), somebody_else: Vec::new() }
}

/// Visits of a customer, and the shoe size that is stored of them.
async fn stored_of(world: &World, subject: Uuid) -> (i64, Option<String>) {
    let (mut database, subject) = (world.database().await, subject.to_string());
    let visits = sqlx::query_scalar("SELECT count(*) FROM visits WHERE subject = ?");
    let shoes = sqlx::query_scalar("SELECT value FROM preferences WHERE key = 'shoes' AND subject = ?");
    (
        visits.bind(&subject).fetch_one(&mut database).await.unwrap(),
        shoes.bind(&subject).fetch_optional(&mut database).await.unwrap(),
    )
}

#[tokio::test]
async fn somebody_new_is_made_once_with_all_that_is_about_them() {
    let store = Store::start().await;
    let entered = Entered::at(&store).await;
    let sealed = entered.all(&store.api, "ada@mail.example");
    assert_eq!(hand_over(&store.api, &sealed).await, [200; 3]);
    assert_eq!(hand_over(&store.api, &sealed).await, [200; 3], "an answer was lost");
    let made = store.document(&format!("/v1/remembered/{}", entered.subject)).await;
    assert_eq!(made["profile"]["name"]["display"], "Ada Lovelace");
    assert_eq!(stored_of(&store.api.world, entered.subject).await, (1, Some(r#""43""#.to_owned())));

    let other = Entered::at(&store).await;
    let in_anothers_name =
        other.key.seal_what(&store.api, Uuid::new_v4(), ada(&store.api, "eve@mail.example"), 5);
    let nobody = other.customer(&store.api, "no address");
    assert_eq!(hand_over(&store.api, &[in_anothers_name, nobody]).await, [422, 422]);
}

#[tokio::test]
async fn who_may_be_known_already_waits_for_a_person_with_all_that_is_about_them() {
    let store = Store::start().await;
    let [made, dropped, took_back, erased] = [
        Entered::at(&store).await,
        Entered::at(&store).await,
        Entered::at(&store).await,
        Entered::at(&store).await,
    ];
    for entered in [&made, &dropped, &took_back, &erased] {
        let sealed = entered.all(&store.api, AMELIE);
        assert_eq!(hand_over(&store.api, &sealed).await, [202; 3]);
        assert_eq!(hand_over(&store.api, &sealed).await, [202; 3], "an answer was lost");
    }
    let withdrawal = What::Withdrawal { act: None };
    let withdrawal = took_back.key.seal_what(&store.api, Uuid::new_v4(), withdrawal, 1);
    assert_eq!(hand_over(&store.api, &[withdrawal]).await, [200]);
    assert!(
        !store.api.server().erase(&erased.subject.to_string()).await.unwrap(),
        "they never were a customer"
    );

    let (world, kept) = kept(store.api.world).await;
    let of = |entered: &Entered| -> Vec<&Kept> {
        kept.iter().filter(|thing| thing.subject == entered.subject.to_string()).collect()
    };
    assert_eq!((of(&took_back).len(), of(&erased).len()), (0, 0));
    let why: Vec<_> = of(&made).iter().map(|thing| &*thing.why).collect();
    assert_eq!(why, ["maybe_known", "behind_a_customer", "behind_a_customer"]);
    assert!(!format!("{kept:?}").contains("Ada"), "nobody's name is in a log");
    let decide = async |thing: &Kept, decision| {
        central::decide(world.folder.path(), thing.number, decision).await.unwrap()
    };
    assert_eq!(decide(of(&made)[1], Decision::Apply).await, Decided::CustomerFirst);
    assert_eq!(decide(of(&made)[0], Decision::Apply).await, Decided::Done);
    assert_eq!(decide(of(&dropped)[0], Decision::Drop).await, Decided::Done);
    assert!(central::kept(world.folder.path()).await.unwrap().is_empty());
    assert_eq!(stored_of(&world, made.subject).await, (1, Some(r#""43""#.to_owned())));
    assert_eq!(stored_of(&world, dropped.subject).await, (0, None));
}

#[tokio::test]
async fn a_new_key_is_made_every_year_and_the_old_one_opens_what_was_sealed_to_it() {
    let mut api = Api::start().await;
    let shop = api.token(AMELIE, WEB, "openid customer").await;
    problem(api.get("/v1/me/sealing-key", &shop).await, StatusCode::FORBIDDEN).await;
    let token = api.amelie().await;
    let old = key(&api, &token).await;
    api.world.restart().await;
    assert_eq!(key(&api, &token).await.public, old.public, "it outlives the program");
    api.pass(TimeDelta::days(366));
    api.world.restart().await;
    let token = api.amelie().await;
    let new = key(&api, &token).await;
    assert_ne!(new.public, old.public);
    let base = api.me(&token).await["revision"].as_u64().unwrap();
    let to_old = Key { public: old.public, grant: new.grant };
    assert_eq!(hand_over(&api, &[to_old.seal(&api, Uuid::new_v4(), "44", base, 5)]).await, [200]);
}

#[tokio::test]
async fn more_than_fifty_at_a_time_are_refused() {
    let api = Api::start().await;
    let sealed = Sealed { key_id: "a".to_owned(), sealed: "b".to_owned() };
    let url = api.world.at("/v1/sealed-edits");
    let many = json!({ "edits": vec![sealed; 51] });
    problem(api.world.http.post(url).json(&many).send().await.unwrap(), StatusCode::BAD_REQUEST).await;
    assert!(hand_over(&api, &[]).await.is_empty());
}
