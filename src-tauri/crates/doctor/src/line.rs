//! One line of a report.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::Code;

/// What is looked at, in the order of a report: what comes first is the cause of what comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The file.
    Configuration,
    /// The name of the identity service.
    Dns,
    /// A connection to it.
    Tcp,
    /// What stands between.
    Proxy,
    /// The clock of this machine.
    Clock,
    /// The certificate of the identity service.
    Tls,
    /// What it says of itself.
    Discovery,
    /// Its keys.
    Jwks,
    /// How it signs.
    Algorithms,
    /// A code for a customer.
    Device,
    /// The answer while the customer has not decided.
    Poll,
    /// What is known of this provider.
    Provider,
    /// Where profiles come from.
    Profile,
    /// The data folder.
    Disk,
    /// The place for keys.
    Keyring,
    /// The memory of the till.
    Database,
    /// The screens.
    Display,
    /// The scanner.
    Scanner,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 18] = [
        Self::Configuration,
        Self::Dns,
        Self::Tcp,
        Self::Proxy,
        Self::Clock,
        Self::Tls,
        Self::Discovery,
        Self::Jwks,
        Self::Algorithms,
        Self::Device,
        Self::Poll,
        Self::Provider,
        Self::Profile,
        Self::Disk,
        Self::Keyring,
        Self::Database,
        Self::Display,
        Self::Scanner,
    ];

    /// As it is written in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Clock => "clock",
            Self::Tls => "tls",
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Algorithms => "algorithms",
            Self::Device => "device",
            Self::Poll => "poll",
            Self::Provider => "provider",
            Self::Profile => "profile",
            Self::Disk => "disk",
            Self::Keyring => "keyring",
            Self::Database => "database",
            Self::Display => "display",
            Self::Scanner => "scanner",
        }
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could, or not for long.
    Warning,
    /// It does not work.
    Failed,
    /// It was not tried.
    Skipped,
}

impl Verdict {
    /// As it is written in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A thing that was seen, by its name. Never secret, never personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// What was seen.
    pub value: Value,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A count, a port, days, seconds.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A host, a name of the protocol.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(plain(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// The fact that names the check which has failed.
const BECAUSE: &str = "because";
/// No fact is longer.
const LONGEST: usize = 400;

/// What somebody else wrote, as far as it looks like a name: nothing that a terminal, a log or a page could take for
/// more than that.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || " ._:/-+~\\,'()[]*&#".contains(*c)).take(LONGEST).collect()
}

/// How one check came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was looked at.
    pub check: Check,
    /// What was found.
    pub code: Code,
    /// What was seen.
    pub facts: Vec<Fact>,
}

impl Line {
    /// A line without facts.
    pub(crate) fn new(check: Check, code: Code) -> Self {
        Self { check, code, facts: Vec::new() }
    }

    /// The same, with one thing more that was seen.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push(Fact { name, value: value.into() });
        self
    }

    /// The same, with one thing more where it was seen.
    #[must_use]
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A check that was not tried, because another has failed.
    pub(crate) fn not_tried(check: Check, because: Check) -> Self {
        Self::new(check, Code::NotTried).with(BECAUSE, because.name())
    }

    /// The check that has failed, where this one was not tried because of it.
    pub fn because(&self) -> Option<&'static str> {
        let named = self.facts.iter().find(|fact| fact.name == BECAUSE).map(|fact| &fact.value)?;
        let check = Check::ALL.iter().find(|check| *named == Value::from(check.name()))?;
        Some(check.name())
    }

    /// How it came out.
    pub fn verdict(&self) -> Verdict {
        self.code.verdict()
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let facts: serde_json::Map<String, serde_json::Value> = self
            .facts
            .iter()
            .map(|fact| {
                let value = match &fact.value {
                    Value::Number(number) => (*number).into(),
                    Value::Flag(flag) => (*flag).into(),
                    Value::Text(text) => text.clone().into(),
                };
                (fact.name.to_owned(), value)
            })
            .collect();
        let mut line = serializer.serialize_struct("Line", 6)?;
        line.serialize_field("check", self.check.name())?;
        line.serialize_field("verdict", self.verdict().name())?;
        line.serialize_field("code", self.code.name())?;
        line.serialize_field("finding", self.code.finding())?;
        line.serialize_field("advice", self.code.advice())?;
        line.serialize_field("facts", &facts)?;
        line.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_writes_cannot_reach_a_terminal_as_more_than_a_name() {
        let Value::Text(text) = Value::from("Evil\u{1b}[31m <script>\nInc") else { panic!("no text") };
        assert_eq!(text, "Evil[31m scriptInc");
        assert_eq!(Value::from("x".repeat(4000)), Value::Text("x".repeat(LONGEST)));
    }

    #[test]
    fn every_check_is_in_the_order_of_its_kind() {
        assert!(Check::ALL.is_sorted());
        assert_eq!(Check::ALL.last(), Some(&Check::Scanner));
    }
}
