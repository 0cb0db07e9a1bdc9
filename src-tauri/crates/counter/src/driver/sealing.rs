//! What waits is sealed to the centre as well; what a till could not read any more is handed over, unread.

use std::sync::{Arc, atomic::Ordering};

use uuid::Uuid;
use vault::Vault;

use super::{Shared, lock, own_authority::Own, session::Session};
use crate::{machine::Event, state::HandedOver};

/// So few at a time fit into the largest document that the centre takes, whatever is in them.
const AT_A_TIME: usize = 10;
/// It was applied, or there is nobody any more whom it was about.
const DONE: [u16; 2] = [200, 404];
/// It was not applied, and a person decides about it at the centre.
const KEPT: u16 = 202;

impl Shared {
    /// Asks what the edits of a remembered customer are to be sealed to. The end of the visit waits for it, since it ends the
    /// token, and nobody else.
    pub(crate) fn seal_for(self: &Arc<Self>, session: &Arc<Session>, vault: &Vault, customer: Uuid) {
        let (shared, asked, vault) = (Arc::clone(self), Arc::clone(session), vault.clone());
        let sealing = self.ask(async move {
            match shared.sealing_of(&asked).await {
                Ok(sealing) => {
                    if let Err(error) = vault.seal_with(customer, &sealing).await {
                        tracing::warn!(%error, "edits of a customer are not sealed");
                        shared.report(&error);
                    }
                }
                Err(directory::Error::NotOffered) => {}
                Err(error) => tracing::info!(%error, "nothing to seal edits to"),
            }
            Some(())
        });
        lock(&session.secrets).sealing = Some(sealing);
    }

    async fn sealing_of(self: &Arc<Self>, session: &Session) -> Result<vault::Sealing, directory::Error> {
        let source = self.source().await?;
        let whose = self.customer_of(session).await?;
        let directory::Sealing { key, grant } = source.sealing(whose.customer()).await?;
        Ok(vault::Sealing { key, grant })
    }

    /// Asks once for each memory what is to be sealed that waits of customers who have never signed in here.
    pub(crate) async fn seal_by_own(&self, vault: &Vault, own: &Own) {
        if self.own.seals.swap(true, Ordering::Relaxed) {
            return;
        }
        let sealed = match own.api.sealing(&own.authority).await {
            Ok(directory::Sealing { key, grant }) => {
                vault.seal_all_with(&own.issuer, &vault::Sealing { key, grant }).await
            }
            Err(directory::Error::NotOffered) => return,
            Err(error) => {
                tracing::info!(%error, "nothing to seal to for the till itself");
                return self.own.seals.store(false, Ordering::Relaxed);
            }
        };
        if let Err(error) = sealed {
            tracing::warn!(%error, "what waits is not sealed by the till's own grant");
            self.report(&error);
            self.own.seals.store(false, Ordering::Relaxed);
        }
    }

    /// Hands over what a memory that could not be read has left, one batch after the other. Whatever the centre says of one,
    /// it is not asked again: nobody here could change anything about it.
    pub(crate) fn hand_over(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.spawn_work(async move {
            let Some(vault) = shared.store.vault() else { return };
            let _one_at_a_time = shared.handing_over.lock().await;
            let left = vault.to_hand_over();
            if left.is_empty() {
                return;
            }
            let (mut taken, mut kept, mut unread) = (0, 0, 0);
            for batch in left.chunks(AT_A_TIME) {
                let edits: Vec<_> = batch.iter().map(|(_, sealed)| sealed.clone()).collect();
                let answers = match shared.source().await {
                    Ok(source) => source.hand_over(&edits).await,
                    Err(error) => Err(error),
                };
                match answers {
                    Ok(answers) => {
                        for ((id, _), status) in batch.iter().zip(answers) {
                            let count = match status {
                                KEPT => &mut kept,
                                status if DONE.contains(&status) => &mut taken,
                                _ => &mut unread,
                            };
                            *count += 1;
                            if DONE.contains(&status) || status == KEPT {
                                vault.handed_over(*id);
                            } else {
                                tracing::error!(
                                    status,
                                    "a sealed edit that the centre cannot read stays here"
                                );
                                vault.keep_unread(*id);
                            }
                        }
                    }
                    Err(error) => {
                        tracing::info!(%error, "sealed edits wait to be handed over");
                        break;
                    }
                }
            }
            if 0 < taken + kept + unread {
                tracing::warn!(taken, kept, unread, "sealed edits of an unreadable memory were handed over");
                shared.tell(Event::HandedOver(HandedOver { taken, kept, unread }));
            }
        });
    }
}
