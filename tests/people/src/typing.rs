//! What is typed at a till to find somebody: each key stroke is a query.

use profile::Profile;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What is typed for one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Everything that stood in the field, one key stroke after the other.
    pub strokes: Vec<String>,
    /// Whether the text at the end has a mistake in it.
    pub mistaken: bool,
}

pub(crate) fn typed(profile: &Profile, rng: &mut ChaCha8Rng) -> Typed {
    let display = &profile.name.display;
    let (given, family) = (profile.name.given.as_deref(), profile.name.family.as_deref());
    let slip =
        if rng.random_bool(0.1) { family.or(given).and_then(|name| mistaken(name, rng)) } else { None };
    let right = match rng.random_range(0..9) {
        0..=3 => None,
        4 => given.zip(family).map(|(given, family)| format!("{family} {given}")),
        5 => family.map(str::to_owned),
        6 => profile.email.clone(),
        7 => profile.phone.clone(),
        _ => profile.loyalty.as_ref().map(|loyalty| loyalty.number.clone()),
    };
    let mistaken = slip.is_some();
    let whole = slip.or(right).unwrap_or_else(|| display.clone());
    let ends = whole.char_indices().map(|(at, letter)| at + letter.len_utf8());
    Typed { strokes: ends.map(|end| whole[..end].to_owned()).collect(), mistaken }
}

/// With two letters in the middle the wrong way round; none where it is too short to be seen as a mistake.
fn mistaken(name: &str, rng: &mut ChaCha8Rng) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 5 || !letters.iter().all(|letter| letter.is_alphabetic()) {
        return None;
    }
    let at = rng.random_range(1..letters.len() - 2);
    letters.swap(at, at + 1);
    (letters[at] != letters[at + 1]).then(|| letters.into_iter().collect())
}
