//! What waits at a till on its way to the centre and back: somebody new, edits, visits, what was taken back, in the order and
//! with the meaning that the counter's driver gives them.

use std::time::Duration;

use counter::machine::{Event, Sent};
use directory::{Error, StoreCustomer, Withdrawal};
use profile::{PreferenceEdit, Profile};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;
use vault::{By, QueuedCustomer, QueuedEdit, QueuedVisit, QueuedWithdrawal, Refreshed, Theirs, Vault, Why};

use crate::world::{Fault, Happening, LONGEST_WAY, PATIENCE, World};

/// Somebody may be known already.
const CONFLICT: u16 = 409;

/// What is to be told to the centre.
#[derive(Clone)]
pub(crate) enum Errand {
    Customer(QueuedCustomer),
    Edit(QueuedEdit),
    Visit(QueuedVisit),
    Withdrawal(QueuedWithdrawal),
}

impl Errand {
    async fn next(vault: &Vault, customer: Uuid) -> Option<Self> {
        if let Some(queued) = vault.new_customer_to_send(customer).await.unwrap() {
            return Some(Self::Customer(queued));
        }
        if let Some(queued) = vault.next_to_send(customer).await.unwrap() {
            return Some(Self::Edit(queued));
        }
        if let Some(queued) = vault.visit_to_send(customer).await.unwrap() {
            return Some(Self::Visit(queued));
        }
        vault.withdrawal_of(customer).await.unwrap().map(Self::Withdrawal)
    }

    pub(crate) fn subject(&self) -> &str {
        match self {
            Self::Customer(queued) => &queued.customer.subject,
            Self::Edit(queued) => &queued.customer.subject,
            Self::Visit(queued) => &queued.customer.subject,
            Self::Withdrawal(queued) => &queued.customer.subject,
        }
    }

    /// What a person was told is saved goes by this.
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Customer(queued) => queued.customer.subject.parse().unwrap(),
            Self::Edit(queued) => queued.id,
            Self::Visit(queued) => queued.id,
            Self::Withdrawal(queued) => queued.id,
        }
    }
}

/// One on its way.
pub(crate) struct Request {
    till: usize,
    life: u32,
    customer: Uuid,
    errand: Errand,
    with_token: bool,
    /// The till has its answer, or has given up.
    is_over: bool,
}

/// What the centre says to it.
pub(crate) enum Answer {
    Customer(Result<StoreCustomer, Error>),
    Edit(Result<Profile, Error>),
    Done(Result<(), Error>),
}

impl Answer {
    fn is_yes(&self) -> bool {
        match self {
            Self::Customer(answer) => answer.is_ok(),
            Self::Edit(answer) => answer.is_ok(),
            Self::Done(answer) => answer.is_ok(),
        }
    }
}

impl World {
    /// Sends what is next of a customer.
    pub(crate) async fn send(&mut self, till: usize, customer: Uuid) -> Vec<Event> {
        let vault = self.tills[till].vault().unwrap().clone();
        let Some(errand) = Errand::next(&vault, customer).await else {
            return vec![self.tills[till].answered(customer, None, Sent::Nothing, 0.5).await];
        };
        if let (Errand::Withdrawal(queued), Some(Fault::KeepsWithdrawals)) = (&errand, self.fault) {
            vault.withdrawal_is_over(queued.id).await.unwrap();
        }
        let mut rng = self.chance_of_request(till, errand.subject());
        let with_token = self.tills[till].has_token(customer).await;
        let (number, life) = (self.requests.len(), self.tills[till].life);
        self.requests.push(Request { till, life, customer, errand, with_token, is_over: false });
        self.later(PATIENCE, Happening::Answered { request: number, answer: None });
        if self.is_cut(till) {
            return Vec::new();
        }
        let way = |rng: &mut ChaCha8Rng| Duration::from_millis(rng.random_range(5..2_000));
        let back = way(&mut rng);
        if !self.is_chaos() {
            let there = way(&mut rng);
            self.later(there, Happening::Arrives { request: number, comes_back: Some(back) });
            return Vec::new();
        }
        if rng.random_bool(0.9) {
            let comes_back = rng.random_bool(0.8).then_some(back);
            let there = if rng.random_bool(0.85) { way(&mut rng) } else { long_way(&mut rng) };
            self.later(there, Happening::Arrives { request: number, comes_back });
        }
        if rng.random_bool(0.15) {
            let again = long_way(&mut rng);
            self.later(again, Happening::Arrives { request: number, comes_back: Some(back) });
        }
        Vec::new()
    }

    /// The centre carries a request out.
    pub(crate) async fn arrives(&mut self, number: usize, comes_back: Option<Duration>) {
        if self.is_down() {
            return;
        }
        let Request { till, ref errand, with_token, .. } = self.requests[number];
        let errand = errand.clone();
        if self.fault == Some(Fault::KeepsWithdrawals) && matches!(errand, Errand::Withdrawal(_)) {
            return;
        }
        let subject = errand.subject();
        let before = self.centre_mut().trace(subject).await;
        let answer = self.carried_out(till, &errand, with_token).await;
        let after = self.centre_mut().trace(subject).await;
        if before != after {
            self.has_changed();
            self.has_applied(&errand);
        } else if answer.is_yes() && self.made.get(&errand.id()).is_some_and(|made| made.applied == 0) {
            self.violations.push(format!("the centre has said yes to {} and not done it", errand.id()));
        }
        if let Some(back) = comes_back {
            let answer = Some(Box::new(answer));
            self.later(back, Happening::Answered { request: number, answer });
        }
    }

    async fn carried_out(&mut self, till: usize, errand: &Errand, with_token: bool) -> Answer {
        let (name, subject) = (self.tills[till].name, errand.subject());
        let key = if self.fault == Some(Fault::OtherKey) { self.fresh() } else { errand.id() };
        let (store, who) = self.centre().store(name);
        match errand {
            Errand::Customer(queued) => {
                let made = store.make_customer(&who, subject, &queued.new, &queued.somebody_else).await;
                Answer::Customer(made)
            }
            Errand::Edit(queued) => {
                let base = Some(queued.base_revision);
                let answer = self.centre().change(name, subject, with_token, &queued.edit, base, key).await;
                Answer::Edit(answer)
            }
            Errand::Visit(queued) => Answer::Done(store.note_visit(&who, subject, queued.at, key).await),
            Errand::Withdrawal(queued) => {
                let withdrawal = Withdrawal { id: queued.id, act: queued.act.clone(), at: queued.at };
                Answer::Done(self.centre().take_back(name, subject, with_token, &withdrawal).await)
            }
        }
    }

    fn has_applied(&mut self, errand: &Errand) {
        let id = errand.id();
        let Some(made) = self.made.get_mut(&id) else {
            return self.violations.push(format!("nobody was told that {id} is saved"));
        };
        made.applied += 1;
        let (till, nth, applied) = (made.till, made.nth, made.applied);
        let (subject, place) = (made.subject.clone(), made.place.clone());
        if applied > 1 {
            self.violations.push(format!("{id} was carried out {applied} times"));
        }
        if self.is_erased(&subject) {
            self.violations.push(format!("{id} was carried out for somebody who is erased"));
        }
        let overtaken = place.is_some()
            && self.made.values().any(|other| {
                other.till == till
                    && other.subject == subject
                    && other.place == place
                    && other.nth > nth
                    && other.applied > 0
            });
        if overtaken {
            self.violations.push(format!("{id} was overtaken by a later edit of the same till"));
        }
        if matches!(errand, Errand::Customer(_)) {
            self.customers.push(subject);
        }
    }

    /// A till hears what became of a request, or has waited for long enough.
    pub(crate) async fn answered(&mut self, number: usize, answer: Option<Box<Answer>>) {
        let Request { till, life, customer, errand, is_over, .. } = &mut self.requests[number];
        let (till, customer) = (*till, *customer);
        // Who is cut off hears nothing, and waits on.
        if answer.is_some() && self.now < self.tills[till].cut_until {
            return;
        }
        if *is_over || *life != self.tills[till].life || !self.tills[till].is_on() {
            return;
        }
        *is_over = true;
        let errand = errand.clone();
        self.tell(till, Event::Centre { answered: answer.is_some(), slow: false }).await;
        let jitter = self.chance_of_request(till, "jitter").random();
        let Some((edit, sent)) = self.noted(till, customer, &errand, answer.map(|answer| *answer)).await
        else {
            return;
        };
        if self.survives(till).await {
            let event = self.tills[till].answered(customer, edit, sent, jitter).await;
            self.tell(till, event).await;
        }
    }

    /// Notes in the memory what became of it. None where the till is off by now.
    async fn noted(
        &mut self,
        till: usize,
        customer: Uuid,
        errand: &Errand,
        answer: Option<Answer>,
    ) -> Option<(Option<Uuid>, Sent)> {
        let (vault, now) = (self.tills[till].vault()?.clone(), self.clock(till));
        Some(match (errand, answer) {
            (Errand::Edit(queued), answer) => {
                let sent = match answer {
                    Some(Answer::Edit(answer)) => said(answer, &queued.edit),
                    _ => Sent::NoAnswer,
                };
                match &sent {
                    Sent::Accepted(profile) => {
                        let refreshed = vault.mark_sent(queued.id, profile, now).await.unwrap();
                        self.is_withdrawn(till, customer, refreshed).await;
                    }
                    Sent::Refused { status, theirs } => {
                        vault.mark_refused(queued.id, *status, theirs.as_ref()).await.unwrap();
                    }
                    Sent::NoAnswer if self.fault == Some(Fault::LosesEdits) => {
                        let by = By { who: None, why: Why::Unsent, online: false };
                        vault.drop_edit(queued.id, by, now).await.unwrap();
                    }
                    Sent::NoAnswer => vault.mark_tried(queued.id).await.unwrap(),
                    Sent::NoToken | Sent::MayBeKnown | Sent::Nothing => {}
                }
                (Some(queued.id), sent)
            }
            (Errand::Customer(_), Some(Answer::Customer(Ok(made)))) => {
                let refreshed = vault.customer_is_made(customer, &made.profile, now).await.unwrap();
                self.is_withdrawn(till, customer, refreshed).await;
                let sent = match refreshed {
                    Refreshed::Kept => Sent::Accepted(Box::new(made.profile)),
                    Refreshed::Withdrawn => Sent::Nothing,
                };
                (None, sent)
            }
            (Errand::Customer(_), Some(Answer::Customer(Err(error)))) => {
                let candidates = match &error {
                    Error::Refused { problem, .. } => problem.candidates.clone(),
                    _ => Vec::new(),
                };
                match refused(&error) {
                    Some(status) => {
                        let asks = vault.customer_is_refused(customer, status, &candidates).await.unwrap();
                        let sent = match (asks, status) {
                            (false, _) => Sent::Nothing,
                            (true, CONFLICT) => Sent::MayBeKnown,
                            (true, _) => Sent::Refused { status, theirs: None },
                        };
                        (None, sent)
                    }
                    None => (None, Sent::NoAnswer),
                }
            }
            (Errand::Visit(queued), Some(Answer::Done(Ok(())))) => {
                vault.visit_is_over(queued.id).await.unwrap();
                (None, Sent::Nothing)
            }
            (Errand::Visit(queued), Some(Answer::Done(Err(error)))) => match refused(&error) {
                Some(status) => {
                    vault.visit_is_refused(queued.id, status).await.unwrap();
                    (None, Sent::Refused { status, theirs: None })
                }
                None => (None, Sent::NoAnswer),
            },
            (Errand::Withdrawal(queued), Some(Answer::Done(answer))) => match answer {
                Err(error) if error.is_transient() => (None, Sent::NoAnswer),
                Err(Error::NotOffered | Error::NotAuthorised) => (None, Sent::NoToken),
                Ok(()) | Err(_) => {
                    vault.withdrawal_is_over(queued.id).await.unwrap();
                    (None, Sent::Nothing)
                }
            },
            (Errand::Customer(_) | Errand::Visit(_) | Errand::Withdrawal(_), _) => (None, Sent::NoAnswer),
        })
    }

    /// Said in the answer itself: they are not remembered any more.
    async fn is_withdrawn(&mut self, till: usize, customer: Uuid, refreshed: Refreshed) {
        if refreshed == Refreshed::Withdrawn {
            self.tell(till, Event::Forgotten { id: customer, unsent: 0, tell: false }).await;
        }
    }
}

/// Held back somewhere, for up to a day.
pub(crate) fn long_way(rng: &mut ChaCha8Rng) -> Duration {
    let most = if rng.random_bool(0.2) { LONGEST_WAY } else { Duration::from_mins(5) };
    Duration::from_secs(rng.random_range(3..most.as_secs()))
}

/// The status of a refusal that stands.
fn refused(error: &Error) -> Option<u16> {
    match error {
        Error::Refused { status, .. } if !error.is_transient() => Some(*status),
        _ => None,
    }
}

/// What an answer of the centre means for an edit.
fn said(answer: Result<Profile, Error>, edit: &PreferenceEdit) -> Sent {
    match answer {
        Ok(profile) => Sent::Accepted(Box::new(profile)),
        Err(error) if error.is_transient() => Sent::NoAnswer,
        Err(Error::NotAuthorised | Error::NotOffered | Error::OtherSubject) => Sent::NoToken,
        Err(Error::Refused { status, problem }) => {
            let mut conflicts = problem.conflicts.into_iter();
            let conflict = conflicts.find(|one| one.group == edit.group && one.key == edit.key);
            let theirs = problem
                .revision
                .zip(conflict)
                .map(|(revision, conflict)| Theirs { preference: conflict.current, revision });
            Sent::Refused { status, theirs }
        }
        Err(_) => Sent::NoAnswer,
    }
}
