//! The profile source in the course of a visit, and the end of it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use directory::{Customer, Me, ProfileSource, Withdrawal};
use profile::{ActivityPage, CustomerKey, PreferenceEdit, Profile};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;
use vault::{AuditAct, By, Theirs};

use super::{
    Shared,
    access::NoAccess,
    lock,
    session::{Session, Whose},
};
use crate::{
    machine::{Event, NotLoaded, Saved, Sent},
    state::{AttemptId, Ending},
};

/// When opening a visit, or an edit sent directly, is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// What a service says that cannot do a thing (RFC 9110, section 15.6.2): the till knows it without asking.
const NOT_OFFERED: u16 = 501;
/// How long the end of a visit waits for its beginning, and for the centre to note the end.
const LAST_WORD: Duration = Duration::from_secs(5);

impl Shared {
    pub(crate) fn load_profile(self: &Arc<Self>, attempt: AttemptId) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let shared = Arc::clone(self);
        self.spawn_for(&Arc::clone(&session), async move {
            let event = match shared.profile_of(&session).await {
                Ok((profile, page)) => Event::Loaded { attempt, profile, page },
                Err(error) => {
                    tracing::warn!(%error, "no profile");
                    Event::NotLoaded { attempt, why: not_loaded(&error) }
                }
            };
            shared.tell(event);
        });
    }

    async fn profile_of(
        self: &Arc<Self>,
        session: &Session,
    ) -> Result<(Box<Profile>, ActivityPage), directory::Error> {
        let source = self.source().await?;
        let mut whose = self.customer_of(session).await?;
        let mut began = Instant::now();
        let mut answer = load(&*source, whose.customer()).await;
        if let (Err(directory::Error::NotAuthorised), Some(customer)) = (&answer, session.remembered()) {
            self.is_bad(customer, whose.authority.token()).await;
            whose = self.customer_of(session).await?;
            began = Instant::now();
            answer = load(&*source, whose.customer()).await;
        }
        self.heard_source(&answer, began);
        // Some services say only with a profile what they can do.
        self.tell(Event::Offers(source.offers()));
        answer
    }

    pub(crate) async fn customer_of(self: &Arc<Self>, session: &Session) -> Result<Whose, directory::Error> {
        let (subject, claims) = {
            let secrets = lock(&session.secrets);
            (secrets.subject.clone().ok_or(directory::Error::NotAuthorised)?, secrets.claims.clone())
        };
        let authority = self.authority_of(session).await.map_err(no_access)?;
        Ok(Whose { subject, authority, claims })
    }

    pub(crate) fn load_older(self: &Arc<Self>, attempt: AttemptId, cursor: String) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let shared = Arc::clone(self);
        self.spawn_for(&Arc::clone(&session), async move {
            let answer = async {
                let source = shared.source().await?;
                let whose = shared.customer_of(&session).await?;
                let began = Instant::now();
                let answer = source.activity(whose.customer(), Some(&cursor)).await;
                shared.heard_source(&answer, began);
                answer
            };
            let page = answer.await.inspect_err(|error| tracing::warn!(%error, "no older activity")).ok();
            shared.tell(Event::OlderLoaded { attempt, page });
        });
    }

    pub(crate) fn open_visit(self: &Arc<Self>, attempt: AttemptId, at: DateTime<Utc>) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let (shared, visited) = (Arc::clone(self), Arc::clone(&session));
        let opening = self.ask(async move {
            let key = Uuid::new_v4();
            for _ in 0..2 {
                let answer = async {
                    let source = shared.source().await?;
                    if !source.offers().visits {
                        return Err(directory::Error::NotOffered);
                    }
                    let whose = shared.customer_of(&visited).await?;
                    source.open_visit(whose.customer(), key, at).await
                };
                match answer.await {
                    Ok(id) => return Some(id),
                    Err(error) if error.is_transient() => sleep(AGAIN).await,
                    Err(directory::Error::NotOffered) => break,
                    Err(error) => {
                        tracing::warn!(%error, "the centre does not note the visit");
                        break;
                    }
                }
            }
            None
        });
        lock(&session.secrets).visit = Some(opening);
    }

    pub(crate) fn save_edit(
        self: &Arc<Self>,
        attempt: AttemptId,
        edit: Uuid,
        change: PreferenceEdit,
        base: u64,
        (whom, by): (CustomerKey, By),
        at: DateTime<Utc>,
    ) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let (shared, job) = (Arc::clone(self), Arc::clone(&session));
        session.then(async move {
            if let (Some(customer), Some(vault)) = (job.remembered(), shared.store.vault()) {
                let answer = match vault.edit_preference(customer, &change, edit, by, at).await {
                    Ok(_) => Some(Saved::Queued { customer, queue: shared.queue(&vault).await }),
                    Err(vault::Error::NotRemembered) => None,
                    Err(error) => {
                        tracing::error!(%error, "an edit could not be saved");
                        shared.report(&error);
                        Some(Saved::Failed)
                    }
                };
                if let Some(answer) = answer {
                    return shared.tell(Event::EditSaved { attempt, edit, answer });
                }
            }
            // The copy could not be written: the edit goes the way of every other.
            shared.audit(by.line(whom, AuditAct::Edited));
            shared.send_now(attempt, &job, edit, &change, base).await;
        });
    }

    pub(crate) fn send_edit(
        self: &Arc<Self>,
        attempt: AttemptId,
        edit: Uuid,
        change: PreferenceEdit,
        base: u64,
    ) {
        let Some(session) = self.sessions.get(attempt) else { return };
        let (shared, job) = (Arc::clone(self), Arc::clone(&session));
        session.then(async move {
            shared.send_now(attempt, &job, edit, &change, base).await;
        });
    }

    async fn send_now(
        self: &Arc<Self>,
        attempt: AttemptId,
        session: &Session,
        edit: Uuid,
        change: &PreferenceEdit,
        base: u64,
    ) {
        let mut answer = self.sent_directly(session, edit, change, base).await;
        if matches!(answer, Sent::NoAnswer) {
            sleep(AGAIN).await;
            answer = self.sent_directly(session, edit, change, base).await;
        }
        self.tell(Event::EditAnswered { attempt, edit, answer });
    }

    async fn sent_directly(
        self: &Arc<Self>,
        session: &Session,
        edit: Uuid,
        change: &PreferenceEdit,
        base: u64,
    ) -> Sent {
        let whose = match self.customer_of(session).await {
            Ok(whose) => whose,
            Err(directory::Error::NotAuthorised) => return Sent::NoToken,
            Err(_) => return Sent::NoAnswer,
        };
        let Ok(source) = self.source().await else { return Sent::NoAnswer };
        // What was changed twice here was changed by nobody else in between, or the centre had refused.
        let field = (change.group.clone(), change.key.clone());
        let ours = lock(&session.secrets).revisions.get(&field).copied();
        let base = Some(ours.map_or(base, |ours| ours.max(base)));
        let began = Instant::now();
        let answer = source.change_preferences(whose.customer(), change, base, edit).await;
        self.heard_source(&answer, began);
        if let Ok(profile) = &answer {
            lock(&session.secrets).revisions.insert(field, profile.revision);
        }
        said(answer, change)
    }

    /// The end: nothing for the screen runs on; what was begun is finished in order; then the visit is ended at the
    /// centre, and the tokens are revoked and forgotten. A remembered customer's refresh token stays in the keyring.
    pub(crate) fn close(self: &Arc<Self>, attempt: AttemptId, how: Option<Ending>) {
        let Some(session) = self.sessions.get(attempt) else { return };
        session.ended.cancel();
        {
            let mut secrets = lock(&session.secrets);
            secrets.ended = true;
            secrets.codes.clear();
            secrets.claims = None;
        }
        let (shared, last) = (Arc::clone(self), Arc::clone(&session));
        session.finally(async move { shared.finish(attempt, &last, how).await });
    }

    async fn finish(self: &Arc<Self>, attempt: AttemptId, session: &Session, how: Option<Ending>) {
        let sealing = lock(&session.secrets).sealing.take();
        if let Some(sealing) = sealing
            && timeout(LAST_WORD, sealing).await.is_err()
        {
            tracing::info!("what waits of a customer is not sealed: the centre did not answer in time");
        }
        let (tokens, remembered, visit, subject, agreed) = {
            let mut secrets = lock(&session.secrets);
            let (tokens, visit) = (secrets.tokens.take(), secrets.visit.take());
            (tokens, secrets.remembered, visit, secrets.subject.take(), secrets.agreed.take())
        };
        let other = match remembered {
            // The next visit of the same customer has begun: the token is that one's now.
            Some(customer) if self.sessions.serves_elsewhere(customer, attempt) => None,
            Some(customer) => self.release(customer).await,
            None => None,
        };
        // Where the session has kept its tokens, the other one is the same.
        let tokens = tokens.or(other);
        if let (Some(tokens), Some(subject), Some(how)) = (&tokens, subject, how)
            && let Ok(authority) = self.authority(tokens.access_token.clone(), tokens.bound).await
        {
            let whose = Whose { subject, authority, claims: None };
            if let Some(agreed) = agreed.filter(|_| how == Ending::Refused) {
                self.take_back_refused(agreed.act, whose.customer()).await;
            }
            if let Some(opening) = visit {
                self.end_visit(opening, how, whose.customer()).await;
            }
        }
        // From now on the queue revokes by itself what it fetches for this customer.
        self.sessions.remove(attempt);
        let Some(tokens) = tokens else { return };
        self.end_access(attempt, tokens).await;
    }

    /// Whoever said yes on a phone was not who stands here: what they agreed to was got from them by a trick, and the store
    /// is not to remember them for it.
    async fn take_back_refused(&self, act: Option<String>, customer: Customer<'_>) {
        let withdrawal = Withdrawal { id: Uuid::new_v4(), act, at: self.now() };
        let told = timeout(LAST_WORD, async { self.source().await?.take_back(customer, &withdrawal).await });
        match told.await {
            Ok(Ok(()) | Err(directory::Error::NotOffered)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what a refused match agreed to is not taken back"),
            Err(_) => tracing::warn!("the centre was not told in time of what a refused match agreed to"),
        }
    }

    async fn end_visit(
        &self,
        opening: tokio::task::JoinHandle<Option<String>>,
        how: Ending,
        customer: Customer<'_>,
    ) {
        let ended = timeout(LAST_WORD, async {
            let Some(id) = opening.await.ok().flatten() else { return Ok(()) };
            self.source().await?.end_visit(customer, &id, self.now(), word(how)).await
        });
        if let Ok(Err(error)) = ended.await {
            tracing::warn!(%error, "the centre does not note the end of the visit");
        }
    }
}

async fn load(
    source: &dyn ProfileSource,
    customer: Customer<'_>,
) -> Result<(Box<Profile>, ActivityPage), directory::Error> {
    let activity = async {
        if source.offers().activity {
            source.activity(customer, None).await
        } else {
            Ok(ActivityPage::default())
        }
    };
    match tokio::try_join!(source.me(customer, None), activity)? {
        (Me::Profile(profile), page) => Ok((profile, page)),
        (Me::Unchanged, _) => Err(directory::Error::Unexpected("\"unchanged\" where nothing is known")),
    }
}

fn no_access(why: NoAccess) -> directory::Error {
    match why {
        NoAccess::NoToken => directory::Error::NotAuthorised,
        NoAccess::NoAnswer => directory::Error::Unreachable,
    }
}

fn not_loaded(error: &directory::Error) -> NotLoaded {
    match error {
        directory::Error::OtherSubject => NotLoaded::OtherSubject,
        error if error.is_transient() => NotLoaded::Now,
        _ => NotLoaded::Ever,
    }
}

/// What an answer of the profile source means for an edit.
pub(crate) fn said(answer: Result<Profile, directory::Error>, edit: &PreferenceEdit) -> Sent {
    match answer {
        Ok(profile) => Sent::Accepted(Box::new(profile)),
        Err(error) if error.is_transient() => Sent::NoAnswer,
        // A token of somebody else's is none for this.
        Err(directory::Error::NotAuthorised | directory::Error::OtherSubject) => Sent::NoToken,
        Err(directory::Error::NotOffered) => Sent::Refused { status: NOT_OFFERED, theirs: None },
        Err(directory::Error::Refused { status, problem }) => {
            tracing::warn!(status, %problem, "the centre refuses an edit");
            Sent::Refused { status, theirs: theirs(problem, edit) }
        }
        Err(error) => {
            tracing::warn!(%error, "an edit was not answered as expected");
            Sent::NoAnswer
        }
    }
}

/// What the centre says stands in the place of an edit that it refuses because somebody else was there first.
fn theirs(problem: directory::Problem, edit: &PreferenceEdit) -> Option<Theirs> {
    let revision = problem.revision?;
    let mut conflicts = problem.conflicts.into_iter();
    let conflict = conflicts.find(|one| one.group == edit.group && one.key == edit.key)?;
    Some(Theirs { preference: conflict.current, revision })
}

fn word(how: Ending) -> &'static str {
    match how {
        Ending::Done => "done",
        Ending::Idle => "idle",
        Ending::Locked => "locked",
        Ending::Refused => "refused",
        Ending::Cancelled => "cancelled",
    }
}
