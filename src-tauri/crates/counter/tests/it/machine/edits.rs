//! Preferences changed at the counter.

use counter::{
    Input,
    machine::{Effect, Event, Saved, Sent},
    state::{AttemptId, EditProgress, NoticeKind, Origin, Queue},
};
use directory::{Offers, Which};
use profile::{Author, Channel, PreferenceEdit, Profile, notes};
use uuid::Uuid;
use vault::{AuditAct, By, Why};

use super::till::{AMELIE, KEPT, Till, queued};
use crate::people::{noon, page, profile, shoes, shoes_of, text};

fn change(till: &mut Till, size: &str) -> Uuid {
    till.input(Input::ChangePreference(shoes(size)));
    till.last_id()
}

/// The centre's document with this size in it.
fn with_shoes(size: &str, revision: u64) -> Profile {
    let mut document = profile(AMELIE, revision);
    let provenance = document.preferences["sizes"]["shoes"].provenance.clone().unwrap();
    shoes(size).apply(&mut document.preferences, provenance);
    document
}

fn accept(till: &mut Till, attempt: AttemptId, edit: Uuid, size: &str, revision: u64) {
    let answer = Sent::Accepted(Box::new(with_shoes(size, revision)));
    till.feed(Event::EditAnswered { attempt, edit, answer });
}

fn saved(till: &mut Till, attempt: AttemptId, edit: Uuid, waiting: u32) {
    let queue = Some(Queue { waiting, refused: 0, oldest: Some(noon()), ..Queue::default() });
    till.feed(Event::EditSaved { attempt, edit, answer: Saved::Queued { customer: KEPT, queue } });
}

fn progress(till: &Till, edit: Uuid) -> EditProgress {
    till.open().edits.iter().find(|made| made.id == edit).unwrap().progress.clone()
}

#[test]
fn an_edit_is_drawn_at_once_and_sent_directly_for_just_this_visit() {
    let (mut till, attempt) = Till::visiting();
    let edit = change(&mut till, "39");
    assert_eq!(shoes_of(&till.open().profile), Some(text("39")));
    let provenance = till.open().profile.preferences["sizes"]["shoes"].provenance.as_ref().unwrap();
    assert_eq!((provenance.channel, provenance.by), (Channel::Store, Author::Associate));
    assert_eq!(progress(&till, edit), EditProgress::Saving);
    assert_eq!(till.notice(), Some(NoticeKind::PreferenceChanged { edit }));
    let effects = till.take();
    let [Effect::SendEdit { base: 7, edit: sent, .. }, Effect::Audit(line)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*sent, line.act), (edit, AuditAct::Edited));

    accept(&mut till, attempt, edit, "39", 8);
    assert_eq!(progress(&till, edit), EditProgress::Sent);
    assert_eq!((till.open().profile.revision, shoes_of(&till.open().profile)), (8, Some(text("39"))));
}

#[test]
fn notes_and_tags_are_edits_and_the_same_tag_is_put_on_once() {
    let (mut till, _) = Till::visiting();
    till.take();
    for text in ["Waits for the blue coat.", "Waits for the blue coat."] {
        till.input(Input::TakeNote { text: text.to_owned() });
    }
    for text in ["VIP", " VIP "] {
        till.input(Input::AddTag { text: text.to_owned() });
    }
    let preferences = &till.open().profile.preferences;
    assert_eq!((notes::notes(preferences).len(), notes::tags(preferences).len()), (2, 1));
    let sent = till.take().into_iter().filter(|effect| matches!(effect, Effect::SendEdit { .. }));
    assert_eq!(sent.count(), 3);

    till.input(Input::AddTag { text: "   ".to_owned() });
    till.input(Input::TakeNote { text: "\u{7}".to_owned() });
    assert_eq!(till.notice(), Some(NoticeKind::PreferenceNotSaved));
    assert!(!till.take().iter().any(|effect| matches!(effect, Effect::SendEdit { .. })));
}

#[test]
fn an_edit_that_could_not_be_sent_is_not_saved_and_the_old_value_is_back() {
    for answer in [Sent::NoAnswer, Sent::NoToken] {
        let (mut till, attempt) = Till::visiting();
        let edit = change(&mut till, "39");
        till.feed(Event::EditAnswered { attempt, edit, answer });
        assert_eq!(progress(&till, edit), EditProgress::NotSaved);
        assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
        assert_eq!(till.notice(), Some(NoticeKind::PreferenceNotSaved));
    }
}

#[test]
fn an_edit_that_the_centre_refuses_is_undone_and_said() {
    let (mut till, attempt) = Till::visiting();
    let edit = change(&mut till, "39");
    till.feed(Event::EditAnswered { attempt, edit, answer: Sent::Refused { status: 412, theirs: None } });
    assert_eq!(progress(&till, edit), EditProgress::Refused { status: 412 });
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
    assert_eq!(till.notice(), Some(NoticeKind::EditRefused));
}

#[test]
fn an_answer_to_one_edit_does_not_take_away_another_that_is_on_its_way() {
    let (mut till, attempt) = Till::visiting();
    let first = change(&mut till, "39");
    let second = change(&mut till, "40");
    accept(&mut till, attempt, first, "39", 8);
    assert_eq!(shoes_of(&till.open().profile), Some(text("40")));
    till.feed(Event::EditAnswered { attempt, edit: second, answer: Sent::NoAnswer });
    assert_eq!(shoes_of(&till.open().profile), Some(text("39")));
}

#[test]
fn an_answer_that_was_overtaken_changes_nothing() {
    let (mut till, attempt) = Till::visiting();
    let (first, second) = (change(&mut till, "39"), change(&mut till, "40"));
    accept(&mut till, attempt, second, "40", 9);
    accept(&mut till, attempt, first, "39", 8);
    assert_eq!((till.open().profile.revision, shoes_of(&till.open().profile)), (9, Some(text("40"))));
}

#[test]
fn undo_is_a_new_edit_with_the_old_value() {
    let (mut till, attempt) = Till::visiting();
    let edit = change(&mut till, "39");
    accept(&mut till, attempt, edit, "39", 8);
    till.take();
    till.input(Input::UndoEdit { edit });
    let undo = till.last_id();
    assert_ne!(undo, edit);
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
    assert!(
        matches!(&till.take()[0], Effect::SendEdit { edit, change, base: 8, .. } if *edit == undo && *change == shoes("38"))
    );
    assert_eq!(till.notice(), None);
}

#[test]
fn what_came_to_nothing_cannot_be_undone() {
    let (mut till, attempt) = Till::visiting();
    let edit = change(&mut till, "39");
    till.feed(Event::EditAnswered { attempt, edit, answer: Sent::NoAnswer });
    till.take();
    till.input(Input::UndoEdit { edit });
    till.input(Input::UndoEdit { edit: Uuid::from_u128(1) });
    assert!(till.take().is_empty());
}

#[test]
fn a_value_that_cannot_be_entered_is_not_taken() {
    let (mut till, _) = Till::visiting();
    let huge = PreferenceEdit { key: "top".to_owned(), ..shoes("enormous") };
    till.input(Input::ChangePreference(huge));
    assert!(till.take().is_empty());
    assert_eq!(till.notice(), Some(NoticeKind::PreferenceNotSaved));
    assert!(till.open().edits.is_empty());
}

#[test]
fn the_same_value_again_is_no_edit() {
    let (mut till, _) = Till::visiting();
    till.input(Input::ChangePreference(shoes("38")));
    assert!(till.take().is_empty());
    assert!(till.open().edits.is_empty());
}

#[test]
fn an_edit_of_a_remembered_customer_goes_to_the_disk_and_then_to_the_centre() {
    let (mut till, attempt) = Till::visiting_remembered();
    let edit = change(&mut till, "39");
    let effects = till.take();
    assert!(
        matches!(effects[..], [Effect::SaveEdit { by: By { why: Why::SignedIn, who: Some(_), .. }, .. }]),
        "{effects:?}"
    );
    saved(&mut till, attempt, edit, 1);
    assert_eq!(progress(&till, edit), EditProgress::Waiting);
    assert_eq!(till.state().queue.waiting, 1);
    assert!(matches!(till.take()[..], [Effect::SendNext { customer: KEPT }]));
}

#[test]
fn an_edit_while_the_copy_is_still_being_written_goes_to_the_disk_after_it() {
    let (mut till, attempt) = Till::matching(true);
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    let edit = change(&mut till, "39");
    assert_eq!(till.count(|effect| matches!(effect, Effect::SaveEdit { .. })), 1);
    till.feed(Event::Remembered { attempt, id: None });
    // The driver has sent it, since there is no copy.
    accept(&mut till, attempt, edit, "39", 8);
    assert_eq!(progress(&till, edit), EditProgress::Sent);
}

#[test]
fn on_a_full_disk_the_edit_is_not_saved_and_the_old_value_is_back() {
    let (mut till, attempt) = Till::visiting_remembered();
    let edit = change(&mut till, "39");
    till.feed(Event::EditSaved { attempt, edit, answer: Saved::Failed });
    assert_eq!(progress(&till, edit), EditProgress::NotSaved);
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
    assert_eq!(till.notice(), Some(NoticeKind::PreferenceNotSaved));
}

#[test]
fn what_is_saved_after_the_visit_is_sent_all_the_same() {
    let (mut till, attempt) = Till::visiting_remembered();
    let edit = change(&mut till, "39");
    till.input(Input::EndVisit);
    till.take();
    saved(&mut till, attempt, edit, 1);
    assert!(matches!(till.take()[..], [Effect::SendNext { customer: KEPT }]));
    assert!(till.state().notice.is_none());
}

#[test]
fn a_refused_edit_of_a_copy_is_read_again_from_the_vault() {
    let (mut till, attempt) = Till::copy_open(vec![queued(5, "39", noon())]);
    till.take();
    let edit = Some(Uuid::from_u128(5));
    let answer = Sent::Refused { status: 412, theirs: None };
    till.feed(Event::QueueAnswered { customer: KEPT, edit, answer, more: false, queue: None, jitter: 0.5 });
    assert_eq!(till.notice(), Some(NoticeKind::EditRefused));
    assert!(matches!(till.take()[..], [Effect::ReadCopy { id: KEPT, .. }, Effect::LoadProfile { .. }]));
    let read = super::till::copy(&till, Vec::new());
    till.feed(Event::CopyRead { attempt, copy: Some(Box::new(read)) });
    assert_eq!(shoes_of(&till.open().profile), Some(text("38")));
}

#[test]
fn nobody_edits_without_an_open_profile() {
    let (mut till, attempt) = Till::matching(true);
    till.profile_comes(attempt);
    till.take();
    till.input(Input::ChangePreference(shoes("39")));
    assert!(till.take().is_empty());
}

#[test]
fn an_edit_of_somebody_who_has_left_that_came_to_nothing_is_said() {
    let (mut till, attempt) = Till::visiting();
    let edit = change(&mut till, "39");
    till.input(Input::EndVisit);
    till.feed(Event::EditAnswered { attempt, edit, answer: Sent::NoAnswer });
    assert_eq!(till.notice(), Some(NoticeKind::EarlierEditNotSaved));
}

#[test]
fn a_refused_edit_shows_what_stands_there_now_and_can_be_let_go_of() {
    let (mut till, attempt) = Till::visiting_remembered();
    let edit = change(&mut till, "39");
    saved(&mut till, attempt, edit, 1);
    till.take();
    let refused = Queue { waiting: 0, refused: 1, oldest: Some(noon()), ..Queue::default() };
    till.feed(Event::QueueAnswered {
        customer: KEPT,
        edit: Some(edit),
        answer: Sent::Refused { status: 412, theirs: None },
        more: false,
        queue: Some(refused),
        jitter: 0.5,
    });
    assert_eq!(till.count(|effect| matches!(effect, Effect::LoadProfile { .. })), 1);
    till.loads(attempt, with_shoes("41", 9), page(&["a1"], None));
    assert_eq!(shoes_of(&till.open().profile), Some(text("41")));
    assert_eq!(till.open().origin, Origin::Live, "the customer is still here");

    till.take();
    till.input(Input::DropEdit { edit });
    assert!(till.open().edits.is_empty());
    let dropped = till.take();
    let [Effect::DropEdit { edit: gone, by, .. }] = dropped[..] else { panic!("{dropped:?}") };
    assert_eq!((gone, by.why, by.who.is_some()), (edit, Why::Unsent, true));
    till.feed(Event::EditDropped { edit, whose: Some(KEPT), queue: Some(Queue::default()) });
    assert_eq!(till.state().queue.refused, 0);
}

#[test]
fn a_document_that_was_read_before_an_edit_arrived_does_not_undo_it() {
    let (mut till, attempt) = Till::visiting_remembered();
    let edit = change(&mut till, "39");
    saved(&mut till, attempt, edit, 1);
    till.feed(Event::QueueAnswered {
        customer: KEPT,
        edit: Some(edit),
        answer: Sent::Accepted(Box::new(with_shoes("39", 8))),
        more: false,
        queue: None,
        jitter: 0.5,
    });
    till.take();
    till.profile_comes(attempt);
    assert_eq!((till.open().profile.revision, shoes_of(&till.open().profile)), (8, Some(text("39"))));
    let kept = till.take().into_iter().find_map(|effect| match effect {
        Effect::Remember { copy, .. } => Some(copy.profile.revision),
        _ => None,
    });
    assert_eq!(kept, Some(8));
}

#[test]
fn what_the_source_does_not_take_is_not_changed() {
    let (mut till, attempt) = Till::matching(false);
    let shoes_alone = Which::Only([("sizes".to_owned(), "shoes".to_owned())].into());
    till.feed(Event::Offers(Offers { edits: shoes_alone, ..Offers::everything() }));
    till.profile_comes(attempt);
    till.input(Input::ConfirmMatch);
    till.take();
    till.input(Input::ChangePreference(PreferenceEdit { key: "trousers".to_owned(), ..shoes("30") }));
    assert!(till.take().is_empty());
    assert!(till.open().edits.is_empty());
    till.input(Input::ChangePreference(shoes("39")));
    assert_eq!(till.open().edits.len(), 1);

    till.feed(Event::Offers(Offers { edits: Which::Only([].into()), ..Offers::everything() }));
    till.take();
    till.input(Input::ChangePreference(shoes("40")));
    assert_eq!(till.open().edits.len(), 1);
}
