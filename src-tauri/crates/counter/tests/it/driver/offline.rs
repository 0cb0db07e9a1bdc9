//! The centre goes away and comes back.

use counter::{
    Input,
    state::{Connection, EditProgress, Failure, NoticeKind, Origin, Visit},
};

use super::{counter::Till, provider::Provider};
use crate::people::{shoes_of, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_made_offline_survives_the_program_and_is_sent_once() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.off().await;
    running.0.stop().await;

    let running = till.another_day(&provider).await;
    running.open_copy().await;
    running.change_shoes("39");
    let state = running
        .until_open("a waiting edit", |open| {
            open.edits.iter().any(|edit| edit.progress == EditProgress::Waiting)
        })
        .await;
    assert_eq!(state.queue.waiting, 1);
    running.0.stop().await;

    let running = till.another_day(&provider).await;
    running.open_copy().await;
    let state = running.state();
    let Visit::Open(open) = &state.visit else { panic!() };
    assert_eq!(shoes_of(&open.profile), Some(text("39")));
    assert!(matches!(open.origin, Origin::Copy { .. }));
    running.until("offline", |state| matches!(state.connection, Connection::Offline { .. })).await;
    provider.on().await;
    let state =
        running.until("an empty queue", |state| state.queue.waiting == 0 && state.notice.is_some()).await;
    assert_eq!(state.notice.as_ref().unwrap().what, NoticeKind::QueueSent { count: 1 });
    assert_eq!(provider.count("edit \"39\""), 1);
    assert_eq!(provider.profile().revision, 8);
    running
        .until_open("sent", |open| open.edits.iter().all(|edit| edit.progress == EditProgress::Sent))
        .await;
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_one_preference_arrive_in_the_order_they_were_made() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.off().await;
    running.open_copy().await;
    for size in ["39", "40", "41"] {
        running.change_shoes(size);
    }
    running.until("three edits", |state| state.queue.waiting == 3).await;
    provider.on().await;
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    let edits: Vec<_> = provider.log().into_iter().filter(|entry| entry.starts_with("edit")).collect();
    assert_eq!(edits, ["edit \"39\"", "edit \"40\"", "edit \"41\""]);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_a_question_that_can_be_answered_offline_and_the_answer_arrives_once() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    running.edit_offline(&mut provider, "41").await;
    running.end().await;
    provider.shoes_elsewhere("42");
    provider.on().await;
    running.until("a question", |state| state.queue.refused == 1).await;
    provider.off().await;

    let list = running.0.unsent().await.unwrap();
    let [asked] = &list.edits[..] else { panic!("{list:?}") };
    assert!(asked.is_conflict());
    let theirs = asked.theirs.as_ref().unwrap().preference.as_ref().unwrap();
    assert_eq!(theirs.value, text("42"));
    assert_eq!(theirs.provenance.as_ref().unwrap().channel, profile::Channel::Web);
    running.0.send(Input::MendEdit { edit: asked.id, value: Some(text("41")), seen: Some(text("42")) });
    running.until("an answer", |state| state.queue.waiting == 1 && state.queue.refused == 0).await;

    provider.on().await;
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("41")));
    assert_eq!((provider.count("conflict \"41\""), provider.count("edit \"41\"")), (1, 1));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_the_other_value_has_an_empty_queue_and_a_copy_with_it() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    running.edit_offline(&mut provider, "41").await;
    provider.shoes_elsewhere("42");
    provider.on().await;
    running.until("a question", |state| state.queue.refused == 1).await;
    let edit = running.0.unsent().await.unwrap().edits[0].id;
    running.0.send(Input::DropEdit { edit });
    running.until("nothing left", |state| state.queue.refused == 0).await;
    running
        .until_open("the other value", |open| {
            open.edits.is_empty() && shoes_of(&open.profile) == Some(text("42"))
        })
        .await;
    assert_eq!(provider.count("edit \"41\""), 0);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refresh_serves_all_that_needs_a_token_and_the_rotated_token_is_kept() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    for (round, size) in ["39", "40", "41"].into_iter().enumerate() {
        provider.off().await;
        running.until("rest", |state| matches!(state.visit, Visit::Idle)).await;
        running.open_copy().await;
        running.change_shoes(size);
        running.until("a waiting edit", |state| state.queue.waiting == 1).await;
        provider.on().await;
        running.until("an empty queue", |state| state.queue.waiting == 0).await;
        running
            .until_open("a fresh copy", |open| open.profile.revision == 8 + u64::try_from(round).unwrap())
            .await;
        running.end().await;
        provider.saw(&format!("revoke access-{}", round + 2)).await;
        assert_eq!(provider.count("refresh"), round + 1);
    }
    assert_eq!(provider.good_tokens(), (0, 1));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_waits_for_a_new_sign_in_when_the_refresh_token_is_dead() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.ends_all_access();
    running.edit_offline(&mut provider, "39").await;
    provider.on().await;
    provider.saw("refresh").await;
    running.end().await;
    assert_eq!(running.state().queue.waiting, 1);

    running.visit(&provider, true).await;
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("39")));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_a_centre_says_so_and_works_when_it_is_back() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    provider.off().await;
    let running = till.first_day(&provider).await;
    running.0.send(Input::SignIn);
    running.until("unreachable", |state| matches!(state.visit, Visit::Failed(Failure::Unreachable))).await;
    running.until("offline", |state| matches!(state.connection, Connection::Offline { .. })).await;
    provider.on().await;
    running.until("online", |state| state.connection == Connection::Online).await;
    running.visit(&provider, false).await;
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_goes_away_while_the_code_is_shown_and_comes_back_is_asked_again() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.0.send(Input::SignIn);
    provider.saw("poll").await;
    provider.off().await;
    running.until("offline", |state| matches!(state.connection, Connection::Offline { .. })).await;
    assert!(matches!(running.state().visit, Visit::AwaitingScan(_)));
    provider.on().await;
    provider.phone(super::provider::Phone::Yes { remember: false });
    running.until("a match", |state| matches!(state.visit, Visit::AwaitingMatch(_))).await;
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_just_this_visit_is_not_saved_without_a_centre() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.visit(&provider, false).await;
    provider.off().await;
    running.change_shoes("39");
    let state = running
        .until_open("not saved", |open| open.edits.iter().any(|edit| edit.progress == EditProgress::NotSaved))
        .await;
    let Visit::Open(open) = &state.visit else { panic!() };
    assert_eq!(shoes_of(&open.profile), Some(text("38")));
    assert_eq!(state.notice.as_ref().unwrap().what, NoticeKind::PreferenceNotSaved);
    running.0.stop().await;
}
