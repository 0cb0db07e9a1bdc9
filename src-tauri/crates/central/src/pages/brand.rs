//! How a brand looks: its name and colours, out of `assets/brands/`.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::style;
use crate::Error;

include!(concat!(env!("OUT_DIR"), "/brands.rs"));

/// The colours of one theme, as CSS writes them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Colours {
    pub(super) accent: String,
    pub(super) on_accent: String,
    pub(super) accent_soft: String,
    pub(super) paper: String,
    pub(super) surface: String,
    pub(super) ink: String,
    pub(super) ink_soft: String,
    pub(super) line: String,
}

impl Colours {
    pub(super) fn properties(&self) -> String {
        format!(
            "--accent:{};--on-accent:{};--accent-soft:{};--paper:{};--surface:{};--ink:{};--ink-soft:{};--line:{}",
            self.accent,
            self.on_accent,
            self.accent_soft,
            self.paper,
            self.surface,
            self.ink,
            self.ink_soft,
            self.line
        )
    }
}

#[derive(Deserialize)]
struct File {
    name: String,
    light: Colours,
    dark: Colours,
}

/// A brand, ready for pages.
#[derive(Debug)]
pub(crate) struct Brand {
    /// None: nobody's.
    pub(super) name: Option<String>,
    pub(super) light: Colours,
    pub(super) dark: Colours,
    /// The style sheet.
    pub(super) style: String,
    /// Its hash, as the policy of a page names it.
    pub(super) style_hash: String,
}

impl Brand {
    fn new(file: File, named: bool) -> Self {
        let style = style::sheet(&file.light, &file.dark);
        let style_hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(style.as_bytes())));
        Self { name: named.then_some(file.name), light: file.light, dark: file.dark, style, style_hash }
    }
}

/// All brands.
#[derive(Debug)]
pub(crate) struct Brands {
    known: BTreeMap<&'static str, Brand>,
    /// For pages that belong to no brand yet.
    plain: Brand,
}

impl Brands {
    /// Reads the files that are compiled in.
    pub(crate) fn load() -> Result<Self, Error> {
        let plain = Brand::new(serde_json::from_str(FILES[0].1)?, false);
        let known = FILES
            .into_iter()
            .map(|(id, file)| Ok((id, Brand::new(serde_json::from_str(file)?, true))))
            .collect::<Result<_, Error>>()?;
        Ok(Self { known, plain })
    }

    /// A brand by its id; one that has no file looks like nobody's.
    pub(super) fn get(&self, id: &str) -> &Brand {
        self.known.get(id).unwrap_or(&self.plain)
    }

    pub(super) fn plain(&self) -> &Brand {
        &self.plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_of_every_brand_can_be_read_in_light_and_dark() {
        let brands = Brands::load().unwrap();
        for (id, brand) in &brands.known {
            for it in [&brand.light, &brand.dark] {
                for (text, ground) in [
                    (&it.ink, &it.paper),
                    (&it.ink, &it.surface),
                    (&it.ink, &it.accent_soft),
                    (&it.ink_soft, &it.paper),
                    (&it.ink_soft, &it.surface),
                    (&it.ink_soft, &it.accent_soft),
                    (&it.accent, &it.paper),
                    (&it.accent, &it.surface),
                    (&it.accent, &it.accent_soft),
                    (&it.on_accent, &it.accent),
                ] {
                    let seen = contrast(text, ground);
                    assert!(seen >= 4.5, "{id}: {text} on {ground} has a contrast of {seen:.2}");
                }
            }
        }
    }
}
