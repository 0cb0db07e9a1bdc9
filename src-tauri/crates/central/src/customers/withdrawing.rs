//! What a customer takes back at a till: told to the associate who stands before them, also while there is no network.
//!
//! The till can take back and never give: a yes is the customer's own, on their phone.

use chrono::{DateTime, Utc};
use profile::{Author, Channel, ConsentAct, Purpose};
use uuid::Uuid;

use super::{adding::record_consent, reading::profile_within};
use crate::{Error, clients::Store, db::Db, grants};

/// Version of what the associate is asked before it is done.
const WORDING: &str = "till-forget-1";

/// Something taken back.
#[derive(Debug)]
pub(crate) struct Withdrawal {
    /// The act's own, made by the till.
    pub(crate) id: Uuid,
    /// The act that is taken back, where the till knows it.
    pub(crate) act: Option<String>,
    /// When, by the clock of the till.
    pub(crate) at: DateTime<Utc>,
}

/// Where somebody took it back.
#[derive(Debug)]
pub(crate) struct Counter<'a> {
    pub(crate) store: &'a Store,
    pub(crate) till: &'a str,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum TakenBack {
    /// Recorded, now or when it was first sent.
    Act(Box<ConsentAct>),
    /// The id is that of another act.
    IdReused,
    /// There is no such customer.
    NoCustomer,
}

/// Records it once for each id, and ends what the tills of the store were given because they may remember the customer.
pub(crate) async fn take_back(
    db: &Db,
    subject: &str,
    counter: &Counter<'_>,
    withdrawal: &Withdrawal,
    now: DateTime<Utc>,
) -> Result<TakenBack, Error> {
    let mut writing = db.write().await?;
    let Some(profile) = profile_within(&mut writing, subject).await? else {
        return Ok(TakenBack::NoCustomer);
    };
    let (id, store) = (withdrawal.id.to_string(), counter.store);
    if let Some(known) = profile.consents.iter().find(|act| act.id == id) {
        let same = !known.given && known.store.as_ref() == Some(&store.id);
        return Ok(if same { TakenBack::Act(Box::new(known.clone())) } else { TakenBack::IdReused });
    }
    let used = sqlx::query_scalar!("SELECT count(*) FROM consents WHERE id = ?", id)
        .fetch_one(&mut *writing)
        .await?;
    if used > 0 {
        return Ok(TakenBack::IdReused);
    }
    let taken_back = withdrawal.act.as_ref().and_then(|act| {
        profile.consents.iter().find(|known| known.id == *act && known.store.as_ref() == Some(&store.id))
    });
    let act = ConsentAct {
        id,
        purpose: Purpose::RememberAtStore,
        given: false,
        at: moment(withdrawal.at, taken_back.map(|act| act.at), now),
        by: Author::Associate,
        channel: Channel::Store,
        wording: WORDING.to_owned(),
        store: Some(store.id.clone()),
        store_name: Some(store.name.clone()),
        till: Some(counter.till.to_owned()),
        scopes: None,
        until: None,
    };
    record_consent(&mut writing, subject, &act).await?;
    // Whoever agreed again since then goes on being remembered.
    let newest = profile.consents.iter().filter(|known| {
        known.purpose == Purpose::RememberAtStore && known.given && known.store.as_ref() == Some(&store.id)
    });
    if newest.map(|known| known.at).max().is_none_or(|newest| newest <= act.at) {
        grants::forget_at_store(&mut writing, subject, &store.id).await?;
    }
    writing.commit().await?;
    Ok(TakenBack::Act(Box::new(act)))
}

/// When it counts from. The clock of a till may be years off: not before the yes that it takes back, which it would not
/// take back then, and not in the future, where it would outlive every later yes.
fn moment(at: DateTime<Utc>, yes: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    yes.map_or(now, |yes| at.max(yes).min(now.max(yes)))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_clock_that_is_off_neither_undoes_a_withdrawal_nor_makes_it_last() {
        let (yes, now) =
            (DateTime::UNIX_EPOCH + TimeDelta::days(100), DateTime::UNIX_EPOCH + TimeDelta::days(200));
        let day = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        assert_eq!(moment(day(150), Some(yes), now), day(150));
        assert_eq!(moment(day(0), Some(yes), now), yes, "a withdrawal wins the tie");
        assert_eq!(moment(day(900), Some(yes), now), now);
        assert_eq!(moment(day(150), None, now), now, "nobody knows what it takes back: all of before");
    }
}
