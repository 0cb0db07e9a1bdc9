//! Erasing a customer: the one way in which unsent edits go without having been sent, and in which the audit trail stops
//! saying whom it is about.

use chrono::{DateTime, Utc};
use profile::CustomerKey;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{AuditAct, Error, Vault, Why, audit, customers};

/// What was removed with a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Whether there was anything of them, a line of the audit trail at least.
    pub known: bool,
    /// Edits that the centre will never get.
    pub unsent: u32,
}

impl Vault {
    /// Removes all that this till has of a customer: copy, search entry, queued edits, tokens, and who is behind their
    /// pseudonym in the audit trail. `by` says who gave the command, where somebody did. Databases that were set aside
    /// are not looked into.
    pub async fn erase(
        &self,
        customer: &CustomerKey,
        why: Why,
        by: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Erased, Error> {
        let mut tx = self.database.write().await?;
        let erased = erase(&mut tx, customer, why, by, now).await?;
        tx.commit().await?;
        if erased.known {
            self.remove_leftovers().await?;
            self.database.checkpoint().await?;
        }
        Ok(erased)
    }
}

/// The same within a transaction. Whoever calls this removes what is left over and empties the log afterwards.
pub(crate) async fn erase(
    connection: &mut SqliteConnection,
    customer: &CustomerKey,
    why: Why,
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Erased, Error> {
    let row = sqlx::query!(
        r#"SELECT seq, id AS "id: Uuid" FROM customer WHERE issuer = ? AND subject = ?"#,
        customer.issuer,
        customer.subject
    )
    .fetch_optional(&mut *connection)
    .await?;
    let mut erased = Erased { known: audit::is_named(connection, customer).await?, unsent: 0 };
    if let Some(row) = row {
        erased = Erased { known: true, unsent: customers::discard_queue(connection, row.id).await? };
        sqlx::query!("DELETE FROM refresh_in_flight WHERE customer_id = ?", row.id)
            .execute(&mut *connection)
            .await?;
        customers::remove_copy(connection, row.seq, row.id).await?;
    }
    // A snapshot that has come to them, and no further, begins anew: its place has their name in it.
    sqlx::query!(
        "UPDATE feed SET since = NULL, cursor = NULL, upto = NULL WHERE issuer = ? AND upto = ?",
        customer.issuer,
        customer.subject
    )
    .execute(&mut *connection)
    .await?;
    if erased.known {
        let what = (AuditAct::Erased, why);
        audit::write_command(connection, Some(customer), what, by, now).await?;
        audit::make_nameless(connection, customer).await?;
    }
    Ok(erased)
}
