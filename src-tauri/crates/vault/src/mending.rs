//! What a person sees and does of edits that the centre does not have: look, send again with the same value or another,
//! drop. Nothing here happens by itself: no sync, no clock and no clearing of copies decides about an edit.

use chrono::{DateTime, Utc};
use profile::{CustomerKey, Merged, Name, PreferenceEdit, PreferenceValue, Preferences, catalogue};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    AuditAct, By, EditState, Error, QueuedEdit, Theirs, Vault,
    audit::write_line,
    customers::let_go_if_unused,
    new_customers::{self, UnsentCustomer},
    outbox::{Row, insert},
    stored::{micros, number, time},
    visits::{self, UnsentVisit},
};

/// So many are listed at once.
const MOST_LISTED: i64 = 500;

/// What the centre does not have.
#[derive(Clone, Debug)]
pub struct UnsentList {
    /// Those that a person must look at first, then the longest waiting; not all of them where there are very many.
    pub edits: Vec<UnsentEdit>,
    /// How many edits there are.
    pub all: u32,
    /// New customers, those that a person must look at first.
    pub customers: Vec<UnsentCustomer>,
    /// Visits that an associate has written down, refused ones first.
    pub visits: Vec<UnsentVisit>,
}

/// An edit that the centre does not have, as a person looks at it.
#[derive(Clone, Debug)]
pub struct UnsentEdit {
    /// Its idempotency key.
    pub id: Uuid,
    /// The customer's key in this vault.
    pub customer_id: Uuid,
    /// Their name; none where no copy of them is left.
    pub name: Option<Name>,
    /// What was changed, and what stood there before; none where the row cannot be read.
    pub change: Option<(PreferenceEdit, Option<PreferenceValue>)>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How far it has come.
    pub state: EditState,
    /// What stands there now, as far as the till has heard; none where it has heard nothing.
    pub theirs: Option<Theirs>,
}

impl UnsentEdit {
    /// Whether somebody else has set another value since, so that a person must choose.
    pub fn is_conflict(&self) -> bool {
        let (Some((edit, before)), Some(theirs)) = (&self.change, &self.theirs) else { return false };
        let theirs = theirs.preference.as_ref().map(|preference| &preference.value);
        profile::merge(before.as_ref(), edit.value.as_ref(), theirs) == Merged::Conflict
    }
}

/// What a list needs of a stored document.
#[derive(Deserialize)]
struct Known {
    name: Name,
    preferences: Preferences,
}

impl Vault {
    /// What the centre does not have.
    pub async fn unsent(&self) -> Result<UnsentList, Error> {
        let mut tx = self.database.read().begin().await?;
        let all = sqlx::query_scalar!("SELECT count(*) FROM queued_edit").fetch_one(&mut *tx).await?;
        let rows = sqlx::query!(
            r#"SELECT q.id AS "id: Uuid", q.customer_id AS "customer_id: Uuid", q.issuer, q.subject, q.edit, q.before,
                  q.base_revision, q.made_at, q.attempts, q.refused_status, q.refused_theirs, q.refused_revision,
                  c.profile AS "profile?: String", c.revision AS "revision?: i64"
               FROM queued_edit q
               JOIN customer u ON u.id = q.customer_id
               LEFT JOIN copy c ON c.customer = u.seq
               ORDER BY q.refused_status IS NULL, q.seq LIMIT ?"#,
            MOST_LISTED
        )
        .fetch_all(&mut *tx)
        .await?;
        let customers = new_customers::unsent(&mut tx).await?;
        let visits = visits::unsent(&mut tx).await?;
        tx.commit().await?;
        let mut edits = Vec::with_capacity(rows.len());
        for row in rows {
            // A copy that cannot be read is no reason not to show what waits.
            let copy = known(row.profile.as_deref(), row.revision).ok().flatten();
            let stored = Row {
                id: row.id,
                customer_id: row.customer_id,
                issuer: row.issuer,
                subject: row.subject,
                edit: row.edit,
                before: row.before,
                base_revision: row.base_revision,
                made_at: row.made_at,
                attempts: row.attempts,
                refused_status: row.refused_status,
                refused_theirs: row.refused_theirs,
                refused_revision: row.refused_revision,
            };
            let said = stored.theirs().ok().flatten();
            let state = match stored.refused_status {
                None => EditState::Waiting,
                Some(status) => EditState::Refused { status: number(status)? },
            };
            let (id, customer_id, made_at) = (stored.id, stored.customer_id, time(stored.made_at));
            let change = stored.into_edit().ok().map(|queued| (queued.edit, queued.before));
            edits.push(UnsentEdit {
                id,
                customer_id,
                theirs: change.as_ref().and_then(|(edit, _)| newest(edit, said, copy.as_ref())),
                name: copy.map(|(known, _)| known.name),
                change,
                made_at: made_at.unwrap_or_default(),
                state,
            });
        }
        Ok(UnsentList { edits, all: number(all)?, customers, visits })
    }

    /// Sends a refused edit again with a value, as a new edit in its place. `seen` is what the person has seen standing
    /// there: where that is still so the new edit is made on it, and else the centre will ask once more. Answers none
    /// where no such edit is refused any more.
    pub async fn mend_edit(
        &self,
        edit_id: Uuid,
        value: Option<PreferenceValue>,
        seen: Option<&PreferenceValue>,
        fresh: Uuid,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Option<QueuedEdit>, Error> {
        let mut tx = self.database.write().await?;
        let row = sqlx::query_as!(
            Row,
            r#"DELETE FROM queued_edit WHERE id = ? AND refused_status IS NOT NULL
               RETURNING id AS "id: Uuid", customer_id AS "customer_id: Uuid", issuer, subject, edit, before,
                  base_revision, made_at, attempts, refused_status, refused_theirs, refused_revision"#,
            edit_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let said = row.theirs()?;
        let refused = row.into_edit()?;
        let copy = sqlx::query!(
            "SELECT c.profile, c.revision FROM copy c JOIN customer u ON u.seq = c.customer WHERE u.id = ?",
            refused.customer_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        let copy = copy.map(|copy| known(Some(&copy.profile), Some(copy.revision))).transpose()?.flatten();
        let edit = PreferenceEdit { value, ..refused.edit };
        catalogue::validate(&edit).map_err(Error::Value)?;
        let theirs = newest(&edit, said, copy.as_ref());
        let is_seen = |theirs: &Theirs| theirs.preference.as_ref().map(|one| &one.value) == seen;
        let base = theirs.filter(is_seen).map_or(0, |theirs| theirs.revision);
        let mended = QueuedEdit {
            id: fresh,
            edit,
            base_revision: refused.base_revision.max(base),
            made_at: time(micros(now))?,
            attempts: 0,
            state: EditState::Waiting,
            ..refused
        };
        insert(&mut tx, &mended).await?;
        self.seal_edit(&mut tx, &mended).await?;
        write_line(&mut tx, &by.line(mended.customer.clone(), AuditAct::Edited), now).await?;
        tx.commit().await?;
        self.remove_unsealed().await?;
        Ok(Some(mended))
    }

    /// A person lets go of an edit or of a visit, refused or waiting. Answers whose it was; none where it is not in the queue
    /// any more.
    pub async fn drop_edit(
        &self,
        edit_id: Uuid,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Option<(Uuid, CustomerKey)>, Error> {
        let mut tx = self.database.write().await?;
        let dropped = sqlx::query!(
            r#"DELETE FROM queued_edit WHERE id = ? RETURNING customer_id AS "customer_id: Uuid", issuer, subject"#,
            edit_id
        )
        .fetch_optional(&mut *tx)
        .await?
        .map(|edit| (edit.customer_id, CustomerKey { issuer: edit.issuer, subject: edit.subject }));
        let dropped = match dropped {
            Some(dropped) => Some(dropped),
            None => visits::remove(&mut tx, edit_id).await?,
        };
        let Some((id, customer)) = dropped else { return Ok(None) };
        let_go_if_unused(&mut tx, id).await?;
        write_line(&mut tx, &by.line(customer.clone(), AuditAct::Dropped), now).await?;
        tx.commit().await?;
        self.remove_leftovers().await?;
        Ok(Some((id, customer)))
    }
}

/// What is needed of a copy, and its revision.
fn known(profile: Option<&str>, revision: Option<i64>) -> Result<Option<(Known, u64)>, Error> {
    let (Some(profile), Some(revision)) = (profile, revision) else { return Ok(None) };
    Ok(Some((serde_json::from_str(profile)?, number(revision)?)))
}

/// What the till has heard last: the refusal, or a copy that is newer.
fn newest(edit: &PreferenceEdit, said: Option<Theirs>, copy: Option<&(Known, u64)>) -> Option<Theirs> {
    match (said, copy) {
        (Some(said), Some((_, revision))) if *revision < said.revision => Some(said),
        (_, Some((known, revision))) => {
            let preference = known.preferences.get(&edit.group).and_then(|group| group.get(&edit.key));
            Some(Theirs { preference: preference.cloned(), revision: *revision })
        }
        (said, None) => said,
    }
}
