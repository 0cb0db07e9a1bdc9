//! What must be true in the end.

use std::collections::{BTreeMap, BTreeSet};

use directory::StoreCustomer;
use profile::Profile;
use secrecy::ExposeSecret;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use uuid::Uuid;
use vault::{AuditCheck, EditState, QueuedVisit, UnsentEdit, Vault};

use crate::{centre::ISSUER, till::key, world::World};

/// Notes what is not as it must be.
pub(crate) async fn judge(world: &mut World) {
    let remembered = world.centre().remembered().await;
    for till in 0..world.tills.len() {
        queue(world, till, &remembered).await;
        copies(world, till, &remembered).await;
        nobody_erased(world, till).await;
    }
    agreements(world, &remembered);
    confirmations(world).await;
    kept(world).await;
}

fn vault(world: &World, till: usize) -> Vault {
    world.tills[till].vault().unwrap().clone()
}

/// Nothing waits, unless for somebody who has to sign in.
async fn queue(world: &mut World, till: usize, remembered: &BTreeMap<String, StoreCustomer>) {
    let vault = vault(world, till);
    let must_sign_in = world.tills[till].machine().unwrap().state().queue.need_sign_in.clone();
    let list = vault.unsent().await.unwrap();
    // What waits behind somebody new about whom a person must decide waits for that person.
    let asked: BTreeSet<_> =
        list.customers.iter().filter(|new| new.refused.is_some()).map(|new| new.customer_id).collect();
    let waits =
        |unsent: &&UnsentEdit| unsent.state == EditState::Waiting && !asked.contains(&unsent.customer_id);
    for unsent in list.edits.iter().filter(waits) {
        let is_known = match vault.open_customer(unsent.customer_id).await.unwrap() {
            Some(copy) => remembered.contains_key(&copy.customer.subject),
            None => false,
        };
        if is_known || !must_sign_in.contains(&unsent.customer_id) {
            world.violations.push(format!("{} still waits at till {till}", unsent.id));
        }
    }
    for unsent in list.customers.iter().filter(|unsent| unsent.refused.is_none()) {
        world.violations.push(format!("somebody new, {}, still waits at till {till}", unsent.customer_id));
    }
    let visits = list.visits.iter().map(|unsent| &unsent.visit);
    let waits = |visit: &&QueuedVisit| {
        let customer = &visit.customer_id;
        visit.refused.is_none() && !asked.contains(customer) && !must_sign_in.contains(customer)
    };
    for visit in visits.filter(waits) {
        world.violations.push(format!("the visit {} still waits at till {till}", visit.id));
    }
    for customer in vault.customers_with_withdrawals().await.unwrap() {
        world.violations.push(format!("what {customer} took back at till {till} still waits"));
    }
    let audit = vault.verify_audit(None).await.unwrap();
    if !matches!(audit, AuditCheck::Intact { .. }) {
        world.violations.push(format!("the trail of till {till}: {audit:?}"));
    }
    world.ship_the_rest(till).await;
    if let Some(broken) = world.centre_mut().broken_trail().await {
        world.violations.push(format!("the centre takes a trail to be broken: {broken}"));
    }
}

/// Every copy is what the centre has; there is one of everybody whom the store may remember, and of nobody else, but of those
/// whom the centre does not have yet.
async fn copies(world: &mut World, till: usize, remembered: &BTreeMap<String, StoreCustomer>) {
    let vault = vault(world, till);
    let new: BTreeSet<_> =
        vault.unsent().await.unwrap().customers.iter().map(|unsent| unsent.customer_id).collect();
    let made = world.made.values().map(|made| made.subject.clone());
    let everybody: BTreeSet<String> = world.customers.iter().cloned().chain(made).collect();
    for subject in everybody {
        let id = vault.find(&key(&subject)).await.unwrap();
        let copy = match id {
            Some(id) => vault.open_customer(id).await.unwrap(),
            None => None,
        };
        // Whether they are somebody whom the centre has is a question for a person.
        if copy.as_ref().is_some_and(|copy| new.contains(&copy.id)) {
            continue;
        }
        let fault = match (copy, remembered.get(&subject)) {
            (Some(copy), Some(theirs)) if values(&copy.profile) != values(&theirs.profile) => {
                "is not what the centre has"
            }
            (None, Some(_)) => "is not there",
            (Some(_), None) => "is there, and the store may not remember them",
            _ => continue,
        };
        world.violations.push(format!("the copy of {subject} at till {till} {fault}"));
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

/// Who took back what they agreed to is remembered only where they agreed again.
fn agreements(world: &mut World, remembered: &BTreeMap<String, StoreCustomer>) {
    let still =
        world.taken_back.difference(&world.agreed_anew).filter(|subject| remembered.contains_key(*subject));
    let still: Vec<_> = still.map(|subject| format!("{subject} took it back and is remembered")).collect();
    world.violations.extend(still);
}

/// No token of somebody who is erased is left at a till, nor anything by which they are found.
async fn nobody_erased(world: &mut World, till: usize) {
    let vault = vault(world, till);
    for subject in world.erased.clone() {
        let id = world.tills[till].ids.get(&subject).copied();
        if let Some(id) = id
            && world.tills[till].has_token(id).await
        {
            world.violations.push(format!("a token of {subject}, who is erased, is at till {till}"));
        }
        let Some(name) = world.names.get(&subject) else { continue };
        let found = vault.search(name, 5, world.clock(till)).await.unwrap();
        if found.rows.iter().any(|row| row.name.display == *name) {
            world.violations.push(format!("{subject}, who is erased, is found at till {till}"));
        }
    }
}

/// The centre knows of each till that has heard of an erasure, and nobody at a till knows who it was any more.
async fn confirmations(world: &mut World) {
    for till in 0..world.tills.len() {
        for subject in vault(world, till).erased(ISSUER).await.unwrap() {
            world.violations.push(format!("till {till} has not said that {subject} is erased"));
        }
    }
    for subject in world.erased.clone() {
        let confirmed = world.centre_mut().confirmed(&subject).await;
        let silent =
            world.tills.iter().filter(|till| !till.has_missed && !confirmed.iter().any(|it| it == till.name));
        let silent: Vec<_> = silent.map(|till| format!("{} has not erased {subject}", till.name)).collect();
        world.violations.extend(silent);
    }
}

/// All that was saved has arrived, or is before a person, or a person has let go of it, or its customer is gone.
async fn kept(world: &mut World) {
    let mut there = BTreeSet::new();
    for till in 0..world.tills.len() {
        let vault = vault(world, till);
        let list = vault.unsent().await.unwrap();
        there.extend(list.edits.iter().map(|unsent| unsent.id));
        there.extend(list.visits.iter().map(|unsent| unsent.visit.id));
        for unsent in list.customers {
            let whose = world.entered.get(&(till, unsent.customer_id));
            there.extend(whose.and_then(|subject| Uuid::parse_str(subject).ok()));
        }
    }
    let lost = world.made.iter().filter(|(id, made)| {
        // Somebody has wanted something else since, at the same till.
        let is_overruled = made.place.is_some()
            && world.made.values().any(|other| {
                (other.till, &other.subject, &other.place) == (made.till, &made.subject, &made.place)
                    && made.nth < other.nth
            });
        // Nobody but the till knew them, and they did not want even that.
        let is_nobody = world.taken_back.contains(&made.subject)
            && world.made.iter().any(|(id, new)| id.to_string() == made.subject && new.applied == 0);
        made.applied == 0
            && !made.let_go
            && !is_nobody
            && !world.is_erased(&made.subject)
            && !there.contains(*id)
            && !is_overruled
    });
    let lost: Vec<_> = lost.map(|(id, made)| format!("{id} is lost: {made:?}")).collect();
    world.violations.extend(lost);
}

/// Nobody who is erased is anywhere in the files of a till, whatever is in them.
pub(crate) async fn files(world: &mut World) {
    if world.erased.is_empty() {
        return;
    }
    for till in 0..world.tills.len() {
        let (folder, secret) = world.tills[till].files().await;
        let names: Vec<String> = std::fs::read_dir(folder.join("sealed"))
            .into_iter()
            .flatten()
            .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        let mut file = SqliteConnectOptions::new()
            .filename(folder.join("vault.db"))
            .pragma("key", format!("\"x'{}'\"", secret.expose_secret()))
            .connect()
            .await
            .unwrap();
        // Each row of each table, as one text.
        let looks: Vec<String> = sqlx::query_scalar(
            "SELECT 'SELECT ''' || m.name || ''' FROM ' || m.name || ' WHERE '
                || group_concat('instr(CAST(coalesce(' || c.name || ', '''') AS TEXT), ?1)', ' OR ')
             FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' GROUP BY m.name",
        )
        .fetch_all(&mut file)
        .await
        .unwrap();
        let look = looks.join(" UNION ALL ");
        for subject in world.erased.clone() {
            let look = sqlx::query_scalar(sqlx::AssertSqlSafe(look.clone()));
            let tables: Vec<String> = look.bind(&subject).fetch_all(&mut file).await.unwrap();
            for table in tables {
                world.violations.push(format!("{subject}, who is erased, is in {table} of till {till}"));
            }
            let sealed = world.made.iter().filter(|(id, made)| {
                made.till == till && made.subject == subject && names.contains(&id.to_string())
            });
            let sealed: Vec<_> =
                sealed.map(|(id, _)| format!("{id} of {subject} is sealed at till {till}")).collect();
            world.violations.extend(sealed);
        }
        sqlx::Connection::close(file).await.unwrap();
    }
}
