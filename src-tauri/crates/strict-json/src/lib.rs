//! JSON from a server that may be wrong or hostile: bounded in depth, and no name twice in one object.
//!
//! Two readers may take different values of a name that stands there twice, so such a document is none. `serde_json`
//! refuses it for the fields that it knows, and takes the last one anywhere else; hence one look at the whole before it
//! is read. The look keeps no value, so that no secret is copied, and it says nothing of what stands there.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::error::Category;

/// Why this is no JSON that can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Bytes that are no text.
    NotUtf8,
    /// It ends within a value.
    CutOff,
    /// JSON, but not to be believed.
    TwiceOrTooDeep,
    /// Anything else.
    NotJson,
}

impl Fault {
    /// What is wrong, for a log. Nothing of the document is in it.
    pub fn what(self) -> &'static str {
        match self {
            Self::NotUtf8 => "a document that is not UTF-8",
            Self::CutOff => "a document that ends too early",
            Self::TwiceOrTooDeep => "a document with a key twice, or nested too deep",
            Self::NotJson => "a document that is not JSON",
        }
    }
}

/// Looks at a whole document, in which no more than so many objects and lists may be inside one another.
pub fn check(bytes: &[u8], deepest: u8) -> Result<(), Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let looked = Within(deepest).deserialize(&mut reader).and_then(|()| reader.end());
    looked.map_err(|error| match error.classify() {
        Category::Eof => Fault::CutOff,
        Category::Data => Fault::TwiceOrTooDeep,
        Category::Syntax | Category::Io => Fault::NotJson,
    })
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

    const DEEPEST: u8 = 16;

    #[test]
    fn a_name_that_stands_there_twice_is_found_wherever_it_is() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"[{"a":[{"b":1,"c":2,"b":1}]}]"#,
            // The same name, written in two ways.
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(check(bad.as_bytes(), DEEPEST), Err(Fault::TwiceOrTooDeep), "{bad}");
        }
        assert_eq!(check(br#"{"a":{"a":1},"b":[{"a":2},{"a":3}]}"#, DEEPEST), Ok(()));
    }

    #[test]
    fn what_is_deeper_than_any_answer_is_not_read() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(nested(16).as_bytes(), DEEPEST), Ok(()));
        assert!(check(nested(18).as_bytes(), DEEPEST).is_err());
        assert!(check(nested(200_000).as_bytes(), DEEPEST).is_err());
        assert!(check(r#"{"a":"#.repeat(200_000).as_bytes(), DEEPEST).is_err());
    }

    #[test]
    fn what_is_cut_off_or_followed_by_more_or_no_utf_8_is_no_json() {
        for (bad, fault) in [
            (&b"{\"a\":"[..], Fault::CutOff),
            (b"{} {}", Fault::NotJson),
            (b"", Fault::CutOff),
            (b"\"\xff\"", Fault::NotUtf8),
            (b"{\"\xc3\x28\":1}", Fault::NotUtf8),
            (b"nul", Fault::CutOff),
        ] {
            assert_eq!(check(bad, DEEPEST), Err(fault));
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_what_serde_json_reads(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if check(&bytes, DEEPEST).is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
            }
        }
    }
}
