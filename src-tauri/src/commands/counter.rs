//! The visit: from the tap on "Sign in a customer" to its end.

use ::counter::Input;

use super::FromAssociate;
use crate::view::{AssociateView, Next, Problem};

/// The next view of the associate's window: at once where it is not the one seen, else when there is one.
#[tauri::command]
#[specta::specta]
pub async fn associate_view(from: FromAssociate, seen: Option<u32>) -> Result<Next<AssociateView>, Problem> {
    Ok(from.shell().associate.next(seen).await)
}

/// "Sign in a customer".
#[tauri::command]
#[specta::specta]
pub fn sign_in(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::SignIn)
}

/// A new code for the same customer.
#[tauri::command]
#[specta::specta]
pub fn new_code(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::NewCode)
}

/// Give up the sign-in.
#[tauri::command]
#[specta::specta]
pub fn cancel(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::Cancel)
}

/// The phone shows the same check.
#[tauri::command]
#[specta::specta]
pub fn confirm_match(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::ConfirmMatch)
}

/// The phone shows something else.
#[tauri::command]
#[specta::specta]
pub fn refuse_match(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::RefuseMatch)
}

/// The customer tells the associate that this store is not to remember them any more.
#[tauri::command]
#[specta::specta]
pub fn forget_customer(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::ForgetCustomer)
}

/// The visit is over.
#[tauri::command]
#[specta::specta]
pub fn end_visit(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::EndVisit)
}

/// Leave a failure or an ending.
#[tauri::command]
#[specta::specta]
pub fn dismiss(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::Dismiss)
}

/// Leave a notice.
#[tauri::command]
#[specta::specta]
pub fn dismiss_notice(from: FromAssociate, id: u32) -> Result<(), Problem> {
    from.send(Input::DismissNotice { id: id.into() })
}
