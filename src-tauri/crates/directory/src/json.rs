//! Reads JSON of a service that may be wrong or hostile: no key twice in one object, because two readers could then see two
//! documents; no deep nesting; nothing but UTF-8.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, error::Category};

/// Objects and arrays within each other.
const DEEPEST: u8 = 32;

/// Reads a document, or says what is wrong with it.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a document that is not UTF-8")?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { left: DEEPEST }.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| match error.classify() {
        Category::Eof => "a document that ends too early",
        Category::Data => "a document with a key twice, or nested too deep",
        Category::Syntax | Category::Io => "a document that is not JSON",
    })
}

#[derive(Clone, Copy)]
struct Strict {
    left: u8,
}

impl Strict {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        self.left.checked_sub(1).map(|left| Self { left }).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut all = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom("a key twice"));
            }
            all.insert(key, members.next_value_seed(below)?);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_ordinary_document_is_read_as_it_is() {
        let document = json!({ "a": [1, -2, 0.5, true, null, "é"], "b": { "c": {} } });
        assert_eq!(read(document.to_string().as_bytes()), Ok(document));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        let cases: [(&[u8], &str); 7] = [
            (b"{\"sub\":\"a\",\"sub\":\"b\"}", "a document with a key twice, or nested too deep"),
            (b"{\"sub\":\"a\",\"s\\u0075b\":\"b\"}", "a document with a key twice, or nested too deep"),
            (deep.as_bytes(), "a document with a key twice, or nested too deep"),
            (b"{\"sub\":\"a\xff\"}", "a document that is not UTF-8"),
            (b"{\"sub\":\"a", "a document that ends too early"),
            (b"{\"sub\":\"a\"} {}", "a document that is not JSON"),
            (b"<!doctype html>", "a document that is not JSON"),
        ];
        for (bytes, wrong) in cases {
            assert_eq!(read(bytes), Err(wrong), "{}", String::from_utf8_lossy(bytes));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much_for_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
