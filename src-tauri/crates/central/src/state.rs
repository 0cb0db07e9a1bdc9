//! What every handler shares.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::{Clock, db::Db};

/// What every handler shares; clones are cheap.
#[derive(Clone, Debug)]
pub(crate) struct AppState {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    /// The public URL.
    pub(crate) issuer: Arc<Url>,
}

impl AppState {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The issuer as it is written everywhere: without a trailing slash.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }
}
