//! The one thing that the customer display may ask for.

use super::FromDisplay;
use crate::view::{DisplayView, Next, Problem};

/// The next view of the display: at once where it is not the one seen, else when there is one.
#[tauri::command]
#[specta::specta]
pub async fn display_view(from: FromDisplay, seen: Option<u32>) -> Result<Next<DisplayView>, Problem> {
    Ok(from.shell().display.next(seen).await)
}
