//! Preferences: values by group and key, each with its provenance.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::Provenance;

/// Preferences by group, then by key: `sizes` -> `shoes` -> 42.
pub type Preferences = BTreeMap<String, BTreeMap<String, Preference>>;

/// One preference.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preference {
    /// What is preferred.
    pub value: PreferenceValue,
    /// Where it comes from, where the service says so.
    pub provenance: Option<Provenance>,
}

impl fmt::Debug for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preference").field("provenance", &self.provenance).finish_non_exhaustive()
    }
}

/// The kinds of value a preference can have.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PreferenceValue {
    /// Yes or no.
    Flag(bool),
    /// One word or sentence.
    Text(String),
    /// Several of a set.
    Several(Vec<String>),
}

impl fmt::Debug for PreferenceValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreferenceValue(..)")
    }
}

/// A change of one preference.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferenceEdit {
    /// Group, as in [`Preferences`].
    pub group: String,
    /// Key within the group.
    pub key: String,
    /// The new value; none removes the preference.
    pub value: Option<PreferenceValue>,
}

impl fmt::Debug for PreferenceEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreferenceEdit")
            .field("group", &self.group)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl PreferenceEdit {
    /// The edit as a JSON Merge Patch (RFC 7396) over `{group: {key: value}}`.
    pub fn merge_patch(&self) -> serde_json::Value {
        serde_json::json!({ &self.group: { &self.key: &self.value } })
    }

    /// Applies the edit and gives back what stood there before.
    pub fn apply(&self, preferences: &mut Preferences, provenance: Provenance) -> Option<Preference> {
        if let Some(value) = &self.value {
            let preference = Preference { value: value.clone(), provenance: Some(provenance) };
            return preferences.entry(self.group.clone()).or_default().insert(self.key.clone(), preference);
        }
        let group = preferences.get_mut(&self.group)?;
        let before = group.remove(&self.key);
        if group.is_empty() {
            preferences.remove(&self.group);
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{Author, Channel};

    fn edit(value: Option<&str>) -> PreferenceEdit {
        PreferenceEdit {
            group: "sizes".to_owned(),
            key: "shoes".to_owned(),
            value: value.map(|text| PreferenceValue::Text(text.to_owned())),
        }
    }

    fn at_the_till() -> Provenance {
        Provenance { channel: Channel::Store, at: DateTime::UNIX_EPOCH, by: Author::Associate }
    }

    #[test]
    fn an_edit_gives_back_what_stood_there_so_that_it_can_be_undone() {
        let mut preferences = Preferences::new();
        assert!(edit(Some("41")).apply(&mut preferences, at_the_till()).is_none());
        let before = edit(Some("42")).apply(&mut preferences, at_the_till()).unwrap();
        assert!(before.value == PreferenceValue::Text("41".to_owned()));
        assert_eq!(preferences["sizes"]["shoes"].provenance, Some(at_the_till()));
    }

    #[test]
    fn removing_the_last_value_of_a_group_leaves_no_empty_group() {
        let mut preferences = Preferences::new();
        edit(Some("41")).apply(&mut preferences, at_the_till());
        assert!(edit(None).apply(&mut preferences, at_the_till()).is_some());
        assert!(preferences.is_empty());
    }

    #[test]
    fn a_removal_is_a_null_in_the_merge_patch() {
        assert_eq!(edit(None).merge_patch(), serde_json::json!({ "sizes": { "shoes": null } }));
    }
}
