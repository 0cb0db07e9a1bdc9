//! From the tap to the open profile.

use counter::{
    Input,
    machine::{Effect, Event, NotLoaded, Polled, Verified},
    state::{Doubt, Failure, Origin, Visit},
};
use vault::{AuditAct, Why};

use super::till::{AMELIE, Till, code, seconds, verified};
use crate::people::{page, profile};

#[test]
fn a_sign_in_runs_from_the_tap_to_the_open_profile() {
    let mut till = Till::unlocked();
    till.input(Input::SignIn);
    assert!(matches!(till.visit(), Visit::Starting { .. }));
    let effects = till.take();
    let [Effect::RequestCode { attempt, code: id }] = effects[..] else { panic!("{effects:?}") };

    till.feed(Event::CodeReceived { attempt, id, code: code(true) });
    let Visit::AwaitingScan(scan) = till.visit() else { panic!() };
    assert_eq!(scan.code.user_code, "BCDF-GHJK");
    assert_eq!(scan.code.qr.query(), Some("user_code=BCDF-GHJK"));
    assert!(matches!(till.take()[..], [Effect::Poll { .. }]), "a provider that holds is asked at once");

    till.poll_answers(attempt, Polled::Pending { scanned: true });
    let Visit::AwaitingScan(scan) = till.visit() else { panic!() };
    assert!(scan.scanned().is_some());
    assert!(matches!(till.take()[..], [Effect::Poll { .. }]), "and asked again at once when it has news");

    till.poll_answers(attempt, Polled::Granted);
    assert!(matches!(till.visit(), Visit::Verifying { .. }));
    assert!(matches!(till.take()[..], [Effect::Verify { .. }]));

    till.feed(Event::Verified { attempt, who: Box::new(verified(false)) });
    let Visit::AwaitingMatch(found) = till.visit() else { panic!() };
    assert_eq!((found.masked_name.as_str(), found.check.as_deref()), ("A••• D•••", Some("K7")));
    assert!(matches!(till.take()[..], [Effect::LoadProfile { .. }]));

    till.profile_comes(attempt);
    assert!(till.take().is_empty(), "the visit begins with the tap and not before");
    till.input(Input::ConfirmMatch);
    assert_eq!((till.open().attempt, till.open().origin), (attempt, Origin::Live));
    assert_eq!(till.open().remember, None);
    let effects = till.take();
    let [Effect::Audit(line), Effect::OpenVisit { .. }, Effect::Forget { .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((line.act, line.why, &line.whom), (AuditAct::Opened, Why::SignedIn, &till.open().customer));
}

#[test]
fn a_tap_before_the_profile_is_here_waits_for_it() {
    let (mut till, attempt) = Till::matching(false);
    till.input(Input::ConfirmMatch);
    assert!(matches!(till.visit(), Visit::LoadingProfile(_)));
    till.profile_comes(attempt);
    assert_eq!(till.open().profile.revision, 7);
}

#[test]
fn a_profile_that_comes_after_the_second_try_opens() {
    let (mut till, attempt) = Till::matching(false);
    till.take();
    till.feed(Event::NotLoaded { attempt, why: NotLoaded::Now });
    till.input(Input::ConfirmMatch);
    till.wait(seconds(2));
    assert_eq!(till.count(|effect| matches!(effect, Effect::LoadProfile { .. })), 1);
    till.profile_comes(attempt);
    assert_eq!(till.open().attempt, attempt);
}

#[test]
fn no_code_is_asked_for_while_nobody_is_signed_in() {
    let mut till = Till::new();
    till.memory_opens();
    till.take();
    till.input(Input::SignIn);
    assert!(till.take().is_empty());
    assert!(matches!(till.visit(), Visit::Idle));
}

#[test]
fn a_second_tap_asks_for_no_second_code() {
    let (mut till, _) = Till::scanning();
    till.take();
    till.input(Input::SignIn);
    assert!(till.take().is_empty());
}

#[test]
fn polls_keep_the_interval_and_slow_down_for_good() {
    let mut till = Till::unlocked();
    till.input(Input::SignIn);
    let attempt = till.attempt(|effect| matches!(effect, Effect::RequestCode { .. }));
    till.code_comes(attempt, code(false));
    let polls = |till: &Till| till.count(|effect| matches!(effect, Effect::Poll { .. }));
    till.wait(seconds(5));
    assert_eq!(polls(&till), 0);
    till.wait(seconds(60));
    assert_eq!(polls(&till), 1, "one is in flight and never two");
    till.poll_answers(attempt, Polled::SlowDown { interval: None });
    till.wait(seconds(10));
    assert_eq!(polls(&till), 1);
    till.wait(seconds(1));
    assert_eq!(polls(&till), 2);
}

#[test]
fn a_new_code_kills_the_old_one_and_its_answers() {
    let (mut till, old) = Till::scanning();
    till.take();
    till.input(Input::NewCode);
    assert!(
        matches!(till.take()[..], [Effect::Close { attempt, .. }, .., Effect::RequestCode { attempt: new, .. }] if attempt == old && new != old)
    );
    till.poll_answers(old, Polled::Granted);
    till.feed(Event::Verified { attempt: old, who: Box::new(verified(true)) });
    till.profile_comes(old);
    assert!(matches!(till.visit(), Visit::Starting { attempt } if *attempt != old));
    assert!(till.take().is_empty());
}

#[test]
fn a_profile_of_another_customer_than_the_token_is_never_shown() {
    for tap_first in [false, true] {
        let (mut till, attempt) = Till::matching(false);
        if tap_first {
            till.input(Input::ConfirmMatch);
        }
        till.loads(attempt, profile("somebody else", 7), page(&[], None));
        assert!(matches!(till.visit(), Visit::Failed(Failure::NotTrusted(Doubt::Subject))));
    }
}

#[test]
fn a_name_that_the_token_lacks_is_masked_from_the_profile() {
    let (mut till, attempt) = nameless();
    till.profile_comes(attempt);
    assert!(matches!(till.visit(), Visit::AwaitingMatch(found) if found.masked_name == "A••• D•••"));
}

#[test]
fn a_customer_of_whom_no_name_is_known_can_be_let_in_all_the_same() {
    let (mut till, attempt) = nameless();
    till.input(Input::ConfirmMatch);
    assert!(matches!(till.visit(), Visit::AwaitingMatch(_)), "nothing was there to compare yet");
    let mut profile = profile(AMELIE, 7);
    profile.name.display.clear();
    till.loads(attempt, profile, page(&[], None));
    assert!(matches!(till.visit(), Visit::AwaitingMatch(found) if found.masked_name == "•••"));
    till.input(Input::ConfirmMatch);
    assert_eq!(till.open().attempt, attempt);
}

#[test]
fn a_match_whose_name_cannot_come_fails_at_once_and_one_with_a_name_at_the_tap() {
    let (mut till, attempt) = nameless();
    till.feed(Event::NotLoaded { attempt, why: NotLoaded::Ever });
    assert!(matches!(till.visit(), Visit::Failed(Failure::NoProfile)));

    let (mut till, attempt) = Till::matching(false);
    till.feed(Event::NotLoaded { attempt, why: NotLoaded::Ever });
    assert!(matches!(till.visit(), Visit::AwaitingMatch(_)), "it can still be compared and refused");
    till.input(Input::ConfirmMatch);
    assert!(matches!(till.visit(), Visit::Failed(Failure::NoProfile)));
}

#[test]
fn a_name_that_may_still_come_is_waited_for_as_long_as_loading_is_tried() {
    let (mut till, attempt) = nameless();
    till.take();
    till.feed(Event::NotLoaded { attempt, why: NotLoaded::Now });
    assert!(matches!(till.visit(), Visit::AwaitingMatch(_)));
    till.wait(seconds(2));
    assert_eq!(till.count(|effect| matches!(effect, Effect::LoadProfile { .. })), 1);
    till.profile_comes(attempt);
    assert!(matches!(till.visit(), Visit::AwaitingMatch(found) if found.masked_name == "A••• D•••"));
}

/// A match whose token has no name; the profile is not here yet.
fn nameless() -> (Till, counter::state::AttemptId) {
    let (mut till, attempt) = Till::scanning();
    till.poll_answers(attempt, Polled::Granted);
    till.feed(Event::Verified { attempt, who: Box::new(Verified { name: None, ..verified(false) }) });
    (till, attempt)
}

#[test]
fn the_next_customer_starts_at_once_and_the_former_leaves_first() {
    let (mut till, former) = Till::visiting();
    till.input(Input::SignIn);
    let effects = till.take();
    let [Effect::Close { attempt, how: Some(_) }, Effect::ReadRecent, Effect::RequestCode { .. }] =
        effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(attempt, former);
    assert!(matches!(till.visit(), Visit::Starting { .. }));
}

#[test]
fn older_activity_is_asked_for_once_and_added_once() {
    let (mut till, attempt) = Till::visiting();
    till.input(Input::OlderActivity);
    till.input(Input::OlderActivity);
    assert_eq!(
        till.count(|effect| matches!(effect, Effect::LoadOlder { cursor, .. } if cursor == "more")),
        1
    );
    till.feed(Event::OlderLoaded { attempt, page: Some(page(&["a1", "a2"], None)) });
    let ids: Vec<_> = till.open().activity.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["a1", "a2"]);
    till.take();
    till.input(Input::OlderActivity);
    assert!(till.take().is_empty(), "there is no more");
    assert_eq!(till.open().customer.subject, AMELIE);
}

#[test]
fn a_match_with_nothing_to_compare_opens_nothing() {
    let (mut till, attempt) = Till::scanning();
    till.poll_answers(attempt, Polled::Granted);
    let who = Verified { name: None, check: None, ..verified(false) };
    till.feed(Event::Verified { attempt, who: Box::new(who) });
    till.input(Input::ConfirmMatch);
    assert!(matches!(till.visit(), Visit::AwaitingMatch(_)), "{:?}", till.visit());
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    assert!(matches!(till.visit(), Visit::Open(_)), "the name came with the profile");
}
