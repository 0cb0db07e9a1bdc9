//! Customers to sign in.

use chrono::{DateTime, TimeDelta, Utc};
use profile::{
    Activity, ActivityKind, ActivityPage, Author, Channel, ConsentAct, CustomerKey, Name, NameOrder,
    Preference, PreferenceEdit, PreferenceValue, Profile, Provenance, Purpose,
};

pub(crate) const ISSUER: &str = "https://id.example.com";

pub(crate) fn key(subject: &str) -> CustomerKey {
    CustomerKey { issuer: ISSUER.to_owned(), subject: subject.to_owned() }
}

/// A customer who wears size 38 and has a locale.
pub(crate) fn profile(subject: &str, revision: u64) -> Profile {
    let provenance =
        Provenance { channel: Channel::Web, at: noon() - TimeDelta::days(2), by: Author::Customer };
    let shoes = Preference { value: text("38"), provenance: Some(provenance) };
    Profile {
        subject: subject.to_owned(),
        revision,
        name: Name {
            display: "Amélie Durand".to_owned(),
            given: Some("Amélie".to_owned()),
            family: Some("Durand".to_owned()),
            order: NameOrder::GivenFirst,
        },
        email: Some("amelie@mail.example".to_owned()),
        email_verified: true,
        phone: None,
        locale: Some("fr".to_owned()),
        birthday: None,
        member_since: Some(noon() - TimeDelta::days(900)),
        identities: Vec::new(),
        loyalty: None,
        preferences: [("sizes".to_owned(), [("shoes".to_owned(), shoes)].into())].into(),
        consents: Vec::new(),
    }
}

pub(crate) fn page(ids: &[&str], next: Option<&str>) -> ActivityPage {
    let items = ids.iter().map(|id| Activity {
        id: (*id).to_owned(),
        at: noon(),
        channel: Channel::App,
        kind: ActivityKind::Purchase,
        title: "Linen shirt".to_owned(),
        brand: None,
        store: None,
        amount: None,
    });
    ActivityPage { items: items.collect(), next: next.map(ToOwned::to_owned) }
}

/// An act about being remembered at this store.
pub(crate) fn remembers_act(id: &str, given: bool, second: i64) -> ConsentAct {
    ConsentAct {
        id: id.to_owned(),
        purpose: Purpose::RememberAtStore,
        given,
        at: noon() + TimeDelta::seconds(second),
        by: Author::Customer,
        channel: Channel::Store,
        wording: "phone-remember-2.en".to_owned(),
        store: Some("northquay".to_owned()),
        store_name: None,
        till: None,
        scopes: None,
        until: None,
    }
}

pub(crate) fn text(text: &str) -> PreferenceValue {
    PreferenceValue::Text(text.to_owned())
}

/// A change of the size of shoes.
pub(crate) fn shoes(size: &str) -> PreferenceEdit {
    PreferenceEdit { group: "sizes".to_owned(), key: "shoes".to_owned(), value: Some(text(size)) }
}

/// What stands at the size of shoes.
pub(crate) fn shoes_of(profile: &Profile) -> Option<PreferenceValue> {
    profile.preferences.get("sizes")?.get("shoes").map(|shoes| shoes.value.clone())
}

pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}
