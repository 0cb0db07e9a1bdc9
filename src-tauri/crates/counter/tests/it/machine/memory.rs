//! Remembering, and what the till does when it cannot.

use chrono::TimeDelta;
use counter::{
    Input,
    machine::{Effect, Event, NotLoaded, OpenedMemory},
    state::{Connection, Memory, NoticeKind, Origin, Rescued, Visit},
};
use profile::{Profile, RememberScope};
use vault::{AuditAct, Why};

use super::till::{AMELIE, KEPT, Till, copy, queued, seconds, verified};
use crate::people::{noon, page, profile, remembers_act, shoes_of, text};

fn remembers(effect: &Effect) -> bool {
    matches!(effect, Effect::Remember { .. })
}

#[test]
fn whoever_agreed_is_kept_after_the_tap_and_not_before() {
    let (mut till, attempt) = Till::matching(true);
    till.profile_comes(attempt);
    assert_eq!(till.count(remembers), 0);
    till.input(Input::ConfirmMatch);
    let kept = till.take().into_iter().find_map(|effect| match effect {
        Effect::Remember { copy, .. } => Some(copy),
        _ => None,
    });
    let kept = kept.unwrap();
    assert_eq!(kept.remember.until, noon() + TimeDelta::days(365));
    assert_eq!((kept.profile.revision, kept.activity.len()), (7, 1));
    assert_eq!(till.open().remember, Some(kept.remember));
}

#[test]
fn just_this_visit_is_never_kept() {
    let (mut till, attempt) = Till::matching(false);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    till.feed(Event::MemoryFailed(Memory::DiskFull));
    till.input(Input::RetryMemory);
    till.memory_opens();
    till.input(Input::ChangePreference(crate::people::shoes("39")));
    assert_eq!(till.count(|effect| remembers(effect) || matches!(effect, Effect::SaveEdit { .. })), 0);
}

#[test]
fn an_agreement_that_is_over_is_none() {
    let (mut till, attempt) = Till::scanning();
    till.poll_answers(attempt, counter::machine::Polled::Granted);
    let who = counter::machine::Verified { remember: Some(noon().into()), ..verified(true) };
    till.feed(Event::Verified { attempt, who: Box::new(who) });
    assert!(matches!(till.visit(), Visit::AwaitingMatch(found) if found.remember_until.is_none()));
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    assert_eq!(till.count(remembers), 0);
}

#[test]
fn without_a_memory_everything_but_remembering_works_and_the_till_says_so() {
    let mut till = Till::unlocked();
    till.feed(Event::MemoryFailed(Memory::KeyringLocked));
    let attempt = till.sign_in();
    till.grant(attempt, true);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    assert_eq!(till.open().remember, None);
    assert_eq!(till.notice(), Some(NoticeKind::NotRemembered));
    till.input(Input::ChangePreference(crate::people::shoes("39")));
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendEdit { .. })), 1);
    till.take();
    till.input(Input::OpenRemembered { id: KEPT });
    assert!(till.take().is_empty());
}

#[test]
fn a_memory_that_opens_late_still_keeps_the_open_customer() {
    let mut till = Till::unlocked();
    till.feed(Event::MemoryFailed(Memory::KeyringLocked));
    let attempt = till.sign_in();
    till.grant(attempt, true);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    till.input(Input::RetryMemory);
    assert_eq!(till.count(remembers), 0);
    till.memory_opens();
    assert_eq!(till.count(remembers), 1);
    assert!(till.open().remember.is_some());
}

#[test]
fn a_customer_who_could_not_be_kept_is_not_said_to_be() {
    let (mut till, attempt) = Till::matching(true);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    till.feed(Event::Remembered { attempt, id: None });
    assert_eq!(till.open().remember, None);
    assert_eq!(till.notice(), Some(NoticeKind::NotRemembered));
}

#[test]
fn a_copy_opens_offline_with_its_age_and_its_waiting_edits() {
    let mut till = Till::unlocked();
    till.feed(Event::Centre { answered: false, slow: false });
    till.take();
    till.input(Input::OpenRemembered { id: KEPT });
    let effects = till.take();
    let [Effect::ReadCopy { attempt, id: KEPT }] = effects[..] else { panic!("{effects:?}") };
    assert!(matches!(till.visit(), Visit::Idle));
    let waiting = vec![queued(5, "39", noon())];
    till.feed(Event::CopyRead { attempt, copy: Some(Box::new(copy(&till, waiting))) });
    assert_eq!(till.open().origin, Origin::Copy { of: noon() - TimeDelta::hours(3) });
    assert_eq!(shoes_of(&till.open().profile), Some(text("39")));
    assert_eq!(till.open().edits.len(), 1);
    let effects = till.take();
    let [Effect::Audit(line)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((line.act, line.why, line.online), (AuditAct::Opened, Why::OpenedByAssociate, false));
}

#[test]
fn an_open_copy_is_compared_as_soon_as_the_centre_is_back_and_stays_a_copy() {
    let mut till = Till::unlocked();
    till.feed(Event::Centre { answered: false, slow: false });
    till.input(Input::OpenRemembered { id: KEPT });
    let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
    till.feed(Event::CopyRead { attempt, copy: Some(Box::new(copy(&till, Vec::new()))) });
    till.take();
    till.feed(Event::Centre { answered: true, slow: false });
    assert_eq!(till.count(|effect| matches!(effect, Effect::LoadProfile { .. })), 1);
    till.loads(attempt, profile(AMELIE, 9), page(&["a2"], None));
    assert_eq!(till.open().profile.revision, 9);
    assert_eq!(till.open().origin, Origin::Copy { of: till.now().wall }, "the customer has not signed in");
    assert_eq!(till.count(remembers), 1, "the copy on the disk is made anew");
}

#[test]
fn a_copy_stays_open_when_it_cannot_be_compared() {
    let (mut till, attempt) = Till::copy_open(Vec::new());
    assert_eq!(till.count(|effect| matches!(effect, Effect::LoadProfile { .. })), 1);
    till.feed(Event::NotLoaded { attempt, why: NotLoaded::Ever });
    assert_eq!(till.open().profile.revision, 7);
}

#[test]
fn a_customer_who_was_forgotten_meanwhile_is_not_opened() {
    let mut till = Till::unlocked();
    till.input(Input::OpenRemembered { id: KEPT });
    let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
    till.feed(Event::CopyRead { attempt, copy: None });
    assert!(matches!(till.visit(), Visit::Idle));
    assert_eq!(till.count(|effect| matches!(effect, Effect::Close { .. })), 1);
}

#[test]
fn a_copy_whose_date_is_over_is_not_opened() {
    let mut till = Till::unlocked();
    till.input(Input::OpenRemembered { id: KEPT });
    let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
    let over = vault::Copy { remember: till.now().wall.into(), ..copy(&till, Vec::new()) };
    till.feed(Event::CopyRead { attempt, copy: Some(Box::new(over)) });
    assert!(matches!(till.visit(), Visit::Idle));
}

#[test]
fn nobody_is_opened_on_a_locked_till() {
    let mut till = Till::unlocked();
    till.input(Input::OpenRemembered { id: KEPT });
    let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
    till.input(Input::Lock);
    till.feed(Event::CopyRead { attempt, copy: Some(Box::new(copy(&till, Vec::new()))) });
    assert!(matches!(till.visit(), Visit::Ended { .. }));
    till.take();
    till.input(Input::OpenRemembered { id: KEPT });
    assert!(till.take().is_empty());
}

#[test]
fn opening_one_customer_closes_the_other() {
    let (mut till, former) = Till::visiting();
    till.input(Input::OpenRemembered { id: KEPT });
    assert!(matches!(till.visit(), Visit::Idle));
    assert!(matches!(till.take()[0], Effect::Close { attempt, .. } if attempt == former));
}

#[test]
fn dates_that_are_over_are_looked_for_at_the_start_and_every_hour() {
    let mut till = Till::new();
    till.memory_opens();
    till.wait(seconds(2 * 3600));
    assert_eq!(till.count(|effect| matches!(effect, Effect::Purge)), 3);
}

#[test]
fn only_what_cannot_be_read_is_set_aside() {
    for (memory, may) in [
        (Memory::Damaged, true),
        (Memory::WrongKey, true),
        (Memory::KeyringLocked, false),
        (Memory::DiskFull, false),
        (Memory::Ready, false),
    ] {
        let mut till = Till::unlocked();
        if memory != Memory::Ready {
            till.feed(Event::MemoryFailed(memory.clone()));
        }
        till.input(Input::StartAnew);
        assert_eq!(till.count(|effect| matches!(effect, Effect::StartAnew)) == 1, may, "{memory:?}");
    }
}

#[test]
fn the_start_screen_lists_nobody_while_the_till_is_locked() {
    let mut till = Till::unlocked();
    till.input(Input::Lock);
    let seen = counter::state::Remembered {
        id: KEPT,
        name: profile(AMELIE, 1).name,
        hint: None,
        copied_at: noon(),
        last_seen: Some(noon()),
        waiting: 0,
        refused: 0,
    };
    till.feed(Event::Recent(vec![seen]));
    assert!(till.state().recent.is_empty());
}

#[test]
fn the_centre_is_probed_while_it_is_away_and_left_alone_when_it_is_back() {
    let mut till = Till::unlocked();
    let probes = |till: &Till| till.count(|effect| matches!(effect, Effect::Probe));
    till.feed(Event::Centre { answered: false, slow: false });
    assert_eq!(till.state().connection, Connection::Offline { since: noon() });
    till.wait(seconds(60));
    assert_eq!(probes(&till), 1, "one at a time");
    till.feed(Event::Centre { answered: false, slow: false });
    till.feed(Event::Probed { jitter: 0.5 });
    till.wait(seconds(8));
    assert_eq!(probes(&till), 2);
    till.feed(Event::Centre { answered: true, slow: false });
    till.feed(Event::Probed { jitter: 0.5 });
    till.wait(seconds(600));
    assert_eq!(probes(&till), 2);
    assert_eq!(till.state().connection, Connection::Online);
}

#[test]
fn a_connection_that_comes_and_goes_limps_until_it_has_held_for_a_while() {
    let mut till = Till::unlocked();
    let answer = |till: &mut Till, answered| till.feed(Event::Centre { answered, slow: false });
    // One outage, however long, is no limp.
    for _ in 0..10 {
        answer(&mut till, false);
    }
    answer(&mut till, true);
    assert_eq!(till.state().connection, Connection::Online);
    for _ in 0..2 {
        answer(&mut till, false);
        answer(&mut till, true);
    }
    assert_eq!(till.state().connection, Connection::Limping);
    assert!(till.state().connection.is_online(), "what is asked is asked all the same");

    // It is looked after meanwhile, and calls itself well when that was all.
    let before = till.count(|effect| matches!(effect, Effect::Probe));
    till.wait(seconds(130));
    assert!(before < till.count(|effect| matches!(effect, Effect::Probe)));
    answer(&mut till, true);
    assert_eq!(till.state().connection, Connection::Online);
    till.feed(Event::Probed { jitter: 0.5 });
    let probes = till.count(|effect| matches!(effect, Effect::Probe));
    till.wait(seconds(600));
    assert_eq!(till.count(|effect| matches!(effect, Effect::Probe)), probes);
}

#[test]
fn a_centre_that_answers_slowly_limps_as_well() {
    let mut till = Till::unlocked();
    for _ in 0..2 {
        till.feed(Event::Centre { answered: true, slow: true });
        assert_eq!(till.state().connection, Connection::Online);
    }
    till.feed(Event::Centre { answered: true, slow: true });
    assert_eq!(till.state().connection, Connection::Limping);
    till.feed(Event::Centre { answered: false, slow: false });
    assert!(matches!(till.state().connection, Connection::Offline { .. }));
}

#[test]
fn whoever_is_here_just_for_this_visit_is_not_remembered_from_before() {
    let (mut till, attempt) = Till::matching(false);
    till.profile_comes(attempt);
    till.take();
    till.input(Input::ConfirmMatch);
    let forgets =
        |effect: &Effect| matches!(effect, Effect::Forget { customer, .. } if customer.subject == AMELIE);
    assert_eq!(till.count(forgets), 1);
    till.take();
    till.feed(Event::Forgotten { id: KEPT, unsent: 0, tell: false });
    assert_eq!(till.count(|effect| matches!(effect, Effect::ReadRecent)), 1, "the start screen hears of it");
    assert_eq!(till.notice(), None);
    till.feed(Event::Forgotten { id: KEPT, unsent: 2, tell: false });
    assert_eq!(
        till.notice(),
        Some(NoticeKind::ForgottenUnsent { count: 2 }),
        "what waits is for a person to drop"
    );
}

#[test]
fn a_remembered_customer_who_is_gone_or_cannot_be_read_is_said_and_opens_nothing() {
    for (gone, said) in [(true, NoticeKind::NoLongerRemembered), (false, NoticeKind::CopyNotRead)] {
        let mut till = Till::unlocked();
        till.input(Input::OpenRemembered { id: KEPT });
        let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
        till.feed(if gone {
            Event::CopyRead { attempt, copy: None }
        } else {
            Event::CopyNotRead { attempt }
        });
        assert!(matches!(till.visit(), Visit::Idle));
        assert_eq!(till.notice(), Some(said));
        assert_eq!(till.count(|effect| matches!(effect, Effect::Close { .. })), 1);
    }
}

#[test]
fn what_was_saved_of_a_memory_that_was_set_aside_is_said() {
    let mut till = Till::unlocked();
    till.feed(Event::MemoryFailed(Memory::Damaged));
    till.input(Input::StartAnew);
    let rescued = Some(Rescued { edits: 2, complete: false });
    let opened = OpenedMemory { rescued, ..OpenedMemory::default() };
    till.feed(Event::MemoryOpened(Box::new(opened)));
    assert_eq!(till.notice(), rescued.map(NoticeKind::StartedAnew));
}

#[test]
fn a_full_disk_is_tried_again_without_anybody_doing_anything_and_a_locked_keyring_is_not() {
    for (why, tries) in [(Memory::DiskFull, 3), (Memory::KeyringSilent, 3), (Memory::KeyringLocked, 0)] {
        let mut till = Till::unlocked();
        till.feed(Event::MemoryFailed(why.clone()));
        till.take();
        for _ in 0..3 {
            till.wait(seconds(30));
            assert_eq!(till.state().memory, why, "what is said of it stays until it has worked");
            if till.count(|effect| matches!(effect, Effect::OpenMemory)) > 0 {
                till.feed(Event::MemoryFailed(why.clone()));
            }
        }
        assert_eq!(till.count(|effect| matches!(effect, Effect::OpenMemory)), tries, "{why:?}");
    }
}

#[test]
fn writes_that_go_on_failing_do_not_put_off_the_next_try() {
    let mut till = Till::unlocked();
    till.take();
    for _ in 0..4 {
        till.feed(Event::MemoryFailed(Memory::DiskFull));
        till.wait(seconds(10));
    }
    assert_eq!(till.count(|effect| matches!(effect, Effect::OpenMemory)), 1);
}

#[test]
fn a_copy_shows_no_more_than_was_left_here_however_much_the_centre_says() {
    let (mut till, attempt) =
        Till::copy_open_with(Vec::new(), [RememberScope::Loyalty].into_iter().collect());
    assert_eq!((till.open().profile.email.as_ref(), till.open().activity.len()), (None, 0));
    till.profile_comes(attempt);
    assert_eq!((till.open().profile.email.as_ref(), till.open().activity.len()), (None, 0));
    assert_eq!((shoes_of(&till.open().profile), till.open().older.as_ref()), (None, None));
    till.take();
    till.input(Input::ChangePreference(crate::people::shoes("39")));
    assert!(till.take().is_empty(), "nobody here knows what stands there");
}

#[test]
fn whoever_took_it_back_elsewhere_leaves_the_screen_and_the_memory() {
    let (mut till, attempt) = Till::copy_open(Vec::new());
    till.take();
    let acts = vec![remembers_act("first", true, 1), remembers_act("no", false, 2)];
    till.loads(attempt, Profile { consents: acts, ..profile(AMELIE, 9) }, page(&["a1"], None));
    assert!(matches!(till.visit(), Visit::Idle));
    assert_eq!(till.notice(), Some(NoticeKind::NoLongerRemembered));
    let effects = till.take();
    assert!(matches!(effects[..], [Effect::Forget { .. }, Effect::Close { .. }, ..]), "{effects:?}");
}

#[test]
fn a_log_that_does_not_say_it_takes_nothing_back() {
    let (mut till, attempt) = Till::copy_open(Vec::new());
    till.loads(attempt, Profile { consents: Vec::new(), ..profile(AMELIE, 9) }, page(&["a1"], None));
    assert_eq!(till.open().profile.revision, 9);
    assert_eq!(till.count(|effect| matches!(effect, Effect::Forget { .. })), 0);
}

#[test]
fn whoever_takes_it_back_at_the_till_is_forgotten_at_once_and_the_centre_is_told() {
    let (mut till, _) = Till::copy_open(Vec::new());
    till.feed(Event::Centre { answered: false, slow: false });
    till.take();
    till.input(Input::ForgetCustomer);
    let act = till.last_id();
    assert!(matches!(till.visit(), Visit::Idle), "nobody sees a copy of somebody who has gone");
    assert_eq!(till.notice(), Some(NoticeKind::Forgotten));
    let taken_back =
        |effect: &Effect| matches!(effect, Effect::TakeBack { id: KEPT, act: made, .. } if *made == act);
    assert_eq!(till.count(taken_back), 1);
    till.feed(Event::Forgotten { id: KEPT, unsent: 0, tell: true });
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendNext { .. })), 0, "nobody would hear it");
    till.feed(Event::Centre { answered: true, slow: false });
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendNext { customer: KEPT })), 1);
}

#[test]
fn whoever_has_signed_in_and_takes_it_back_stays_for_this_visit() {
    let (mut till, attempt) = Till::visiting_remembered();
    till.input(Input::ForgetCustomer);
    assert_eq!(till.open().remember, None);
    till.input(Input::ForgetCustomer);
    assert_eq!(till.count(|effect| matches!(effect, Effect::TakeBack { .. })), 1);
    till.input(Input::ChangePreference(crate::people::shoes("39")));
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendEdit { .. })), 1, "nothing is kept any more");
    till.take();
    till.profile_comes(attempt);
    assert_eq!(till.count(remembers), 0);
    till.feed(Event::NotForgotten);
    assert_eq!(till.notice(), Some(NoticeKind::NotForgotten));
}
