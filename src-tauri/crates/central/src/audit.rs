//! The audit trails of the tills, as each has sent it: lines are added and never touched, and what a till changes or cuts
//! afterwards shows here. Who is behind a pseudonym stands in a row of its own, which goes with the customer.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::Serialize;
use sqlx::SqliteConnection;
use trail::{AuditBatch, AuditCheck, AuditFault, AuditHead, Check, Content, Named, Outcome, WrittenLine};
use uuid::Uuid;

use crate::{Error, customers, db::Db};

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// So many lines of the trail are here.
    Lines(u64),
    /// The till's trail is not the one that is here, which stays as it is.
    Differs,
    /// A number is larger than any that can be kept.
    TooLarge,
}

/// A trail, and whether it is whole.
#[derive(Debug, Serialize)]
pub struct AuditTrail {
    /// The till.
    pub till: String,
    /// What the till calls it.
    pub trail: String,
    /// How many lines are here.
    pub lines: u64,
    /// When the till was heard of first.
    pub first_heard: DateTime<Utc>,
    /// And last.
    pub last_heard: DateTime<Utc>,
    /// The first line that does not fit.
    pub broken: Option<Broken>,
}

/// A line that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its number.
    pub line: u64,
    /// What is wrong there.
    pub fault: AuditFault,
}

struct Kept {
    number: i64,
    head: AuditHead,
    broken: Option<Broken>,
}

/// Takes over what a till sends of its trail.
pub(crate) async fn receive(
    db: &Db,
    client_id: &str,
    batch: &AuditBatch,
    now: DateTime<Utc>,
) -> Result<Received, Error> {
    let numbers = batch.lines.iter().map(|line| line.content.seq);
    if numbers.chain([batch.head.lines]).any(|number| i64::try_from(number).is_err()) {
        return Ok(Received::TooLarge);
    }
    let mut writing = db.write().await?;
    let kept = kept(&mut writing, client_id, batch.trail, now.timestamp_millis()).await?;
    if kept.broken.is_some_and(|broken| ends(broken.fault)) {
        return Ok(Received::Differs);
    }
    let (head, found) = match batch.judge(&kept.head) {
        Outcome::OutOfStep => (kept.head, None),
        Outcome::Taken { head, broken } => {
            for line in &batch.lines {
                add(&mut writing, kept.number, line).await?;
            }
            for named in &batch.named {
                name(&mut writing, kept.number, named).await?;
            }
            (head, broken)
        }
        Outcome::Differs { line, fault } => (kept.head, Some((line, fault))),
    };
    let broken = kept.broken.or(found.map(|(line, fault)| Broken { line, fault }));
    let (lines, line) = (stored(head.lines)?, broken.map(|broken| stored(broken.line)).transpose()?);
    let fault = broken.map(|broken| customers::word(&broken.fault)).transpose()?;
    sqlx::query!(
        "UPDATE audit_trails SET lines = ?, hash = ?, broken_line = ?, broken_fault = ? WHERE number = ?",
        lines,
        head.hash,
        line,
        fault,
        kept.number
    )
    .execute(&mut *writing)
    .await?;
    writing.commit().await?;
    if broken != kept.broken {
        tracing::error!(till = client_id, ?broken, "the audit trail of a till is not what it was");
    }
    let differs = broken.is_some_and(|broken| ends(broken.fault));
    Ok(if differs { Received::Differs } else { Received::Lines(head.lines) })
}

/// Whether a trail goes no further with such a fault: what the till has now is another one.
fn ends(fault: AuditFault) -> bool {
    matches!(fault, AuditFault::Cut | AuditFault::Other)
}

/// The trail as it is here; begun where there is none.
async fn kept(writing: &mut SqliteConnection, client_id: &str, trail: Uuid, now: i64) -> Result<Kept, Error> {
    let (trail, none) = (trail.to_string(), AuditHead::none().hash);
    let row = sqlx::query!(
        "INSERT INTO audit_trails (client_id, trail, lines, hash, first_heard, last_heard) VALUES (?, ?, 0, ?, ?, ?)
         ON CONFLICT (client_id, trail) DO UPDATE SET last_heard = excluded.last_heard
         RETURNING number, lines, hash, broken_line, broken_fault",
        client_id,
        trail,
        none,
        now,
        now
    )
    .fetch_one(writing)
    .await?;
    let broken = broken(row.broken_line, row.broken_fault.as_deref())?;
    Ok(Kept { number: row.number, head: AuditHead { lines: count(row.lines)?, hash: row.hash }, broken })
}

fn broken(line: Option<i64>, fault: Option<&str>) -> Result<Option<Broken>, Error> {
    let (Some(line), Some(fault)) = (line, fault) else { return Ok(None) };
    Ok(Some(Broken { line: count(line)?, fault: customers::from_word(fault, "audit_trails.broken_fault")? }))
}

fn count(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|_| Error::Stored("audit_trails"))
}

fn stored(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Stored("audit_trails"))
}

async fn add(writing: &mut SqliteConnection, trail: i64, line: &WrittenLine) -> Result<(), Error> {
    let Content { seq, at, who, whom, act, why, online, note } = &line.content;
    let seq = stored(*seq)?;
    let (who, whom) = (who.map(|who| who.to_string()), whom.map(|whom| whom.to_string()));
    sqlx::query!(
        "INSERT INTO audit_lines (trail, seq, at, who, whom, act, why, online, note, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        trail,
        seq,
        at,
        who,
        whom,
        act,
        why,
        online,
        note,
        line.hash
    )
    .execute(writing)
    .await?;
    Ok(())
}

/// Notes who is behind a pseudonym. Nobody who is erased, of whom the till has not heard yet.
async fn name(writing: &mut SqliteConnection, trail: i64, named: &Named) -> Result<(), Error> {
    let (whom, subject) = (named.whom.to_string(), &named.subject);
    sqlx::query!(
        "INSERT INTO audit_subjects (trail, whom, subject)
         SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM changes WHERE subject = ?3 AND kind = 'erased')
         ON CONFLICT (trail, whom) DO NOTHING",
        trail,
        whom,
        subject
    )
    .execute(writing)
    .await?;
    Ok(())
}

/// All trails, with every line looked at.
pub(crate) async fn verify(db: &Db) -> Result<Vec<AuditTrail>, Error> {
    let mut reading = db.read().begin().await?;
    let rows = sqlx::query!(
        "SELECT number, client_id, trail, lines, hash, broken_line, broken_fault, first_heard, last_heard
         FROM audit_trails ORDER BY client_id, first_heard, number"
    )
    .fetch_all(&mut *reading)
    .await?;
    let mut trails = Vec::with_capacity(rows.len());
    for row in rows {
        let head = AuditHead { lines: count(row.lines)?, hash: row.hash };
        let now = match check(&mut reading, row.number, &head).await? {
            AuditCheck::Intact { .. } => None,
            AuditCheck::Broken { line, fault } => Some(Broken { line, fault }),
        };
        let then = broken(row.broken_line, row.broken_fault.as_deref())?;
        trails.push(AuditTrail {
            till: row.client_id,
            trail: row.trail,
            lines: head.lines,
            first_heard: customers::from_millis(row.first_heard, "audit_trails.first_heard")?,
            last_heard: customers::from_millis(row.last_heard, "audit_trails.last_heard")?,
            broken: then.into_iter().chain(now).min_by_key(|broken| broken.line),
        });
    }
    Ok(trails)
}

/// Looks at every line of a trail.
async fn check(reading: &mut SqliteConnection, trail: i64, head: &AuditHead) -> Result<AuditCheck, Error> {
    let uuid = |text: Option<String>| {
        text.map(|text| text.parse::<Uuid>()).transpose().map_err(|_| Error::Stored("audit_lines"))
    };
    let mut check = Check::new(None);
    let mut rows =
        sqlx::query!("SELECT * FROM audit_lines WHERE trail = ? ORDER BY seq", trail).fetch(reading);
    while let Some(row) = rows.try_next().await? {
        let content = Content {
            seq: count(row.seq)?,
            at: row.at,
            who: uuid(row.who)?,
            whom: uuid(row.whom)?,
            act: row.act,
            why: row.why,
            online: row.online != 0,
            note: row.note,
        };
        if let Some(broken) = check.next(&WrittenLine { content, hash: row.hash }) {
            return Ok(broken);
        }
    }
    Ok(check.end(head))
}
