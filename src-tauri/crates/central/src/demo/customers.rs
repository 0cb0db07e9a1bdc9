//! Who the demo customers are: any number of them, the same for the same seed, each drawn when it is asked for.
//!
//! Every customer has a random stream of their own, so that the first ten of a thousand are the first ten of ten.

use chrono::{DateTime, Datelike, Duration, NaiveDate, SubsecRound, Utc};
use profile::{
    Activity, ActivityKind, Author, Channel, ConsentAct, Identity, IdentityProvider, Loyalty, Name,
    NameOrder, Preference, PreferenceValue, Preferences, Profile, Provenance, Purpose,
};
use rand::{Rng, RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    amelie,
    data::{Culture, Data, Spelling},
    history::History,
    id_at, pick, uuid,
};

/// A customer with all that they did.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DemoCustomer {
    /// The profile document.
    pub(super) profile: Profile,
    /// Newest first.
    pub(super) activity: Vec<Activity>,
}

/// `n` customers, the same for the same seed and time. The first is always Amélie Durand.
pub(super) fn customers(
    seed: u64,
    n: u32,
    now: DateTime<Utc>,
) -> Result<impl Iterator<Item = DemoCustomer>, toml::de::Error> {
    let mut generator =
        Generator { data: Data::load()?, seed, now: now.trunc_subsecs(0), deck: Vec::new(), phones: 0 };
    Ok((0..n).map(move |index| generator.customer(index)))
}

/// Tiers of the loyalty programme, and the points that each asks for.
const TIERS: [(&str, i64); 3] = [("Shore", 0), ("Tide", 500), ("Deep", 1500)];
const PURPOSES: [Purpose; 4] =
    [Purpose::EmailMarketing, Purpose::SmsMarketing, Purpose::Personalisation, Purpose::AdNetworks];

/// Where the random streams of histories and of decks begin; those of customers begin at 0.
const HISTORIES: u64 = 1 << 32;
const DECKS: u64 = 2 << 32;

struct Generator {
    data: Data,
    seed: u64,
    now: DateTime<Utc>,
    /// Indexes of cultures still to be dealt.
    deck: Vec<usize>,
    /// How many phone numbers were given out.
    phones: u32,
}

impl Generator {
    fn customer(&mut self, index: u32) -> DemoCustomer {
        let rng = &mut self.stream(u64::from(index));
        // Seasons change how much a history draws: with a stream of its own it changes nothing but itself.
        let history_rng = &mut self.stream(HISTORIES + u64::from(index));
        if index == 0 {
            return amelie::customer(&self.data, rng, history_rng, self.now);
        }
        let culture = self.deal(index);
        let phone = if rng.random_bool(0.7) { self.phone() } else { None };
        let culture = &self.data.cultures[culture];
        let (name, latin) = name(rng, culture);
        let email = email(rng, &latin, index);
        let since = self.now - Duration::seconds(rng.random_range(60 * 86_400..7 * 365 * 86_400));
        let favourite = if rng.random_bool(0.6) { "marram" } else { "voltage" };
        let wanted = match rng.random_range(0..100) {
            0..25 => rng.random_range(1..8),
            25..80 => rng.random_range(8..50),
            _ => rng.random_range(50..130),
        };
        let activity =
            History { data: &self.data, since, now: self.now, favourite }.draw(history_rng, wanted);
        let drawn = Drawn { data: &self.data, since, now: self.now };
        let profile = Profile {
            subject: uuid(rng),
            revision: 1,
            email_verified: rng.random_bool(0.9),
            identities: drawn.identities(rng, &name, &email, phone.as_deref()),
            phone,
            locale: Some(if rng.random_bool(0.75) { culture.locale.clone() } else { "en-GB".to_owned() }),
            birthday: rng.random_bool(0.6).then(|| birthday(rng, self.now)).flatten(),
            member_since: Some(since),
            loyalty: rng.random_bool(0.8).then(|| loyalty(index, &activity, self.now)),
            preferences: drawn.preferences(rng, &culture.locale),
            consents: drawn.consents(rng),
            name,
            email: Some(email),
        };
        DemoCustomer { profile, activity }
    }

    fn stream(&self, stream: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream);
        rng
    }

    /// The culture of a customer, from a deck that is shuffled anew when it is empty: so all of them come up early.
    fn deal(&mut self, index: u32) -> usize {
        if self.deck.is_empty() {
            let mut rng = self.stream(DECKS + u64::from(index));
            for (at, culture) in self.data.cultures.iter().enumerate() {
                self.deck.extend((0..culture.cards).map(|_| at));
            }
            self.deck.shuffle(&mut rng);
        }
        self.deck.pop().unwrap_or_default()
    }

    /// A number that no customer has yet; none once the ranges that belong to nobody are used up.
    fn phone(&mut self) -> Option<String> {
        loop {
            let number = self.data.phone(self.phones)?;
            self.phones += 1;
            if number != amelie::PHONE {
                return Some(number);
            }
        }
    }
}

/// The parts of a profile that hang on its dates.
pub(super) struct Drawn<'a> {
    pub(super) data: &'a Data,
    pub(super) since: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

impl Drawn<'_> {
    /// A time between joining and now.
    pub(super) fn time(&self, rng: &mut ChaCha8Rng) -> DateTime<Utc> {
        self.since + Duration::seconds(rng.random_range(0..(self.now - self.since).num_seconds().max(1)))
    }

    fn identities(
        &self,
        rng: &mut ChaCha8Rng,
        name: &Name,
        email: &str,
        phone: Option<&str>,
    ) -> Vec<Identity> {
        let mut linked = vec![self.identity(rng, IdentityProvider::Password, email.to_owned(), self.since)];
        if rng.random_bool(0.45) {
            let at = self.time(rng);
            linked.push(self.identity(rng, IdentityProvider::Google, email.to_owned(), at));
        }
        if rng.random_bool(0.3) {
            let at = self.time(rng);
            linked.push(self.identity(rng, IdentityProvider::Facebook, name.display.clone(), at));
        }
        if rng.random_bool(0.3) {
            let relay = format!("{:08x}@relay.example.net", rng.next_u32());
            let at = self.time(rng);
            linked.push(self.identity(rng, IdentityProvider::Apple, relay, at));
        }
        if rng.random_bool(0.2) {
            let device = *pick(rng, &["iPhone", "Android phone", "Windows laptop", "Security key"]);
            let at = self.time(rng);
            linked.push(self.identity(rng, IdentityProvider::Passkey, device.to_owned(), at));
        }
        if let Some(phone) = phone.filter(|_| rng.random_bool(0.4)) {
            let label = masked_phone(phone);
            let at = self.time(rng);
            linked.push(self.identity(rng, IdentityProvider::Phone, label, at));
        }
        linked
    }

    pub(super) fn identity(
        &self,
        rng: &mut ChaCha8Rng,
        provider: IdentityProvider,
        label: String,
        linked_at: DateTime<Utc>,
    ) -> Identity {
        let last_used_at = rng.random_bool(0.9).then(|| {
            linked_at + Duration::seconds(rng.random_range(0..(self.now - linked_at).num_seconds().max(1)))
        });
        Identity { provider, label: Some(label), linked_at: Some(linked_at), last_used_at }
    }

    fn preferences(&self, rng: &mut ChaCha8Rng, locale: &str) -> Preferences {
        let texts = &self.data.texts;
        let language = locale.split('-').next().unwrap_or("en").to_owned();
        let mut preferences = Preferences::new();
        let mut set = |rng: &mut ChaCha8Rng, chance: f64, group: &str, key: &str, value: PreferenceValue| {
            if rng.random_bool(chance) {
                let provenance = Some(self.provenance(rng));
                let preference = Preference { value, provenance };
                preferences.entry(group.to_owned()).or_default().insert(key.to_owned(), preference);
            }
        };
        let top = text(*pick(rng, &["XS", "S", "M", "L", "XL", "XXL"]));
        let trousers = text(*pick(rng, &["26/30", "28/32", "30/32", "32/32", "34/34", "36/34"]));
        let shoes = PreferenceValue::Text(rng.random_range(35..48).to_string());
        let fit = text(pick(rng, &texts.fits));
        let colours = several(rng, &texts.colours, 3);
        let avoided = several(rng, &texts.materials, 2);
        let channel = text(*pick(rng, &["email", "sms", "phone", "post"]));
        let time = text(*pick(rng, &["morning", "afternoon", "evening"]));
        let allergies = several(rng, &texts.allergies, 2);
        let accessibility = several(rng, &texts.accessibility, 2);
        set(rng, 0.7, "sizes", "top", top);
        set(rng, 0.55, "sizes", "trousers", trousers);
        set(rng, 0.6, "sizes", "shoes", shoes);
        set(rng, 0.5, "style", "fit", fit);
        set(rng, 0.45, "style", "colours", colours);
        set(rng, 0.15, "style", "materials_avoided", avoided);
        set(rng, 0.6, "contact", "channel", channel);
        set(rng, 0.4, "contact", "language", PreferenceValue::Text(language));
        set(rng, 0.2, "contact", "time", time);
        set(rng, 0.1, "care", "allergies", allergies);
        set(rng, 0.06, "care", "accessibility", accessibility);
        preferences
    }

    fn provenance(&self, rng: &mut ChaCha8Rng) -> Provenance {
        let channel = *pick(rng, &[Channel::Web, Channel::Web, Channel::App, Channel::Store]);
        let by = if channel == Channel::Store && rng.random_bool(0.7) {
            Author::Associate
        } else {
            Author::Customer
        };
        Provenance { channel, at: self.time(rng), by }
    }

    fn consents(&self, rng: &mut ChaCha8Rng) -> Vec<ConsentAct> {
        let mut log = Vec::new();
        for purpose in PURPOSES {
            // A third was never asked, and of those who said yes a third has taken it back.
            if rng.random_bool(0.35) {
                continue;
            }
            let given = self.time(rng);
            log.push(self.act(rng, purpose, true, given));
            if rng.random_bool(0.33) {
                let taken_back =
                    given + Duration::seconds(rng.random_range(0..(self.now - given).num_seconds().max(1)));
                log.push(self.act(rng, purpose, false, taken_back));
            }
        }
        log.sort_by_key(|act| act.at);
        log
    }

    pub(super) fn act(
        &self,
        rng: &mut ChaCha8Rng,
        purpose: Purpose,
        given: bool,
        at: DateTime<Utc>,
    ) -> ConsentAct {
        let channel = *pick(rng, &[Channel::Web, Channel::App, Channel::Store]);
        let store = (channel == Channel::Store).then(|| pick(rng, &self.data.retailer.stores).id.clone());
        ConsentAct {
            id: id_at(rng, at),
            purpose,
            given,
            at,
            by: Author::Customer,
            channel,
            wording: format!("{}-1", at.year()),
            store,
            store_name: None,
            till: None,
            scopes: None,
            until: None,
        }
    }
}

/// A name, and its parts in Latin letters.
fn name(rng: &mut ChaCha8Rng, culture: &Culture) -> (Name, Vec<String>) {
    let given = pick(rng, &culture.given);
    if culture.family.is_empty() {
        let name = Name {
            display: given.written.clone(),
            given: Some(given.written.clone()),
            family: None,
            order: NameOrder::GivenFirst,
        };
        return (name, vec![given.latin.clone()]);
    }
    let family = pick(rng, &culture.family);
    let (first, last): (&Spelling, &Spelling) = match culture.order {
        NameOrder::GivenFirst => (given, family),
        NameOrder::FamilyFirst => (family, given),
    };
    let gap = if culture.spaced { " " } else { "" };
    let name = Name {
        display: format!("{}{gap}{}", first.written, last.written),
        given: Some(given.written.clone()),
        family: Some(family.written.clone()),
        order: culture.order,
    };
    (name, vec![given.latin.clone(), family.latin.clone()])
}

/// An address that nobody else has: it ends with the customer's place in the list.
fn email(rng: &mut ChaCha8Rng, latin: &[String], index: u32) -> String {
    let given = latin.first().map_or("", String::as_str);
    let family = latin.get(1).map_or("", String::as_str);
    let local = match rng.random_range(0..3) {
        _ if family.is_empty() => given.to_owned(),
        0 => format!("{given}.{family}"),
        1 => format!("{}{family}", given.get(..1).unwrap_or_default()),
        _ => format!("{family}_{given}"),
    };
    // The local part of an address has at most 64 characters.
    let local = local.get(..48).unwrap_or(&local);
    format!("{local}{index}@example.{}", pick(rng, &["com", "com", "org", "net"]))
}

fn birthday(rng: &mut ChaCha8Rng, now: DateTime<Utc>) -> Option<NaiveDate> {
    // The younger of two: more of those who buy clothes are 25 than 75.
    let age = rng.random_range(18..86).min(rng.random_range(18..86));
    NaiveDate::from_yo_opt(now.year() - age, rng.random_range(1..366))
}

/// Standing as what was bought in the last two years makes it: a point for each whole unit of the currency.
pub(super) fn loyalty(index: u32, activity: &[Activity], now: DateTime<Utc>) -> Loyalty {
    let minor: i64 = activity
        .iter()
        .filter(|done| matches!(done.kind, ActivityKind::Purchase | ActivityKind::Return))
        .filter(|done| done.at > now - Duration::days(730))
        .filter_map(|done| done.amount.as_ref())
        .map(|amount| amount.minor)
        .sum();
    let points = (minor / 100).max(0);
    let reached = TIERS.iter().rposition(|(_, from)| points >= *from).unwrap_or_default();
    Loyalty {
        number: member_number(index),
        tier: Some(TIERS[reached].0.to_owned()),
        points: Some(points),
        next_tier_at: TIERS.get(reached + 1).map(|(_, from)| *from),
    }
}

/// A number that a scanner reads from the card: EAN-13 of the range that is free for use within a company.
pub(super) fn member_number(index: u32) -> String {
    // Multiplied by a number that shares no factor with 10^10: no two customers get the same, none gets their place.
    let body = (u128::from(index) + 1) * 6_180_339_887 % 10_000_000_000;
    let digits = format!("29{body:010}");
    let sum: u32 = digits
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(d, w)| d * w)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

pub(super) fn masked_phone(phone: &str) -> String {
    format!("••• {}", phone.get(phone.len().saturating_sub(3)..).unwrap_or_default())
}

pub(super) fn text(value: impl Into<String>) -> PreferenceValue {
    PreferenceValue::Text(value.into())
}

/// One to `most` of them, in their order.
fn several(rng: &mut ChaCha8Rng, from: &[String], most: usize) -> PreferenceValue {
    let mut chosen: Vec<&String> = Vec::new();
    for _ in 0..rng.random_range(1..=most) {
        let one = pick(rng, from);
        if !chosen.contains(&one) {
            chosen.push(one);
        }
    }
    PreferenceValue::Several(chosen.into_iter().cloned().collect())
}
