//! Linux alone: a session without a display, and a session whose services do not start.
//!
//! While GTK registers the program on the session bus it asks the desktop portal for its `Inhibit` interface, and WebKit
//! asks for the accessibility bus. Both wait for an answer, and where the service is installed but cannot start (touch
//! appliances, bare window managers) that is the bus's own patience: 25 seconds each, with no window. Nothing in the
//! environment switches it off.
//!
//! So the services are asked first, for as long as a person does not mind. Where one does not answer, this program's GIO
//! connection to the bus is closed before GTK takes it up: GIO has one for each process, and on a closed one every
//! question fails at once (and GIO says so on stderr). What is lost is what that session could not give anyway, and with
//! it the accessibility of the pages. The keyring is not concerned: it has a connection of its own.

use std::{env, sync::OnceLock, thread, time::Duration};

use gio::{BusType, Cancellable, DBusCallFlags, DBusConnection, IOErrorEnum};

use super::DesktopError;

/// Services that are waited for while a window is opened.
const SERVICES: [&str; 2] = ["org.freedesktop.portal.Desktop", "org.a11y.Bus"];
/// How long, both at the same time.
const PATIENCE: Duration = Duration::from_millis(700);

/// Says that there is no display, before GTK ends the program over it.
pub(super) fn find_display() -> Result<(), DesktopError> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") { Ok(()) } else { Err(DesktopError::NoDisplay) }
}

/// Starts the services that a window waits for, or keeps it from waiting for them.
pub(super) fn find_services() {
    /// GIO forgets a connection that nobody holds, and would make a fresh one.
    static CLOSED: OnceLock<DBusConnection> = OnceLock::new();

    let Ok(bus) = gio::bus_get_sync(BusType::Session, Cancellable::NONE) else { return };
    let silent: Vec<&str> = thread::scope(|scope| {
        let asking = SERVICES.map(|name| {
            let bus = &bus;
            (name, scope.spawn(move || answers(bus, name)))
        });
        asking
            .into_iter()
            .filter_map(|(name, asked)| (!asked.join().unwrap_or(true)).then_some(name))
            .collect()
    });
    if silent.is_empty() {
        return;
    }
    tracing::warn!(?silent, "services of this desktop session do not start: windows are opened without them");
    bus.set_exit_on_close(false);
    if let Err(error) = bus.close_sync(Cancellable::NONE) {
        tracing::warn!(%error, "the session bus cannot be left");
    }
    CLOSED.get_or_init(|| bus);
}

/// Whether a service answers in time, also with "there is no such service". The question starts it.
fn answers(bus: &DBusConnection, name: &str) -> bool {
    let patience = i32::try_from(PATIENCE.as_millis()).unwrap_or(i32::MAX);
    let answer = bus.call_sync(
        Some(name),
        "/",
        "org.freedesktop.DBus.Peer",
        "Ping",
        None,
        None,
        DBusCallFlags::NONE,
        patience,
        Cancellable::NONE,
    );
    !answer.is_err_and(|error| error.matches(IOErrorEnum::TimedOut))
}
