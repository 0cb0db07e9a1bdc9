//! What the files hold: hashes of everything that could be used.

use crate::world::{ALL, AMELIE, PASSWORD, World};

fn bytes(folder: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_code_token_cookie_or_password_is_written_as_it_is() {
    let world = World::start().await;
    let phone = world.phone_of(AMELIE).await;
    let code = world.code(ALL).await;
    let page = phone.open(&code.address).await;
    phone.decide(&page, "yes", "store").await.expect("done");
    let (_, answer) = world.poll(&code).await;
    let files = bytes(world.folder.path());
    assert!(holds(&files, AMELIE), "the files are the right ones");
    let mut secrets =
        vec![code.device_code, code.user_code.replace('-', ""), code.user_code, PASSWORD.to_owned()];
    secrets.extend(
        ["access_token", "refresh_token", "id_token"].map(|name| answer[name].as_str().unwrap().to_owned()),
    );
    secrets.extend(phone.cookies().await.into_values());
    assert_eq!(secrets.len(), 9);
    for secret in secrets {
        assert!(!holds(&files, &secret), "{secret} is in the files");
    }
}
