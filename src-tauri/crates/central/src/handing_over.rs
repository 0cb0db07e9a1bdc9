//! What a till hands over that it cannot read any more: applied as if the till had sent it itself, once for each idempotency
//! key. What cannot be applied is kept until a person has decided about it.

use chrono::{DateTime, Utc};
use profile::{Author, Channel, NewCustomer, PreferenceEdit};
use sealing::{Waiting, What};
use uuid::Uuid;

use crate::{
    Error, clients,
    customers::{
        self, Applied, Counter, Kept, Made, NotApplied, Opened, Patch, Source, TakenBack, ToKeep, Withdrawal,
    },
    db::Db,
    sealing::Granted,
};

/// What became of something that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandedOver {
    /// It was applied, now or before.
    Done,
    /// It was not, and is kept until somebody decides about it.
    Kept,
    /// There is nobody, or nobody any more, whom it is about.
    Gone,
    /// The till may not hand it over.
    NotGranted,
    /// Its id is that of something else, or it is nothing that a till could have made.
    Invalid,
}

/// Applies something.
pub(crate) async fn apply(
    db: &Db,
    granted: &Granted,
    waiting: &Waiting,
    now: DateTime<Utc>,
) -> Result<HandedOver, Error> {
    let Granted { client_id, subject, .. } = granted;
    let outcome = match &waiting.what {
        What::Customer { new, somebody_else } => {
            make(db, granted, waiting.id, new, somebody_else, now).await?
        }
        // They are nobody's customer yet, and do not want to be one.
        What::Withdrawal { .. } if customers::is_kept(db, client_id, subject).await? => {
            customers::let_go_of_customer(db, subject).await?;
            Became::Of(HandedOver::Done)
        }
        _ if customers::is_kept(db, client_id, subject).await? => Became::Not(NotApplied::BehindACustomer),
        What::Edit { change, base } => apply_edit(db, granted, waiting.id, change, *base, now).await?,
        What::Visit { at } => Became::Of(note_visit(db, granted, waiting.id, *at, now).await?),
        What::Withdrawal { act } => Became::Of(take_back(db, granted, waiting, act.as_deref(), now).await?),
    };
    let why = match outcome {
        Became::Of(done) => return Ok(done),
        Became::Not(why) => why,
    };
    let id = waiting.id.to_string();
    let thing = ToKeep { id: &id, client_id, subject, what: &waiting.what, made_at: waiting.made_at, why };
    customers::keep(db, &thing, now).await?;
    tracing::warn!(
        till = client_id,
        ?why,
        "what a till handed over was not applied and waits for a decision"
    );
    Ok(HandedOver::Kept)
}

/// What became of it, or why it is to be kept.
enum Became {
    Of(HandedOver),
    Not(NotApplied),
}

/// Somebody new. Whether they are somebody who is known already, nobody at the till can be asked any more.
async fn make(
    db: &Db,
    granted: &Granted,
    id: Uuid,
    new: &NewCustomer,
    somebody_else: &[String],
    now: DateTime<Utc>,
) -> Result<Became, Error> {
    if granted.subject != id.to_string() || new.check().is_err() {
        return Ok(Became::Of(HandedOver::Invalid));
    }
    let Some((store, till)) = clients::at_store(db, &granted.client_id).await? else {
        return Ok(Became::Of(HandedOver::NotGranted));
    };
    let counter = Counter { store: &store, till: &till };
    Ok(match customers::make(db, id, new, somebody_else, &counter, now).await? {
        Made::Customer(_) => Became::Of(HandedOver::Done),
        Made::Candidates(_) => Became::Not(NotApplied::MaybeKnown),
        Made::Erased | Made::Taken => Became::Of(HandedOver::Gone),
    })
}

/// What cannot be done for the customer is kept for a person.
async fn apply_edit(
    db: &Db,
    granted: &Granted,
    id: Uuid,
    change: &PreferenceEdit,
    base: u64,
    now: DateTime<Utc>,
) -> Result<Became, Error> {
    let (id, document) = (id.to_string(), change.merge_patch());
    let key = customers::change_key(&granted.client_id, &granted.subject, &id, &document);
    Ok(if granted.stands(db, now).await? {
        match (Patch::parse(&document), i64::try_from(base)) {
            (Ok(patch), Ok(base)) => {
                match customers::patch_preferences(db, &key, &patch, Some(base), BY_ASSOCIATE, now).await? {
                    Applied::Profile(_) => Became::Of(HandedOver::Done),
                    Applied::NoCustomer => Became::Of(HandedOver::Gone),
                    Applied::Conflicts { .. } | Applied::Unknown { .. } => {
                        Became::Not(NotApplied::ChangedSince)
                    }
                    Applied::TooMany | Applied::KeyReused => Became::Not(NotApplied::Invalid),
                }
            }
            _ => Became::Not(NotApplied::Invalid),
        }
    } else if customers::was_done(db, &key).await? {
        Became::Of(HandedOver::Done)
    } else if customers::revision(db, &granted.subject).await?.is_some() {
        Became::Not(NotApplied::YesIsOver)
    } else {
        Became::Of(HandedOver::Gone)
    })
}

const BY_ASSOCIATE: Source = Source { channel: Channel::Store, by: Author::Associate };

/// Where the store may not remember the customer, nobody is there to have been seen.
async fn note_visit(
    db: &Db,
    till: &Granted,
    id: Uuid,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<HandedOver, Error> {
    let Some((store, _)) = clients::at_store(db, &till.client_id).await? else {
        return Ok(HandedOver::NotGranted);
    };
    if customers::remembered(db, &store.id, &till.subject, now).await?.is_none() {
        return Ok(HandedOver::Gone);
    }
    let id = id.to_string();
    let key = customers::visit_key(&till.client_id, &till.subject, &id, at);
    Ok(match customers::note_visit(db, &key, &store, at, now).await? {
        Opened::Visit(_) => HandedOver::Done,
        Opened::KeyReused => HandedOver::Invalid,
        Opened::NoCustomer => HandedOver::Gone,
    })
}

/// A till can always take back: also under a yes that is over.
async fn take_back(
    db: &Db,
    granted: &Granted,
    waiting: &Waiting,
    act: Option<&str>,
    now: DateTime<Utc>,
) -> Result<HandedOver, Error> {
    let Some((store, till)) = clients::at_store(db, &granted.client_id).await? else {
        return Ok(HandedOver::NotGranted);
    };
    let counter = Counter { store: &store, till: &till };
    let withdrawal = Withdrawal { id: waiting.id, act: act.map(str::to_owned), at: waiting.made_at };
    Ok(match customers::take_back(db, &granted.subject, &counter, &withdrawal, now).await? {
        TakenBack::Act(_) => HandedOver::Done,
        TakenBack::IdReused => HandedOver::Invalid,
        TakenBack::NoCustomer => HandedOver::Gone,
    })
}

/// What is to be done with something that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Apply it, whatever has been set since. Somebody new is none of those who are known.
    Apply,
    /// Let go of it, and with somebody new of all that is about them.
    Drop,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It was carried out.
    Done,
    /// There is no such thing.
    Unknown,
    /// The preference cannot have the value: the edit is where it was.
    Invalid,
    /// It is about somebody new of whom it is to be decided first.
    CustomerFirst,
}

/// Carries out what a person has decided about something.
pub(crate) async fn decide(
    db: &Db,
    number: i64,
    decision: Decision,
    now: DateTime<Utc>,
) -> Result<Decided, Error> {
    let Some(thing) = customers::kept(db, number).await? else { return Ok(Decided::Unknown) };
    let granted = Granted::of_till(&thing.till, &thing.subject);
    match (decision, &thing.what) {
        (Decision::Drop, What::Customer { .. }) => {
            customers::let_go_of_customer(db, &thing.subject).await?;
            return Ok(Decided::Done);
        }
        (Decision::Drop, _) => {}
        (Decision::Apply, What::Customer { new, somebody_else }) => {
            make_anyway(db, &granted, &thing, new, somebody_else, now).await?;
        }
        (Decision::Apply, _) if customers::is_kept(db, &thing.till, &thing.subject).await? => {
            return Ok(Decided::CustomerFirst);
        }
        (Decision::Apply, What::Edit { change, .. }) => {
            let change = change.merge_patch();
            let Ok(patch) = Patch::parse(&change) else { return Ok(Decided::Invalid) };
            let key = customers::change_key(&thing.till, &thing.subject, &thing.id, &change);
            match customers::patch_preferences(db, &key, &patch, None, BY_ASSOCIATE, now).await? {
                Applied::Profile(_) | Applied::NoCustomer => {}
                Applied::Conflicts { .. }
                | Applied::Unknown { .. }
                | Applied::TooMany
                | Applied::KeyReused => {
                    return Ok(Decided::Invalid);
                }
            }
        }
        (Decision::Apply, What::Visit { .. } | What::Withdrawal { .. }) => {
            apply(db, &granted, &waiting(&thing)?, now).await?;
        }
    }
    customers::let_go(db, number).await?;
    Ok(Decided::Done)
}

/// Makes somebody new, whoever else has the same address or number, and applies what waited behind them.
async fn make_anyway(
    db: &Db,
    granted: &Granted,
    thing: &Kept,
    new: &NewCustomer,
    somebody_else: &[String],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if let Some((store, till)) = clients::at_store(db, &thing.till).await? {
        let (counter, id) = (Counter { store: &store, till: &till }, waiting(thing)?.id);
        let mut somebody_else = somebody_else.to_vec();
        // So many are named at a time.
        while let Made::Candidates(candidates) =
            customers::make(db, id, new, &somebody_else, &counter, now).await?
        {
            somebody_else.extend(candidates.into_iter().map(|candidate| candidate.id));
        }
    }
    // What is kept behind them is applied once they are no longer.
    customers::let_go(db, thing.number).await?;
    for behind in customers::kept_behind(db, &thing.till, &thing.subject).await? {
        if apply(db, granted, &waiting(&behind)?, now).await? != HandedOver::Kept {
            customers::let_go(db, behind.number).await?;
        }
    }
    Ok(())
}

fn waiting(thing: &Kept) -> Result<Waiting, Error> {
    let id = thing.id.parse().map_err(|_| Error::Stored("kept.id"))?;
    Ok(Waiting { id, grant: String::new(), what: thing.what.clone(), made_at: thing.made_at })
}
