//! The code that a customer can type: eight letters in two groups.

use std::fmt;

use crate::{
    Error,
    secret::{self, SecretHash},
};

/// RFC 8628, section 6.1: no vowels, so no words, and nothing that looks like a digit. 20^8 is more than 2^34.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;

/// A user code in its canonical form: eight letters.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UserCode(String);

impl UserCode {
    pub(crate) fn random() -> Self {
        Self((0..LENGTH).map(|_| random_letter()).collect())
    }

    /// Reads what somebody typed: lower case, spaces and any punctuation are fine.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        let letters: String = typed
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .take(LENGTH + 1)
            .collect();
        let fits = letters.len() == LENGTH && letters.bytes().all(|letter| ALPHABET.contains(&letter));
        fits.then_some(Self(letters))
    }

    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// What stands beside the code in the QR code and in our own pages, and cannot be guessed: whoever has it has scanned
    /// the code, or has been shown a page about it.
    pub(crate) fn proof(&self, key: &[u8]) -> Result<String, Error> {
        secret::proof(&self.0, key)
    }

    /// Compared as hashes, so that the time it takes tells nothing.
    pub(crate) fn is_proven_by(&self, proof: &str, key: &[u8]) -> Result<bool, Error> {
        Ok(SecretHash::of(proof) == SecretHash::of(&self.proof(key)?))
    }
}

/// As it is shown: `BCDF-GHJK`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(..)")
    }
}

/// The two characters that phone and till show after the yes: a letter and a digit, read aloud in a second.
pub(crate) fn match_check() -> String {
    let digits = b"2346789";
    let digit = char::from(digits[rand::random_range(0..digits.len())]);
    format!("{}{digit}", random_letter())
}

fn random_letter() -> char {
    char::from(ALPHABET[rand::random_range(0..ALPHABET.len())])
}

#[cfg(test)]
mod tests {
    use super::UserCode;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::read("BCDF-GHJK").unwrap();
        for typed in ["bcdf-ghjk", "bcdfghjk", " BCDF GHJK ", "b.c.d.f/g_h,j;k", "BCDF\u{2013}GHJK"] {
            assert_eq!(UserCode::read(typed), Some(code.clone()), "{typed}");
        }
        assert_eq!(code.to_string(), "BCDF-GHJK");
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for typed in ["", "BCDF", "BCDF-GHJKL", "BCDF-GHJA", "BCDF-GHJ1", "ßßßßßßßß", "BCDF-GHJ\u{212a}"]
        {
            assert_eq!(UserCode::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_proof_is_of_one_code_and_one_service() {
        let (code, other) = (UserCode::read("BCDFGHJK").unwrap(), UserCode::read("BCDFGHJL").unwrap());
        let proof = code.proof(b"key").unwrap();
        assert_eq!(proof.len(), 22);
        assert!(code.is_proven_by(&proof, b"key").unwrap());
        for wrong in ["", "BCDFGHJK", &other.proof(b"key").unwrap(), &code.proof(b"other key").unwrap()] {
            assert!(!code.is_proven_by(wrong, b"key").unwrap(), "{wrong}");
        }
    }

    #[test]
    fn a_random_code_reads_back() {
        for _ in 0..100 {
            let code = UserCode::random();
            assert_eq!(UserCode::read(&code.to_string()), Some(code));
        }
    }
}
