//! Customers whom an associate entered at a till, with the customer beside them.
//!
//! The till chooses the subject, so that its customer is the same here whenever the request arrives, and however often.
//! Nobody is taken for somebody else by this: whoever may be known already is a question, which a person answers. Nobody
//! can sign in to what was made until they have proven that it is theirs, and nobody who was erased comes back.

use chrono::{DateTime, TimeDelta, Utc};
use profile::{Candidate, ConsentAct, NewCustomer, masked_name, remembering::REMEMBERS};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{
    adding::add,
    changes::{ChangeKind, record_change},
    from_millis,
    reading::profile_within,
    remembered::{Remembered, remembered_within},
    withdrawing::Counter,
};
use crate::{
    Error,
    accounts::{self, Role},
    db::Db,
};

/// So many are shown. Who shares a number with more of them is asked for their phone.
const MOST_CANDIDATES: i64 = 5;

/// No till is expected to be away from the network for longer.
const LONGEST_AWAY: TimeDelta = TimeDelta::days(90);

/// What became of somebody new.
#[derive(Debug)]
pub(crate) enum Made {
    /// Made, now or when it was first sent.
    Customer(Box<Remembered>),
    /// Not made: they may be one of these.
    Candidates(Vec<Candidate>),
    /// Not made: they were, and are erased.
    Erased,
    /// Not made: the subject is somebody else's, or the store does not remember them any more.
    Taken,
}

/// Makes a customer once for each subject. `somebody_else` names the candidates that the customer has been asked about and
/// is not.
pub(crate) async fn make(
    db: &Db,
    subject: Uuid,
    new: &NewCustomer,
    somebody_else: &[String],
    counter: &Counter<'_>,
    now: DateTime<Utc>,
) -> Result<Made, Error> {
    let (subject, store) = (subject.to_string(), &counter.store.id);
    let mut writing = db.write().await?;
    if let Some(known) = profile_within(&mut writing, &subject).await? {
        let is_this_one = known.consents.iter().any(|act| act.id == subject);
        let here = remembered_within(&mut writing, store, &subject, now).await?;
        return Ok(here.filter(|_| is_this_one).map_or(Made::Taken, |here| Made::Customer(Box::new(here))));
    }
    if is_erased(&mut writing, &subject).await? {
        return Ok(Made::Erased);
    }
    let mut candidates = candidates(&mut writing, new).await?;
    candidates.retain(|candidate| !somebody_else.contains(&candidate.id));
    if !candidates.is_empty() {
        return Ok(Made::Candidates(candidates));
    }
    let new = new.entered_at(moment(new.at, now));
    let act = ConsentAct {
        store_name: Some(counter.store.name.clone()),
        till: Some(counter.till.to_owned()),
        until: Some(new.until.min(now + REMEMBERS)),
        ..new.act(&subject, Some(store))
    };
    let profile = new.profile(&subject, 1, act);
    accounts::add(&mut writing, &subject, &nobodys_address(&subject), None, Role::Customer, now).await?;
    add(&mut writing, &profile, &[]).await?;
    record_change(&mut writing, &subject, ChangeKind::Changed).await?;
    let made = remembered_within(&mut writing, store, &subject, now).await?;
    writing.commit().await?;
    Ok(made.map_or(Made::Taken, |made| Made::Customer(Box::new(made))))
}

/// When they were entered. The clock of a till may be years off: nobody was in the future, and no till waits for so long
/// that what somebody agreed to there is over before anybody hears of it.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if now - at < LONGEST_AWAY { at.min(now) } else { now }
}

/// Stands for the address that somebody signs in with where there is none: no mail goes there (RFC 2606, section 2). The
/// address that they told the associate is theirs to prove.
fn nobodys_address(subject: &str) -> String {
    format!("{subject}@not-claimed.invalid")
}

async fn is_erased(db: &mut SqliteConnection, subject: &str) -> Result<bool, Error> {
    let lines =
        sqlx::query_scalar!("SELECT count(*) FROM changes WHERE subject = ? AND kind = 'erased'", subject);
    Ok(lines.fetch_one(db).await? > 0)
}

/// Who has the same address or number.
async fn candidates(db: &mut SqliteConnection, new: &NewCustomer) -> Result<Vec<Candidate>, Error> {
    let rows = sqlx::query!(
        r#"SELECT subject, display_name, member_since,
              coalesce(email = ?1 COLLATE NOCASE, FALSE) AS "same_email!: bool",
              coalesce(phone = ?2, FALSE) AS "same_phone!: bool"
           FROM customers WHERE email = ?1 COLLATE NOCASE OR phone = ?2
           ORDER BY 4 DESC, member_since, id LIMIT ?3"#,
        new.email,
        new.phone,
        MOST_CANDIDATES
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Candidate {
                id: candidate_id(&row.subject),
                name: masked_name(&row.display_name),
                since: row.member_since.map(|at| from_millis(at, "customers.member_since")).transpose()?,
                same_email: row.same_email,
                same_phone: row.same_phone,
            })
        })
        .collect()
}

/// Not the subject: a till learns no name of anybody whom its store does not remember.
fn candidate_id(subject: &str) -> String {
    let mut id = hex::encode(Sha256::new().chain_update("candidate ").chain_update(subject).finalize());
    id.truncate(32);
    id
}
