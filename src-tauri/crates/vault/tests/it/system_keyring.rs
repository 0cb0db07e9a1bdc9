//! The real keyring daemon in a session bus of its own. Each test runs itself again inside `dbus-run-session`.

use std::{
    env,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use vault::{Keyring, KeyringError, OpenError, Vault};

use crate::support::{Settled, amelie, remember};

const INSIDE: &str = "VAULT_TEST_SESSION";

/// Runs a test again inside a session whose shell first does `setup`; true when this already is that run.
fn is_inside(test: &str, setup: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let home = tempfile::tempdir().unwrap();
    let answer = Command::new("dbus-run-session")
        .args([
            "--",
            "bash",
            "-c",
            &format!("{setup}\n\"$@\"; code=$?; kill -KILL $(jobs -p) 2>/dev/null; exit $code"),
            "bash",
        ])
        .arg(env::current_exe().unwrap())
        .args([&format!("system_keyring::{test}"), "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .expect("dbus-run-session is installed");
    let said = String::from_utf8_lossy(&answer.stdout) + String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{said}");
    false
}

/// The daemon in the foreground of a job, unlocked by a password, and ready. Nothing is asked of its name before it has
/// it: the bus would start another one, which is locked.
const DAEMON: &str = "
    echo -n password | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
    for _ in $(seq 200); do
        gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus \
            -m org.freedesktop.DBus.NameHasOwner org.freedesktop.secrets 2>/dev/null | grep -q true && break
        sleep 0.05
    done
    for _ in $(seq 100); do
        gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets/collection/login \
            -m org.freedesktop.DBus.Properties.Get org.freedesktop.Secret.Collection Locked 2>/dev/null | grep -q false && break
        sleep 0.05
    done";

#[tokio::test(flavor = "multi_thread")]
async fn the_real_daemon_keeps_the_key_and_opens_the_database() {
    if !is_inside("the_real_daemon_keeps_the_key_and_opens_the_database", DAEMON) {
        return;
    }
    let keyring = Keyring::system("till-1");
    assert!(keyring.get("nothing").await.unwrap().is_none());
    keyring.set("word", &"lantern".to_owned().into()).await.unwrap();
    keyring.set("word", &"harbour".to_owned().into()).await.unwrap();
    assert_eq!(keyring.get("word").await.unwrap().unwrap().expose_secret(), "harbour");
    assert!(
        Keyring::system("till-2").get("word").await.unwrap().is_none(),
        "another folder has other entries"
    );
    keyring.delete("word").await.unwrap();
    keyring.delete("word").await.unwrap();
    assert!(keyring.get("word").await.unwrap().is_none());

    let _settled = Settled;
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path(), &keyring).await.unwrap();
    remember(&vault, &amelie()).await;
    vault.close().await;
    let vault = Vault::open(folder.path(), &keyring).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 1);
    vault.close().await;
    keyring.delete("database-key").await.unwrap();
    assert!(matches!(Vault::open(folder.path(), &keyring).await, Err(OpenError::WrongKey)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_the_keyring_is_missing() {
    // A bus that can start no service either.
    let no_services = r#"
        conf="$HOME/bus.conf"
        printf '<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>' > "$conf"
        dbus-daemon --config-file="$conf" --nofork --print-address=7 7> "$HOME/address" 2>/dev/null &
        until [ -s "$HOME/address" ]; do sleep 0.02; done
        export DBUS_SESSION_BUS_ADDRESS="$(head -1 "$HOME/address")""#;
    if !is_inside("without_a_daemon_the_keyring_is_missing", no_services) {
        return;
    }
    assert_fails(KeyringError::Missing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_bus_the_keyring_is_missing() {
    if !is_inside(
        "without_a_session_bus_the_keyring_is_missing",
        "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
    ) {
        return;
    }
    assert_fails(KeyringError::Missing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_is_locked_and_no_second_key_is_made() {
    if !is_inside("a_locked_keyring_is_locked_and_no_second_key_is_made", DAEMON) {
        return;
    }
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Keyring::system("till-1"));
    Vault::open(folder.path(), &keyring).await.unwrap().close().await;
    let locked = Command::new("gdbus")
        .args(["call", "--session", "-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets"])
        .args(["-m", "org.freedesktop.Secret.Service.Lock"])
        .arg("[objectpath '/org/freedesktop/secrets/collection/login']")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(locked.success());
    assert_fails(KeyringError::Locked).await;
    let answer = Vault::open(folder.path(), &keyring).await;
    assert!(matches!(answer, Err(OpenError::Keyring(KeyringError::Locked))), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_never_answers_is_silent_in_time() {
    let stopped = format!("{DAEMON}\nkill -STOP %1; kill -STOP $(pgrep -P $! gnome-keyring) $!");
    if !is_inside("a_daemon_that_never_answers_is_silent_in_time", &stopped) {
        return;
    }
    assert_fails(KeyringError::Silent).await;
}

async fn assert_fails(expected: KeyringError) {
    let (started, keyring) = (Instant::now(), Keyring::system("till-1"));
    assert_eq!(keyring.get("database-key").await.unwrap_err(), expected);
    // It is given up after three seconds; a machine that is busy with other tests takes its time on top.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
