//! Finding people by what they say at a counter.

use profile::{Name, Profile};
use vault::Vault;

use crate::support::{Till, amelie, at, in_days, key, person, remember};

async fn found(vault: &Vault, query: &str) -> Vec<String> {
    vault.search(query, 20, at(0)).await.unwrap().into_iter().map(|row| row.name.display).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_many_scripts_are_found_by_what_is_typed_for_them() {
    let till = Till::new();
    let vault = till.open().await;
    let names = [
        "Amélie Durand",
        "Søren Kierkegård",
        "Łukasz Żółć",
        "Jürgen Großmann",
        "Seán O'Brien-Walsh",
        "İpek Işık",
        "山田 花子",
        "田中さくら",
        "김민준",
        "欧阳修",
        "أحمد مُصطفى",
        "שלום כהן",
        "Γιώργος Παπαδόπουλος",
        "Дмитрий Щёголев",
        "अनिल शर्मा",
        "Nguyễn Thị Ánh",
        "สมชาย ใจดี",
    ];
    for (n, name) in names.iter().enumerate() {
        remember(&vault, &person(&n.to_string(), name)).await;
    }
    for (query, name) in [
        ("amelie", "Amélie Durand"),
        ("AMÉLIE D", "Amélie Durand"),
        ("dur ame", "Amélie Durand"),
        ("soren", "Søren Kierkegård"),
        ("soeren kierkegaard", "Søren Kierkegård"),
        ("lukasz zolc", "Łukasz Żółć"),
        ("grossm", "Jürgen Großmann"),
        ("juergen", "Jürgen Großmann"),
        ("jurgen", "Jürgen Großmann"),
        ("obrien", "Seán O'Brien-Walsh"),
        ("o'brien", "Seán O'Brien-Walsh"),
        ("o’brien w", "Seán O'Brien-Walsh"),
        ("walsh sean", "Seán O'Brien-Walsh"),
        ("ipek isik", "İpek Işık"),
        ("花", "山田 花子"),
        ("田", "田中さくら"),
        ("山田花子", "山田 花子"),
        ("田中", "田中さくら"),
        ("サクラ", "田中さくら"),
        ("민", "김민준"),
        ("김민준", "김민준"),
        ("阳", "欧阳修"),
        ("احمد", "أحمد مُصطفى"),
        ("مصطفی", "أحمد مُصطفى"),
        ("כהן", "שלום כהן"),
        ("שלומ", "שלום כהן"),
        ("γιωργος", "Γιώργος Παπαδόπουλος"),
        ("ПАПА", ""),
        ("щеголев", "Дмитрий Щёголев"),
        ("शर्मा", "अनिल शर्मा"),
        ("nguyen anh", "Nguyễn Thị Ánh"),
        ("ใจ", "สมชาย ใจดี"),
    ] {
        let hits = found(&vault, query).await;
        assert_eq!(hits.contains(&name.to_owned()), !name.is_empty(), "{query} found {hits:?}");
    }
    assert_eq!(found(&vault, "田").await.len(), 2);
    assert!(found(&vault, "花田").await.is_empty(), "characters are found in their order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_found_by_mail_phone_and_member_number() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &amelie()).await;
    remember(&vault, &person("other", "Bruno")).await;
    for query in [
        "amelie.durand@example.com",
        "amelie.dur",
        "durand@ex",
        "+33612345678",
        "+33 6 12 34",
        "0033612345678",
        "06 12 34 56 78",
        "0612",
        "612345",
        "06-12.34",
        "MRM-4711-0815",
        "mrm4711",
        "47110815",
        "4711 0815",
        "durand 0612",
        "0612 durand",
        "٠٦١٢",
    ] {
        assert_eq!(found(&vault, query).await, ["Amélie Durand"], "{query}");
    }
    for query in ["9999", "durand 9999", "bruno durand"] {
        assert!(found(&vault, query).await.is_empty(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_breaks_a_search() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &amelie()).await;
    for query in [
        "\"",
        "*",
        "a*",
        "name:amelie",
        "amelie OR bruno",
        "NEAR(a b)",
        "NOT",
        "^",
        "{",
        "a\"b",
        "\0",
        "%",
        "-x",
        "🛍️",
    ] {
        vault.search(query, 20, at(0)).await.unwrap();
    }
    assert!(found(&vault, "").await.is_empty());
    assert!(found(&vault, "   ").await.is_empty());
    assert!(found(&vault, "amelie OR bruno").await.is_empty(), "OR is a word like any other");
    assert!(found(&vault, &"a ".repeat(10_000)).await.len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_here_last_comes_first_and_the_list_is_capped() {
    let till = Till::new();
    let vault = till.open().await;
    for n in 0..10 {
        let profile = person(&n.to_string(), &format!("Ana {n}"));
        vault.remember(&key(&n.to_string()), &profile, &[], None, in_days(1), at(n)).await.unwrap();
    }
    let third = vault.find(&key("3")).await.unwrap().unwrap();
    vault.seen(third, at(100)).await.unwrap();
    let hits: Vec<_> =
        vault.search("ana", 3, at(0)).await.unwrap().into_iter().map(|row| row.name.display).collect();
    assert_eq!(hits, ["Ana 3", "Ana 9", "Ana 8"]);
    let recent: Vec<_> =
        vault.recent(2, at(0)).await.unwrap().into_iter().map(|row| row.name.display).collect();
    assert_eq!(recent, ["Ana 3", "Ana 9"]);
    assert_eq!(vault.count(at(0)).await.unwrap(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_name_is_found_and_the_old_one_no_longer() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &amelie()).await;
    let married = Profile {
        name: Name { display: "Amélie Morel".to_owned(), ..amelie().name },
        email: None,
        ..amelie()
    };
    remember(&vault, &married).await;
    assert_eq!(found(&vault, "morel").await.len(), 1);
    assert!(found(&vault, "durand").await.is_empty());
}
