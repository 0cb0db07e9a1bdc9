//! The demo store: the same each time, and never in the way of what is there already.

use std::sync::Arc;

use central::{Demo, ManualClock, Options, Server};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

async fn start(folder: &TempDir, demo: Option<Demo>) -> Server {
    let mut options = Options::new(folder.path());
    options.clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()));
    options.demo = demo;
    Server::start(options).await.unwrap()
}

async fn column(folder: &TempDir, query: &'static str) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(folder.path().join("central.db"));
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar(query).fetch_all(&mut database).await.unwrap()
}

const SUBJECTS: &str = "SELECT subject FROM customers ORDER BY id";

#[tokio::test]
async fn two_hundred_customers_are_there_and_their_one_password_was_hashed_once() {
    let folder = tempfile::tempdir().unwrap();
    start(&folder, Some(Demo { customers: 200, seed: 1 })).await.stop().await;
    assert_eq!(column(&folder, SUBJECTS).await.len(), 200);
    assert_eq!(
        column(&folder, "SELECT display_name FROM customers ORDER BY id LIMIT 1").await,
        ["Amélie Durand"]
    );
    // A hash each would take a minute.
    assert_eq!(column(&folder, "SELECT DISTINCT password_hash FROM accounts").await.len(), 1);
}

#[tokio::test]
async fn the_same_seed_fills_two_databases_with_the_same_customers() {
    let mut subjects = Vec::new();
    for seed in [1, 1, 2] {
        let folder = tempfile::tempdir().unwrap();
        start(&folder, Some(Demo { customers: 12, seed })).await.stop().await;
        subjects.push(column(&folder, SUBJECTS).await);
    }
    assert_eq!(subjects[0], subjects[1]);
    assert!(subjects[0].iter().all(|subject| !subjects[2].contains(subject)));
}

#[tokio::test]
async fn a_second_start_leaves_what_is_there_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    start(&folder, Some(Demo { customers: 5, seed: 1 })).await.stop().await;
    let before = column(&folder, SUBJECTS).await;
    start(&folder, Some(Demo { customers: 50, seed: 2 })).await.stop().await;
    assert_eq!(column(&folder, SUBJECTS).await, before);
}

#[tokio::test]
async fn without_the_demo_there_is_nobody() {
    let folder = tempfile::tempdir().unwrap();
    start(&folder, None).await.stop().await;
    assert_eq!(column(&folder, SUBJECTS).await, [""; 0]);
    assert_eq!(column(&folder, "SELECT id FROM clients").await, [""; 0]);
}

#[tokio::test]
async fn the_demo_has_the_tills_the_web_shop_and_the_staff_of_its_stores() {
    let folder = tempfile::tempdir().unwrap();
    start(&folder, Some(Demo { customers: 1, seed: 1 })).await.stop().await;
    assert_eq!(
        column(&folder, "SELECT id FROM clients ORDER BY id").await,
        ["till-arcade-1", "till-northquay-1", "till-northquay-2", "till-oldtown-1", "web-marram"]
    );
    let of_staff = "SELECT email || ' ' || staff_role FROM accounts WHERE role = 'staff' ORDER BY staff_role";
    assert_eq!(
        column(&folder, of_staff).await,
        [
            "staff.northquay@example.com associate",
            "it.northquay@example.com it",
            "manager.northquay@example.com manager"
        ]
    );
    assert_eq!(column(&folder, "SELECT name FROM stores WHERE id = 'northquay'").await, ["Marram Northquay"]);
}
