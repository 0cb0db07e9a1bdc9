//! Edits that the centre does not have yet.
//!
//! An edit is one row, written with `synchronous = FULL`: when [`Vault::edit_preference`] has answered, the edit
//! survives a kill and a power cut. The copy of the customer is never changed by an edit; waiting edits are
//! applied over it when it is opened, so that a fresh profile from the centre and edits made since cannot overwrite
//! each other.
//!
//! The edits of one customer are sent in the order they were made. A refused edit is set aside: it is kept until
//! a person has looked at it, is no longer applied, and holds up nobody.

use chrono::{DateTime, Utc};
use profile::{
    Author, Channel, CustomerKey, PreferenceEdit, PreferenceValue, Preferences, Profile, Provenance,
};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, Vault,
    customers::{refresh_copy, remove_key_if_unused},
    stored::{micros, number, time},
};

/// An edit that the centre does not have yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedEdit {
    /// Idempotency key, for ever the same.
    pub id: Uuid,
    /// The customer's key in this vault.
    pub customer_id: Uuid,
    /// The customer at the centre.
    pub customer: CustomerKey,
    /// What was changed.
    pub edit: PreferenceEdit,
    /// What stood there before, for undo.
    pub before: Option<PreferenceValue>,
    /// Revision of the copy that was edited.
    pub base_revision: u64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How often it was sent without an answer.
    pub attempts: u32,
    /// How far it has come.
    pub state: EditState,
}

/// How far a queued edit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditState {
    /// Waits for the centre; shown as applied.
    Waiting,
    /// The centre refused it; kept until a person has looked, and no longer applied.
    Refused {
        /// HTTP status of the refusal.
        status: u16,
    },
}

/// The queue in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSummary {
    /// Edits that wait.
    pub waiting: u32,
    /// Edits that the centre refused.
    pub refused: u32,
    /// When the oldest of both was made.
    pub oldest: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    customer_id: Uuid,
    issuer: String,
    subject: String,
    edit: String,
    before: Option<String>,
    base_revision: i64,
    made_at: i64,
    attempts: i64,
    refused_status: Option<i64>,
}

impl Row {
    fn into_edit(self) -> Result<QueuedEdit, Error> {
        Ok(QueuedEdit {
            id: self.id,
            customer_id: self.customer_id,
            customer: CustomerKey { issuer: self.issuer, subject: self.subject },
            edit: serde_json::from_str(&self.edit)?,
            before: self.before.as_deref().map(serde_json::from_str).transpose()?,
            base_revision: number(self.base_revision)?,
            made_at: time(self.made_at)?,
            attempts: number(self.attempts)?,
            state: match self.refused_status {
                None => EditState::Waiting,
                Some(status) => EditState::Refused { status: number(status)? },
            },
        })
    }
}

impl Vault {
    /// Saves an edit of a remembered customer. When this has answered, the edit is on the disk. Again with the same
    /// `edit_id` it answers what was saved the first time. It takes the place of a refused edit of the same preference.
    pub async fn edit_preference(
        &self,
        id: Uuid,
        edit: &PreferenceEdit,
        edit_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<QueuedEdit, Error> {
        let mut tx = self.database.write().await?;
        let earlier = of_customer(&mut tx, id).await?;
        if let Some(saved) = earlier.iter().find(|queued| queued.id == edit_id) {
            return Ok(saved.clone());
        }
        let row = sqlx::query!(
            "SELECT u.issuer, u.subject, c.revision, c.profile FROM customer u JOIN copy c ON c.customer = u.seq
             WHERE u.id = ?",
            id
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotRemembered)?;
        let mut preferences = serde_json::from_str::<Profile>(&row.profile)?.preferences;
        apply(&mut preferences, &earlier);
        let before = preferences.remove(&edit.group).and_then(|mut group| group.remove(&edit.key));
        let queued = QueuedEdit {
            id: edit_id,
            customer_id: id,
            customer: CustomerKey { issuer: row.issuer, subject: row.subject },
            edit: edit.clone(),
            before: before.map(|preference| preference.value),
            base_revision: number(row.revision)?,
            // As it will be read back: the database holds microseconds.
            made_at: time(micros(now))?,
            attempts: 0,
            state: EditState::Waiting,
        };
        // What was refused before is answered with this.
        sqlx::query!(
            "DELETE FROM queued_edit WHERE customer_id = ?1 AND refused_status IS NOT NULL
                AND edit ->> 'group' = ?2 AND edit ->> 'key' = ?3",
            id,
            edit.group,
            edit.key
        )
        .execute(&mut *tx)
        .await?;
        let edit = serde_json::to_string(edit)?;
        let before = queued.before.as_ref().map(serde_json::to_string).transpose()?;
        let made_at = micros(now);
        sqlx::query!(
            "INSERT INTO queued_edit (id, customer_id, issuer, subject, edit, before, base_revision, made_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            edit_id,
            id,
            queued.customer.issuer,
            queued.customer.subject,
            edit,
            before,
            row.revision,
            made_at
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(queued)
    }

    /// The oldest waiting edit of each customer, oldest first.
    pub async fn next_to_send(&self) -> Result<Vec<QueuedEdit>, Error> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, edit, before,
                  base_revision, made_at, attempts, refused_status
               FROM queued_edit
               WHERE seq IN (SELECT min(seq) FROM queued_edit WHERE refused_status IS NULL GROUP BY customer_id)
               ORDER BY seq"#
        )
        .fetch_all(self.database.read())
        .await?;
        rows.into_iter().map(Row::into_edit).collect()
    }

    /// An edit was sent and no answer came: it goes on waiting.
    pub async fn mark_tried(&self, edit_id: Uuid) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE queued_edit SET attempts = attempts + 1 WHERE id = ?", edit_id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The centre has the edit; `fresh` is the profile it answered with, over which later edits stay applied. An edit
    /// that is not in the queue any more is no failure: an answer may come twice.
    pub async fn mark_sent(&self, edit_id: Uuid, fresh: &Profile, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let sent = sqlx::query!(
            r#"DELETE FROM queued_edit WHERE id = ? RETURNING customer_id AS "customer: Uuid", edit"#,
            edit_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(sent) = sent {
            // What was changed twice here was changed by nobody else in between, or the centre had refused.
            let revision: i64 = number(fresh.revision)?;
            sqlx::query!(
                "UPDATE queued_edit SET base_revision = max(base_revision, ?1)
                 WHERE customer_id = ?2 AND edit ->> 'group' = ?3 ->> 'group' AND edit ->> 'key' = ?3 ->> 'key'",
                revision,
                sent.customer,
                sent.edit
            )
            .execute(&mut *tx)
            .await?;
            refresh_copy(&mut tx, sent.customer, fresh, now).await?;
            remove_key_if_unused(&mut tx, sent.customer).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The centre refused the edit: it is set aside for a person to look at.
    pub async fn mark_refused(&self, edit_id: Uuid, status: u16) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE queued_edit SET refused_status = ? WHERE id = ?", status, edit_id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// A person has looked at a refused edit: it goes. A waiting edit stays.
    pub async fn discard_refused(&self, edit_id: Uuid) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        let id = sqlx::query_scalar!(
            r#"DELETE FROM queued_edit WHERE id = ? AND refused_status IS NOT NULL
               RETURNING customer_id AS "customer_id: Uuid""#,
            edit_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(id) = id {
            remove_key_if_unused(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The queue in numbers.
    pub async fn queue(&self) -> Result<QueueSummary, Error> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "all!: i64", count(refused_status) AS "refused!: i64",
                  min(made_at) AS "oldest: i64" FROM queued_edit"#
        )
        .fetch_one(self.database.read())
        .await?;
        Ok(QueueSummary {
            waiting: number(row.all - row.refused)?,
            refused: number(row.refused)?,
            oldest: row.oldest.map(time).transpose()?,
        })
    }
}

/// All edits of a customer, oldest first.
pub(crate) async fn of_customer(
    connection: &mut SqliteConnection,
    id: Uuid,
) -> Result<Vec<QueuedEdit>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, edit, before,
              base_revision, made_at, attempts, refused_status
           FROM queued_edit WHERE customer_id = ? ORDER BY seq"#,
        id
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_edit).collect()
}

/// Applies the waiting edits over what the centre last said.
pub(crate) fn apply(preferences: &mut Preferences, edits: &[QueuedEdit]) {
    for queued in edits.iter().filter(|queued| queued.state == EditState::Waiting) {
        let provenance = Provenance { channel: Channel::Store, at: queued.made_at, by: Author::Associate };
        queued.edit.apply(preferences, provenance);
    }
}

#[cfg(test)]
mod tests {
    use profile::{Name, NameOrder};

    use crate::Keyring;

    use super::*;

    #[tokio::test]
    async fn on_a_full_disk_an_edit_is_refused_as_a_whole_and_saved_once_there_is_space() {
        let (folder, now) = (tempfile::tempdir().unwrap(), DateTime::UNIX_EPOCH);
        let vault = Vault::open(folder.path(), &Keyring::in_memory()).await.unwrap();
        let customer = CustomerKey { issuer: "https://id.example.com".to_owned(), subject: "a".to_owned() };
        let profile = Profile {
            subject: "a".to_owned(),
            revision: 1,
            name: Name { display: "Ana".to_owned(), given: None, family: None, order: NameOrder::GivenFirst },
            email: None,
            email_verified: false,
            phone: None,
            locale: None,
            birthday: None,
            member_since: Some(now),
            identities: Vec::new(),
            loyalty: None,
            preferences: Preferences::new(),
            consents: Vec::new(),
        };
        let until = now + chrono::TimeDelta::days(1);
        let id = vault.remember(&customer, &profile, &[], None, until, now).await.unwrap();
        let edit = PreferenceEdit {
            group: "notes".to_owned(),
            key: "note".to_owned(),
            value: Some(PreferenceValue::Text("long ".repeat(1000))),
        };
        // The file may not grow any further: the same error as on a full disk. It holds for one connection.
        let pages = async |most: &'static str| {
            sqlx::query(most).execute(vault.database.writer()).await.unwrap();
        };
        let full = async || pages("PRAGMA max_page_count = 1").await;
        full().await;
        let mut saved = 0;
        let refused = loop {
            match vault.edit_preference(id, &edit, Uuid::new_v4(), now).await {
                Ok(_) => saved += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, Error::DiskFull), "{refused:?}");
        full().await;
        let newer = Profile { revision: 2, ..profile.clone() };
        let cursor = "x".repeat(9000);
        let refused = vault.remember(&customer, &newer, &[], Some(&cursor), until, now).await;
        assert!(matches!(refused, Err(Error::DiskFull)), "{refused:?}");
        assert_eq!(vault.queue().await.unwrap().waiting, saved);
        assert_eq!(vault.open_customer(id).await.unwrap().unwrap().profile.revision, 1);

        // There is space again.
        pages("PRAGMA max_page_count = 1000000").await;
        vault.edit_preference(id, &edit, Uuid::new_v4(), now).await.unwrap();
        assert_eq!(vault.queue().await.unwrap().waiting, saved + 1);
        vault.close().await;
    }
}
