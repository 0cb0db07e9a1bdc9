//! Checking the till.

use tauri::AppHandle;

use super::FromAssociate;
use crate::{
    view::{CheckupView, Next, Problem},
    windows,
};

/// Looks for what is wrong with this till.
#[tauri::command]
#[specta::specta]
pub async fn start_checkup(from: FromAssociate, app: AppHandle) -> Result<(), Problem> {
    from.shell().start_checkup(windows::all_screens(&app));
    Ok(())
}

/// The next view of the page that checks the till: at once where it is not the one seen, else when there is one.
#[tauri::command]
#[specta::specta]
pub async fn checkup_view(from: FromAssociate, seen: Option<u32>) -> Result<Next<CheckupView>, Problem> {
    Ok(from.shell().checkup.next(seen).await)
}
