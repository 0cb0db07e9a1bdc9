//! One typing mistake in a word: which words it may have been meant for. Pure.
//!
//! Two words that differ by one letter too few, too many, wrong or in its neighbour's place become equal when at most one
//! letter is left out of each. So the words of all names stand in the database with every letter left out in turn,
//! and a typed word is looked up with every letter left out in turn: a few dozen looks, however many names there are,
//! and no matter the script.

use std::collections::BTreeSet;

/// Letters of words that are looked at. Shorter ones are like too many others, longer ones are no names.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=32;

/// The words of a folded text that a mistake may be made in. Digits are left alone: another number is another person.
pub(crate) fn words(folded: &str) -> BTreeSet<&str> {
    folded.split(' ').filter(|word| is_spelt(word)).collect()
}

/// Whether a mistake in a word is forgiven.
pub(crate) fn is_spelt(word: &str) -> bool {
    LENGTHS.contains(&word.chars().count()) && !word.contains(|letter: char| letter.is_ascii_digit())
}

/// A word, and the word with each of its letters left out.
pub(crate) fn spellings(word: &str) -> BTreeSet<String> {
    let without =
        word.char_indices().map(|(at, letter)| format!("{}{}", &word[..at], &word[at + letter.len_utf8()..]));
    without.chain([word.to_owned()]).collect()
}

/// Whether somebody who meant a word, or its beginning, may have typed another by one mistake. Not among words of
/// three letters, which differ by one all the time.
pub(crate) fn is_one_mistake(typed: &str, meant: &str) -> bool {
    let (typed, meant): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    let same = typed.iter().zip(&meant).take_while(|(typed, meant)| typed == meant).count();
    let (typed_rest, meant_rest) = (&typed[same..], &meant[same..]);
    let mistake = match (typed_rest, meant_rest) {
        // One too many at the end.
        ([_], []) => true,
        ([], _) | (_, []) => false,
        ([_, typed_after @ ..], [_, meant_after @ ..]) => {
            meant_rest.starts_with(typed_after)
                || meant_after.starts_with(typed_rest)
                || meant_after.starts_with(typed_after)
                || is_swapped(typed_rest, meant_rest)
        }
    };
    mistake && typed.len().max(meant.len()) > *LENGTHS.start()
}

fn is_swapped(typed: &[char], meant: &[char]) -> bool {
    match (typed, meant) {
        ([first, second, typed @ ..], [other, another, meant @ ..]) => {
            first == another && second == other && meant.starts_with(typed)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, prop_assert, prop_assume};

    use super::*;

    #[test]
    fn one_letter_too_few_too_many_wrong_or_swapped_is_one_mistake() {
        for typed in ["durnd", "duraand", "durend", "druand", "durandd", "urand", "xurand"] {
            assert!(is_one_mistake(typed, "durand"), "{typed}");
        }
        for typed in ["dnd", "drnd", "durand", "dura", "rudand", "duraxyz"] {
            assert!(!is_one_mistake(typed, "durand"), "{typed}");
        }
        assert!(is_one_mistake("duean", "durand"), "also in the beginning of a word");
        assert!(!is_one_mistake("ann", "ana"), "short words differ by a letter all the time");
        assert!(is_one_mistake("παπδοπουλοσ", "παπαδοπουλοσ"));
    }

    proptest! {
        #[test]
        fn one_mistake_anywhere_leaves_a_spelling_in_common(
            word in "\\p{L}{4,12}", at in any::<prop::sample::Index>(), other in "\\p{L}", kind in 0..4
        ) {
            let mut typed: Vec<char> = word.chars().collect();
            let at = at.index(typed.len());
            match kind {
                0 => drop(typed.remove(at)),
                1 => typed.insert(at, other.chars().next().unwrap_or('x')),
                2 => typed[at] = other.chars().next().unwrap_or('x'),
                _ => typed.swap(at, (at + 1).min(word.chars().count() - 1)),
            }
            let typed: String = typed.into_iter().collect();
            // A beginning fits as it is.
            prop_assume!(!word.starts_with(&typed));
            prop_assert!(!spellings(&typed).is_disjoint(&spellings(&word)));
            prop_assert!(is_one_mistake(&typed, &word));
        }
    }

    #[test]
    fn numbers_and_single_characters_are_left_alone() {
        assert_eq!(words("anna 山 田 o 4711 a12 abcd").into_iter().collect::<Vec<_>>(), ["abcd", "anna"]);
    }
}
