//! The clock of this machine, against that of the identity service.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Check, Code, Line};

/// A difference that grows: worth a word before it matters.
const WORTH_A_WORD: u64 = 30;

/// Reads a `Date` header (RFC 9110, section 5.6.7).
pub(crate) fn read(date: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(date.trim()).ok().map(|date| date.to_utc())
}

/// Judges the difference of two clocks. Beyond the leeway no ID token is believed.
pub(crate) fn judge(here: DateTime<Utc>, there: Option<DateTime<Utc>>, leeway: Duration) -> Line {
    let Some(there) = there else { return Line::new(Check::Clock, Code::ClockUnknown) };
    let ahead = here.signed_duration_since(there).num_seconds();
    let code = match ahead.unsigned_abs() {
        off if off > leeway.as_secs() => Code::ClockWrong,
        off if off >= WORTH_A_WORD => Code::ClockOff,
        _ => Code::ClockRight,
    };
    Line::new(Check::Clock, code).with("seconds_ahead", ahead).with("leeway", leeway.as_secs())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_clock_is_right_then_off_then_wrong_in_both_directions() {
        let there = read("Tue, 24 Nov 2026 10:00:00 GMT").unwrap();
        let leeway = Duration::from_mins(1);
        for (seconds, code) in [
            (0, Code::ClockRight),
            (29, Code::ClockRight),
            (30, Code::ClockOff),
            (60, Code::ClockOff),
            (61, Code::ClockWrong),
        ] {
            for ahead in [seconds, -seconds] {
                let line = judge(there + TimeDelta::seconds(ahead), Some(there), leeway);
                assert_eq!(line.code, code, "{ahead}");
            }
        }
        assert_eq!(judge(there, None, leeway).code, Code::ClockUnknown);
    }

    #[test]
    fn no_date_is_made_of_nonsense() {
        for nonsense in ["", "yesterday", "2026-11-24T10:00:00Z"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
