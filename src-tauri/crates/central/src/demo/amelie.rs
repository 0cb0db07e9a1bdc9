//! The first customer of every demo: one with something in every corner of the screen.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use profile::{
    Activity, Author, Channel, IdentityProvider, Money, Name, NameOrder, Preference, PreferenceValue,
    Preferences, Profile, Provenance, Purpose,
};
use rand_chacha::ChaCha8Rng;

use super::{
    EMAIL,
    customers::{DemoCustomer, Drawn, loyalty, masked_phone, text},
    data::{Data, Recent},
    history::History,
    id_at, uuid,
};

/// Of a range that France keeps free for films and books: nobody else is given it.
pub(super) const PHONE: &str = "+33639980142";

/// Before this, her activity is drawn like everybody else's.
const RECENT_DAYS: i64 = 28;

pub(super) fn customer(
    data: &Data,
    rng: &mut ChaCha8Rng,
    history_rng: &mut ChaCha8Rng,
    now: DateTime<Utc>,
) -> DemoCustomer {
    let since = ago(now, 5 * 365 + 71);
    let history = History { data, since, now: now - Duration::days(RECENT_DAYS), favourite: "marram" };
    let mut activity: Vec<Activity> =
        data.recent.iter().map(|it| recent(data, history_rng, it, now)).collect();
    activity.extend(history.draw(history_rng, 240));
    let drawn = Drawn { data, since, now };
    let identities = [
        (IdentityProvider::Password, EMAIL.to_owned(), since, 160),
        (IdentityProvider::Google, EMAIL.to_owned(), ago(now, 1500), 2),
        (IdentityProvider::Facebook, "Amélie Durand".to_owned(), ago(now, 1210), 410),
        (IdentityProvider::Apple, "9c41d0b7@relay.example.net".to_owned(), ago(now, 400), 19),
        (IdentityProvider::Phone, masked_phone(PHONE), ago(now, 380), 66),
        (IdentityProvider::Passkey, "iPhone".to_owned(), ago(now, 90), 1),
    ]
    .map(|(provider, label, linked_at, used)| profile::Identity {
        provider,
        label: Some(label),
        linked_at: Some(linked_at),
        last_used_at: Some(ago(now, used)),
    });
    let act = |rng: &mut ChaCha8Rng, purpose, given, days| drawn.act(rng, purpose, given, ago(now, days));
    // Suggestions made from what she does: never asked.
    let consents = vec![
        act(rng, Purpose::EmailMarketing, true, 1800),
        act(rng, Purpose::AdNetworks, true, 1210),
        act(rng, Purpose::SmsMarketing, true, 900),
        act(rng, Purpose::AdNetworks, false, 388),
        act(rng, Purpose::SmsMarketing, false, 201),
    ];
    let profile = Profile {
        subject: uuid(rng),
        revision: 1,
        name: Name {
            display: "Amélie Durand".to_owned(),
            given: Some("Amélie".to_owned()),
            family: Some("Durand".to_owned()),
            order: NameOrder::GivenFirst,
        },
        email: Some(EMAIL.to_owned()),
        email_verified: true,
        phone: Some(PHONE.to_owned()),
        locale: Some("fr-FR".to_owned()),
        birthday: NaiveDate::from_ymd_opt(1991, 4, 18),
        member_since: Some(since),
        identities: identities.into(),
        loyalty: Some(loyalty(0, &activity, now)),
        preferences: preferences(now),
        consents,
    };
    DemoCustomer { profile, activity }
}

/// So many days before, and at another time of the day for each number of days.
fn ago(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    now - Duration::days(days) - Duration::seconds(days * 8221 % 30_000)
}

fn recent(data: &Data, rng: &mut ChaCha8Rng, recent: &Recent, now: DateTime<Utc>) -> Activity {
    let day = (now - Duration::days(recent.days_ago.into())).date_naive();
    let at = day.and_time(recent.time).and_utc();
    Activity {
        id: id_at(rng, at),
        at,
        channel: recent.channel,
        kind: recent.kind,
        title: recent.title.clone(),
        brand: Some("marram".to_owned()),
        store: recent.store.clone(),
        amount: recent.minor.map(|minor| Money { minor, currency: data.retailer.currency.clone() }),
    }
}

fn preferences(now: DateTime<Utc>) -> Preferences {
    use Author::{Associate, Customer};
    use Channel::{App, Store, Web};
    let several =
        |values: &[&str]| PreferenceValue::Several(values.iter().map(|&value| value.into()).collect());
    let mut preferences = Preferences::new();
    for (group, key, value, channel, by, days) in [
        ("sizes", "top", text("M"), Web, Customer, 610),
        ("sizes", "trousers", text("28/32"), Store, Associate, 133),
        ("sizes", "shoes", text("39"), App, Customer, 44),
        ("style", "fit", text("relaxed"), Store, Associate, 133),
        ("style", "colours", several(&["navy", "sand", "rust"]), App, Customer, 44),
        ("style", "materials_avoided", several(&["wool"]), Web, Customer, 610),
        ("contact", "channel", text("email"), Web, Customer, 1800),
        ("contact", "language", text("fr"), Web, Customer, 1800),
        ("contact", "time", text("evening"), App, Customer, 272),
        ("care", "allergies", several(&["nickel"]), Store, Associate, 497),
        ("care", "note", text("Hems 2 cm shorter"), Store, Associate, 133),
        ("care", "accessibility", several(&["quiet_hour"]), App, Customer, 272),
    ] {
        let provenance = Provenance { channel, at: ago(now, days), by };
        preferences
            .entry(group.to_owned())
            .or_default()
            .insert(key.to_owned(), Preference { value, provenance: Some(provenance) });
    }
    preferences
}
