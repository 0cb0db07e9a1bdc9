//! E-mail addresses, phones and member numbers.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use unicode_normalization::UnicodeNormalization;

use crate::{names::Born, pick};

const DOMAINS: &[&str] = &["example.com", "example.net", "example.org", "mail.example", "post.example"];

pub(crate) fn email(born: &Born<'_>, rng: &mut ChaCha8Rng) -> String {
    let parts: Vec<String> = born
        .latin
        .iter()
        .map(|part| part.nfkd().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase())
        .collect();
    let name = parts.join(pick(&[".", "", "-"], rng));
    let number = if rng.random_bool(0.5) { rng.random_range(1..1000).to_string() } else { String::new() };
    format!("{name}{number}@{}", pick(DOMAINS, rng))
}

/// A mobile number in the form of the country, E.164.
pub(crate) fn phone(locale: &str, rng: &mut ChaCha8Rng) -> String {
    let (start, digits) = match locale.rsplit('-').next() {
        Some("FR") => ("+336", 8),
        Some("GB") => ("+4477", 8),
        Some("DE") => ("+49151", 8),
        Some("ES") => ("+346", 8),
        Some("IT") => ("+39320", 7),
        Some("PL") => ("+4850", 7),
        Some("GR") => ("+3069", 8),
        Some("UA") => ("+38067", 7),
        Some("IL") => ("+97250", 7),
        Some("JP") => ("+8190", 8),
        Some("KR") => ("+8210", 8),
        Some("CN") => ("+86138", 8),
        Some("IN") => ("+9198", 8),
        _ => ("+1415555", 4),
    };
    (0..digits).fold(start.to_owned(), |number, _| format!("{number}{}", rng.random_range(0..10)))
}

/// The nth of a hundred million numbers, which do not follow each other.
pub(crate) fn member(n: u64) -> String {
    // Prime to ten, so that no number comes twice.
    let number = n.wrapping_mul(48_271_357) % 100_000_000;
    format!("MRM-{:04}-{:04}", number / 10_000, number % 10_000)
}
