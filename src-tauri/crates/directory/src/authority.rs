//! What a request is made with: the customer's access token, and for a token that is bound to a key the proof that the
//! till has that key (DPoP, RFC 9449).

use std::{fmt, sync::Arc};

use secrecy::SecretString;
use url::Url;

/// Proves possession of the key that a token is bound to.
pub trait Prove: Send + Sync {
    /// A proof (RFC 9449, section 4.2) for one request to `url`, which has neither query nor fragment. `nonce` is what the
    /// service asked for. None where no proof can be made: then the request is not sent.
    fn proof(
        &self,
        method: &str,
        url: &Url,
        token: &SecretString,
        nonce: Option<&str>,
    ) -> Option<SecretString>;
}

/// An access token, and how it is shown.
#[derive(Clone)]
pub struct Authority {
    pub(crate) token: SecretString,
    pub(crate) prover: Option<Arc<dyn Prove>>,
}

impl Authority {
    /// A bearer token (RFC 6750).
    pub fn bearer(token: SecretString) -> Self {
        Self { token, prover: None }
    }

    /// A token that is bound to a key (RFC 9449).
    pub fn bound(token: SecretString, prover: Arc<dyn Prove>) -> Self {
        Self { token, prover: Some(prover) }
    }

    /// The token.
    pub fn token(&self) -> &SecretString {
        &self.token
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("is_bound", &self.prover.is_some()).finish_non_exhaustive()
    }
}
