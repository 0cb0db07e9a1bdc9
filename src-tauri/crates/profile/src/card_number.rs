//! Whether a text holds what looks like the number of a payment card: such a thing is never to be kept in free text.

/// How many digits a card number has (ISO/IEC 7812-1).
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether a run of digits in the text, with single spaces or hyphens between them or not, could be a card number: its
/// length, its first digit (2 to 6: payment, travel, merchandising) and its check digit (Luhn) fit.
pub fn has_card_number(text: &str) -> bool {
    let mut run: Vec<u32> = Vec::new();
    let mut is_gap = false;
    for c in text.chars().chain(std::iter::once('\n')) {
        if let Some(digit) = digit(c) {
            run.push(digit);
            is_gap = false;
        } else if matches!(c, ' ' | '-' | '\u{a0}' | '\u{2011}' | '\u{202f}') && !run.is_empty() && !is_gap {
            is_gap = true;
        } else {
            if is_card_number(&run) {
                return true;
            }
            run.clear();
            is_gap = false;
        }
    }
    false
}

fn is_card_number(digits: &[u32]) -> bool {
    DIGITS.contains(&digits.len())
        && digits.first().is_some_and(|first| (2..=6).contains(first))
        && checks_out(digits)
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
fn checks_out(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The value of a digit in the scripts that a till's keyboard may write.
fn digit(c: char) -> Option<u32> {
    // Latin, Arabic, Persian, Devanagari, full width.
    [0x30, 0x660, 0x6f0, 0x966, 0xff10]
        .iter()
        .find_map(|zero| u32::from(c).checked_sub(*zero).filter(|digit| *digit < 10))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Numbers that the card networks publish for tests.
    const CARDS: [&str; 6] = [
        "4111111111111111",
        "5555555555554444",
        "378282246310005",
        "6011111111111117",
        "3530111333300000",
        "2223003122003222",
    ];

    #[test]
    fn a_card_number_is_seen_however_it_is_written() {
        for card in CARDS {
            for text in [
                card.to_owned(),
                format!("pays with {card}, thanks"),
                card.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(" "),
                format!("{}-{}-{}", &card[..4], &card[4..10], &card[10..]),
                card.chars().map(|c| char::from_u32(0x660 + c.to_digit(10).unwrap()).unwrap()).collect(),
            ] {
                assert!(has_card_number(&text), "{text}");
            }
        }
    }

    #[test]
    fn other_numbers_are_none() {
        for text in [
            "",
            "size 42, 43 when it rains",
            "+49 30 901820 and 0151 23456789",
            "4111111111111112",
            "order 20261130-000017",
            "4111 1111  1111 1111 is two numbers",
            "411111111111",
            "41111111111111111111",
            "1234567812345670",
            "26 11 2026, 30 11 2026",
        ] {
            assert!(!has_card_number(text), "{text}");
        }
    }

    proptest! {
        /// One digit that was mistyped is always noticed: that is what the check digit is for.
        #[test]
        fn a_wrong_digit_is_no_card_number(card in 0..CARDS.len(), place in 1_usize..14, other in 1_u8..10) {
            let mut digits: Vec<u8> = CARDS[card].bytes().map(|byte| byte - b'0').collect();
            digits[place] = (digits[place] + other) % 10;
            let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
            prop_assert!(!has_card_number(&text));
        }
    }
}
