//! What the windows may ask for, one function a command. A command checks who asks, turns what was typed into the
//! engine's terms and passes it on; it decides nothing.
//!
//! Who may call what is said twice: the capability file of each window keeps the other's calls from getting here, and
//! [`FromAssociate`] and [`FromDisplay`], the only ways to the till, look at the label of the window once more. Nothing
//! typed is logged, and a PIN is a secret from the moment it arrives.

pub mod checkup;
pub mod counter;
pub mod customers;
pub mod display;
pub mod settings;
pub mod staff;

use std::path::Path;

use ::counter::Input;
use specta::{Types, datatype::DataType, function::FunctionArg};
use specta_typescript::Typescript;
use tauri::{
    Manager as _, Runtime, Wry,
    ipc::{CommandArg, CommandItem, InvokeError},
};
use tauri_specta::{Builder, collect_commands};

use crate::{
    state::SharedShell,
    view::{Problem, ProblemCode},
    windows::{ASSOCIATE, DISPLAY},
};

/// Every command with its types. The build script has the names.
pub fn all() -> Builder<Wry> {
    // The views are only ever written and what is typed is only ever read: no type needs two shapes.
    Builder::new().disable_serde_phases().commands(collect_commands![
        counter::associate_view,
        staff::add_associate,
        staff::unlock,
        staff::lock,
        staff::sign_in_associate,
        staff::choose_pin,
        staff::end_shift,
        counter::sign_in,
        counter::new_code,
        counter::cancel,
        counter::confirm_match,
        counter::refuse_match,
        customers::search,
        customers::open_remembered,
        customers::add_customer,
        customers::send_customer,
        customers::sign_in_as,
        customers::drop_customer,
        customers::note_visit,
        customers::change_preference,
        customers::take_note,
        customers::add_tag,
        customers::undo_edit,
        customers::unsent,
        customers::mend_edit,
        customers::drop_edit,
        customers::pause_copying,
        customers::older_activity,
        counter::forget_customer,
        counter::end_visit,
        counter::dismiss,
        counter::dismiss_notice,
        staff::touched,
        settings::retry_memory,
        settings::start_anew,
        settings::try_embedded,
        settings::connect,
        settings::open_phone_page,
        checkup::start_checkup,
        checkup::checkup_view,
        display::display_view,
    ])
}

/// The commands and their types for the pages, in TypeScript.
///
/// # Errors
/// When the file cannot be written, or a type has no counterpart.
pub fn export(file: &Path) -> anyhow::Result<()> {
    let header = "// Written by `cargo run -p countersign --bin export-bindings` from the commands in src-tauri/src.\n";
    Ok(all().export(Typescript::default().header(header), file)?)
}

/// A call of the associate's window. A command gets at the till through this alone.
#[derive(Debug)]
pub struct FromAssociate(SharedShell);

impl FromAssociate {
    fn shell(&self) -> &SharedShell {
        &self.0
    }

    /// Passes on what the associate did.
    fn send(self, input: Input) -> Result<(), Problem> {
        self.0.till()?.send(input);
        Ok(())
    }
}

impl<'a, R: Runtime> CommandArg<'a, R> for FromAssociate {
    fn from_command(command: CommandItem<'a, R>) -> Result<Self, InvokeError> {
        Ok(Self(shell_of(ASSOCIATE, &command)?))
    }
}

/// A call of the customer display.
#[derive(Debug)]
pub struct FromDisplay(SharedShell);

impl FromDisplay {
    fn shell(&self) -> &SharedShell {
        &self.0
    }
}

impl<'a, R: Runtime> CommandArg<'a, R> for FromDisplay {
    fn from_command(command: CommandItem<'a, R>) -> Result<Self, InvokeError> {
        Ok(Self(shell_of(DISPLAY, &command)?))
    }
}

// It is not sent by the page, so it is nothing in the bindings.
impl FunctionArg for FromAssociate {
    fn to_datatype(_: &mut Types) -> Option<DataType> {
        None
    }
}

impl FunctionArg for FromDisplay {
    fn to_datatype(_: &mut Types) -> Option<DataType> {
        None
    }
}

/// The shell, for the window of this label alone.
fn shell_of<R: Runtime>(label: &str, command: &CommandItem<'_, R>) -> Result<SharedShell, Problem> {
    let webview = command.message.webview_ref();
    let caller = webview.label();
    if caller != label {
        tracing::error!(
            window = caller,
            command = command.name,
            "a window has called a command of the other one"
        );
        return Err(ProblemCode::Internal.into());
    }
    let shell = webview.try_state::<SharedShell>();
    Ok(shell.map(|shell| SharedShell::clone(&shell)).ok_or(ProblemCode::Internal)?)
}

#[cfg(test)]
mod tests;
