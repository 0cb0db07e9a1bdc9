//! What becomes of an edit that was made on an older state of a profile: the three-way merge of one preference.
//!
//! Edits of different preferences never meet, so the merge of a document is the merge of each of its preferences. The
//! rule takes no side by time: clocks of tills are wrong, and a person knows better. It never makes up a value.

use crate::PreferenceValue;

/// What an edit comes to where it meets what stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Both sides want the same: what stands there stays, with its own provenance.
    Same,
    /// Nobody else has changed it: the edit is applied.
    Mine,
    /// Somebody else has changed it to something else: a person decides, and until then neither value is lost.
    Conflict,
}

/// Merges an edit of one preference: `base` stood there when it was made, `mine` is what was entered, `theirs` stands
/// there now. None is "no value", which is a value like any other.
pub fn merge(
    base: Option<&PreferenceValue>,
    mine: Option<&PreferenceValue>,
    theirs: Option<&PreferenceValue>,
) -> Merged {
    if mine == theirs {
        Merged::Same
    } else if base == theirs {
        Merged::Mine
    } else {
        Merged::Conflict
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::{Author, Channel, Preference, PreferenceEdit, Preferences, Provenance};

    /// A few names and values, so that sides meet.
    fn value() -> impl Strategy<Value = Option<PreferenceValue>> {
        proptest::option::of(prop_oneof![
            Just(PreferenceValue::Flag(true)),
            (40..43).prop_map(|size: i32| PreferenceValue::Text(size.to_string())),
            Just(PreferenceValue::Several(vec!["navy".to_owned()])),
        ])
    }

    fn edit() -> impl Strategy<Value = PreferenceEdit> {
        let (group, key) = (prop_oneof!["sizes", "style"], prop_oneof!["shoes", "fit"]);
        (group, key, value()).prop_map(|(group, key, value)| PreferenceEdit { group, key, value })
    }

    fn document() -> impl Strategy<Value = Preferences> {
        let web = || Provenance { channel: Channel::Web, at: DateTime::UNIX_EPOCH, by: Author::Customer };
        proptest::collection::vec(edit(), 0..6).prop_map(move |edits| {
            let mut document = Preferences::new();
            for edit in edits {
                edit.apply(&mut document, web());
            }
            document
        })
    }

    fn at<'a>(document: &'a Preferences, edit: &PreferenceEdit) -> Option<&'a Preference> {
        document.get(&edit.group)?.get(&edit.key)
    }

    fn value_at<'a>(document: &'a Preferences, edit: &PreferenceEdit) -> Option<&'a PreferenceValue> {
        at(document, edit).map(|preference| &preference.value)
    }

    fn till() -> Provenance {
        Provenance { channel: Channel::Store, at: DateTime::UNIX_EPOCH, by: Author::Associate }
    }

    /// What a centre makes of an edit: the document, and whether a person must be asked.
    fn merged(base: &Preferences, edit: &PreferenceEdit, theirs: &Preferences) -> (Preferences, Merged) {
        let mut document = theirs.clone();
        let merged = merge(value_at(base, edit), edit.value.as_ref(), value_at(theirs, edit));
        if merged == Merged::Mine {
            edit.apply(&mut document, till());
        }
        (document, merged)
    }

    proptest! {
        #[test]
        fn an_edit_of_what_nobody_else_has_touched_is_applied(base in document(), edit in edit()) {
            let (after, merged) = merged(&base, &edit, &base);
            prop_assert_ne!(merged, Merged::Conflict);
            prop_assert!(value_at(&after, &edit) == edit.value.as_ref());
        }

        #[test]
        fn edits_of_different_preferences_merge_in_any_order(base in document(), one in edit(), other in edit()) {
            prop_assume!((&one.group, &one.key) != (&other.group, &other.key));
            let both = |first, second| merged(&base, second, &merged(&base, first, &base).0).0;
            prop_assert!(both(&one, &other) == both(&other, &one));
        }

        #[test]
        fn the_same_value_on_both_sides_is_no_conflict_and_keeps_its_origin(
            base in document(), theirs in document(), edit in edit(),
        ) {
            let edit = PreferenceEdit { value: value_at(&theirs, &edit).cloned(), ..edit };
            let (after, merged) = merged(&base, &edit, &theirs);
            prop_assert_eq!(merged, Merged::Same);
            prop_assert!(after == theirs);
        }

        #[test]
        fn an_edit_that_comes_twice_changes_nothing_the_second_time(
            base in document(), theirs in document(), edit in edit(),
        ) {
            let (once, first) = merged(&base, &edit, &theirs);
            let (twice, second) = merged(&base, &edit, &once);
            prop_assert!(once == twice);
            prop_assert!(first == second || second == Merged::Same);
        }

        #[test]
        fn in_a_conflict_both_values_are_still_there(base in document(), theirs in document(), edit in edit()) {
            let (after, merged) = merged(&base, &edit, &theirs);
            if merged == Merged::Conflict {
                prop_assert!(after == theirs, "theirs stands, and mine is in the edit");
                prop_assert!(edit.value.as_ref() != value_at(&theirs, &edit));
            }
        }

        #[test]
        fn every_other_preference_keeps_value_and_origin(
            base in document(), theirs in document(), edit in edit(), other in edit(),
        ) {
            prop_assume!((&edit.group, &edit.key) != (&other.group, &other.key));
            let (after, _) = merged(&base, &edit, &theirs);
            prop_assert!(at(&after, &other) == at(&theirs, &other));
        }

        #[test]
        fn a_person_who_keeps_theirs_or_takes_the_edit_after_looking_leaves_no_question(
            theirs in document(), edit in edit(),
        ) {
            // Sent again, it is made on what the person has seen.
            prop_assert_ne!(merged(&theirs, &edit, &theirs).1, Merged::Conflict);
        }

        #[test]
        fn it_does_not_matter_where_a_chain_of_edits_of_one_preference_is_cut(
            base in document(), first in edit(), value in value(),
        ) {
            // Each is made on the one before: one after the other they come to the same as the last alone.
            let second = PreferenceEdit { value, ..first.clone() };
            let (after_first, _) = merged(&base, &first, &base);
            let (chained, answer) = merged(&after_first, &second, &after_first);
            prop_assert_ne!(answer, Merged::Conflict);
            let (alone, _) = merged(&base, &second, &base);
            prop_assert!(value_at(&chained, &second) == value_at(&alone, &second));
        }
    }
}
