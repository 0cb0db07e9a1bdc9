//! JSON from a provider: bounded in depth, and no name twice in one object.
//!
//! Two readers may take different values of a name that stands there twice, so such a document is none. `serde_json`
//! refuses it for the fields that it knows, and takes the last one anywhere else; hence one look at the whole before it
//! is read. The look keeps no value, so that no secret is copied.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};

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
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Within(DEEPEST).deserialize(&mut reader).map_err(|_| Unreadable::NotJson)?;
    reader.end().map_err(|_| Unreadable::NotJson)
}

/// Reads a document.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|_| Unreadable::OtherShape)
}

/// A value with so many levels left.
struct Within(u8);

impl Within {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Within {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.deeper()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name twice"));
            }
            members.next_value_seed(self.deeper()?)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Name(String);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_name_that_stands_there_twice_is_found_wherever_it_is() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"[{"a":[{"b":1,"c":2,"b":1}]}]"#,
            // The same name, written in two ways.
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(check(bad.as_bytes()), Err(Unreadable::NotJson), "{bad}");
        }
        assert_eq!(check(br#"{"a":{"a":1},"b":[{"a":2},{"a":3}]}"#), Ok(()));
    }

    #[test]
    fn what_is_deeper_than_any_answer_is_not_read() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(nested(16).as_bytes()), Ok(()));
        assert!(check(nested(18).as_bytes()).is_err());
        assert!(check(nested(200_000).as_bytes()).is_err());
        assert!(check(r#"{"a":"#.repeat(200_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_cut_off_or_followed_by_more_or_no_utf_8_is_no_json() {
        for bad in [&b"{\"a\":"[..], b"{} {}", b"", b"\"\xff\"", b"{\"\xc3\x28\":1}", b"nul"] {
            assert_eq!(check(bad), Err(Unreadable::NotJson));
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_what_serde_json_reads(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if check(&bytes).is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
            }
        }
    }
}
