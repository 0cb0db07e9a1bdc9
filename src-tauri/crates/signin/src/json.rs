//! JSON from a provider, looked at as a whole before it is read.

use serde::de::DeserializeOwned;

/// Nothing that a provider says to a till needs more objects and lists inside one another.
const DEEPEST: u8 = 16;

/// Not JSON, too deep, or a name twice in one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("this is no JSON that can be believed")]
    NotJson,
    #[error("this is JSON of another shape")]
    OtherShape,
}

/// Whether this is JSON that can be believed.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Unreadable> {
    strict_json::check(bytes, DEEPEST).map_err(|_| Unreadable::NotJson)
}

/// Reads a document.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|_| Unreadable::OtherShape)
}
