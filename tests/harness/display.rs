//! A virtual X display, with room for both windows side by side.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::{Guarded, LONG, children::tool, until};

/// An X server without a screen.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Guarded,
    _folder: TempDir,
}

impl Display {
    /// Starts one on a free display number.
    pub fn start() -> Result<Display> {
        let folder = tempfile::tempdir()?;
        let mut server = Guarded::start(&tool("Xvfb")?, &folder.path().join("xvfb.log"), |command| {
            command.args(["-displayfd", "1", "-screen", "0", "2580x900x24", "-nolisten", "tcp", "-noreset"]);
            command.stdout(Stdio::piped());
        })?;
        // The server writes its number once it accepts connections.
        let number = server.first_line()?;
        Ok(Display { name: format!(":{number}"), _server: server, _folder: folder })
    }

    /// As in the environment variable `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until a window with this title is to be seen.
    pub async fn wait_for_window(&self, title: &str) -> Result<()> {
        let xdotool = tool("xdotool")?;
        until(&format!("a window called {title}"), LONG, async || {
            let mut search = Command::new(&xdotool);
            search.env("DISPLAY", &self.name).args(["search", "--onlyvisible", "--name", title]);
            Ok((!search.output()?.stdout.is_empty()).then_some(()))
        })
        .await
    }

    /// A picture of all pixels.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let output = Command::new(tool("import")?)
            .env("DISPLAY", &self.name)
            .args(["-window", "root", "png:-"])
            .output()
            .context("import")?;
        ensure!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
        Ok(output.stdout)
    }

    /// Saves it.
    pub fn save(&self, file: &Path) -> Result<()> {
        Ok(std::fs::write(file, self.picture()?)?)
    }
}
