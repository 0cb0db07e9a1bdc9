//! How times and numbers stand in the database.

use chrono::{DateTime, Utc};

use crate::Error;

/// Microseconds since 1970.
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// The reverse of [`micros`].
pub(crate) fn time(micros: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_micros(micros).ok_or(Error::OutOfRange)
}

/// A number of another width, or an error where it does not fit.
pub(crate) fn number<From, To: TryFrom<From>>(value: From) -> Result<To, Error> {
    To::try_from(value).map_err(|_| Error::OutOfRange)
}
