//! What time it is for retention, where the clock of the till may be wrong by years: an empty battery says 1970, a
//! slip of the hand 2062.
//!
//! Time does not go back with the clock: one that is behind does not keep anybody longer than was agreed. A clock that is
//! suddenly more than a hundred days off, either way, is believed only when it has gone on like that for three days: one
//! evening with a wrong date does not remove everybody who is remembered, a till that was two years in a cellar still
//! forgets, and one whose first day was in a wrong century finds back. A time before this program was made is never true.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use crate::{
    Error,
    stored::{micros, time},
};

/// Less than any agreement lasts, and no till is switched off for so long without somebody who looks at its clock.
const LEAP: TimeDelta = TimeDelta::days(100);
/// This program was made after this: 2026-11-01. Seconds since 1970.
const MADE: i64 = 1_793_491_200;
/// How long a clock that is far off must go on before it is believed.
const DOUBT: TimeDelta = TimeDelta::days(3);

/// What was believed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    at: DateTime<Utc>,
    doubted_at: Option<DateTime<Utc>>,
}

impl Seen {
    /// What is believed when the clock says `now`.
    fn after(self, now: DateTime<Utc>) -> Seen {
        if now.timestamp() < MADE || (now <= self.at && self.at - now <= LEAP) {
            return Seen { doubted_at: None, ..self };
        }
        if self.at < now && now - self.at <= LEAP {
            return Seen { at: now, doubted_at: None };
        }
        // The same doubt as before, unless the clock has jumped again.
        let doubt = self.doubted_at.filter(|doubted| *doubted <= now && now - *doubted <= LEAP);
        if doubt.is_some_and(|doubted| DOUBT <= now - doubted) {
            return Seen { at: now, doubted_at: None };
        }
        Seen { doubted_at: Some(doubt.unwrap_or(now)), ..self }
    }
}

/// The time that retention goes by, now that the clock says `now`; noted within the transaction.
pub(crate) async fn believed(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let row = sqlx::query!("SELECT at, doubted_at FROM time_seen").fetch_optional(&mut *connection).await?;
    let before = if let Some(row) = row {
        Seen { at: time(row.at)?, doubted_at: row.doubted_at.map(time).transpose()? }
    } else {
        // The newest copy was made at a time that was true.
        let newest = sqlx::query_scalar!(r#"SELECT max(copied_at) AS "at: i64" FROM copy"#)
            .fetch_one(&mut *connection)
            .await?;
        Seen { at: newest.map(time).transpose()?.unwrap_or(now), doubted_at: None }
    };
    let seen = before.after(now);
    if seen.doubted_at.is_some() {
        tracing::error!("the clock is months off: nobody is removed by it until it has been so for days");
    }
    let (at, doubted_at) = (micros(seen.at), seen.doubted_at.map(micros));
    sqlx::query!(
        "INSERT INTO time_seen (one, at, doubted_at) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET at = ?1, doubted_at = ?2",
        at,
        doubted_at
    )
    .execute(connection)
    .await?;
    Ok(seen.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::days(days)
    }

    /// What is believed in the end when the clock says these days one after the other.
    fn believed_after(days: &[i64]) -> i64 {
        let first = Seen { at: day(0), doubted_at: None };
        let seen = days.iter().fold(first, |seen, said| seen.after(day(*said)));
        (seen.at - day(0)).num_days()
    }

    #[test]
    fn a_clock_that_goes_on_is_believed_also_after_a_long_holiday() {
        assert_eq!(believed_after(&[0, 1, 2]), 2);
        assert_eq!(believed_after(&[90, 180]), 180);
    }

    #[test]
    fn a_clock_at_1970_does_not_turn_time_back() {
        assert_eq!(believed_after(&[5, -20_000, -19_999]), 5);
        assert_eq!(believed_after(&[5, -20_000, 6]), 6);
    }

    #[test]
    fn a_clock_that_is_years_ahead_for_an_evening_is_not_believed() {
        assert_eq!(believed_after(&[1, 9000, 9000, 9001, 2]), 2);
        assert_eq!(believed_after(&[1, 9000, 20_000, 9001, 30_000, 3]), 3);
    }

    #[test]
    fn a_clock_that_is_a_year_ahead_removes_nobody_whose_year_has_just_begun() {
        assert_eq!(believed_after(&[1, 366, 366, 2]), 2);
    }

    #[test]
    fn a_till_whose_first_day_was_in_another_century_finds_back() {
        assert_eq!(believed_after(&[13_000, 13_001, 13_003, 0, 1, 2]), 13_003);
        assert_eq!(believed_after(&[13_000, 13_001, 13_003, 0, 1, 3]), 3);
    }

    #[test]
    fn a_till_from_the_cellar_is_believed_after_three_days() {
        assert_eq!(believed_after(&[1, 800, 801, 802]), 1);
        assert_eq!(believed_after(&[1, 800, 801, 803]), 803);
    }
}
