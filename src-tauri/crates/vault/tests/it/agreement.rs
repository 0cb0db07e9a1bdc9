//! What a customer leaves here is what they agreed to: in the copy, in the index, and at each later refresh.

use profile::{Author, Channel, ConsentAct, Profile, Purpose, Remember, RememberScope};
use uuid::Uuid;
use vault::{Arriving, AuditCheck, Error, QueuedWithdrawal, Refreshed, Vault};

use crate::support::{BY, Till, amelie, arriving, at, bought, edit, in_days, key, person};

const STORE: &str = "northquay";

fn agreed<const N: usize>(scopes: [RememberScope; N]) -> Remember {
    Remember { until: in_days(30), scopes: scopes.into_iter().collect(), act: Some("first".to_owned()) }
}

fn act(id: &str, given: bool, second: i64) -> ConsentAct {
    ConsentAct {
        id: id.to_owned(),
        purpose: Purpose::RememberAtStore,
        given,
        at: at(second),
        by: Author::Customer,
        channel: Channel::Store,
        wording: "phone-remember-2.en".to_owned(),
        store: Some(STORE.to_owned()),
        store_name: None,
        till: None,
        scopes: None,
        until: None,
    }
}

async fn kept(vault: &Vault, remember: Remember) -> Uuid {
    vault
        .remember(&key("amelie"), &amelie(), &[bought("Rain coat")], Some("page-2"), remember, at(0))
        .await
        .unwrap()
}

async fn finds(vault: &Vault, query: &str) -> bool {
    !vault.search(query, 5, at(0)).await.unwrap().rows.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_and_its_index_have_the_parts_that_were_agreed_to_and_the_name() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed([RememberScope::Preferences])).await;
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!(copy.remember, agreed([RememberScope::Preferences]));
    assert_eq!((copy.profile.email, copy.profile.phone, copy.profile.loyalty), (None, None, None));
    assert_eq!((copy.activity.len(), copy.older), (0, None));
    assert_eq!(copy.profile.preferences, amelie().preferences);
    assert!(finds(&vault, "amelie").await);
    for query in ["amelie.durand@example.com", "33612345678", "0612345678", "MRM-4711"] {
        assert!(!finds(&vault, query).await, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_centre_tells_later_adds_nothing_that_was_not_agreed_to() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed([RememberScope::Loyalty])).await;
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let fresh = Profile { revision: 9, ..amelie() };
    assert_eq!(vault.mark_sent(queued.id, &fresh, at(2)).await.unwrap(), Refreshed::Kept);
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.revision, copy.copied_at), (9, at(2)));
    assert_eq!((copy.profile.email, copy.profile.preferences.len()), (None, 0));
    assert!(!finds(&vault, "example.com").await && finds(&vault, "MRM-4711").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_less_than_before_leaves_no_more_of_a_newer_copy_either() {
    let till = Till::new();
    let vault = till.open().await;
    kept(&vault, agreed(RememberScope::ALL)).await;
    let older = Profile { revision: 3, ..amelie() };
    let id = vault
        .remember(&key("amelie"), &older, &[], None, agreed([RememberScope::Contact]), at(5))
        .await
        .unwrap();
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.profile.revision, copy.profile.email), (7, amelie().email));
    assert_eq!((copy.profile.loyalty, copy.profile.preferences.len(), copy.activity.len()), (None, 0, 0));
    assert!(!finds(&vault, "MRM-4711").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_newest_act_is_taken_over_with_the_profile() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed(RememberScope::ALL)).await;
    let queued = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let again = ConsentAct {
        scopes: Some([RememberScope::Contact].into_iter().collect()),
        until: Some(in_days(90)),
        ..act("again", true, 9)
    };
    let fresh = Profile { revision: 9, consents: vec![act("first", true, 1), again], ..amelie() };
    vault.mark_sent(queued.id, &fresh, at(10)).await.unwrap();
    let copy = vault.open_customer(id).await.unwrap().unwrap();
    assert_eq!((copy.remember.until, copy.remember.act.as_deref()), (in_days(90), Some("again")));
    assert_eq!((copy.profile.loyalty, copy.activity.len(), copy.older), (None, 0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_in_the_log_removes_the_copy_and_keeps_what_was_not_sent() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed(RememberScope::ALL)).await;
    let sent = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.edit_preference(id, &edit("top", "M"), Uuid::new_v4(), BY, at(2)).await.unwrap();
    let log = vec![act("first", true, 1), act("no", false, 9)];
    let fresh = Profile { revision: 9, consents: log, ..amelie() };
    assert_eq!(vault.mark_sent(sent.id, &fresh, at(10)).await.unwrap(), Refreshed::Withdrawn);
    assert!(vault.open_customer(id).await.unwrap().is_none());
    assert!(!finds(&vault, "amelie").await);
    assert_eq!(vault.queue().await.unwrap().waiting, 1);
    assert!(matches!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 3, .. }));
    let again = vault.remember(&key("amelie"), &fresh, &[], None, agreed(RememberScope::ALL), at(11)).await;
    assert!(matches!(again, Err(Error::Expired)), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_lacks_the_act_is_no_withdrawal() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed(RememberScope::ALL)).await;
    let sent = vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    let fresh = Profile { revision: 9, ..amelie() };
    assert_eq!(vault.mark_sent(sent.id, &fresh, at(10)).await.unwrap(), Refreshed::Kept);
    assert_eq!(vault.open_customer(id).await.unwrap().unwrap().remember, agreed(RememberScope::ALL));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_many_others_leaves_no_more_than_they_agreed_to() {
    let till = Till::new();
    let vault = till.open().await;
    let with = |revision, scopes: &[RememberScope]| Arriving {
        remember: Remember { scopes: scopes.iter().copied().collect(), ..in_days(30).into() },
        ..arriving(Profile { revision, ..amelie() })
    };
    vault.remember_many(vec![with(7, &[RememberScope::Loyalty])], at(0)).await.unwrap();
    assert!(finds(&vault, "MRM-4711").await && !finds(&vault, "example.com").await);
    for (revision, scopes, email) in [
        (7, &RememberScope::ALL[..], true),
        (3, &[RememberScope::Preferences][..], false),
        (8, &[RememberScope::Contact][..], true),
    ] {
        vault.remember_many(vec![with(revision, scopes)], at(1)).await.unwrap();
        let id = vault.find(&key("amelie")).await.unwrap().unwrap();
        let copy = vault.open_customer(id).await.unwrap().unwrap();
        assert_eq!(
            (copy.profile.email.is_some(), finds(&vault, "example.com").await),
            (email, email),
            "{scopes:?}"
        );
        assert_eq!(copy.profile.revision, revision.max(7));
    }
    let log = vec![act("first", true, 1), act("no", false, 9)];
    let gone = Arriving {
        profile: Profile { consents: log, ..person("gone", "Gone") },
        remember: agreed(RememberScope::ALL),
        ..arriving(person("gone", "Gone"))
    };
    vault.remember_many(vec![gone], at(2)).await.unwrap();
    assert!(!finds(&vault, "Gone").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_here_is_gone_at_once_and_waits_for_the_centre_over_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed(RememberScope::ALL)).await;
    vault.edit_preference(id, &edit("shoes", "39"), Uuid::new_v4(), BY, at(1)).await.unwrap();
    vault.set_refresh_token(id, &"token".to_owned().into()).await.unwrap();
    let act = Uuid::new_v4();
    vault.take_back(id, act, Some(Uuid::new_v4()), at(2)).await.unwrap();
    assert!(matches!(vault.take_back(id, Uuid::new_v4(), None, at(3)).await, Err(Error::NotRemembered)));
    assert!(vault.open_customer(id).await.unwrap().is_none() && !finds(&vault, "amelie").await);
    vault.close().await;

    let vault = till.open().await;
    let waits = QueuedWithdrawal {
        id: act,
        customer_id: id,
        customer: key("amelie"),
        act: Some("first".to_owned()),
        at: at(2),
    };
    assert_eq!(vault.withdrawal_of(id).await.unwrap(), Some(waits));
    assert_eq!(vault.customers_with_withdrawals().await.unwrap(), [id]);
    vault.purge_expired(in_days(99)).await.unwrap();
    assert!(vault.refresh_token(id).await.unwrap().is_some(), "it is sent with that");
    assert!(vault.withdrawal_is_over(act).await.unwrap());
    assert!(vault.refresh_token(id).await.unwrap().is_none());
    assert_eq!(vault.withdrawal_of(id).await.unwrap(), None);
    assert_eq!(vault.queue().await.unwrap().waiting, 1, "their wishes are not forgotten with them");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_agrees_anew_before_the_centre_heard_of_it_stays() {
    let till = Till::new();
    let vault = till.open().await;
    let id = kept(&vault, agreed(RememberScope::ALL)).await;
    let act = Uuid::new_v4();
    vault.take_back(id, act, None, at(2)).await.unwrap();
    assert_eq!(kept(&vault, agreed([RememberScope::Contact])).await, id);
    vault.set_refresh_token(id, &"fresh".to_owned().into()).await.unwrap();
    assert!(!vault.withdrawal_is_over(act).await.unwrap());
    assert!(vault.open_customer(id).await.unwrap().is_some());
    assert!(vault.refresh_token(id).await.unwrap().is_some());
}
