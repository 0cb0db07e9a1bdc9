//! What a test has seen of a provider, for the table in `docs/providers.md`: one small file each, where
//! `COUNTERSIGN_PROVIDER_RECORDS` names a folder. A test records only what it has asserted.

use anyhow::{Context, Result};
use serde_json::json;

/// A part of what a till needs from a provider; the columns of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Metadata and keys are found below the issuer.
    Discovery,
    /// A code for a customer (RFC 8628, section 3.2).
    DeviceCode,
    /// The page on which a customer decides, reached by the address that was given.
    VerificationPage,
    /// Nobody has decided yet.
    Pending,
    /// Asked too early, it says so.
    SlowDown,
    /// The customer said no.
    Denied,
    /// The code has run out.
    Expired,
    /// A code that has given tokens gives no more.
    UsedCode,
    /// The customer said yes.
    Tokens,
    /// The ID token passes every check.
    IdToken,
    /// Who the customer is, for an access token.
    UserInfo,
    /// A refresh token gives fresh tokens.
    Refresh,
    /// A refresh token that was ended gives none.
    RefreshRefused,
    /// After the visit its tokens are refused.
    Revocation,
    /// Tokens are bound to the till's key (RFC 9449): without its proof they are refused.
    Dpop,
}

impl Behaviour {
    fn name(self) -> &'static str {
        match self {
            Behaviour::Discovery => "discovery",
            Behaviour::DeviceCode => "device-code",
            Behaviour::VerificationPage => "verification-page",
            Behaviour::Pending => "pending",
            Behaviour::SlowDown => "slow-down",
            Behaviour::Denied => "denied",
            Behaviour::Expired => "expired",
            Behaviour::UsedCode => "used-code",
            Behaviour::Tokens => "tokens",
            Behaviour::IdToken => "id-token",
            Behaviour::UserInfo => "user-info",
            Behaviour::Refresh => "refresh",
            Behaviour::RefreshRefused => "refresh-refused",
            Behaviour::Revocation => "revocation",
            Behaviour::Dpop => "dpop",
        }
    }
}

/// Writes down that a live provider was seen to behave so.
pub fn seen(provider: &str, behaviours: &[Behaviour]) -> Result<()> {
    let Some(folder) = std::env::var_os("COUNTERSIGN_PROVIDER_RECORDS") else { return Ok(()) };
    for behaviour in behaviours.iter().map(|behaviour| behaviour.name()) {
        let file = std::path::Path::new(&folder).join(format!("{provider}.{behaviour}.live.json"));
        let record = json!({ "provider": provider, "behaviour": behaviour, "how": "live" });
        std::fs::write(&file, record.to_string()).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
