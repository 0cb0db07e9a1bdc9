//! Codes that are replaced before they run out.

use counter::{
    Input,
    machine::{Code, Effect, Event, Polled},
    state::{AttemptId, CodeId, Failure, Visit},
};

use super::till::{Till, code, seconds};

fn living(life: u64) -> Code {
    Code { expires_in: seconds(life), ..code(false) }
}

/// A till that shows a code that lives so long, and nothing wanted yet.
fn showing(life: u64) -> (Till, AttemptId) {
    let mut till = Till::unlocked();
    till.input(Input::SignIn);
    let attempt = till.attempt(|effect| matches!(effect, Effect::RequestCode { .. }));
    till.code_comes(attempt, living(life));
    till.take();
    (till, attempt)
}

fn asked(till: &Till) -> usize {
    till.count(|effect| matches!(effect, Effect::RequestCode { .. }))
}

fn polled(till: &Till, id: CodeId) -> usize {
    till.polls().into_iter().filter(|code| *code == id).count()
}

/// Time passes, second by second, and every poll is answered with "pending".
fn waits_undecided(till: &mut Till, attempt: AttemptId, time: u64) {
    for _ in 0..time {
        let before = till.polls().len();
        till.wait(seconds(1));
        for code in till.polls().split_off(before) {
            till.poll_of(attempt, code, Polled::Pending { scanned: false });
        }
    }
}

/// A till that shows its second code, and the first one, which works for another twenty seconds.
fn renewed() -> (Till, AttemptId, CodeId) {
    let (mut till, attempt) = showing(60);
    let old = till.scan().code.id;
    waits_undecided(&mut till, attempt, 40);
    till.code_comes(attempt, living(60));
    (till, attempt, old)
}

#[test]
fn a_fresh_code_is_there_while_the_old_one_still_leaves_time_to_sign_in() {
    for (life, after) in [(60, 40), (300, 240), (600, 540), (30, 15)] {
        let (mut till, attempt) = showing(life);
        waits_undecided(&mut till, attempt, after - 1);
        assert_eq!(asked(&till), 0, "{life}");
        waits_undecided(&mut till, attempt, 1);
        assert_eq!(asked(&till), 1, "{life}");
        let old = till.scan().code.id;
        till.code_comes(attempt, living(life));
        assert_ne!(till.scan().code.id, old);
        assert_eq!(till.scan().before.as_ref().map(|before| before.id), Some(old));
    }
}

#[test]
fn a_customer_who_scanned_the_code_before_is_let_in() {
    let (mut till, attempt, old) = renewed();
    till.take();
    waits_undecided(&mut till, attempt, 10);
    assert!(polled(&till, old) > 0, "the one before is still asked about");
    till.poll_of(attempt, old, Polled::Pending { scanned: true });
    assert_eq!(
        till.scan().scanned().map(|code| code.id),
        Some(old),
        "the screens show the code of that phone"
    );
    till.poll_of(attempt, old, Polled::Granted);
    assert!(matches!(till.visit(), Visit::Verifying { .. }));
    till.take();
    till.wait(seconds(20));
    assert_eq!(
        till.count(|effect| matches!(effect, Effect::Poll { .. })),
        0,
        "no code is asked about after the yes"
    );
}

#[test]
fn the_code_before_is_asked_about_until_it_runs_out_and_no_longer() {
    let (mut till, attempt, old) = renewed();
    waits_undecided(&mut till, attempt, 20);
    assert!(till.scan().before.is_none());
    till.take();
    waits_undecided(&mut till, attempt, 19);
    assert_eq!(polled(&till, old), 0);
    assert!(polled(&till, till.scan().code.id) > 0);
}

#[test]
fn a_no_to_the_code_before_is_a_no_and_its_end_is_none() {
    for (answer, ends) in
        [(Polled::Denied { by_customer: true }, true), (Polled::Expired, false), (Polled::Refused, false)]
    {
        let (mut till, attempt, old) = renewed();
        till.poll_of(attempt, old, answer);
        assert_eq!(matches!(till.visit(), Visit::Failed(Failure::Denied)), ends, "{answer:?}");
        assert_eq!(matches!(till.visit(), Visit::AwaitingScan(scan) if scan.before.is_none()), !ends);
    }
}

#[test]
fn nothing_changes_under_the_hands_of_a_customer_who_has_scanned() {
    let (mut till, attempt) = showing(60);
    till.wait(seconds(6));
    till.poll_answers(attempt, Polled::Pending { scanned: true });
    waits_undecided(&mut till, attempt, 46);
    assert_eq!(asked(&till), 0);
    waits_undecided(&mut till, attempt, 8);
    assert_eq!(asked(&till), 1, "but a dead code is not left on the display");
    assert!(matches!(till.visit(), Visit::Starting { .. }));
    till.code_comes(attempt, living(60));
    assert!(till.scan().scanned().is_none());
}

#[test]
fn a_yes_that_comes_when_its_code_is_shown_no_more_is_a_yes() {
    // The last answer about a code that ran out meanwhile.
    let (mut till, attempt, old) = renewed();
    waits_undecided(&mut till, attempt, 20);
    assert!(till.scan().before.is_none());
    till.poll_of(attempt, old, Polled::Granted);
    assert!(matches!(till.visit(), Visit::Verifying { .. }));

    // And one that comes while a fresh code is on its way.
    let (mut till, attempt) = showing(600);
    till.wait(seconds(6));
    let old = till.scan().code.id;
    till.poll_answers(attempt, Polled::Expired);
    till.poll_of(attempt, old, Polled::Granted);
    assert!(matches!(till.visit(), Visit::Verifying { .. }));
}

#[test]
fn a_code_that_dies_before_its_time_is_replaced_at_once() {
    let (mut till, attempt) = showing(600);
    till.wait(seconds(6));
    till.poll_answers(attempt, Polled::Expired);
    assert!(matches!(till.visit(), Visit::Starting { .. }), "the display does not show a dead code");
    assert_eq!(asked(&till), 1);
    till.code_comes(attempt, living(600));
    assert_eq!(till.scan().attempt, attempt);
}

#[test]
fn codes_are_not_replaced_for_ever() {
    let (mut till, attempt) = showing(60);
    let mut renewals = 0;
    for _ in 0..600 {
        waits_undecided(&mut till, attempt, 1);
        if asked(&till) > 0 {
            renewals += 1;
            till.code_comes(attempt, living(60));
            till.take();
        }
    }
    assert_eq!(renewals, 4, "a provider may count the codes of a whole store");
    assert!(!matches!(till.visit(), Visit::AwaitingScan(_) | Visit::Starting { .. }));
    assert_eq!(till.count(|effect| matches!(effect, Effect::Close { .. })), 1);
}

#[test]
fn a_last_code_runs_out_by_the_tills_own_clock() {
    let (mut till, attempt) = showing(600);
    for _ in 0..2 {
        till.input(Input::Touched);
        waits_undecided(&mut till, attempt, 540);
        till.code_comes(attempt, living(600));
    }
    till.take();
    till.input(Input::Touched);
    waits_undecided(&mut till, attempt, 590);
    assert_eq!(asked(&till), 0, "ten minutes after the tap nobody seems to be there");
    assert!(matches!(till.visit(), Visit::AwaitingScan(_)));
    waits_undecided(&mut till, attempt, 10);
    assert!(matches!(till.visit(), Visit::Failed(Failure::Expired)));
}

#[test]
fn a_fresh_code_that_does_not_come_leaves_the_old_one_and_is_asked_for_again() {
    let (mut till, attempt) = showing(60);
    waits_undecided(&mut till, attempt, 40);
    till.code_does_not_come(attempt, Failure::Unreachable);
    assert!(matches!(till.visit(), Visit::AwaitingScan(_)));
    till.take();
    waits_undecided(&mut till, attempt, 10);
    assert_eq!(asked(&till), 1);
    till.code_does_not_come(attempt, Failure::Refused);
    till.take();
    waits_undecided(&mut till, attempt, 10);
    assert_eq!(asked(&till), 0, "a provider that has said no is not asked again");
    assert!(matches!(till.visit(), Visit::Failed(Failure::Expired)));
}

#[test]
fn a_code_of_an_earlier_request_is_not_shown() {
    let (mut till, attempt) = showing(60);
    waits_undecided(&mut till, attempt, 40);
    let first = till.asked();
    till.code_does_not_come(attempt, Failure::Unreachable);
    waits_undecided(&mut till, attempt, 10);
    assert_ne!(till.asked(), first);
    let shown = till.scan().code.id;
    till.feed(Event::CodeReceived { attempt, id: first, code: living(60) });
    assert_eq!(till.scan().code.id, shown);
}
