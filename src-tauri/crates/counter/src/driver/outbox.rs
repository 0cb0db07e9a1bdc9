//! Sends queued edits. When, and whose, the machine decides.

use std::sync::Arc;

use directory::Customer;
use tokio::time::Instant;
use uuid::Uuid;
use vault::{QueuedEdit, Vault};

use super::{Shared, access::NoAccess, visit::said};
use crate::machine::{Event, Sent};

impl Shared {
    pub(crate) fn send_next(self: &Arc<Self>, customer: Uuid) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else {
                return shared.queue_answer(None, customer, None, Sent::NoAnswer).await;
            };
            let queued = match vault.next_to_send(customer).await {
                Ok(Some(queued)) => queued,
                Ok(None) => return shared.queue_answer(Some(&vault), customer, None, Sent::Nothing).await,
                Err(error) => {
                    tracing::warn!(%error, "the queue could not be read");
                    shared.report(&error);
                    return shared.queue_answer(Some(&vault), customer, None, Sent::NoAnswer).await;
                }
            };
            let answer = shared.sent(&queued).await;
            let answer = shared.noted(&vault, queued.id, answer).await;
            shared.queue_answer(Some(&vault), customer, Some(queued.id), answer).await;
        });
    }

    async fn sent(self: &Arc<Self>, queued: &QueuedEdit) -> Sent {
        let Ok(source) = self.source().await else { return Sent::NoAnswer };
        // A token may have ended before its time: then a second one is fetched, and no third.
        for _ in 0..2 {
            let authority = match self.access(queued.customer_id).await {
                Ok(authority) => authority,
                Err(NoAccess::NoToken) => return Sent::NoToken,
                Err(NoAccess::NoAnswer) => return Sent::NoAnswer,
            };
            let base = Some(queued.base_revision);
            let customer =
                Customer { subject: &queued.customer.subject, authority: &authority, claims: None };
            let began = Instant::now();
            let answer = source.change_preferences(customer, &queued.edit, base, queued.id).await;
            self.heard_source(&answer, began);
            match said(answer, &queued.edit) {
                Sent::NoToken => self.is_bad(queued.customer_id, authority.token()).await,
                answer => return answer,
            }
        }
        Sent::NoToken
    }

    /// Notes an answer in the queue. One that cannot be noted is as good as none: the edit is sent again, and the centre
    /// knows it by its key.
    async fn noted(&self, vault: &Vault, edit: Uuid, answer: Sent) -> Sent {
        let noted = match &answer {
            Sent::Accepted(profile) => vault.mark_sent(edit, profile, self.now()).await,
            Sent::Refused { status, theirs } => vault.mark_refused(edit, *status, theirs.as_ref()).await,
            Sent::NoAnswer => vault.mark_tried(edit).await,
            Sent::NoToken | Sent::Nothing => Ok(()),
        };
        match noted {
            Ok(()) => answer,
            Err(error) => {
                tracing::error!(%error, "what became of an edit could not be noted");
                self.report(&error);
                Sent::NoAnswer
            }
        }
    }

    async fn queue_answer(
        self: &Arc<Self>,
        vault: Option<&Vault>,
        customer: Uuid,
        edit: Option<Uuid>,
        answer: Sent,
    ) {
        let (more, queue) = match vault {
            Some(vault) => {
                let more = vault.next_to_send(customer).await.is_ok_and(|next| next.is_some());
                (more, self.queue(vault).await)
            }
            None => (false, None),
        };
        let jitter = self.jitter();
        self.tell(Event::QueueAnswered { customer, edit, answer, more, queue, jitter });
        // Nobody is there, and nothing is left to send: the access token has done its work.
        if !more
            && !self.sessions.serves(customer)
            && let Some(tokens) = self.release(customer).await
        {
            // Nobody is there who would want to know what is left of it.
            self.ended(tokens).await;
        }
    }
}
