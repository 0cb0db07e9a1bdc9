//! All lines, how the till stands, and what is read by people and by machines.

use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::{Code, Line, Verdict};

/// Rises when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Lines in any order, as they come in.
    pub fn new(mut lines: Vec<Line>) -> Self {
        lines.sort_by_key(|line| line.check);
        Self { lines }
    }

    /// The lines, the causes first.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How the till stands: as its worst line.
    pub fn standing(&self) -> Verdict {
        if self.count(Verdict::Failed) > 0 {
            Verdict::Failed
        } else if self.count(Verdict::Warning) > 0 {
            Verdict::Warning
        } else {
            Verdict::Ok
        }
    }

    /// What to do first: the first line that failed, or else the first warning.
    pub fn first(&self) -> Option<&Line> {
        let standing = self.standing();
        self.lines.iter().find(|line| standing != Verdict::Ok && line.verdict() == standing)
    }

    /// How a program ends that says this: 0 all is well, 1 there are warnings, 2 something failed.
    pub fn exit_code(&self) -> u8 {
        match self.standing() {
            Verdict::Ok | Verdict::Skipped => 0,
            Verdict::Warning => 1,
            Verdict::Failed => 2,
        }
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.lines.iter().filter(|line| line.verdict() == verdict).count()
    }
}

/// What store IT reads: a line for each check, and how it stands.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |of: fn(&Line) -> &'static str| self.lines.iter().map(|line| of(line).len()).max();
        let checks = width(|line| line.check.name()).unwrap_or_default();
        let verdicts = width(|line| line.verdict().name()).unwrap_or_default();
        let codes = width(|line| line.code.name()).unwrap_or_default();
        for line in &self.lines {
            let (verdict, check) = (line.verdict().name(), line.check.name());
            write!(f, "{verdict:verdicts$}  {check:checks$}  {code:codes$}  ", code = line.code.name())?;
            writeln!(f, "{}", said(line))?;
        }
        match self.first() {
            None => writeln!(f, "This till is in order."),
            Some(first) => {
                let (failed, warnings) = (self.count(Verdict::Failed), self.count(Verdict::Warning));
                let first =
                    format!("{}: {} {}", first.check.name(), first.code.finding(), first.code.advice());
                writeln!(f, "{failed} failed, {warnings} with a warning. First, {first}")
            }
        }
    }
}

/// One line in words.
fn said(line: &Line) -> String {
    let mut text = line.code.finding().to_owned();
    if !line.code.advice().is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, " {}", line.code.advice());
    }
    if let (Code::NotTried, Some(because)) = (line.code, line.because()) {
        return format!("Not tried, because {because} has failed.");
    }
    if !line.facts.is_empty() {
        let facts: Vec<_> = line.facts.iter().map(|fact| format!("{} {}", fact.name, fact.value)).collect();
        let _ = write!(text, " ({})", facts.join(", "));
    }
    text
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = self.first();
        let mut report = serializer.serialize_struct("Report", 6)?;
        report.serialize_field("schema", &SCHEMA)?;
        report.serialize_field("version", env!("CARGO_PKG_VERSION"))?;
        report.serialize_field("verdict", self.standing().name())?;
        report.serialize_field("exit_code", &self.exit_code())?;
        report.serialize_field("first", &first.map(|line| line.code.name()))?;
        report.serialize_field("lines", &self.lines)?;
        report.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;

    fn report(codes: &[(Check, Code)]) -> Report {
        Report::new(codes.iter().map(|(check, code)| Line::new(*check, *code)).collect())
    }

    #[test]
    fn the_first_failure_is_the_cause_whatever_came_in_first() {
        let report = report(&[
            (Check::Scanner, Code::ScannerNone),
            (Check::Keyring, Code::KeyringLocked),
            (Check::Tls, Code::TlsExpired),
            (Check::Clock, Code::ClockOff),
        ]);
        assert_eq!(report.first().map(|line| line.code), Some(Code::TlsExpired));
        assert_eq!((report.standing(), report.exit_code()), (Verdict::Failed, 2));
    }

    #[test]
    fn a_warning_is_told_by_the_exit_code_and_what_was_not_tried_is_not() {
        let warned = report(&[(Check::Scanner, Code::ScannerNone), (Check::Dns, Code::DnsFound)]);
        assert_eq!((warned.first().map(|line| line.code), warned.exit_code()), (Some(Code::ScannerNone), 1));
        let well = report(&[(Check::Database, Code::DatabaseInUse), (Check::Dns, Code::DnsFound)]);
        assert_eq!((well.first(), well.exit_code()), (None, 0));
    }

    #[test]
    fn the_text_has_one_line_a_check_in_columns_and_ends_with_what_to_do_first() {
        let text = report(&[(Check::Dns, Code::DnsFound), (Check::Tcp, Code::TcpRefused)]).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("ok      dns  dns_found    The name"), "{text}");
        assert!(lines[1].starts_with("failed  tcp  tcp_refused  Nothing listens"), "{text}");
        assert!(lines[2].starts_with("1 failed, 0 with a warning. First, tcp: Nothing listens"), "{text}");
    }

    #[test]
    fn a_machine_reads_the_code_the_facts_and_the_schema() {
        let lines = vec![Line::new(Check::Tls, Code::TlsExpiresSoon).with("days_left", 5_i64)];
        let json = serde_json::to_value(Report::new(lines)).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!((&json["verdict"], &json["exit_code"]), (&"warning".into(), &1.into()));
        assert_eq!(json["first"], "tls_expires_soon");
        assert_eq!(json["lines"][0]["facts"]["days_left"], 5);
        assert_eq!(json["lines"][0]["check"], "tls");
    }
}
