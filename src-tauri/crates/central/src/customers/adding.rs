//! New customers, and acts that other parts of the service record.

use chrono::{DateTime, Utc};
use profile::{Activity, ConsentAct, Identity, IdentityProvider, Name, NameOrder, Profile};
use sqlx::SqliteConnection;

use super::{
    changes::{ChangeKind, record_change},
    search::words,
    word,
};
use crate::Error;

/// Makes the profile of a new account. Called in the transaction that adds the account.
///
/// The customer has given no name yet: they are called by what stands before the @ of their address.
pub(crate) async fn create(
    db: &mut SqliteConnection,
    subject: &str,
    email: &str,
    locale: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let display = email.split('@').next().unwrap_or(email).to_owned();
    let profile = Profile {
        subject: subject.to_owned(),
        revision: 1,
        name: Name { display, given: None, family: None, order: NameOrder::GivenFirst },
        email: Some(email.to_owned()),
        email_verified: false,
        phone: None,
        locale: locale.map(str::to_owned),
        birthday: None,
        member_since: Some(now),
        identities: vec![Identity {
            provider: IdentityProvider::Password,
            label: Some(email.to_owned()),
            linked_at: Some(now),
            last_used_at: Some(now),
        }],
        loyalty: None,
        preferences: profile::Preferences::new(),
        consents: Vec::new(),
    };
    add(db, &profile, &[]).await?;
    record_change(db, subject, ChangeKind::Changed).await?;
    Ok(())
}

/// Adds a customer with all their parts; their account is there already.
pub(crate) async fn add(
    db: &mut SqliteConnection,
    profile: &Profile,
    activity: &[Activity],
) -> Result<(), Error> {
    let order = word(&profile.name.order)?;
    let revision = profile.revision.cast_signed();
    let birthday = profile.birthday.map(|day| day.to_string());
    let since = profile.member_since.map(|since| since.timestamp_millis());
    let id = sqlx::query!(
        "INSERT INTO customers (subject, revision, display_name, given_name, family_name, name_order, email,
                                email_verified, phone, locale, birthday, member_since)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        profile.subject,
        revision,
        profile.name.display,
        profile.name.given,
        profile.name.family,
        order,
        profile.email,
        profile.email_verified,
        profile.phone,
        profile.locale,
        birthday,
        since
    )
    .execute(&mut *db)
    .await?
    .last_insert_rowid();
    let words = words(profile);
    sqlx::query!("INSERT INTO customer_search (rowid, words) VALUES (?, ?)", id, words)
        .execute(&mut *db)
        .await?;
    if let Some(loyalty) = &profile.loyalty {
        sqlx::query!(
            "INSERT INTO loyalty (subject, number, tier, points, next_tier_at) VALUES (?, ?, ?, ?, ?)",
            profile.subject,
            loyalty.number,
            loyalty.tier,
            loyalty.points,
            loyalty.next_tier_at
        )
        .execute(&mut *db)
        .await?;
    }
    add_identities(db, profile).await?;
    add_preferences(db, profile).await?;
    for act in &profile.consents {
        add_consent(db, &profile.subject, act).await?;
    }
    add_activity(db, &profile.subject, activity).await
}

// Many rows go in as one JSON array each: a statement a row would take most of the time that filling a demo takes.

async fn add_identities(db: &mut SqliteConnection, profile: &Profile) -> Result<(), Error> {
    let rows = rows(profile.identities.iter().map(|identity| {
        serde_json::json!([
            identity.provider,
            identity.label,
            identity.linked_at.map(|at| at.timestamp_millis()),
            identity.last_used_at.map(|at| at.timestamp_millis()),
        ])
    }));
    sqlx::query!(
        "INSERT INTO identities (subject, provider, label, linked_at, last_used_at)
         SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)",
        profile.subject,
        rows
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn add_preferences(db: &mut SqliteConnection, profile: &Profile) -> Result<(), Error> {
    let all = profile
        .preferences
        .iter()
        .flat_map(|(group, keys)| keys.iter().map(move |(key, it)| (group, key, it)));
    let rows = rows(all.map(|(group, key, preference)| {
        serde_json::json!([
            group,
            key,
            serde_json::json!(preference.value).to_string(),
            preference.provenance.as_ref().map(|it| it.channel),
            preference.provenance.as_ref().map(|it| it.at.timestamp_millis()),
            preference.provenance.as_ref().map(|it| it.by),
        ])
    }));
    let revision = profile.revision.cast_signed();
    sqlx::query!(
        "INSERT INTO preferences (subject, group_name, key, value, channel, at, author, revision)
         SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, ? FROM json_each(?)",
        profile.subject,
        revision,
        rows
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds what a customer did.
pub(super) async fn add_activity(
    db: &mut SqliteConnection,
    subject: &str,
    activity: &[Activity],
) -> Result<(), Error> {
    let rows = rows(activity.iter().map(|done| {
        serde_json::json!([
            done.at.timestamp_millis(),
            done.id,
            done.channel,
            done.kind,
            done.title,
            done.brand,
            done.store,
            done.amount.as_ref().map(|amount| amount.minor),
            done.amount.as_ref().map(|amount| &amount.currency),
        ])
    }));
    sqlx::query!(
        "INSERT INTO activity (subject, at, id, channel, kind, title, brand, store, amount_minor, currency)
         SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                value ->> 7, value ->> 8
         FROM json_each(?)",
        subject,
        rows
    )
    .execute(db)
    .await?;
    Ok(())
}

fn rows(rows: impl Iterator<Item = serde_json::Value>) -> String {
    serde_json::Value::Array(rows.collect()).to_string()
}

/// Writes an act of consent. Called in the transaction of the customer's yes.
pub(crate) async fn record_consent(
    db: &mut SqliteConnection,
    subject: &str,
    act: &ConsentAct,
) -> Result<(), Error> {
    add_consent(db, subject, act).await?;
    sqlx::query!("UPDATE customers SET revision = revision + 1 WHERE subject = ?", subject)
        .execute(&mut *db)
        .await?;
    record_change(db, subject, ChangeKind::Changed).await?;
    Ok(())
}

async fn add_consent(db: &mut SqliteConnection, subject: &str, act: &ConsentAct) -> Result<(), Error> {
    let (purpose, author, channel) = (word(&act.purpose)?, word(&act.by)?, word(&act.channel)?);
    let at = act.at.timestamp_millis();
    let until = act.until.map(|until| until.timestamp_millis());
    let scopes = act.scopes.as_ref().map(|scopes| serde_json::json!(scopes).to_string());
    sqlx::query!(
        "INSERT INTO consents (id, subject, purpose, given, at, author, channel, wording, store, till, scopes, until)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        act.id,
        subject,
        purpose,
        act.given,
        at,
        author,
        channel,
        act.wording,
        act.store,
        act.till,
        scopes,
        until
    )
    .execute(db)
    .await?;
    Ok(())
}
