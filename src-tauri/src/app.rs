//! From the command line to the end of the program.

use std::{
    env, fs,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use vault::Keyring;

use crate::{
    checkup,
    cli::{Cli, Command},
    commands,
    config::{Config, ConfigError},
    credentials, desktop,
    instance::Instance,
    logging, maintenance,
    paths::Paths,
    state::{BAD_CONFIGURATION, SharedShell, Shell},
    view::{ConfigurationProblem, DisplayScreen},
    windows,
};

/// How long the end of the program waits for what it ends.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// Runs the program and gives back its exit code.
pub fn run(cli: &Cli) -> ExitCode {
    let Some(paths) = Paths::from_cli(cli) else {
        return refuse("This user has no folder for settings and data; give --config and --data.");
    };
    match &cli.command {
        Some(Command::Check) => check(&paths),
        Some(Command::Doctor { json }) => checkup::run(&paths, *json),
        Some(Command::ClientKey) => with_keyring(&paths, async |keyring| {
            let key = credentials::public_key(&keyring).await?;
            // Nobody may be there to read it.
            drop(writeln!(io::stdout(), "{key}"));
            Ok(())
        }),
        Some(Command::ClientSecret) => {
            with_keyring(&paths, async |keyring| credentials::keep_secret(&keyring, io::stdin()).await)
        }
        Some(Command::Vault(command)) => maintenance::run(&paths, command),
        Some(Command::Audit(command)) => maintenance::audit(&paths, command),
        None => open(paths),
    }
}

/// `countersign check`.
fn check(paths: &Paths) -> ExitCode {
    match Config::read(&paths.config) {
        Ok(_) => {
            // Nobody may be there to read it.
            drop(writeln!(io::stdout(), "{}: this configuration can be used.", paths.config.display()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&error.to_string());
            ExitCode::from(BAD_CONFIGURATION)
        }
    }
}

/// Does something with the keyring entries of this till.
fn with_keyring(paths: &Paths, work: impl AsyncFnOnce(Keyring) -> Result<(), String>) -> ExitCode {
    // The name of the entries holds the path of the folder, which is found where the folder is.
    if let Err(error) = fs::create_dir_all(&paths.data) {
        return refuse(&format!("{}: {}.", paths.data.display(), error.kind()));
    }
    let keyring = Keyring::system(&paths.keyring_namespace());
    match tauri::async_runtime::block_on(work(keyring)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => refuse(&why),
    }
}

fn open(paths: Paths) -> ExitCode {
    let instance = match Instance::take(&paths.data) {
        Ok(instance) => instance,
        Err(error) => return refuse(&error.to_string()),
    };
    if let Err(error) = logging::begin(&paths.logs(), env::var("COUNTERSIGN_LOG").ok().as_deref()) {
        tracing::warn!(kind = ?error.kind(), "the log file cannot be written");
    }
    let found = configuration(&paths);
    if let Err(error) = &found {
        say(&error.to_string());
    }
    // Before anything is started that would have to be ended again.
    if let Err(why) = desktop::prepare() {
        return refuse(&why.to_string());
    }
    let shell = Shell::new(paths, found.as_ref().map(Option::as_ref));
    if let Ok(Some(config)) = found {
        // In the background, while the windows are being opened.
        let starting = Arc::clone(&shell);
        if tauri::async_runtime::block_on(async move { starting.run(config) }).is_err() {
            return refuse("The till cannot be started; the log has more.");
        }
    }
    let code = match windowed(&shell) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(%error, "no window can be opened");
            end(&shell);
            refuse("No window can be opened here; the log has more.")
        }
    };
    // The data folder is this program's until everything has ended.
    drop(instance);
    code
}

/// The configuration; none where there is no file yet and nobody has named one.
pub(crate) fn configuration(paths: &Paths) -> Result<Option<Config>, ConfigError> {
    match Config::read(&paths.config) {
        Err(error)
            if error.code == ConfigurationProblem::Unreadable
                && !paths.config_is_named
                && is_certainly_absent(&paths.config) =>
        {
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// A file in a folder that may not be looked into is not one that is missing.
fn is_certainly_absent(file: &Path) -> bool {
    file.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Runs the windows until the associate's is closed.
fn windowed(shell: &SharedShell) -> tauri::Result<ExitCode> {
    let commands = commands::all();
    let for_setup = Arc::clone(shell);
    let for_closing = Arc::clone(shell);
    let app = tauri::Builder::default()
        .invoke_handler(commands.invoke_handler())
        .manage(Arc::clone(shell))
        .on_window_event(move |window, event| {
            let is_over = matches!(event, WindowEvent::CloseRequested { .. } | WindowEvent::Destroyed);
            if window.label() == windows::ASSOCIATE && is_over {
                window.app_handle().exit(for_closing.exit_code().into());
            }
        })
        .setup(move |app| Ok(begin(app.handle(), &for_setup)?))
        .build(tauri::generate_context!())?;

    let code = app.run_return(|app, event| {
        if matches!(event, RunEvent::ExitRequested { .. }) {
            // What is on the screens is over at once; ending the visit may take a moment longer.
            for window in app.webview_windows().into_values() {
                drop(window.hide());
            }
        }
    });
    end(shell);
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Ends what runs.
fn end(shell: &SharedShell) {
    let stopped =
        tauri::async_runtime::block_on(async { tokio::time::timeout(STOPS_WITHIN, shell.stop()).await });
    if stopped.is_err() {
        tracing::warn!("not everything has ended in time");
    }
}

/// The associate's window first: it is what somebody waits for. The display follows.
fn begin(app: &AppHandle, shell: &SharedShell) -> tauri::Result<()> {
    let for_display = Arc::clone(shell);
    windows::open_associate(app, &shell.paths, move |app| {
        tauri::async_runtime::spawn(keep_display(app.clone(), Arc::clone(&for_display)));
    })?;
    let (ending, code) = (app.clone(), shell.exit_code());
    tauri::async_runtime::spawn(async move {
        desktop::asked_to_end().await;
        tracing::info!("asked to end");
        ending.exit(code.into());
    });
    Ok(())
}

/// Opens the customer display, and opens it again when it was closed and there is something to show.
async fn keep_display(app: AppHandle, shell: SharedShell) {
    let mut views = shell.display.follow();
    open_display(&app, &shell);
    while views.changed().await.is_ok() {
        if views.borrow_and_update().view.screen != DisplayScreen::Rest {
            open_display(&app, &shell);
        }
    }
}

fn open_display(app: &AppHandle, shell: &Shell) {
    if let Err(error) = windows::open_display(app, &shell.paths) {
        tracing::error!(%error, "the customer display cannot be opened");
    }
}

fn refuse(why: &str) -> ExitCode {
    say(why);
    ExitCode::FAILURE
}

/// One sentence for who started the program.
fn say(sentence: &str) {
    // Nobody may be there to read it.
    drop(writeln!(io::stderr(), "{sentence}"));
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn paths(config: PathBuf, config_is_named: bool) -> Paths {
        Paths { config, config_is_named, data: PathBuf::new() }
    }

    #[test]
    fn no_configuration_is_the_first_run_unless_somebody_named_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("countersign.toml");
        assert_eq!(configuration(&paths(file.clone(), false)), Ok(None));
        assert_eq!(configuration(&paths(file, true)).unwrap_err().code, ConfigurationProblem::Unreadable);
        assert!(configuration(&paths(folder.path().to_owned(), false)).is_err(), "a folder is no first run");
        let not_a_folder = folder.path().join("a-file");
        std::fs::write(&not_a_folder, "").unwrap();
        assert!(
            configuration(&paths(not_a_folder.join("countersign.toml"), false)).is_err(),
            "nobody knows whether there is one"
        );
    }
}
