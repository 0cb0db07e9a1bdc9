//! What the pages say, in the language that the phone asks for. The words are in `locales/`.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Datelike, Utc};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader};

static ENGLISH: LanguageIdentifier = langid!("en");

/// The languages there are: each has a folder in `locales/`. English first.
static AVAILABLE: LazyLock<Vec<LanguageIdentifier>> = LazyLock::new(|| {
    let mut others: Vec<_> = LOCALES.locales().filter(|language| **language != ENGLISH).cloned().collect();
    others.sort_unstable();
    others.insert(0, ENGLISH.clone());
    others
});

/// Their tags.
pub(crate) fn languages() -> impl Iterator<Item = String> {
    AVAILABLE.iter().map(ToString::to_string)
}

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Names stand in elements of their own where direction matters.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The words of one language.
#[derive(Clone, Debug)]
pub(super) struct Texts(LanguageIdentifier);

impl Texts {
    /// The best of our languages for a browser.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let asked =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let asked = parse_accepted_languages(asked);
        let found = negotiate_languages(&asked, &AVAILABLE, Some(&ENGLISH), NegotiationStrategy::Lookup);
        Self(found.first().map_or_else(|| ENGLISH.clone(), |language| (*language).clone()))
    }

    /// A language by its tag; English where there is no such.
    pub(super) fn of(language: &str) -> Self {
        Self(AVAILABLE.iter().find(|known| known.to_string() == language).unwrap_or(&ENGLISH).clone())
    }

    /// The language's tag.
    pub(super) fn language(&self) -> String {
        self.0.to_string()
    }

    /// Several things in one line.
    pub(super) fn list(&self, things: &[String]) -> String {
        things.join(&self.say("list-gap"))
    }

    /// Says something.
    pub(super) fn say(&self, key: &str) -> String {
        LOCALES.lookup(&self.0, key)
    }

    /// Says something about something.
    pub(super) fn say_of(&self, key: &str, name: &'static str, value: &str) -> String {
        self.with(key, [(name, value.into())])
    }

    /// A day, as it is written in a sentence.
    pub(super) fn date(&self, day: DateTime<Utc>) -> String {
        self.with(
            "date",
            [("day", day.day().into()), ("month", day.month().into()), ("year", day.year().into())],
        )
    }

    pub(super) fn with<const N: usize>(
        &self,
        key: &str,
        values: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        let values: HashMap<Cow<'static, str>, FluentValue<'_>> =
            values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        LOCALES.lookup_with_args(&self.0, key, &values)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::HeaderValue;
    use chrono::TimeZone;

    use super::*;

    fn wanted(accept: &str) -> Texts {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
        Texts::wanted(&headers)
    }

    /// Each message with the arguments that it uses.
    fn messages(source: &str) -> BTreeMap<String, Vec<&str>> {
        let mut found = BTreeMap::new();
        for line in source.lines() {
            if let Some((key, text)) =
                line.split_once(" = ").filter(|(key, _)| !key.starts_with([' ', '#', '[', '*']))
            {
                let mut arguments: Vec<&str> = text
                    .split('$')
                    .skip(1)
                    .map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
                    .collect();
                arguments.sort_unstable();
                found.insert(key.to_owned(), arguments);
            }
        }
        found
    }

    #[test]
    fn every_language_says_everything_of_the_same_things() {
        let mut english = messages(include_str!("../../locales/en/phone.ftl"));
        assert!(english.len() > 70, "{} messages were found", english.len());
        // Its parts stand in another order in each language.
        english.remove("date");
        assert_eq!(languages().collect::<Vec<_>>(), ["en", "ar", "de", "es", "fr", "ja"]);
        for language in languages() {
            let file = format!("{}/locales/{language}/phone.ftl", env!("CARGO_MANIFEST_DIR"));
            let file = std::fs::read_to_string(file).unwrap();
            let mut other = messages(&file);
            other.remove("date");
            assert_eq!(other, english, "{language}");
        }
    }

    #[test]
    fn every_key_of_a_page_is_there() {
        let known = messages(include_str!("../../locales/en/phone.ftl"));
        let pages = [
            include_str!("../../templates/agreements.html"),
            include_str!("../../templates/base.html"),
            include_str!("../../templates/code.html"),
            include_str!("../../templates/consent.html"),
            include_str!("../../templates/demo.html"),
            include_str!("../../templates/done.html"),
            include_str!("../../templates/end.html"),
            include_str!("../../templates/receipt.html"),
            include_str!("../../templates/register.html"),
            include_str!("../../templates/sign_in.html"),
        ];
        for page in pages {
            for rest in page.split("say(\"").skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(known.contains_key(key), "{key}");
            }
        }
    }

    #[test]
    fn the_phone_gets_the_first_language_that_there_is() {
        assert_eq!(wanted("de-AT,de;q=0.9,en;q=0.8").language(), "de");
        assert_eq!(wanted("nl,fr-CA;q=0.8,en;q=0.5").language(), "fr");
        assert_eq!(wanted("es-MX").language(), "es");
        assert_eq!(wanted("ar-EG,en").language(), "ar");
        for unknown in ["nl", "", "*", ";;;", "x-\u{7f}"] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(unknown) {
                headers.insert(header::ACCEPT_LANGUAGE, value);
            }
            assert_eq!(Texts::wanted(&headers).language(), "en", "{unknown:?}");
        }
    }

    #[test]
    fn a_day_is_written_as_people_write_it() {
        let day = Utc.with_ymd_and_hms(2027, 3, 1, 12, 0, 0).unwrap();
        assert_eq!(wanted("en").date(day), "1 March 2027");
        assert_eq!(wanted("de").date(day), "1. März 2027");
        assert_eq!(wanted("fr").date(day), "1er mars 2027");
        assert_eq!(wanted("es").date(day), "1 de marzo de 2027");
        assert_eq!(wanted("ar").date(day), "1 مارس 2027");
        assert_eq!(wanted("ja").date(day), "2027年3月1日");
    }
}
