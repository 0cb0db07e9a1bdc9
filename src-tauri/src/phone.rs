//! In the demo alone: the phone page on this machine, in a phone-sized window of a browser where one can do that, else
//! in the system's browser. The address is checked by the caller.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;
use url::Url;

use crate::{config, view::ProblemCode};

/// Browsers that open a page in a window of its own, in the order of preference.
const BROWSERS: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge.exe"];
/// What is set in a new profile.
const PREFERENCES: &str = r#"{"credentials_enable_service":false,"profile":{"password_manager_enabled":false},"translate":{"enabled":false}}"#;
/// A phone, in CSS pixels.
const SIZE: &str = "--window-size=412,915";

/// The demo's phone: one window, which ends with the app. It stays signed in as a phone would, in a folder outside of the
/// till's data, which ends with the app as well.
#[derive(Debug, Default)]
pub struct Phone(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    window: Option<Child>,
    profile: Option<TempDir>,
}

impl Phone {
    /// Opens the page, in place of the one before.
    ///
    /// # Errors
    /// When no browser can be started.
    pub fn open(&self, page: &Url) -> Result<(), ProblemCode> {
        let phone = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        phone.close();
        phone.open(page).map_err(|error| {
            tracing::error!(kind = ?error.kind(), "no browser can be started");
            ProblemCode::Internal
        })
    }

    /// Closes the window and forgets who was signed in.
    pub fn end(&self) {
        let phone = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        phone.close();
        phone.profile = None;
    }
}

impl Open {
    fn open(&mut self, page: &Url) -> io::Result<()> {
        let Some(browser) = browser() else { return open::that_detached(page.as_str()) };
        let profile = match self.profile.take() {
            Some(profile) => profile,
            None => new_profile()?,
        };
        let window = window(&browser, page, profile.path()).spawn();
        self.profile = Some(profile);
        self.window = Some(window?);
        Ok(())
    }

    fn close(&mut self) {
        // Somebody may have closed it before.
        if let Some(mut window) = self.window.take()
            && window.kill().is_ok()
        {
            drop(window.wait());
        }
    }
}

/// A profile whose browser does not ask whether to save the password, over the page that somebody wants to see.
fn new_profile() -> io::Result<TempDir> {
    let profile = tempfile::Builder::new().prefix("countersign-phone-").tempdir()?;
    let folder = profile.path().join("Default");
    fs::create_dir(&folder)?;
    fs::write(folder.join("Preferences"), PREFERENCES)?;
    Ok(profile)
}

/// A phone-sized window with a profile of its own, so that it is nobody's everyday browser.
fn window(browser: &Path, page: &Url, profile: &Path) -> Command {
    let mut command = Command::new(browser);
    command
        .arg(format!("--app={page}"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .args([SIZE, "--no-first-run", "--no-default-browser-check", "--password-store=basic"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Chromium refuses to run as root in its sandbox. Only our own pages, from this machine, are opened without, and
    // without the bar that would say so above a phone's page.
    if config::is_loopback(page) && is_root() {
        command.args(["--no-sandbox", "--test-type"]);
    }
    command
}

fn browser() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    BROWSERS
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(page: &str) -> Vec<String> {
        let command = window(Path::new("chromium"), &Url::parse(page).unwrap(), Path::new("/data/phone"));
        command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_page_is_one_argument_and_has_a_profile_of_its_own() {
        let arguments = arguments("http://127.0.0.1:4711/device?user_code=BCDF-GHJK");
        assert!(arguments.contains(&"--app=http://127.0.0.1:4711/device?user_code=BCDF-GHJK".to_owned()));
        assert!(arguments.contains(&"--user-data-dir=/data/phone".to_owned()));
    }

    #[test]
    fn a_page_from_elsewhere_is_never_opened_without_the_sandbox() {
        assert!(!arguments("https://id.example.com/device").contains(&"--no-sandbox".to_owned()));
    }
}
