//! Starting: what is refused, how it is said, and what is left behind.

use std::{error::Error as _, fs, net::TcpListener, path::Path};

use central::{Error, Options, Server};

fn options(folder: &Path, public: Option<&str>, phone: Option<&str>) -> Options {
    let mut options = Options::new(folder);
    options.public_url = public.map(|url| url.parse().unwrap());
    options.phone_url = phone.map(|url| url.parse().unwrap());
    options
}

/// What is said where it does not start. Nothing may have been made in the folder.
async fn refused(options: Options) -> String {
    let folder = options.data.clone();
    let error = Server::start(options).await.unwrap_err();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "{error}");
    error.to_string()
}

#[tokio::test]
async fn an_address_that_cannot_be_is_named_with_its_option_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "http://id.example.com",
        "http://192.168.1.20:8080",
        "https://id.example.com/path",
        "https://id.example.com/?query",
        "https://somebody@id.example.com",
        "https://:secret@id.example.com",
        "ftp://id.example.com",
    ] {
        let said = refused(options(folder.path(), Some(url), None)).await;
        assert!(said.starts_with(&format!("--public-url cannot be {url}")), "{said}");
        assert!(said.contains("it must be an address such as https://id.example.com, "), "{said}");
    }
    let said = refused(options(folder.path(), None, Some("http://192.168.1.20/path"))).await;
    assert!(
        said.starts_with("--phone-url cannot be http://192.168.1.20/path: it must be an address such as"),
        "{said}"
    );
}

#[tokio::test]
async fn a_service_for_more_than_this_machine_must_be_told_how_it_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let mut for_all = options(folder.path(), None, None);
    for_all.listen = "0.0.0.0:0".parse().unwrap();
    let said = refused(for_all).await;
    assert!(said.contains("--listen 0.0.0.0:0") && said.contains("--public-url must say"), "{said}");
}

#[tokio::test]
async fn a_phone_may_reach_it_over_http_on_a_network_and_the_issuer_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    for public in
        ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080", "https://id.example.com"]
    {
        let mut options = options(folder.path(), Some(public), Some("http://192.168.1.20:8080"));
        options.listen = "0.0.0.0:0".parse().unwrap();
        let server = Server::start(options).await.unwrap();
        assert_eq!(server.url().as_str().trim_end_matches('/'), public);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_address_that_is_taken_leaves_the_folder_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options(folder.path(), None, None);
    options.listen = taken.local_addr().unwrap();
    let said = refused(options).await;
    assert!(said.contains(&taken.local_addr().unwrap().to_string()), "{said}");
}

#[tokio::test]
async fn a_damaged_file_is_named_with_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("central.db");
    fs::write(&file, "this is no database ".repeat(500)).unwrap();
    let error = Server::start(options(folder.path(), None, None)).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains(file.to_str().unwrap()) && said.contains("put the last copy"), "{said}");
    assert!(error.source().is_some(), "and what the database says");

    // Half of it lost: the first pages say that there are more.
    fs::remove_file(&file).unwrap();
    Server::start(options(folder.path(), None, None)).await.unwrap().stop().await;
    let whole = fs::read(&file).unwrap();
    let mut broken = whole.clone();
    broken[4096..].fill(0xa5);
    fs::write(&file, broken).unwrap();
    let error = Server::start(options(folder.path(), None, None)).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    // The copy in its place, as it says.
    fs::write(&file, whole).unwrap();
    Server::start(options(folder.path(), None, None)).await.unwrap().stop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_this_user_alone_and_a_folder_of_somebody_elses_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let theirs = tempfile::tempdir().unwrap();
    fs::set_permissions(theirs.path(), fs::Permissions::from_mode(0o750)).unwrap();
    let new = theirs.path().join("above/made");
    for folder in [theirs.path(), &new] {
        let server = Server::start(options(folder, None, None)).await.unwrap();
        for file in
            fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file())
        {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
        server.stop().await;
    }
    assert_eq!(mode(theirs.path()), 0o750);
    assert_eq!(mode(&new), 0o700);
}
