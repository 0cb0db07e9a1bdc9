//! A machine, and hands that feed it.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use counter::{
    Input, Machine, Settings, State,
    machine::{Code, Effect, Event, OpenedMemory, PinAnswer, Polled, Verified},
    state::{
        Associate, AttemptId, AwaitingScan, CodeId, Failure, NoticeKind, Now, OpenProfile, Proof, Staff,
        Visit,
    },
};
use profile::{ActivityPage, Profile, Remember, RememberScopes};
use uuid::Uuid;
use vault::QueuedEdit;

use crate::people::{key, noon, page, profile};

pub(crate) const AMELIE: &str = "amelie";
/// Amélie's key in the vault.
pub(crate) const KEPT: Uuid = Uuid::from_u128(77);

pub(crate) struct Till {
    pub(crate) machine: Machine,
    started: Instant,
    passed: Duration,
    fresh: u128,
    effects: Vec<Effect>,
}

pub(crate) fn robin() -> Associate {
    Associate { id: Uuid::from_u128(1), name: "Robin".to_owned(), provided: None }
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Till {
    /// Just switched on.
    pub(crate) fn new() -> Self {
        let (machine, effects) = Machine::new(Settings::default());
        Self { machine, started: Instant::now(), passed: Duration::ZERO, fresh: 1000, effects }
    }

    /// The same, where associates sign in at the store's identity provider.
    pub(crate) fn where_associates_sign_in(pin_counts_for: TimeDelta) -> Self {
        let settings = Settings { pin_counts_for: Some(pin_counts_for), ..Settings::default() };
        let (machine, effects) = Machine::new(settings);
        Self { machine, effects, ..Self::new() }
    }

    /// The memory is open and Robin is signed in.
    pub(crate) fn unlocked() -> Self {
        let mut till = Self::new();
        till.memory_opens();
        till.unlock();
        till.take();
        till
    }

    /// The code is on the display; the provider holds requests.
    pub(crate) fn scanning() -> (Self, AttemptId) {
        let mut till = Self::unlocked();
        let attempt = till.sign_in();
        (till, attempt)
    }

    /// The token held; the profile is not here yet.
    pub(crate) fn matching(remember: bool) -> (Self, AttemptId) {
        let (mut till, attempt) = Self::scanning();
        till.grant(attempt, remember);
        (till, attempt)
    }

    /// A profile is open after a sign-in, just for this visit.
    pub(crate) fn visiting() -> (Self, AttemptId) {
        let (mut till, attempt) = Self::matching(false);
        till.profile_comes(attempt);
        till.input(Input::ConfirmMatch);
        till.take();
        (till, attempt)
    }

    /// The same, of a customer who is in the memory by now.
    pub(crate) fn visiting_remembered() -> (Self, AttemptId) {
        let (mut till, attempt) = Self::matching(true);
        till.profile_comes(attempt);
        till.input(Input::ConfirmMatch);
        till.feed(Event::Remembered { attempt, id: Some(KEPT) });
        till.take();
        (till, attempt)
    }

    /// A copy of everything is open.
    pub(crate) fn copy_open(waiting: Vec<QueuedEdit>) -> (Self, AttemptId) {
        Self::copy_open_with(waiting, RememberScopes::all())
    }

    /// A copy is open, of what the customer left here.
    pub(crate) fn copy_open_with(waiting: Vec<QueuedEdit>, scopes: RememberScopes) -> (Self, AttemptId) {
        let mut till = Self::unlocked();
        till.input(Input::OpenRemembered { id: KEPT });
        let attempt = till.attempt(|effect| matches!(effect, Effect::ReadCopy { .. }));
        let mut copy = copy(&till, waiting);
        copy.profile = scopes.of_profile(&copy.profile);
        copy.activity = scopes.of_activity(&copy.activity).to_vec();
        copy.remember.scopes = scopes;
        till.feed(Event::CopyRead { attempt, copy: Some(Box::new(copy)) });
        (till, attempt)
    }

    pub(crate) fn now(&self) -> Now {
        Now { wall: noon() + self.passed, tick: self.started + self.passed }
    }

    pub(crate) fn feed(&mut self, event: Event) {
        let effects = self.machine.step(event, self.now());
        self.effects.extend(effects);
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.fresh += 1;
        self.feed(Event::Input { input, fresh: Uuid::from_u128(self.fresh) });
    }

    /// The id that the last act was given.
    pub(crate) fn last_id(&self) -> Uuid {
        Uuid::from_u128(self.fresh)
    }

    /// Lets time pass, with a tick at each deadline, as the driver does.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.passed + time;
        while let Some(deadline) = self.machine.next_deadline().filter(|at| *at <= self.started + end) {
            self.passed = self.passed.max(deadline - self.started);
            self.feed(Event::Tick);
        }
        self.passed = end;
    }

    /// What was wanted since this was last asked.
    pub(crate) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The codes that were to be asked about since effects were last taken, in order.
    pub(crate) fn polls(&self) -> Vec<CodeId> {
        let code = |effect: &Effect| match effect {
            Effect::Poll { code, .. } => Some(*code),
            _ => None,
        };
        self.effects.iter().filter_map(code).collect()
    }

    /// How often something was wanted since effects were last taken.
    pub(crate) fn count(&self, is: impl Fn(&Effect) -> bool) -> usize {
        self.effects.iter().filter(|effect| is(effect)).count()
    }

    pub(crate) fn attempt(&self, is: impl Fn(&Effect) -> bool) -> AttemptId {
        self.effects.iter().rev().find(|effect| is(effect)).and_then(Effect::attempt).unwrap()
    }

    pub(crate) fn state(&self) -> &State {
        self.machine.state()
    }

    pub(crate) fn visit(&self) -> &Visit {
        &self.state().visit
    }

    pub(crate) fn open(&self) -> &OpenProfile {
        match self.visit() {
            Visit::Open(open) => open,
            other => panic!("no profile is open: {other:?}"),
        }
    }

    pub(crate) fn notice(&self) -> Option<NoticeKind> {
        self.state().notice.as_ref().map(|notice| notice.what.clone())
    }

    pub(crate) fn memory_opens(&mut self) {
        let opened = OpenedMemory { associates: vec![robin()], ..OpenedMemory::default() };
        self.feed(Event::MemoryOpened(Box::new(opened)));
    }

    pub(crate) fn unlock(&mut self) {
        self.input(Input::Unlock { associate: robin().id, pin: "4711".to_owned().into() });
        let check = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::CheckPin { check, .. } => Some(*check),
            _ => None,
        });
        self.feed(Event::PinChecked { check: check.unwrap(), answer: PinAnswer::Right(robin()) });
        assert!(matches!(&self.state().staff, Staff::Unlocked(who) if *who == robin()));
    }

    pub(crate) fn sign_in(&mut self) -> AttemptId {
        self.input(Input::SignIn);
        let attempt = self.attempt(|effect| matches!(effect, Effect::RequestCode { .. }));
        self.code_comes(attempt, code(true));
        attempt
    }

    /// The code that was asked for last.
    pub(crate) fn asked(&self) -> CodeId {
        let asked = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::RequestCode { code, .. } => Some(*code),
            _ => None,
        });
        asked.unwrap()
    }

    pub(crate) fn code_comes(&mut self, attempt: AttemptId, code: Code) {
        let id = self.asked();
        self.feed(Event::CodeReceived { attempt, id, code });
    }

    pub(crate) fn code_does_not_come(&mut self, attempt: AttemptId, why: Failure) {
        let id = self.asked();
        self.feed(Event::CodeFailed { attempt, id, why });
    }

    pub(crate) fn scan(&self) -> &AwaitingScan {
        match self.visit() {
            Visit::AwaitingScan(scan) => scan,
            other => panic!("no code is shown: {other:?}"),
        }
    }

    /// The answer to a poll of the code on the display.
    pub(crate) fn poll_answers(&mut self, attempt: AttemptId, answer: Polled) {
        let code = match self.visit() {
            Visit::AwaitingScan(scan) => scan.code.id,
            _ => CodeId::default(),
        };
        self.poll_of(attempt, code, answer);
    }

    pub(crate) fn poll_of(&mut self, attempt: AttemptId, code: CodeId, answer: Polled) {
        self.feed(Event::Polled { attempt, code, answer, jitter: 0.5 });
    }

    pub(crate) fn grant(&mut self, attempt: AttemptId, remember: bool) {
        self.poll_answers(attempt, Polled::Granted);
        self.feed(Event::Verified { attempt, who: Box::new(verified(remember)) });
    }

    pub(crate) fn profile_comes(&mut self, attempt: AttemptId) {
        self.loads(attempt, profile(AMELIE, 7), page(&["a1"], Some("more")));
    }

    pub(crate) fn loads(&mut self, attempt: AttemptId, profile: Profile, page: ActivityPage) {
        self.feed(Event::Loaded { attempt, profile: Box::new(profile), page });
    }
}

pub(crate) fn code(holds: bool) -> Code {
    let page: url::Url = "https://id.example.com/device".parse().unwrap();
    Code {
        user_code: "BCDF-GHJK".to_owned(),
        complete: Some("https://id.example.com/device?user_code=BCDF-GHJK".parse().unwrap()),
        verification_uri: page,
        expires_in: seconds(300),
        interval: seconds(5),
        holds,
    }
}

pub(crate) fn verified(remember: bool) -> Verified {
    Verified {
        customer: key(AMELIE),
        name: Some("Amélie Durand".to_owned()),
        proof: Proof::default(),
        check: Some("K7".to_owned()),
        remember: remember.then(|| (noon() + TimeDelta::days(365)).into()),
    }
}

pub(crate) fn copy(till: &Till, waiting: Vec<QueuedEdit>) -> vault::Copy {
    let mut document = profile(AMELIE, 7);
    for queued in waiting.iter().filter(|queued| queued.state == vault::EditState::Waiting) {
        let provenance = profile::Provenance {
            channel: profile::Channel::Store,
            at: queued.made_at,
            by: profile::Author::Associate,
        };
        queued.edit.apply(&mut document.preferences, provenance);
    }
    vault::Copy {
        id: KEPT,
        customer: key(AMELIE),
        profile: document,
        activity: page(&["a1"], None).items,
        older: None,
        copied_at: noon() - TimeDelta::hours(3),
        remember: Remember {
            act: Some("first".to_owned()),
            ..(till.now().wall + TimeDelta::days(30)).into()
        },
        waiting,
    }
}

pub(crate) fn queued(id: u128, size: &str, at: chrono::DateTime<Utc>) -> QueuedEdit {
    QueuedEdit {
        id: Uuid::from_u128(id),
        customer_id: KEPT,
        customer: key(AMELIE),
        edit: crate::people::shoes(size),
        before: Some(crate::people::text("38")),
        base_revision: 7,
        made_at: at,
        attempts: 0,
        state: vault::EditState::Waiting,
    }
}
