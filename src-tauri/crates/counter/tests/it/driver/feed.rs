//! A till that follows the centre.

use counter::{
    Input, State,
    state::{Feed, HandedOver, Memory, NoticeKind, Origin, Staff, Visit},
};
use profile::{Name, Profile};

use super::{
    counter::{Running, Till},
    provider::{Provider, SUBJECT},
};
use crate::people::{profile, shoes_of, text};

fn named(subject: &str, name: &str, revision: u64) -> Profile {
    let whole = Profile { email: None, ..profile(subject, revision) };
    let name = Name { display: name.to_owned(), given: None, family: None, ..whole.name };
    Profile { name, ..whole }
}

/// A store of five customers: Amélie is the first of them.
async fn store_of_five() -> Provider {
    let provider = Provider::start().await;
    provider.store_has(profile(SUBJECT, 7));
    for (nth, name) in ["Bo Li", "Carla Conti", "Dmitri Orlov", "Edda Stein"].into_iter().enumerate() {
        provider.store_has(named(&format!("guest-{nth}"), name, 3));
    }
    provider
}

impl Running {
    async fn follows(&self) {
        self.until("whole copies", |state| state.feed == Feed::Following).await;
    }

    /// Waits until a search finds so many: the state does not say what is in the memory.
    async fn until_found(&self, query: &str, many: usize) {
        let found = async {
            while self.find(query).await.len() != many {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), found).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_of_the_store_are_found_at_a_till_where_they_never_were() {
    let (provider, till) = (store_of_five().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.follows().await;
    assert_eq!(running.find("orlov").await.len(), 1);
    assert_eq!(provider.count("page"), 3);

    // Somebody agrees at the till beside this one.
    provider.store_has(named("guest-9", "Zoe Zabel", 1));
    running.until_found("zabel", 1).await;
    provider.store_loses("guest-0", "left");
    running.until_found("bo li", 0).await;
    running.0.stop().await;

    // Another day it asks for what has changed since, and copies nobody again.
    let running = till.another_day(&provider).await;
    running.follows().await;
    assert_eq!(provider.count("page"), 3);
    provider.saw("changes since 7").await;
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_was_broken_off_goes_on_at_its_page_another_day() {
    let (provider, till) = (store_of_five().await, Till::with_key());
    provider.store_tells(Some(1));
    let running = till.first_day(&provider).await;
    let half = |state: &counter::State| matches!(state.feed, Feed::Snapshot { done: 2, total: 5, .. });
    running.until("a part of it", half).await;
    running.0.send(Input::PauseSnapshot);
    running.until("a stop", |state| matches!(state.feed, Feed::Snapshot { paused: true, .. })).await;
    running.0.stop().await;

    provider.store_tells(None);
    let running = till.another_day(&provider).await;
    running.follows().await;
    assert_eq!((provider.count("page"), provider.count("page after \"\"")), (3, 1), "{:?}", provider.log());
    assert_eq!(running.find("stein").await.len(), 1);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_at_the_centre_is_gone_here_with_all_that_waits_and_the_centre_hears_it() {
    let (mut provider, till) = (store_of_five().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.follows().await;
    running.edit_offline(&mut provider, "41").await;
    provider.store_remembers(false);
    provider.store_loses(SUBJECT, "erased");
    provider.on().await;
    let state = running.until("nobody on the screen", |state| matches!(state.visit, Visit::Idle)).await;
    assert_eq!(state.notice.as_ref().unwrap().what, NoticeKind::NoLongerRemembered);
    provider.was_told_of_the_erasure_of(SUBJECT).await;
    assert!(running.find("amelie").await.is_empty());
    let state = running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert!(state.recent.iter().all(|row| row.name.display != "Amélie Durand"));
    assert_eq!(running.find("stein").await.len(), 1);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_elsewhere_is_seen_in_the_copy_that_is_open() {
    let (provider, till) = (store_of_five().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.follows().await;
    running.open_copy().await;
    provider.shoes_elsewhere("44");
    provider.store_has(provider.profile());
    let state = running.until_open("the change", |open| shoes_of(&open.profile) == Some(text("44"))).await;
    let Visit::Open(open) = &state.visit else { panic!() };
    assert!(matches!(open.origin, Origin::Copy { .. }));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_was_away_too_long_begins_anew_and_keeps_what_waits() {
    let (mut provider, till) = (store_of_five().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.follows().await;
    provider.store_remembers(false);
    running.edit_offline(&mut provider, "41").await;
    running.end().await;
    provider.store_loses(SUBJECT, "left");
    provider.store_forgets_the_past();
    provider.on().await;
    running.until_found("amelie", 0).await;
    running.follows().await;
    assert_eq!(provider.count("page"), 5);
    assert_eq!(running.state().queue.waiting, 1);
    assert_eq!(running.find("stein").await.len(), 1);

    // They come back, and what waited is sent.
    provider.store_remembers(true);
    running.visit(&provider, true).await;
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("41")));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_somebody_who_never_signed_in_here_is_handed_over_by_a_till_that_lost_its_key() {
    let (mut provider, till) = (store_of_five().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.follows().await;
    running.edit_offline(&mut provider, "41").await;
    running.0.stop().await;

    till.keyring.delete("database-key").await.unwrap();
    provider.on().await;
    let running = till.start(&provider);
    running.until("no key", |state| state.memory == Memory::WrongKey).await;
    running.0.send(Input::AddAssociate { name: "Robin".to_owned(), pin: super::counter::pin() });
    running.until("unlocked", |state| matches!(state.staff, Staff::Unlocked(_))).await;
    running.0.send(Input::StartAnew);
    let handed = NoticeKind::HandedOver(HandedOver { taken: 1, kept: 0, unread: 0 });
    let said = |state: &State| state.notice.as_ref().is_some_and(|notice| notice.what == handed);
    running.until("a word of what was handed over", said).await;
    assert_eq!(provider.opened()[0].grant, format!("till-grant/{SUBJECT}"));
    running.0.stop().await;
}
