//! The profile document, put together from its parts, and pages of activity.

use chrono::{DateTime, Utc};
use profile::{
    Activity, ConsentAct, Identity, Loyalty, Money, Name, Preference, Preferences, Profile, Provenance,
    RememberScopes,
};
use sqlx::SqliteConnection;

use super::{from_millis, from_word};
use crate::{Error, db::Db};

/// The profile of a subject.
pub(crate) async fn profile(db: &Db, subject: &str) -> Result<Option<Profile>, Error> {
    // One transaction, so that all parts are of one moment.
    let mut reading = db.read().begin().await?;
    profile_within(&mut reading, subject).await
}

/// The revision of a subject's profile, for telling whether a copy is still good.
pub(crate) async fn revision(db: &Db, subject: &str) -> Result<Option<i64>, Error> {
    let mut reading = db.read().acquire().await?;
    revision_within(&mut reading, subject).await
}

pub(super) async fn revision_within(db: &mut SqliteConnection, subject: &str) -> Result<Option<i64>, Error> {
    Ok(sqlx::query_scalar!("SELECT revision FROM customers WHERE subject = ?", subject)
        .fetch_optional(db)
        .await?)
}

/// The profile of a subject as a transaction sees it.
pub(crate) async fn profile_within(
    db: &mut SqliteConnection,
    subject: &str,
) -> Result<Option<Profile>, Error> {
    let row = sqlx::query!(
        r#"SELECT c.revision, c.display_name, c.given_name, c.family_name, c.name_order, c.email,
                  c.email_verified AS "email_verified: bool", c.phone, c.locale, c.birthday, c.member_since,
                  l.number AS "number?", l.tier AS "tier?", l.points AS "points?", l.next_tier_at
           FROM customers c LEFT JOIN loyalty l ON l.subject = c.subject
           WHERE c.subject = ?"#,
        subject
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let loyalty = match (row.number, row.tier, row.points) {
        (Some(number), Some(tier), Some(points)) => {
            Some(Loyalty { number, tier: Some(tier), points: Some(points), next_tier_at: row.next_tier_at })
        }
        _ => None,
    };
    let birthday =
        row.birthday.map(|day| day.parse().map_err(|_| Error::Stored("customers.birthday"))).transpose()?;
    Ok(Some(Profile {
        subject: subject.to_owned(),
        revision: row.revision.cast_unsigned(),
        name: Name {
            display: row.display_name,
            given: row.given_name,
            family: row.family_name,
            order: from_word(&row.name_order, "customers.name_order")?,
        },
        email: row.email,
        email_verified: row.email_verified,
        phone: row.phone,
        locale: row.locale,
        birthday,
        member_since: row
            .member_since
            .map(|since| from_millis(since, "customers.member_since"))
            .transpose()?,
        identities: identities(db, subject).await?,
        loyalty,
        preferences: preferences(db, subject).await?,
        consents: consents(db, subject).await?,
    }))
}

async fn identities(db: &mut SqliteConnection, subject: &str) -> Result<Vec<Identity>, Error> {
    let rows = sqlx::query!(
        "SELECT provider, label, linked_at, last_used_at FROM identities WHERE subject = ? ORDER BY linked_at, id",
        subject
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Identity {
                provider: from_word(&row.provider, "identities.provider")?,
                label: row.label,
                linked_at: Some(from_millis(row.linked_at, "identities.linked_at")?),
                last_used_at: row
                    .last_used_at
                    .map(|at| from_millis(at, "identities.last_used_at"))
                    .transpose()?,
            })
        })
        .collect()
}

async fn preferences(db: &mut SqliteConnection, subject: &str) -> Result<Preferences, Error> {
    let rows = sqlx::query!(
        r#"SELECT group_name, key, value AS "value!", channel, at, author
           FROM preferences WHERE subject = ? AND value IS NOT NULL"#,
        subject
    )
    .fetch_all(db)
    .await?;
    let mut preferences = Preferences::new();
    for row in rows {
        let value = serde_json::from_str(&row.value).map_err(|_| Error::Stored("preferences.value"))?;
        let provenance = Provenance {
            channel: from_word(&row.channel, "preferences.channel")?,
            at: from_millis(row.at, "preferences.at")?,
            by: from_word(&row.author, "preferences.author")?,
        };
        preferences
            .entry(row.group_name)
            .or_default()
            .insert(row.key, Preference { value, provenance: Some(provenance) });
    }
    Ok(preferences)
}

async fn consents(db: &mut SqliteConnection, subject: &str) -> Result<Vec<ConsentAct>, Error> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.purpose, c.given AS "given: bool", c.at, c.author, c.channel, c.wording, c.store,
                  s.name AS "store_name?", c.till, c.scopes, c.until
           FROM consents c LEFT JOIN stores s ON s.id = c.store WHERE c.subject = ? ORDER BY c.at, c.id"#,
        subject
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ConsentAct {
                id: row.id,
                purpose: from_word(&row.purpose, "consents.purpose")?,
                given: row.given,
                at: from_millis(row.at, "consents.at")?,
                by: from_word(&row.author, "consents.author")?,
                channel: from_word(&row.channel, "consents.channel")?,
                wording: row.wording,
                store: row.store,
                store_name: row.store_name,
                till: row.till,
                scopes: row.scopes.as_deref().map(scopes).transpose()?,
                until: row.until.map(|until| from_millis(until, "consents.until")).transpose()?,
            })
        })
        .collect()
}

fn scopes(json: &str) -> Result<RememberScopes, Error> {
    serde_json::from_str(json).map_err(|_| Error::Stored("consents.scopes"))
}

/// The act by which a customer is remembered at the store of a till, and what it covers; none where their newest act about
/// it is no yes. The table of the remembered knows which that is.
pub(crate) async fn standing_yes(
    db: &Db,
    subject: &str,
    till: &str,
) -> Result<Option<(String, RememberScopes)>, Error> {
    let yes = sqlx::query!(
        "SELECT c.id, c.scopes
         FROM remembered r JOIN clients k ON k.store_id = r.store_id JOIN consents c ON c.id = r.act
         WHERE r.subject = ? AND k.id = ? AND r.until IS NOT NULL",
        subject,
        till
    )
    .fetch_optional(db.read())
    .await?;
    let Some(yes) = yes else { return Ok(None) };
    let scopes = yes.scopes.as_deref().map_or_else(|| Ok(RememberScopes::all()), scopes)?;
    Ok(Some((yes.id, scopes)))
}

/// Where a page of activity starts: after this one, towards the older.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) at: DateTime<Utc>,
    pub(crate) id: String,
}

/// A page of what a customer did, newest first, and where the next one starts: none at the end.
pub(crate) async fn activity(
    db: &Db,
    subject: &str,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<(Vec<Activity>, Option<Cursor>), Error> {
    let (at, id) = after.map_or((i64::MAX, ""), |cursor| (cursor.at.timestamp_millis(), cursor.id.as_str()));
    // One more than asked for tells whether there is a next page.
    let asked = i64::from(limit) + 1;
    let rows = sqlx::query!(
        "SELECT at, id, channel, kind, title, brand, store, amount_minor, currency
         FROM activity WHERE subject = ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?",
        subject,
        at,
        id,
        asked
    )
    .fetch_all(db.read())
    .await?;
    let more = rows.len() > limit as usize;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows.into_iter().take(limit as usize) {
        items.push(Activity {
            id: row.id,
            at: from_millis(row.at, "activity.at")?,
            channel: from_word(&row.channel, "activity.channel")?,
            kind: from_word(&row.kind, "activity.kind")?,
            title: row.title,
            brand: row.brand,
            store: row.store,
            amount: row.amount_minor.zip(row.currency).map(|(minor, currency)| Money { minor, currency }),
        });
    }
    let next = items.last().filter(|_| more).map(|last| Cursor { at: last.at, id: last.id.clone() });
    Ok((items, next))
}
