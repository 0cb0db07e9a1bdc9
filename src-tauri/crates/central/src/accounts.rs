//! Accounts: who can sign in, and how one is made.

use chrono::{DateTime, Utc};
use profile::new_customer::could_be_an_address;
use secrecy::SecretString;
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{Error, customers, db::Db, passwords, state::AppState};

pub(crate) use crate::passwords::hash as hash_password;

/// What an account may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Somebody who buys.
    Customer,
    /// Somebody who works in a store: may be given the scope `customers:read`.
    Staff,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }
}

/// Why nobody is signed in.
#[derive(Debug)]
pub(crate) enum SignInError {
    /// The address or the password is wrong; which of them is not told.
    Wrong,
    /// What was typed cannot be an e-mail address.
    Email,
    /// The new password is too short or too long.
    Password,
    /// Too many wrong passwords.
    TooMany,
    /// The database could not be asked.
    Failed(Error),
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
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

/// Says what somebody who works in a store is called, and what they are there: `associate`, `manager` or `it`.
pub(crate) async fn name_staff(
    db: &mut SqliteConnection,
    subject: &str,
    name: &str,
    role: &str,
) -> Result<(), Error> {
    sqlx::query!("UPDATE accounts SET staff_name = ?, staff_role = ? WHERE subject = ?", name, role, subject)
        .execute(db)
        .await?;
    Ok(())
}

/// Somebody who works in a store.
pub(crate) struct StaffMember {
    pub(crate) name: Option<String>,
    pub(crate) role: Option<String>,
}

/// What is known of an account of staff; none where it is a customer's.
pub(crate) async fn staff(db: &Db, subject: &str) -> Result<Option<StaffMember>, Error> {
    let staff = sqlx::query_as!(
        StaffMember,
        "SELECT staff_name AS name, staff_role AS role FROM accounts WHERE subject = ? AND role = 'staff'",
        subject
    );
    Ok(staff.fetch_optional(db.read()).await?)
}

/// Checks an e-mail address and a password; the answer is the subject.
pub(crate) async fn sign_in(
    state: &AppState,
    address: &str,
    email: &str,
    password: SecretString,
) -> Result<String, SignInError> {
    let email = email.trim();
    let now = state.now();
    let account = email.to_lowercase();
    let limits = &state.limits;
    if !passwords::is_looked_at(&password) {
        return Err(SignInError::Wrong);
    }
    if !limits.passwords_by_address.take(address, now) || !limits.passwords_by_account.take(&account, now) {
        return Err(SignInError::TooMany);
    }
    let found = sqlx::query!("SELECT subject, password_hash FROM accounts WHERE email = ?", email)
        .fetch_optional(state.db.read())
        .await
        .map_err(Error::from)?;
    let (subject, hash) = found.map_or((None, None), |row| (Some(row.subject), row.password_hash));
    let fits = state.passwords.verify(password, hash).await?;
    match subject {
        Some(subject) if fits => {
            limits.passwords_by_address.give_back(address);
            limits.passwords_by_account.give_back(&account);
            Ok(subject)
        }
        _ => Err(SignInError::Wrong),
    }
}

/// Makes an account for a customer. Where the address has one already, this is a sign-in with its password, and says no
/// more than one. Still, whoever is refused has learnt that there is an account: only a mail to the address could hide
/// that, and none is sent here. The limits on passwords hold for such tries too.
pub(crate) async fn join(
    state: &AppState,
    address: &str,
    email: &str,
    password: SecretString,
    language: &str,
) -> Result<String, SignInError> {
    let email = email.trim();
    if !could_be_an_address(email) {
        return Err(SignInError::Email);
    }
    if !passwords::can_be_new(&password) {
        return Err(SignInError::Password);
    }
    let taken = sqlx::query_scalar!("SELECT count(*) FROM accounts WHERE email = ?", email)
        .fetch_one(state.db.read())
        .await
        .map_err(Error::from)?;
    if taken > 0 {
        return sign_in(state, address, email, password).await;
    }
    // Not given back: nobody makes accounts by the hundred.
    if !state.limits.passwords_by_address.take(address, state.now()) {
        return Err(SignInError::TooMany);
    }
    let hash = state.passwords.hash(password).await?;
    let (subject, now) = (Uuid::new_v4().to_string(), state.now());
    let mut write = state.db.write().await?;
    match add(&mut write, &subject, email, Some(&hash), Role::Customer, now).await {
        // Somebody else was faster with the same address.
        Err(Error::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
            return Err(SignInError::Wrong);
        }
        added => added?,
    }
    customers::create(&mut write, &subject, email, Some(language), now).await?;
    write.commit().await.map_err(Error::from)?;
    Ok(subject)
}

/// Takes away what the account may not be given.
pub(crate) async fn allowed_scopes(state: &AppState, subject: &str, scopes: &str) -> Result<String, Error> {
    let role = sqlx::query_scalar!("SELECT role FROM accounts WHERE subject = ?", subject)
        .fetch_optional(state.db.read())
        .await?;
    let staff = role.as_deref() == Some(Role::Staff.as_str());
    let kept: Vec<&str> =
        scopes.split_whitespace().filter(|scope| staff || *scope != "customers:read").collect();
    Ok(kept.join(" "))
}
