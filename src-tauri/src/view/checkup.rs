//! The page that checks the till, as a function of what the doctor has found so far.

use doctor::{Check, Line, Report, Verdict};

use super::{CheckLineView, CheckupView, FindingView, VerdictView};

impl CheckupView {
    /// Everything is still to be looked at.
    pub fn begun() -> Self {
        let lines = Check::ALL.map(|check| CheckLineView { check: check.name().to_owned(), found: None });
        Self { running: true, lines: lines.into(), ..Self::default() }
    }

    /// The same, with one line more.
    #[must_use]
    pub fn with(&self, line: &Line) -> Self {
        let mut view = self.clone();
        if let Some(place) = view.lines.iter_mut().find(|place| place.check == line.check.name()) {
            place.found = Some(line.into());
        }
        view
    }

    /// Everything was looked at.
    pub fn of(report: &Report) -> Self {
        let first = report.first().and_then(|first| report.lines().iter().position(|line| line == first));
        Self {
            running: false,
            standing: Some(report.standing().into()),
            first: first.and_then(|first| u32::try_from(first).ok()),
            lines: report
                .lines()
                .iter()
                .map(|line| CheckLineView { check: line.check.name().to_owned(), found: Some(line.into()) })
                .collect(),
            text: report.to_string(),
        }
    }
}

impl From<&Line> for FindingView {
    fn from(line: &Line) -> Self {
        let because = line.because().map(str::to_owned);
        // It has a place of its own.
        let facts = line.facts.iter().filter(|_| because.is_none());
        Self {
            verdict: line.verdict().into(),
            code: line.code.name().to_owned(),
            facts: facts.map(|fact| format!("{} {}", fact.name, fact.value)).collect(),
            because,
        }
    }
}

impl From<Verdict> for VerdictView {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::Ok,
            Verdict::Warning => Self::Warning,
            Verdict::Failed => Self::Failed,
            Verdict::Skipped => Self::Skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use doctor::Code;

    use super::*;

    #[test]
    fn the_message_files_have_a_sentence_for_every_code_and_a_name_for_every_check() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/messages");
        for language in ["en", "de"] {
            let text = std::fs::read_to_string(format!("{folder}/{language}.json")).unwrap();
            let messages: serde_json::Value = serde_json::from_str(&text).unwrap();
            let names = Code::ALL.iter().map(|code| format!("checkup_code_{}", code.name()));
            let checks = Check::ALL.iter().map(|check| format!("checkup_check_{}", check.name()));
            for key in names.chain(checks) {
                assert!(messages.get(&key).is_some(), "{language}.json lacks {key}");
            }
        }
    }
}
