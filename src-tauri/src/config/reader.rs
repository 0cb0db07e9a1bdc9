//! Walks a parsed TOML document section by section. Knows what kind of value is expected and where it stands, so that
//! an error can say both; knows nothing of what the keys mean.

use std::{ops::RangeInclusive, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use url::{Host, Url};

use super::{ConfigError, Expected};
use crate::view::ConfigurationProblem;

/// A table of the document, with what is needed to say where it stands.
pub(super) struct Section<'a> {
    file: &'a Path,
    text: &'a str,
    /// The section's own name with a dot behind it; empty at the top.
    prefix: String,
    /// Where the section begins; none at the top, where a missing key has no line.
    line: Option<u32>,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn document(file: &'a Path, text: &'a str, document: &'a Spanned<DeTable<'a>>) -> Self {
        Self { file, text, prefix: String::new(), line: None, table: document.get_ref() }
    }

    /// Refuses any key but these.
    pub(super) fn only(&self, known: &'static [&'static str]) -> Result<(), ConfigError> {
        let unknown = self.table.keys().find(|key| !known.contains(&key.get_ref().as_ref()));
        unknown.map_or(Ok(()), |key| {
            Err(ConfigError {
                file: self.file.to_owned(),
                line: Some(line_of(self.text, key.span().start)),
                key: Some(format!("{}{}", self.prefix, key.get_ref())),
                code: ConfigurationProblem::UnknownKey,
                expected: Some(Expected::OneOf(known)),
                found: None,
            })
        })
    }

    /// A section that must be there.
    pub(super) fn section(&self, key: &str) -> Result<Self, ConfigError> {
        self.optional_section(key)?.ok_or_else(|| self.missing(key, Expected::Section))
    }

    /// A section that may be there.
    pub(super) fn optional_section(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let table =
            value.get_ref().as_table().ok_or_else(|| self.wrong_kind(key, value, Expected::Section))?;
        Ok(Some(Self {
            file: self.file,
            text: self.text,
            prefix: format!("{}{key}.", self.prefix),
            line: Some(line_of(self.text, value.span().start)),
            table,
        }))
    }

    /// A text that must be there and say something.
    pub(super) fn required_text(&self, key: &str) -> Result<String, ConfigError> {
        self.optional_text(key)?.ok_or_else(|| self.missing(key, Expected::Text))
    }

    /// A text that may be there.
    pub(super) fn optional_text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match value.get_ref().as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
            Some(_) | None => Err(self.wrong_kind(key, value, Expected::Text)),
        }
    }

    /// Yes or no, where it is there.
    pub(super) fn optional_flag(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        value.get_ref().as_bool().map(Some).ok_or_else(|| self.wrong_kind(key, value, Expected::Flag))
    }

    /// A text of a few, where it is there.
    pub(super) fn optional_choice(
        &self,
        key: &str,
        known: &'static [&'static str],
    ) -> Result<Option<String>, ConfigError> {
        match self.optional_text(key)? {
            Some(text) if !known.contains(&text.as_str()) => Err(ConfigError {
                expected: Some(Expected::OneOf(known)),
                ..self.problem(key, ConfigurationProblem::UnknownValue, text)
            }),
            choice => Ok(choice),
        }
    }

    /// A country, where it is there.
    pub(super) fn optional_country(&self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.optional_text(key)? {
            Some(text) if !vault::is_country(&text) => Err(ConfigError {
                expected: Some(Expected::Country),
                ..self.problem(key, ConfigurationProblem::UnknownValue, text)
            }),
            country => Ok(country),
        }
    }

    /// The address of a service that may be there.
    pub(super) fn optional_url(&self, key: &str) -> Result<Option<Url>, ConfigError> {
        self.value(key).map(|_| self.url(key)).transpose()
    }

    /// The address of a service that must be there: no user name, password, query or fragment in it. An error does not
    /// repeat any of those, because one may be a secret.
    pub(super) fn url(&self, key: &str) -> Result<Url, ConfigError> {
        self.address(key, ConfigurationProblem::BadUrl)
    }

    /// The address of a proxy that may be there.
    pub(super) fn optional_proxy(&self, key: &str) -> Result<Option<Url>, ConfigError> {
        self.value(key).map(|_| self.address(key, ConfigurationProblem::BadProxy)).transpose()
    }

    /// A whole number of seconds, where it is there.
    pub(super) fn optional_seconds(&self, key: &str, most: u64) -> Result<Option<u64>, ConfigError> {
        self.optional_number(key, 0..=most, Expected::Seconds(most))
    }

    /// A whole number of days, where it is there.
    pub(super) fn optional_days(&self, key: &str, most: u64) -> Result<Option<u64>, ConfigError> {
        self.optional_number(key, 1..=most, Expected::Days(most))
    }

    fn optional_number(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        expected: Expected,
    ) -> Result<Option<u64>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse::<u64>().ok());
        match number.filter(|number| range.contains(number)) {
            None => Err(self.wrong_kind(key, value, expected)),
            number => Ok(number),
        }
    }

    /// A list of texts that say something, where it is there.
    pub(super) fn optional_texts(&self, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
        self.optional_list(key, |text| !text.trim().is_empty(), Expected::Texts)
    }

    fn optional_list(
        &self,
        key: &str,
        is_one: impl Fn(&str) -> bool,
        expected: Expected,
    ) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let items: Option<Vec<String>> = value.get_ref().as_array().and_then(|items| {
            let texts = items.iter().map(|item| item.get_ref().as_str().filter(|text| is_one(text)));
            texts.map(|text| text.map(str::to_owned)).collect()
        });
        items.map(Some).ok_or_else(|| self.wrong_kind(key, value, expected))
    }

    /// A list of names of hosts, where it is there.
    pub(super) fn optional_hosts(&self, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
        self.optional_list(key, is_host, Expected::Hosts)
    }

    fn address(&self, key: &str, code: ConfigurationProblem) -> Result<Url, ConfigError> {
        let Some(value) = self.value(key) else { return Err(self.missing(key, Expected::Address)) };
        let Some(text) = value.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty()) else {
            return Err(self.wrong_kind(key, value, Expected::Address));
        };
        let bad = |found: &str| self.problem(key, code, found.to_owned());
        let url = Url::parse(text)
            .map_err(|_| bad(if text.contains('@') { "one with a user name or password" } else { text }))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("one with a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("one with a query or a fragment"));
        }
        Ok(url)
    }

    /// Something that is wrong with the value of a key.
    pub(super) fn problem(&self, key: &str, code: ConfigurationProblem, found: String) -> ConfigError {
        ConfigError {
            line: self.value(key).map(|value| line_of(self.text, value.span().start)),
            key: Some(format!("{}{key}", self.prefix)),
            found: Some(found),
            ..ConfigError::new(self.file, code)
        }
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn missing(&self, key: &str, expected: Expected) -> ConfigError {
        ConfigError {
            line: self.line,
            key: Some(format!("{}{key}", self.prefix)),
            expected: Some(expected),
            ..ConfigError::new(self.file, ConfigurationProblem::MissingKey)
        }
    }

    fn wrong_kind(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: Expected) -> ConfigError {
        ConfigError {
            expected: Some(expected),
            ..self.problem(key, ConfigurationProblem::WrongKind, value.get_ref().type_str().to_owned())
        }
    }
}

/// A name alone: no scheme, port or path.
fn is_host(text: &str) -> bool {
    Host::parse(text).is_ok_and(|host| host.to_string().eq_ignore_ascii_case(text))
}

/// The line, from 1, of a place in the text.
pub(super) fn line_of(text: &str, place: usize) -> u32 {
    let before = text.get(..place).unwrap_or(text);
    u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX).saturating_add(1)
}
