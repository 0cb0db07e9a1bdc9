//! Several years of what a customer did: visits to the web shop, the app and the stores, and what follows from them.
//!
//! People look before they buy, buy what is in season and more of it before the holidays, are in stores while these
//! are open and online in the evening, bring some of it back within three weeks, and review some of the rest.

use chrono::{DateTime, Datelike, Duration, NaiveTime, TimeZone, Utc};
use profile::{Activity, ActivityKind, Channel, Money};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::data::{Article, Data, Season, Store};
use super::pick;

/// How busy shops are from January to December.
const MONTHS: [u32; 12] = [7, 5, 7, 8, 9, 9, 8, 6, 8, 9, 12, 14];

/// What a customer's history is drawn from.
pub(super) struct History<'a> {
    pub(super) data: &'a Data,
    pub(super) since: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    /// Short name of the brand they mostly buy.
    pub(super) favourite: &'a str,
}

impl History<'_> {
    /// At least `wanted` activities, newest first (fewer only where `since` leaves no time for them).
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng, wanted: usize) -> Vec<Activity> {
        let mut done = Vec::with_capacity(wanted + 8);
        for _ in 0..wanted * 2 {
            if done.len() >= wanted {
                break;
            }
            self.outing(rng, &mut done);
        }
        done.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        done
    }

    fn outing(&self, rng: &mut ChaCha8Rng, done: &mut Vec<Activity>) {
        let Some(day) = self.day(rng) else { return };
        let brand = if rng.random_bool(0.8) {
            self.favourite
        } else {
            pick(rng, &self.data.retailer.brands).id.as_str()
        };
        let article = self.article(rng, brand, day);
        let store = self.store(rng, brand);
        let online = if rng.random_bool(0.6) { Channel::Web } else { Channel::App };
        let scene = Scene { article: &title(rng, article), brand, store };
        match rng.random_range(0..100) {
            0..36 => {
                let at = evening(rng, day);
                self.add(rng, done, at, online, ActivityKind::View, &scene, None);
                if rng.random_bool(0.4) {
                    let later = at + Duration::seconds(rng.random_range(20..400));
                    self.add(rng, done, later, online, ActivityKind::Wishlist, &scene, None);
                }
            }
            36..58 => {
                let at = evening(rng, day);
                self.add(rng, done, at, online, ActivityKind::View, &scene, None);
                let bought = at + Duration::seconds(rng.random_range(90..1500));
                self.purchase(rng, done, bought, online, article, &scene);
            }
            58..80 => {
                let at = opening_hours(rng, day);
                self.add(rng, done, at, Channel::Store, ActivityKind::Visit, &scene, None);
                if rng.random_bool(0.75) {
                    let bought = at + Duration::seconds(rng.random_range(120..2400));
                    self.purchase(rng, done, bought, Channel::Store, article, &scene);
                }
            }
            80..94 => {
                let at = evening(rng, day);
                self.add(rng, done, at, Channel::Social, ActivityKind::Social, &scene, None);
            }
            _ => {
                let at = opening_hours(rng, day);
                self.add(rng, done, at, online, ActivityKind::Service, &scene, None);
            }
        }
    }

    fn purchase(
        &self,
        rng: &mut ChaCha8Rng,
        done: &mut Vec<Activity>,
        at: DateTime<Utc>,
        channel: Channel,
        article: &Article,
        scene: &Scene<'_>,
    ) {
        if !(self.since..=self.now).contains(&at) {
            return;
        }
        // Sales in January and July.
        let sale = matches!(at.month(), 1 | 7) && rng.random_bool(0.5);
        let price = if sale { article.price * 7 / 10 } else { article.price };
        self.add(rng, done, at, channel, ActivityKind::Purchase, scene, Some(price));
        let follows = rng.random_range(0..100);
        if follows < 9 {
            let day = at + Duration::days(rng.random_range(2..21));
            let (back, channel) = if channel == Channel::Store || rng.random_bool(0.3) {
                (opening_hours(rng, day), Channel::Store)
            } else {
                (evening(rng, day), channel)
            };
            self.add(rng, done, back, channel, ActivityKind::Return, scene, Some(-price));
        } else if follows < 25 {
            let day = at + Duration::days(rng.random_range(4..40));
            let said = evening(rng, day);
            let channel = if rng.random_bool(0.5) { Channel::App } else { Channel::Web };
            self.add(rng, done, said, channel, ActivityKind::Review, scene, None);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one line of a history, written at one place")]
    fn add(
        &self,
        rng: &mut ChaCha8Rng,
        done: &mut Vec<Activity>,
        at: DateTime<Utc>,
        channel: Channel,
        kind: ActivityKind,
        scene: &Scene<'_>,
        minor: Option<i64>,
    ) {
        if !(self.since..=self.now).contains(&at) {
            return;
        }
        let texts = &self.data.texts;
        let template = match kind {
            ActivityKind::View if rng.random_bool(0.25) => pick(rng, &texts.page).as_str(),
            ActivityKind::View => pick(rng, &texts.view).as_str(),
            ActivityKind::Review => pick(rng, &texts.review).as_str(),
            ActivityKind::Social => pick(rng, &texts.social).as_str(),
            ActivityKind::Service => pick(rng, &texts.service).as_str(),
            ActivityKind::Visit => "{store}",
            ActivityKind::Purchase | ActivityKind::Return | ActivityKind::Wishlist | ActivityKind::Other => {
                "{article}"
            }
        };
        done.push(Activity {
            id: super::id_at(rng, at),
            at,
            channel,
            kind,
            title: template
                .replace("{article}", scene.article)
                .replace("{brand}", self.data.brand(scene.brand))
                .replace("{store}", &scene.store.name),
            brand: Some(scene.brand.to_owned()),
            store: (channel == Channel::Store).then(|| scene.store.name.clone()),
            amount: minor.map(|minor| Money { minor, currency: self.data.retailer.currency.clone() }),
        });
    }

    /// A day between the first and the last, busier months more often.
    fn day(&self, rng: &mut ChaCha8Rng) -> Option<DateTime<Utc>> {
        let span = (self.now - self.since).num_seconds();
        if span <= 0 {
            return None;
        }
        let mut day = self.now;
        for _ in 0..6 {
            day = self.since + Duration::seconds(rng.random_range(0..span));
            if rng.random_ratio(MONTHS[day.month0() as usize], 14) {
                break;
            }
        }
        Some(day)
    }

    /// Something of the brand that is bought at this time of the year.
    fn article(&self, rng: &mut ChaCha8Rng, brand: &str, day: DateTime<Utc>) -> &Article {
        let season = Season::of_month(day.month());
        let mut article = pick(rng, &self.data.articles);
        for _ in 0..30 {
            if article.brand == brand && article.season.is_none_or(|its| its == season) {
                break;
            }
            article = pick(rng, &self.data.articles);
        }
        article
    }

    fn store(&self, rng: &mut ChaCha8Rng, brand: &str) -> &Store {
        let mut store = pick(rng, &self.data.retailer.stores);
        for _ in 0..10 {
            if store.brand == brand {
                break;
            }
            store = pick(rng, &self.data.retailer.stores);
        }
        store
    }
}

/// What an outing is about.
struct Scene<'a> {
    article: &'a str,
    brand: &'a str,
    store: &'a Store,
}

fn title(rng: &mut ChaCha8Rng, article: &Article) -> String {
    format!("{}, {}", article.title, pick(rng, &article.colours))
}

fn opening_hours(rng: &mut ChaCha8Rng, day: DateTime<Utc>) -> DateTime<Utc> {
    at_hour(rng, day, 10, 18)
}

fn evening(rng: &mut ChaCha8Rng, day: DateTime<Utc>) -> DateTime<Utc> {
    if rng.random_bool(0.6) { at_hour(rng, day, 18, 22) } else { at_hour(rng, day, 7, 22) }
}

fn at_hour(rng: &mut ChaCha8Rng, day: DateTime<Utc>, from: u32, to: u32) -> DateTime<Utc> {
    let seconds = rng.random_range(from * 3600..to * 3600 + 3600);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default();
    Utc.from_utc_datetime(&day.date_naive().and_time(time))
}
