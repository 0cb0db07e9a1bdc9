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
    /// Where it comes from.
    pub provenance: Provenance,
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
        f.debug_struct("PreferenceEdit").field("group", &self.group).field("key", &self.key).finish_non_exhaustive()
    }
}

impl PreferenceEdit {
    /// The edit as a JSON Merge Patch (RFC 7396) over `{group: {key: value}}`.
    pub fn merge_patch(&self) -> serde_json::Value {
        serde_json::json!({ &self.group: { &self.key: &self.value } })
    }

    /// Applies the edit and gives back what stood there before.
    pub fn apply(&self, preferences: &mut Preferences, provenance: Provenance) -> Option<Preference> {
        match &self.value {
            Some(value) => preferences
                .entry(self.group.clone())
                .or_default()
                .insert(self.key.clone(), Preference { value: value.clone(), provenance }),
            None => {
                let group = preferences.get_mut(&self.group)?;
                let before = group.remove(&self.key);
                if group.is_empty() {
                    preferences.remove(&self.group);
                }
                before
            }
        }
    }
}
