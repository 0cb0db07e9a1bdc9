//! The two windows: where they stand and what they may not do. What they show is their pages' matter.

use std::sync::Once;

use tauri::{
    AppHandle, Manager as _, Monitor, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{DownloadEvent, NewWindowResponse},
};
use url::Url;

use crate::paths::Paths;

/// Label of the associate's window.
pub const ASSOCIATE: &str = "associate";
/// Label of the customer display.
pub const DISPLAY: &str = "display";

const ASSOCIATE_TITLE: &str = "Countersign";
const DISPLAY_TITLE: &str = "Countersign Display";

/// Size of both windows where there is room, in logical pixels.
const SIZE: (f64, f64) = (1280.0, 900.0);
/// No smaller: the pages are drawn for this.
const SMALLEST: (f64, f64) = (1024.0, 700.0);
/// Between the windows where both are on one screen.
const GAP: f64 = 20.0;

/// A rectangle in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Where the customer display stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Fills a screen of its own.
    Whole(Area),
    /// A window beside the associate's.
    Beside(Area),
    /// A window that the window manager puts somewhere.
    Anywhere,
}

/// Opens the associate's window. `then` is called when its page has been drawn for the first time.
///
/// # Errors
/// When the system refuses a window.
pub fn open_associate<R: Runtime>(
    app: &AppHandle<R>,
    paths: &Paths,
    then: impl Fn(&AppHandle<R>) + Send + Sync + 'static,
) -> tauri::Result<WebviewWindow<R>> {
    let (primary, _) = screens(app);
    let first = Once::new();
    let mut window = builder(app, paths, ASSOCIATE, "associate.html").title(ASSOCIATE_TITLE).on_page_load(
        move |window, load| {
            if load.event() == tauri::webview::PageLoadEvent::Finished {
                first.call_once(|| then(window.app_handle()));
            }
        },
    );
    window = match primary {
        Some(screen) if !fits(screen) => window.position(screen.x, screen.y).maximized(true),
        Some(screen) => window.position(screen.x, screen.y),
        None => window,
    };
    window.build()
}

/// Opens the customer display, unless it is open: on the second screen where there is one, else beside.
///
/// # Errors
/// When the system refuses a window.
pub fn open_display<R: Runtime>(app: &AppHandle<R>, paths: &Paths) -> tauri::Result<()> {
    if app.get_webview_window(DISPLAY).is_some() {
        return Ok(());
    }
    let (primary, second) = screens(app);
    // The associate goes on typing where they were.
    let mut window = builder(app, paths, DISPLAY, "display.html").title(DISPLAY_TITLE).focused(false);
    window = match place(primary, second) {
        Place::Whole(area) => {
            window.position(area.x, area.y).inner_size(area.width, area.height).fullscreen(true)
        }
        Place::Beside(area) => window.position(area.x, area.y).inner_size(area.width, area.height),
        Place::Anywhere => window,
    };
    window.build().map(drop)
}

/// What both windows have in common: the page out of the binary, and no way out of it.
fn builder<'a, R: Runtime>(
    app: &'a AppHandle<R>,
    paths: &Paths,
    label: &str,
    page: &str,
) -> WebviewWindowBuilder<'a, R, AppHandle<R>> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .data_directory(paths.webview())
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .disable_drag_drop_handler()
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, event| !matches!(event, DownloadEvent::Requested { .. }))
}

/// Whether an address is a page of the binary, as each platform writes it.
fn is_own_page(address: &Url) -> bool {
    match address.scheme() {
        "tauri" => address.host_str() == Some("localhost"),
        "http" | "https" => address.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// All screens, for the doctor.
pub fn all_screens<R: Runtime>(app: &AppHandle<R>) -> Vec<doctor::Screen> {
    let monitors = app.available_monitors().unwrap_or_default();
    monitors
        .iter()
        .map(|monitor| {
            let size = monitor.size().to_logical::<u32>(monitor.scale_factor());
            doctor::Screen { width: size.width, height: size.height }
        })
        .collect()
}

/// The primary screen, and another one.
fn screens<R: Runtime>(app: &AppHandle<R>) -> (Option<Area>, Option<Area>) {
    let all: Vec<Area> = app.available_monitors().unwrap_or_default().iter().map(Area::from).collect();
    let primary = app.primary_monitor().ok().flatten().as_ref().map(Area::from).or(all.first().copied());
    (primary, all.into_iter().find(|screen| Some(*screen) != primary))
}

fn fits(screen: Area) -> bool {
    screen.width >= SIZE.0 && screen.height >= SIZE.1
}

fn place(primary: Option<Area>, second: Option<Area>) -> Place {
    if let Some(second) = second {
        return Place::Whole(second);
    }
    match primary {
        Some(screen) if fits(screen) => {
            let x = screen.x + SIZE.0 + GAP;
            let room = screen.x + screen.width - x;
            if room < SMALLEST.0 {
                return Place::Anywhere;
            }
            Place::Beside(Area { x, y: screen.y, width: room.min(SIZE.0), height: SIZE.1 })
        }
        Some(_) | None => Place::Anywhere,
    }
}

impl From<&Monitor> for Area {
    fn from(monitor: &Monitor) -> Self {
        let scale = monitor.scale_factor();
        let (position, size) = (monitor.position().to_logical(scale), monitor.size().to_logical(scale));
        Self { x: position.x, y: position.y, width: size.width, height: size.height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: Area = Area { x: 0.0, y: 0.0, width: 2600.0, height: 1000.0 };
    const SMALL: Area = Area { x: 0.0, y: 0.0, width: 1024.0, height: 768.0 };

    #[test]
    fn the_display_fills_a_second_screen() {
        let second = Area { x: 2600.0, ..SMALL };
        assert_eq!(place(Some(LARGE), Some(second)), Place::Whole(second));
        assert_eq!(place(Some(SMALL), Some(second)), Place::Whole(second));
    }

    #[test]
    fn on_one_large_screen_the_display_stands_beside_and_covers_nothing() {
        let Place::Beside(area) = place(Some(LARGE), None) else { panic!("not beside") };
        assert!(area.x >= SIZE.0 && area.x + area.width <= LARGE.width);
    }

    #[test]
    fn on_one_small_screen_the_window_manager_decides() {
        assert_eq!(place(Some(SMALL), None), Place::Anywhere);
        assert_eq!(place(Some(Area { width: 1920.0, height: 1080.0, ..SMALL }), None), Place::Anywhere);
        assert_eq!(place(None, None), Place::Anywhere);
    }

    #[test]
    fn a_window_goes_nowhere_but_to_its_own_pages() {
        for own in ["tauri://localhost/associate.html", "http://tauri.localhost/display.html"] {
            assert!(is_own_page(&Url::parse(own).unwrap()), "{own}");
        }
        for foreign in [
            "https://example.com/",
            "file:///etc/passwd",
            "http://localhost/",
            "data:text/html,x",
            "tauri://other/",
        ] {
            assert!(!is_own_page(&Url::parse(foreign).unwrap()), "{foreign}");
        }
    }
}
