//! PINs and locking.

use chrono::TimeDelta;
use counter::{
    Input,
    machine::{Effect, Event, PinAnswer},
    state::{Associate, Memory, NoticeKind, PinState, Staff},
};
use uuid::Uuid;

use super::till::{Till, robin, seconds};
use crate::people::noon;

fn add(till: &mut Till, name: &str) {
    till.input(Input::AddAssociate { name: name.to_owned(), pin: "4711".to_owned().into() });
}

fn enter(till: &mut Till, answer: PinAnswer) {
    till.take();
    till.input(Input::Unlock { associate: robin().id, pin: "0000".to_owned().into() });
    let check = till.take().into_iter().find_map(|effect| match effect {
        Effect::CheckPin { check, .. } => Some(check),
        _ => None,
    });
    till.feed(Event::PinChecked { check: check.unwrap(), answer });
}

#[test]
fn a_till_that_knows_nobody_asks_for_the_first_pin_and_lets_its_owner_in() {
    let mut till = Till::new();
    assert!(matches!(till.state().staff, Staff::Locked { .. }), "until the memory has said who works here");
    till.feed(Event::MemoryOpened(Box::default()));
    assert!(matches!(till.state().staff, Staff::NoneYet { failed: false }));
    till.take();
    add(&mut till, "Robin");
    assert!(matches!(&till.take()[..], [Effect::AddAssociate { first: true, .. }]));
    till.feed(Event::AssociateAdded { associate: Some(robin()), kept: true });
    assert!(matches!(&till.state().staff, Staff::Unlocked(who) if *who == robin()));
    assert!(till.count(|effect| matches!(effect, Effect::Discover)) == 1, "discovery begins with the unlock");
}

#[test]
fn nobody_adds_themselves_to_a_locked_till() {
    let mut till = Till::new();
    till.memory_opens();
    till.take();
    add(&mut till, "Mallory");
    assert!(till.take().is_empty());
}

#[test]
fn a_wrong_pin_says_so_and_too_many_close_the_till_for_a_while() {
    let mut till = Till::new();
    till.memory_opens();
    enter(&mut till, PinAnswer::Wrong);
    assert!(
        matches!(till.state().staff, Staff::Locked { pin: PinState::Wrong { associate }, .. } if associate == robin().id)
    );
    let until = noon() + TimeDelta::seconds(30);
    enter(&mut till, PinAnswer::Blocked { until });
    assert!(
        matches!(till.state().staff, Staff::Locked { pin: PinState::Blocked { until: at, .. }, .. } if at == until)
    );
    till.wait(seconds(30));
    assert!(matches!(till.state().staff, Staff::Locked { pin: PinState::Untried, .. }));
    enter(&mut till, PinAnswer::Right(robin()));
    assert!(matches!(&till.state().staff, Staff::Unlocked(who) if *who == robin()));
}

#[test]
fn a_look_at_a_pin_that_never_ends_keeps_nobody_out() {
    let mut till = Till::new();
    till.memory_opens();
    till.input(Input::Unlock { associate: robin().id, pin: "4711".to_owned().into() });
    assert!(matches!(till.state().staff, Staff::Locked { pin: PinState::Checking, .. }));
    till.wait(seconds(60));
    assert!(matches!(till.state().staff, Staff::Locked { pin: PinState::Failed, .. }));
    enter(&mut till, PinAnswer::Right(robin()));
    assert!(matches!(&till.state().staff, Staff::Unlocked(who) if *who == robin()));
}

#[test]
fn whether_a_colleague_was_added_is_said() {
    let mut till = Till::unlocked();
    let kim = Associate { id: Uuid::from_u128(2), name: "Kim".to_owned(), provided: None };
    till.feed(Event::AssociateAdded { associate: Some(kim), kept: true });
    assert_eq!(till.notice(), Some(NoticeKind::AssociateAdded { name: "Kim".to_owned() }));
    till.feed(Event::AssociateAdded { associate: None, kept: true });
    assert_eq!(till.notice(), Some(NoticeKind::AssociateNotAdded));
}

#[test]
fn a_first_pin_that_could_not_be_kept_is_said() {
    let mut till = Till::new();
    till.feed(Event::MemoryOpened(Box::default()));
    till.feed(Event::AssociateAdded { associate: None, kept: true });
    assert!(matches!(till.state().staff, Staff::NoneYet { failed: true }));
}

#[test]
fn an_answer_to_an_earlier_pin_opens_nothing() {
    let mut till = Till::unlocked();
    till.input(Input::Lock);
    till.feed(Event::PinChecked { check: 1, answer: PinAnswer::Right(robin()) });
    assert!(matches!(till.state().staff, Staff::Locked { .. }));
}

#[test]
fn without_a_memory_an_associate_of_this_run_can_work() {
    let mut till = Till::new();
    till.feed(Event::MemoryFailed(Memory::NoKeyring));
    assert!(matches!(till.state().staff, Staff::NoneYet { failed: false }));
    add(&mut till, "Robin");
    till.feed(Event::AssociateAdded { associate: Some(robin()), kept: false });
    assert!(matches!(&till.state().staff, Staff::Unlocked(who) if *who == robin()));
    till.input(Input::Lock);
    assert!(matches!(&till.state().staff, Staff::Locked { associates, .. } if *associates == [robin()]));
}

#[test]
fn a_pin_that_was_made_up_while_the_memory_was_closed_does_not_open_what_it_holds() {
    let mut till = Till::new();
    till.feed(Event::MemoryFailed(Memory::KeyringLocked));
    let mallory = Associate { id: Uuid::from_u128(666), name: "Mallory".to_owned(), provided: None };
    till.feed(Event::AssociateAdded { associate: Some(mallory.clone()), kept: false });
    assert!(matches!(&till.state().staff, Staff::Unlocked(who) if *who == mallory.clone()));
    till.input(Input::RetryMemory);
    till.memory_opens();
    assert!(matches!(&till.state().staff, Staff::Locked { associates, .. } if *associates == [robin()]));
    till.feed(Event::AssociateAdded { associate: Some(mallory), kept: false });
    assert!(matches!(&till.state().staff, Staff::Locked { associates, .. } if *associates == [robin()]));
}

#[test]
fn a_memory_that_opens_late_and_empty_throws_nobody_out() {
    let mut till = Till::new();
    till.feed(Event::MemoryFailed(Memory::KeyringSilent));
    till.feed(Event::AssociateAdded { associate: Some(robin()), kept: false });
    till.input(Input::RetryMemory);
    till.feed(Event::MemoryOpened(Box::default()));
    assert!(matches!(&till.state().staff, Staff::Unlocked(who) if *who == robin()));
    assert_eq!(till.state().memory, Memory::Ready);
}
