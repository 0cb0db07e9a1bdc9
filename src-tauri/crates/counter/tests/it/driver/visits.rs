//! Sign-ins and their ends.

use counter::{
    Input,
    state::{Connection, EditProgress, Ending, Failure, Origin, Staff, Visit},
};

use super::{
    counter::Till,
    provider::{Phone, Provider},
};
use crate::people::{shoes_of, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_signs_in_is_remembered_and_leaves() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.match_shown(&provider, true).await;
    let state = running.state();
    let Visit::AwaitingMatch(found) = &state.visit else { panic!() };
    assert_eq!((found.masked_name.as_str(), found.check.as_deref()), ("A••• D•••", Some("K7")));
    assert_eq!(provider.count("visit"), 0, "before the associate's tap");

    running.0.send(Input::ConfirmMatch);
    running
        .until_open("live and remembered", |open| open.origin == Origin::Live && open.remember.is_some())
        .await;
    running.until("in the list", |state| state.recent.len() == 1).await;
    provider.saw("visit").await;
    running.change_shoes("39");
    let sent = |open: &counter::state::OpenProfile| {
        open.edits.iter().all(|edit| edit.progress == EditProgress::Sent)
    };
    running.until_open("the edit at the centre", |open| open.edits.len() == 1 && sent(open)).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("39")));

    running.end().await;
    provider.saw("end of visit-1: done").await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.good_tokens(), (0, 1), "the refresh token stays for later");
    running.until("rest", |state| matches!(state.visit, Visit::Idle)).await;
    assert_eq!(running.state().connection, Connection::Online);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn just_this_visit_leaves_nobody_behind() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.visit(&provider, false).await;
    running.change_shoes("40");
    running
        .until_open("sent", |open| open.edits.iter().any(|edit| edit.progress == EditProgress::Sent))
        .await;
    running.change_shoes("41");
    running
        .until_open("sent again", |open| {
            open.edits.len() == 2 && open.edits[1].progress == EditProgress::Sent
        })
        .await;
    running.end().await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.good_tokens(), (0, 0));
    assert!(running.find("amelie").await.is_empty());
    assert!(running.state().recent.is_empty());
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_that_comes_after_the_end_is_revoked_and_never_shown() {
    for ending in [Input::Cancel, Input::Lock] {
        let (provider, till) = (Provider::start().await, Till::new());
        let running = till.first_day(&provider).await;
        running.0.send(Input::SignIn);
        provider.saw("poll").await;
        running.0.send(ending);
        running.until("the end", |state| matches!(state.visit, Visit::Ended { .. })).await;
        provider.phone(Phone::Yes { remember: true });
        provider.saw("revoke access-1").await;
        provider.saw("revoke refresh-1").await;
        assert_eq!(provider.good_tokens(), (0, 0));
        assert_eq!(provider.count("poll"), 1, "none after the end");
        assert!(matches!(running.state().visit, Visit::Ended { .. } | Visit::Idle));
        running.0.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_on_the_phone_is_a_no_at_the_till() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.0.send(Input::SignIn);
    running.until("a code", |state| matches!(state.visit, Visit::AwaitingScan(_))).await;
    provider.phone(Phone::No);
    running.until("denied", |state| matches!(state.visit, Visit::Failed(Failure::Denied))).await;
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_match_revokes_everything() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.match_shown(&provider, true).await;
    running.0.send(Input::RefuseMatch);
    running.until("the end", |state| matches!(state.visit, Visit::Ended { how: Ending::Refused, .. })).await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.good_tokens(), (0, 0));
    assert_eq!(provider.count("visit"), 0);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_program_ends_the_visit() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.visit(&provider, false).await;
    provider.saw("visit").await;
    running.0.stop().await;
    assert_eq!(provider.count("end of visit-1: locked"), 1);
    assert_eq!(provider.good_tokens(), (0, 0));
    assert!(matches!(running.state().staff, Staff::Locked { .. }));
}
