//! Names: those of the demo's cultures, which many share, and surnames put together of syllables, which few do.

use profile::NameOrder;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

/// The list of names cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the list of names cannot be read")]
pub struct Error(#[from] toml::de::Error);

const STARTS: &[&str] = &[
    "Al", "Bar", "Bel", "Ber", "Bran", "Cal", "Car", "Cor", "Dal", "Del", "Dor", "El", "Fal", "Fer", "Gal",
    "Gar", "Hal", "Har", "Hol", "Kal", "Kar", "Kir", "Lan", "Lor", "Mal", "Mar", "Mel", "Mon", "Nor", "Or",
    "Pal", "Per", "Ral", "Ros", "Sal", "San", "Sor", "Tal", "Tor", "Val", "Var", "Wal", "Wen", "Zan",
];
const MIDDLES: &[&str] = &[
    "a", "ba", "be", "da", "de", "di", "e", "fo", "ga", "ge", "i", "ka", "la", "le", "li", "ma", "me", "mi",
    "na", "ne", "ni", "o", "ra", "re", "ri", "sa", "se", "ta", "te", "ti", "va", "vi",
];
const ENDS: &[&str] = &[
    "beck", "berg", "bert", "by", "cott", "dahl", "den", "do", "dorf", "feld", "ford", "gren", "ham",
    "hurst", "ini", "ius", "kov", "land", "ler", "ley", "man", "mann", "mark", "mont", "ner", "nes", "quist",
    "rand", "res", "ric", "rius", "rup", "sen", "ski", "son", "stad", "stein", "strom", "ton", "vall", "vic",
    "ville", "wick", "wood",
];

/// A name, and what goes with it.
pub(crate) struct Born<'a> {
    pub(crate) display: String,
    pub(crate) given: String,
    pub(crate) family: Option<String>,
    pub(crate) order: NameOrder,
    pub(crate) locale: &'a str,
    /// The parts in Latin letters, for an e-mail address.
    pub(crate) latin: Vec<String>,
}

/// The cultures of the demo.
#[derive(Debug)]
pub(crate) struct Names {
    /// Each as often as it is to be dealt.
    deck: Vec<usize>,
    cultures: Vec<Culture>,
}

#[derive(Debug, Deserialize)]
struct File {
    cultures: Vec<Culture>,
}

#[derive(Debug, Deserialize)]
struct Culture {
    locale: String,
    cards: usize,
    #[serde(default)]
    order: NameOrder,
    #[serde(default = "yes")]
    spaced: bool,
    given: Vec<String>,
    family: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Names {
    pub(crate) fn load() -> Result<Names, Error> {
        let file: File = toml::from_str(include_str!("../../../assets/demo/names.toml"))?;
        let deck = file
            .cultures
            .iter()
            .enumerate()
            .flat_map(|(at, culture)| std::iter::repeat_n(at, culture.cards))
            .collect();
        Ok(Names { deck, cultures: file.cultures })
    }

    pub(crate) fn draw(&self, rng: &mut ChaCha8Rng) -> Born<'_> {
        let culture = &self.cultures[self.deck[rng.random_range(0..self.deck.len())]];
        let (given, given_latin) = spelt(skewed(&culture.given, rng));
        let family = (!culture.family.is_empty()).then(|| match spelt(skewed(&culture.family, rng)) {
            (known, _) if known.is_ascii() && rng.random_bool(0.7) => {
                let rare =
                    [STARTS, MIDDLES, ENDS].map(|parts| parts[rng.random_range(0..parts.len())]).concat();
                (rare.clone(), rare)
            }
            known => known,
        });
        let (family, family_latin) = family.unzip();
        let between = if culture.spaced { " " } else { "" };
        let parts = match culture.order {
            NameOrder::GivenFirst => [Some(given.as_str()), family.as_deref()],
            NameOrder::FamilyFirst => [family.as_deref(), Some(given.as_str())],
        };
        Born {
            display: parts.into_iter().flatten().collect::<Vec<_>>().join(between),
            given,
            family,
            order: culture.order,
            locale: &culture.locale,
            latin: [Some(given_latin), family_latin].into_iter().flatten().collect(),
        }
    }
}

/// As it is written, and in Latin letters: "名|latin".
fn spelt(name: &str) -> (String, String) {
    let (written, latin) = name.split_once('|').unwrap_or((name, name));
    (written.to_owned(), latin.to_owned())
}

/// The first ones most often.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a short list"
)]
fn skewed<'a>(from: &'a [String], rng: &mut ChaCha8Rng) -> &'a str {
    let at = rng.random::<f64>().powi(2) * from.len() as f64;
    &from[at as usize]
}
