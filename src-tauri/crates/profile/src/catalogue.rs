//! The preferences that every till can edit, in the order of the screen, and what may be entered.
//!
//! A centre may hold others: those are shown and edited as text. Options are keys; what a person reads for them is in
//! the locale files of the screen.

use crate::{
    PreferenceEdit, PreferenceValue,
    card_number::has_card_number,
    notes::{NOTES, TAGS, is_valid_tag},
};

/// No text is longer, in characters. The centre asks for the same.
pub const LONGEST_TEXT: usize = 500;

/// A preference that every till can edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPreference {
    /// Group, as in [`crate::Preferences`].
    pub group: &'static str,
    /// Key within the group.
    pub key: &'static str,
    /// What may be entered.
    pub input: Input,
}

/// What may be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Text of at most [`LONGEST_TEXT`] characters.
    Text,
    /// One of these keys.
    OneOf(&'static [&'static str]),
    /// Any of these keys.
    AnyOf(&'static [&'static str]),
}

/// Why a value cannot be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Text is longer than [`LONGEST_TEXT`] characters, or holds control characters.
    #[error("a text of at most 500 characters is expected")]
    Text,
    /// The text holds what looks like the number of a payment card.
    #[error("a text without card numbers is expected")]
    CardNumber,
    /// A tag is empty, too long, or not under its own key.
    #[error("a tag is 1 to 40 characters on one line, under the key that its text makes")]
    Tag,
    /// Not among the options.
    #[error("a value among the options is expected")]
    Option,
    /// Another kind of value is expected.
    #[error("another kind of value is expected")]
    Kind,
}

const LANGUAGES: &[&str] = &[
    "en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "hu", "ro", "el", "uk",
    "ru", "tr", "ar", "he", "fa", "hi", "bn", "ta", "th", "my", "vi", "id", "zh", "ja", "ko", "am", "bg",
    "hy", "is", "ka", "yo",
];

const CATALOGUE: &[KnownPreference] = &[
    known("sizes", "top", Input::OneOf(&["XS", "S", "M", "L", "XL", "XXL"])),
    known("sizes", "trousers", Input::Text),
    known("sizes", "shoes", Input::Text),
    known("style", "fit", Input::OneOf(&["slim", "regular", "relaxed"])),
    known(
        "style",
        "colours",
        Input::AnyOf(&[
            "navy",
            "sand",
            "sage",
            "black",
            "white",
            "rust",
            "sea_blue",
            "mustard",
            "plum",
            "acid_lime",
        ]),
    ),
    known("style", "materials_avoided", Input::AnyOf(&["wool", "leather", "down", "polyester", "latex"])),
    known("contact", "channel", Input::OneOf(&["email", "sms", "phone", "post"])),
    known("contact", "language", Input::OneOf(LANGUAGES)),
    known("contact", "time", Input::OneOf(&["morning", "afternoon", "evening"])),
    known("care", "allergies", Input::AnyOf(&["nickel", "latex", "wool", "fragrance"])),
    known(
        "care",
        "accessibility",
        Input::AnyOf(&["step_free_access", "fitting_room_seat", "large_print", "hearing_loop", "quiet_hour"]),
    ),
    known("care", "note", Input::Text),
];

const fn known(group: &'static str, key: &'static str, input: Input) -> KnownPreference {
    KnownPreference { group, key, input }
}

/// The preferences that every till can edit, in the order of the screen; those of one group stand together.
pub fn catalogue() -> &'static [KnownPreference] {
    CATALOGUE
}

/// What may be entered for a preference, known or not.
pub fn input_of(group: &str, key: &str) -> Input {
    CATALOGUE
        .iter()
        .find(|known| known.group == group && known.key == key)
        .map_or(Input::Text, |known| known.input)
}

/// Whether a till may make this edit. Removing a value is always allowed. A preference that the catalogue lacks takes
/// any value: its rules are the centre's.
///
/// # Errors
/// What is wrong with the value.
pub fn validate(edit: &PreferenceEdit) -> Result<(), Invalid> {
    let Some(value) = &edit.value else { return Ok(()) };
    let texts = match value {
        PreferenceValue::Text(text) => std::slice::from_ref(text),
        PreferenceValue::Several(texts) => texts,
        PreferenceValue::Flag(_) => &[],
    };
    check(!texts.iter().any(|text| has_card_number(text)), Invalid::CardNumber)?;
    match (edit.group.as_str(), value) {
        (NOTES, PreferenceValue::Text(text)) => {
            return check(!text.is_empty() && is_text(text), Invalid::Text);
        }
        (TAGS, PreferenceValue::Text(text)) => {
            return check(is_text(text) && is_valid_tag(&edit.key, text), Invalid::Tag);
        }
        (NOTES | TAGS, _) => return Err(Invalid::Kind),
        _ => {}
    }
    let is_known = CATALOGUE.iter().any(|known| known.group == edit.group && known.key == edit.key);
    match (input_of(&edit.group, &edit.key), value) {
        (Input::Text, PreferenceValue::Text(text)) => check(is_text(text), Invalid::Text),
        (Input::OneOf(options), PreferenceValue::Text(one)) => {
            check(options.contains(&one.as_str()), Invalid::Option)
        }
        (Input::AnyOf(options), PreferenceValue::Several(some)) => {
            check(some.iter().all(|one| options.contains(&one.as_str())), Invalid::Option)
        }
        (Input::Text, PreferenceValue::Several(texts)) if !is_known => {
            check(texts.iter().all(|text| is_text(text)), Invalid::Text)
        }
        (Input::Text, PreferenceValue::Flag(_)) if !is_known => Ok(()),
        _ => Err(Invalid::Kind),
    }
}

fn check(holds: bool, otherwise: Invalid) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn is_text(text: &str) -> bool {
    text.chars().count() <= LONGEST_TEXT && !text.chars().any(|c| c.is_control() && c != '\n')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::notes;

    use super::*;

    fn edit(group: &str, key: &str, value: Option<PreferenceValue>) -> PreferenceEdit {
        PreferenceEdit { group: group.to_owned(), key: key.to_owned(), value }
    }

    fn text(text: &str) -> PreferenceValue {
        PreferenceValue::Text(text.to_owned())
    }

    #[test]
    fn no_preference_is_there_twice_and_groups_stand_together() {
        let names: HashSet<_> = catalogue().iter().map(|known| (known.group, known.key)).collect();
        assert_eq!(names.len(), catalogue().len());
        let mut groups: Vec<_> = catalogue().iter().map(|known| known.group).collect();
        groups.dedup();
        assert_eq!(groups.len(), groups.iter().collect::<HashSet<_>>().len());
    }

    #[test]
    fn one_of_the_options_is_taken_and_anything_else_refused() {
        assert_eq!(validate(&edit("sizes", "top", Some(text("L")))), Ok(()));
        assert_eq!(validate(&edit("sizes", "top", Some(text("enormous")))), Err(Invalid::Option));
        let several = Some(PreferenceValue::Several(vec!["L".to_owned()]));
        assert_eq!(validate(&edit("sizes", "top", several)), Err(Invalid::Kind));
    }

    #[test]
    fn several_options_are_taken_unless_one_is_unknown() {
        let several =
            |some: &[&str]| Some(PreferenceValue::Several(some.iter().map(|&one| one.to_owned()).collect()));
        assert_eq!(validate(&edit("style", "colours", several(&["navy", "sand"]))), Ok(()));
        assert_eq!(validate(&edit("style", "colours", several(&[]))), Ok(()));
        assert_eq!(validate(&edit("style", "colours", several(&["navy", "octarine"]))), Err(Invalid::Option));
    }

    #[test]
    fn text_has_a_length_and_no_control_characters() {
        assert_eq!(validate(&edit("care", "note", Some(text(&"é".repeat(500))))), Ok(()));
        assert_eq!(validate(&edit("care", "note", Some(text(&"é".repeat(501))))), Err(Invalid::Text));
        assert_eq!(validate(&edit("care", "note", Some(text("a\u{7}")))), Err(Invalid::Text));
    }

    #[test]
    fn anything_can_be_removed() {
        assert_eq!(validate(&edit("sizes", "top", None)), Ok(()));
    }

    #[test]
    fn a_preference_that_only_the_centre_knows_keeps_its_kind() {
        assert_eq!(validate(&edit("garden", "wants_seeds", Some(PreferenceValue::Flag(true)))), Ok(()));
        assert_eq!(validate(&edit("care", "note", Some(PreferenceValue::Flag(true)))), Err(Invalid::Kind));
    }

    #[test]
    fn no_text_takes_a_card_number() {
        let card = "pays with 4111 1111 1111 1111".to_owned();
        for edit in [
            notes::note("n1", &card),
            notes::tag("4111 1111 1111 1111"),
            edit("care", "note", Some(PreferenceValue::Text(card.clone()))),
            edit("garden", "plan", Some(PreferenceValue::Several(vec!["roses".to_owned(), card.clone()]))),
        ] {
            assert_eq!(validate(&edit), Err(Invalid::CardNumber), "{edit:?}");
        }
    }
}
