//! PINs.

use chrono::TimeDelta;
use uuid::Uuid;
use vault::{Error, KnownAssociate, Provided, SignedInAssociate, Unlock};

use crate::support::{Till, at, key, pin};

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_pins_block_for_thirty_seconds_then_twice_as_long_also_over_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let kim = vault.add_associate("Kim", &pin("4711"), at(0)).await.unwrap();
    let known = KnownAssociate { id: kim, name: "Kim".to_owned(), provided: None };
    assert_eq!(vault.associates().await.unwrap(), [known]);
    assert_eq!(vault.unlock(kim, &pin("4711"), at(0)).await.unwrap(), Unlock::Opened);

    for _ in 0..4 {
        assert_eq!(vault.unlock(kim, &pin("0000"), at(1)).await.unwrap(), Unlock::Wrong);
    }
    let blocked = Unlock::Blocked { until: at(31) };
    assert_eq!(vault.unlock(kim, &pin("0000"), at(1)).await.unwrap(), blocked);
    vault.close().await;

    let vault = till.open().await;
    assert_eq!(
        vault.unlock(kim, &pin("4711"), at(30)).await.unwrap(),
        blocked,
        "the right PIN is not looked at"
    );
    assert_eq!(vault.unlock(kim, &pin("0000"), at(31)).await.unwrap(), Unlock::Blocked { until: at(91) });
    assert_eq!(vault.unlock(kim, &pin("4711"), at(91)).await.unwrap(), Unlock::Opened);
    assert_eq!(
        vault.unlock(kim, &pin("0000"), at(92)).await.unwrap(),
        Unlock::Wrong,
        "counting starts again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_guesses_are_counted_like_others() {
    let till = Till::new();
    let vault = till.open().await;
    let kim = vault.add_associate("Kim", &pin("4711"), at(0)).await.unwrap();
    let guesses = (0..12).map(|guess| {
        let vault = vault.clone();
        tokio::spawn(async move { vault.unlock(kim, &pin(&format!("000{guess}")), at(0)).await.unwrap() })
    });
    let mut wrong = 0;
    for guess in guesses.collect::<Vec<_>>() {
        wrong += usize::from(guess.await.unwrap() == Unlock::Wrong);
    }
    assert_eq!(wrong, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_four_to_twelve_digits_and_nobody_is_nobody() {
    let till = Till::new();
    let vault = till.open().await;
    for bad in ["", "123", "1234567890123", "12a4", "١٢٣٤"] {
        assert!(matches!(vault.add_associate("Kim", &pin(bad), at(0)).await, Err(Error::PinFormat)), "{bad}");
    }
    assert_eq!(vault.unlock(Uuid::new_v4(), &pin("4711"), at(0)).await.unwrap(), Unlock::Wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_turned_back_blocks_nobody_for_days() {
    let till = Till::new();
    let vault = till.open().await;
    let kim = vault.add_associate("Kim", &pin("4711"), at(0)).await.unwrap();
    for _ in 0..5 {
        vault.unlock(kim, &pin("0000"), at(0) + TimeDelta::days(3)).await.unwrap();
    }
    assert_eq!(vault.unlock(kim, &pin("4711"), at(0)).await.unwrap(), Unlock::Opened);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_says_of_an_associate_is_kept_and_their_pin_is_theirs() {
    let till = Till::new();
    let vault = till.open().await;
    let robin = |name: &str, role: &str| SignedInAssociate {
        key: key("robin"),
        name: name.to_owned(),
        role: role.to_owned(),
    };
    assert_eq!(
        vault.associate_signed_in(&robin("Robin", "associate"), at(0)).await.unwrap(),
        None,
        "no PIN yet"
    );
    assert!(vault.associates().await.unwrap().is_empty());
    let id = vault.set_pin(&robin("Robin", "associate"), &pin("4711"), at(1)).await.unwrap();
    let known = async || vault.associates().await.unwrap();
    let said = |name: &str, role: &str, at| {
        let provided = Some(Provided { role: role.to_owned(), signed_in_at: at });
        [KnownAssociate { id, name: name.to_owned(), provided }]
    };
    assert_eq!(known().await, said("Robin", "associate", Some(at(1))));
    for _ in 0..5 {
        vault.unlock(id, &pin("0000"), at(2)).await.unwrap();
    }
    assert!(matches!(vault.unlock(id, &pin("4711"), at(2)).await.unwrap(), Unlock::Blocked { .. }));

    let promoted = robin("Robin Ash", "manager");
    assert_eq!(vault.associate_signed_in(&promoted, at(3)).await.unwrap(), Some(id));
    assert_eq!(known().await, said("Robin Ash", "manager", Some(at(3))));
    assert_eq!(
        vault.unlock(id, &pin("4711"), at(4)).await.unwrap(),
        Unlock::Opened,
        "the provider knows better"
    );
    vault.shift_is_over(id).await.unwrap();
    assert_eq!(known().await, said("Robin Ash", "manager", None));
    assert_eq!(
        vault.set_pin(&promoted, &pin("1234"), at(5)).await.unwrap(),
        id,
        "another PIN, the same person"
    );
    assert_eq!(vault.unlock(id, &pin("4711"), at(6)).await.unwrap(), Unlock::Wrong);
    assert_eq!(vault.unlock(id, &pin("1234"), at(6)).await.unwrap(), Unlock::Opened);
    assert_eq!(id, promoted.id(), "the same at every till");
    let namesake = SignedInAssociate { key: key("another robin"), ..promoted.clone() };
    assert_ne!(id, namesake.id());
    assert!(!format!("{promoted:?}").contains("Robin"));
}
