//! The files of `assets/demo/`, compiled in: the retailer, names, articles, phone ranges and texts.

use chrono::NaiveTime;
use profile::{ActivityKind, Channel};
use serde::{Deserialize, Deserializer};

/// Everything that the generator draws from.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) retailer: Retailer,
    pub(super) cultures: Vec<Culture>,
    pub(super) articles: Vec<Article>,
    pub(super) ranges: Vec<PhoneRange>,
    pub(super) texts: Texts,
    /// What Amélie Durand did lately.
    pub(super) recent: Vec<Recent>,
}

impl Data {
    pub(super) fn load() -> Result<Self, toml::de::Error> {
        Ok(Self {
            retailer: retailer()?,
            cultures: toml::from_str::<Names>(include_str!("../../../../../assets/demo/names.toml"))?
                .cultures,
            articles: toml::from_str::<Articles>(include_str!("../../../../../assets/demo/articles.toml"))?
                .articles,
            ranges: toml::from_str::<Phones>(include_str!("../../../../../assets/demo/phones.toml"))?.ranges,
            texts: toml::from_str(include_str!("../../../../../assets/demo/texts.toml"))?,
            recent: toml::from_str::<Amelie>(include_str!("../../../../../assets/demo/amelie.toml"))?.recent,
        })
    }

    /// The `nth` of the numbers that belong to nobody, round and round their ranges; none once they are used up.
    pub(super) fn phone(&self, nth: u32) -> Option<String> {
        let mut left = nth;
        let mut round = 0;
        loop {
            let open: Vec<_> = self.ranges.iter().filter(|range| range.size() > round).collect();
            let next_full = open.iter().map(|range| range.size()).min()?;
            let in_round = u32::try_from(open.len()).ok()?;
            let until_full = (next_full - round) * in_round;
            if left < until_full {
                return Some(open[(left % in_round) as usize].number(round + left / in_round));
            }
            left -= until_full;
            round = next_full;
        }
    }

    /// The public name of a brand.
    pub(super) fn brand<'a>(&'a self, id: &'a str) -> &'a str {
        self.retailer.brands.iter().find(|brand| brand.id == id).map_or(id, |brand| &brand.name)
    }
}

/// The made-up retailer: its brands, stores, tills and other clients.
pub(super) fn retailer() -> Result<Retailer, toml::de::Error> {
    toml::from_str(include_str!("../../../../../assets/demo/retailer.toml"))
}

/// A retailer with its brands and stores.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retailer {
    /// Name of the whole group: for who reads the file.
    #[serde(rename = "name")]
    _name: String,
    /// ISO 4217 code of its prices.
    pub(super) currency: String,
    /// Its brands.
    pub(super) brands: Vec<Brand>,
    /// Its stores.
    pub(super) stores: Vec<Store>,
    /// The tills in its stores: public clients of the device grant.
    pub(super) tills: Vec<Till>,
    /// Its web shops: public clients with PKCE.
    pub(super) browsers: Vec<Browser>,
    /// Accounts of its staff.
    pub(super) staff: Vec<Staff>,
}

/// A brand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Brand {
    /// Short name that clients and colours are looked up by.
    pub(super) id: String,
    /// Public name.
    pub(super) name: String,
    /// What it sells, in a few words: for who reads the file.
    #[serde(rename = "about")]
    _about: String,
}

/// A store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    /// Short name.
    pub(super) id: String,
    /// Public name.
    pub(super) name: String,
    /// Its brand's short name.
    pub(super) brand: String,
}

/// A till.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Till {
    /// Its OAuth client identifier.
    pub(super) client: String,
    /// Its store's short name.
    pub(super) store: String,
    /// What the store calls it.
    pub(super) name: String,
}

/// A web shop.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Browser {
    /// Its OAuth client identifier.
    pub(super) client: String,
    /// Public name.
    pub(super) name: String,
    /// Its brand's short name.
    pub(super) brand: String,
    /// Where it may be sent back to.
    pub(super) redirect_uris: Vec<String>,
}

/// An account of staff.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Staff {
    /// What they sign in with.
    pub(super) email: String,
    /// As colleagues know them.
    pub(super) name: String,
    /// What they are: `associate`, `manager` or `it`.
    pub(super) role: String,
    /// Their store's short name: for who reads the file.
    #[serde(rename = "store")]
    _store: String,
}

#[derive(Deserialize)]
struct Amelie {
    recent: Vec<Recent>,
}

/// Something that she did lately, on a day and at a time of that day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recent {
    pub(super) days_ago: u32,
    pub(super) time: NaiveTime,
    pub(super) channel: Channel,
    pub(super) kind: ActivityKind,
    pub(super) title: String,
    pub(super) store: Option<String>,
    pub(super) minor: Option<i64>,
}

#[derive(Deserialize)]
struct Names {
    cultures: Vec<Culture>,
}

/// Names that go together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Culture {
    /// For who reads the file.
    #[serde(rename = "name")]
    _name: String,
    pub(super) locale: String,
    /// How many cards of the deck are of this culture.
    pub(super) cards: u8,
    #[serde(default)]
    pub(super) order: profile::NameOrder,
    /// Whether the parts of a name are written apart.
    #[serde(default = "yes")]
    pub(super) spaced: bool,
    pub(super) given: Vec<Spelling>,
    pub(super) family: Vec<Spelling>,
}

fn yes() -> bool {
    true
}

/// A part of a name, and how it is spelt in an e-mail address.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) written: String,
    pub(super) latin: String,
}

impl<'de> Deserialize<'de> for Spelling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (written, latin) = text.split_once('|').unwrap_or((&text, &text));
        let latin = crate::customers::folded(latin).chars().filter(char::is_ascii_alphanumeric).collect();
        Ok(Self { written: written.to_owned(), latin })
    }
}

#[derive(Deserialize)]
struct Articles {
    articles: Vec<Article>,
}

/// Something that a brand sells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Article {
    pub(super) brand: String,
    pub(super) title: String,
    pub(super) price: i64,
    pub(super) colours: Vec<String>,
    pub(super) season: Option<Season>,
}

/// When an article is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

impl Season {
    /// The season that a month (1 to 12) belongs to.
    pub(super) fn of_month(month: u32) -> Self {
        match month {
            3..=5 => Self::Spring,
            6..=8 => Self::Summer,
            9..=11 => Self::Autumn,
            _ => Self::Winter,
        }
    }
}

#[derive(Deserialize)]
struct Phones {
    ranges: Vec<PhoneRange>,
}

/// Phone numbers that can belong to nobody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhoneRange {
    prefix: String,
    digits: u32,
    #[serde(default)]
    first: u32,
    count: Option<u32>,
}

impl PhoneRange {
    pub(super) fn size(&self) -> u32 {
        self.count.unwrap_or(10_u32.pow(self.digits))
    }

    /// A number of the range, different for each `nth` below its size, in an order that does not look like one.
    pub(super) fn number(&self, nth: u32) -> String {
        // 7919 is a prime that divides no size of a range, so this visits every number once, from another one in each.
        let start = self.prefix.bytes().fold(17, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_003);
        let offset = (u64::from(nth) * 7919 + start) % u64::from(self.size());
        let width = self.digits as usize;
        format!("{}{:0width$}", self.prefix, u64::from(self.first) + offset)
    }
}

/// Titles and choices that are neither names nor articles.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    pub(super) view: Vec<String>,
    pub(super) page: Vec<String>,
    pub(super) review: Vec<String>,
    pub(super) social: Vec<String>,
    pub(super) service: Vec<String>,
    pub(super) fits: Vec<String>,
    pub(super) colours: Vec<String>,
    pub(super) materials: Vec<String>,
    pub(super) allergies: Vec<String>,
    pub(super) accessibility: Vec<String>,
}
