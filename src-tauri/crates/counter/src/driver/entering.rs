//! Carries out what an associate enters without a sign-in of the customer, and sends it.

use std::sync::Arc;

use directory::StoreCustomer;
use profile::{CustomerKey, NewCustomer};
use tokio::time::Instant;
use uuid::Uuid;
use vault::{EditState, QueuedCustomer, QueuedVisit, Refreshed, Vault};

use super::{Shared, own_authority::Own};
use crate::{
    machine::{Event, Sent},
    state::AttemptId,
};

/// Somebody may be known already.
const CONFLICT: u16 = 409;

impl Shared {
    pub(crate) fn add_customer(
        self: &Arc<Self>,
        attempt: AttemptId,
        subject: Uuid,
        new: Box<NewCustomer>,
        who: Option<Uuid>,
    ) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else {
                return shared.tell(Event::CustomerAdded { attempt, id: None, queue: None });
            };
            let customer = CustomerKey { issuer: shared.issuer(&vault).await, subject: subject.to_string() };
            let added = vault.add_customer(&customer, &new, who, shared.now()).await;
            let id = added
                .inspect_err(|error| {
                    tracing::warn!(%error, "somebody new is not kept");
                    shared.report(error);
                })
                .ok();
            let queue = shared.queue(&vault).await;
            shared.tell(Event::CustomerAdded { attempt, id, queue });
        });
    }

    pub(crate) fn note_visit(self: &Arc<Self>, attempt: AttemptId, id: Uuid, visit: Uuid) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else {
                return shared.tell(Event::VisitNoted { attempt, customer: None, queue: None });
            };
            let noted = vault.note_visit(id, visit, shared.now()).await;
            let customer = noted
                .inspect_err(|error| {
                    tracing::warn!(%error, "a visit is not written down");
                    shared.report(error);
                })
                .ok()
                .map(|()| id);
            let queue = shared.queue(&vault).await;
            shared.tell(Event::VisitNoted { attempt, customer, queue });
        });
    }

    pub(crate) fn send_customer(self: &Arc<Self>, customer: Uuid) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            let again = vault.send_customer_again(customer).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "somebody new is not sent again");
                shared.report(&error);
                false
            });
            let queue = shared.queue(&vault).await;
            shared.tell(Event::CustomerSent { customer, again, queue });
        });
    }

    pub(crate) fn drop_customer(self: &Arc<Self>, customer: Uuid, who: Option<Uuid>) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            let whom = vault.drop_new_customer(customer, who, shared.now()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "somebody new is still in the queue");
                shared.report(&error);
                None
            });
            let queue = shared.queue(&vault).await;
            shared.tell(Event::CustomerDropped { customer, whom, queue });
        });
    }

    pub(crate) fn read_entered(self: &Arc<Self>, attempt: AttemptId, customer: Uuid) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            match vault.open_customer(customer).await {
                Ok(Some(copy)) => {
                    let waiting = copy.waiting.into_iter().filter(|edit| edit.state == EditState::Waiting);
                    let edits = waiting.map(|queued| (Uuid::new_v4(), queued.edit)).collect();
                    shared.tell(Event::Entered { attempt, customer, edits });
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "what was entered of somebody new could not be read");
                    shared.report(&error);
                }
            }
        });
    }

    /// Asks the centre to make somebody new.
    pub(crate) async fn customer_sent(self: &Arc<Self>, vault: &Vault, queued: &QueuedCustomer) -> Sent {
        let own = match self.own_now().await {
            Ok(own) => own,
            Err(answer) => return answer,
        };
        let (id, subject) = (queued.customer_id, &queued.customer.subject);
        let began = Instant::now();
        let answer = own.api.make_customer(&own.authority, subject, &queued.new, &queued.somebody_else).await;
        self.heard_source(&answer, began);
        let noted = match answer {
            Ok(StoreCustomer { profile, .. }) => {
                vault.customer_is_made(id, &profile, self.now()).await.map(|refreshed| match refreshed {
                    Refreshed::Kept => Sent::Accepted(Box::new(profile)),
                    Refreshed::Withdrawn => {
                        self.tell(Event::Forgotten { id, unsent: 0, tell: false });
                        Sent::Nothing
                    }
                })
            }
            Err(directory::Error::Refused { status: CONFLICT, problem }) => {
                let refused = vault.customer_is_refused(id, CONFLICT, &problem.candidates).await;
                refused.map(|asks| if asks { Sent::MayBeKnown } else { Sent::Nothing })
            }
            Err(error) => match self.refused_status(&own, error).await {
                Some(status) => {
                    let refused = vault.customer_is_refused(id, status, &[]).await;
                    refused
                        .map(|asks| if asks { Sent::Refused { status, theirs: None } } else { Sent::Nothing })
                }
                None => Ok(Sent::NoAnswer),
            },
        };
        self.if_noted(noted)
    }

    /// Tells the centre that somebody was here.
    pub(crate) async fn visit_sent(self: &Arc<Self>, vault: &Vault, queued: &QueuedVisit) -> Sent {
        let own = match self.own_now().await {
            Ok(own) => own,
            Err(answer) => return answer,
        };
        let began = Instant::now();
        let answer = own.api.note_visit(&own.authority, &queued.customer.subject, queued.at, queued.id).await;
        self.heard_source(&answer, began);
        let noted = match answer {
            Ok(()) => vault.visit_is_over(queued.id).await.map(|_| Sent::Nothing),
            Err(error) => match self.refused_status(&own, error).await {
                Some(status) => {
                    let refused = vault.visit_is_refused(queued.id, status).await;
                    refused.map(|()| Sent::Refused { status, theirs: None })
                }
                None => Ok(Sent::NoAnswer),
            },
        };
        self.if_noted(noted)
    }

    /// What the till asks for itself with. One that may not now may later, when store IT has seen to it: what was entered
    /// waits for that.
    async fn own_now(&self) -> Result<Own, Sent> {
        self.own().await.map_err(|_| Sent::NoAnswer)
    }

    /// The status of a refusal that stands; none where the same request may succeed later.
    async fn refused_status(self: &Arc<Self>, own: &Own, error: directory::Error) -> Option<u16> {
        match error {
            directory::Error::NotAuthorised => {
                self.own_is_bad(own.authority.token()).await;
                None
            }
            directory::Error::Refused { status, .. } if !error.is_transient() => Some(status),
            error => {
                tracing::info!(%error, "the centre has not taken what was entered here");
                None
            }
        }
    }

    /// An answer that cannot be noted is as good as none: the same is sent again, and the centre knows it.
    fn if_noted(&self, noted: Result<Sent, vault::Error>) -> Sent {
        noted.unwrap_or_else(|error| {
            tracing::error!(%error, "what became of something that was entered could not be noted");
            self.report(&error);
            Sent::NoAnswer
        })
    }
}
