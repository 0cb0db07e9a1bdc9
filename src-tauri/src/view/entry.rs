//! The form in which an associate enters somebody new.

use counter::Entry;
use profile::{Name, NotACustomer, RememberScope};
use serde::Deserialize;
use specta::Type;

use super::ProblemCode;

/// What was typed and agreed.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// E-mail address; empty where there is none.
    pub email: String,
    /// Phone number as it was typed; empty where there is none.
    pub phone: String,
    /// Language tag that they prefer; none where they were not asked.
    pub locale: Option<String>,
    /// Whether they agreed that name and contact details stay at this store.
    pub contact: bool,
    /// Whether they agreed to preferences and notes as well.
    pub preferences: bool,
    /// Whether they agreed to what they do as well.
    pub activity: bool,
}

impl std::fmt::Debug for EntryView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EntryView(..)")
    }
}

impl EntryView {
    /// The same for the counter. `country` is where phone numbers without a country code belong.
    ///
    /// # Errors
    /// The first thing that cannot be right.
    pub fn entry(self, country: Option<&str>) -> Result<Entry, ProblemCode> {
        let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let phone = match filled(self.phone) {
            Some(typed) => Some(vault::e164(&typed, country).ok_or(ProblemCode::BadPhone)?),
            None => None,
        };
        let agreed = [
            (RememberScope::Contact, self.contact),
            (RememberScope::Preferences, self.preferences),
            (RememberScope::Activity, self.activity),
        ];
        let entry = Entry {
            name: Name::of_parts(&self.given, &self.family),
            email: filled(self.email),
            phone,
            locale: self.locale,
            scopes: agreed.into_iter().filter(|(_, yes)| *yes).map(|(scope, _)| scope).collect(),
        };
        entry.check().map_err(|wrong| match wrong {
            NotACustomer::Name => ProblemCode::NoName,
            NotACustomer::CardNumber => ProblemCode::CardNumber,
            NotACustomer::Email => ProblemCode::BadEmail,
            NotACustomer::Phone => ProblemCode::BadPhone,
            NotACustomer::NoContact => ProblemCode::NoContact,
            NotACustomer::NotAgreed => ProblemCode::NotAgreed,
        })?;
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> EntryView {
        EntryView {
            given: "Ada".to_owned(),
            family: " Lovelace ".to_owned(),
            email: " ada@example.com".to_owned(),
            phone: "06 12 34 56 78".to_owned(),
            locale: None,
            contact: true,
            preferences: false,
            activity: false,
        }
    }

    #[test]
    fn a_phone_number_is_that_of_the_country_where_the_till_stands() {
        let entry = typed().entry(Some("FR")).unwrap();
        assert_eq!(entry.phone.as_deref(), Some("+33612345678"));
        assert_eq!(
            (entry.name.display.as_str(), entry.email.as_deref()),
            ("Ada Lovelace", Some("ada@example.com"))
        );
        assert_eq!(typed().entry(None).unwrap_err(), ProblemCode::BadPhone);
        let abroad = EntryView { phone: "+44 20 7946 0958".to_owned(), ..typed() };
        assert_eq!(abroad.entry(None).unwrap().phone.as_deref(), Some("+442079460958"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let empty = String::new;
        for (entry, wrong) in [
            (EntryView { given: empty(), family: empty(), ..typed() }, ProblemCode::NoName),
            (EntryView { email: "ada".to_owned(), ..typed() }, ProblemCode::BadEmail),
            (EntryView { email: empty(), phone: empty(), ..typed() }, ProblemCode::NoContact),
            (EntryView { contact: false, ..typed() }, ProblemCode::NotAgreed),
        ] {
            assert_eq!(entry.entry(Some("FR")).unwrap_err(), wrong);
        }
    }
}
