//! What every generated customer must be, whatever the seed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Datelike, Duration, Utc};
use profile::{
    ActivityKind, Author, Channel, IdentityProvider, NameOrder, PreferenceEdit, Purpose, catalogue,
};

use super::{
    EMAIL,
    customers::{DemoCustomer, customers, member_number},
    data::Data,
};

fn now() -> DateTime<Utc> {
    "2026-03-02T10:00:00.25Z".parse().unwrap()
}

fn some(seed: u64, n: u32) -> Vec<DemoCustomer> {
    customers(seed, n, now()).unwrap().collect()
}

/// Those of several seeds: what holds for them is no luck of one.
fn many() -> Vec<DemoCustomer> {
    [1, 2, 77].into_iter().flat_map(|seed| some(seed, 150)).collect()
}

#[test]
fn the_same_seed_gives_the_same_customers_and_another_seed_gives_others() {
    assert!(some(1, 40) == some(1, 40));
    let names =
        |seed| some(seed, 40).into_iter().skip(1).map(|it| it.profile.name.display).collect::<Vec<_>>();
    assert_ne!(names(1), names(2));
    let subjects: HashSet<_> =
        [1, 2].into_iter().flat_map(|seed| some(seed, 40)).map(|it| it.profile.subject).collect();
    assert_eq!(subjects.len(), 80);
}

#[test]
fn the_first_ten_of_many_are_the_first_ten_of_ten() {
    assert!(some(5, 10)[..] == some(5, 120)[..10]);
}

#[test]
fn dates_move_with_the_clock_and_nothing_else_does() {
    let later = now() + Duration::days(3);
    for (a, b) in some(1, 30).iter().zip(customers(1, 30, later).unwrap()) {
        assert_eq!(a.profile.subject, b.profile.subject);
        assert_eq!(a.profile.email, b.profile.email);
        assert_eq!(a.profile.member_since.map(|since| since + Duration::days(3)), b.profile.member_since);
    }
}

#[test]
fn amelie_durand_comes_first_and_has_something_in_every_corner_of_the_screen() {
    for seed in [1, 2, 77] {
        let first = some(seed, 1).remove(0);
        assert_eq!(first.profile.name.display, "Amélie Durand");
        assert_eq!(first.profile.email.as_deref(), Some(EMAIL));
        assert!(first.activity.len() >= 90, "{}", first.activity.len());
        assert!(first.activity[0].at > now() - Duration::days(2), "something happened lately");
        let newest: HashSet<_> = first.activity.iter().take(9).map(|it| it.channel).collect();
        assert_eq!(newest.len(), 4, "the newest are of all channels");
        let groups: Vec<_> = first.profile.preferences.keys().map(String::as_str).collect();
        assert_eq!(groups, ["care", "contact", "sizes", "style"]);
        assert!(first.profile.loyalty.is_some_and(|loyalty| loyalty.points > Some(0)));
        assert!(first.profile.consents.iter().all(|act| act.purpose != Purpose::Personalisation));
    }
}

#[test]
fn names_are_of_many_scripts_and_in_the_order_of_their_culture() {
    let scripts: [(&str, char, char); 15] = [
        ("Latin with accents", '\u{c0}', '\u{17f}'),
        ("Vietnamese", '\u{1ea0}', '\u{1ef9}'),
        ("Greek", '\u{386}', '\u{3ce}'),
        ("Cyrillic", '\u{401}', '\u{491}'),
        ("Armenian", '\u{531}', '\u{586}'),
        ("Hebrew", '\u{5d0}', '\u{5ea}'),
        ("Arabic", '\u{621}', '\u{6cc}'),
        ("Devanagari", '\u{904}', '\u{939}'),
        ("Bengali", '\u{985}', '\u{9b9}'),
        ("Tamil", '\u{b85}', '\u{bb9}'),
        ("Thai", '\u{e01}', '\u{e2e}'),
        ("Georgian", '\u{10d0}', '\u{10f0}'),
        ("Ethiopic", '\u{1200}', '\u{135a}'),
        ("Kana", '\u{3041}', '\u{30fa}'),
        ("Hangul", '\u{ac00}', '\u{d7a3}'),
    ];
    // A demo of the usual size has them all.
    let names: Vec<_> = some(1, 200).into_iter().map(|it| it.profile.name).collect();
    for (script, from, to) in scripts {
        assert!(names.iter().any(|name| name.display.contains(|c| (from..=to).contains(&c))), "{script}");
    }
    assert!(
        names.iter().any(|name| name.display.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))),
        "Han"
    );
    for name in names {
        let given = name.given.unwrap();
        match (name.family, name.order) {
            (None, _) => assert_eq!(name.display, given),
            (Some(family), NameOrder::GivenFirst) => {
                assert!(
                    name.display.starts_with(&given) && name.display.ends_with(&family),
                    "{}",
                    name.display
                );
            }
            (Some(family), NameOrder::FamilyFirst) => {
                assert!(
                    name.display.starts_with(&family) && name.display.ends_with(&given),
                    "{}",
                    name.display
                );
            }
        }
    }
}

#[test]
fn nothing_happens_in_the_future_or_before_the_customer_joined() {
    for DemoCustomer { profile, activity } in many() {
        let since = profile.member_since.unwrap();
        let known = since..=now();
        assert!(since < now() - Duration::days(30));
        assert!(activity.iter().all(|done| known.contains(&done.at)), "activity of {}", profile.subject);
        assert!(activity.is_sorted_by(|newer, older| newer.at >= older.at));
        assert!(
            profile.consents.iter().all(|act| known.contains(&act.at)),
            "consents of {}",
            profile.subject
        );
        for identity in &profile.identities {
            let linked_at = identity.linked_at.unwrap();
            assert!(known.contains(&linked_at));
            assert!(identity.last_used_at.is_none_or(|at| (linked_at..=now()).contains(&at)));
        }
        let preferences = profile.preferences.values().flat_map(BTreeMap::values);
        assert!(
            preferences
                .filter_map(|it| it.provenance.as_ref())
                .all(|provenance| known.contains(&provenance.at))
        );
    }
}

#[test]
fn customers_are_grown_up_and_no_older_than_people_get() {
    let ages: Vec<_> = many()
        .iter()
        .filter_map(|it| it.profile.birthday)
        .map(|day| now().date_naive().years_since(day))
        .collect();
    assert!(ages.len() > 100);
    assert!(ages.iter().all(|age| age.is_some_and(|age| (17..90).contains(&age))), "{ages:?}");
}

#[test]
fn consent_is_a_log_in_which_nothing_is_withdrawn_that_was_not_given() {
    let mut withdrawn = 0;
    for DemoCustomer { profile, .. } in many() {
        assert!(profile.consents.is_sorted_by_key(|act| act.at));
        let mut given = BTreeSet::new();
        for act in &profile.consents {
            assert_eq!(act.by, Author::Customer);
            assert_eq!(act.store.is_some(), act.channel == Channel::Store);
            assert!(act.wording.starts_with(&act.at.year().to_string()));
            if act.given {
                assert!(given.insert(act.purpose));
            } else {
                assert!(given.remove(&act.purpose));
                withdrawn += 1;
            }
        }
        assert!(!given.contains(&Purpose::RememberAtStore), "only a yes at a counter gives that");
    }
    assert!(withdrawn > 10);
}

#[test]
fn every_preference_is_one_that_a_till_could_have_entered() {
    let mut seen = BTreeSet::new();
    for DemoCustomer { profile, .. } in many() {
        for (group, keys) in profile.preferences {
            for (key, preference) in keys {
                seen.insert((group.clone(), key.clone()));
                let edit = PreferenceEdit { group: group.clone(), key, value: Some(preference.value) };
                assert_eq!(catalogue::validate(&edit), Ok(()), "{edit:?}");
                let provenance = preference.provenance.unwrap();
                if provenance.by == Author::Associate {
                    assert_eq!(provenance.channel, Channel::Store);
                }
            }
        }
    }
    assert_eq!(seen.len(), catalogue::catalogue().len(), "{seen:?}");
}

#[test]
fn linked_accounts_are_of_all_kinds_and_each_customer_has_a_kind_once() {
    let mut kinds = BTreeSet::new();
    for DemoCustomer { profile, .. } in many() {
        let its: BTreeSet<_> = profile.identities.iter().map(|identity| identity.provider).collect();
        assert_eq!(its.len(), profile.identities.len());
        assert!(its.contains(&IdentityProvider::Password));
        kinds.extend(its);
    }
    for kind in [
        IdentityProvider::Google,
        IdentityProvider::Facebook,
        IdentityProvider::Apple,
        IdentityProvider::Passkey,
        IdentityProvider::Phone,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

#[test]
fn years_of_activity_go_over_all_channels_and_what_comes_back_was_bought_before() {
    let (mut channels, mut years, mut returns) = (HashSet::new(), BTreeSet::new(), 0);
    for DemoCustomer { activity, .. } in many() {
        let mut bought: BTreeMap<_, i64> = BTreeMap::new();
        for done in activity.iter().rev() {
            channels.insert(done.channel);
            years.insert(done.at.year());
            assert_eq!(done.store.is_some(), done.channel == Channel::Store);
            assert!(!done.title.is_empty() && !done.title.contains(['{', '}']), "{}", done.title);
            let minor = done.amount.as_ref().map(|amount| amount.minor);
            match done.kind {
                ActivityKind::Purchase => {
                    assert!(minor.is_some_and(|minor| minor > 0));
                    bought.insert((done.title.clone(), minor), 1);
                }
                ActivityKind::Return => {
                    returns += 1;
                    assert!(
                        bought.contains_key(&(done.title.clone(), minor.map(|minor| -minor))),
                        "{}",
                        done.title
                    );
                }
                _ => assert_eq!(minor, None),
            }
        }
    }
    assert_eq!(channels.len(), 4);
    assert!(years.len() >= 6, "{years:?}");
    assert!(returns > 10);
}

#[test]
fn addresses_numbers_and_identifiers_are_nobody_elses_and_can_reach_nobody() {
    let all = some(1, 1500);
    let unique = |values: Vec<String>, what: &str| {
        assert_eq!(values.iter().collect::<HashSet<_>>().len(), values.len(), "{what}");
        values
    };
    let emails = unique(all.iter().filter_map(|it| it.profile.email.clone()).collect(), "addresses");
    assert_eq!(emails.len(), all.len());
    for email in emails {
        let (local, domain) = email.split_once('@').unwrap();
        assert!(["example.com", "example.net", "example.org"].contains(&domain), "{email}");
        assert!(local.len() > 1 && local.len() <= 64 && !local.starts_with(['.', '_']), "{email}");
        assert!(local.bytes().all(|c| c.is_ascii_alphanumeric() || b"._".contains(&c)), "{email}");
    }
    let phones = unique(all.iter().filter_map(|it| it.profile.phone.clone()).collect(), "phones");
    assert!(phones.len() > 900);
    for phone in phones {
        assert!(
            (11..=14).contains(&phone.len()) && phone[1..].bytes().all(|c| c.is_ascii_digit()),
            "{phone}"
        );
    }
    unique(all.iter().map(|it| it.profile.subject.clone()).collect(), "subjects");
    unique(all.iter().filter_map(|it| Some(it.profile.loyalty.as_ref()?.number.clone())).collect(), "cards");
    unique(all.iter().flat_map(|it| it.profile.consents.iter().map(|act| act.id.clone())).collect(), "acts");
    for customer in &all[..200] {
        unique(customer.activity.iter().map(|done| done.id.clone()).collect(), "activities");
    }
}

#[test]
fn a_card_number_has_the_check_digit_that_scanners_want() {
    for index in 0..200 {
        let number = member_number(index);
        let sum: u32 = number
            .bytes()
            .zip([1, 3].into_iter().cycle())
            .map(|(c, weight)| u32::from(c - b'0') * weight)
            .sum();
        assert_eq!((number.len(), sum % 10), (13, 0), "{number}");
    }
}

#[test]
fn the_numbers_that_belong_to_nobody_are_each_given_out_once_until_none_is_left() {
    let data = Data::load().unwrap();
    let all: Vec<_> = (0..).map_while(|nth| data.phone(nth)).collect();
    let size: u32 = data.ranges.iter().map(super::data::PhoneRange::size).sum();
    assert_eq!(all.len(), size as usize);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}

#[test]
fn the_files_of_the_demo_fit_together() {
    let data = Data::load().unwrap();
    let brands: Vec<_> = data.retailer.brands.iter().map(|brand| brand.id.as_str()).collect();
    assert_eq!(brands, ["marram", "voltage"]);
    let stores: Vec<_> = data.retailer.stores.iter().map(|store| store.id.as_str()).collect();
    assert_eq!(stores, ["northquay", "oldtown", "arcade"]);
    assert!(data.retailer.tills.iter().all(|till| stores.contains(&till.store.as_str())));
    assert!(data.retailer.stores.iter().all(|store| brands.contains(&store.brand.as_str())));
    for brand in brands {
        assert!(
            data.articles.iter().filter(|article| article.brand == brand && article.season.is_none()).count()
                > 2
        );
    }
    for culture in &data.cultures {
        let spellings = culture.given.iter().chain(&culture.family);
        assert!(!culture.given.is_empty() && culture.cards > 0);
        for spelling in spellings {
            assert!(!spelling.written.is_empty() && !spelling.latin.is_empty(), "{}", spelling.written);
        }
    }
}
