//! The least Tauri application with two windows. The bench measures Countersign against it, so that nothing may be
//! here that an empty application would not have.

/// Answers at once: the cost of a tap that asks Rust for something and paints the answer.
#[tauri::command]
fn echo(text: String) -> String {
    text
}

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![echo])
        .run(tauri::generate_context!())
        .map_err(Into::into)
}
