//! The section `[profile]`: which service tells profiles, and what is where in its documents.

use std::sync::LazyLock;

use directory::{Claim, Kind, Mapping, SourceConfig};
use profile::catalogue::catalogue;

use super::{ConfigError, is_secure, reader::Section};
use crate::view::ConfigurationProblem;

const KINDS: [&str; 5] = ["central", "user_info", "id_token", "auth0", "scim"];

/// The claims that can be mapped.
static CLAIMS: LazyLock<Vec<&str>> = LazyLock::new(|| Claim::all().iter().map(|(name, _)| *name).collect());

/// The preferences that can be mapped, in the order of the catalogue. Made once, and kept for errors to name them.
static PREFERENCES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    catalogue().iter().map(|known| &*format!("{}.{}", known.group, known.key).leak()).collect()
});

/// Whether nothing of it was set.
pub(super) fn is_default(config: &SourceConfig) -> bool {
    *config == SourceConfig::default()
}

/// Reads the section.
pub(super) fn read(section: &Section<'_>) -> Result<SourceConfig, ConfigError> {
    let source = section.optional_choice("source", &KINDS)?.map(|name| match name.as_str() {
        "user_info" => Kind::UserInfo,
        "id_token" => Kind::IdToken,
        "auth0" => Kind::Auth0,
        "scim" => Kind::Scim,
        _ => Kind::Central,
    });
    // The profile API has one form: there is nothing to map.
    if matches!(source, None | Some(Kind::Central)) {
        section.only(&["source", "address"])?;
    } else {
        section.only(&["source", "address", "claims", "preferences"])?;
    }
    // Nobody else says where a SCIM service is.
    let address = match source {
        Some(Kind::Scim) => Some(section.url("address")?),
        _ => section.optional_url("address")?,
    };
    if let Some(address) = address.as_ref().filter(|address| !is_secure(address)) {
        return Err(section.problem("address", ConfigurationProblem::InsecureIssuer, address.to_string()));
    }
    let mut mapping = Mapping::default();
    if let Some(claims) = section.optional_section("claims")? {
        claims.only(&CLAIMS)?;
        for (name, claim) in Claim::all() {
            if let Some(pointer) = claims.optional_text(name)? {
                let mapped = mapping.map_claim(*claim, &pointer);
                mapped.map_err(|_| claims.problem(name, ConfigurationProblem::BadPointer, pointer))?;
            }
        }
    }
    if let Some(preferences) = section.optional_section("preferences")? {
        preferences.only(&PREFERENCES)?;
        for (name, known) in PREFERENCES.iter().zip(catalogue()) {
            if let Some(pointer) = preferences.optional_text(name)? {
                let mapped = mapping.map_preference(known, &pointer);
                mapped.map_err(|_| preferences.problem(name, ConfigurationProblem::BadPointer, pointer))?;
            }
        }
    }
    Ok(SourceConfig { source, address, mapping })
}
