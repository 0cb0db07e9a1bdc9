//! Builds an empty database from the migrations, against which `sqlx::query!` is checked while compiling: a query
//! that does not fit the schema does not compile, and there are no generated files to keep in step. And lists the brands:
//! one for each file in their folder.

use std::{env, error::Error, fs, path::Path};

use sqlx::{ConnectOptions, Connection, migrate::Migrator, sqlite::SqliteConnectOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["migrations", "locales", "templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("brands.rs"), brands(Path::new("../../../assets/brands"))?)?;
    let schema = out.join("schema.db");
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

/// Each brand and its theme.
fn brands(folder: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files = fs::read_dir(folder.canonicalize()?)?
        .map(|file| file.map(|file| file.path()))
        .collect::<Result<Vec<_>, _>>()?;
    files.sort_unstable();
    let themes: String = files
        .iter()
        .filter_map(|file| {
            let (brand, file) = (file.file_stem()?.to_str()?, file.to_str()?);
            Some(format!("({brand:?}, include_str!({file:?})),"))
        })
        .collect();
    Ok(format!("const FILES: [(&str, &str); {}] = [{themes}];\n", files.len()))
}
