//! Keyrings that are there, are not, or come late.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use counter::{
    Input, SearchError, State,
    state::{HandedOver, Memory, NoticeKind, Staff},
};
use profile::PreferenceEdit;
use secrecy::SecretString;
use vault::{Keyring, KeyringError, keyring::SecretStore};

use super::{counter::Till, provider::Provider};
use crate::people::text;

/// A keyring that somebody must start first.
#[derive(Default)]
struct Late {
    started: AtomicBool,
    entries: Mutex<HashMap<String, SecretString>>,
}

impl Late {
    fn is_there(&self) -> Result<(), KeyringError> {
        if self.started.load(Ordering::SeqCst) { Ok(()) } else { Err(KeyringError::Missing) }
    }
}

impl SecretStore for Late {
    fn get(&self, account: &str, _: &AtomicBool) -> Result<Option<SecretString>, KeyringError> {
        self.is_there()?;
        Ok(self.entries.lock().unwrap().get(account).cloned())
    }
    fn set(&self, account: &str, secret: &SecretString, _: &AtomicBool) -> Result<(), KeyringError> {
        self.is_there()?;
        self.entries.lock().unwrap().insert(account.to_owned(), secret.clone());
        Ok(())
    }
    fn delete(&self, account: &str, _: &AtomicBool) -> Result<(), KeyringError> {
        self.is_there()?;
        self.entries.lock().unwrap().remove(account);
        Ok(())
    }
}

fn late() -> (Arc<Late>, Till) {
    let keyring = Arc::new(Late::default());
    let till = Till::with(Keyring::over(Arc::clone(&keyring) as Arc<dyn SecretStore>, "test"));
    (keyring, till)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_the_till_works_and_remembers_nobody() {
    let (provider, (_, till)) = (Provider::start().await, late());
    let running = till.first_day(&provider).await;
    assert_eq!(running.state().memory, Memory::NoKeyring);
    running.match_shown(&provider, true).await;
    running.0.send(Input::ConfirmMatch);
    running
        .until("said so", |state| {
            state.notice.as_ref().is_some_and(|notice| notice.what == NoticeKind::NotRemembered)
        })
        .await;
    running.end().await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.good_tokens(), (0, 0));
    assert_eq!(running.0.search("amelie").await.unwrap_err(), SearchError::NoMemory);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_comes_late_opens_the_memory_which_takes_the_associate_in() {
    let (provider, (keyring, till)) = (Provider::start().await, late());
    let running = till.first_day(&provider).await;
    keyring.started.store(true, Ordering::SeqCst);
    running.0.send(Input::RetryMemory);
    running.until("a memory", |state| state.memory == Memory::Ready).await;
    running.remembered_visit(&provider).await;
    running.0.send(Input::Lock);
    running.unlock().await;
    running.0.stop().await;

    let running = till.another_day(&provider).await;
    assert_eq!(running.find("durand").await.len(), 1);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_searches_a_locked_till() {
    let (provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.remembered_visit(&provider).await;
    let found = running.0.search("amelie").await.unwrap();
    assert_eq!((found.rows.len(), found.searched.here), (1, 1));
    running.0.send(Input::Lock);
    running.until("locked", |state| matches!(state.staff, Staff::Locked { .. })).await;
    assert_eq!(running.0.search("amelie").await.unwrap_err(), SearchError::Locked);
    assert!(running.state().recent.is_empty());
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_that_has_lost_its_key_hands_over_what_waited_and_says_so() {
    let (mut provider, till) = (Provider::start().await, Till::new());
    let running = till.first_day(&provider).await;
    running.visit(&provider, true).await;
    provider.saw("sealing key").await;
    running.end().await;
    provider.saw("revoke access-1").await;
    running.edit_offline(&mut provider, "40").await;
    running.0.send(Input::ChangePreference(PreferenceEdit { value: Some(text("9")), ..hat() }));
    running.until("two edits", |state| state.queue.waiting == 2).await;
    running.change_shoes("41");
    running.until("three edits", |state| state.queue.waiting == 3).await;
    running.0.stop().await;

    till.keyring.delete("database-key").await.unwrap();
    provider.on().await;
    let running = till.start(&provider);
    running.until("no key", |state| state.memory == Memory::WrongKey).await;
    running.0.send(Input::AddAssociate { name: "Robin".to_owned(), pin: super::counter::pin() });
    running.until("unlocked", |state| matches!(state.staff, Staff::Unlocked(_))).await;
    running.0.send(Input::StartAnew);
    let handed = |state: &State| {
        state.notice.as_ref().is_some_and(|notice| {
            notice.what == NoticeKind::HandedOver(HandedOver { taken: 1, kept: 1, unread: 1 })
        })
    };
    running.until("a word of what was handed over", handed).await;
    let opened = provider.opened();
    assert_eq!(opened.len(), 3);
    assert!(opened.iter().all(|edit| edit.grant == "a-grant"));
    running.0.stop().await;

    let running = till.start(&provider);
    running.until("an open memory", |state| state.memory == Memory::Ready).await;
    running.0.stop().await;
    assert_eq!(provider.count("sealed edits"), 1, "each is handed over once");
}

fn hat() -> PreferenceEdit {
    PreferenceEdit { group: "sizes".to_owned(), key: "hat".to_owned(), value: None }
}
