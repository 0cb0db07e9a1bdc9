//! When the audit trail goes to the centre.

use counter::{
    machine::{Effect, Event, Shipped},
    state::Memory,
};

use super::till::{Till, seconds};

/// How many batches were wanted since this was last asked.
fn batches(till: &mut Till) -> usize {
    till.take().iter().filter(|effect| matches!(effect, Effect::ShipAudit)).count()
}

fn shipping() -> Till {
    let mut till = Till::unlocked();
    till.feed(Event::OwnAuthority);
    till
}

fn hears(till: &mut Till, what: Shipped) {
    till.feed(Event::AuditShipped { what, jitter: 1.0 });
}

#[test]
fn a_till_without_a_key_of_its_own_or_without_a_memory_sends_nothing() {
    let mut till = Till::unlocked();
    till.wait(seconds(3600));
    assert_eq!(batches(&mut till), 0);

    let mut till = Till::new();
    till.feed(Event::OwnAuthority);
    till.feed(Event::MemoryFailed(Memory::KeyringLocked));
    till.wait(seconds(3600));
    assert_eq!(batches(&mut till), 0);
    till.memory_opens();
    assert_eq!(batches(&mut till), 1);
}

#[test]
fn batch_follows_batch_and_then_the_end_of_the_trail_is_compared_again_and_again() {
    let mut till = shipping();
    assert_eq!(batches(&mut till), 1);
    till.wait(seconds(300));
    assert_eq!(batches(&mut till), 0, "while one is under way");
    hears(&mut till, Shipped::Taken { more: true });
    assert_eq!(batches(&mut till), 1);
    for _ in 0..3 {
        hears(&mut till, Shipped::Taken { more: false });
        till.wait(seconds(299));
        assert_eq!(batches(&mut till), 0);
        till.wait(seconds(1));
        assert_eq!(batches(&mut till), 1);
    }
}

#[test]
fn what_comes_to_nothing_comes_later_and_later_and_waits_for_the_centre() {
    let mut till = shipping();
    till.take();
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        hears(&mut till, Shipped::NoAnswer);
        till.wait(seconds(wait - 1));
        assert_eq!(batches(&mut till), 0, "{wait}");
        till.wait(seconds(1));
        assert_eq!(batches(&mut till), 1, "{wait}");
    }
    hears(&mut till, Shipped::NoAnswer);
    till.feed(Event::Centre { answered: false, slow: false });
    till.wait(seconds(3600));
    assert_eq!(batches(&mut till), 0);
    till.feed(Event::Centre { answered: true, slow: false });
    assert_eq!(batches(&mut till), 1);

    hears(&mut till, Shipped::NotOffered);
    till.wait(seconds(599));
    assert_eq!(batches(&mut till), 0);
    till.wait(seconds(1));
    assert_eq!(batches(&mut till), 1);
}
