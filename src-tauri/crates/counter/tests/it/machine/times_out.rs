//! What ends by itself is said before, and whoever touches the till has the whole time again.

use counter::{
    Input,
    machine::{Effect, Polled},
    state::{Ending, Failure, Lasting, Staff, Visit},
};

use super::till::{Till, code, seconds};

/// What the screen says will end, and in how many seconds.
fn said(till: &Till) -> Option<(Lasting, i64)> {
    let ends = till.state().times_out?;
    Some((ends.what, (ends.at - till.now().wall).num_seconds()))
}

#[test]
fn an_open_profile_is_lengthened_by_a_touch_and_closed_without_one() {
    let (mut till, _) = Till::visiting();
    till.wait(seconds(269));
    assert_eq!(said(&till), None);
    till.wait(seconds(1));
    assert_eq!(said(&till), Some((Lasting::Visit, 30)));
    till.wait(seconds(25));
    assert_eq!(said(&till), Some((Lasting::Visit, 5)));
    till.input(Input::Touched);
    assert_eq!(said(&till), None);
    till.wait(seconds(299));
    assert!(matches!(till.visit(), Visit::Open(_)));
    till.wait(seconds(1));
    assert!(matches!(till.visit(), Visit::Ended { how: Ending::Idle, .. }));
    assert_eq!(said(&till), None);
}

#[test]
fn a_match_is_lengthened_by_a_touch_and_given_up_without_one() {
    let (mut till, _) = Till::matching(false);
    till.wait(seconds(90));
    assert_eq!(said(&till), Some((Lasting::Match, 30)));
    till.input(Input::Touched);
    assert_eq!(said(&till), None);
    till.wait(seconds(119));
    assert_eq!(said(&till), Some((Lasting::Match, 1)));
    till.wait(seconds(1));
    assert!(matches!(till.visit(), Visit::Failed(Failure::MatchTimedOut)));
}

#[test]
fn a_till_says_that_it_is_about_to_lock() {
    let mut till = Till::unlocked();
    till.wait(seconds(15 * 60 - 30));
    assert_eq!(said(&till), Some((Lasting::Till, 30)));
    till.wait(seconds(30));
    assert!(matches!(till.state().staff, Staff::Locked { .. }));
    assert_eq!(said(&till), None);
}

#[test]
fn only_the_last_code_of_a_sign_in_runs_out() {
    let (mut till, attempt) = Till::scanning();
    let mut codes = 1;
    while !matches!(till.visit(), Visit::Failed(_)) {
        // Somebody is there: the till itself does not lock.
        till.input(Input::Touched);
        till.take();
        till.wait(seconds(1));
        let is_asked_for = till.count(|effect| matches!(effect, Effect::RequestCode { .. })) > 0;
        if is_asked_for {
            assert_eq!(said(&till), None, "code {codes} is replaced");
            till.code_comes(attempt, code(true));
            codes += 1;
        }
        till.poll_answers(attempt, Polled::Pending { scanned: false });
        if let Some((what, left)) = said(&till) {
            assert_eq!(what, Lasting::Code);
            assert!((1..=30).contains(&left), "{left}");
            if left == 20 {
                break;
            }
        }
    }
    assert!(codes > 1);
    assert_eq!(said(&till), Some((Lasting::Code, 20)));
    // Another one is another sign-in.
    till.input(Input::NewCode);
    assert_eq!(said(&till), None);
}
