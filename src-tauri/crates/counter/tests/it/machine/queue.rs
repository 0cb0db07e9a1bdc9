//! When queued edits are sent.

use counter::{
    Input,
    machine::{Effect, Event, OpenedMemory, Saved, Sent},
    state::{AttemptId, NoticeKind, Queue},
};
use uuid::Uuid;

use super::till::{AMELIE, KEPT, Till, robin, seconds};
use crate::people::profile;

fn with_waiting(customers: u128) -> Till {
    let mut till = Till::new();
    let waiting: Vec<_> = (1..=customers).map(Uuid::from_u128).collect();
    let queue = Queue { waiting: u32::try_from(customers).unwrap(), ..Queue::default() };
    let opened = OpenedMemory { associates: vec![robin()], waiting, queue, ..OpenedMemory::default() };
    till.take();
    till.feed(Event::MemoryOpened(Box::new(opened)));
    till
}

fn sends(till: &mut Till) -> Vec<Uuid> {
    let effects = till.take();
    let customers = effects.into_iter().filter_map(|effect| match effect {
        Effect::SendNext { customer } => Some(customer),
        _ => None,
    });
    customers.collect()
}

fn answer(till: &mut Till, customer: Uuid, answer: Sent, more: bool, waiting: u32) {
    let queue = Some(Queue { waiting, ..Queue::default() });
    let edit = Some(Uuid::from_u128(9));
    till.feed(Event::QueueAnswered { customer, edit, answer, more, queue, jitter: 1.0 });
}

fn accepted() -> Sent {
    Sent::Accepted(Box::new(profile(AMELIE, 8)))
}

#[test]
fn what_waited_on_the_disk_is_sent_when_the_memory_opens_whoever_is_at_the_till() {
    let mut till = with_waiting(2);
    assert_eq!(sends(&mut till), [Uuid::from_u128(1), Uuid::from_u128(2)]);
}

#[test]
fn the_edits_of_one_customer_are_sent_one_after_the_other() {
    let mut till = with_waiting(1);
    let customer = Uuid::from_u128(1);
    sends(&mut till);
    till.wait(seconds(600));
    assert!(sends(&mut till).is_empty(), "while one is in flight");
    answer(&mut till, customer, accepted(), true, 1);
    assert_eq!(sends(&mut till), [customer]);
    answer(&mut till, customer, accepted(), false, 0);
    till.wait(seconds(600));
    assert!(sends(&mut till).is_empty());
}

#[test]
fn one_customer_who_cannot_be_served_holds_up_no_other() {
    let mut till = with_waiting(9);
    let first = sends(&mut till);
    assert_eq!(first.len(), 4, "a few at a time");
    answer(&mut till, first[0], Sent::NoToken, true, 9);
    assert_eq!(sends(&mut till), [Uuid::from_u128(5)]);
    till.wait(seconds(3600));
    assert!(sends(&mut till).is_empty(), "whoever must sign in again is not tried again");
}

#[test]
fn tries_come_later_and_later_and_never_later_than_half_a_minute() {
    let mut till = with_waiting(1);
    let customer = Uuid::from_u128(1);
    let mut waits = Vec::new();
    for _ in 0..7 {
        assert_eq!(sends(&mut till), [customer]);
        answer(&mut till, customer, Sent::NoAnswer, true, 1);
        let before = till.now().tick;
        let due = till.machine.next_deadline().unwrap();
        waits.push((due - before).as_secs());
        till.wait(due - before);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
}

#[test]
fn the_queue_moves_at_once_when_the_centre_is_back_and_says_when_all_has_arrived() {
    let mut till = with_waiting(1);
    let customer = Uuid::from_u128(1);
    till.unlock();
    sends(&mut till);
    till.feed(Event::Centre { answered: false, slow: false });
    answer(&mut till, customer, Sent::NoAnswer, true, 1);
    till.wait(seconds(20));
    assert!(sends(&mut till).is_empty(), "the probe finds out");
    till.feed(Event::Centre { answered: true, slow: false });
    assert_eq!(sends(&mut till), [customer]);
    answer(&mut till, customer, accepted(), true, 1);
    assert_eq!(till.notice(), None);
    answer(&mut till, customer, accepted(), false, 0);
    assert_eq!(till.notice(), Some(NoticeKind::QueueSent { count: 2 }));
}

#[test]
fn whoever_unlocks_after_the_queue_was_sent_is_told() {
    let mut till = with_waiting(1);
    sends(&mut till);
    answer(&mut till, Uuid::from_u128(1), accepted(), false, 0);
    assert_eq!(till.notice(), None);
    till.unlock();
    assert_eq!(till.notice(), Some(NoticeKind::QueueSent { count: 1 }));
}

#[test]
fn an_edit_that_did_not_have_to_wait_is_not_worth_a_word() {
    let (mut till, attempt) = Till::visiting_remembered();
    till.input(Input::ChangePreference(crate::people::shoes("39")));
    let edit = till.last_id();
    let queue = Some(Queue { waiting: 1, ..Queue::default() });
    till.feed(Event::EditSaved { attempt, edit, answer: Saved::Queued { customer: KEPT, queue } });
    answer(&mut till, KEPT, accepted(), false, 0);
    assert_eq!(till.notice(), Some(NoticeKind::PreferenceChanged { edit }));
}

#[test]
fn an_edit_saved_while_another_is_in_flight_is_sent_after_it() {
    let (mut till, attempt) = Till::visiting_remembered();
    let save = |till: &mut Till, id| {
        let answer = Saved::Queued { customer: KEPT, queue: None };
        till.feed(Event::EditSaved { attempt, edit: Uuid::from_u128(id), answer });
    };
    save(&mut till, 1);
    assert_eq!(sends(&mut till), [KEPT]);
    save(&mut till, 2);
    assert!(sends(&mut till).is_empty());
    answer(&mut till, KEPT, accepted(), false, 0);
    assert_eq!(sends(&mut till), [KEPT], "the answer did not know of it yet");
}

#[test]
fn a_new_sign_in_sends_what_waited_for_a_token() {
    let (mut till, attempt) = Till::matching(true);
    let answer_to = Saved::Queued { customer: KEPT, queue: None };
    till.feed(Event::EditSaved { attempt, edit: Uuid::from_u128(1), answer: answer_to });
    answer(&mut till, KEPT, Sent::NoToken, true, 1);
    sends(&mut till);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    till.feed(Event::Remembered { attempt, id: Some(KEPT) });
    assert_eq!(sends(&mut till), [KEPT]);
}

#[test]
fn a_count_that_was_overtaken_by_a_newer_one_changes_nothing() {
    let mut till = with_waiting(1);
    let counted = |count, waiting| Some(Queue { count, waiting, ..Queue::default() });
    let dropped = |queue| Event::EditDropped { edit: Uuid::from_u128(9), whose: None, queue };
    till.feed(dropped(counted(3, 2)));
    till.feed(dropped(counted(2, 1)));
    assert_eq!(till.state().queue.waiting, 2);
    till.feed(dropped(counted(4, 0)));
    assert_eq!(till.state().queue.waiting, 0);
}

#[test]
fn whoever_must_sign_in_again_is_named_until_they_have() {
    let mut till = with_waiting(2);
    let customer = sends(&mut till)[0];
    assert!(till.state().queue.need_sign_in.is_empty());
    answer(&mut till, customer, Sent::NoToken, true, 2);
    assert_eq!(till.state().queue.need_sign_in, [customer].into());
    till.feed(Event::Remembered { attempt: AttemptId(9), id: Some(customer) });
    assert!(till.state().queue.need_sign_in.is_empty());
    assert_eq!(sends(&mut till), [customer]);
}

#[test]
fn after_the_centre_has_failed_for_a_while_the_queue_empties_by_the_clock_alone() {
    let mut till = with_waiting(6);
    let mut waiting: Vec<u32> = vec![3; 6];
    // Errors of the server, for ten minutes; whoever is asked says "later".
    for _ in 0..600 {
        for customer in sends(&mut till) {
            answer(&mut till, customer, Sent::NoAnswer, true, waiting.iter().sum());
        }
        till.wait(seconds(1));
    }
    // It is well again, and nothing else happens at the till: no input, no word of the connection.
    for _ in 0..60 {
        for customer in sends(&mut till) {
            let left = &mut waiting[usize::try_from(customer.as_u128()).unwrap() - 1];
            *left -= 1;
            let (more, sum) = (*left > 0, waiting.iter().sum());
            answer(&mut till, customer, accepted(), more, sum);
        }
        till.wait(seconds(1));
    }
    assert_eq!(waiting, [0; 6]);
    assert_eq!(till.state().queue.waiting, 0);
}
