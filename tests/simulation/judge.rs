//! What must be true in the end.

use profile::Profile;
use vault::{AuditCheck, EditState};

use crate::{till::key, world::World};

/// Notes what is not as it must be.
pub(crate) async fn judge(world: &mut World) {
    for till in 0..world.tills.len() {
        queue(world, till).await;
        copies(world, till).await;
    }
    edits(world).await;
}

/// Nothing waits, unless for somebody who has to sign in.
async fn queue(world: &mut World, nth: usize) {
    let till = &world.tills[nth];
    let vault = till.vault().unwrap().clone();
    for unsent in vault.unsent().await.unwrap().edits {
        let is_erased = world.is_erased_by_id(nth, unsent.customer_id).await;
        if unsent.state == EditState::Waiting && !is_erased {
            world.violations.push(format!("{} still waits at till {nth}", unsent.id));
        }
    }
    let audit = vault.verify_audit(None).await.unwrap();
    if !matches!(audit, AuditCheck::Intact { .. }) {
        world.violations.push(format!("the trail of till {nth}: {audit:?}"));
    }
}

/// Every copy is what the centre has, and of who is erased there is none.
async fn copies(world: &mut World, nth: usize) {
    let vault = world.tills[nth].vault().unwrap().clone();
    for known in world.customers.clone() {
        let id = vault.find(&key(&known.subject)).await.unwrap();
        let copy = match id {
            Some(id) => vault.open_customer(id).await.unwrap(),
            None => None,
        };
        let theirs = world.centre.profile(&known.subject).await;
        let fault = match (copy, theirs) {
            (Some(copy), Some(theirs)) if values(&copy.profile) != values(&theirs) => {
                "is not what the centre has"
            }
            (None, Some(_)) => "is not there",
            (Some(_), None) => "is still there after the erasure",
            _ => continue,
        };
        world.violations.push(format!("the copy of {} at till {nth} {fault}", known.subject));
    }
}

fn values(profile: &Profile) -> Vec<(&str, &str, &profile::PreferenceValue)> {
    let groups = profile.preferences.iter();
    groups
        .flat_map(|(group, keys)| {
            keys.iter().map(move |(key, one)| (group.as_str(), key.as_str(), &one.value))
        })
        .collect()
}

/// Every edit has arrived, or is before a person, or a person has let go of it, or its customer is gone.
async fn edits(world: &mut World) {
    let mut lost = Vec::new();
    for (id, made) in &world.made {
        if made.applied > 0 || made.let_go || world.is_erased(&made.subject) {
            continue;
        }
        let vault = world.tills[made.till].vault().unwrap();
        let is_there = vault.unsent().await.unwrap().edits.iter().any(|unsent| unsent.id == *id);
        // Somebody has wanted something else since, at the same till.
        let is_overruled = world.made.values().any(|other| {
            (other.till, &other.subject, &other.place) == (made.till, &made.subject, &made.place)
                && made.nth < other.nth
        });
        if !is_there && !is_overruled {
            lost.push(format!("{id} is lost: {made:?}"));
        }
    }
    world.violations.extend(lost);
}
