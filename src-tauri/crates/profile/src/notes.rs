//! What associates note of a customer: notes, and tags. They are preferences of two groups of their own, so that they
//! merge, wait in the queue and are taken back like any other.
//!
//! A note has a key that nobody else has: two notes never meet. The key of a tag is made of its text: the same tag from
//! two tills is one.

use std::{cmp::Reverse, fmt::Display};

use sha2::{Digest, Sha256};

use crate::{Preference, PreferenceEdit, PreferenceValue, Preferences};

/// The group of notes.
pub const NOTES: &str = "notes";
/// The group of tags.
pub const TAGS: &str = "tags";

/// No tag is longer, in characters.
pub const LONGEST_TAG: usize = 40;

/// A new note. `id` is of small letters and digits, at most 40 of them, and never used again.
pub fn note(id: impl Display, text: &str) -> PreferenceEdit {
    edit(NOTES, id.to_string(), tidy_lines(text))
}

/// A tag, new or not.
pub fn tag(text: &str) -> PreferenceEdit {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    edit(TAGS, tag_key(&text), text)
}

/// Whether this can stand in the group of tags under this key.
pub(crate) fn is_valid_tag(key: &str, text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST_TAG && !text.contains('\n') && key == tag_key(text)
}

/// The notes, newest first, with their keys. What is no text is none.
pub fn notes(preferences: &Preferences) -> Vec<(&str, &Preference)> {
    let mut notes = texts(preferences, NOTES);
    notes.sort_by_key(|(_, note)| Reverse(note.provenance.as_ref().map(|provenance| provenance.at)));
    notes
}

/// The tags, in the order of their texts, with their keys. What is no text is none.
pub fn tags(preferences: &Preferences) -> Vec<(&str, &Preference)> {
    let mut tags = texts(preferences, TAGS);
    tags.sort_by_cached_key(|(_, tag)| match &tag.value {
        PreferenceValue::Text(text) => text.to_lowercase(),
        _ => String::new(),
    });
    tags
}

fn texts<'a>(preferences: &'a Preferences, group: &str) -> Vec<(&'a str, &'a Preference)> {
    let group = preferences.get(group).into_iter().flatten();
    group
        .filter(|(_, one)| matches!(&one.value, PreferenceValue::Text(text) if !text.is_empty()))
        .map(|(key, one)| (key.as_str(), one))
        .collect()
}

fn edit(group: &str, key: String, text: String) -> PreferenceEdit {
    PreferenceEdit { group: group.to_owned(), key, value: Some(PreferenceValue::Text(text)) }
}

/// Not the text itself: keys are small letters and digits, and a tag may be in any script.
fn tag_key(text: &str) -> String {
    let mut key = hex::encode(Sha256::digest(text.to_lowercase()));
    key.truncate(32);
    key
}

fn tidy_lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::{Author, Channel, Invalid, Provenance, catalogue};

    fn at(second: i64) -> Provenance {
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        Provenance { channel: Channel::Store, at, by: Author::Associate }
    }

    fn text(preference: &Preference) -> &str {
        match &preference.value {
            PreferenceValue::Text(text) => text,
            _ => "",
        }
    }

    #[test]
    fn the_same_tag_from_two_tills_is_one_however_it_is_typed() {
        let mut preferences = Preferences::new();
        tag("VIP").apply(&mut preferences, at(1));
        tag("  vip ").apply(&mut preferences, at(2));
        tag("常連 様").apply(&mut preferences, at(3));
        let tags: Vec<_> = tags(&preferences).into_iter().map(|(_, tag)| text(tag)).collect();
        assert_eq!(tags, ["vip", "常連 様"]);
    }

    #[test]
    fn notes_stand_beside_each_other_newest_first() {
        let mut preferences = Preferences::new();
        note("a1", "Asked for the blue coat.").apply(&mut preferences, at(1));
        note("a0", " Asked for the blue coat.\r\nSize 40 ").apply(&mut preferences, at(2));
        let notes: Vec<_> = notes(&preferences).into_iter().map(|(_, note)| text(note)).collect();
        assert_eq!(notes, ["Asked for the blue coat.\nSize 40", "Asked for the blue coat."]);
    }

    #[test]
    fn a_tag_is_short_on_one_line_and_under_its_own_key() {
        assert_eq!(catalogue::validate(&tag("VIP")), Ok(()));
        assert_eq!(catalogue::validate(&tag(&"é".repeat(LONGEST_TAG))), Ok(()));
        assert_eq!(catalogue::validate(&tag(&"é".repeat(LONGEST_TAG + 1))), Err(Invalid::Tag));
        assert_eq!(catalogue::validate(&tag("  ")), Err(Invalid::Tag));
        let elsewhere = PreferenceEdit { key: "vip".to_owned(), ..tag("VIP") };
        assert_eq!(catalogue::validate(&elsewhere), Err(Invalid::Tag));
        let gone = PreferenceEdit { value: None, ..tag("VIP") };
        assert_eq!(catalogue::validate(&gone), Ok(()));
    }

    #[test]
    fn a_note_is_a_text_that_is_not_empty() {
        assert_eq!(catalogue::validate(&note("a", "Comes on Saturdays.")), Ok(()));
        assert_eq!(catalogue::validate(&note("a", " \n ")), Err(Invalid::Text));
        assert_eq!(
            catalogue::validate(&note("a", &"a".repeat(catalogue::LONGEST_TEXT + 1))),
            Err(Invalid::Text)
        );
        let flag = PreferenceEdit { value: Some(PreferenceValue::Flag(true)), ..note("a", "") };
        assert_eq!(catalogue::validate(&flag), Err(Invalid::Kind));
    }
}
