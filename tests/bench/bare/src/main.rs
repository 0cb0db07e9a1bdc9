//! The least Tauri application with two windows. The bench measures Countersign against it, so that nothing may be
//! here that an empty application would not have.

use tauri::{Manager as _, WebviewUrl, WebviewWindowBuilder, webview::PageLoadEvent};

/// Answers at once: the cost of a tap that asks Rust for something and paints the answer.
#[tauri::command]
fn echo(text: String) -> String {
    text
}

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![echo])
        // The second window after the first, so that the first one has the machine to itself until it is there.
        .on_page_load(|webview, load| {
            let app = webview.app_handle();
            if load.event() == PageLoadEvent::Finished && app.get_webview_window("display").is_none() {
                let page = WebviewUrl::App("display.html".into());
                let window = WebviewWindowBuilder::new(app, "display", page).title("bare display");
                let opened = window.inner_size(1280.0, 900.0).position(1300.0, 0.0).build();
                assert!(opened.is_ok(), "no second window: {opened:?}");
            }
        })
        .run(tauri::generate_context!())
        .map_err(Into::into)
}
