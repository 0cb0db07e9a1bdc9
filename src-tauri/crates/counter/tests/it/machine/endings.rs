//! Every way a sign-in or a visit can end.

use counter::{
    Input,
    machine::{Effect, Event, NotLoaded, Polled},
    state::{AttemptId, Doubt, Ending, Failure, Staff, Visit},
};

use super::till::{Till, seconds};

/// A till in each stage that has something to lose.
fn every_stage() -> Vec<(&'static str, Till, AttemptId)> {
    let mut starting = Till::unlocked();
    starting.input(Input::SignIn);
    let started = starting.attempt(|effect| matches!(effect, Effect::RequestCode { .. }));
    let (scanning, scanned) = Till::scanning();
    let (mut verifying, verified) = Till::scanning();
    verifying.poll_answers(verified, Polled::Granted);
    let (matching, matched) = Till::matching(false);
    let (mut loaded, with_profile) = Till::matching(true);
    loaded.profile_comes(with_profile);
    let (mut loading, tapped) = Till::matching(false);
    loading.input(Input::ConfirmMatch);
    let (visiting, open) = Till::visiting();
    let (copied, copy) = Till::copy_open(Vec::new());
    vec![
        ("starting", starting, started),
        ("scanning", scanning, scanned),
        ("verifying", verifying, verified),
        ("matching", matching, matched),
        ("loaded", loaded, with_profile),
        ("loading", loading, tapped),
        ("open", visiting, open),
        ("copy", copied, copy),
    ]
}

fn closes(till: &mut Till, attempt: AttemptId) -> usize {
    let effects = till.take();
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Close { attempt: closed, .. } if *closed == attempt))
        .count()
}

#[test]
fn each_failure_has_its_own_name_and_forgets_the_customer() {
    type Cause = fn(AttemptId) -> Event;
    let polled = [
        (Polled::Denied { by_customer: true }, Failure::Denied),
        (Polled::Denied { by_customer: false }, Failure::Declined),
        (Polled::Refused, Failure::Refused),
    ];
    for (answer, why) in polled {
        let (mut till, attempt) = Till::scanning();
        till.poll_answers(attempt, answer);
        assert!(matches!(till.visit(), Visit::Failed(failure) if *failure == why), "{answer:?}");
        assert_eq!(closes(&mut till, attempt), 1);
    }
    let (_, mut till, attempt) = every_stage().remove(0);
    till.code_does_not_come(attempt, Failure::Unreachable);
    assert!(matches!(till.visit(), Visit::Failed(Failure::Unreachable)));
    assert_eq!(closes(&mut till, attempt), 1);
    let causes: [(&str, Cause, Failure); 3] = [
        (
            "verifying",
            |attempt| Event::NotVerified { attempt, why: Failure::NotTrusted(Doubt::Signature) },
            Failure::NotTrusted(Doubt::Signature),
        ),
        ("loading", |attempt| Event::NotLoaded { attempt, why: NotLoaded::Ever }, Failure::NoProfile),
        (
            "matching",
            |attempt| Event::NotLoaded { attempt, why: NotLoaded::OtherSubject },
            Failure::NotTrusted(Doubt::Subject),
        ),
    ];
    for (stage, cause, why) in causes {
        let (_, mut till, attempt) = every_stage().into_iter().find(|(name, ..)| *name == stage).unwrap();
        till.take();
        till.feed(cause(attempt));
        assert!(matches!(till.visit(), Visit::Failed(failure) if *failure == why), "{stage}");
        assert_eq!(closes(&mut till, attempt), 1, "{stage}");
    }
}

#[test]
fn a_centre_that_is_gone_while_the_code_is_shown_is_asked_until_the_code_runs_out() {
    let (mut till, attempt) = Till::scanning();
    till.take();
    let mut failures = Vec::new();
    for _ in 0..40 {
        till.poll_answers(attempt, Polled::NoAnswer);
        till.wait(seconds(15));
        if let Visit::Failed(why) = till.visit() {
            failures.push(*why);
        }
        till.wait(seconds(15));
    }
    let polls = till.count(|effect| matches!(effect, Effect::Poll { .. }));
    assert!(failures.contains(&Failure::Unreachable), "not \"the code has run out\": {failures:?}");
    assert!((3..=12).contains(&polls), "{polls}");
    assert!(till.count(|effect| matches!(effect, Effect::Close { .. })) == 1);
    assert!(matches!(till.visit(), Visit::Idle), "the failure has gone by itself");
}

#[test]
fn a_match_that_nobody_confirms_is_given_up() {
    let (mut till, attempt) = Till::matching(true);
    till.profile_comes(attempt);
    till.take();
    till.wait(seconds(120));
    assert!(matches!(till.visit(), Visit::Failed(Failure::MatchTimedOut)));
    assert_eq!(closes(&mut till, attempt), 1);
    till.input(Input::ConfirmMatch);
    assert!(matches!(till.visit(), Visit::Failed(Failure::MatchTimedOut)));
}

#[test]
fn a_match_that_is_refused_leaves_a_line_and_no_profile() {
    let (mut till, attempt) = Till::matching(true);
    till.profile_comes(attempt);
    till.take();
    till.input(Input::RefuseMatch);
    assert!(matches!(till.visit(), Visit::Ended { how: Ending::Refused, .. }));
    let effects = till.take();
    assert!(
        matches!(&effects[..2], [Effect::Audit(line), Effect::Close { .. }] if line.act == vault::AuditAct::Refused)
    );
}

#[test]
fn cancel_ends_every_stage_of_a_sign_in_but_no_open_profile() {
    for (stage, mut till, attempt) in every_stage() {
        till.take();
        till.input(Input::Cancel);
        if matches!(stage, "open" | "copy") {
            assert!(matches!(till.visit(), Visit::Open(_)), "{stage}");
        } else {
            assert!(matches!(till.visit(), Visit::Ended { how: Ending::Cancelled, .. }), "{stage}");
            assert_eq!(closes(&mut till, attempt), 1, "{stage}");
        }
    }
}

#[test]
fn lock_ends_every_stage() {
    for (stage, mut till, attempt) in every_stage() {
        till.take();
        till.input(Input::Lock);
        assert!(matches!(till.visit(), Visit::Ended { how: Ending::Locked, .. }), "{stage}");
        assert!(matches!(till.state().staff, Staff::Locked { .. }), "{stage}");
        assert!(till.state().recent.is_empty() && till.state().notice.is_none(), "{stage}");
        assert_eq!(closes(&mut till, attempt), 1, "{stage}");
    }
}

#[test]
fn the_next_customer_can_start_at_once_after_every_ending() {
    for ending in [Input::Cancel, Input::EndVisit] {
        for (stage, mut till, _) in every_stage() {
            till.input(match ending {
                Input::Cancel => Input::Cancel,
                _ => Input::EndVisit,
            });
            till.take();
            till.input(Input::SignIn);
            assert!(matches!(till.visit(), Visit::Starting { .. }), "{stage}");
        }
    }
    let (mut till, attempt) = Till::scanning();
    till.poll_answers(attempt, Polled::Denied { by_customer: true });
    till.input(Input::SignIn);
    assert!(matches!(till.visit(), Visit::Starting { .. }));
}

#[test]
fn a_visit_says_goodbye_for_a_moment_and_rests() {
    let (mut till, attempt) = Till::visiting();
    till.input(Input::EndVisit);
    assert!(matches!(till.visit(), Visit::Ended { how: Ending::Done, .. }));
    assert_eq!(closes(&mut till, attempt), 1);
    till.wait(seconds(3));
    assert!(matches!(till.visit(), Visit::Ended { .. }));
    till.wait(seconds(1));
    assert!(matches!(till.visit(), Visit::Idle));
}

#[test]
fn an_untouched_profile_closes_and_an_untouched_till_locks() {
    let (mut till, _) = Till::visiting();
    till.wait(seconds(299));
    till.input(Input::Touched);
    till.wait(seconds(299));
    assert!(matches!(till.visit(), Visit::Open(_)), "a touch starts the time anew");
    till.wait(seconds(1));
    assert!(matches!(till.visit(), Visit::Ended { how: Ending::Idle, .. }));
    till.wait(seconds(599));
    assert!(matches!(till.state().staff, Staff::Unlocked(_)));
    till.wait(seconds(1));
    assert!(matches!(till.state().staff, Staff::Locked { .. }));
}

#[test]
fn a_failure_is_left_by_a_tap_or_by_itself() {
    for tap in [true, false] {
        let (mut till, attempt) = Till::scanning();
        till.poll_answers(attempt, Polled::Denied { by_customer: true });
        if tap {
            till.input(Input::Dismiss);
        } else {
            till.wait(seconds(30));
        }
        assert!(matches!(till.visit(), Visit::Idle));
    }
}

#[test]
fn a_provider_that_never_answers_does_not_hold_the_till() {
    for (stage, mut till, attempt) in every_stage() {
        let expected = match stage {
            "starting" | "verifying" => Failure::Unreachable,
            "loading" => Failure::NoProfile,
            _ => continue,
        };
        till.take();
        till.wait(seconds(30));
        assert!(matches!(till.visit(), Visit::Failed(why) if *why == expected), "{stage}");
        assert_eq!(closes(&mut till, attempt), 1, "{stage}");
    }
}
