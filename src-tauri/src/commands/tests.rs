use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::*;

include!("names.rs");

/// What a window may do, from its capability file.
fn permissions(window: &str) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities").join(format!("{window}.json"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(file["windows"], serde_json::json!([window]), "one file a window");
    assert!(file.get("remote").is_none(), "no page from elsewhere may call anything");
    let permissions = file["permissions"].as_array().unwrap();
    permissions.iter().map(|permission| permission.as_str().unwrap().to_owned()).collect()
}

fn allow(commands: impl IntoIterator<Item = &'static str>) -> BTreeSet<String> {
    commands.into_iter().map(|command| format!("allow-{}", command.replace('_', "-"))).collect()
}

/// The commands that the bindings call.
fn bound() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bindings.ts");
    export(&file).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    text.split("__TAURI_INVOKE(\"").skip(1).map(|call| call.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn the_display_may_draw_and_nothing_else() {
    assert_eq!(permissions(DISPLAY), allow(["display_view"]));
}

#[test]
fn the_associate_may_call_every_command_but_the_displays_and_nothing_of_tauris_own() {
    assert_eq!(
        permissions(ASSOCIATE),
        allow(COMMANDS.iter().copied().filter(|name| *name != "display_view"))
    );
}

#[test]
fn every_command_is_known_to_the_build_script_which_closes_it_to_other_windows() {
    assert_eq!(bound(), COMMANDS.iter().map(ToString::to_string).collect());
}

#[test]
fn there_are_no_other_capability_files_and_the_pages_stay_in_the_binary() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<String> = std::fs::read_dir(root.join("capabilities"))
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, BTreeSet::from(["associate.json".to_owned(), "display.json".to_owned()]));

    let config: Value =
        serde_json::from_str(&std::fs::read_to_string(root.join("tauri.conf.json")).unwrap()).unwrap();
    assert_eq!(config["app"]["withGlobalTauri"], false);
    let policy = config["app"]["security"]["csp"].as_object().unwrap();
    assert_eq!(policy["default-src"], "'self'");
    for (directive, sources) in policy {
        let sources = sources.as_str().unwrap();
        assert!(
            !sources.contains("unsafe") && !sources.contains('*') && !sources.contains("https:"),
            "{directive}"
        );
    }
}
