//! What both windows draw.

use counter::state::{Failure, OfferedCode};
use url::Url;

use super::{CodeView, FailureView, TillView};
use crate::{
    config::{Config, THEMES},
    qr::Qr,
};

impl TillView {
    /// The till as configured. Where no brand is named the store stands for itself.
    pub fn of(config: &Config) -> Self {
        let brand = config.till.brand.clone().unwrap_or_default();
        Self {
            store: config.till.store.clone(),
            name: config.till.name.clone(),
            brand_name: brand_name(&brand).unwrap_or_else(|| config.till.store.clone()),
            brand,
        }
    }
}

/// What a brand is called. The files are the same that the themes are made from.
fn brand_name(key: &str) -> Option<String> {
    let (_, theme) = THEMES.iter().find(|(brand, _)| *brand == key)?;
    let theme = serde_json::from_str::<serde_json::Value>(theme).ok()?;
    Some(theme.get("name")?.as_str()?.to_owned())
}

/// The code that the display shows.
pub(super) fn code(code: &OfferedCode) -> CodeView {
    let qr = Qr::of(code.qr.as_str());
    CodeView {
        user_code: code.user_code.clone(),
        address: to_type(&code.verification_uri),
        qr_path: qr.path,
        qr_size: qr.size,
        shown_at: code.shown_at,
        expires_at: code.expires_at,
    }
}

/// An address as a person types it: without scheme, without a slash at the end.
fn to_type(address: &Url) -> String {
    let text = address.as_str();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.trim_end_matches('/').to_owned()
}

impl From<Failure> for FailureView {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied => Self::Denied,
            Failure::Declined => Self::Declined,
            Failure::Expired => Self::Expired,
            Failure::Unreachable => Self::Unreachable,
            Failure::Refused => Self::Refused,
            Failure::NotTrusted(_) => Self::NotTrusted,
            Failure::NoProfile => Self::NoProfile,
            Failure::MatchTimedOut => Self::MatchTimedOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_typed_without_scheme_and_last_slash() {
        let typed = |address| to_type(&Url::parse(address).unwrap());
        assert_eq!(typed("https://id.example.com/device/"), "id.example.com/device");
        assert_eq!(typed("http://127.0.0.1:4711/device"), "127.0.0.1:4711/device");
    }

    #[test]
    fn every_brand_is_called_as_its_theme_says() {
        for brand in crate::config::BRANDS {
            assert!(brand_name(brand).is_some_and(|name| name.eq_ignore_ascii_case(brand)), "{brand}");
        }
        assert_eq!(brand_name(""), None);
    }
}
