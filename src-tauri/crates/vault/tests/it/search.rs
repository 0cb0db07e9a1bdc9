//! Finding people by what they say at a counter.

use people::People;
use profile::{Loyalty, Name, Profile};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vault::{Arriving, Unsent, Vault};

use crate::support::{Till, amelie, arriving, at, in_days, key, person, remember};

async fn found(vault: &Vault, query: &str) -> Vec<String> {
    vault.search(query, 20, at(0)).await.unwrap().rows.into_iter().map(|row| row.name.display).collect()
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
        vault.search("ana", 3, at(0)).await.unwrap().rows.into_iter().map(|row| row.name.display).collect();
    assert_eq!(hits, ["Ana 3", "Ana 9", "Ana 8"]);
    let recent: Vec<_> =
        vault.recent(2, at(0)).await.unwrap().into_iter().map(|row| row.name.display).collect();
    assert_eq!(recent, ["Ana 3", "Ana 9"]);
    assert_eq!(vault.count().await.unwrap(), 10);
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

#[tokio::test(flavor = "multi_thread")]
async fn one_typing_mistake_is_forgiven_where_nobody_fits() {
    let till = Till::new();
    let vault = till.open().await;
    for name in ["Amélie Durand", "Dora Durant", "Γιώργος Παπαδόπουλος", "أحمد مُصطفى", "Jan Oak", "Bo Li"]
    {
        remember(&vault, &person(name, name)).await;
    }
    for (query, name) in [
        ("amleie", "Amélie Durand"),
        ("amelei dur", "Amélie Durand"),
        ("durand amlie", "Amélie Durand"),
        ("xamelie", "Amélie Durand"),
        ("duean", "Amélie Durand"),
        ("Παπαδοπολος", "Γιώργος Παπαδόπουλος"),
        ("مصطفي احمذ", "أحمد مُصطفى"),
    ] {
        let found = vault.search(query, 20, at(0)).await.unwrap();
        assert!(found.with_mistake, "{query}");
        assert!(found.rows.iter().any(|row| row.name.display == name), "{query}");
    }
    let right = vault.search("durand", 20, at(0)).await.unwrap();
    assert_eq!(
        (right.rows.len(), right.with_mistake),
        (1, false),
        "who fits is not mixed with who nearly does"
    );
    for query in ["amxlyi", "ame durand bruno", "oka", "bx", "amelia bruno"] {
        assert!(found(&vault, query).await.is_empty(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_is_another_person() {
    let till = Till::new();
    let vault = till.open().await;
    remember(&vault, &amelie()).await;
    for query in ["0612345679", "MRM-4711-0816", "47110816"] {
        assert!(found(&vault, query).await.is_empty(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_or_address_that_is_there_in_full_comes_first() {
    let till = Till::new();
    let vault = till.open().await;
    let member = |subject: &str, number: &str| Profile {
        loyalty: Some(Loyalty { number: number.to_owned(), tier: None, points: None, next_tier_at: None }),
        email: Some(format!("{number}@example.com")),
        ..person(subject, subject)
    };
    remember(&vault, &member("Exact", "4711")).await;
    for n in 0..30 {
        remember(&vault, &member(&format!("Longer {n}"), &format!("4711{n}"))).await;
    }
    for query in ["4711", "4711@example.com"] {
        assert_eq!(found(&vault, query).await.first().map(String::as_str), Some("Exact"), "{query}");
    }
    assert_eq!(found(&vault, "4711").await.len(), 20);
    for code in [
        "https://marram.example/m/4711?till=1",
        r#"{"member":"4711","v":2}"#,
        "HTTPS://MARRAM.EXAMPLE/CARD/4711",
    ] {
        assert_eq!(found(&vault, code).await, ["Exact"], "{code}");
    }
    for code in ["https://marram.example/", "https://marram.example/m/99999999", r#"{"member":"9999"}"#] {
        assert!(found(&vault, code).await.is_empty(), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_here_yesterday_comes_before_ten_thousand_others_of_the_name() {
    let till = Till::new();
    let vault = till.open().await;
    let yesterday = remember(&vault, &person("regular", "Maria Regular")).await;
    let many = (0..10_000).map(|n| arriving(person(&n.to_string(), &format!("Maria {n}")))).collect();
    vault.remember_many(many, at(10)).await.unwrap();
    for query in ["m", "mar", "maria"] {
        assert_eq!(found(&vault, query).await.first().map(String::as_str), Some("Maria Regular"), "{query}");
    }
    let never = vault.search("maria 77", 1, at(20)).await.unwrap().rows.remove(0);
    assert_eq!(never.last_seen, None);
    vault.seen(never.id, at(20)).await.unwrap();
    let rows = vault.search("maria", 2, at(20)).await.unwrap().rows;
    assert_eq!([rows[0].id, rows[1].id], [never.id, yesterday]);
    assert_eq!(rows[0].last_seen, Some(at(20)));
    let recent: Vec<_> = vault.recent(9, at(20)).await.unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(recent, [never.id, yesterday], "who was never here is not among the recent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_any_more_is_not_guessed() {
    let till = Till::new();
    let vault = till.open().await;
    let first = remember(&vault, &amelie()).await;
    let second = remember(&vault, &person("other", "Bruno Durand")).await;
    vault.forget(first, Unsent::Refuse, at(1)).await.unwrap();
    assert_eq!(found(&vault, "duradn").await, ["Bruno Durand"]);
    vault.forget(second, Unsent::Refuse, at(1)).await.unwrap();
    assert!(found(&vault, "duradn").await.is_empty());
}

/// A word of more than three letters, of a script with words; a letter that is written as two would be two mistakes.
fn may_be_mistaken(word: &str) -> bool {
    let is_one = |letter: char| letter.is_alphabetic() && letter < '\u{2E80}' && !"ßæœþÆŒÞ".contains(letter);
    3 < word.chars().count() && word.chars().all(is_one)
}

/// A vault of made-up people.
async fn crowd(till: &Till, people: &People, many: u64) -> Vault {
    let vault = till.open().await;
    let arriving = (0..many).map(|n| people.nth(n)).map(|profile| Arriving {
        customer: people::key(&profile),
        profile,
        remember: in_days(30).into(),
    });
    vault.remember_many(arriving.collect(), at(0)).await.unwrap();
    vault
}

#[tokio::test(flavor = "multi_thread")]
async fn every_beginning_of_every_word_of_a_name_finds_its_customer() {
    let (till, people) = (Till::new(), People::of(17).unwrap());
    let vault = crowd(&till, &people, 200).await;
    for n in 0..200 {
        let profile = people.nth(n);
        let id = vault.find(&people::key(&profile)).await.unwrap().unwrap();
        for word in profile.name.display.split_whitespace() {
            for (end, letter) in word.char_indices().filter(|(_, letter)| letter.is_alphanumeric()) {
                let typed = &word[..end + letter.len_utf8()];
                let found = vault.search(typed, 200, at(0)).await.unwrap();
                assert!(found.rows.iter().any(|row| row.id == id), "{typed} of {word}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mistake_in_any_longer_word_finds_its_customer_where_nobody_else_fits() {
    let (till, people) = (Till::new(), People::of(18).unwrap());
    let vault = crowd(&till, &people, 300).await;
    let mut rng = ChaCha8Rng::seed_from_u64(18);
    let mut forgiven = 0;
    for n in 0..300 {
        let profile = people.nth(n);
        let id = vault.find(&people::key(&profile)).await.unwrap().unwrap();
        for word in profile.name.display.split_whitespace().filter(|word| may_be_mistaken(word)) {
            let mut typed: Vec<char> = word.chars().collect();
            let at_letter = rng.random_range(0..typed.len());
            match rng.random_range(0..4) {
                0 => drop(typed.remove(at_letter)),
                1 => typed.insert(at_letter, typed[0]),
                2 => typed[at_letter] = typed[0],
                _ => typed.swap(at_letter, (at_letter + 1).min(word.chars().count() - 1)),
            }
            let typed: String = typed.into_iter().collect();
            let found = vault.search(&typed, 300, at(0)).await.unwrap();
            if found.with_mistake || found.rows.is_empty() {
                assert!(found.rows.iter().any(|row| row.id == id), "{typed} for {word}");
                forgiven += 1;
            }
        }
    }
    assert!(forgiven > 100, "only {forgiven} were mistakes");
}
