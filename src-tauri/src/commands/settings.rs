//! Setting the till up, and what store IT or a newcomer does.

use ::counter::Input;

use super::FromAssociate;
use crate::{
    setup::{self, Connection},
    view::Problem,
};

/// Tries to open the memory again.
#[tauri::command]
#[specta::specta]
pub fn retry_memory(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::RetryMemory)
}

/// Begins a new database beside the one that cannot be used.
#[tauri::command]
#[specta::specta]
pub fn start_anew(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::StartAnew)
}

/// First run: tries it with the embedded central service.
#[tauri::command]
#[specta::specta]
pub async fn try_embedded(from: FromAssociate) -> Result<(), Problem> {
    Ok(setup::try_embedded(from.shell()).await?)
}

/// First run: connects to a provider.
#[tauri::command]
#[specta::specta]
pub async fn connect(
    from: FromAssociate,
    issuer: String,
    client_id: String,
    store: String,
    till: String,
) -> Result<(), Problem> {
    Ok(setup::connect(from.shell(), Connection { issuer, client_id, store, till }).await?)
}

/// In the demo: opens the page of the code on this machine.
#[tauri::command]
#[specta::specta]
pub async fn open_phone_page(from: FromAssociate) -> Result<(), Problem> {
    Ok(from.shell().open_phone_page()?)
}
