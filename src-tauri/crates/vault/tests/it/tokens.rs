//! Refresh tokens, doubtful ones, and tokens that are still to be ended.

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;
use vault::{Error, Refreshed, Revocable, Unsent};

use crate::support::{BY, Till, amelie, at, edit, in_days, person, remember};

fn token(text: &str) -> SecretString {
    text.to_owned().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_are_in_the_keyring_and_go_with_their_customer() {
    let till = Till::new();
    let vault = till.open().await;
    let (kept, gone) = (remember(&vault, &person("b", "Bruno")).await, remember(&vault, &amelie()).await);
    for id in [kept, gone] {
        vault.set_refresh_token(id, &"refresh-token-value".to_owned().into()).await.unwrap();
        assert!(vault.refresh_token(id).await.unwrap().is_some());
    }
    vault.forget(gone, Unsent::Refuse, at(1)).await.unwrap();
    assert!(vault.refresh_token(gone).await.unwrap().is_none());
    assert!(vault.refresh_token(kept).await.unwrap().is_some());
    vault.purge_expired(in_days(30)).await.unwrap();
    assert!(vault.refresh_token(kept).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outlives_the_date_of_its_customer_only_for_the_edits_that_wait() {
    let till = Till::new();
    let vault = till.open().await;
    for ending in ["sent", "refused", "dropped"] {
        let id = remember(&vault, &amelie()).await;
        vault.set_refresh_token(id, &token("refresh-token-value")).await.unwrap();
        let edits = [
            vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap().id,
            vault.edit_preference(id, &edit("shirt", "M"), Uuid::new_v4(), BY, at(1)).await.unwrap().id,
        ];
        assert_eq!(vault.purge_expired(in_days(31)).await.unwrap(), 1);
        for edit in edits {
            assert!(vault.refresh_token(id).await.unwrap().is_some(), "{ending}: an edit still waits for it");
            match ending {
                "sent" => assert_eq!(vault.mark_sent(edit, &amelie(), at(2)).await.unwrap(), Refreshed::Kept),
                "refused" => vault.mark_refused(edit, 422, None).await.unwrap(),
                _ => drop(vault.drop_edit(edit, BY, at(9)).await.unwrap()),
            }
        }
        assert!(vault.refresh_token(id).await.unwrap().is_none(), "{ending}: nothing waits for it any more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_forgotten_leaves_no_token_whatever_waits() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.set_refresh_token(id, &token("refresh-token-value")).await.unwrap();
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    assert_eq!(vault.forget(id, Unsent::Keep, at(2)).await.unwrap(), 1);
    assert!(vault.refresh_token(id).await.unwrap().is_none());
    assert_eq!(vault.queue().await.unwrap().waiting, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_was_sent_and_not_answered_is_doubted_also_after_a_power_cut() {
    let till = Till::new();
    let vault = till.open().await;
    let id = remember(&vault, &amelie()).await;
    vault.set_refresh_token(id, &token("first")).await.unwrap();
    assert!(vault.begin_refresh(id, at(1)).await.unwrap());
    vault.close().await;

    let vault = till.open().await;
    assert!(!vault.begin_refresh(id, at(2)).await.unwrap(), "the token would be used a second time");
    vault.set_refresh_token(id, &token("second")).await.unwrap();
    assert!(vault.begin_refresh(id, at(3)).await.unwrap(), "a fresh token is in no doubt");
    vault.refresh_is_over(id).await.unwrap();
    assert!(vault.begin_refresh(id, at(4)).await.unwrap());
    vault.delete_refresh_token(id).await.unwrap();
    assert!(vault.begin_refresh(id, at(5)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_still_to_be_ended_outlive_the_program() {
    let till = Till::new();
    let vault = till.open().await;
    for (number, refresh_token) in [Some("refresh-token-to-end"), None].into_iter().enumerate() {
        let tokens = Revocable {
            refresh_token: refresh_token.map(token),
            access_token: Some(token("access-token-to-end")),
        };
        vault.queue_revocation(&tokens, at(i64::try_from(number).unwrap())).await.unwrap();
    }
    vault.close().await;

    let vault = till.open().await;
    let queued = vault.queued_revocations().await.unwrap();
    let [first, second] = queued[..] else { panic!("{queued:?}") };
    let tokens = vault.revocable(first).await.unwrap().unwrap();
    assert_eq!(tokens.refresh_token.unwrap().expose_secret(), "refresh-token-to-end");
    assert_eq!(tokens.access_token.unwrap().expose_secret(), "access-token-to-end");
    assert!(vault.revocable(second).await.unwrap().unwrap().refresh_token.is_none());
    for id in queued {
        vault.revocation_is_over(id).await.unwrap();
        assert!(vault.revocable(id).await.unwrap().is_none());
    }
    assert!(vault.queued_revocations().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_tokens_wait_than_can_be_ended() {
    let till = Till::new();
    let vault = till.open().await;
    let tokens = Revocable { refresh_token: Some(token("one of many")), access_token: None };
    for _ in 0..500 {
        vault.queue_revocation(&tokens, at(0)).await.unwrap();
    }
    let answer = vault.queue_revocation(&tokens, at(0)).await;
    assert!(matches!(answer, Err(Error::TooManyRevocations)));
}
