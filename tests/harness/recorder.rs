//! Writing down all that passes between a page and the program it belongs to.

use anyhow::Result;

use crate::Page;

/// Both ways: what the page sends goes through `fetch` to the `ipc:` scheme, what it gets (answers and events) through
/// the map of callbacks. Neither can be passed by.
const RECORD: &str = r#"
if (window.__heard !== undefined) return;
window.__heard = [];
const note = (what) => { window.__heard.push(typeof what === "string" ? what : JSON.stringify(what) ?? ""); };
const { callbacks } = window.__TAURI_INTERNALS__;
callbacks.get = (id) => {
  const callback = Map.prototype.get.call(callbacks, id);
  return callback && ((data) => { note(data); return callback(data); });
};
const send = window.fetch;
window.fetch = (address, options) => { note(String(address)); note(options?.body ?? ""); return send(address, options); };
"#;

/// Begins to record in a page of the app.
pub async fn start(page: &Page) -> Result<()> {
    page.script(RECORD, vec![]).await.map(drop)
}

/// What was recorded so far, and all that the page keeps: its document and its storages.
pub async fn heard(page: &Page) -> Result<String> {
    let script = r#"
        const kept = [document.documentElement.outerHTML, document.cookie];
        for (const storage of [localStorage, sessionStorage]) kept.push(JSON.stringify({ ...storage }));
        return [...window.__heard, ...kept].join("\n");
    "#;
    Ok(page.script(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
}
