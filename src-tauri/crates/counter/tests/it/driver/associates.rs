//! Associates sign in with their own phone, at a real provider.

use counter::{
    AssociatesAt, Input,
    roles::{Role, Roles},
    state::{AssociateFailure, AssociateStage, Failure, PinState, Staff, State},
};

use tokio::time::timeout;

use super::{
    counter::{LONG, Running, Till, pin},
    provider::{Phone, Provider},
};

fn at(roles: &[&str]) -> AssociatesAt {
    let roles = Roles {
        claim: "/countersign_role".to_owned(),
        associate: roles.iter().map(ToString::to_string).collect(),
        manager: vec!["manager".to_owned()],
        it: vec!["it".to_owned()],
    };
    AssociatesAt { provider: None, roles, pin_counts_for: chrono::TimeDelta::days(7) }
}

fn till() -> Till {
    Till { associates: Some(at(&["associate"])), ..Till::new() }
}

fn stage(state: &State) -> Option<&AssociateStage> {
    match &state.staff {
        Staff::SigningIn(sign_in) => Some(&sign_in.stage),
        _ => None,
    }
}

/// The memory is open, and a code on the screen was said yes to.
async fn says_yes(running: &Running, provider: &Provider) {
    running.until("a memory", |state| state.memory == counter::state::Memory::Ready).await;
    running.0.send(Input::SignInAssociate);
    running.until("a code", |state| matches!(stage(state), Some(AssociateStage::Scan(_)))).await;
    provider.phone(Phone::Yes { remember: false });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_associate_signs_in_once_and_then_by_pin_also_while_the_provider_is_away() {
    let (till, mut provider) = (till(), Provider::start().await);
    let running = till.start(&provider);
    says_yes(&running, &provider).await;
    let chooses =
        |state: &State| matches!(stage(state), Some(AssociateStage::ChoosePin { role: Role::Associate, .. }));
    running.until("a PIN to choose", chooses).await;
    running.0.send(Input::ChoosePin { pin: pin() });
    let unlocked = running.until("unlocked", |state| matches!(state.staff, Staff::Unlocked(_))).await;
    let Staff::Unlocked(who) = &unlocked.staff else { panic!() };
    assert_eq!(who.name, "Amélie Durand");
    running.0.stop().await;
    assert!(provider.count("revoke") > 0, "nothing is kept that opens anything");

    provider.off().await;
    let running = till.another_day(&provider).await;
    running.0.send(Input::EndShift);
    running.until("locked", |state| matches!(state.staff, Staff::Locked { .. })).await;
    let Staff::Locked { associates, .. } = &running.state().staff else { panic!() };
    let associate = associates[0].id;
    running.0.send(Input::Unlock { associate, pin: pin() });
    let again =
        |state: &State| matches!(state.staff, Staff::Locked { pin: PinState::SignInAgain { .. }, .. });
    running.until("a new sign-in is asked for", again).await;
    running.0.send(Input::SignInAssociate);
    let unreachable = AssociateFailure::NotSignedIn(Failure::Unreachable);
    let failed =
        |state: &State| matches!(stage(state), Some(AssociateStage::Failed(why)) if *why == unreachable);
    running.until("nobody is there", failed).await;

    // Known by now: no other PIN is asked for, also after a restart.
    provider.on().await;
    provider.phone(Phone::Untouched);
    running.0.stop().await;
    let running = till.start(&provider);
    says_yes(&running, &provider).await;
    running.until("unlocked", |state| matches!(state.staff, Staff::Unlocked(_))).await;
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_that_comes_after_they_have_left_lets_nobody_in_and_is_ended() {
    let (till, provider) = (till(), Provider::start().await);
    let running = till.start(&provider);
    running.until("a memory", |state| state.memory == counter::state::Memory::Ready).await;
    running.0.send(Input::SignInAssociate);
    running.until("a code", |state| matches!(stage(state), Some(AssociateStage::Scan(_)))).await;
    // It is held until there is something to say.
    provider.saw("poll").await;
    running.0.send(Input::Cancel);
    running.until("locked", |state| matches!(state.staff, Staff::Locked { .. })).await;
    provider.phone(Phone::Yes { remember: false });
    let ended = async {
        while provider.count("revoke") == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, ended).await.unwrap();
    assert!(matches!(running.state().staff, Staff::Locked { .. }));
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_provider_knows_as_something_else_does_not_get_in() {
    let (till, provider) =
        (Till { associates: Some(at(&["cashier"])), ..Till::new() }, Provider::start().await);
    let running = till.start(&provider);
    says_yes(&running, &provider).await;
    let no_role =
        |state: &State| matches!(stage(state), Some(AssociateStage::Failed(AssociateFailure::NoRole)));
    running.until("no role", no_role).await;
    running.0.stop().await;
    assert!(provider.count("revoke") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_of_before_opens_nothing_once_associates_sign_in() {
    let (till, provider) = (Till::new(), Provider::start().await);
    till.first_day(&provider).await.0.stop().await;
    let till = Till { associates: Some(at(&["associate"])), ..till };
    let running = till.start(&provider);
    running.until("a memory", |state| state.memory == counter::state::Memory::Ready).await;
    assert!(matches!(&running.state().staff, Staff::Locked { associates, .. } if associates.is_empty()));
    running.0.stop().await;
}
