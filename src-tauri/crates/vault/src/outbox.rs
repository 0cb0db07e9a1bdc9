//! Edits that the centre does not have yet.
//!
//! An edit is one row, written with `synchronous = FULL`: when [`Vault::edit_preference`] has answered, the edit
//! survives a kill and a power cut. The copy of the customer is never changed by an edit; waiting edits are
//! applied over it when it is opened, so that a fresh profile from the centre and edits made since cannot overwrite
//! each other.
//!
//! The edits of one customer are sent in the order they were made. A refused edit is set aside: it is kept until
//! a person has looked at it ([`crate::mending`]) or made the same edit anew, is no longer applied, and holds up nobody.
//! A row that cannot be read holds up its own customer at most, until it is set aside as well.

use chrono::{DateTime, Utc};
use profile::{
    Author, Channel, CustomerKey, Merged, Preference, PreferenceEdit, PreferenceValue, Preferences, Profile,
    Provenance,
};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    AuditAct, By, Error, Vault,
    audit::write_line,
    customers::{Refreshed, let_go_if_unused, refresh_copy},
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
        /// HTTP status of the refusal; [`UNREADABLE`] where the till itself cannot read the edit.
        status: u16,
    },
}

/// Stands for the status of an edit that cannot be read, and so was never sent.
pub const UNREADABLE: u16 = 0;

/// What the centre says stands in the place of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// The preference; none where there is no value.
    pub preference: Option<Preference>,
    /// Revision of the document that it is from.
    pub revision: u64,
}

/// The queue in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSummary {
    /// Edits, visits and new customers that wait.
    pub waiting: u32,
    /// Those that the centre refused.
    pub refused: u32,
    /// When the oldest of all was made.
    pub oldest: Option<DateTime<Utc>>,
}

pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) customer_id: Uuid,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) edit: String,
    pub(crate) before: Option<String>,
    pub(crate) base_revision: i64,
    pub(crate) made_at: i64,
    pub(crate) attempts: i64,
    pub(crate) refused_status: Option<i64>,
    pub(crate) refused_theirs: Option<String>,
    pub(crate) refused_revision: Option<i64>,
}

impl Row {
    /// What the centre said stands there when it refused the edit, where it said so.
    pub(crate) fn theirs(&self) -> Result<Option<Theirs>, Error> {
        let (Some(theirs), Some(revision)) = (&self.refused_theirs, self.refused_revision) else {
            return Ok(None);
        };
        Ok(Some(Theirs { preference: serde_json::from_str(theirs)?, revision: number(revision)? }))
    }

    pub(crate) fn into_edit(self) -> Result<QueuedEdit, Error> {
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
        by: By,
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
        let answered = remove_refused(&mut tx, id, edit).await?;
        insert(&mut tx, &queued).await?;
        self.seal_edit(&mut tx, &queued).await?;
        write_line(&mut tx, &by.line(queued.customer.clone(), AuditAct::Edited), now).await?;
        tx.commit().await?;
        if answered {
            self.remove_unsealed().await?;
        }
        Ok(queued)
    }

    /// The customers of whom something waits, whoever has waited longest first.
    pub async fn customers_waiting(&self) -> Result<Vec<Uuid>, Error> {
        Ok(sqlx::query_scalar!(
            r#"SELECT w.customer_id AS "id!: Uuid" FROM unsent w JOIN customer u ON u.id = w.customer_id
               WHERE w.refused_status IS NULL GROUP BY w.customer_id ORDER BY min(w.made_at), u.seq"#
        )
        .fetch_all(self.database.read())
        .await?)
    }

    /// The oldest waiting edit of a customer; none before the centre has the customer. Those before it that cannot be
    /// read are set aside.
    pub async fn next_to_send(&self, customer: Uuid) -> Result<Option<QueuedEdit>, Error> {
        loop {
            let row = sqlx::query_as!(
                Row,
                r#"SELECT id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, edit, before,
                      base_revision, made_at, attempts, refused_status, refused_theirs, refused_revision
                   FROM queued_edit WHERE customer_id = ?1 AND refused_status IS NULL
                      AND NOT EXISTS (SELECT 1 FROM new_customer WHERE customer_id = ?1)
                   ORDER BY seq LIMIT 1"#,
                customer
            )
            .fetch_optional(self.database.read())
            .await?;
            let Some(row) = row else { return Ok(None) };
            let id = row.id;
            match row.into_edit() {
                Err(error @ (Error::Document(_) | Error::OutOfRange)) => {
                    tracing::error!(%error, "a queued edit cannot be read and is set aside");
                    self.mark_refused(id, UNREADABLE, None).await?;
                }
                queued => return queued.map(Some),
            }
        }
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
    pub async fn mark_sent(
        &self,
        edit_id: Uuid,
        fresh: &Profile,
        now: DateTime<Utc>,
    ) -> Result<Refreshed, Error> {
        let mut refreshed = Refreshed::Kept;
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
                 WHERE customer_id = ?2 AND refused_status IS NULL
                    AND CASE WHEN json_valid(edit) AND json_valid(?3)
                        THEN edit ->> 'group' = ?3 ->> 'group' AND edit ->> 'key' = ?3 ->> 'key' END",
                revision,
                sent.customer,
                sent.edit
            )
            .execute(&mut *tx)
            .await?;
            refreshed = refresh_copy(&mut tx, sent.customer, fresh, now).await?;
            let_go_if_unused(&mut tx, sent.customer).await?;
        }
        tx.commit().await?;
        self.remove_leftovers().await?;
        if refreshed == Refreshed::Withdrawn {
            self.database.checkpoint().await?;
        }
        Ok(refreshed)
    }

    /// The centre refused the edit: it is set aside for a person to look at, with what the centre says stands there, where
    /// it says so. Where the same preference was changed again since, that later edit is what the person wants: the
    /// refused one goes.
    pub async fn mark_refused(
        &self,
        edit_id: Uuid,
        status: u16,
        theirs: Option<&Theirs>,
    ) -> Result<(), Error> {
        let standing = theirs.map(|theirs| serde_json::to_string(&theirs.preference)).transpose()?;
        let revision: Option<i64> = theirs.map(|theirs| number(theirs.revision)).transpose()?;
        let mut tx = self.database.write().await?;
        let customer = sqlx::query_scalar!(
            r#"UPDATE queued_edit SET refused_status = ?, refused_theirs = ?, refused_revision = ? WHERE id = ?
               RETURNING customer_id AS "id: Uuid""#,
            status,
            standing,
            revision,
            edit_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        sqlx::query!(
            "DELETE FROM queued_edit AS refused WHERE id = ? AND EXISTS (
                SELECT 1 FROM queued_edit later
                WHERE later.customer_id = refused.customer_id AND refused.seq < later.seq
                    AND later.refused_status IS NULL
                    AND CASE WHEN json_valid(refused.edit) AND json_valid(later.edit)
                        THEN refused.edit ->> 'group' = later.edit ->> 'group'
                            AND refused.edit ->> 'key' = later.edit ->> 'key' END)",
            edit_id
        )
        .execute(&mut *tx)
        .await?;
        if let Some(customer) = customer {
            let_go_if_unused(&mut tx, customer).await?;
        }
        tx.commit().await?;
        self.remove_leftovers().await
    }

    /// The queue in numbers.
    pub async fn queue(&self) -> Result<QueueSummary, Error> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "all!: i64", count(refused_status) AS "refused!: i64",
                  min(made_at) AS "oldest: i64" FROM unsent"#
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

/// Writes a waiting edit.
pub(crate) async fn insert(connection: &mut SqliteConnection, queued: &QueuedEdit) -> Result<(), Error> {
    let edit = serde_json::to_string(&queued.edit)?;
    let before = queued.before.as_ref().map(serde_json::to_string).transpose()?;
    let (base, made_at): (i64, i64) = (number(queued.base_revision)?, micros(queued.made_at));
    sqlx::query!(
        "INSERT INTO queued_edit (id, customer_id, issuer, subject, edit, before, base_revision, made_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        queued.id,
        queued.customer_id,
        queued.customer.issuer,
        queued.customer.subject,
        edit,
        before,
        base,
        made_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes what was refused of the same preference; false where nothing was.
async fn remove_refused(
    connection: &mut SqliteConnection,
    customer: Uuid,
    edit: &PreferenceEdit,
) -> Result<bool, Error> {
    let removed = sqlx::query!(
        "DELETE FROM queued_edit WHERE customer_id = ?1 AND refused_status IS NOT NULL
            AND CASE WHEN json_valid(edit) THEN edit ->> 'group' = ?2 AND edit ->> 'key' = ?3 END",
        customer,
        edit.group,
        edit.key
    )
    .execute(connection)
    .await?;
    Ok(0 < removed.rows_affected())
}

/// A fresh document has come: a refused edit whose value stands there by now has come to what the person wanted.
pub(crate) async fn settle(
    connection: &mut SqliteConnection,
    customer: Uuid,
    fresh: &Profile,
) -> Result<(), Error> {
    for queued in of_customer(connection, customer).await? {
        let edit = &queued.edit;
        let theirs = fresh.preferences.get(&edit.group).and_then(|group| group.get(&edit.key));
        let theirs = theirs.map(|preference| &preference.value);
        let same = profile::merge(queued.before.as_ref(), edit.value.as_ref(), theirs) == Merged::Same;
        if same && queued.state != EditState::Waiting {
            sqlx::query!("DELETE FROM queued_edit WHERE id = ?", queued.id).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// All edits of a customer that can be read, oldest first.
pub(crate) async fn of_customer(
    connection: &mut SqliteConnection,
    id: Uuid,
) -> Result<Vec<QueuedEdit>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, edit, before,
              base_revision, made_at, attempts, refused_status, refused_theirs, refused_revision
           FROM queued_edit WHERE customer_id = ? ORDER BY seq"#,
        id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.into_edit().ok()).collect())
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
        let by = By { who: None, why: crate::Why::SignedIn, online: true };
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
            match vault.edit_preference(id, &edit, Uuid::new_v4(), by, now).await {
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
        vault.edit_preference(id, &edit, Uuid::new_v4(), by, now).await.unwrap();
        assert_eq!(vault.queue().await.unwrap().waiting, saved + 1);
        vault.close().await;
    }
}
