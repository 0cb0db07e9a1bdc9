//! Finding customers by name, address, phone or member number: any words of them, in any order, from their
//! beginnings, accents left out.

use profile::{Profile, masked_email};
use serde::Serialize;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use utoipa::ToSchema;

use crate::{Error, db::Db};

/// Most customers in an answer: a search is for finding one, not for reading a list.
const MOST: i64 = 20;

/// What a list needs of a customer to tell them from another.
#[derive(Serialize, ToSchema)]
pub(crate) struct Found {
    /// The subject at the issuer.
    pub(crate) subject: String,
    /// The whole name.
    pub(crate) name: String,
    /// The address with most of it left out.
    pub(crate) email: Option<String>,
    /// Tier in the loyalty programme.
    pub(crate) loyalty: Option<String>,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Found(..)")
    }
}

/// Customers that have all words of the query.
pub(crate) async fn search(db: &Db, query: &str) -> Result<Vec<Found>, Error> {
    let Some(expression) = expression(query) else { return Ok(Vec::new()) };
    let rows = sqlx::query!(
        r#"SELECT c.subject, c.display_name, c.email, l.tier AS "tier?"
           FROM customer_search s
           JOIN customers c ON c.id = s.rowid
           LEFT JOIN loyalty l ON l.subject = c.subject
           WHERE s.words MATCH ? ORDER BY c.display_name, c.id LIMIT ?"#,
        expression,
        MOST
    )
    .fetch_all(db.read())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Found {
            subject: row.subject,
            name: row.display_name,
            email: row.email.as_deref().map(masked_email),
            loyalty: row.tier,
        })
        .collect())
}

/// Small letters without accents.
pub(crate) fn folded(text: &str) -> String {
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// What a customer is found by.
pub(super) fn words(profile: &Profile) -> String {
    let mut words = folded(&profile.name.display);
    // A name that is written without a gap is found by both of its parts.
    for part in [&profile.name.given, &profile.name.family, &profile.email].into_iter().flatten() {
        words.push(' ');
        words.push_str(&folded(part));
    }
    if let Some(loyalty) = &profile.loyalty {
        words.push(' ');
        words.push_str(&folded(&loyalty.number));
    }
    if let Some(phone) = &profile.phone {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        // As it is dialled within a country: countries have codes of one to three digits.
        for skipped in 0..=3 {
            words.push(' ');
            words.push_str(digits.get(skipped..).unwrap_or_default());
        }
    }
    words
}

/// The query as an expression of FTS5: each word quoted and from its beginning. None when there is nothing to look for.
fn expression(query: &str) -> Option<String> {
    let folded = folded(query);
    let is_number = folded.chars().any(|c| c.is_ascii_digit())
        && folded.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c));
    let words: Vec<String> = if is_number {
        // A phone or card number, however it is grouped, with or without the zeros before it.
        let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
        vec![digits.trim_start_matches('0').to_owned()]
    } else {
        folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
    };
    let quoted: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| format!("\"{word}\"*")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_letter_case_do_not_matter() {
        assert_eq!(folded("Amélie DURAND"), "amelie durand");
        assert_eq!(folded("Ọláṣubọ̀mí"), "olasubomi");
        assert_eq!(folded("Nguyễn"), "nguyen");
    }

    #[test]
    fn a_query_cannot_carry_operators_of_the_search_engine() {
        assert_eq!(expression(r#"a" OR NOT b*:(^"#).as_deref(), Some(r#""a"* "or"* "not"* "b"*"#));
        assert_eq!(expression(" -- ").as_deref(), None);
    }

    #[test]
    fn a_phone_number_is_one_word_however_it_is_grouped() {
        assert_eq!(expression("+44 7700 900-123").as_deref(), Some(r#""447700900123"*"#));
        assert_eq!(expression("(07700) 900 123").as_deref(), Some(r#""7700900123"*"#));
    }
}
