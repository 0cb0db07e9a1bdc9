//! Following the centre: a snapshot, then changes.

use std::path::Path;

use profile::{Author, Channel, ConsentAct, PreferenceValue, Profile, Purpose, Remember, RememberScope};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use uuid::Uuid;
use vault::{
    Arriving, AuditAct, AuditCheck, AuditLine, FeedChange, FeedPlace, Keyring, SnapshotPage, Vault, Why,
};

use crate::{
    pages::{contains, decrypted},
    support::{BY, Settled, Till, amelie, arriving, at, bought, edit, in_days, key, person},
    work::{self, Promises, Worker},
};

const ISSUER: &str = "https://id.example.com";

fn guest(subject: &str) -> Profile {
    person(subject, &format!("Guest {subject}"))
}

fn page(subjects: &[&str], next: Option<&str>, feed: i64) -> SnapshotPage {
    let customers = subjects.iter().map(|subject| arriving(guest(subject))).collect();
    SnapshotPage { customers, erased: Vec::new(), next: next.map(str::to_owned), feed, total: 6 }
}

fn changed(profile: Profile) -> FeedChange {
    FeedChange::Changed(Box::new(arriving(profile)))
}

fn erased(subject: &str) -> FeedChange {
    FeedChange::Erased { subject: subject.to_owned() }
}

fn left(subject: &str) -> FeedChange {
    FeedChange::Left { subject: subject.to_owned() }
}

async fn is_here(vault: &Vault, subject: &str) -> bool {
    vault.find(&key(subject)).await.unwrap().is_some()
}

async fn following() -> (Till, Vault) {
    let till = Till::new();
    let vault = till.open().await;
    vault.take_page(ISSUER, page(&["a", "b", "c"], None, 10), at(0)).await.unwrap();
    (till, vault)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_goes_on_where_a_program_ended_and_then_follows_the_feed_from_its_first_page() {
    let till = Till::new();
    let vault = till.open().await;
    assert_eq!(vault.feed(ISSUER).await.unwrap(), FeedPlace::Nowhere);
    vault.take_page(ISSUER, page(&["a", "b"], Some("two"), 10), at(0)).await.unwrap();
    vault.close().await;
    let vault = till.open().await;
    let place = FeedPlace::Snapshot { cursor: "two".to_owned(), done: 2 };
    assert_eq!(vault.feed(ISSUER).await.unwrap(), place);
    vault.take_page(ISSUER, page(&["c", "d"], Some("three"), 14), at(1)).await.unwrap();
    vault.take_page(ISSUER, page(&["e", "f"], None, 20), at(2)).await.unwrap();
    assert_eq!(vault.feed(ISSUER).await.unwrap(), FeedPlace::Following { since: 10 });
    assert_eq!(vault.count().await.unwrap(), 6);
    assert_eq!(vault.feed("https://elsewhere.example.com").await.unwrap(), FeedPlace::Nowhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_in_a_fresh_snapshot_goes_but_not_their_edits_nor_who_was_here_meanwhile() {
    let (_till, vault) = following().await;
    let id = vault.find(&key("b")).await.unwrap().unwrap();
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.feed_lost(ISSUER).await.unwrap();
    assert_eq!(vault.feed(ISSUER).await.unwrap(), FeedPlace::Nowhere);
    assert_eq!(vault.count().await.unwrap(), 3);

    vault.take_page(ISSUER, page(&["a"], Some("next"), 30), at(5)).await.unwrap();
    // "0" stands before what was taken over by now, and has signed in since.
    vault.remember(&key("0"), &guest("0"), &[], None, in_days(30), at(6)).await.unwrap();
    vault.remember(&key("x"), &guest("x"), &[], None, in_days(30), at(6)).await.unwrap();
    vault.take_page(ISSUER, page(&["d"], None, 31), at(7)).await.unwrap();
    let mut here = Vec::new();
    for subject in ["0", "a", "b", "c", "d", "x"] {
        if is_here(&vault, subject).await {
            here.push(subject);
        }
    }
    assert_eq!(here, ["0", "a", "d", "x"]);
    let waiting = vault.next_to_send(id).await.unwrap();
    assert_eq!(waiting.map(|edit| edit.id), Some(queued.id));
    assert!(vault.search("guest c", 5, at(7)).await.unwrap().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_in_the_copy_with_the_edits_that_wait_over_it() {
    let till = Till::new();
    let vault = till.open().await;
    let id = vault
        .remember(&key("amelie"), &amelie(), &[bought("Lantern")], None, in_days(3), at(0))
        .await
        .unwrap();
    let amelies = SnapshotPage { customers: vec![arriving(amelie())], ..page(&[], None, 4) };
    vault.take_page(ISSUER, amelies, at(0)).await.unwrap();
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let newer = Profile { revision: 9, email: None, ..amelie() };
    let older = Profile { revision: 3, phone: None, ..amelie() };
    vault.take_changes(ISSUER, vec![changed(newer)], 5, at(2)).await.unwrap();
    vault.take_changes(ISSUER, vec![changed(older)], 6, at(3)).await.unwrap();
    assert_eq!(vault.feed(ISSUER).await.unwrap(), FeedPlace::Following { since: 6 });
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.revision, copy.profile.email, copy.remember.until), (9, None, in_days(30)));
    assert!(copy.profile.phone.is_some());
    assert_eq!((copy.activity.len(), copy.waiting.len()), (1, 1));
    let shoes = &copy.profile.preferences["sizes"]["shoes"].value;
    assert_eq!(shoes, &PreferenceValue::Text("39".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_is_forgotten_and_their_wishes_are_still_sent() {
    let (_till, vault) = following().await;
    let id = vault.find(&key("a")).await.unwrap().unwrap();
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.take_changes(ISSUER, vec![left("a"), left("nobody")], 11, at(2)).await.unwrap();
    assert!(!is_here(&vault, "a").await);
    assert_eq!(vault.queue().await.unwrap().waiting, 1);
    assert!(vault.erased(ISSUER).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_is_gone_with_all_that_waits_and_the_centre_is_told_until_it_knows() {
    const TRACES: [&str; 5] = ["Amélie", "amelie", "durand", "33612345678", "Forty-two"];
    let (till, vault) = following().await;
    let changes = vec![changed(amelie())];
    vault.take_changes(ISSUER, changes, 11, at(1)).await.unwrap();
    let id = vault.find(&key("amelie")).await.unwrap().unwrap();
    vault.set_refresh_token(id, &"refresh".into()).await.unwrap();
    vault.edit_preference(id, &edit("shoes", "Forty-two"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let key_of_file = till.key().await;
    let traces = || {
        let pages = decrypted(&till.data(), &key_of_file);
        TRACES.into_iter().filter(|trace| contains(&pages, trace)).collect::<Vec<_>>()
    };
    assert_eq!(traces(), TRACES, "this test sees what is there");
    // Erased, whatever else the page says.
    let changes = vec![changed(guest("b")), erased("amelie"), erased("unknown")];
    vault.take_changes(ISSUER, changes, 12, at(2)).await.unwrap();
    assert_eq!(traces(), ["amelie"], "her subject alone, for the centre");
    assert!(is_here(&vault, "b").await && !is_here(&vault, "amelie").await);
    assert_eq!(vault.queue().await.unwrap().waiting, 0);
    assert!(vault.search("amelie", 5, at(2)).await.unwrap().rows.is_empty());
    assert!(vault.refresh_token(id).await.unwrap().is_none());
    // One that was on its way meanwhile brings her back no more.
    let late =
        AuditLine { who: None, whom: key("amelie"), act: AuditAct::Opened, why: Why::SignedIn, online: true };
    vault.audit(late, at(3)).await.unwrap();
    assert!(matches!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { .. }));
    vault.close().await;

    let vault = till.open().await;
    assert_eq!(vault.erased(ISSUER).await.unwrap(), ["amelie", "unknown"]);
    vault.erasure_confirmed(ISSUER, "amelie").await.unwrap();
    assert_eq!(vault.erased(ISSUER).await.unwrap(), ["unknown"]);
    assert_eq!(traces(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_come_during_a_snapshot_move_nothing_but_copies() {
    let till = Till::new();
    let vault = till.open().await;
    vault.take_page(ISSUER, page(&["a", "b"], Some("two"), 10), at(0)).await.unwrap();
    vault.take_changes(ISSUER, vec![erased("a")], 11, at(1)).await.unwrap();
    assert!(!is_here(&vault, "a").await);
    assert!(matches!(vault.feed(ISSUER).await.unwrap(), FeedPlace::Snapshot { done: 2, .. }));
    // Whose name is the place of the snapshot: it begins anew, and nobody is named by it.
    vault.take_changes(ISSUER, vec![erased("b")], 12, at(1)).await.unwrap();
    assert_eq!(vault.feed(ISSUER).await.unwrap(), FeedPlace::Nowhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_in_a_fresh_snapshot_goes_also_where_the_clock_was_years_ahead_when_they_were_here() {
    let (_till, vault) = following().await;
    let id = vault.find(&key("b")).await.unwrap().unwrap();
    vault.remember(&key("x"), &guest("x"), &[], None, in_days(1900), in_days(1500)).await.unwrap();
    vault.seen(id, in_days(1500)).await.unwrap();
    vault.feed_lost(ISSUER).await.unwrap();
    vault.take_page(ISSUER, page(&["a"], Some("next"), 30), at(5)).await.unwrap();
    // Opened while the snapshot is under way: that is no word of the centre, nor of the customer.
    let id = vault.find(&key("c")).await.unwrap().unwrap();
    vault.seen(id, at(6)).await.unwrap();
    // And here somebody agrees, by a clock that is years behind.
    vault.remember(&key("y"), &guest("y"), &[], None, in_days(30), in_days(-700)).await.unwrap();
    vault.take_page(ISSUER, page(&["d"], None, 30), at(7)).await.unwrap();
    for (subject, stays) in [("a", true), ("b", false), ("c", false), ("d", true), ("x", false), ("y", true)]
    {
        assert_eq!(is_here(&vault, subject).await, stays, "{subject}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_while_nobody_could_say_so_is_erased_with_the_fresh_snapshot() {
    let (till, vault) = following().await;
    let id = vault.find(&key("b")).await.unwrap().unwrap();
    vault.edit_preference(id, &edit("shoes", "Forty-two"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    // Of whom no more is left than who was behind a pseudonym.
    vault.take_changes(ISSUER, vec![left("c")], 11, at(2)).await.unwrap();
    vault.feed_lost(ISSUER).await.unwrap();
    let erased = ["b", "c", "nobody-here"].map(str::to_owned).to_vec();
    let fresh = SnapshotPage { erased, ..page(&["a"], Some("next"), 30) };
    vault.take_page(ISSUER, fresh, at(3)).await.unwrap();
    assert_eq!(
        vault.erased(ISSUER).await.unwrap(),
        ["b", "c"],
        "the centre is told of those who were known here"
    );
    assert_eq!(vault.queue().await.unwrap().waiting, 0);
    assert!(!contains(&decrypted(&till.data(), &till.key().await), "Forty-two"));
    // The page came as far as those who are erased.
    vault.take_page(ISSUER, page(&["o"], None, 30), at(4)).await.unwrap();
    assert!(is_here(&vault, "a").await && is_here(&vault, "o").await);
    assert_eq!(vault.count().await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_tells_whose_edits_may_be_sent_by_now() {
    let (_till, vault) = following().await;
    let id = vault.find(&key("b")).await.unwrap().unwrap();
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.take_changes(ISSUER, vec![left("b")], 11, at(2)).await.unwrap();
    let both = vec![changed(guest("a")), changed(guest("b"))];
    assert_eq!(vault.take_changes(ISSUER, both, 12, at(3)).await.unwrap(), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_be_kept_any_more_is_not_taken_over() {
    let till = Till::new();
    let vault = till.open().await;
    let over = Arriving { remember: at(-1).into(), ..arriving(guest("a")) };
    let late = SnapshotPage { customers: vec![over], ..page(&[], None, 1) };
    vault.take_page(ISSUER, late, at(0)).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 0);
}

fn yes(id: &str, second: i64) -> ConsentAct {
    ConsentAct {
        id: id.to_owned(),
        purpose: Purpose::RememberAtStore,
        given: true,
        at: at(second),
        by: Author::Customer,
        channel: Channel::Store,
        wording: "phone-remember-2.en".to_owned(),
        store: Some("northquay".to_owned()),
        store_name: None,
        till: None,
        scopes: None,
        until: None,
    }
}

/// Amélie as the centre tells of her, because of one of her acts.
fn told(acts: &[&str]) -> Arriving {
    let consents = acts.iter().zip(0..).map(|(id, second)| yes(id, second)).collect();
    let because = acts.last().map(|id| (*id).to_owned());
    let remember = Remember { act: because, ..in_days(30).into() };
    Arriving { remember, ..arriving(Profile { consents, ..amelie() }) }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_it_back_here_does_not_come_back_by_an_older_word_of_the_centre() {
    let (_till, vault) = following().await;
    let changes = |acts: &[&str]| vec![FeedChange::Changed(Box::new(told(acts)))];
    vault.take_changes(ISSUER, changes(&["first"]), 11, at(1)).await.unwrap();
    let id = vault.find(&key("amelie")).await.unwrap().unwrap();
    vault.take_back(id, Uuid::new_v4(), None, at(2)).await.unwrap();
    vault.take_changes(ISSUER, changes(&["first"]), 12, at(3)).await.unwrap();
    assert!(!is_here(&vault, "amelie").await);
    // At the till beside this one they agreed anew.
    vault.take_changes(ISSUER, changes(&["first", "second"]), 13, at(4)).await.unwrap();
    assert!(is_here(&vault, "amelie").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_to_here_is_not_widened_by_an_older_word_of_the_centre() {
    let (_till, vault) = following().await;
    let less = Remember {
        until: in_days(9),
        scopes: [RememberScope::Loyalty].into_iter().collect(),
        act: Some("second".to_owned()),
    };
    let id = vault.remember(&key("amelie"), &amelie(), &[], None, less.clone(), at(1)).await.unwrap();
    let changes = |acts: &[&str]| vec![FeedChange::Changed(Box::new(told(acts)))];
    vault.take_changes(ISSUER, changes(&["first"]), 11, at(2)).await.unwrap();
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.remember, copy.profile.email), (less, None));
    vault.take_changes(ISSUER, changes(&["first", "second", "third"]), 12, at(3)).await.unwrap();
    assert_eq!(vault.open_customer(id).await.unwrap().unwrap().remember.act.as_deref(), Some("third"));
}

/// Customers of the snapshot, on pages of so many, and changes behind it, each of which erases one of them.
const CUSTOMERS: u32 = 60;
const ON_A_PAGE: u32 = 3;
const ERASED: i64 = 30;

fn subject(nth: u32) -> String {
    format!("guest{nth:03}")
}

/// Follows the centre to its end, from wherever the memory has it.
async fn follow(folder: &Path, keyring: &Keyring) {
    let vault = Vault::open(folder, keyring).await.unwrap();
    loop {
        let place = vault.feed(ISSUER).await.unwrap();
        work::say("taking", format!("{place:?}").replace(' ', "_"));
        let from = match place {
            FeedPlace::Nowhere => 0,
            FeedPlace::Snapshot { cursor, .. } => cursor.parse().unwrap(),
            FeedPlace::Following { since } if since == ERASED => break,
            FeedPlace::Following { since } => {
                let gone = vec![erased(&subject(u32::try_from(since).unwrap()))];
                vault.take_changes(ISSUER, gone, since + 1, at(0)).await.unwrap();
                continue;
            }
        };
        let to = from + ON_A_PAGE;
        let customers = (from..to).map(|nth| arriving(guest(&subject(nth)))).collect();
        let next = (to < CUSTOMERS).then(|| to.to_string());
        let page = SnapshotPage { customers, erased: Vec::new(), next, feed: 0, total: CUSTOMERS };
        vault.take_page(ISSUER, page, at(0)).await.unwrap();
    }
    vault.close().await;
    work::say("finished", "all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_is_killed_goes_on_with_the_snapshot_and_with_the_feed_where_it_was() {
    if let Some((folder, keyring, _)) = work::place() {
        return follow(&folder, &keyring).await;
    }
    let _settled = Settled;
    let test = "feed::a_till_that_is_killed_goes_on_with_the_snapshot_and_with_the_feed_where_it_was";
    let mut kills = 0;
    for seed in 0..6 {
        let (till, mut chance) = (Till::new(), ChaCha8Rng::seed_from_u64(seed));
        loop {
            let mut promises = Promises::default();
            let mut worker = Worker::start(test, &till.data(), till.folder.path(), seed);
            let steps = chance.random_range(1..25);
            worker.listen(&mut promises, |promises| promises.begun < steps);
            worker.kill(&mut promises);
            kills += 1;
            let vault = till.open().await;
            let (place, here) = (vault.feed(ISSUER).await.unwrap(), vault.count().await.unwrap());
            let gone = vault.erased(ISSUER).await.unwrap();
            let found = vault.search("guest", CUSTOMERS, at(0)).await.unwrap().rows.len();
            let trail = vault.verify_audit(None).await.unwrap();
            assert!(matches!(trail, AuditCheck::Intact { .. }), "seed {seed}: {trail:?}");
            let expected = match &place {
                FeedPlace::Nowhere => (0, 0),
                FeedPlace::Snapshot { done, .. } => (*done, 0),
                FeedPlace::Following { since } => (CUSTOMERS - u32::try_from(*since).unwrap(), *since),
            };
            let told = (here, i64::try_from(gone.len()).unwrap());
            assert_eq!(told, expected, "seed {seed}, {place:?}");
            assert_eq!(found, here as usize, "seed {seed}: the index");
            vault.close().await;
            if place == (FeedPlace::Following { since: ERASED }) {
                break;
            }
        }
    }
    println!("{kills} kills");
    assert!(10 < kills, "only {kills} kills");
}
