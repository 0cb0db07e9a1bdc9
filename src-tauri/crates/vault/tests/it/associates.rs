//! PINs.

use chrono::TimeDelta;
use uuid::Uuid;
use vault::{Error, Unlock};

use crate::support::{Till, at, pin};

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_pins_block_for_thirty_seconds_then_twice_as_long_also_over_a_restart() {
    let till = Till::new();
    let vault = till.open().await;
    let kim = vault.add_associate("Kim", &pin("4711"), at(0)).await.unwrap();
    assert_eq!(vault.associates().await.unwrap(), [(kim, "Kim".to_owned())]);
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
