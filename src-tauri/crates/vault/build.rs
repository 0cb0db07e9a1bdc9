//! Makes the database that `sqlx::query!` checks every statement against, from the migrations themselves. Nothing
//! generated is kept in the repository, so nothing can be out of step.

use std::{env, error::Error, fs, io::ErrorKind, path::Path};

use sqlx::{
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=build.rs");
    let file = Path::new(&env::var("OUT_DIR")?).join("schema.db");
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(migrate(&file))?;
    let path = file.to_string_lossy().replace('\\', "/").replace('%', "%25").replace('?', "%3F");
    println!("cargo:rustc-env=DATABASE_URL=sqlite://{path}");
    Ok(())
}

async fn migrate(file: &Path) -> Result<(), Box<dyn Error>> {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    Migrator::new(Path::new("migrations")).await?.run(&pool).await?;
    pool.close().await;
    Ok(())
}
