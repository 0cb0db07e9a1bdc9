//! The chain of the audit trail: what is hashed of a line, and what a check of all lines finds. Pure.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a trail is and how it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditHead {
    /// How many lines it has.
    pub lines: u64,
    /// The hash of the last one, in hexadecimal digits; zeros where there is none.
    pub hash: String,
}

impl AuditHead {
    /// The head of a trail without a line.
    pub fn none() -> AuditHead {
        AuditHead { lines: 0, hash: hex::encode([0; 32]) }
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.lines, self.hash)
    }
}

/// A line as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrittenLine {
    /// All of it but the hash.
    #[serde(flatten)]
    pub content: Content,
    /// SHA-256 over the bytes of the hash before and the content as JSON, in hexadecimal digits.
    pub hash: String,
}

/// What is hashed of a line: JSON without spaces, in this order for ever, absent values as `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Content {
    /// Its number, from 1.
    pub seq: u64,
    /// Microseconds since 1970, UTC.
    pub at: i64,
    /// The associate; none for the till itself and for store IT.
    pub who: Option<Uuid>,
    /// The customer's pseudonym; none where it is about nobody.
    pub whom: Option<Uuid>,
    /// What was done.
    pub act: String,
    /// Why.
    pub why: String,
    /// Whether the centre could be reached.
    pub online: bool,
    /// What the act needs besides, such as who gave a command.
    pub note: Option<String>,
}

impl Content {
    /// The hash of a line that follows another.
    pub fn after(&self, previous: &str) -> Vec<u8> {
        // What is no hash gives one that fits nowhere.
        let previous = hex::decode(previous).unwrap_or_default();
        // Nothing in a line is of a kind that JSON lacks.
        let content = serde_json::to_vec(self).unwrap_or_default();
        Sha256::new().chain_update(previous).chain_update(content).finalize().to_vec()
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
    /// It is not.
    Broken {
        /// Number of the first line that does not fit.
        line: u64,
        /// What is wrong there.
        fault: AuditFault,
    },
}

/// What is wrong at a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// There is no line of this number, or more than one.
    Missing,
    /// The line is not what was written: it was changed, moved, or put in.
    Changed,
    /// The trail ends before this line, which it had.
    Cut,
    /// The line fits into this trail, but a head that was kept elsewhere is of another one.
    Other,
}

/// A check of the lines in their order.
#[derive(Debug)]
pub struct Check<'a> {
    at: AuditHead,
    known: Option<&'a AuditHead>,
}

impl<'a> Check<'a> {
    /// `known` is a head that was kept elsewhere: the chain must lead there.
    pub fn new(known: Option<&'a AuditHead>) -> Check<'a> {
        Check { at: AuditHead::none(), known }
    }

    /// The next line; answers what is wrong with it.
    pub fn next(&mut self, line: &WrittenLine) -> Option<AuditCheck> {
        let expected = self.at.lines + 1;
        let broken = |fault| Some(AuditCheck::Broken { line: expected, fault });
        if line.content.seq != expected {
            return broken(AuditFault::Missing);
        }
        let hash = hex::encode(line.content.after(&self.at.hash));
        if line.hash != hash {
            return broken(AuditFault::Changed);
        }
        self.at = AuditHead { lines: expected, hash };
        match self.known {
            Some(known) if known.lines == expected && !known.hash.eq_ignore_ascii_case(&self.at.hash) => {
                broken(AuditFault::Other)
            }
            _ => None,
        }
    }

    /// There are no more lines.
    pub fn end(self, head: &AuditHead) -> AuditCheck {
        let lines = self.at.lines;
        let is_cut = self.known.is_some_and(|known| lines < known.lines);
        if is_cut || self.at != *head {
            return AuditCheck::Broken { line: lines + 1, fault: AuditFault::Cut };
        }
        AuditCheck::Intact { lines }
    }
}
