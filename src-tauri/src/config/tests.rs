use std::{fs, path::Path};

use super::*;

const GOOD: &str = r#"issuer = "https://id.example.com"
client_id = "till-northquay-1"

[till]
store = "Marram Northquay"
name = "Till 1"
brand = "marram"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("countersign.toml"), text)
}

/// Auth0, with a claim and a preference in places of their own.
fn mapped() -> SourceConfig {
    let mut mapping = directory::Mapping::default();
    mapping.map_claim(directory::Claim::LoyaltyNumber, "/https:~1~1shop.example~1loyalty/number").unwrap();
    mapping.map_preference(&known("shoes"), "/user_metadata/shoe_size").unwrap();
    let address = Url::parse("https://shop.eu.auth0.com/api/v2/").ok();
    SourceConfig { source: Some(directory::Kind::Auth0), address, mapping }
}

fn known(key: &str) -> ::profile::KnownPreference {
    *::profile::catalogue::catalogue().iter().find(|known| known.key == key).unwrap()
}

#[test]
fn a_source_of_profiles_is_read_with_what_is_where() {
    let text = format!(
        "{GOOD}[profile]\nsource = \"auth0\"\naddress = \"https://shop.eu.auth0.com/api/v2/\"\n\
         [profile.claims]\n\"loyalty.number\" = \"/https:~1~1shop.example~1loyalty/number\"\n\
         [profile.preferences]\n\"sizes.shoes\" = \"/user_metadata/shoe_size\"\n"
    );
    assert_eq!(parse(&text).unwrap().profile, mapped());
    assert_eq!(parse(GOOD).unwrap().profile, SourceConfig::default());
}

#[test]
fn a_good_file_is_read_whole() {
    let config = parse(&format!("{GOOD}[display]\nlanguage = \"fr\"\n[demo]\nphone_here = true\n")).unwrap();
    assert_eq!(config.issuer.as_str(), "https://id.example.com/");
    assert_eq!(config.till.store, "Marram Northquay");
    assert_eq!(config.display.language.as_deref(), Some("fr"));
    assert_eq!(config.demo, Some(Demo { phone_here: true, embedded: false }));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_mistake_is_one_sentence_that_names_file_line_key_and_what_is_expected() {
    let cases: &[(&str, String, &str)] = &[
        (
            "an unknown key",
            GOOD.replace("client_id", "isuer = \"x\"\nclient_id"),
            "countersign.toml, line 2, key \"isuer\": this key is not known; \
             expected one of issuer, client_id, provider, network, till, associates, profile, display, memory, demo.",
        ),
        (
            "an unknown key in a section",
            format!("{GOOD}colour = \"red\"\n"),
            "countersign.toml, line 8, key \"till.colour\": this key is not known; expected one of store, name, brand, country, \
             scanner.",
        ),
        (
            "no issuer",
            GOOD.replace("issuer = \"https://id.example.com\"\n", ""),
            "countersign.toml, key \"issuer\": this key is missing; expected an address like https://id.example.com in quotes.",
        ),
        (
            "an issuer without https",
            GOOD.replace("https://", "http://"),
            "countersign.toml, line 1, key \"issuer\": this address is not secure (found http://id.example.com/); \
             expected an https address, or an http one on this machine.",
        ),
        (
            "an issuer of another scheme",
            GOOD.replace("https://id.example.com", "file:///etc/passwd"),
            "countersign.toml, line 1, key \"issuer\": this address is not secure (found file:///etc/passwd); \
             expected an https address, or an http one on this machine.",
        ),
        (
            "a broken address",
            GOOD.replace("https://id.example.com", "https//id"),
            "countersign.toml, line 1, key \"issuer\": this is not the address of a provider (found https//id); \
             expected one like https://id.example.com.",
        ),
        (
            "an address with a password, which is not repeated",
            GOOD.replace("https://id", "https://robin:secret@id"),
            "countersign.toml, line 1, key \"issuer\": this is not the address of a provider \
             (found one with a user name or password); expected one like https://id.example.com.",
        ),
        (
            "an address with a query",
            GOOD.replace("example.com", "example.com/?realm=shop"),
            "countersign.toml, line 1, key \"issuer\": this is not the address of a provider \
             (found one with a query or a fragment); expected one like https://id.example.com.",
        ),
        (
            "a profile API without https",
            format!("{GOOD}[profile]\naddress = \"http://api.example.com/v1\"\n"),
            "countersign.toml, line 9, key \"profile.address\": this address is not secure (found \
             http://api.example.com/v1); expected an https address, or an http one on this machine.",
        ),
        (
            "a key in a file that depends on where the program was started",
            format!("{GOOD}[memory]\nkey = \"file:vault.key\"\n"),
            "countersign.toml, line 9, key \"memory.key\": this value is not known (found file:vault.key); \
             expected one of keyring, file:/a/path, systemd:a-name.",
        ),
        (
            "a credential that leads out of its folder",
            format!("{GOOD}[memory]\nkey = \"systemd:../key\"\n"),
            "countersign.toml, line 9, key \"memory.key\": this value is not known (found systemd:../key); \
             expected one of keyring, file:/a/path, systemd:a-name.",
        ),
        (
            "a source of profiles that is none",
            format!("{GOOD}[profile]\nsource = \"ldap\"\n"),
            "countersign.toml, line 9, key \"profile.source\": this value is not known (found ldap); \
             expected one of central, user_info, id_token, auth0, scim.",
        ),
        (
            "a SCIM service without an address",
            format!("{GOOD}[profile]\nsource = \"scim\"\n"),
            "countersign.toml, line 8, key \"profile.address\": this key is missing; \
             expected an address like https://id.example.com in quotes.",
        ),
        (
            "a mapping where there is nothing to map",
            format!("{GOOD}[profile.claims]\nname = \"/name\"\n"),
            "countersign.toml, line 8, key \"profile.claims\": this key is not known; expected one of source, address.",
        ),
        (
            "a claim that no profile has",
            format!("{GOOD}[profile]\nsource = \"auth0\"\n[profile.claims]\nnick = \"/nickname\"\n"),
            "countersign.toml, line 11, key \"profile.claims.nick\": this key is not known; expected one of subject, \
             name, given_name, family_name, email, email_verified, phone, locale, birthday, member_since, \
             loyalty.number, loyalty.tier, loyalty.points, loyalty.next_tier_at.",
        ),
        (
            "a preference that the catalogue lacks",
            format!(
                "{GOOD}[profile]\nsource = \"auth0\"\n[profile.preferences]\n\"sizes.hats\" = \"/hats\"\n"
            ),
            "countersign.toml, line 11, key \"profile.preferences.sizes.hats\": this key is not known; expected one of \
             sizes.top, sizes.trousers, sizes.shoes, style.fit, style.colours, style.materials_avoided, \
             contact.channel, contact.language, contact.time, care.allergies, care.accessibility, care.note.",
        ),
        (
            "a pointer that is none",
            format!(
                "{GOOD}[profile]\nsource = \"user_info\"\n[profile.claims]\n\"loyalty.number\" = \"loyalty/number\"\n"
            ),
            "countersign.toml, line 11, key \"profile.claims.loyalty.number\": this is not a JSON Pointer (RFC 6901) \
             (found loyalty/number); expected one like /address/locality, with ~1 for a / in a name and ~0 for a ~.",
        ),
        (
            "a brand without a theme",
            GOOD.replace("\"marram\"", "\"fjord\""),
            "countersign.toml, line 7, key \"till.brand\": this value is not known (found fjord); \
             expected one of marram, voltage.",
        ),
        (
            "a language that the display does not speak",
            format!("{GOOD}[display]\nlanguage = \"tlh\"\n"),
            "countersign.toml, line 9, key \"display.language\": this value is not known (found tlh); \
             expected one of ar, de, en, es, fr, ja.",
        ),
        (
            "an embedded service that is elsewhere",
            format!("{GOOD}[demo]\nembedded = true\n"),
            "countersign.toml, line 1, key \"issuer\": the embedded central service cannot be at this address \
             (found https://id.example.com/); expected one on this machine with a port, like http://127.0.0.1:8080.",
        ),
        (
            "a number for text",
            GOOD.replace("\"till-northquay-1\"", "7"),
            "countersign.toml, line 2, key \"client_id\": this is the wrong kind of value (found integer); \
             expected text in quotes.",
        ),
        (
            "an empty text",
            GOOD.replace("till-northquay-1", " "),
            "countersign.toml, line 2, key \"client_id\": this is the wrong kind of value (found string); \
             expected text in quotes.",
        ),
        (
            "a section without one of its keys",
            GOOD.replace("name = \"Till 1\"\n", ""),
            "countersign.toml, line 4, key \"till.name\": this key is missing; expected text in quotes.",
        ),
        (
            "no section",
            GOOD.lines().take(2).collect::<Vec<_>>().join("\n"),
            "countersign.toml, key \"till\": this key is missing; expected a section of that name.",
        ),
        (
            "text for a section",
            "issuer = \"https://a.example\"\nclient_id = \"a\"\ntill = \"here\"".to_owned(),
            "countersign.toml, line 3, key \"till\": this is the wrong kind of value (found string); \
             expected a section of that name.",
        ),
        (
            "text for a flag",
            format!("{GOOD}[demo]\nphone_here = \"yes\"\n"),
            "countersign.toml, line 9, key \"demo.phone_here\": this is the wrong kind of value (found string); \
             expected true or false.",
        ),
        (
            "a product without an entry",
            format!("{GOOD}[provider]\nkind = \"keycloack\"\n"),
            "countersign.toml, line 9, key \"provider.kind\": this value is not known (found keycloack); \
             expected one of auth0, keycloak, okta, entra, google, authentik, hydra, zitadel, rauthy, kanidm, \
             node-oidc-provider, spring-authorization-server.",
        ),
        (
            "a secret in the file",
            format!("{GOOD}[provider]\nclient_secret = \"abc\"\n"),
            "countersign.toml, line 9, key \"provider.client_secret\": this key is not known; expected one of kind, \
             audience, verification_hosts, client_authentication, dpop, clock_leeway_seconds, visit_end.",
        ),
        (
            "a leeway without an end",
            format!("{GOOD}[provider]\nclock_leeway_seconds = 301\n"),
            "countersign.toml, line 9, key \"provider.clock_leeway_seconds\": this is the wrong kind of value \
             (found integer); expected a whole number of seconds from 0 to 300.",
        ),
        (
            "an address for a host",
            format!("{GOOD}[provider]\nverification_hosts = [\"https://a.example.com\"]\n"),
            "countersign.toml, line 9, key \"provider.verification_hosts\": this is the wrong kind of value \
             (found array); expected a list like [\"id.example.com\"].",
        ),
        (
            "a proxy of another kind",
            format!("{GOOD}[network]\nproxy = \"ftp://proxy.example.com\"\n"),
            "countersign.toml, line 9, key \"network.proxy\": this is not the address of a proxy (found \
             ftp://proxy.example.com/); expected one like http://proxy.example.com:8080.",
        ),
        (
            "certificates that are not there",
            format!("{GOOD}[network]\nca_file = \"/nowhere/ca.pem\"\n"),
            "countersign.toml, line 9, key \"network.ca_file\": this file of certificates cannot be used \
             (found no such file); expected a PEM file that this user may read.",
        ),
    ];
    for (what, text, sentence) in cases {
        assert_eq!(&parse(text).unwrap_err().to_string(), sentence, "{what}");
    }
}

#[test]
fn text_that_is_not_toml_names_its_line() {
    let error = parse("issuer = \"https://id.example.com\"\nclient_id = till one\n").unwrap_err();
    assert_eq!((error.code, error.line), (ConfigurationProblem::NotToml, Some(2)));
    let sentence = error.to_string();
    assert!(sentence.starts_with("countersign.toml, line 2: this is not TOML (found "), "{sentence}");
    assert_eq!(sentence.lines().count(), 1);
}

#[test]
fn a_file_that_is_not_there_or_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::read(&folder.path().join("none.toml")).unwrap_err();
    assert_eq!(missing.code, ConfigurationProblem::Unreadable);
    assert!(missing.to_string().contains("no such file"), "{missing}");

    let binary = folder.path().join("binary.toml");
    fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    assert!(Config::read(&binary).unwrap_err().to_string().contains("not UTF-8 text"));
}

#[test]
fn a_relative_file_of_certificates_is_one_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["id.example.com".to_owned()]).unwrap();
    fs::create_dir(folder.path().join("certificates")).unwrap();
    let ca_file = folder.path().join("certificates").join("ca.pem");
    fs::write(&ca_file, params.self_signed(&key).unwrap().pem()).unwrap();
    let file = folder.path().join("countersign.toml");
    for named in ["certificates/ca.pem", ca_file.to_str().unwrap()] {
        fs::write(&file, format!("{GOOD}[network]\nca_file = '{named}'\n")).unwrap();
        assert_eq!(Config::read(&file).unwrap().network.ca_file.as_ref(), Some(&ca_file), "{named}");
    }
}

#[test]
fn http_is_for_this_machine_only() {
    for good in ["https://id.example.com", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:9"] {
        assert!(is_secure(&Url::parse(good).unwrap()), "{good}");
    }
    for bad in
        ["http://id.example.com", "http://127.0.0.1.example.com", "http://localhost.example", "data:,x"]
    {
        assert!(!is_secure(&Url::parse(bad).unwrap()), "{bad}");
    }
}

#[test]
fn what_is_written_is_read_again_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("below").join("countersign.toml");
    let config = Config {
        issuer: Url::parse("http://127.0.0.1:4711").unwrap(),
        client_id: "till-northquay-1".to_owned(),
        provider: Provider {
            kind: Some("auth0".to_owned()),
            audience: Some("https://api.example.com".to_owned()),
            verification_hosts: vec!["login.example.com".to_owned()],
            client_authentication: Some("private_key_jwt".to_owned()),
            dpop: Some(false),
            clock_leeway_seconds: Some(10),
            visit_end: Some("forget".to_owned()),
        },
        network: Network { ca_file: None, proxy: Some(Url::parse("http://proxy.example.com:3128").unwrap()) },
        till: Till {
            store: "A \"b\"".to_owned(),
            name: "Till 1".to_owned(),
            brand: Some("marram".to_owned()),
            country: Some("FR".to_owned()),
            scanner: Some("~".to_owned()),
        },
        associates: None,
        profile: mapped(),
        display: Display { language: Some("de".to_owned()) },
        memory: Memory { key: Some("systemd:vault-key".to_owned()) },
        demo: Some(Demo { phone_here: true, embedded: true }),
    };
    config.write(&file).unwrap();
    assert_eq!(Config::read(&file).unwrap(), config);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn associates_sign_in_where_a_section_says_so() {
    let read = |lines: &str| parse(&format!("{GOOD}[associates]\n{lines}"));
    assert_eq!(parse(GOOD).unwrap().associates, None);
    let plain = read("").unwrap().associates.unwrap();
    assert_eq!((plain.role_claim.as_str(), plain.pin_days), ("/countersign_role", 7));
    assert_eq!(
        (&plain.associate[..], &plain.manager[..]),
        (&["associate".to_owned()][..], &["manager".to_owned()][..])
    );
    let own = "issuer = \"https://staff.example.com\"\nclient_id = \"tills\"\nmanager = [\"lead\", \"deputy\"]\npin_days = 1\nrole_claim = \"/groups\"";
    let own = read(own).unwrap().associates.unwrap();
    assert_eq!(
        (own.manager, own.client_id.as_deref()),
        (vec!["lead".to_owned(), "deputy".to_owned()], Some("tills"))
    );

    for (lines, key, says) in [
        ("pin_days = 0", "associates.pin_days", "from 1 to 90"),
        ("pin_days = 91", "associates.pin_days", "from 1 to 90"),
        ("manager = \"lead\"", "associates.manager", "a list of texts"),
        ("it = [\"\"]", "associates.it", "a list of texts"),
        ("role_claim = \"groups\"", "associates.role_claim", ""),
        ("issuer = \"http://staff.example.com\"\nclient_id = \"tills\"", "associates.issuer", ""),
        ("issuer = \"https://staff.example.com\"", "associates.client_id", ""),
        ("pins = 4", "associates.pins", ""),
    ] {
        let error = read(lines).unwrap_err();
        assert_eq!(error.key.as_deref(), Some(key), "{lines}");
        assert!(error.to_string().contains(says), "{error}");
    }
}
