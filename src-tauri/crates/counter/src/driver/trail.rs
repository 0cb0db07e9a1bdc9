//! Sends the audit trail to the centre, a batch at a time.

use std::sync::Arc;

use vault::Vault;

use super::{Shared, access::NoAccess, own_authority::Own};
use crate::machine::{Event, Shipped};

/// The service has no such address.
const NOT_FOUND: u16 = 404;
/// What the service has is another trail.
const DIFFERS: u16 = 409;

impl Shared {
    pub(crate) fn ship_audit(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn(async move {
            let what = shared.shipped().await;
            shared.tell(Event::AuditShipped { what, jitter: shared.jitter() });
        });
    }

    async fn shipped(self: &Arc<Self>) -> Shipped {
        let own = match self.own().await {
            Ok(own) => own,
            Err(NoAccess::NoToken) => return Shipped::NotOffered,
            Err(NoAccess::NoAnswer) => return Shipped::NoAnswer,
        };
        let Some(vault) = self.store.vault() else { return Shipped::NoAnswer };
        self.ship_batch(&vault, &own).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the audit trail could not be read for the centre");
            self.report(&error);
            Shipped::NoAnswer
        })
    }

    async fn ship_batch(self: &Arc<Self>, vault: &Vault, own: &Own) -> Result<Shipped, vault::Error> {
        let batch = vault.audit_batch(&own.issuer).await?;
        let answer = own.api.ship_audit(&own.authority, &batch).await;
        self.reached(!matches!(answer, Err(directory::Error::Unreachable)));
        match answer {
            Ok(lines) => {
                vault.audit_is_shipped(batch.trail, lines).await?;
                Ok(Shipped::Taken { more: lines != batch.head.lines })
            }
            Err(directory::Error::Refused { status: DIFFERS, .. }) => {
                tracing::error!("the centre has another audit trail of this till: it is sent anew");
                vault.audit_differs(batch.trail).await?;
                Ok(Shipped::Taken { more: true })
            }
            Err(directory::Error::Refused { status: NOT_FOUND, .. }) => Ok(Shipped::NotOffered),
            Err(error) => {
                tracing::info!(%error, "the centre does not take the audit trail");
                if matches!(error, directory::Error::NotAuthorised) {
                    self.own_is_bad(own.authority.token()).await;
                }
                Ok(Shipped::NoAnswer)
            }
        }
    }
}
