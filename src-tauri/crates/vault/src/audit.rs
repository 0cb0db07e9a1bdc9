//! The audit trail: who did what to whom, when, why, and whether the centre could be reached.
//!
//! Triggers keep lines from being changed or removed. Whoever goes round the triggers breaks a chain ([`trail`]): each line
//! carries the SHA-256 of the line before and of itself, and the head of the chain stands apart. Somebody who has the key
//! of the database can make the chain anew; that shows by any head that is kept elsewhere ([`Vault::audit_head`]), and at
//! the centre, which is sent all lines ([`shipping`]).
//!
//! A line never names a customer: it has a random pseudonym, and who is behind it stands in a row of its own. Erasing
//! somebody removes that row, and with it whom their lines are about; the chain stays whole.

mod carry_over;
mod shipping;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use profile::CustomerKey;
use sqlx::SqliteConnection;
use trail::{AuditCheck, AuditHead, Check, Content, WrittenLine};
use uuid::Uuid;

use crate::{
    Error, Vault,
    stored::{micros, number},
};
pub(crate) use carry_over::carry_over;

/// One line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// The associate who did it; none where the till did it by itself.
    pub who: Option<Uuid>,
    /// The customer whom it was about.
    pub whom: CustomerKey,
    /// What was done.
    pub act: AuditAct,
    /// Why.
    pub why: Why,
    /// Whether the centre could be reached.
    pub online: bool,
}

/// Who does something, why, and whether the centre can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// The associate; none where the till does it by itself.
    pub who: Option<Uuid>,
    /// Why.
    pub why: Why,
    /// Whether the centre can be reached.
    pub online: bool,
}

impl By {
    /// What the trail says of it.
    pub fn line(self, whom: CustomerKey, act: AuditAct) -> AuditLine {
        let By { who, why, online } = self;
        AuditLine { who, whom, act, why, online }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAct {
    /// A profile was opened.
    Opened,
    /// A match was refused: the profile stayed closed.
    Refused,
    /// A new customer was entered.
    Entered,
    /// A preference was changed.
    Edited,
    /// The till's copy was removed.
    Removed,
    /// An edit that the centre did not have was dropped.
    Dropped,
    /// All that the till has of a customer was written out for somebody.
    Exported,
    /// All that the till had of a customer was removed, and who is behind the pseudonym.
    Erased,
    /// The database was copied.
    BackedUp,
    /// The database got a new key.
    Rekeyed,
    /// The lines before this one were written anew by a new version of the program.
    CarriedOver,
}

impl AuditAct {
    fn stored(self) -> &'static str {
        match self {
            AuditAct::Opened => "opened",
            AuditAct::Refused => "refused",
            AuditAct::Entered => "entered",
            AuditAct::Edited => "edited",
            AuditAct::Removed => "removed",
            AuditAct::Dropped => "dropped",
            AuditAct::Exported => "exported",
            AuditAct::Erased => "erased",
            AuditAct::BackedUp => "backed_up",
            AuditAct::Rekeyed => "rekeyed",
            AuditAct::CarriedOver => "carried_over",
        }
    }
}

/// Why it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The customer signed in at this counter.
    SignedIn,
    /// An associate opened a remembered customer.
    OpenedByAssociate,
    /// The customer stood beside the associate who entered them.
    Entered,
    /// The date that the customer agreed to was over.
    RetentionOver,
    /// The customer is to be forgotten.
    Forgotten,
    /// An edit in the queue was looked at.
    Unsent,
    /// The customer wants to know what is kept, or to take it elsewhere (GDPR art. 15 and 20).
    AccessRequest,
    /// The customer wants to be erased (GDPR art. 17).
    ErasureRequest,
    /// The customer was erased at the centre.
    ErasedAtCentre,
    /// By the word of the centre the store must not remember the customer any more.
    LeftStore,
    /// Somebody looks after the till.
    Maintenance,
}

impl Why {
    fn stored(self) -> &'static str {
        match self {
            Why::SignedIn => "signed_in",
            Why::OpenedByAssociate => "opened_by_associate",
            Why::Entered => "entered",
            Why::RetentionOver => "retention_over",
            Why::Forgotten => "forgotten",
            Why::Unsent => "unsent",
            Why::AccessRequest => "access_request",
            Why::ErasureRequest => "erasure_request",
            Why::ErasedAtCentre => "erased_at_centre",
            Why::LeftStore => "left_store",
            Why::Maintenance => "maintenance",
        }
    }
}

impl Vault {
    /// Writes a line.
    pub async fn audit(&self, line: AuditLine, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.database.write().await?;
        write_line(&mut tx, &line, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// How long the trail is and how it ends: what is to be kept elsewhere, so that a trail that was cut shows.
    pub async fn audit_head(&self) -> Result<AuditHead, Error> {
        head(&mut *self.database.read().acquire().await?).await
    }

    /// Checks every line against the chain, and the chain against a head that was kept elsewhere.
    pub async fn verify_audit(&self, known: Option<&AuditHead>) -> Result<AuditCheck, Error> {
        // One read transaction, so that a line written meanwhile is not half seen.
        let mut tx = self.database.read().begin().await?;
        let head = head(&mut tx).await?;
        let mut check = Check::new(known);
        let mut rows = sqlx::query_as!(
            Row,
            r#"SELECT seq, at, who AS "who: Uuid", whom AS "whom: Uuid", act, why, online AS "online: bool", note, hash
               FROM audit_line ORDER BY seq"#
        )
        .fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            if let Some(broken) = check.next(&row.into_line()?) {
                return Ok(broken);
            }
        }
        Ok(check.end(&head))
    }
}

/// A line as it is in the table.
struct Row {
    seq: i64,
    at: i64,
    who: Option<Uuid>,
    whom: Option<Uuid>,
    act: String,
    why: String,
    online: bool,
    note: Option<String>,
    hash: Vec<u8>,
}

impl Row {
    fn into_line(self) -> Result<WrittenLine, Error> {
        let Row { seq, at, who, whom, act, why, online, note, hash } = self;
        // A number below the first one is nobody's: whoever checks the chain finds it.
        let content = Content { seq: number(seq.max(0))?, at, who, whom, act, why, online, note };
        Ok(WrittenLine { content, hash: hex::encode(&hash) })
    }
}

async fn head(connection: &mut SqliteConnection) -> Result<AuditHead, Error> {
    let head = sqlx::query!("SELECT lines, hash FROM audit_head").fetch_one(connection).await?;
    Ok(AuditHead { lines: number(head.lines)?, hash: hex::encode(&head.hash) })
}

/// Writes a line within a transaction that does what the line tells of.
pub(crate) async fn write_line(
    connection: &mut SqliteConnection,
    line: &AuditLine,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let whom = pseudonym(connection, &line.whom).await?;
    let AuditLine { who, whom: _, act, why, online } = *line;
    write(connection, Deed { who, whom: Some(whom), act, why, online, note: None }, micros(now)).await
}

/// Writes a line about what store IT or a privacy officer did, who was not signed in at the till but said who they are.
pub(crate) async fn write_command(
    connection: &mut SqliteConnection,
    whom: Option<&CustomerKey>,
    (act, why): (AuditAct, Why),
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let whom = match whom {
        Some(whom) => Some(pseudonym(connection, whom).await?),
        None => None,
    };
    let note = by.map(|by| format!("by {by}"));
    write(connection, Deed { who: None, whom, act, why, online: false, note }, micros(now)).await
}

/// Whether there are lines about a customer.
pub(crate) async fn is_named(connection: &mut SqliteConnection, whom: &CustomerKey) -> Result<bool, Error> {
    let named = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM audit_subject WHERE issuer = ? AND subject = ?) AS "named!: bool""#,
        whom.issuer,
        whom.subject
    )
    .fetch_one(connection)
    .await?;
    Ok(named)
}

/// Leaves nobody behind the pseudonym of a customer.
pub(crate) async fn make_nameless(
    connection: &mut SqliteConnection,
    whom: &CustomerKey,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM audit_subject WHERE issuer = ? AND subject = ?", whom.issuer, whom.subject)
        .execute(connection)
        .await?;
    Ok(())
}

/// What a line has besides its place in the chain.
struct Deed {
    who: Option<Uuid>,
    whom: Option<Uuid>,
    act: AuditAct,
    why: Why,
    online: bool,
    note: Option<String>,
}

async fn write(connection: &mut SqliteConnection, deed: Deed, at: i64) -> Result<(), Error> {
    let before = head(connection).await?;
    let Deed { who, whom, act, why, online, note } = deed;
    let (act, why) = (act.stored().to_owned(), why.stored().to_owned());
    let content = Content { seq: before.lines + 1, at, who, whom, act, why, online, note };
    append(connection, &before, &content).await?;
    Ok(())
}

/// Puts a line at the end of the chain, and answers what the head is then.
async fn append(
    connection: &mut SqliteConnection,
    before: &AuditHead,
    content: &Content,
) -> Result<AuditHead, Error> {
    let digest = content.after(&before.hash);
    let Content { seq, at, who, whom, act, why, online, note } = content;
    let (seq, hash): (i64, _) = (number(*seq)?, digest.as_slice());
    sqlx::query!(
        "INSERT INTO audit_line (seq, at, who, whom, act, why, online, note, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        seq,
        at,
        who,
        whom,
        act,
        why,
        online,
        note,
        hash
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE audit_head SET lines = ?, hash = ?", seq, hash).execute(connection).await?;
    Ok(AuditHead { lines: content.seq, hash: hex::encode(&digest) })
}

/// What a customer is called in the trail; made at the first line about them. A line that was on its way while they were
/// erased is about nobody that could be named.
async fn pseudonym(connection: &mut SqliteConnection, whom: &CustomerKey) -> Result<Uuid, Error> {
    let fresh = Uuid::new_v4();
    let pseudonym = sqlx::query_scalar!(
        r#"INSERT INTO audit_subject (pseudonym, issuer, subject)
           SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM erasure WHERE issuer = ?2 AND subject = ?3)
           ON CONFLICT (issuer, subject) DO UPDATE SET issuer = excluded.issuer
           RETURNING pseudonym AS "pseudonym: Uuid""#,
        fresh,
        whom.issuer,
        whom.subject
    )
    .fetch_optional(connection)
    .await?;
    Ok(pseudonym.unwrap_or(fresh))
}

#[cfg(test)]
mod tests {
    use trail::AuditFault;

    use crate::Keyring;

    use super::*;

    async fn trail() -> (tempfile::TempDir, Vault) {
        let folder = tempfile::tempdir().unwrap();
        let now = DateTime::UNIX_EPOCH;
        let vault = Vault::open(folder.path(), &Keyring::in_memory()).await.unwrap();
        for n in 1..=4 {
            let line = AuditLine {
                who: Some(Uuid::from_u128(n)),
                whom: CustomerKey { issuer: "https://id.example.com".to_owned(), subject: n.to_string() },
                act: AuditAct::Opened,
                why: Why::SignedIn,
                online: true,
            };
            vault.audit(line, now).await.unwrap();
        }
        (folder, vault)
    }

    /// What the trail says after somebody who has the key went round the triggers.
    async fn after(tampering: &'static str) -> AuditCheck {
        let (_folder, vault) = trail().await;
        for trigger in
            ["DROP TRIGGER audit_line_is_never_changed", "DROP TRIGGER audit_line_is_never_removed"]
        {
            sqlx::query(trigger).execute(vault.database.writer()).await.unwrap();
        }
        sqlx::raw_sql(tampering).execute(vault.database.writer()).await.unwrap();
        let check = vault.verify_audit(None).await.unwrap();
        vault.close().await;
        check
    }

    #[tokio::test]
    async fn lines_can_only_be_added() {
        let (_folder, vault) = trail().await;
        for sql in ["UPDATE audit_line SET online = 0", "DELETE FROM audit_line WHERE seq = 4"] {
            assert!(sqlx::query(sql).execute(vault.database.writer()).await.is_err(), "{sql}");
        }
        assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 4 });
        vault.close().await;
    }

    #[tokio::test]
    async fn a_changed_removed_or_inserted_line_shows_and_where() {
        use AuditFault::{Changed, Cut, Missing};
        for (tampering, line, fault) in [
            ("UPDATE audit_line SET whom = randomblob(16) WHERE seq = 2", 2, Changed),
            ("UPDATE audit_line SET who = NULL WHERE seq = 3", 3, Changed),
            ("UPDATE audit_line SET at = at + 1 WHERE seq = 4", 4, Changed),
            ("UPDATE audit_line SET note = 'x' WHERE seq = 4", 4, Changed),
            ("DELETE FROM audit_line WHERE seq = 1", 1, Missing),
            ("DELETE FROM audit_line WHERE seq = 2", 2, Missing),
            ("DELETE FROM audit_line WHERE seq = 4", 4, Cut),
            ("DELETE FROM audit_line", 1, Cut),
            (
                "DELETE FROM audit_line WHERE seq = 2; UPDATE audit_line SET seq = seq - 1 WHERE 2 < seq",
                2,
                Changed,
            ),
            (
                "UPDATE audit_line SET seq = 9 WHERE seq = 2; UPDATE audit_line SET seq = 2 WHERE seq = 3;
                 UPDATE audit_line SET seq = 3 WHERE seq = 9",
                2,
                Changed,
            ),
            (
                "INSERT INTO audit_line SELECT 5, at, who, whom, act, why, online, note, hash FROM audit_line WHERE seq = 4",
                5,
                Changed,
            ),
            (
                "INSERT INTO audit_line SELECT 0, at, who, whom, act, why, online, note, hash FROM audit_line WHERE seq = 1",
                1,
                Missing,
            ),
            ("UPDATE audit_head SET lines = 9", 5, Cut),
        ] {
            assert_eq!(after(tampering).await, AuditCheck::Broken { line, fault }, "{tampering}");
        }
    }

    #[tokio::test]
    async fn a_trail_that_was_made_anew_shows_by_a_head_that_was_kept_elsewhere() {
        let (_folder, vault) = trail().await;
        let kept = vault.audit_head().await.unwrap();
        assert_eq!(vault.verify_audit(Some(&kept)).await.unwrap(), AuditCheck::Intact { lines: 4 });
        let line = |subject: &str| AuditLine {
            who: None,
            whom: CustomerKey { issuer: "https://id.example.com".to_owned(), subject: subject.to_owned() },
            act: AuditAct::Edited,
            why: Why::SignedIn,
            online: true,
        };
        vault.audit(line("5"), DateTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(vault.verify_audit(Some(&kept)).await.unwrap(), AuditCheck::Intact { lines: 5 });

        // Cut with a matching head: the chain itself is whole.
        let third = vault.audit_batch("https://id.example.com").await.unwrap().lines.remove(2).hash;
        let cut = format!(
            "DELETE FROM audit_line WHERE 3 < seq; UPDATE audit_head SET lines = 3, hash = x'{third}'"
        );
        sqlx::query("DROP TRIGGER audit_line_is_never_removed")
            .execute(vault.database.writer())
            .await
            .unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(cut)).execute(vault.database.writer()).await.unwrap();
        assert_eq!(vault.verify_audit(None).await.unwrap(), AuditCheck::Intact { lines: 3 });
        let cut = AuditCheck::Broken { line: 4, fault: AuditFault::Cut };
        assert_eq!(vault.verify_audit(Some(&kept)).await.unwrap(), cut);
        // And written on.
        vault.audit(line("6"), DateTime::UNIX_EPOCH).await.unwrap();
        let other = AuditCheck::Broken { line: 4, fault: AuditFault::Other };
        assert_eq!(vault.verify_audit(Some(&kept)).await.unwrap(), other);
        vault.close().await;
    }
}
