//! What is different from one desktop system to another, and only that.

#[cfg(target_os = "linux")]
mod linux;

/// Why no window can be opened here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesktopError {
    /// Neither X nor Wayland.
    #[error(
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); start Countersign in a desktop session."
    )]
    NoDisplay,
}

/// Makes sure that windows can be opened here, and soon. Called before the first one.
///
/// # Errors
/// When there is no display.
pub fn prepare() -> Result<(), DesktopError> {
    #[cfg(target_os = "linux")]
    {
        linux::find_display()?;
        linux::find_services();
    }
    Ok(())
}

/// Waits until the system asks the program to end.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hang_up)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
        else {
            tracing::error!("signals cannot be heard");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
