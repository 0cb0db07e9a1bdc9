//! What store IT gets to read, and what it may rely on.

use std::{fs, path::PathBuf};

use chrono::{DateTime, TimeDelta};
use clap::Parser as _;
use profile::{Name, Profile};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::cli::{Cli, Command};

struct Desk {
    folder: TempDir,
    paths: Paths,
    keyring: Keyring,
}

impl Desk {
    /// A till whose key is in a file, with one customer.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (key, config) = (folder.path().join("key"), folder.path().join("countersign.toml"));
        fs::write(&key, "5a".repeat(32)).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let key = key.display();
        let text = format!(
            "issuer = \"https://id.example.com\"\nclient_id = \"till\"\n[till]\nstore = \"A\"\nname = \"B\"\n\
             [memory]\nkey = \"file:{key}\"\n"
        );
        fs::write(&config, text).unwrap();
        let paths = Paths { config, config_is_named: true, data: folder.path().join("data") };
        let keyring = credentials::keyring(&paths, app::configuration(&paths).unwrap().as_ref());
        let vault = Vault::open(&paths.vault(), &keyring).await.unwrap();
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let profile: Profile = serde_json::from_value(serde_json::json!({
            "subject": "ana", "revision": 1, "email": "ana@example.com", "name": Name {
                display: "Ana Sol".to_owned(), given: None, family: None, order: profile::NameOrder::GivenFirst,
            },
        }))
        .unwrap();
        let ana =
            profile::CustomerKey { issuer: "https://id.example.com".to_owned(), subject: "ana".to_owned() };
        vault.remember(&ana, &profile, &[], None, now + TimeDelta::days(9000), now).await.unwrap();
        vault.close().await;
        Self { folder, paths, keyring }
    }

    /// What a command says to people and to programs.
    async fn say(&self, words: &[&str]) -> Result<(String, Value), Refusal> {
        let vault = Vault::open(&self.paths.vault(), &self.keyring).await.map_err(|error| why_not(&error))?;
        let told = match Cli::try_parse_from(["countersign"].iter().chain(words)).unwrap().command.unwrap() {
            Command::Vault(command) => commands::run(&vault, &self.paths, &command).await,
            Command::Audit(command) => commands::audit(&vault, &command).await,
            other => panic!("{other:?}"),
        };
        vault.close().await;
        told.map(|told| (told.text(false), serde_json::from_str(&told.text(true)).unwrap()))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

#[tokio::test]
async fn a_check_says_what_was_looked_at_and_that_it_is_sound() {
    let desk = Desk::new().await;
    let (text, json) = desk.say(&["vault", "check"]).await.unwrap();
    assert!(text.starts_with("The database is sound: 1 customers, 0 unsent edits"), "{text}");
    assert_eq!(
        (&json["sound"], &json["damaged_pages"], &json["trail"]["intact"]),
        (&true.into(), &0.into(), &true.into())
    );
}

#[tokio::test]
async fn an_export_goes_to_a_private_file_and_an_erased_customer_is_known_no_more() {
    let desk = Desk::new().await;
    let file = desk.file("ana.json");
    let to = file.to_str().unwrap();
    let export = ["vault", "export", "--customer", "ANA@example.com", "--by", "DPO", "--to", to];
    let (text, _) = desk.say(&export).await.unwrap();
    assert!(!text.contains("Ana"), "{text}");
    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written["copy"]["profile"]["name"]["display"], "Ana Sol");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(desk.say(&export).await.unwrap_err().contains("nothing is overwritten"));

    let erase = ["vault", "erase", "--customer", "ana", "--by", "DPO"];
    assert_eq!(desk.say(&erase).await.unwrap().1, serde_json::json!({ "unsent": 0, "set_aside": 0 }));
    assert!(desk.say(&erase).await.unwrap_err().starts_with("Nothing of such a customer"));
}

#[tokio::test]
async fn a_head_that_was_noted_shows_a_trail_that_was_made_anew() {
    let desk = Desk::new().await;
    let backup = desk.file("backup.db");
    desk.say(&["vault", "backup", backup.to_str().unwrap()]).await.unwrap();
    desk.say(&["vault", "erase", "--customer", "ana", "--by", "DPO"]).await.unwrap();
    let (text, json) = desk.say(&["audit", "verify"]).await.unwrap();
    let head = json["head"].as_str().unwrap().to_owned();
    assert!(text.contains("2 lines") && text.contains(&head), "{text}");
    assert_eq!(desk.say(&["audit", "verify", "--head", &head]).await.unwrap().1["intact"], true);

    // Somebody brings back what was there before.
    fs::copy(&backup, desk.paths.vault().join("vault.db")).unwrap();
    assert_eq!(desk.say(&["audit", "verify"]).await.unwrap().1["intact"], true);
    let (text, json) = desk.say(&["audit", "verify", "--head", &head]).await.unwrap();
    assert_eq!(json["broken"], serde_json::json!({ "line": 2, "fault": "cut" }));
    assert!(text.contains("line 2"), "{text}");
}

#[tokio::test]
async fn while_the_app_has_the_database_a_sentence_says_so() {
    let desk = Desk::new().await;
    let open = Vault::open(&desk.paths.vault(), &desk.keyring).await.unwrap();
    assert!(desk.say(&["vault", "check"]).await.unwrap_err().starts_with("The app runs"));
    open.close().await;
    desk.say(&["vault", "check"]).await.unwrap();
}

#[test]
fn a_till_without_a_database_says_so_and_none_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let paths = Paths { config: folder.path().join("none.toml"), config_is_named: false, data: data.clone() };
    assert!(keyring(&paths).unwrap_err().starts_with("There is no database"));
    assert!(!data.exists());
}
