//! JSON from a service, looked at as a whole before it is read.

use serde_json::Value;
use strict_json::Fault;

/// Objects and arrays within each other.
const DEEPEST: u8 = 32;

/// Reads a document, or says what is wrong with it.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, &'static str> {
    strict_json::check(bytes, DEEPEST).map_err(Fault::what)?;
    serde_json::from_slice(bytes).map_err(|_| Fault::NotJson.what())
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
