//! The one style sheet, with a brand's colours in front of it.

use super::brand::Colours;

const RULES: &str = include_str!("../../templates/phone.css");

/// The sheet for a brand: the phone chooses between light and dark.
pub(super) fn sheet(light: &Colours, dark: &Colours) -> String {
    let (light, dark) = (light.properties(), dark.properties());
    format!(
        ":root{{color-scheme:light dark;--bad:#a32018;--bad-soft:#fae6e3;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{--bad:#ffb3a8;--bad-soft:#43201c;{dark}}}}}\n{RULES}"
    )
}
