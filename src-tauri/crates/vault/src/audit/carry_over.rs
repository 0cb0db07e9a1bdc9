//! Lines of the first version named the customer. They are written anew with pseudonyms, which makes a new chain: a last
//! line says so, with the head of the old chain and whether that was whole.

use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use trail::{AuditHead, Content};
use uuid::Uuid;

use profile::CustomerKey;

use super::{AuditAct, Deed, Why, append, pseudonym, write};
use crate::{Error, stored::number};

/// What the first version hashed of a line.
#[derive(Serialize)]
struct ByName<'a> {
    seq: i64,
    at: i64,
    who: Option<Uuid>,
    issuer: &'a str,
    subject: &'a str,
    act: &'a str,
    why: &'a str,
    online: bool,
}

/// Carries the lines of the first version over, where there are any, and removes their table. To be called in the
/// transaction that made the new one.
pub(crate) async fn carry_over(connection: &mut SqliteConnection) -> Result<(), Error> {
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'audit_line_by_name') AS "there!: bool""#
    )
    .fetch_one(&mut *connection)
    .await?;
    if !there {
        return Ok(());
    }
    let old = sqlx::query!("SELECT lines, hash FROM audit_head").fetch_one(&mut *connection).await?;
    let (mut expected, mut old_hash, mut fits) = (0_i64, vec![0_u8; 32], true);
    let (mut head, mut last) = (AuditHead::none(), i64::MIN);
    sqlx::query!("UPDATE audit_head SET lines = 0, hash = zeroblob(32)").execute(&mut *connection).await?;
    // One by one: a till may have written for years.
    while let Some(row) = sqlx::query!(
        r#"SELECT seq, at, who AS "who: Uuid", issuer, subject, act, why, online AS "online: bool", hash
           FROM audit_line_by_name WHERE ? < seq ORDER BY seq LIMIT 1"#,
        last
    )
    .fetch_optional(&mut *connection)
    .await?
    {
        last = row.seq;
        expected += 1;
        let (issuer, subject, act, why) = (row.issuer, row.subject, row.act, row.why);
        let line = ByName {
            seq: expected,
            at: row.at,
            who: row.who,
            issuer: &issuer,
            subject: &subject,
            act: &act,
            why: &why,
            online: row.online,
        };
        let digest = Sha256::new().chain_update(&old_hash).chain_update(serde_json::to_vec(&line)?);
        old_hash = digest.finalize().to_vec();
        fits &= row.seq == expected && row.hash == old_hash;
        let whom = pseudonym(connection, &CustomerKey { issuer, subject }).await?;
        let (seq, whom) = (number(expected)?, Some(whom));
        let content =
            Content { seq, at: row.at, who: row.who, whom, act, why, online: row.online, note: None };
        head = append(connection, &head, &content).await?;
    }
    fits &= old.lines == expected && old.hash == old_hash;
    if old.lines > 0 || expected > 0 {
        let at = sqlx::query_scalar!(r#"SELECT max(at) AS "at: i64" FROM audit_line"#)
            .fetch_one(&mut *connection)
            .await?;
        let state = if fits { "whole" } else { "broken" };
        let note = Some(format!("{} {}:{}", state, old.lines, hex::encode(&old.hash)));
        let (act, why) = (AuditAct::CarriedOver, Why::Maintenance);
        let deed = Deed { who: None, whom: None, act, why, online: false, note };
        write(connection, deed, at.unwrap_or_default()).await?;
    }
    sqlx::query!("DROP TABLE audit_line_by_name").execute(connection).await?;
    Ok(())
}
