//! QR codes as an SVG path over whole modules, so that the display draws them sharp at any size.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// A QR code; the quiet zone is the screen's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qr {
    /// SVG path data: one rectangle a run of dark modules.
    pub path: String,
    /// Modules on a side.
    pub size: u32,
}

impl Qr {
    /// The code of a text. Empty for a text that no QR code can hold (about 2,300 bytes), which leaves the screen with
    /// the address in letters.
    pub fn of(text: &str) -> Self {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Self::default() };
        let size = code.width();
        let mut path = String::new();
        for (row, modules) in code.to_colors().chunks(size).enumerate() {
            let mut column = 0;
            for run in modules.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    // Writing into a String cannot fail.
                    let _ = write!(path, "M{column} {row}h{}v1h-{}z", run.len(), run.len());
                }
                column += run.len();
            }
        }
        Self { path, size: u32::try_from(size).unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_covers_the_dark_modules_and_no_others() {
        let text = "https://id.example.com/device?user_code=BCDF-GHJK";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let qr = Qr::of(text);
        assert_eq!(qr.size as usize, code.width());

        let mut dark = vec![false; code.width() * code.width()];
        for run in qr.path.split_terminator('z') {
            let (place, length) = run.trim_start_matches('M').split_once('h').unwrap();
            let (column, row) = place.split_once(' ').unwrap();
            let length: usize = length.split('v').next().unwrap().parse().unwrap();
            let start = row.parse::<usize>().unwrap() * code.width() + column.parse::<usize>().unwrap();
            dark[start..start + length].fill(true);
        }
        let expected: Vec<bool> = code.to_colors().iter().map(|color| *color == Color::Dark).collect();
        assert_eq!(dark, expected);
    }

    #[test]
    fn a_text_too_long_for_any_code_gives_an_empty_one() {
        assert_eq!(Qr::of(&"x".repeat(5_000)), Qr::default());
    }
}
