//! SCIM against a server that nobody here wrote: `scim2-server` from the Python Package Index, which has no `/Me`.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use directory::{Authority, Customer, Kind, Me};
use profile::{PreferenceEdit, PreferenceValue};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stand::{TOKEN, client, mapped, source, token};

/// A running server. It ends when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Starts one on a free port, and waits until it says where it listens.
    fn start() -> (Self, String) {
        let program = std::env::var("SCIM2_SERVER").unwrap_or_else(|_| "scim2-server".to_owned());
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(program)
            .args(["--bearer-token", TOKEN, "--port", &port.to_string()])
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let server = Self(child);
        let base = lines.find_map(|line| line.unwrap().strip_prefix("Serving SCIM on ").map(str::to_owned));
        (server, base.unwrap())
    }
}

#[tokio::test]
#[ignore = "needs scim2-server of PyPI in the path, or its place in SCIM2_SERVER"]
async fn a_profile_is_read_and_changed_at_a_real_scim_server() {
    let (_server, base) = Server::start();
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "amelie", "displayName": "Amélie Durand",
        "name": { "givenName": "Amélie", "familyName": "Durand" }, "preferredLanguage": "fr",
        "emails": [{ "value": "a@work.example" }, { "value": "amelie@example.com", "primary": true }],
    });
    let added = client().post(format!("{base}/Users")).bearer_auth(TOKEN).json(&user).send().await.unwrap();
    let added: Value = added.json().await.unwrap();

    let scim = source(Kind::Scim, &base, mapped("contact", "language", "/preferredLanguage"));
    let authority = Authority::bearer(token());
    let customer = Customer { subject: added["id"].as_str().unwrap(), authority: &authority, claims: None };
    let Me::Profile(found) = scim.me(customer, None).await.unwrap() else { panic!("unchanged") };
    assert_eq!(
        (found.name.display.as_str(), found.email.as_deref()),
        ("Amélie Durand", Some("amelie@example.com"))
    );
    assert!(found.member_since.is_some() && found.revision > 0);
    assert!(scim.offers().edits.has("contact", "language"));

    for value in [Some("de"), None] {
        let edit = PreferenceEdit {
            group: "contact".to_owned(),
            key: "language".to_owned(),
            value: value.map(|text| PreferenceValue::Text(text.to_owned())),
        };
        let changed = scim.change_preferences(customer, &edit, None, Uuid::nil()).await.unwrap();
        let language = changed.preferences.get("contact").and_then(|contact| contact.get("language"));
        assert!(language.map(|language| &language.value) == edit.value.as_ref());
        assert!(changed.revision > found.revision);
    }

    let stranger = Authority::bearer("another".to_owned().into());
    let refused = scim.me(Customer { authority: &stranger, ..customer }, None).await;
    assert!(matches!(refused, Err(directory::Error::NotAuthorised)), "{refused:?}");
}
