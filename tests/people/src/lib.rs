//! As many made-up customers as wanted: names of many cultures and scripts, surnames that many share and many that
//! nearly nobody has, e-mail addresses, phones, member numbers, preferences and consents. And what somebody at a till
//! types to find them.
//!
//! The nth customer of a seed is always the same, whoever came before. Must never be part of the product.

mod names;
mod numbers;
mod typing;

use chrono::{DateTime, TimeDelta, Utc};
use profile::{
    Author, Channel, ConsentAct, CustomerKey, Identity, IdentityProvider, Loyalty, Name, Preference,
    PreferenceValue, Preferences, Profile, Provenance, Purpose,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::names::Names;
pub use crate::{names::Error, typing::Typed};

/// The provider that knows all of them.
pub const ISSUER: &str = "https://id.example.com";

/// A source of customers.
#[derive(Debug)]
pub struct People {
    seed: u64,
    names: Names,
}

impl People {
    /// The customers of a seed.
    pub fn of(seed: u64) -> Result<People, Error> {
        Ok(People { seed, names: Names::load()? })
    }

    /// The nth customer.
    pub fn nth(&self, n: u64) -> Profile {
        let mut rng = self.rng(n);
        let born = self.names.draw(&mut rng);
        let since = moment(rng.random_range(0..2000));
        let email = rng.random_bool(0.85).then(|| numbers::email(&born, &mut rng));
        let phone = rng.random_bool(0.7).then(|| numbers::phone(born.locale, &mut rng));
        Profile {
            subject: format!("{:032x}", rng.random::<u128>()),
            revision: rng.random_range(1..50),
            name: Name {
                display: born.display,
                given: Some(born.given),
                family: born.family,
                order: born.order,
            },
            email_verified: email.is_some(),
            identities: identities(email.as_deref(), since, &mut rng),
            email,
            phone,
            locale: Some(born.locale.to_owned()),
            birthday: None,
            member_since: Some(since),
            loyalty: Some(Loyalty {
                number: numbers::member(n),
                tier: Some(pick(&["Sand", "Sage", "Navy"], &mut rng).to_owned()),
                points: Some(rng.random_range(0..5000)),
                next_tier_at: Some(5000),
            }),
            preferences: preferences(since, &mut rng),
            consents: consents(since, &mut rng),
        }
    }

    /// What is typed to find the nth customer, some of it with a mistake in it.
    pub fn typed_for(&self, n: u64) -> Typed {
        typing::typed(&self.nth(n), &mut self.rng(!n))
    }

    fn rng(&self, stream: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream);
        rng
    }
}

/// The key of a customer of [`People`].
pub fn key(profile: &Profile) -> CustomerKey {
    CustomerKey { issuer: ISSUER.to_owned(), subject: profile.subject.clone() }
}

fn identities(email: Option<&str>, since: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Vec<Identity> {
    let providers = [IdentityProvider::Password, IdentityProvider::Google, IdentityProvider::Passkey];
    let first = Identity {
        provider: pick(&providers, rng),
        label: email.map(str::to_owned),
        linked_at: Some(since),
        last_used_at: Some(since + TimeDelta::days(rng.random_range(0..300))),
    };
    let second = rng.random_bool(0.3).then_some(Identity {
        provider: IdentityProvider::Apple,
        label: None,
        linked_at: Some(since),
        last_used_at: None,
    });
    [Some(first), second].into_iter().flatten().collect()
}

fn preferences(since: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Preferences {
    let mut preferences = Preferences::new();
    let choices: [(&str, &str, &[&str]); 5] = [
        ("sizes", "top", &["XS", "S", "M", "L", "XL"]),
        ("sizes", "shoes", &["36", "38", "40", "42", "44"]),
        ("style", "fit", &["slim", "regular", "relaxed"]),
        ("contact", "channel", &["email", "sms", "phone", "post"]),
        ("contact", "language", &["en", "de", "fr", "ja", "ar"]),
    ];
    for (group, key, values) in choices {
        if rng.random_bool(0.8) {
            let provenance = Provenance {
                channel: pick(&[Channel::Web, Channel::App, Channel::Store], rng),
                at: since + TimeDelta::days(rng.random_range(0..300)),
                by: Author::Customer,
            };
            let value = PreferenceValue::Text(pick(values, rng).to_owned());
            let preference = Preference { value, provenance: Some(provenance) };
            preferences.entry(group.to_owned()).or_default().insert(key.to_owned(), preference);
        }
    }
    preferences
}

fn consents(since: DateTime<Utc>, rng: &mut ChaCha8Rng) -> Vec<ConsentAct> {
    let acts = [
        (Purpose::RememberAtStore, true, Some("Northquay")),
        (Purpose::EmailMarketing, rng.random_bool(0.5), None),
    ];
    let act = |(purpose, given, store): (Purpose, bool, Option<&str>)| ConsentAct {
        id: format!("{:016x}", rng.random::<u64>()),
        purpose,
        given,
        at: since,
        by: Author::Customer,
        channel: Channel::Web,
        wording: "2026-01".to_owned(),
        store: store.map(str::to_owned),
        store_name: None,
        till: None,
        scopes: None,
        until: None,
    };
    acts.into_iter().map(act).collect()
}

/// So many days after the first of January 2020.
fn moment(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(18_262 + days)
}

fn pick<T: Copy>(from: &[T], rng: &mut ChaCha8Rng) -> T {
    from[rng.random_range(0..from.len())]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_seed_others() {
        let (one, same, other) = (People::of(7).unwrap(), People::of(7).unwrap(), People::of(8).unwrap());
        assert!(one.nth(4711) == same.nth(4711));
        assert_eq!(one.typed_for(4711), same.typed_for(4711));
        assert!(one.nth(4711) != other.nth(4711));
    }

    #[test]
    fn ten_thousand_people_share_some_surnames_and_have_many() {
        let people = People::of(1).unwrap();
        let all: Vec<Profile> = (0..10_000).map(|n| people.nth(n)).collect();
        let distinct = |texts: Vec<&str>| texts.into_iter().collect::<HashSet<_>>().len();
        let surnames = distinct(all.iter().filter_map(|one| one.name.family.as_deref()).collect());
        assert!((1000..7000).contains(&surnames), "{surnames} surnames");
        let members = all.iter().filter_map(|one| Some(one.loyalty.as_ref()?.number.as_str())).collect();
        assert_eq!(distinct(members), all.len());
        for range in ['а'..='я', 'α'..='ω', 'ا'..='ي', 'א'..='ת', '一'..='龥', '가'..='힣'] {
            let of_script = all.iter().filter(|one| one.name.display.chars().any(|c| range.contains(&c)));
            assert!(of_script.count() > 50, "{range:?}");
        }
    }
}
