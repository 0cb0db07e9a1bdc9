//! What the centre lacks of the trail. It keeps what a till sent, so that a line which is changed or gone at the till shows
//! there ([`trail::AuditBatch`]).

use sqlx::SqliteConnection;
use trail::{AuditBatch, Named};
use uuid::Uuid;

use super::{Row, head};
use crate::{Error, Vault, stored::number};

/// So many bytes of lines and names at a time, as JSON: the centre takes no document longer than 64 KiB.
const LARGEST: usize = 48 * 1024;
/// So many lines are looked at for a batch.
const MOST: i64 = 250;

impl Vault {
    /// The next lines that the centre lacks, and how the trail ends. Customers of this issuer are named.
    pub async fn audit_batch(&self, issuer: &str) -> Result<AuditBatch, Error> {
        // One read transaction, so that head and lines are of one moment.
        let mut tx = self.database.read().begin().await?;
        let head = head(&mut tx).await?;
        let shipped = sqlx::query!(r#"SELECT trail AS "trail: Uuid", lines FROM audit_shipping"#)
            .fetch_one(&mut *tx)
            .await?;
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT seq, at, who AS "who: Uuid", whom AS "whom: Uuid", act, why, online AS "online: bool", note, hash
               FROM audit_line WHERE ? < seq ORDER BY seq LIMIT ?"#,
            shipped.lines,
            MOST
        )
        .fetch_all(&mut *tx)
        .await?;
        let (mut lines, mut named, mut size) = (Vec::new(), Vec::<Named>::new(), 0);
        for row in rows {
            let line = row.into_line()?;
            let whom = line.content.whom.filter(|whom| named.iter().all(|named| named.whom != *whom));
            let name = match whom {
                Some(whom) => name(&mut tx, whom, issuer).await?,
                None => None,
            };
            size += serde_json::to_vec(&(&line, &name))?.len();
            if LARGEST < size && !lines.is_empty() {
                break;
            }
            lines.push(line);
            named.extend(name);
        }
        Ok(AuditBatch { trail: shipped.trail, after: number(shipped.lines)?, head, lines, named })
    }

    /// The centre has so many lines of this trail.
    pub async fn audit_is_shipped(&self, trail: Uuid, lines: u64) -> Result<(), Error> {
        let lines: i64 = number(lines)?;
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE audit_shipping SET lines = ? WHERE trail = ?", lines, trail)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What the centre has under the name of this trail is another one, which it keeps as it is: all lines are sent anew,
    /// under another name.
    pub async fn audit_differs(&self, trail: Uuid) -> Result<(), Error> {
        let fresh = Uuid::new_v4();
        let mut tx = self.database.write().await?;
        sqlx::query!("UPDATE audit_shipping SET trail = ?, lines = 0 WHERE trail = ?", fresh, trail)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Who is behind a pseudonym, where it is a customer of this issuer.
async fn name(connection: &mut SqliteConnection, whom: Uuid, issuer: &str) -> Result<Option<Named>, Error> {
    let subject = sqlx::query_scalar!(
        "SELECT subject FROM audit_subject WHERE pseudonym = ? AND issuer = ?",
        whom,
        issuer
    )
    .fetch_optional(connection)
    .await?;
    Ok(subject.map(|subject| Named { whom, subject }))
}
