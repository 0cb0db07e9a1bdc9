//! When the till follows the centre, and what the screen makes of what it hears.

use counter::{
    Input,
    machine::{Changes, Effect, Event, Followed, OpenedMemory, Sent},
    state::{Feed, Memory, NoticeKind, Origin, Visit},
};
use profile::{CustomerKey, Profile, RememberScope, RememberScopes};
use uuid::Uuid;

use super::till::{AMELIE, KEPT, Till, copy, robin, seconds};
use crate::people::{key, profile};

/// A till with a key of its own, whose memory is open.
fn following() -> Till {
    let mut till = Till::unlocked();
    till.feed(Event::OwnAuthority);
    till
}

/// How many steps were wanted since this was last asked.
fn steps(till: &mut Till) -> usize {
    till.take().iter().filter(|effect| matches!(effect, Effect::Follow)).count()
}

fn hears(till: &mut Till, what: Followed) {
    till.feed(Event::Followed { what, jitter: 1.0 });
}

fn told(till: &mut Till, changes: Changes) {
    hears(till, Followed::Changes(Box::new(changes)));
}

fn amelie() -> Vec<CustomerKey> {
    vec![key(AMELIE)]
}

#[test]
fn a_till_without_a_key_of_its_own_or_without_a_memory_asks_nothing() {
    let mut till = Till::unlocked();
    till.wait(seconds(3600));
    assert_eq!(steps(&mut till), 0);

    let mut till = Till::new();
    till.feed(Event::OwnAuthority);
    till.feed(Event::MemoryFailed(Memory::KeyringLocked));
    till.wait(seconds(3600));
    assert_eq!(steps(&mut till), 0);
    // Who works at the till, and whether anybody does, is not asked.
    till.memory_opens();
    assert_eq!(steps(&mut till), 1);
}

#[test]
fn page_follows_page_and_then_one_question_the_other_one_at_a_time() {
    let mut till = following();
    assert_eq!(steps(&mut till), 1);
    till.wait(seconds(300));
    assert_eq!(steps(&mut till), 0, "while one is under way");
    hears(&mut till, Followed::Snapshot { done: 200, total: 900 });
    assert_eq!(till.state().feed, Feed::Snapshot { done: 200, total: 900, paused: false });
    assert_eq!(steps(&mut till), 1);
    hears(&mut till, Followed::UpToDate { rest: false });
    assert_eq!(till.state().feed, Feed::Following);
    assert_eq!(till.count(|effect| matches!(effect, Effect::ReadRecent)), 1);
    assert_eq!(steps(&mut till), 1);
    told(&mut till, Changes::default());
    assert_eq!(steps(&mut till), 1);
}

#[test]
fn a_service_that_does_not_hold_questions_is_not_asked_without_a_pause() {
    let mut till = following();
    till.take();
    hears(&mut till, Followed::UpToDate { rest: true });
    till.wait(seconds(29));
    assert_eq!(steps(&mut till), 0);
    till.wait(seconds(1));
    assert_eq!(steps(&mut till), 1);
}

#[test]
fn what_is_not_offered_is_asked_for_again_after_a_while() {
    let mut till = following();
    till.take();
    hears(&mut till, Followed::NotOffered);
    assert_eq!(till.state().feed, Feed::Off);
    till.wait(seconds(599));
    assert_eq!(steps(&mut till), 0);
    till.wait(seconds(1));
    assert_eq!(steps(&mut till), 1);
}

#[test]
fn steps_that_come_to_nothing_come_later_and_later_and_what_was_reached_stays() {
    let mut till = following();
    hears(&mut till, Followed::Snapshot { done: 200, total: 900 });
    till.take();
    let mut waits = Vec::new();
    for _ in 0..8 {
        hears(&mut till, Followed::NoAnswer);
        let before = till.now().tick;
        let due = till.machine.next_deadline().unwrap();
        waits.push((due - before).as_secs());
        till.wait(due - before);
        assert_eq!(steps(&mut till), 1);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(till.state().feed, Feed::Snapshot { done: 200, total: 900, paused: false });
    hears(&mut till, Followed::Snapshot { done: 400, total: 900 });
    assert_eq!(steps(&mut till), 1, "one that came to something is followed by the next at once");
}

#[test]
fn nothing_is_asked_while_the_centre_is_away() {
    let mut till = following();
    hears(&mut till, Followed::UpToDate { rest: false });
    till.take();
    till.feed(Event::Centre { answered: false, slow: false });
    hears(&mut till, Followed::NoAnswer);
    till.wait(seconds(600));
    assert_eq!(steps(&mut till), 0);
    till.feed(Event::Centre { answered: true, slow: false });
    assert_eq!(steps(&mut till), 1);
}

#[test]
fn a_snapshot_that_was_stopped_goes_on_when_it_is_told_to_or_by_itself() {
    let mut till = following();
    till.input(Input::PauseSnapshot);
    assert_eq!(till.state().feed, Feed::Off, "there is none yet");
    hears(&mut till, Followed::Snapshot { done: 200, total: 900 });
    till.take();
    for on_its_own in [false, true] {
        till.input(Input::PauseSnapshot);
        assert_eq!(till.state().feed, Feed::Snapshot { done: 200, total: 900, paused: true });
        // The page that is under way comes, or does not.
        let page = Followed::Snapshot { done: 200, total: 900 };
        hears(&mut till, if on_its_own { page } else { Followed::NoAnswer });
        assert_eq!(till.state().feed, Feed::Snapshot { done: 200, total: 900, paused: true });
        till.wait(seconds(3590));
        assert_eq!(steps(&mut till), 0);
        if on_its_own {
            till.wait(seconds(10));
        } else {
            till.input(Input::ResumeSnapshot);
        }
        assert_eq!(steps(&mut till), 1);
        assert_eq!(till.state().feed, Feed::Snapshot { done: 200, total: 900, paused: false });
    }
}

#[test]
fn a_memory_that_closes_and_opens_is_followed_anew_once() {
    let mut till = following();
    till.take();
    till.feed(Event::MemoryFailed(Memory::Damaged));
    assert_eq!(till.state().feed, Feed::Off);
    till.memory_opens();
    assert_eq!(steps(&mut till), 0, "what is under way is answered first");
    hears(&mut till, Followed::NoAnswer);
    till.wait(seconds(1));
    assert_eq!(steps(&mut till), 1);
}

#[test]
fn edits_that_waited_for_a_sign_in_are_sent_once_the_till_can_send_for_itself() {
    let mut till = Till::new();
    let customer = Uuid::from_u128(5);
    let opened =
        OpenedMemory { associates: vec![robin()], waiting: vec![customer], ..OpenedMemory::default() };
    till.feed(Event::MemoryOpened(Box::new(opened)));
    let answer = Sent::NoToken;
    till.feed(Event::QueueAnswered { customer, edit: None, answer, more: true, queue: None, jitter: 1.0 });
    till.feed(Event::OwnAuthority);
    till.take();
    hears(&mut till, Followed::UpToDate { rest: false });
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendNext { .. })), 1);
}

#[test]
fn edits_of_somebody_whom_the_store_remembers_again_are_sent_at_once() {
    let mut till = Till::new();
    let [back, away] = [5, 6].map(Uuid::from_u128);
    let waiting = vec![back, away];
    let opened =
        OpenedMemory { associates: vec![robin()], waiting: waiting.clone(), ..OpenedMemory::default() };
    till.feed(Event::MemoryOpened(Box::new(opened)));
    till.feed(Event::OwnAuthority);
    hears(&mut till, Followed::UpToDate { rest: false });
    for customer in waiting {
        let answer = Sent::NoToken;
        till.feed(Event::QueueAnswered {
            customer,
            edit: None,
            answer,
            more: true,
            queue: None,
            jitter: 1.0,
        });
    }
    till.take();
    told(&mut till, Changes { changed: amelie(), waiting: vec![back], ..Changes::default() });
    let sent = |effect: &Effect, to: Uuid| matches!(effect, Effect::SendNext { customer } if *customer == to);
    let effects = till.take();
    assert!(effects.iter().any(|effect| sent(effect, back)), "{effects:?}");
    assert!(!effects.iter().any(|effect| sent(effect, away)), "{effects:?}");
}

#[test]
fn a_copy_that_is_open_is_read_again_when_the_customer_has_changed() {
    let (mut till, attempt) = Till::copy_open(Vec::new());
    till.feed(Event::OwnAuthority);
    till.take();
    told(&mut till, Changes { changed: vec![key("somebody else")], ..Changes::default() });
    let reads = |effect: &Effect| matches!(effect, Effect::ReadCopy { id: KEPT, .. });
    assert_eq!(till.count(reads), 0);
    told(&mut till, Changes { changed: amelie(), ..Changes::default() });
    assert_eq!(till.count(reads), 1);

    let mut fresh = copy(&till, Vec::new());
    let scopes: RememberScopes = [RememberScope::Contact].into_iter().collect();
    fresh.copied_at = till.now().wall;
    fresh.remember.scopes = scopes.clone();
    fresh.profile = scopes.of_profile(&Profile { phone: Some("+33".to_owned()), ..profile(AMELIE, 8) });
    till.feed(Event::CopyRead { attempt, copy: Some(Box::new(fresh)) });
    let open = till.open();
    assert_eq!((open.profile.revision, open.profile.phone.as_deref()), (8, Some("+33")));
    assert!(matches!(open.origin, Origin::Copy { of } if of == till.now().wall));
    // They leave less than before: the rest is gone from the screen.
    assert_eq!(open.remember.as_ref().unwrap().scopes, scopes);
    assert!(open.profile.preferences.is_empty());
}

#[test]
fn a_profile_that_its_customer_has_opened_is_loaded_again_with_their_own_token() {
    let (mut till, _) = Till::visiting_remembered();
    till.feed(Event::OwnAuthority);
    till.take();
    told(&mut till, Changes { changed: amelie(), ..Changes::default() });
    assert_eq!(till.count(|effect| matches!(effect, Effect::LoadProfile { .. })), 1);
}

#[test]
fn a_copy_closes_when_the_store_must_not_remember_the_customer_and_a_visit_goes_on() {
    let (mut till, _) = Till::copy_open(Vec::new());
    told(&mut till, Changes { left: amelie(), ..Changes::default() });
    assert!(matches!(till.visit(), Visit::Idle), "{:?}", till.visit());
    assert_eq!(till.notice(), Some(NoticeKind::NoLongerRemembered));

    let (mut till, _) = Till::visiting_remembered();
    assert!(till.open().remember.is_some());
    told(&mut till, Changes { left: amelie(), ..Changes::default() });
    assert_eq!(till.open().remember, None);
    // What they change from now on is not for a memory that does not know them.
    till.take();
    till.input(Input::ChangePreference(crate::people::shoes("41")));
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendEdit { .. })), 1);
}

#[test]
fn nobody_who_is_erased_stays_on_the_screen() {
    for (mut till, _) in [Till::copy_open(Vec::new()), Till::visiting_remembered(), Till::visiting()] {
        told(&mut till, Changes { erased: amelie(), ..Changes::default() });
        assert!(matches!(till.visit(), Visit::Idle), "{:?}", till.visit());
    }
}
