//! Finding remembered customers: how names are folded, what goes into the index, and how a query becomes an expression.
//!
//! Text is folded in the same way on both sides: compatibility forms, case, accents and the letters that Unicode does
//! not decompose (ø, ß, ł). Scripts without spaces between words (Han, kana, hangul) are indexed a character a word,
//! so that any part of a name finds it. A query is taken apart into letters and digits and put together again inside
//! quotes: nothing that a person types is read as the syntax of the index.

use std::{
    collections::{BTreeSet, HashMap},
    iter,
};

use profile::Profile;
use rlibphonenumber::{PhoneNumber, PhoneNumberFormat};
use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, is_combining_mark},
};

use crate::spelling;

/// Words of a query that are looked at.
const WORDS: usize = 8;
/// Characters of a query that are looked at.
const LENGTH: usize = 128;
/// Digits from which on a part of a scanned code may be a member number.
const SCANNED_DIGITS: usize = 4;
/// Letters of a beginning that the index keeps lists for. A longer one it would first have to put together of the lists
/// of all words that begin so.
const LISTED: usize = 4;

/// What the index has of a customer.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) member: String,
}

impl Entry {
    pub(crate) fn of(profile: &Profile) -> Entry {
        let name = &profile.name;
        let parts = [Some(&name.display), name.given.as_ref(), name.family.as_ref()];
        let written: BTreeSet<&str> =
            parts.into_iter().flatten().flat_map(|part| part.split_whitespace()).collect();
        let mut words: Vec<String> = Vec::new();
        for word in written {
            for spelling in spellings(word) {
                if !words.contains(&spelling) {
                    words.push(spelling);
                }
            }
        }
        // The display name comes whole and first, so that a phrase of it is found as one.
        words.insert(0, spaced(&fold(&name.display)));
        Entry {
            name: words.join(" "),
            email: profile.email.as_deref().map(|email| spaced(&fold(email))).unwrap_or_default(),
            phone: profile.phone.as_deref().map(phone_numbers).unwrap_or_default(),
            member: profile
                .loyalty
                .as_ref()
                .map(|loyalty| member_numbers(&loyalty.number))
                .unwrap_or_default(),
        }
    }
}

/// The ways in which one word of a name may be typed: as it is; without the apostrophe or hyphen in it; with umlauts
/// and the like written as two letters.
fn spellings(word: &str) -> impl Iterator<Item = String> {
    let mut two_letters = String::with_capacity(word.len());
    for letter in word.nfc().flat_map(char::to_lowercase) {
        match letter {
            'ä' | 'æ' => two_letters.push_str("ae"),
            'ö' | 'ø' | 'œ' => two_letters.push_str("oe"),
            'ü' => two_letters.push_str("ue"),
            'å' => two_letters.push_str("aa"),
            other => two_letters.push(other),
        }
    }
    let folded = fold(word);
    let joined = letters(&folded).concat();
    let spellings = [spaced(&folded), spaced(&joined), spaced(&fold(&two_letters))];
    spellings.into_iter().filter(|spelling| !spelling.is_empty())
}

/// E.164 digits, digits as written in the country itself, and those without the leading zero.
fn phone_numbers(phone: &str) -> String {
    let mut numbers = vec![digits(phone)];
    if let Ok(number) = phone.parse::<PhoneNumber>() {
        numbers.push(digits(&number.format_as(PhoneNumberFormat::National)));
        numbers.push(number.national_number.to_string());
    }
    numbers.dedup();
    numbers.join(" ")
}

/// The number as printed, in one piece, and its digits alone.
fn member_numbers(number: &str) -> String {
    let folded = fold(number);
    let mut numbers = vec![spaced(&folded), letters(&folded).concat(), digits(number)];
    numbers.dedup();
    numbers.join(" ")
}

/// What a person typed or scanned, as questions to the index.
pub(crate) struct Query {
    terms: Vec<Term>,
    exact: Option<String>,
}

/// A word of a query, or a number of it.
struct Term {
    /// Any of these is to be found, the last word of each being a beginning.
    phrases: Vec<String>,
    /// The word, where a typing mistake in it is forgiven.
    spelt: Option<String>,
}

impl Query {
    /// None where there is nothing to look for.
    pub(crate) fn of(typed: &str) -> Option<Query> {
        let typed: String = typed.chars().take(LENGTH).collect();
        let folded = fold(&typed);
        if let Some(exact) = scanned_numbers(&folded) {
            return Some(Query { terms: Vec::new(), exact: Some(exact) });
        }
        let mut terms = Vec::new();
        let mut number: Vec<&str> = Vec::new();
        for word in folded.split_whitespace().map(Some).chain(iter::once(None)).take(WORDS + 1) {
            match word {
                // "+33 6 12" is one number, however it is spaced.
                Some(word) if is_number(word) => number.push(word),
                _ => {
                    terms.extend(number_term(&number));
                    number.clear();
                    terms.extend(word.and_then(word_term));
                }
            }
        }
        terms.extend(number_term(&number));
        (!terms.is_empty()).then(|| Query { terms, exact: exact(&folded) })
    }

    /// Whoever has exactly this number or address.
    pub(crate) fn exact(&self) -> Option<&str> {
        self.exact.as_deref()
    }

    /// All words, in any order, each from its start. None where only an exact number counts.
    pub(crate) fn expression(&self) -> Option<String> {
        self.every_term(Term::expression)
    }

    /// What the index can read from its end without more ado: whoever fits, and others who are to be told apart by
    /// [`Query::fits`]. None where these are the same expression.
    pub(crate) fn rough_expression(&self) -> Option<String> {
        self.every_term(Term::rough_expression).filter(|rough| Some(rough) != self.expression().as_ref())
    }

    fn every_term(&self, expression: impl Fn(&Term) -> String) -> Option<String> {
        let terms: Vec<String> = self.terms.iter().map(expression).collect();
        (!terms.is_empty()).then(|| terms.join(" AND "))
    }

    /// Whether an entry of the index has all words: what [`Query::expression`] asks of the index.
    pub(crate) fn fits(&self, Entry { name, email, phone, member }: &Entry) -> bool {
        let text = format!(" {name}\n {email}\n {phone}\n {member}");
        let has = |phrase: &String| text.contains(&format!(" {phrase}"));
        self.terms.iter().all(|term| term.phrases.iter().any(has))
    }

    /// The words in which a typing mistake is forgiven.
    pub(crate) fn spelt(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| term.spelt.as_deref())
    }

    /// All words but one, and for that one a word of the index that may have been meant. None where there is no such
    /// word.
    pub(crate) fn forgiving(&self, meant: &HashMap<&str, Vec<String>>) -> Option<String> {
        let choices = self.terms.iter().enumerate().filter_map(|(nth, term)| {
            let words = meant.get(term.spelt.as_deref()?).filter(|words| !words.is_empty())?;
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let mistaken = format!("(name : ({}))", words.join(" OR "));
            let others = self.terms.iter().enumerate().filter(|(other, _)| *other != nth);
            let all: Vec<String> = others.map(|(_, term)| term.expression()).chain([mistaken]).collect();
            Some(format!("({})", all.join(" AND ")))
        });
        let choices: Vec<String> = choices.collect();
        (!choices.is_empty()).then(|| choices.join(" OR "))
    }
}

impl Term {
    /// None where there is nothing to look for.
    fn any_of<const N: usize>(written: [String; N], spelt: Option<String>) -> Option<Term> {
        let mut phrases: Vec<String> = Vec::new();
        for phrase in written {
            let phrase = phrase.trim();
            if !phrase.is_empty() && phrases.iter().all(|other| other != phrase) {
                phrases.push(phrase.to_owned());
            }
        }
        (!phrases.is_empty()).then_some(Term { phrases, spelt })
    }

    fn expression(&self) -> String {
        any_of(self.phrases.iter().map(String::as_str))
    }

    fn rough_expression(&self) -> String {
        any_of(self.phrases.iter().map(|phrase| {
            // Hardly anybody has in one word what was typed in pieces, as those of an address.
            let is_in_one = !phrase.contains(' ') && phrase.contains(|letter: char| !letter.is_ascii_digit());
            if is_in_one && 1 < self.phrases.len() { phrase } else { listed(phrase) }
        }))
    }
}

/// A phrase whose last word is no longer than the beginnings that the index has lists of, and without what stands before
/// a number: all member numbers may begin with the same letters.
fn listed(phrase: &str) -> &str {
    let is_number = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_digit());
    let before: usize = phrase.split_inclusive(' ').take_while(|word| !is_number(word)).map(str::len).sum();
    let phrase = if before < phrase.len() { &phrase[before..] } else { phrase };
    let last = phrase.rfind(' ').map_or(0, |space| space + 1);
    let end = phrase[last..].char_indices().nth(LISTED).map_or(phrase.len(), |(at, _)| last + at);
    &phrase[..end]
}

/// An expression that any of the phrases satisfies, the last word of each being a beginning.
fn any_of<'a>(phrases: impl Iterator<Item = &'a str>) -> String {
    let phrases: Vec<String> = phrases.map(|phrase| format!("\"{phrase}\"*")).collect();
    format!("({})", phrases.join(" OR "))
}

fn word_term(word: &str) -> Option<Term> {
    let joined = letters(word).concat();
    let spelt = spelling::is_spelt(&joined).then(|| joined.clone());
    Term::any_of([spaced(word), joined], spelt)
}

fn number_term(parts: &[&str]) -> Option<Term> {
    let joined = digits(&parts.concat());
    let spaced = parts.iter().map(|part| spaced(part)).collect::<Vec<_>>().join(" ");
    Term::any_of([international(&joined).to_owned(), joined, spaced], None)
}

/// Without the 00 that many dial for what is written as +. Empty where there is none.
fn international(digits: &str) -> &str {
    digits.strip_prefix("00").unwrap_or_default()
}

/// The expression for an address or a number that may be there in full.
fn exact(folded: &str) -> Option<String> {
    if let Some((_, domain)) = folded.split_once('@') {
        return domain.contains('.').then(|| format!("email : ^\"{}\"", spaced(folded)));
    }
    let joined = letters(folded).concat();
    let wholes: Vec<String> = [joined.as_str(), international(&joined)]
        .into_iter()
        .filter(|whole| whole.contains(|digit: char| digit.is_ascii_digit()))
        .map(|whole| format!("\"{whole}\""))
        .collect();
    (!wholes.is_empty()).then(|| format!("{{phone member}} : ({})", wholes.join(" OR ")))
}

/// A scanned code that is an address of the web or JSON: whatever in it may be a member number. None for anything else.
fn scanned_numbers(folded: &str) -> Option<String> {
    if !folded.contains("://") && !folded.trim_start().starts_with('{') {
        return None;
    }
    let numbers: Vec<String> = folded
        .split(|letter: char| !is_letter(letter) && letter != '-')
        .filter(|part| SCANNED_DIGITS <= digits(part).len())
        .map(|part| format!("\"{}\"", letters(part).concat()))
        .collect();
    (!numbers.is_empty()).then(|| format!("member : ({})", numbers.join(" OR ")))
}

/// Folds away what people do not type: case, accents, width, vowel points, letters with a stroke, final forms.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkd().filter(|mark| !is_accent(*mark)).flat_map(char::to_lowercase);
    for letter in letters.filter(|mark| !is_accent(*mark)) {
        match plain(letter) {
            Some(plain) => folded.push_str(plain),
            None => folded.push(one(letter)),
        }
    }
    folded.nfc().collect()
}

/// Marks above, below and through; not the signs that are vowels of their own in Indic scripts (class 0), nor those
/// that make another letter of it (nukta 7, kana voicing 8, virama 9).
fn is_accent(mark: char) -> bool {
    9 < canonical_combining_class(mark)
}

/// Letters that Unicode does not decompose, and variants that keyboards of neighbouring countries disagree about.
fn plain(letter: char) -> Option<&'static str> {
    let plain = match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ς' => "σ",
        // Hebrew: letters at the end of a word.
        'ך' => "כ",
        'ם' => "מ",
        'ן' => "נ",
        'ף' => "פ",
        'ץ' => "צ",
        // Arabic and Persian: yeh, kaf, teh marbuta; the stretch has no meaning.
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        'ة' => "ه",
        'ـ' => "",
        _ => return None,
    };
    Some(plain)
}

/// Signs that stand for the same as another.
fn one(letter: char) -> char {
    let code = u32::from(letter);
    let shifted = match code {
        // Katakana as hiragana.
        0x30A1..=0x30F6 => code - 0x60,
        // Digits of other scripts.
        0x0660..=0x0669 => code - 0x0660 + 0x30,
        0x06F0..=0x06F9 => code - 0x06F0 + 0x30,
        0x0966..=0x096F => code - 0x0966 + 0x30,
        _ => code,
    };
    char::from_u32(shifted).unwrap_or(letter)
}

/// Letters and digits, with a space for everything else, and spaces around each character of a script that has none.
fn spaced(folded: &str) -> String {
    let mut text = String::with_capacity(folded.len());
    for letter in folded.chars() {
        if is_own_word(letter) {
            text.extend([' ', letter, ' ']);
        } else if is_letter(letter) {
            text.push(letter);
        } else {
            text.push(' ');
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The pieces between everything that is neither letter nor digit.
fn letters(folded: &str) -> Vec<&str> {
    folded.split(|letter| !is_letter(letter)).filter(|piece| !piece.is_empty()).collect()
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

fn is_own_word(letter: char) -> bool {
    matches!(u32::from(letter),
        0x2E80..=0x2FDF     // radicals
        | 0x3005..=0x3007   // repetition, zero
        | 0x3041..=0x312F   // kana, bopomofo
        | 0x31A0..=0x31FF   // more of both
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF // Han
        | 0xAC00..=0xD7A3 // hangul syllables
    )
}

fn is_number(word: &str) -> bool {
    word.contains(|letter: char| letter.is_ascii_digit())
        && word.chars().all(|letter| letter.is_ascii_digit() || "+-()./".contains(letter))
}

fn digits(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, prop_assert, prop_assert_eq};

    use super::*;

    fn expression(query: &str) -> String {
        Query::of(query).and_then(|query| query.expression()).unwrap_or_default()
    }

    #[test]
    fn folding_leaves_what_people_type() {
        for (text, folded) in [
            ("Amélie Ðurić", "amelie duric"),
            ("STRAẞE Łódź", "strasse lodz"),
            ("Søren Æther", "soren aether"),
            ("ＡＢＣ１２", "abc12"),
            ("İpek IŞIK", "ipek isik"),
            ("أحمد مُصطفى", "احمد مصطفي"),
            ("שָׁלוֹם", "שלומ"),
            ("タナカ ｶﾞ", "たなか が"),
            ("ΓΙΏΡΓΟΣ", "γιωργοσ"),
            ("٠٦١٢", "0612"),
            ("शर्मा", "शर्मा"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn nothing_that_is_typed_becomes_syntax() {
        for query in [
            "\"",
            "*",
            "a* OR b",
            "name:x",
            "NEAR(a b)",
            "a AND NOT b",
            "^a",
            "{a}",
            "a\"b",
            "'; DROP",
            "-",
            "+",
        ] {
            let expression = expression(query);
            let outside: String = expression.split('"').step_by(2).collect();
            let words = outside.replace(['(', ')', '*'], " ");
            assert!(
                words.split_whitespace().all(|word| word == "AND" || word == "OR"),
                "{query}: {expression}"
            );
        }
        assert!(Query::of(" \t ").is_none());
        assert!(Query::of("\"*'").is_none());
    }

    proptest! {
        #[test]
        fn folding_what_is_folded_changes_nothing(text in ".*") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn whatever_is_typed_stays_inside_quotes(typed in ".*") {
            let Some(query) = Query::of(&typed) else { return Ok(()) };
            let expressions = [query.expression(), query.exact().map(str::to_owned)];
            for expression in expressions.into_iter().flatten() {
                let outside: String = expression.split('"').step_by(2).collect();
                let words = outside.replace(['(', ')', '*'], " ");
                let known = ["AND", "OR", "{phone", "member}", "member", "email", ":", "^"];
                prop_assert!(words.split_whitespace().all(|word| known.contains(&word)), "{}", expression);
            }
        }
    }

    #[test]
    fn a_number_is_one_however_it_is_spaced() {
        let whole = "\"0033612\"*";
        for query in ["00 33 6 12", "0033-612", "(00)33.6 12"] {
            let expression = expression(query);
            assert!(expression.contains(whole) && expression.contains("\"33612\"*"), "{query}: {expression}");
        }
    }
}
