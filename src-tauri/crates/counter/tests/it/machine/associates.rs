//! Associates who sign in at the store's identity provider, and what their roles let them do.

use chrono::{DateTime, TimeDelta, Utc};
use counter::{
    Input,
    machine::{CheckedAssociate, Effect, Event, OpenedMemory, PinAnswer, Polled},
    roles::Role,
    state::{
        Associate, AssociateFailure, AssociateStage, Failure, Memory, PinChoice, PinState, Provided, Staff,
        Visit,
    },
};
use secrecy::SecretString;
use uuid::Uuid;

use super::till::{KEPT, Till, code, seconds};
use crate::people::noon;

const DAYS: i64 = 7;

fn pin() -> SecretString {
    "4711".to_owned().into()
}

fn robin(role: Role, signed_in_at: Option<DateTime<Utc>>) -> Associate {
    Associate {
        id: Uuid::from_u128(1),
        name: "Robin".to_owned(),
        provided: Some(Provided { role, signed_in_at }),
    }
}

/// A till at which associates sign in, with a memory that knows these.
fn till(associates: Vec<Associate>) -> Till {
    let mut till = Till::where_associates_sign_in(TimeDelta::days(DAYS));
    till.feed(Event::MemoryOpened(Box::new(OpenedMemory { associates, ..OpenedMemory::default() })));
    till.take();
    till
}

/// The number of the sign-in that was begun.
fn begin(till: &mut Till) -> u64 {
    till.input(Input::SignInAssociate);
    let asked = till.take().into_iter().find_map(|effect| match effect {
        Effect::AskAssociateCode { sign_in } => Some(sign_in),
        _ => None,
    });
    asked.unwrap()
}

/// A code is shown, and its page said yes to.
fn said_yes(till: &mut Till) -> u64 {
    let sign_in = begin(till);
    till.feed(Event::AssociateCode { sign_in, answer: Ok(code(true)) });
    assert!(matches!(stage(till), AssociateStage::Scan(_)));
    till.feed(Event::AssociatePolled { sign_in, answer: Polled::Granted, jitter: 0.5 });
    assert!(till.take().iter().any(|effect| matches!(effect, Effect::CheckAssociate { .. })));
    sign_in
}

fn stage(till: &Till) -> &AssociateStage {
    match &till.state().staff {
        Staff::SigningIn(sign_in) => &sign_in.stage,
        other => panic!("nobody signs in: {other:?}"),
    }
}

fn is_in(till: &Till) -> bool {
    matches!(till.state().staff, Staff::Unlocked(_))
}

fn signed_in(role: Role) -> Till {
    let mut till = till(vec![]);
    let sign_in = said_yes(&mut till);
    till.feed(Event::AssociateChecked { sign_in, who: CheckedAssociate::Known(robin(role, Some(noon()))) });
    assert!(is_in(&till));
    till.take();
    till
}

#[test]
fn whoever_signs_in_for_the_first_time_chooses_a_pin_and_nobody_sets_one_without() {
    let mut till = till(vec![]);
    assert!(matches!(&till.state().staff, Staff::Locked { associates, .. } if associates.is_empty()));
    till.input(Input::AddAssociate { name: "Mallory".to_owned(), pin: pin() });
    till.input(Input::ChoosePin { pin: pin() });
    assert!(till.take().is_empty());

    let sign_in = said_yes(&mut till);
    let who = CheckedAssociate::New { name: "Robin".to_owned(), role: Role::Associate };
    till.feed(Event::AssociateChecked { sign_in, who });
    till.input(Input::ChoosePin { pin: pin() });
    till.input(Input::ChoosePin { pin: pin() });
    assert_eq!(till.count(|effect| matches!(effect, Effect::KeepAssociate { .. })), 1);
    till.feed(Event::AssociateKept { sign_in, associate: None });
    assert!(matches!(stage(&till), AssociateStage::ChoosePin { choice: PinChoice::Failed, .. }));
    till.input(Input::ChoosePin { pin: pin() });
    till.feed(Event::AssociateKept { sign_in, associate: Some(robin(Role::Associate, Some(noon()))) });
    assert!(is_in(&till));

    till.input(Input::Lock);
    assert!(matches!(&till.state().staff, Staff::Locked { associates, .. } if associates.len() == 1));
}

#[test]
fn a_pin_is_enough_for_some_days_and_not_after_the_end_of_a_shift() {
    let day = TimeDelta::days(1);
    for (signed_in_at, is_looked_at) in [
        (Some(noon() - day * 6), true),
        (Some(noon() - day * 8), false),
        // The clock was set back to get some more days.
        (Some(noon() + day * 2), false),
        (None, false),
    ] {
        let mut till = till(vec![robin(Role::Associate, signed_in_at)]);
        till.input(Input::Unlock { associate: Uuid::from_u128(1), pin: pin() });
        let looked = till.count(|effect| matches!(effect, Effect::CheckPin { .. }));
        assert_eq!(looked == 1, is_looked_at, "{signed_in_at:?}");
        let again = matches!(till.state().staff, Staff::Locked { pin: PinState::SignInAgain { .. }, .. });
        assert_eq!(again, !is_looked_at, "{signed_in_at:?}");
    }

    let mut till = signed_in(Role::Associate);
    till.input(Input::EndShift);
    assert_eq!(till.count(|effect| matches!(effect, Effect::EndShift { .. })), 1);
    till.input(Input::Unlock { associate: Uuid::from_u128(1), pin: pin() });
    assert!(matches!(till.state().staff, Staff::Locked { pin: PinState::SignInAgain { .. }, .. }));
}

#[test]
fn whatever_goes_wrong_is_said_and_then_the_pins_are_back() {
    type Go = fn(&mut Till);
    let cases: [(Go, AssociateFailure); 6] = [
        (
            |till| {
                let sign_in = begin(till);
                till.feed(Event::AssociateCode { sign_in, answer: Err(Failure::Refused) });
            },
            AssociateFailure::NotSignedIn(Failure::Refused),
        ),
        (
            |till| {
                begin(till);
                till.wait(seconds(31));
            },
            AssociateFailure::NotSignedIn(Failure::Unreachable),
        ),
        (
            |till| {
                let sign_in = begin(till);
                till.feed(Event::AssociateCode { sign_in, answer: Ok(code(true)) });
                till.feed(Event::AssociatePolled {
                    sign_in,
                    answer: Polled::Denied { by_customer: true },
                    jitter: 0.5,
                });
            },
            AssociateFailure::NotSignedIn(Failure::Denied),
        ),
        (
            |till| {
                let sign_in = begin(till);
                till.feed(Event::AssociateCode { sign_in, answer: Ok(code(true)) });
                till.wait(seconds(301));
            },
            AssociateFailure::NotSignedIn(Failure::Expired),
        ),
        (
            |till| {
                let sign_in = said_yes(till);
                till.feed(Event::AssociateChecked { sign_in, who: CheckedAssociate::NoRole });
            },
            AssociateFailure::NoRole,
        ),
        (
            |till| {
                said_yes(till);
                till.wait(seconds(31));
            },
            AssociateFailure::NotSignedIn(Failure::Unreachable),
        ),
    ];
    for (go, expected) in cases {
        let mut till = till(vec![robin(Role::Associate, None)]);
        go(&mut till);
        assert!(matches!(stage(&till), AssociateStage::Failed(why) if *why == expected), "{expected:?}");
        till.wait(seconds(31));
        assert!(matches!(&till.state().staff, Staff::Locked { associates, .. } if associates.len() == 1));
    }
}

#[test]
fn what_comes_after_it_was_given_up_lets_nobody_in() {
    let mut till = till(vec![]);
    let old = said_yes(&mut till);
    till.input(Input::Cancel);
    assert!(till.take().iter().any(|effect| matches!(effect, Effect::ForgetAssociateSignIn { .. })));
    let known = || CheckedAssociate::Known(robin(Role::Manager, Some(noon())));
    till.feed(Event::AssociateChecked { sign_in: old, who: known() });
    assert!(!is_in(&till));
    let new = said_yes(&mut till);
    till.feed(Event::AssociateChecked { sign_in: old, who: known() });
    assert!(!is_in(&till));
    till.feed(Event::AssociateChecked { sign_in: new, who: known() });
    assert!(is_in(&till));
}

#[test]
fn without_a_memory_whoever_the_provider_knows_works_and_stays_when_it_opens() {
    let mut till = Till::where_associates_sign_in(TimeDelta::days(DAYS));
    till.feed(Event::MemoryFailed(Memory::KeyringLocked));
    assert!(matches!(till.state().staff, Staff::Locked { .. }), "nobody makes up a PIN");
    let sign_in = said_yes(&mut till);
    till.feed(Event::AssociateChecked {
        sign_in,
        who: CheckedAssociate::Known(robin(Role::Associate, Some(noon()))),
    });
    till.feed(Event::MemoryOpened(Box::default()));
    assert!(is_in(&till));
}

#[test]
fn store_it_sees_no_customer_and_only_a_manager_lets_go_of_somebody_new() {
    let mut it = signed_in(Role::It);
    it.input(Input::SignIn);
    it.input(Input::OpenRemembered { id: KEPT });
    assert!(matches!(it.visit(), Visit::Idle));
    it.feed(Event::Recent(vec![]));
    assert!(it.take().iter().all(|effect| !matches!(effect, Effect::ReadRecent | Effect::ReadCopy { .. })));

    for (role, edit, customer) in [(Role::Associate, 1, 0), (Role::Manager, 1, 1), (Role::It, 0, 0)] {
        let mut till = signed_in(role);
        till.input(Input::DropEdit { edit: KEPT });
        till.input(Input::DropCustomer { customer: KEPT });
        let dropped = (
            till.count(|effect| matches!(effect, Effect::DropEdit { .. })),
            till.count(|effect| matches!(effect, Effect::DropCustomer { .. })),
        );
        assert_eq!(dropped, (edit, customer), "{role:?}");
    }
}

#[test]
fn a_pin_that_is_right_lets_in_whom_the_provider_knows() {
    let mut till = till(vec![robin(Role::Manager, Some(noon()))]);
    till.input(Input::Unlock { associate: Uuid::from_u128(1), pin: pin() });
    let check = till.take().into_iter().find_map(|effect| match effect {
        Effect::CheckPin { check, .. } => Some(check),
        _ => None,
    });
    let answer = PinAnswer::Right(robin(Role::Manager, Some(noon())));
    till.feed(Event::PinChecked { check: check.unwrap(), answer });
    assert!(is_in(&till));
    till.input(Input::SignInAssociate);
    assert!(is_in(&till), "whoever is in is not put out by that");
}
