//! Carries out what a person decides about edits in the queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use profile::PreferenceValue;
use uuid::Uuid;
use vault::{AuditAct, By};

use super::Shared;
use crate::machine::Event;

impl Shared {
    pub(crate) fn mend_edit(
        self: &Arc<Self>,
        edit: Uuid,
        fresh: Uuid,
        value: Option<PreferenceValue>,
        seen: Option<PreferenceValue>,
        by: By,
        at: DateTime<Utc>,
    ) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            let mended =
                vault.mend_edit(edit, value, seen.as_ref(), fresh, by, at).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "a refused edit was not mended");
                    shared.report(&error);
                    None
                });
            let queue = shared.queue(&vault).await;
            shared.tell(Event::EditMended { edit, mended: mended.map(Box::new), queue });
        });
    }

    pub(crate) fn drop_edit(self: &Arc<Self>, edit: Uuid, by: By, at: DateTime<Utc>) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            let dropped = async {
                if let Some((customer, _)) = vault.drop_edit(edit, by, at).await? {
                    return Ok(Some(customer));
                }
                // A visit is dropped like an edit.
                let visited = vault.visit_is_over(edit).await?;
                Ok(visited.map(|(customer, whom)| {
                    shared.audit(by.line(whom, AuditAct::Dropped));
                    customer
                }))
            };
            let whose = dropped.await.unwrap_or_else(|error| {
                tracing::warn!(%error, "an edit is still in the queue");
                shared.report(&error);
                None
            });
            let queue = shared.queue(&vault).await;
            shared.tell(Event::EditDropped { edit, whose, queue });
        });
    }
}
