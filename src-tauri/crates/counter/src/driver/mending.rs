//! Carries out what a person decides about edits in the queue.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use profile::PreferenceValue;
use uuid::Uuid;
use vault::By;

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
            let whose = vault.drop_edit(edit, by, at).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "an edit is still in the queue");
                shared.report(&error);
                None
            });
            let queue = shared.queue(&vault).await;
            let whose = whose.map(|(customer, _)| customer);
            shared.tell(Event::EditDropped { edit, whose, queue });
        });
    }
}
