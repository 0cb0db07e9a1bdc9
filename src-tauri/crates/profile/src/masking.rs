//! What may be shown of a name before an associate has confirmed the match.

use unicode_segmentation::UnicodeSegmentation;

/// The first letter of each word, the rest as dots of fixed number, so that neither the name nor its length shows:
/// "Amélie Durand" becomes "A••• D•••".
pub fn masked(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.graphemes(true).next())
        .map(|first| format!("{first}•••"))
        .collect::<Vec<_>>()
        .join(" ")
}
