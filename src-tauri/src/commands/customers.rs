//! Remembered customers and the open profile.

use ::counter::Input;
use profile::{PreferenceEdit, catalogue};
use uuid::Uuid;

use super::FromAssociate;
use crate::view::{Problem, ProblemCode, SearchAnswer, ValueView};

/// Searches the customers that this till remembers.
#[tauri::command]
#[specta::specta]
pub async fn search(from: FromAssociate, query: String) -> Result<SearchAnswer, Problem> {
    Ok(from.shell().till()?.search(&query).await?)
}

/// Opens a remembered customer.
#[tauri::command]
#[specta::specta]
pub fn open_remembered(from: FromAssociate, id: Uuid) -> Result<(), Problem> {
    from.send(Input::OpenRemembered { id })
}

/// Changes a preference of the open profile; no value removes it.
#[tauri::command]
#[specta::specta]
pub fn change_preference(
    from: FromAssociate,
    group: String,
    key: String,
    value: Option<ValueView>,
) -> Result<(), Problem> {
    let edit = PreferenceEdit { group, key, value: value.map(Into::into) };
    // The screen offers nothing else: whatever comes here is a fault of ours.
    catalogue::validate(&edit).map_err(|_| ProblemCode::Internal)?;
    from.send(Input::ChangePreference(edit))
}

/// Undoes an edit of this visit.
#[tauri::command]
#[specta::specta]
pub fn undo_edit(from: FromAssociate, edit: Uuid) -> Result<(), Problem> {
    from.send(Input::UndoEdit { edit })
}

/// Lets go of an edit that the centre refused.
#[tauri::command]
#[specta::specta]
pub fn discard_edit(from: FromAssociate, edit: Uuid) -> Result<(), Problem> {
    from.send(Input::DiscardEdit { edit })
}

/// Loads older activity.
#[tauri::command]
#[specta::specta]
pub fn older_activity(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::OlderActivity)
}
