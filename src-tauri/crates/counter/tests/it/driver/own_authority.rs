//! What a till may do for its store without anybody's sign-in.

use counter::{Input, state::Visit};

use super::{counter::Till, provider::Provider};
use crate::people::{shoes_of, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_customer_who_left_no_token_does_not_wait_for_them() {
    let (mut provider, till) = (Provider::start().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.ends_all_access();
    for size in ["39", "40"] {
        running.edit_offline(&mut provider, size).await;
        // The till's own token is not good any more either: another one is fetched.
        provider.ends_own_tokens();
        provider.on().await;
        running.until("an empty queue", |state| state.queue.waiting == 0).await;
        assert_eq!(shoes_of(&provider.profile()), Some(text(size)));
        running.end().await;
    }
    assert!(2 < provider.count("own token"), "{:?}", provider.log());
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_customer_whom_the_store_may_not_remember_waits_for_them() {
    let (mut provider, till) = (Provider::start().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.ends_all_access();
    provider.store_remembers(false);
    running.edit_offline(&mut provider, "39").await;
    provider.on().await;
    let state = running.until("a sign-in is needed", |state| !state.queue.need_sign_in.is_empty()).await;
    assert_eq!(state.queue.waiting, 1);
    assert_eq!(provider.count("edit of somebody else's customer"), 1);
    running.end().await;
    running.visit(&provider, true).await;
    running.until("an empty queue", |state| state.queue.waiting == 0).await;
    assert_eq!(shoes_of(&provider.profile()), Some(text("39")));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_who_left_no_token_takes_back_at_the_till_is_told_to_the_centre() {
    let (mut provider, till) = (Provider::start().await, Till::with_key());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    provider.ends_all_access();
    provider.off().await;
    running.open_copy().await;
    running.0.send(Input::ForgetCustomer);
    running.until("nobody open", |state| matches!(state.visit, Visit::Idle)).await;
    provider.ends_own_tokens();
    provider.on().await;
    provider.saw("withdrawal by the till").await;
    assert_eq!(provider.count("withdrawal"), 1, "{:?}", provider.log());
    running.0.stop().await;
}
