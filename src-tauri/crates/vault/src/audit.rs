//! The audit trail: who did what to whom, when, why, and whether the centre could be reached.
//!
//! Triggers keep lines from being changed or removed. Whoever goes round the triggers breaks a chain: each line
//! carries the SHA-256 of the line before and of itself, and the head of the chain stands apart. A trail says
//! whom it is about by issuer and subject alone.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use profile::CustomerKey;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{
    Error, Vault,
    stored::{micros, number},
};

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

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAct {
    /// A profile was opened.
    Opened,
    /// A match was refused: the profile stayed closed.
    Refused,
    /// A preference was changed.
    Edited,
    /// The till's copy was removed.
    Removed,
    /// An edit that the centre did not have was dropped.
    Dropped,
}

impl AuditAct {
    fn stored(self) -> &'static str {
        match self {
            AuditAct::Opened => "opened",
            AuditAct::Refused => "refused",
            AuditAct::Edited => "edited",
            AuditAct::Removed => "removed",
            AuditAct::Dropped => "dropped",
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
    /// The date that the customer agreed to was over.
    RetentionOver,
    /// The customer is to be forgotten.
    Forgotten,
    /// An edit in the queue was looked at.
    Unsent,
}

impl Why {
    fn stored(self) -> &'static str {
        match self {
            Why::SignedIn => "signed_in",
            Why::OpenedByAssociate => "opened_by_associate",
            Why::RetentionOver => "retention_over",
            Why::Forgotten => "forgotten",
            Why::Unsent => "unsent",
        }
    }
}

/// What a check of the trail found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every line is as it was written.
    Intact {
        /// How many there are.
        lines: u64,
    },
    /// A line was changed, removed or inserted.
    Broken {
        /// Number of the first line that does not fit.
        line: u64,
    },
}

/// What is hashed of a line: JSON, in this order for ever.
#[derive(Serialize)]
struct Hashed<'a> {
    seq: i64,
    at: i64,
    who: Option<Uuid>,
    issuer: &'a str,
    subject: &'a str,
    act: &'a str,
    why: &'a str,
    online: bool,
}

impl Hashed<'_> {
    fn after(&self, previous: &[u8]) -> Result<Vec<u8>, Error> {
        let digest = Sha256::new().chain_update(previous).chain_update(serde_json::to_vec(self)?);
        Ok(digest.finalize().to_vec())
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

    /// Checks every line against the chain.
    pub async fn verify_audit(&self) -> Result<AuditCheck, Error> {
        // One read transaction, so that a line written meanwhile is not half seen.
        let mut tx = self.database.read().begin().await?;
        let head = sqlx::query!("SELECT lines, hash FROM audit_head").fetch_one(&mut *tx).await?;
        let (mut expected, mut hash) = (1_i64, vec![0_u8; 32]);
        let mut rows = sqlx::query!(
            r#"SELECT seq, at, who AS "who: Uuid", issuer, subject, act, why, online AS "online: bool", hash
               FROM audit_line ORDER BY seq"#
        )
        .fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            let line = Hashed {
                seq: expected,
                at: row.at,
                who: row.who,
                issuer: &row.issuer,
                subject: &row.subject,
                act: &row.act,
                why: &row.why,
                online: row.online,
            };
            hash = line.after(&hash)?;
            if row.seq != expected || row.hash != hash {
                return Ok(AuditCheck::Broken { line: number(expected)? });
            }
            expected += 1;
        }
        if head.lines != expected - 1 || head.hash != hash {
            return Ok(AuditCheck::Broken { line: number(expected)? });
        }
        Ok(AuditCheck::Intact { lines: number(head.lines)? })
    }
}

/// Writes a line within a transaction that does what the line tells of.
pub(crate) async fn write_line(
    connection: &mut SqliteConnection,
    line: &AuditLine,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let head = sqlx::query!("SELECT lines, hash FROM audit_head").fetch_one(&mut *connection).await?;
    let hashed = Hashed {
        seq: head.lines + 1,
        at: micros(now),
        who: line.who,
        issuer: &line.whom.issuer,
        subject: &line.whom.subject,
        act: line.act.stored(),
        why: line.why.stored(),
        online: line.online,
    };
    let hash = hashed.after(&head.hash)?;
    sqlx::query!(
        "INSERT INTO audit_line (seq, at, who, issuer, subject, act, why, online, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        hashed.seq,
        hashed.at,
        hashed.who,
        hashed.issuer,
        hashed.subject,
        hashed.act,
        hashed.why,
        hashed.online,
        hash
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE audit_head SET lines = ?, hash = ?", hashed.seq, hash)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
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
        vault.verify_audit().await.unwrap()
    }

    #[tokio::test]
    async fn lines_can_only_be_added() {
        let (_folder, vault) = trail().await;
        for sql in ["UPDATE audit_line SET online = 0", "DELETE FROM audit_line WHERE seq = 4"] {
            assert!(sqlx::query(sql).execute(vault.database.writer()).await.is_err(), "{sql}");
        }
        assert_eq!(vault.verify_audit().await.unwrap(), AuditCheck::Intact { lines: 4 });
    }

    #[tokio::test]
    async fn a_changed_removed_or_inserted_line_shows() {
        for (tampering, line) in [
            ("UPDATE audit_line SET subject = 'x' WHERE seq = 2", 2),
            ("UPDATE audit_line SET who = NULL WHERE seq = 3", 3),
            ("UPDATE audit_line SET at = at + 1 WHERE seq = 4", 4),
            ("DELETE FROM audit_line WHERE seq = 1", 1),
            ("DELETE FROM audit_line WHERE seq = 2", 2),
            ("DELETE FROM audit_line WHERE seq = 4", 4),
            ("DELETE FROM audit_line WHERE seq = 2; UPDATE audit_line SET seq = seq - 1 WHERE 2 < seq", 2),
            (
                "INSERT INTO audit_line SELECT 5, at, who, issuer, subject, act, why, online, hash FROM audit_line WHERE seq = 4",
                5,
            ),
            (
                "INSERT INTO audit_line SELECT 0, at, who, issuer, subject, act, why, online, hash FROM audit_line WHERE seq = 1",
                1,
            ),
        ] {
            assert_eq!(after(tampering).await, AuditCheck::Broken { line }, "{tampering}");
        }
    }
}
