//! The search index: the entry of a customer is put in, moved and taken out here, together with the words that one
//! typing mistake is forgiven in. A word leaves the file with the last customer who has it.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use crate::{Error, search::Entry, spelling};

/// Customers who were at this counter have places above this one, the others below.
pub(crate) const SEEN: i64 = 1 << 40;

/// The place of whoever is at the counter now: after all others.
pub(crate) async fn last_place(connection: &mut SqliteConnection) -> Result<i64, Error> {
    let last = sqlx::query_scalar!("SELECT max(place) FROM copy").fetch_one(connection).await?;
    Ok(last.unwrap_or_default().max(SEEN) + 1)
}

/// Puts an entry at a place where there is none.
pub(crate) async fn put(connection: &mut SqliteConnection, place: i64, entry: Entry) -> Result<(), Error> {
    let Entry { name, email, phone, member } = entry;
    sqlx::query!(
        "INSERT INTO customer_search (rowid, name, email, phone, member) VALUES (?, ?, ?, ?, ?)",
        place,
        name,
        email,
        phone,
        member
    )
    .execute(&mut *connection)
    .await?;
    learn(connection, spelling::words(&name)).await
}

/// Takes the entry of a place out.
pub(crate) async fn take_out(connection: &mut SqliteConnection, place: i64) -> Result<(), Error> {
    // As an expression: a column of the index has no type that could be told at compile time.
    let name = sqlx::query_scalar!(
        r#"SELECT CAST(name AS TEXT) AS "name!: String" FROM customer_search WHERE rowid = ?"#,
        place
    )
    .fetch_optional(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM customer_search WHERE rowid = ?", place).execute(&mut *connection).await?;
    for word in spelling::words(&name.unwrap_or_default()) {
        unlearn(connection, word).await?;
    }
    Ok(())
}

/// Moves an entry to a place where there is none.
pub(crate) async fn move_to(connection: &mut SqliteConnection, from: i64, to: i64) -> Result<(), Error> {
    sqlx::query!("UPDATE customer_search SET rowid = ? WHERE rowid = ?", to, from)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the spellings of words that are new here.
pub(crate) async fn learn(
    connection: &mut SqliteConnection,
    words: impl IntoIterator<Item = &str>,
) -> Result<(), Error> {
    let words = serde_json::to_string(&words.into_iter().collect::<Vec<_>>())?;
    let fresh = sqlx::query_scalar!(
        r#"SELECT CAST(value AS TEXT) AS "word!: String" FROM json_each(?)
           WHERE NOT EXISTS (SELECT 1 FROM spelling WHERE spelling = value AND word = value)"#,
        words
    )
    .fetch_all(&mut *connection)
    .await?;
    if fresh.is_empty() {
        return Ok(());
    }
    // In the order of the table, which is then written page by page.
    let spelt: BTreeSet<(String, &str)> = fresh
        .iter()
        .flat_map(|word| spelling::spellings(word).into_iter().map(move |spelling| (spelling, word.as_str())))
        .collect();
    let spelt = serde_json::to_string(&spelt)?;
    sqlx::query!(
        "INSERT INTO spelling (spelling, word) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
         ON CONFLICT DO NOTHING",
        spelt
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets a word that nobody in the index has any more.
async fn unlearn(connection: &mut SqliteConnection, word: &str) -> Result<(), Error> {
    let spellings = serde_json::to_string(&spelling::spellings(word))?;
    let anybody = format!("name : \"{word}\"");
    sqlx::query!(
        "DELETE FROM spelling WHERE word = ? AND spelling IN (SELECT value FROM json_each(?))
            AND NOT EXISTS (SELECT 1 FROM customer_search WHERE customer_search MATCH ?)",
        word,
        spellings,
        anybody
    )
    .execute(connection)
    .await?;
    Ok(())
}
