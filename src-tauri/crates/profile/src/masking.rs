//! What may be shown of a person before an associate has confirmed the match.

use unicode_segmentation::UnicodeSegmentation;

/// Hides the rest of a word; always as many, so that its length does not show.
const DOTS: &str = "•••";

/// The first letter of each word, the rest as dots of fixed number, so that neither the name nor its length shows:
/// "Amélie Durand" becomes "A••• D•••". A name without spaces, as Chinese and Japanese ones are often written, keeps its
/// first character alone. Letters are grapheme clusters (UAX #29): an accent stays on its letter.
pub fn masked_name(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.graphemes(true).find(|letter| letter.chars().any(char::is_alphanumeric)))
        .map(|first| format!("{first}{DOTS}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first letter and the domain: "amelie.durand@example.com" becomes "a•••@example.com". What is no address is
/// hidden whole.
pub fn masked_email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => {
            let first = local.graphemes(true).next().unwrap_or_default();
            format!("{first}{DOTS}@{domain}")
        }
        None => DOTS.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_word_keeps_its_first_letter() {
        assert_eq!(masked_name("Amélie Durand"), "A••• D•••");
        assert_eq!(masked_name("  Nguyễn   Thị Ánh "), "N••• T••• Á•••");
    }

    #[test]
    fn a_name_without_spaces_keeps_one_character() {
        assert_eq!(masked_name("山田花子"), "山•••");
        assert_eq!(masked_name("Prince"), "P•••");
    }

    #[test]
    fn an_accent_that_is_a_character_of_its_own_stays_on_its_letter() {
        assert_eq!(masked_name("E\u{301}mile"), "E\u{301}•••");
    }

    #[test]
    fn signs_before_the_name_are_not_its_first_letter() {
        assert_eq!(masked_name("\u{200f}'Abd -"), "A•••");
    }

    #[test]
    fn an_address_keeps_its_first_letter_and_its_domain() {
        assert_eq!(masked_email("amelie.durand@example.com"), "a•••@example.com");
        assert_eq!(masked_email("not an address"), "•••");
    }

    proptest! {
        #[test]
        fn the_length_of_a_word_never_shows(word in "[a-z]{1,40}") {
            prop_assert_eq!(masked_name(&word).chars().count(), 4);
        }
    }
}
