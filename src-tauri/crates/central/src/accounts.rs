//! Accounts: who can sign in.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::Error;

/// What an account may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Somebody who buys.
    Customer,
    /// Somebody who works in a store: may be given the scope `customers:read`.
    Staff,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }
}

/// Adds an account; the password is given as its hash.
pub(crate) async fn add(
    db: &mut SqliteConnection,
    subject: &str,
    email: &str,
    password_hash: Option<&str>,
    role: Role,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (role, now) = (role.as_str(), now.timestamp());
    sqlx::query!(
        "INSERT INTO accounts (subject, email, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?)",
        subject,
        email,
        password_hash,
        role,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}
