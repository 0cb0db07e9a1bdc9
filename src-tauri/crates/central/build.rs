//! Builds an empty database from the migrations, against which `sqlx::query!` is checked while compiling: a query
//! that does not fit the schema does not compile, and there are no generated files to keep in step.

use std::{env, error::Error, fs, path::Path};

use sqlx::{ConnectOptions, Connection, migrate::Migrator, sqlite::SqliteConnectOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["migrations", "locales", "templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let schema = Path::new(&env::var("OUT_DIR")?).join("schema.db");
    if schema.exists() {
        fs::remove_file(&schema)?;
    }
    let mut connection =
        SqliteConnectOptions::new().filename(&schema).create_if_missing(true).connect().await?;
    Migrator::new(Path::new("migrations")).await?.run(&mut connection).await?;
    connection.close().await?;
    println!("cargo:rustc-env=DATABASE_URL=sqlite://{}", schema.display());
    Ok(())
}
