//! The screens: as this program's windows know them, else as the display server says.

use std::time::Duration;

use tokio::{task::spawn_blocking, time::timeout};

use crate::{Check, Code, Line, Screen, Screens};

/// A display server on another machine may not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the windows are drawn for.
const SMALLEST: Screen = Screen { width: 1024, height: 700 };

/// What a display server has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Screens(Vec<Screen>),
    /// It takes connections; which screens it has only a window learns.
    Takes,
    /// There is none.
    None,
    /// It does not take this program.
    Refuses,
    /// Not on this system.
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    Unseen,
}

pub(crate) async fn look(screens: &Screens) -> Line {
    let seen = match screens {
        Screens::Known(screens) => Seen::Screens(screens.clone()),
        Screens::Asked => {
            let asked = timeout(PATIENCE, spawn_blocking(ask)).await;
            asked.map_or(Seen::Refuses, |asked| asked.unwrap_or(Seen::Refuses))
        }
    };
    judge(&seen)
}

fn judge(seen: &Seen) -> Line {
    let line = |code| Line::new(Check::Display, code);
    match seen {
        Seen::None => line(Code::DisplayNone),
        Seen::Refuses => line(Code::DisplayUnreachable),
        #[cfg(not(all(unix, not(target_os = "macos"))))]
        Seen::Unseen => line(Code::DisplayUnseen),
        Seen::Takes => line(Code::DisplayGood),
        Seen::Screens(screens) => {
            let smallest =
                screens.iter().min_by_key(|screen| u64::from(screen.width) * u64::from(screen.height));
            let Some(smallest) = smallest else { return line(Code::DisplayNone) };
            let is_small =
                screens.iter().any(|screen| screen.width < SMALLEST.width || screen.height < SMALLEST.height);
            line(if is_small { Code::DisplaySmall } else { Code::DisplayGood })
                .with("screens", screens.len())
                .with("smallest_width", smallest.width)
                .with("smallest_height", smallest.height)
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn ask() -> Seen {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if set("DISPLAY").is_some() {
        return ask_x().unwrap_or(Seen::Refuses);
    }
    let Some(display) = set("WAYLAND_DISPLAY") else { return Seen::None };
    let folder = set("XDG_RUNTIME_DIR").unwrap_or_default();
    let socket = std::path::Path::new(&folder).join(display);
    std::os::unix::net::UnixStream::connect(socket).map_or(Seen::Refuses, |_| Seen::Takes)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn ask() -> Seen {
    Seen::Unseen
}

#[cfg(all(unix, not(target_os = "macos")))]
fn ask_x() -> Option<Seen> {
    use x11rb::{connection::Connection as _, protocol::randr::ConnectionExt as _};

    let (connection, number) = x11rb::connect(None).ok()?;
    let screen = connection.setup().roots.get(number)?;
    let monitors = connection.randr_get_monitors(screen.root, true).ok()?.reply().ok();
    let mut screens: Vec<Screen> = monitors
        .into_iter()
        .flat_map(|reply| reply.monitors)
        .map(|monitor| Screen { width: monitor.width.into(), height: monitor.height.into() })
        .collect();
    if screens.is_empty() {
        // A server without RandR has one screen.
        let (width, height) = (screen.width_in_pixels.into(), screen.height_in_pixels.into());
        screens.push(Screen { width, height });
    }
    Some(Seen::Screens(screens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_small_screen_among_large_ones_is_found() {
        let large = Screen { width: 1920, height: 1080 };
        let small = Screen { width: 800, height: 480 };
        assert_eq!(judge(&Seen::Screens(vec![large])).code, Code::DisplayGood);
        assert_eq!(judge(&Seen::Screens(vec![large, small])).code, Code::DisplaySmall);
        assert_eq!(judge(&Seen::Screens(Vec::new())).code, Code::DisplayNone);
    }
}
