//! Changing preferences: a JSON Merge Patch (RFC 7396) over `{group: {key: value}}`.
//!
//! Two changes of different keys merge. A change of a key that somebody else has changed since the revision that the
//! client knows is a conflict, unless both want the same. A removed preference leaves a row without a value, so that
//! its removal counts as a change too.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use profile::{
    Author, Channel, Invalid, Preference, PreferenceEdit, PreferenceValue, Profile, Provenance, catalogue,
};
use serde_json::Value;
use sqlx::SqliteConnection;

use super::{
    changes::{ChangeKind, record_change},
    from_millis, from_word,
    idempotency::{Key, Known, keep, look_up},
    reading::{profile_within, revision_within},
    word,
};
use crate::{Error, db::Db};

const MOST_EDITS: usize = 50;
const MOST_PREFERENCES: i64 = 200;
const LONGEST_NAME: usize = 40;
const MOST_VALUES: usize = 50;

/// A merge patch that may be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    edits: Vec<PreferenceEdit>,
    /// Groups that are to go with all their keys.
    removed_groups: Vec<String>,
}

/// Why a merge patch may not be applied; `at` is a JSON Pointer to the member.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatchError {
    #[error("the patch must be an object of groups, each an object of keys")]
    NotAnObject { at: String },
    #[error("names of groups and keys are 1 to 40 small letters, digits and underscores")]
    Name { at: String },
    #[error("a value is true or false, a text, or a list of at most 50 texts")]
    Value { at: String },
    #[error("{why}")]
    Invalid { at: String, why: Invalid },
    #[error("a patch changes at most 50 preferences")]
    TooMany,
}

impl PatchError {
    pub(crate) fn pointer(&self) -> &str {
        match self {
            Self::NotAnObject { at } | Self::Name { at } | Self::Value { at } | Self::Invalid { at, .. } => {
                at
            }
            Self::TooMany => "",
        }
    }
}

impl Patch {
    pub(crate) fn parse(document: &Value) -> Result<Self, PatchError> {
        // RFC 7396 would have anything but an object replace the whole document: no client means that.
        let groups = document.as_object().ok_or_else(|| PatchError::NotAnObject { at: String::new() })?;
        let mut patch = Self { edits: Vec::new(), removed_groups: Vec::new() };
        for (group, keys) in groups {
            let at = format!("/{}", pointer_part(group));
            if !is_name(group) {
                return Err(PatchError::Name { at });
            }
            if keys.is_null() {
                patch.removed_groups.push(group.clone());
                continue;
            }
            for (key, value) in keys.as_object().ok_or_else(|| PatchError::NotAnObject { at: at.clone() })? {
                let at = format!("{at}/{}", pointer_part(key));
                if !is_name(key) {
                    return Err(PatchError::Name { at });
                }
                let value = if value.is_null() { None } else { Some(parse_value(value, &at)?) };
                let edit = PreferenceEdit { group: group.clone(), key: key.clone(), value };
                catalogue::validate(&edit).map_err(|why| PatchError::Invalid { at, why })?;
                patch.edits.push(edit);
            }
        }
        if patch.edits.len() + patch.removed_groups.len() > MOST_EDITS {
            return Err(PatchError::TooMany);
        }
        Ok(patch)
    }

    /// What the patch makes of each key that it touches, given the keys that are there.
    fn wanted<'a>(
        &'a self,
        stored: &'a BTreeMap<(String, String), Stored>,
    ) -> BTreeMap<(&'a str, &'a str), Option<&'a PreferenceValue>> {
        let in_removed_groups = stored
            .keys()
            .filter(|(group, _)| self.removed_groups.contains(group))
            .map(|(group, key)| ((group.as_str(), key.as_str()), None));
        let edited =
            self.edits.iter().map(|edit| ((edit.group.as_str(), edit.key.as_str()), edit.value.as_ref()));
        in_removed_groups.chain(edited).collect()
    }
}

/// Whether it can be the name of a group, a key, or a way to end a visit.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A part of a JSON Pointer (RFC 6901), cut where somebody sends a very long one.
fn pointer_part(part: &str) -> String {
    part.chars().take(LONGEST_NAME).collect::<String>().replace('~', "~0").replace('/', "~1")
}

fn parse_value(value: &Value, at: &str) -> Result<PreferenceValue, PatchError> {
    let wrong = || PatchError::Value { at: at.to_owned() };
    if value.as_array().is_some_and(|texts| texts.len() > MOST_VALUES) {
        return Err(wrong());
    }
    serde_json::from_value(value.clone()).map_err(|_| wrong())
}

/// The key of a change of preferences: the same request is the same whichever way it comes, with a customer's token, with a
/// till's or sealed, and however its members are ordered and spaced.
pub(crate) fn change_key<'a>(
    client_id: &'a str,
    subject: &'a str,
    name: &'a str,
    document: &Value,
) -> Key<'a> {
    let mut document = document.clone();
    document.sort_all_objects();
    Key::new(client_id, subject, name, "PATCH /v1/me/preferences", &document.to_string())
}

/// Who changes preferences, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub(crate) channel: Channel,
    pub(crate) by: Author,
}

/// A key that somebody else has changed.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) group: String,
    pub(crate) key: String,
    /// What stands there now.
    pub(crate) current: Option<Preference>,
}

/// What became of a patch.
#[derive(Debug)]
pub(crate) enum Applied {
    /// Applied, now or when it was first sent: the profile as it is now.
    Profile(Box<Profile>),
    /// Not applied: somebody else has changed the same keys.
    Conflicts { conflicts: Vec<Conflict>, revision: u64 },
    /// Not applied: the client knows a revision that has never been.
    Unknown { revision: u64 },
    /// Not applied: the customer would have too many preferences.
    TooMany,
    /// Not applied: the idempotency key was used for another request.
    KeyReused,
    /// There is no such customer.
    NoCustomer,
}

/// Applies a patch once for each idempotency key. `base` is the revision that the client knows.
pub(crate) async fn patch_preferences(
    db: &Db,
    key: &Key<'_>,
    patch: &Patch,
    base: Option<i64>,
    source: Source,
    now: DateTime<Utc>,
) -> Result<Applied, Error> {
    let mut writing = db.write().await?;
    match look_up(&mut writing, key).await? {
        Known::No => {}
        Known::Done { .. } => return as_it_is(&mut writing, key.subject).await,
        Known::Reused => return Ok(Applied::KeyReused),
    }
    let subject = key.subject;
    let Some(revision) = revision_within(&mut writing, subject).await? else {
        return Ok(Applied::NoCustomer);
    };
    if base.is_some_and(|base| base > revision) {
        return Ok(Applied::Unknown { revision: revision.cast_unsigned() });
    }
    let stored = stored(&mut writing, subject).await?;
    let wanted = patch.wanted(&stored);
    if let Some(base) = base {
        let conflicts = conflicts(&stored, &wanted, base);
        if !conflicts.is_empty() {
            return Ok(Applied::Conflicts { conflicts, revision: revision.cast_unsigned() });
        }
    }
    let mut changed = false;
    for ((group, name), value) in wanted {
        let before = stored.get(&(group.to_owned(), name.to_owned()));
        if value.is_none() && before.is_none_or(|before| before.preference.is_none()) {
            continue;
        }
        set(&mut writing, subject, group, name, value, source, revision + 1, now).await?;
        changed = true;
    }
    if changed {
        let kept = sqlx::query_scalar!("SELECT count(*) FROM preferences WHERE subject = ?", subject)
            .fetch_one(&mut *writing)
            .await?;
        if kept > MOST_PREFERENCES {
            return Ok(Applied::TooMany);
        }
        sqlx::query!("UPDATE customers SET revision = revision + 1 WHERE subject = ?", subject)
            .execute(&mut *writing)
            .await?;
        record_change(&mut writing, subject, ChangeKind::Changed).await?;
    }
    keep(&mut writing, key, None, now).await?;
    let applied = as_it_is(&mut writing, subject).await?;
    writing.commit().await?;
    Ok(applied)
}

async fn as_it_is(db: &mut SqliteConnection, subject: &str) -> Result<Applied, Error> {
    let profile = profile_within(db, subject).await?;
    Ok(profile.map_or(Applied::NoCustomer, |profile| Applied::Profile(Box::new(profile))))
}

/// What is stored of a key.
struct Stored {
    /// None where the preference was removed.
    preference: Option<Preference>,
    revision: i64,
}

async fn stored(
    db: &mut SqliteConnection,
    subject: &str,
) -> Result<BTreeMap<(String, String), Stored>, Error> {
    let rows = sqlx::query!(
        "SELECT group_name, key, value, channel, at, author, revision FROM preferences WHERE subject = ?",
        subject
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let preference = match row.value {
                Some(value) => Some(Preference {
                    value: serde_json::from_str(&value).map_err(|_| Error::Stored("preferences.value"))?,
                    provenance: Some(Provenance {
                        channel: from_word(&row.channel, "preferences.channel")?,
                        at: from_millis(row.at, "preferences.at")?,
                        by: from_word(&row.author, "preferences.author")?,
                    }),
                }),
                None => None,
            };
            Ok(((row.group_name, row.key), Stored { preference, revision: row.revision }))
        })
        .collect()
}

fn conflicts(
    stored: &BTreeMap<(String, String), Stored>,
    wanted: &BTreeMap<(&str, &str), Option<&PreferenceValue>>,
    base: i64,
) -> Vec<Conflict> {
    stored
        .iter()
        .filter(|(_, now)| now.revision > base)
        .filter_map(|((group, key), now)| {
            let value = wanted.get(&(group.as_str(), key.as_str()))?;
            let same = now.preference.as_ref().map(|preference| &preference.value) == *value;
            (!same).then(|| Conflict {
                group: group.clone(),
                key: key.clone(),
                current: now.preference.clone(),
            })
        })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "one row, written at one place")]
async fn set(
    db: &mut SqliteConnection,
    subject: &str,
    group: &str,
    key: &str,
    value: Option<&PreferenceValue>,
    source: Source,
    revision: i64,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let value =
        value.map(serde_json::to_string).transpose().map_err(|_| Error::Stored("preferences.value"))?;
    let (channel, author) = (word(&source.channel)?, word(&source.by)?);
    let at = now.timestamp_millis();
    sqlx::query!(
        "INSERT INTO preferences (subject, group_name, key, value, channel, at, author, revision)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (subject, group_name, key) DO UPDATE SET
             value = excluded.value, channel = excluded.channel, at = excluded.at, author = excluded.author,
             revision = excluded.revision",
        subject,
        group,
        key,
        value,
        channel,
        at,
        author,
        revision
    )
    .execute(db)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_sets_and_removes_keys_and_whole_groups() {
        let patch = Patch::parse(&json!({ "sizes": { "shoes": "42", "top": null }, "care": null })).unwrap();
        assert_eq!(patch.edits.len(), 2);
        assert_eq!(patch.removed_groups, ["care"]);
    }

    #[test]
    fn what_is_no_preference_is_refused_and_pointed_at() {
        for (document, at) in [
            (json!([]), ""),
            (json!("sizes"), ""),
            (json!({ "sizes": "42" }), "/sizes"),
            (json!({ "sizes": { "shoes": 42 } }), "/sizes/shoes"),
            (json!({ "sizes": { "shoes": { "left": "42" } } }), "/sizes/shoes"),
            (json!({ "sizes": { "shoes": ["42", null] } }), "/sizes/shoes"),
            (json!({ "sizes": { "shoes": "4".repeat(501) } }), "/sizes/shoes"),
            (json!({ "sizes": { "shoes": "4\u{0}2" } }), "/sizes/shoes"),
            (json!({ "sizes": { "shoes": vec!["42"; 51] } }), "/sizes/shoes"),
            (json!({ "Sizes": {} }), "/Sizes"),
            (json!({ "": {} }), "/"),
            (json!({ "a/b~": {} }), "/a~1b~0"),
            (json!({ "sizes": { "shoe size": "42" } }), "/sizes/shoe size"),
        ] {
            assert_eq!(Patch::parse(&document).unwrap_err().pointer(), at, "{document}");
        }
    }

    #[test]
    fn a_patch_of_too_many_keys_is_refused() {
        let keys: serde_json::Map<_, _> = (0..51).map(|n| (format!("key_{n}"), json!(true))).collect();
        assert_eq!(Patch::parse(&json!({ "sizes": keys })), Err(PatchError::TooMany));
    }
}
