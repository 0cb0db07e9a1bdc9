//! Somebody new, and visits that are written down.

use std::time::Duration;

use counter::{
    Entry, Input,
    machine::{Effect, Event, Sent},
    state::{NoticeKind, Queue, Visit},
};
use profile::{Name, RememberScope, notes};
use uuid::Uuid;
use vault::{AuditAct, Why};

use super::till::{AMELIE, KEPT, Till, copy};
use crate::people::{key, shoes, shoes_of, text};

pub(super) fn zoe() -> Entry {
    Entry {
        name: Name::of_parts("Zoë", "Hartmann"),
        email: Some("zoe@mail.example".to_owned()),
        phone: None,
        locale: None,
        scopes: [RememberScope::Contact, RememberScope::Preferences].into_iter().collect(),
    }
}

fn at_store() -> Till {
    let mut till = Till::unlocked();
    till.feed(Event::OwnAuthority);
    till.take();
    till
}

fn queue(waiting: u32, refused: u32) -> Queue {
    Queue { waiting, refused, ..Queue::default() }
}

fn is_sent(effect: &Effect) -> bool {
    matches!(effect, Effect::SendNext { customer: KEPT })
}

#[test]
fn somebody_new_is_kept_opened_and_sent() {
    let mut till = at_store();
    till.input(Input::AddCustomer(zoe()));
    let subject = till.last_id();
    let effects = till.take();
    let [Effect::AddCustomer { attempt, subject: asked, new, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*asked, &new.name, new.at), (subject, &zoe().name, till.now().wall));
    assert!(new.at < new.until);
    let attempt = *attempt;
    till.feed(Event::CustomerAdded { attempt, id: Some(KEPT), queue: Some(queue(1, 0)) });
    let copy = Box::new(copy(&till, Vec::new()));
    assert_eq!(till.count(is_sent), 1);
    till.feed(Event::CopyRead { attempt, copy: Some(copy) });
    assert!(matches!(till.visit(), Visit::Open(_)));
    assert_eq!(till.state().queue.waiting, 1);
}

#[test]
fn nobody_is_kept_by_a_till_that_is_locked_or_may_not_or_without_their_yes() {
    let mut locked = Till::new();
    locked.memory_opens();
    locked.feed(Event::OwnAuthority);
    let mut may_not = Till::unlocked();
    let mut no_yes = at_store();
    let silent = Entry { scopes: profile::RememberScopes::default(), ..zoe() };
    for (till, entry) in [(&mut locked, zoe()), (&mut may_not, zoe()), (&mut no_yes, silent)] {
        till.input(Input::AddCustomer(entry));
        assert_eq!(till.count(|effect| matches!(effect, Effect::AddCustomer { .. })), 0);
    }
    assert_eq!(no_yes.notice(), Some(NoticeKind::CustomerNotAdded));
}

#[test]
fn who_could_not_be_kept_is_said_and_nothing_of_them_stays() {
    let mut till = at_store();
    till.input(Input::AddCustomer(zoe()));
    let attempt = till.attempt(|effect| matches!(effect, Effect::AddCustomer { .. }));
    till.feed(Event::CustomerAdded { attempt, id: None, queue: None });
    assert!(matches!(till.visit(), Visit::Idle));
    assert_eq!(till.notice(), Some(NoticeKind::CustomerNotAdded));
    assert_eq!(till.count(|effect| matches!(effect, Effect::Close { .. })), 1);
}

#[test]
fn an_associate_who_has_gone_on_meanwhile_is_not_called_back() {
    let mut till = at_store();
    till.input(Input::AddCustomer(zoe()));
    let attempt = till.attempt(|effect| matches!(effect, Effect::AddCustomer { .. }));
    till.input(Input::SignIn);
    till.take();
    till.feed(Event::CustomerAdded { attempt, id: Some(KEPT), queue: Some(queue(1, 0)) });
    assert_eq!(till.count(|effect| matches!(effect, Effect::ReadCopy { .. })), 0);
    assert!(matches!(till.visit(), Visit::Starting { .. }));
    assert_eq!(till.count(is_sent), 1, "what is on the disk is sent");
}

#[test]
fn who_may_be_known_waits_for_a_person_and_is_sent_again_at_their_word() {
    let mut till = at_store();
    till.input(Input::AddCustomer(zoe()));
    let attempt = till.attempt(|effect| matches!(effect, Effect::AddCustomer { .. }));
    till.feed(Event::CustomerAdded { attempt, id: Some(KEPT), queue: Some(queue(1, 0)) });
    till.take();
    till.feed(Event::QueueAnswered {
        customer: KEPT,
        edit: None,
        answer: Sent::MayBeKnown,
        more: false,
        queue: Some(queue(0, 1)),
        jitter: 0.5,
    });
    assert_eq!(till.notice(), Some(NoticeKind::MayBeKnown));
    till.wait(Duration::from_mins(3));
    assert_eq!(till.count(is_sent), 0, "nothing happens without a person");

    till.input(Input::SendCustomer { customer: KEPT });
    assert_eq!(till.count(|effect| matches!(effect, Effect::SendCustomer { .. })), 1);
    till.feed(Event::CustomerSent { customer: KEPT, again: true, queue: Some(queue(1, 0)) });
    assert_eq!(till.count(is_sent), 1);
}

#[test]
fn whoever_is_known_signs_in_and_what_was_entered_becomes_theirs() {
    let mut till = at_store();
    till.input(Input::SignInAs { customer: KEPT });
    let attempt = till.attempt(|effect| matches!(effect, Effect::RequestCode { .. }));
    till.code_comes(attempt, super::till::code(true));
    till.grant(attempt, false);
    till.profile_comes(attempt);
    assert_eq!(till.count(|effect| matches!(effect, Effect::ReadEntered { .. })), 0, "not before the match");
    till.input(Input::ConfirmMatch);
    assert_eq!(till.count(|effect| matches!(effect, Effect::ReadEntered { customer: KEPT, .. })), 1);
    till.take();

    // Their own size stays; the tag is new.
    let edits = vec![(Uuid::from_u128(50), shoes("44")), (Uuid::from_u128(51), notes::tag("VIP"))];
    till.feed(Event::Entered { attempt, customer: KEPT, edits });
    let effects = till.take();
    let sent: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::SendEdit { .. })).collect();
    assert_eq!(sent.len(), 1);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::DropCustomer { customer: KEPT, .. })));
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
    assert_eq!(notes::tags(&till.open().profile.preferences).len(), 1);
    assert_eq!(till.notice(), Some(NoticeKind::EnteredTakenOver { count: 1 }));
}

#[test]
fn a_sign_in_that_comes_to_nothing_leaves_the_new_customer_as_they_were() {
    let mut till = at_store();
    till.input(Input::SignInAs { customer: KEPT });
    till.input(Input::Cancel);
    let attempt = till.sign_in();
    till.grant(attempt, false);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    let taken_over =
        |effect: &Effect| matches!(effect, Effect::ReadEntered { .. } | Effect::DropCustomer { .. });
    assert_eq!(till.count(taken_over), 0, "the next to sign in is somebody else");
}

#[test]
fn who_is_dropped_is_closed_and_the_trail_says_by_whom() {
    let mut till = at_store();
    till.input(Input::OpenRemembered { id: KEPT });
    let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
    let copy = Box::new(copy(&till, Vec::new()));
    till.feed(Event::CopyRead { attempt, copy: Some(copy) });
    till.take();
    till.input(Input::DropCustomer { customer: KEPT });
    assert!(matches!(till.visit(), Visit::Idle));
    till.feed(Event::CustomerDropped { customer: KEPT, whom: Some(key(AMELIE)), queue: Some(queue(0, 0)) });
    let lines: Vec<_> = till
        .take()
        .into_iter()
        .filter_map(|effect| if let Effect::Audit(line) = effect { Some((line.act, line.why)) } else { None })
        .collect();
    assert_eq!(lines, [(AuditAct::Dropped, Why::Unsent)]);
}

#[test]
fn a_visit_is_written_down_once_and_only_of_a_copy() {
    let (mut till, attempt) = Till::copy_open(Vec::new());
    till.feed(Event::OwnAuthority);
    till.take();
    for _ in 0..2 {
        till.input(Input::NoteVisit);
    }
    assert_eq!(till.count(|effect| matches!(effect, Effect::NoteVisit { id: KEPT, .. })), 1);
    till.feed(Event::VisitNoted { attempt, customer: Some(KEPT), queue: Some(queue(1, 0)) });
    assert_eq!((till.notice(), till.count(is_sent)), (Some(NoticeKind::VisitNoted), 1));

    let (mut till, _) = Till::visiting_remembered();
    till.feed(Event::OwnAuthority);
    till.input(Input::NoteVisit);
    assert_eq!(till.count(|effect| matches!(effect, Effect::NoteVisit { .. })), 0, "the sign-in opened one");
}

#[test]
fn a_visit_that_could_not_be_written_down_can_be_tried_again() {
    let (mut till, attempt) = Till::copy_open(Vec::new());
    till.feed(Event::OwnAuthority);
    till.input(Input::NoteVisit);
    till.feed(Event::VisitNoted { attempt, customer: None, queue: None });
    assert_eq!(till.notice(), Some(NoticeKind::VisitNotNoted));
    till.take();
    till.input(Input::NoteVisit);
    assert_eq!(till.count(|effect| matches!(effect, Effect::NoteVisit { .. })), 1);
}
