//! What holds whatever happens: any acts, any answers in any order, answers of sign-ins long over, any passing of time.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use chrono::TimeDelta;
use counter::{
    Input, State,
    machine::{
        Changes, CheckedAssociate, Effect, Event, Followed, NotLoaded, PinAnswer, Polled, Saved, Sent,
        Shipped,
    },
    roles::Role,
    state::{
        AccessLeft, AssociateSignIn, AssociateStage, AttemptId, CodeId, Doubt, Failure, Memory, NoticeKind,
        Queue, Staff, Visit,
    },
};
use directory::{Offers, Which};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use uuid::Uuid;

use super::{
    entering::zoe,
    till::{AMELIE, KEPT, Till, code, copy, queued, robin, verified},
};
use profile::notes::tag;

use crate::people::{key, page, profile, shoes, text};

#[derive(Clone, Debug)]
enum Step {
    Act(u8, u8),
    /// Answers one of the effects of all times: which, and how.
    Answer(prop::sample::Index, u8),
    /// What a good day would bring next, so that runs get somewhere: by a sign-in, or by a copy.
    Forward(bool),
    Wait(u64),
    Centre(bool),
    /// The profile source turns out to take edits, or none.
    Offers(bool),
    MemoryFails,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..28_u8, any::<u8>()).prop_map(|(act, size)| Step::Act(act, size)),
        14 => any::<bool>().prop_map(Step::Forward),
        10 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(which, how)| Step::Answer(which, how)),
        2 => prop_oneof![Just(1), Just(6), Just(130), Just(310), Just(1000)].prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Centre),
        1 => any::<bool>().prop_map(Step::Offers),
        1 => Just(Step::MemoryFails),
    ]
}

/// What an onlooker has noted.
#[derive(Default)]
struct Onlooker {
    verified: HashSet<AttemptId>,
    confirmed: HashSet<AttemptId>,
    read_while_unlocked: HashSet<AttemptId>,
    closed: HashSet<AttemptId>,
    polling: HashMap<CodeId, u32>,
}

fn act(till: &mut Till, seen: &mut Onlooker, act: u8, how: u8) {
    if act == 5
        && let Visit::AwaitingMatch(found) = till.visit()
    {
        seen.confirmed.insert(found.attempt);
    }
    let edit = match till.visit() {
        Visit::Open(open) => open.edits.last().map(|edit| edit.id),
        _ => None,
    };
    let pin = || "4711".to_owned().into();
    till.input(match act {
        0 => Input::Unlock { associate: robin().id, pin: pin() },
        1 => Input::Lock,
        2 => Input::SignIn,
        3 => Input::NewCode,
        4 => Input::Cancel,
        5 => Input::ConfirmMatch,
        6 => Input::RefuseMatch,
        7 => Input::OpenRemembered { id: KEPT },
        8 => Input::ChangePreference(shoes(&how.to_string())),
        9 => Input::UndoEdit { edit: edit.unwrap_or(Uuid::nil()) },
        10 => Input::OlderActivity,
        11 => Input::EndVisit,
        12 => Input::Dismiss,
        13 => Input::RetryMemory,
        14 => Input::StartAnew,
        16 => Input::DropEdit { edit: edit.unwrap_or(Uuid::nil()) },
        18 => Input::PauseSnapshot,
        19 => Input::ResumeSnapshot,
        17 => Input::MendEdit { edit: edit.unwrap_or(Uuid::nil()), value: Some(text("40")), seen: None },
        20 => Input::AddCustomer(zoe()),
        21 => Input::NoteVisit,
        22 => Input::SendCustomer { customer: KEPT },
        23 => Input::SignInAs { customer: KEPT },
        24 => Input::DropCustomer { customer: KEPT },
        25 => Input::SignInAssociate,
        26 => Input::ChoosePin { pin: pin() },
        27 => Input::EndShift,
        _ => Input::AddAssociate { name: "Robin".to_owned(), pin: pin() },
    });
}

/// A number that answers every effect well.
const WELL: u8 = 5;

fn forward(till: &mut Till, seen: &mut Onlooker, wanted: &[Effect], by_sign_in: bool) {
    let next = match (&till.state().staff, till.visit()) {
        (Staff::NoneYet { .. }, _) => Some(15),
        (Staff::Locked { .. }, _) if till.state().associates_sign_in => Some(25),
        (Staff::Locked { .. }, _) => Some(0),
        (Staff::SigningIn(AssociateSignIn { stage: AssociateStage::ChoosePin { .. }, .. }), _) => Some(26),
        (Staff::SigningIn(_), _) => None,
        (_, Visit::Idle | Visit::Ended { .. } | Visit::Failed(_)) => Some(if by_sign_in { 2 } else { 7 }),
        (_, Visit::AwaitingMatch(found)) if found.loaded.is_some() || by_sign_in => Some(5),
        (_, Visit::Open(_)) => Some(8),
        _ => None,
    };
    // An act is done once; after it its effect is answered.
    let pending = wanted.last().filter(|effect| {
        !matches!(
            effect,
            Effect::Audit(_)
                | Effect::ShipAudit
                | Effect::Close { .. }
                | Effect::ReadRecent
                | Effect::Discover
                | Effect::ForgetAssociateSignIn { .. }
                | Effect::EndShift { .. }
        )
    });
    match (next, pending) {
        (_, Some(effect)) if !matches!(till.visit(), Visit::AwaitingMatch(found) if found.loaded.is_some()) => {
            if let Some(event) = answer(till, seen, effect, WELL) {
                till.feed(event);
            }
        }
        (Some(next), _) => act(till, seen, next, WELL),
        (None, _) => {}
    }
}

/// An answer to an effect, as the driver may give it: now, much later, or twice.
#[expect(clippy::too_many_lines, reason = "one arm for each effect")]
fn answer(till: &Till, seen: &mut Onlooker, effect: &Effect, how: u8) -> Option<Event> {
    let good = !how.is_multiple_of(4);
    let jitter = f64::from(how) / 255.0;
    let sent = match how % 5 {
        0 => Sent::NoAnswer,
        1 => Sent::Refused { status: 412, theirs: None },
        2 => Sent::NoToken,
        3 if how.is_multiple_of(8) => Sent::MayBeKnown,
        _ => Sent::Accepted(Box::new(profile(AMELIE, u64::from(how)))),
    };
    Some(match effect {
        Effect::OpenMemory | Effect::StartAnew if good => {
            let associates = if how.is_multiple_of(2) { vec![robin()] } else { Vec::new() };
            Event::MemoryOpened(Box::new(counter::machine::OpenedMemory {
                associates,
                waiting: vec![KEPT],
                ..Default::default()
            }))
        }
        Effect::OpenMemory | Effect::StartAnew => Event::MemoryFailed(Memory::Damaged),
        Effect::ReadRecent => Event::Recent(vec![counter::state::Remembered {
            id: KEPT,
            name: profile(AMELIE, 1).name,
            hint: None,
            copied_at: till.now().wall,
            last_seen: Some(till.now().wall),
            waiting: 0,
            refused: 0,
        }]),
        Effect::AddAssociate { .. } => {
            Event::AssociateAdded { associate: good.then(robin), kept: how.is_multiple_of(2) }
        }
        Effect::CheckPin { check, .. } => {
            let answer = if good { PinAnswer::Right(robin()) } else { PinAnswer::Wrong };
            Event::PinChecked { check: *check, answer }
        }
        Effect::AskAssociateCode { sign_in } => Event::AssociateCode {
            sign_in: *sign_in,
            answer: if good { Ok(code(true)) } else { Err(Failure::Unreachable) },
        },
        Effect::PollAssociate { sign_in } => {
            let answer = if good { Polled::Granted } else { Polled::Expired };
            Event::AssociatePolled { sign_in: *sign_in, answer, jitter }
        }
        Effect::CheckAssociate { sign_in } => {
            let who = match how % 3 {
                0 => CheckedAssociate::NoRole,
                1 => CheckedAssociate::New { name: "Kim".to_owned(), role: Role::It },
                _ => CheckedAssociate::Known(robin()),
            };
            Event::AssociateChecked { sign_in: *sign_in, who }
        }
        Effect::KeepAssociate { sign_in, .. } => {
            Event::AssociateKept { sign_in: *sign_in, associate: good.then(robin) }
        }
        Effect::Probe => Event::Probed { jitter },
        Effect::Follow => Event::Followed { what: followed(how), jitter },
        Effect::ShipAudit => {
            let what = if good { Shipped::Taken { more: how.is_multiple_of(2) } } else { Shipped::NoAnswer };
            Event::AuditShipped { what, jitter }
        }
        Effect::RequestCode { attempt, code: id } if good => {
            Event::CodeReceived { attempt: *attempt, id: *id, code: code(how.is_multiple_of(2)) }
        }
        Effect::RequestCode { attempt, code: id } => {
            Event::CodeFailed { attempt: *attempt, id: *id, why: Failure::Unreachable }
        }
        Effect::Poll { attempt, code } => {
            seen.polling.remove(code);
            let answer = match how % 9 {
                0 => Polled::NoAnswer,
                1 => Polled::Denied { by_customer: good },
                2 => Polled::SlowDown { interval: None },
                3 => Polled::Pending { scanned: good },
                4 => Polled::Expired,
                6 => Polled::Refused,
                _ => Polled::Granted,
            };
            Event::Polled { attempt: *attempt, code: *code, answer, jitter }
        }
        Effect::Verify { attempt } if good => {
            if matches!(till.visit(), Visit::Verifying { attempt: current } if current == attempt) {
                seen.verified.insert(*attempt);
            }
            let mut who = verified(how.is_multiple_of(2));
            // Not every provider says a name or draws characters.
            if how.is_multiple_of(3) {
                (who.name, who.check) = (None, None);
            }
            Event::Verified { attempt: *attempt, who: Box::new(who) }
        }
        Effect::Verify { attempt } => {
            Event::NotVerified { attempt: *attempt, why: Failure::NotTrusted(Doubt::Signature) }
        }
        Effect::LoadProfile { attempt } if good => Event::Loaded {
            attempt: *attempt,
            profile: Box::new(profile(if how % 32 == 7 { "other" } else { AMELIE }, 7)),
            page: page(&["a1"], Some("more")),
        },
        Effect::LoadProfile { attempt } => {
            let why = match how % 16 {
                0 | 8 => NotLoaded::Now,
                4 => NotLoaded::OtherSubject,
                _ => NotLoaded::Ever,
            };
            Event::NotLoaded { attempt: *attempt, why }
        }
        Effect::LoadOlder { attempt, .. } => {
            Event::OlderLoaded { attempt: *attempt, page: good.then(|| page(&["a2"], None)) }
        }
        Effect::ReadCopy { attempt, .. } => {
            if matches!(till.state().staff, Staff::Unlocked(_)) {
                seen.read_while_unlocked.insert(*attempt);
            }
            Event::CopyRead { attempt: *attempt, copy: good.then(|| Box::new(copy(till, Vec::new()))) }
        }
        Effect::Forget { .. } => Event::Forgotten { id: KEPT, unsent: u32::from(how % 3), tell: false },
        Effect::DropEdit { edit, .. } => {
            Event::EditDropped { edit: *edit, whose: good.then_some(KEPT), queue: Some(Queue::default()) }
        }
        Effect::MendEdit { edit, fresh, .. } => Event::EditMended {
            edit: *edit,
            mended: good.then(|| Box::new(queued(fresh.as_u128(), "40", till.now().wall))),
            queue: Some(Queue::default()),
        },
        Effect::TakeBack { .. } if good => Event::Forgotten { id: KEPT, unsent: 0, tell: true },
        Effect::TakeBack { .. } => Event::NotForgotten,
        Effect::AddCustomer { attempt, .. } => {
            let (id, queue) = (good.then_some(KEPT), Some(Queue::default()));
            Event::CustomerAdded { attempt: *attempt, id, queue }
        }
        Effect::NoteVisit { attempt, .. } => {
            let (customer, queue) = (good.then_some(KEPT), Some(Queue::default()));
            Event::VisitNoted { attempt: *attempt, customer, queue }
        }
        Effect::SendCustomer { customer } => {
            Event::CustomerSent { customer: *customer, again: good, queue: Some(Queue::default()) }
        }
        Effect::DropCustomer { customer, .. } => Event::CustomerDropped {
            customer: *customer,
            whom: good.then(|| key(AMELIE)),
            queue: Some(Queue::default()),
        },
        Effect::ReadEntered { attempt, customer } => {
            let edits =
                vec![(Uuid::from_u128(u128::from(how)), shoes("44")), (Uuid::from_u128(300), tag("VIP"))];
            Event::Entered { attempt: *attempt, customer: *customer, edits }
        }
        Effect::Remember { attempt, .. } => Event::Remembered { attempt: *attempt, id: good.then_some(KEPT) },
        Effect::SaveEdit { attempt, edit, .. } => {
            let queue = Some(Queue { waiting: 1, ..Queue::default() });
            let answer = if good { Saved::Queued { customer: KEPT, queue } } else { Saved::Failed };
            Event::EditSaved { attempt: *attempt, edit: *edit, answer }
        }
        Effect::SendEdit { attempt, edit, .. } => {
            Event::EditAnswered { attempt: *attempt, edit: *edit, answer: sent }
        }
        Effect::SendNext { customer } => Event::QueueAnswered {
            customer: *customer,
            edit: Some(Uuid::from_u128(3)),
            answer: sent,
            more: good,
            queue: Some(Queue::default()),
            jitter,
        },
        Effect::Close { attempt, .. } => {
            let left = if good { AccessLeft::Queued } else { AccessLeft::RunsOut { within: None } };
            Event::AccessLeft { attempt: *attempt, left }
        }
        Effect::Purge
        | Effect::RevokeQueued
        | Effect::HandOver
        | Effect::ForgetAssociateSignIn { .. }
        | Effect::EndShift { .. }
        | Effect::Discover
        | Effect::OpenVisit { .. }
        | Effect::Audit(_) => return None,
    })
}

fn followed(how: u8) -> Followed {
    let amelie = || vec![key(AMELIE)];
    match how % 8 {
        0 => Followed::NotOffered,
        1 => Followed::NoAnswer,
        2 => Followed::Snapshot { done: 1, total: 2 },
        3 => Followed::Changes(Box::new(Changes { left: amelie(), ..Changes::default() })),
        4 => Followed::Changes(Box::new(Changes { erased: amelie(), ..Changes::default() })),
        6 => Followed::Changes(Box::new(Changes { changed: amelie(), ..Changes::default() })),
        _ => Followed::UpToDate { rest: true },
    }
}

/// Whether anything of a customer is in the state. Every part of it is looked at: a new one does not compile unseen.
fn holds_a_customer(state: &State) -> bool {
    let State {
        staff: _,
        associates_sign_in: _,
        memory: _,
        connection: _,
        offers: _,
        queue: _,
        feed: _,
        at_store: _,
        visit,
        recent,
        notice,
        times_out: _,
    } = state;
    let of_visit = match visit {
        Visit::Idle
        | Visit::Starting { .. }
        | Visit::AwaitingScan(_)
        | Visit::Verifying { .. }
        | Visit::Ended { .. }
        | Visit::Failed(_) => false,
        Visit::AwaitingMatch(_) | Visit::LoadingProfile(_) | Visit::Open(_) => true,
    };
    let of_notice = notice.as_ref().is_some_and(|notice| match notice.what {
        NoticeKind::PreferenceChanged { .. }
        | NoticeKind::PreferenceNotSaved
        | NoticeKind::NotRemembered
        | NoticeKind::EnteredTakenOver { .. }
        | NoticeKind::VisitNoted
        | NoticeKind::VisitNotNoted
        | NoticeKind::OlderNotLoaded => true,
        // They name nobody, and are said because somebody has left.
        NoticeKind::QueueSent { .. }
        | NoticeKind::EditRefused
        | NoticeKind::EditNotMended
        | NoticeKind::ForgottenUnsent { .. }
        | NoticeKind::HandedOver(_)
        | NoticeKind::AccessLeft(_)
        | NoticeKind::EarlierEditNotSaved
        | NoticeKind::NoLongerRemembered
        | NoticeKind::Forgotten
        | NoticeKind::NotForgotten
        | NoticeKind::MayBeKnown
        | NoticeKind::CustomerNotAdded
        | NoticeKind::CopyNotRead
        | NoticeKind::AssociateAdded { .. }
        | NoticeKind::AssociateNotAdded
        | NoticeKind::StartedAnew(_) => false,
    });
    let locked = !matches!(state.staff, Staff::Unlocked(_));
    of_visit || of_notice || (locked && !recent.is_empty())
}

fn look(till: &Till, seen: &mut Onlooker, wanted: &[Effect]) {
    for effect in wanted {
        let Some(attempt) = effect.attempt() else { continue };
        assert!(!seen.closed.contains(&attempt), "after the end: {effect:?}");
        match effect {
            Effect::Close { .. } => {
                seen.closed.insert(attempt);
            }
            Effect::Poll { code, .. } => {
                let polls = seen.polling.entry(*code).or_default();
                *polls += 1;
                assert_eq!(*polls, 1, "two polls in flight");
            }
            Effect::Remember { .. } | Effect::OpenVisit { .. } => {
                let signed_in = seen.verified.contains(&attempt) && seen.confirmed.contains(&attempt);
                assert!(signed_in || seen.read_while_unlocked.contains(&attempt), "{effect:?}");
            }
            _ => {}
        }
    }
    if let Visit::Open(open) = till.visit() {
        let signed_in = seen.verified.contains(&open.attempt) && seen.confirmed.contains(&open.attempt);
        assert!(
            signed_in || seen.read_while_unlocked.contains(&open.attempt),
            "a profile that nobody may see"
        );
        assert!(!seen.closed.contains(&open.attempt), "a profile after the end");
        assert_eq!(open.profile.subject, AMELIE, "a profile of somebody else");
    }
    if let Visit::AwaitingMatch(found) = till.visit() {
        assert!(seen.verified.contains(&found.attempt));
    }
    let nobody = matches!(till.visit(), Visit::Idle | Visit::Ended { .. } | Visit::Failed(_));
    if nobody || !matches!(till.state().staff, Staff::Unlocked(_)) {
        assert!(!holds_a_customer(till.state()), "left behind: {:?}", till.state());
    }
    let busy = till.machine.next_deadline().is_some_and(|deadline| deadline <= till.now().tick);
    assert!(!busy, "a deadline that has passed would be waited for for ever");
}

/// Plays all steps and looks after each; `by_provider` where nobody is let in whom the identity provider does not know.
/// Answers how many profiles were open on the way: after a sign-in, and copies.
fn play(steps: Vec<Step>, by_provider: bool) -> (usize, usize) {
    let mut till = if by_provider { Till::where_associates_sign_in(TimeDelta::days(7)) } else { Till::new() };
    till.feed(Event::OwnAuthority);
    let (mut seen, mut wanted) = (Onlooker::default(), till.take());
    let mut opened = HashSet::new();
    // So that not every run is spent before a locked till.
    till.memory_opens();
    if !by_provider {
        till.unlock();
    }
    for step in steps {
        match step {
            Step::Act(which, how) => act(&mut till, &mut seen, which, how),
            Step::Answer(which, how) => {
                // Mostly one of the last, now and then one of long ago.
                let recent = if how.is_multiple_of(8) { wanted.len() } else { wanted.len().min(4) };
                let Some(effect) = wanted.iter().rev().nth(which.index(recent.max(1))) else { continue };
                if let Some(event) = answer(&till, &mut seen, effect, how) {
                    till.feed(event);
                }
            }
            Step::Forward(by_sign_in) => forward(&mut till, &mut seen, &wanted, by_sign_in),
            Step::Wait(seconds) => till.wait(Duration::from_secs(seconds)),
            Step::Centre(answered) => till.feed(Event::Centre { answered, slow: false }),
            Step::Offers(edits) => {
                let edits = if edits { Which::All } else { Which::Only([].into()) };
                till.feed(Event::Offers(Offers { edits, ..Offers::everything() }));
            }
            Step::MemoryFails => till.feed(Event::MemoryFailed(Memory::DiskFull)),
        }
        let new = till.take();
        look(&till, &mut seen, &new);
        wanted.extend(new);
        if let Visit::Open(open) = till.visit() {
            opened.insert(open.attempt);
        }
    }
    let copies = opened.iter().filter(|attempt| seen.read_while_unlocked.contains(attempt)).count();
    (opened.len() - copies, copies)
}

#[test]
fn the_runs_go_far_enough_to_mean_something() {
    let mut runner = TestRunner::deterministic();
    let mut reached = (0, 0);
    for run in 0..250 {
        let steps = prop::collection::vec(step(), 150).new_tree(&mut runner).unwrap().current();
        let (signed_in, copies) = play(steps, run % 3 == 0);
        reached = (reached.0 + signed_in, reached.1 + copies);
    }
    assert!(reached.0 > 50 && reached.1 > 50, "{reached:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nobody_sees_what_they_may_not(
        steps in prop::collection::vec(step(), 1..150),
        by_provider in any::<bool>(),
    ) {
        play(steps, by_provider);
    }

    #[test]
    fn after_the_end_nothing_is_asked_of_the_provider(
        stage in 0..4_u8,
        answers in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
    ) {
        let mut till = Till::unlocked();
        till.input(Input::SignIn);
        let attempt = till.attempt(|effect| matches!(effect, Effect::RequestCode { .. }));
        if stage > 0 {
            till.code_comes(attempt, code(true));
        }
        if stage > 1 {
            till.poll_answers(attempt, Polled::Granted);
        }
        if stage > 2 {
            till.feed(Event::Verified { attempt, who: Box::new(verified(true)) });
        }
        let before = till.take();
        till.input(Input::Cancel);
        till.take();
        for (which, how) in answers {
            let effect = &before[which.index(before.len())];
            if let Some(event) = answer(&till, &mut Onlooker::default(), effect, how) {
                till.feed(event);
            }
            till.wait(Duration::from_secs(7));
        }
        let asked = till.count(|effect| effect.attempt() == Some(attempt));
        prop_assert_eq!(asked, 0);
        prop_assert!(!holds_a_customer(till.state()));
    }
}
