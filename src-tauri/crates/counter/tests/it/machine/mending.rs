//! What the associate does about edits that the centre has refused, or that wait.

use counter::{
    Input,
    machine::{Effect, Event},
    state::{EditProgress, Memory, NoticeKind},
};
use uuid::Uuid;
use vault::{EditState, QueuedEdit, Why};

use super::till::{KEPT, Till, queued};
use crate::people::{noon, shoes_of, text};

fn refused() -> QueuedEdit {
    QueuedEdit { state: EditState::Refused { status: 412 }, ..queued(5, "39", noon()) }
}

fn mend(till: &mut Till) -> Vec<Effect> {
    till.take();
    till.input(Input::MendEdit { edit: Uuid::from_u128(5), value: Some(text("40")), seen: Some(text("41")) });
    till.take()
}

#[test]
fn a_refused_edit_is_sent_again_with_the_value_that_was_chosen() {
    let mut till = Till::unlocked();
    let wanted = mend(&mut till);
    let [Effect::MendEdit { edit, fresh, value, by, .. }] = &wanted[..] else { panic!("{wanted:?}") };
    assert_eq!((*edit, value), (Uuid::from_u128(5), &Some(text("40"))));
    assert_eq!((by.why, by.who.is_some()), (Why::Unsent, true));
    let mended = queued(fresh.as_u128(), "40", noon());
    till.feed(Event::EditMended { edit: *edit, mended: Some(Box::new(mended)), queue: None });
    let then = till.take();
    assert!(then.iter().any(|effect| matches!(effect, Effect::SendNext { customer: KEPT })), "{then:?}");
}

#[test]
fn an_open_profile_shows_the_mended_edit_in_the_place_of_the_refused_one() {
    let (mut till, _) = Till::copy_open(vec![refused()]);
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
    mend(&mut till);
    let mended = queued(6, "40", noon());
    till.feed(Event::EditMended { edit: Uuid::from_u128(5), mended: Some(Box::new(mended)), queue: None });
    assert_eq!(shoes_of(&till.open().profile), Some(text("40")));
    let edits: Vec<_> = till.open().edits.iter().map(|made| (made.id.as_u128(), &made.progress)).collect();
    assert_eq!(edits, [(6, &EditProgress::Waiting)]);
}

#[test]
fn what_cannot_be_mended_is_said() {
    let mut till = Till::unlocked();
    mend(&mut till);
    till.feed(Event::EditMended { edit: Uuid::from_u128(5), mended: None, queue: None });
    assert_eq!(till.notice(), Some(NoticeKind::EditNotMended));
}

#[test]
fn a_waiting_edit_that_is_dropped_leaves_the_copy_as_the_centre_has_it() {
    let (mut till, attempt) = Till::copy_open(vec![queued(5, "39", noon())]);
    till.take();
    let edit = Uuid::from_u128(5);
    till.input(Input::DropEdit { edit });
    assert!(matches!(till.take()[..], [Effect::DropEdit { .. }]));
    till.feed(Event::EditDropped { edit, whose: Some(KEPT), queue: None });
    assert_eq!(
        till.count(|effect| matches!(effect, Effect::ReadCopy { attempt: of, .. } if *of == attempt)),
        1
    );
    let copy = Box::new(super::till::copy(&till, Vec::new()));
    till.feed(Event::CopyRead { attempt, copy: Some(copy) });
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
    assert!(till.open().edits.is_empty());
}

#[test]
fn nothing_is_mended_or_dropped_at_a_locked_till_or_without_a_memory() {
    let mut till = Till::unlocked();
    till.input(Input::Lock);
    assert!(mend(&mut till).is_empty());
    till.input(Input::DropEdit { edit: Uuid::from_u128(5) });
    assert!(till.take().is_empty());

    let mut till = Till::unlocked();
    till.feed(Event::MemoryFailed(Memory::DiskFull));
    assert!(mend(&mut till).is_empty());
}
