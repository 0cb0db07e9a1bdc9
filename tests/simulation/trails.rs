//! How a till sends its audit trail: what the counter's driver does, with the way there and back between. A batch may come
//! late, twice, or long after the till has given up on it; the centre must accuse nobody of that.

use std::time::Duration;

use counter::machine::{Event, Shipped};
use directory::Error;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use vault::AuditBatch;

use crate::{
    centre::ISSUER,
    errands::long_way,
    world::{Happening, PATIENCE, World},
};

impl World {
    /// A till sends the next lines.
    pub(crate) async fn ship(&mut self, till: usize) {
        let Some(vault) = self.tills[till].vault().cloned() else { return };
        let batch = vault.audit_batch(ISSUER).await.unwrap();
        let mut rng = self.chance_of_request(till, "trail");
        let request = self.tills[till].requests;
        self.tills[till].shipping = Some(request);
        self.later(PATIENCE, Happening::ShippingEnds { till, request });
        if self.is_cut(till) {
            return;
        }
        let way = |rng: &mut ChaCha8Rng| Duration::from_millis(rng.random_range(5..2_000));
        let is_late = self.is_chaos() && rng.random_bool(0.1);
        let there = if is_late { long_way(&mut rng) } else { way(&mut rng) };
        if self.is_chaos() && rng.random_bool(0.1) {
            let again = long_way(&mut rng);
            self.later(again, Happening::Ships { till, request, batch: batch.clone(), is_heard: false });
        }
        let is_heard = !self.is_chaos() || rng.random_bool(0.9);
        self.later(there, Happening::Ships { till, request, batch, is_heard });
    }

    /// A batch is at the centre.
    pub(crate) async fn is_shipped(&mut self, till: usize, request: u64, batch: AuditBatch, is_heard: bool) {
        if self.is_down() {
            return;
        }
        let (store, who) = self.centre().store(self.tills[till].name);
        let lines = match store.ship_audit(&who, &batch).await {
            Ok(lines) => lines,
            Err(Error::Refused { status: 409, .. }) => {
                return self.violations.push(format!("the centre has another trail of till {till}"));
            }
            Err(error) => panic!("{error}"),
        };
        if !is_heard || self.is_cut(till) || self.tills[till].shipping != Some(request) {
            return;
        }
        let Some(vault) = self.tills[till].vault().cloned() else { return };
        vault.audit_is_shipped(batch.trail, lines).await.unwrap();
        self.shipping_ends(till, request, Shipped::Taken { more: lines != batch.head.lines }).await;
    }

    /// The till has its answer, or waits no longer.
    pub(crate) async fn shipping_ends(&mut self, till: usize, request: u64, what: Shipped) {
        if self.tills[till].shipping.take_if(|current| *current == request).is_some() {
            let jitter = self.chance_of_request(till, "jitter").random();
            self.tell(till, Event::AuditShipped { what, jitter }).await;
        }
    }

    /// Nothing is under way any more, and the centre has all of every trail.
    pub(crate) async fn ship_the_rest(&mut self, till: usize) {
        let vault = self.tills[till].vault().unwrap().clone();
        let (store, who) = self.centre().store(self.tills[till].name);
        loop {
            let batch = vault.audit_batch(ISSUER).await.unwrap();
            let lines = store.ship_audit(&who, &batch).await.unwrap();
            vault.audit_is_shipped(batch.trail, lines).await.unwrap();
            if lines == batch.head.lines {
                return;
            }
        }
    }
}
