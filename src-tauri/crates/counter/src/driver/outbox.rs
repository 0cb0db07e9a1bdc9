//! Sends queued edits, and what was taken back. When, and whose, the machine decides.

use std::sync::Arc;

use directory::{Customer, Withdrawal};
use tokio::time::Instant;
use uuid::Uuid;
use vault::{QueuedEdit, QueuedWithdrawal, Refreshed, Revocable, Vault};

use super::{Shared, access::NoAccess, visit::said};
use crate::machine::{Event, Sent};

impl Shared {
    pub(crate) fn send_next(self: &Arc<Self>, customer: Uuid) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else {
                return shared.queue_answer(None, customer, None, Sent::NoAnswer).await;
            };
            let (edit, answer) = match shared.sent_next(&vault, customer).await {
                Ok(sent) => sent,
                Err(error) => {
                    tracing::warn!(%error, "the queue could not be read");
                    shared.report(&error);
                    (None, Sent::NoAnswer)
                }
            };
            shared.queue_answer(Some(&vault), customer, edit, answer).await;
        });
    }

    /// In the order in which the centre can take it: somebody new, what was changed of them, their visits, and what they took
    /// back. Answers which edit it was, where it was one.
    async fn sent_next(
        self: &Arc<Self>,
        vault: &Vault,
        customer: Uuid,
    ) -> Result<(Option<Uuid>, Sent), vault::Error> {
        if let Some(queued) = vault.new_customer_to_send(customer).await? {
            return Ok((None, self.customer_sent(vault, &queued).await));
        }
        if let Some(queued) = vault.next_to_send(customer).await? {
            let answer = self.sent(&queued).await;
            return Ok((Some(queued.id), self.noted(vault, &queued, answer).await));
        }
        if let Some(queued) = vault.visit_to_send(customer).await? {
            return Ok((None, self.visit_sent(vault, &queued).await));
        }
        match vault.withdrawal_of(customer).await? {
            Some(queued) => Ok((None, self.withdrawal_sent(vault, &queued).await)),
            None => Ok((None, Sent::Nothing)),
        }
    }

    /// Whether anything of a customer can be sent.
    async fn has_more(vault: &Vault, customer: Uuid) -> Result<bool, vault::Error> {
        Ok(vault.new_customer_to_send(customer).await?.is_some()
            || vault.next_to_send(customer).await?.is_some()
            || vault.visit_to_send(customer).await?.is_some()
            || vault.withdrawal_of(customer).await?.is_some())
    }

    async fn sent(self: &Arc<Self>, queued: &QueuedEdit) -> Sent {
        let Ok(source) = self.source().await else { return Sent::NoAnswer };
        // A token may have ended before its time: then a second one is fetched, and no third.
        for _ in 0..2 {
            let authority = match self.access(queued.customer_id).await {
                Ok(authority) => authority,
                Err(NoAccess::NoToken) => return self.sent_by_till(queued).await,
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
        self.sent_by_till(queued).await
    }

    /// Sends the edit of a customer who left no token, or whose token has ended, by the till's own authority: the store may
    /// write for whom it may remember.
    async fn sent_by_till(self: &Arc<Self>, queued: &QueuedEdit) -> Sent {
        let own = match self.own().await {
            Ok(own) => own,
            Err(NoAccess::NoToken) => return Sent::NoToken,
            Err(NoAccess::NoAnswer) => return Sent::NoAnswer,
        };
        let (subject, base) = (&queued.customer.subject, Some(queued.base_revision));
        let began = Instant::now();
        let answer = own.api.change_preferences(&own.authority, subject, &queued.edit, base, queued.id).await;
        self.heard_source(&answer, began);
        match answer {
            // Only the customer can send it.
            Err(directory::Error::NotOffered) => Sent::NoToken,
            Err(directory::Error::NotAuthorised) => {
                self.own_is_bad(own.authority.token()).await;
                Sent::NoAnswer
            }
            answer => said(answer, &queued.edit),
        }
    }

    /// Tells the centre what a customer took back here, after all that they had changed before. Nothing is left to say where
    /// it knows, or will never listen.
    async fn withdrawal_sent(self: &Arc<Self>, vault: &Vault, queued: &QueuedWithdrawal) -> Sent {
        let Ok(source) = self.source().await else { return Sent::NoAnswer };
        let withdrawal = Withdrawal { id: queued.id, act: queued.act.clone(), at: queued.at };
        for _ in 0..2 {
            let authority = match self.access(queued.customer_id).await {
                Ok(authority) => authority,
                Err(NoAccess::NoToken) => break,
                Err(NoAccess::NoAnswer) => return Sent::NoAnswer,
            };
            let asked = Customer { subject: &queued.customer.subject, authority: &authority, claims: None };
            let began = Instant::now();
            let answer = source.take_back(asked, &withdrawal).await;
            self.heard_source(&answer, began);
            match answer {
                Err(directory::Error::NotAuthorised) => {
                    self.is_bad(queued.customer_id, authority.token()).await;
                }
                answer => return self.withdrawal_answered(vault, queued, answer).await,
            }
        }
        self.withdrawal_sent_by_till(vault, queued, &withdrawal).await
    }

    /// Tells it by the till's own authority: a till can always take back. Where that is not offered it waits for the customer.
    async fn withdrawal_sent_by_till(
        self: &Arc<Self>,
        vault: &Vault,
        queued: &QueuedWithdrawal,
        withdrawal: &Withdrawal,
    ) -> Sent {
        let own = match self.own().await {
            Ok(own) => own,
            Err(NoAccess::NoToken) => return Sent::NoToken,
            Err(NoAccess::NoAnswer) => return Sent::NoAnswer,
        };
        let began = Instant::now();
        let answer = own.api.take_back(&own.authority, &queued.customer.subject, withdrawal).await;
        self.heard_source(&answer, began);
        match answer {
            Err(directory::Error::NotOffered) => Sent::NoToken,
            Err(directory::Error::NotAuthorised) => {
                self.own_is_bad(own.authority.token()).await;
                Sent::NoAnswer
            }
            answer => self.withdrawal_answered(vault, queued, answer).await,
        }
    }

    async fn withdrawal_answered(
        self: &Arc<Self>,
        vault: &Vault,
        queued: &QueuedWithdrawal,
        answer: Result<(), directory::Error>,
    ) -> Sent {
        match answer {
            Ok(()) => {}
            Err(error) if error.is_transient() => return Sent::NoAnswer,
            Err(error) => tracing::warn!(%error, "the centre does not take a withdrawal"),
        }
        self.withdrawal_is_over(vault, queued).await
    }

    async fn withdrawal_is_over(self: &Arc<Self>, vault: &Vault, queued: &QueuedWithdrawal) -> Sent {
        let left = vault.refresh_token(queued.customer_id).await.ok().flatten();
        match vault.withdrawal_is_over(queued.id).await {
            Ok(is_gone) => {
                if let Some(left) = left.filter(|_| is_gone) {
                    self.revoke_later(Revocable { refresh_token: Some(left), access_token: None });
                }
                Sent::Nothing
            }
            Err(error) => {
                tracing::error!(%error, "a withdrawal that was sent could not be noted");
                self.report(&error);
                Sent::NoAnswer
            }
        }
    }

    /// Notes an answer in the queue. One that cannot be noted is as good as none: the edit is sent again, and the centre
    /// knows it by its key.
    async fn noted(&self, vault: &Vault, queued: &QueuedEdit, answer: Sent) -> Sent {
        let noted = match &answer {
            Sent::Accepted(profile) => match vault.mark_sent(queued.id, profile, self.now()).await {
                Ok(Refreshed::Kept) => Ok(()),
                // Said in the answer itself: they are not remembered any more.
                Ok(Refreshed::Withdrawn) => {
                    self.tell(Event::Forgotten { id: queued.customer_id, unsent: 0, tell: false });
                    Ok(())
                }
                Err(error) => Err(error),
            },
            Sent::Refused { status, theirs } => vault.mark_refused(queued.id, *status, theirs.as_ref()).await,
            Sent::NoAnswer => vault.mark_tried(queued.id).await,
            Sent::NoToken | Sent::MayBeKnown | Sent::Nothing => Ok(()),
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
                let more = Self::has_more(vault, customer).await.unwrap_or_default();
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
