//! What becomes of tokens when the network fails.

use counter::state::{AccessLeft, Connection, Visit};

use super::{
    counter::Till,
    faults::{Fault, Place},
    provider::{Provider, Refreshes},
};
use crate::people::{shoes_of, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_whose_answer_is_lost_is_never_sent_again_and_a_new_sign_in_sends_what_waits() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.refreshes_are(Refreshes::Lost);
    running.edit_offline(&mut provider, "39").await;
    provider.on().await;
    provider.saw("refresh").await;
    provider.saw("revoke refresh-1").await;
    running.end().await;
    provider.refreshes_are(Refreshes::Answered);
    running.0.stop().await;

    let running = till.another_day(&provider).await;
    let id = running.open_copy().await;
    running.until("online", |state| state.connection == Connection::Online).await;
    assert_eq!(running.state().queue.waiting, 1, "the edit is still there");
    running.end().await;
    assert_eq!(provider.count("refresh"), 1, "the token may be used up");

    running.visit(&provider, true).await;
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("39")));
    assert_eq!(running.find("ame dur").await[0].id, id, "the copy has stayed");
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_refresh_is_sent_to_a_gateway_that_hears_nothing_from_the_provider() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.fails(Place::Discovery, Fault::Page(502));
    provider.refreshes_are(Refreshes::Lost);
    running.open_copy().await;
    running.change_shoes("39");
    running.until("a waiting edit", |state| state.queue.waiting == 1).await;
    running.until("offline", |state| matches!(state.connection, Connection::Offline { .. })).await;
    assert_eq!(provider.count("refresh"), 0, "the token would be given up");

    provider.refreshes_are(Refreshes::Answered);
    provider.is_well();
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("39")));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_a_busy_provider_turns_away_is_sent_again_with_the_same_token() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.refreshes_are(Refreshes::TurnedAway);
    running.open_copy().await;
    running.change_shoes("39");
    running.until("an edit that waits", |state| state.queue.waiting == 1).await;
    provider.saw("refresh").await;
    provider.refreshes_are(Refreshes::Answered);
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("39")));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_cannot_be_ended_now_is_ended_when_the_provider_answers_again() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.visit(&provider, false).await;
    provider.off().await;
    running.end().await;
    running
        .until("what is left", |state| {
            matches!(state.visit, Visit::Ended { left: Some(AccessLeft::Queued), .. })
                || state.notice.as_ref().is_some_and(|notice| {
                    notice.what == counter::state::NoticeKind::AccessLeft(AccessLeft::Queued)
                })
        })
        .await;
    assert_eq!(provider.good_tokens(), (1, 0));
    provider.on().await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.good_tokens(), (0, 0));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_could_not_be_ended_is_ended_on_another_day() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.visit(&provider, false).await;
    provider.off().await;
    running.0.stop().await;
    assert_eq!(provider.good_tokens(), (1, 0));

    provider.on().await;
    let running = till.another_day(&provider).await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.good_tokens(), (0, 0));
    running.0.stop().await;
}
