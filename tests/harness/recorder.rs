//! Writing down all that passes between a page and the program it belongs to.

use anyhow::{Result, ensure};

use crate::Page;

/// Both ways: what the page sends goes through `fetch` to the `ipc:` scheme, or through the webview's message handler where
/// that fails; what it gets (answers and events) through the map of callbacks. None can be passed by.
const RECORD: &str = r#"
if (window.__heard !== undefined) return true;
window.__heard = [];
const note = (what) => {
  const bytes = what instanceof ArrayBuffer || ArrayBuffer.isView(what);
  window.__heard.push(
    typeof what === "string" ? what : bytes ? new TextDecoder().decode(what) : JSON.stringify(what) ?? "",
  );
};
const { callbacks } = window.__TAURI_INTERNALS__;
callbacks.get = (id) => {
  const callback = Map.prototype.get.call(callbacks, id);
  return callback && ((data) => { note(data); return callback(data); });
};
const send = window.fetch;
window.fetch = (address, options) => { note(String(address)); note(options?.body ?? ""); return send(address, options); };
const handler = window.webkit.messageHandlers.ipc;
const post = handler.postMessage.bind(handler);
handler.postMessage = (message) => { note(message); return post(message); };
return handler.postMessage !== post && window.webkit.messageHandlers.ipc === handler;
"#;

/// Begins to record in a page of the app.
pub async fn start(page: &Page) -> Result<()> {
    let recording = page.script(RECORD, vec![]).await?;
    ensure!(recording == true, "the page's way out cannot be listened to");
    Ok(())
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
