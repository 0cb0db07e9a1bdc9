//! Remembered customers and the open profile.

use ::counter::Input;
use profile::{Invalid, PreferenceEdit, card_number::has_card_number, catalogue};
use uuid::Uuid;

use super::FromAssociate;
use crate::view::{EntryView, Problem, ProblemCode, SearchAnswer, UnsentView, ValueView};

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

/// Keeps somebody new, who stands beside the associate, and opens them.
#[tauri::command]
#[specta::specta]
pub async fn add_customer(from: FromAssociate, entry: EntryView) -> Result<(), Problem> {
    Ok(from.shell().till()?.add_customer(entry)?)
}

/// Somebody new is none of those whom the centre has named; or it is to be asked once more.
#[tauri::command]
#[specta::specta]
pub fn send_customer(from: FromAssociate, customer: Uuid) -> Result<(), Problem> {
    from.send(Input::SendCustomer { customer })
}

/// Somebody new says that the centre knows them: they sign in themselves.
#[tauri::command]
#[specta::specta]
pub fn sign_in_as(from: FromAssociate, customer: Uuid) -> Result<(), Problem> {
    from.send(Input::SignInAs { customer })
}

/// Lets go of somebody new whom the centre does not have.
#[tauri::command]
#[specta::specta]
pub fn drop_customer(from: FromAssociate, customer: Uuid) -> Result<(), Problem> {
    from.send(Input::DropCustomer { customer })
}

/// Writes down that the customer whose copy is open is here.
#[tauri::command]
#[specta::specta]
pub fn note_visit(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::NoteVisit)
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
    catalogue::validate(&edit).map_err(|wrong| match wrong {
        Invalid::CardNumber => ProblemCode::CardNumber,
        // The screen offers nothing else: whatever comes here is a fault of ours.
        _ => ProblemCode::Internal,
    })?;
    from.send(Input::ChangePreference(edit))
}

/// Notes something of the open customer. One that is taken away is a preference that is removed.
#[tauri::command]
#[specta::specta]
pub fn take_note(from: FromAssociate, text: String) -> Result<(), Problem> {
    without_card_number(&text)?;
    from.send(Input::TakeNote { text })
}

/// Puts a tag on the open customer. One that is taken away is a preference that is removed.
#[tauri::command]
#[specta::specta]
pub fn add_tag(from: FromAssociate, text: String) -> Result<(), Problem> {
    without_card_number(&text)?;
    from.send(Input::AddTag { text })
}

fn without_card_number(text: &str) -> Result<(), ProblemCode> {
    if has_card_number(text) { Err(ProblemCode::CardNumber) } else { Ok(()) }
}

/// Undoes an edit of this visit.
#[tauri::command]
#[specta::specta]
pub fn undo_edit(from: FromAssociate, edit: Uuid) -> Result<(), Problem> {
    from.send(Input::UndoEdit { edit })
}

/// Lists what the centre does not have.
#[tauri::command]
#[specta::specta]
pub async fn unsent(from: FromAssociate) -> Result<UnsentView, Problem> {
    Ok(from.shell().till()?.unsent().await?)
}

/// Sends an edit that the centre refused again, with this value; `seen` is what the associate has seen standing there.
#[tauri::command]
#[specta::specta]
pub fn mend_edit(
    from: FromAssociate,
    edit: Uuid,
    value: Option<ValueView>,
    seen: Option<ValueView>,
) -> Result<(), Problem> {
    from.send(Input::MendEdit { edit, value: value.map(Into::into), seen: seen.map(Into::into) })
}

/// Lets go of an edit that the centre does not have.
#[tauri::command]
#[specta::specta]
pub fn drop_edit(from: FromAssociate, edit: Uuid) -> Result<(), Problem> {
    from.send(Input::DropEdit { edit })
}

/// Lets the copying of the store's customers stand still for a while, or go on.
#[tauri::command]
#[specta::specta]
pub fn pause_copying(from: FromAssociate, pause: bool) -> Result<(), Problem> {
    from.send(if pause { Input::PauseSnapshot } else { Input::ResumeSnapshot })
}

/// Loads older activity.
#[tauri::command]
#[specta::specta]
pub fn older_activity(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::OlderActivity)
}
