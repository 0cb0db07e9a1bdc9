//! Tills, a centre, and what lies between them: a network that loses, delays and doubles, and chance. Time is a number that
//! goes on to whatever happens next. What a seed decides is decided by names (till, customer, number of the request)
//! and not by the order of things, so that a seed plays the same again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use counter::{
    machine::{Effect, Event, NotLoaded, Saved, Shipped},
    state::{AttemptId, Now, Visit},
};
use profile::ActivityPage;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use vault::AuditBatch;

use crate::{
    centre::{Centre, TILLS, beginning},
    errands::{Answer, Request},
    following::Told,
    till::{self, Till},
};

/// How long things go wrong.
const CHAOS: Duration = Duration::from_hours(1);
/// Two of the longest waits between two tries, and what a request takes.
const CALM: Duration = Duration::from_mins(10);
/// How long a till waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// No request is on its way for longer.
pub(crate) const LONGEST_WAY: Duration = Duration::from_hours(30);
/// More would be a till that never rests.
const MOST_STEPS: u32 = 50_000;

/// Something that is saved, so that nobody may lose it: an edit, a visit, somebody new, an act that takes back.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) till: usize,
    pub(crate) subject: String,
    /// Which preference it is about, where it is an edit.
    pub(crate) place: Option<(String, String)>,
    /// How often it has changed something at the centre.
    pub(crate) applied: u32,
    /// Its place among those of all.
    pub(crate) nth: usize,
    /// A person has dropped it, or has sent another one in its place.
    pub(crate) let_go: bool,
}

/// What a till never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Sends the same under a new key each time.
    OtherKey,
    /// Drops an edit that was not answered.
    LosesEdits,
    /// Keeps to itself what a customer took back.
    KeepsWithdrawals,
    /// Does not hear who is erased.
    DeafToErasures,
    /// Does not hear whom the store must not remember any more.
    DeafToLeaving,
}

pub(crate) enum Happening {
    /// Somebody does something, or something breaks.
    Fate,
    /// A till is told of something.
    Told(usize, u32, Box<Event>),
    /// A request comes to the centre. What it says may not come back.
    Arrives { request: usize, comes_back: Option<Duration> },
    /// The answer, or none.
    Answered { request: usize, answer: Option<Box<Answer>> },
    /// A till asks for a customer's profile.
    Fetches { till: usize, life: u32, attempt: AttemptId, subject: String, back: Duration },
    /// A till follows the centre: its request arrives, or what was told.
    Follows { till: usize, life: u32, told: Option<Told> },
    /// A batch of an audit trail comes to the centre.
    Ships { till: usize, request: u64, batch: AuditBatch, is_heard: bool },
    /// A till waits no longer for the answer.
    ShippingEnds { till: usize, request: u64 },
    /// A till is switched on.
    Starts(usize),
}

pub(crate) struct World {
    seed: u64,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) now: Duration,
    /// For the machines, whose clock does not turn back.
    origin: Instant,
    /// What is to come; a number keeps those of one moment in order.
    coming: BinaryHeap<Reverse<(Duration, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next: u64,
    steps: u32,
    /// So many more acts and mishaps.
    pub(crate) fates: u32,
    /// What tills do as none does, to be found out.
    pub(crate) fault: Option<Fault>,
    /// None while it ends and begins again.
    centre: Option<Centre>,
    /// Until when the centre answers nobody.
    pub(crate) down_until: Duration,
    pub(crate) tills: Vec<Till>,
    pub(crate) requests: Vec<Request>,
    /// Who waits to hear of a change.
    pub(crate) held: Vec<(usize, u32)>,
    /// Whom the centre has, or had.
    pub(crate) customers: Vec<String>,
    pub(crate) erased: Vec<String>,
    /// Who took back what they agreed to,
    pub(crate) taken_back: BTreeSet<String>,
    /// and who agreed again since.
    pub(crate) agreed_anew: BTreeSet<String>,
    pub(crate) made: BTreeMap<Uuid, Made>,
    /// Who was entered at a till, by what they are called in its memory.
    pub(crate) entered: BTreeMap<(usize, Uuid), String>,
    /// Addresses that were given.
    pub(crate) addresses: Vec<String>,
    /// What customers are called.
    pub(crate) names: BTreeMap<String, String>,
    numbers: u32,
    pub(crate) violations: Vec<String>,
}

impl World {
    pub(crate) async fn new(
        seed: u64,
        fates: u32,
        fault: Option<Fault>,
        centre: Centre,
        customers: &[profile::Profile],
        template: &till::Template,
    ) -> Self {
        let mut tills = Vec::new();
        for name in TILLS {
            let left = |subject: &str| chance(seed, &format!("{name} token {subject}")).random_bool(0.5);
            tills.push(Till::new(name, template, left).await);
        }
        let mut world = Self {
            seed,
            rng: ChaCha8Rng::seed_from_u64(seed),
            now: Duration::ZERO,
            origin: Instant::now(),
            coming: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            next: 0,
            steps: 0,
            fates,
            fault,
            centre: Some(centre),
            down_until: Duration::ZERO,
            tills,
            requests: Vec::new(),
            held: Vec::new(),
            customers: customers.iter().map(|profile| profile.subject.clone()).collect(),
            erased: Vec::new(),
            taken_back: BTreeSet::new(),
            agreed_anew: BTreeSet::new(),
            made: BTreeMap::new(),
            entered: BTreeMap::new(),
            addresses: customers.iter().filter_map(|profile| profile.email.clone()).collect(),
            names: customers.iter().map(|one| (one.subject.clone(), one.name.display.clone())).collect(),
            numbers: 0,
            violations: Vec::new(),
        };
        for till in 0..world.tills.len() {
            world.later(Duration::ZERO, Happening::Starts(till));
        }
        world.later(Duration::from_mins(1), Happening::Fate);
        world
    }

    /// Plays it to its end.
    pub(crate) async fn play(&mut self) {
        self.until(CHAOS).await;
        self.down_until = Duration::ZERO;
        for till in 0..self.tills.len() {
            self.tills[till].cut_until = Duration::ZERO;
            self.tills[till].skew = TimeDelta::zero();
            self.tills[till].steps_left = None;
            if !self.tills[till].is_on() {
                self.start(till).await;
            }
        }
        self.until(CHAOS + CALM).await;
        // What the network has held back for a day comes as well, while nobody does anything at the tills.
        while let Some(happening) = self.next_to_come(CHAOS + LONGEST_WAY) {
            self.happens(happening).await;
        }
        self.move_to(CHAOS + LONGEST_WAY);
        self.until(CHAOS + LONGEST_WAY + CALM).await;
    }

    pub(crate) fn is_chaos(&self) -> bool {
        self.now < CHAOS
    }

    pub(crate) fn later(&mut self, after: Duration, happening: Happening) {
        self.next += 1;
        self.happenings.insert(self.next, happening);
        self.coming.push(Reverse((self.now + after, self.next)));
    }

    async fn until(&mut self, end: Duration) {
        loop {
            let deadline = self.next_deadline();
            let coming = self.coming.peek().map(|Reverse((at, _))| *at);
            let at = match (deadline, coming) {
                (Some((at, till)), coming) if coming.is_none_or(|coming| at < coming) => {
                    if at > end {
                        break;
                    }
                    self.move_to(at);
                    self.tell(till, Event::Tick).await;
                    continue;
                }
                (_, Some(at)) => at,
                (_, None) => break,
            };
            if at > end {
                break;
            }
            let Some(happening) = self.next_to_come(end) else { break };
            self.happens(happening).await;
        }
        self.move_to(end);
    }

    /// Moves to what comes next.
    fn next_to_come(&mut self, end: Duration) -> Option<Happening> {
        let Reverse((at, number)) = *self.coming.peek().filter(|Reverse((at, _))| *at <= end)?;
        self.coming.pop();
        self.move_to(at);
        self.happenings.remove(&number)
    }

    fn move_to(&mut self, at: Duration) {
        self.now = self.now.max(at);
        self.centre().at(self.wall());
    }

    fn next_deadline(&mut self) -> Option<(Duration, usize)> {
        let origin = self.origin;
        let deadlines = self.tills.iter_mut().enumerate().filter_map(|(nth, till)| {
            let at = till.machine()?.next_deadline()?;
            Some((at.saturating_duration_since(origin), nth))
        });
        deadlines.min()
    }

    fn wall(&self) -> DateTime<Utc> {
        beginning() + TimeDelta::from_std(self.now).unwrap()
    }

    /// What the clock of a till says.
    pub(crate) fn clock(&self, till: usize) -> DateTime<Utc> {
        self.wall() + self.tills[till].skew
    }

    pub(crate) fn is_cut(&self, till: usize) -> bool {
        self.now < self.tills[till].cut_until
    }

    pub(crate) fn is_down(&self) -> bool {
        self.now < self.down_until
    }

    pub(crate) fn centre(&self) -> &Centre {
        self.centre.as_ref().unwrap()
    }

    pub(crate) fn centre_mut(&mut self) -> &mut Centre {
        self.centre.as_mut().unwrap()
    }

    pub(crate) async fn restart_centre(&mut self, agrees: Option<(&str, Uuid)>) {
        let centre = self.centre.take().unwrap();
        self.centre = Some(centre.restart(agrees).await);
    }

    /// Switches everything off. What is in the tills' files stays to be looked at.
    pub(crate) async fn stop(&mut self) {
        for till in &mut self.tills {
            till.stop().await;
        }
        if let Some(centre) = self.centre.take() {
            centre.stop().await;
        }
    }

    /// A number that nobody has had before.
    pub(crate) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// A till takes one more step, or is killed before it.
    pub(crate) async fn survives(&mut self, till: usize) -> bool {
        match &mut self.tills[till].steps_left {
            None => return true,
            Some(0) => {}
            Some(steps) => {
                *steps -= 1;
                return true;
            }
        }
        self.tills[till].steps_left = None;
        self.tills[till].kill().await;
        let after = Duration::from_secs(self.rng.random_range(1..300));
        self.later(after, Happening::Starts(till));
        false
    }

    /// The chance of one more request of a till.
    pub(crate) fn chance_of_request(&mut self, till: usize, what: &str) -> ChaCha8Rng {
        self.tills[till].requests += 1;
        let number = self.tills[till].requests;
        chance(self.seed, &format!("{till} {what} {number}"))
    }

    /// Tells a machine, and carries out what it decides, until it is content.
    pub(crate) async fn tell(&mut self, till: usize, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                self.violations.push("a till never rests".to_owned());
                self.happenings.clear();
                self.coming.clear();
                return;
            }
            let now = Now { wall: self.clock(till), tick: self.origin + self.now };
            let Some(machine) = self.tills[till].machine() else { return };
            for effect in machine.step(event, now) {
                if !self.survives(till).await {
                    return;
                }
                events.extend(self.carry_out(till, effect).await);
                if !self.survives(till).await {
                    return;
                }
            }
        }
    }

    fn let_go(&mut self, edit: Uuid) {
        if let Some(made) = self.made.get_mut(&edit) {
            made.let_go = true;
        }
    }

    fn is_made(&mut self, till: usize, id: Uuid, subject: &str, place: Option<(String, String)>) {
        let nth = self.made.len();
        let made = Made { till, subject: subject.to_owned(), place, applied: 0, nth, let_go: false };
        self.made.insert(id, made);
    }

    async fn carry_out(&mut self, till: usize, effect: Effect) -> Vec<Event> {
        let now = self.clock(till);
        let life = self.tills[till].life;
        match effect {
            Effect::SendNext { customer } => self.send(till, customer).await,
            Effect::Probe => {
                let mut rng = self.chance_of_request(till, "probe");
                let answered = !self.is_cut(till) && !self.is_down();
                let after =
                    if answered { Duration::from_millis(rng.random_range(5..900)) } else { PATIENCE / 2 };
                self.later(
                    after,
                    Happening::Told(till, life, Box::new(Event::Centre { answered, slow: false })),
                );
                let jitter = rng.random();
                self.later(after, Happening::Told(till, life, Box::new(Event::Probed { jitter })));
                Vec::new()
            }
            Effect::Follow => {
                self.follow(till);
                Vec::new()
            }
            Effect::ShipAudit => {
                self.ship(till).await;
                Vec::new()
            }
            Effect::LoadProfile { attempt } => {
                self.load(till, attempt);
                Vec::new()
            }
            effect => {
                let whose = match &effect {
                    Effect::TakeBack { id, .. } => self.tills[till].whose(*id).await,
                    _ => self.open_subject(till),
                };
                let Some(told) = self.tills[till].carry_out(&effect, now).await else {
                    self.violations.push(format!("nobody carries out {effect:?}"));
                    return Vec::new();
                };
                for event in &told {
                    self.is_saved(till, &effect, whose.as_deref(), event);
                }
                told
            }
        }
    }

    /// What is on the disk of a till from now on may not be lost any more, also where nobody lives to be told so.
    fn is_saved(&mut self, till: usize, effect: &Effect, whose: Option<&str>, event: &Event) {
        match (effect, event) {
            (
                Effect::SaveEdit { edit, change, .. },
                Event::EditSaved { answer: Saved::Queued { .. }, .. },
            ) => {
                if let Some(subject) = whose {
                    let place = (change.group.clone(), change.key.clone());
                    self.is_made(till, *edit, subject, Some(place));
                }
            }
            (_, Event::EditMended { edit, mended: Some(mended), .. }) => {
                self.let_go(*edit);
                let place = (mended.edit.group.clone(), mended.edit.key.clone());
                self.is_made(till, mended.id, &mended.customer.subject, Some(place));
            }
            (_, Event::EditDropped { edit, whose: Some(_), .. }) => self.let_go(*edit),
            (Effect::NoteVisit { visit, .. }, Event::VisitNoted { customer: Some(_), .. }) => {
                if let Some(subject) = whose {
                    self.is_made(till, *visit, subject, None);
                }
            }
            (Effect::AddCustomer { subject, new, .. }, Event::CustomerAdded { id: Some(id), .. }) => {
                self.entered.insert((till, *id), subject.to_string());
                self.names.insert(subject.to_string(), new.name.display.clone());
                self.is_made(till, *subject, &subject.to_string(), None);
            }
            (_, Event::CustomerDropped { whom: Some(whom), .. }) => {
                let theirs =
                    self.made.values_mut().filter(|made| made.till == till && made.subject == whom.subject);
                theirs.for_each(|made| made.let_go = true);
            }
            (Effect::TakeBack { act, .. }, Event::Forgotten { tell: true, .. }) => {
                if let Some(subject) = whose {
                    self.is_made(till, *act, subject, None);
                    self.taken_back.insert(subject.to_owned());
                }
            }
            _ => {}
        }
    }

    fn open_subject(&mut self, till: usize) -> Option<String> {
        match &self.tills[till].machine()?.state().visit {
            Visit::Open(open) => Some(open.customer.subject.clone()),
            _ => None,
        }
    }

    fn load(&mut self, till: usize, attempt: AttemptId) {
        let life = self.tills[till].life;
        let Some(subject) = self.open_subject(till) else { return };
        if self.is_cut(till) || self.is_down() {
            let answers = [
                Event::Centre { answered: false, slow: false },
                Event::NotLoaded { attempt, why: NotLoaded::Now },
            ];
            for event in answers {
                self.later(PATIENCE, Happening::Told(till, life, Box::new(event)));
            }
            return;
        }
        let mut rng = self.chance_of_request(till, "profile");
        let (there, back) = (
            Duration::from_millis(rng.random_range(5..500)),
            Duration::from_millis(rng.random_range(5..4_000)),
        );
        self.later(there, Happening::Fetches { till, life, attempt, subject, back });
    }

    async fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Fate => self.fate().await,
            Happening::Told(till, life, event) => {
                if self.tills[till].life == life && self.tills[till].is_on() {
                    self.tell(till, *event).await;
                }
            }
            Happening::Arrives { request, comes_back } => self.arrives(request, comes_back).await,
            Happening::Answered { request, answer } => self.answered(request, answer).await,
            Happening::Fetches { till, life, attempt, subject, back } => {
                let event = match self.centre().profile(&subject).await {
                    Some(profile) => {
                        Event::Loaded { attempt, profile: Box::new(profile), page: ActivityPage::default() }
                    }
                    None => Event::NotLoaded { attempt, why: NotLoaded::Ever },
                };
                self.later(back, Happening::Told(till, life, Box::new(event)));
            }
            Happening::Follows { till, life, told: None } => self.tells(till, life).await,
            Happening::Follows { till, life, told: Some(told) } => self.is_told(till, life, told).await,
            Happening::Ships { till, request, batch, is_heard } => {
                self.is_shipped(till, request, batch, is_heard).await;
            }
            Happening::ShippingEnds { till, request } => {
                self.shipping_ends(till, request, Shipped::NoAnswer).await;
            }
            Happening::Starts(till) => {
                if !self.tills[till].is_on() {
                    self.start(till).await;
                }
            }
        }
    }

    async fn start(&mut self, till: usize) {
        for event in self.tills[till].start().await {
            self.tell(till, event).await;
        }
        self.tell(till, Event::OwnAuthority).await;
        let reached = !self.is_cut(till) && !self.is_down();
        self.tell(till, Event::Centre { answered: reached, slow: false }).await;
    }

    pub(crate) fn is_erased(&self, subject: &str) -> bool {
        self.erased.iter().any(|erased| erased == subject)
    }
}

/// Chance by names.
fn chance(seed: u64, names: &str) -> ChaCha8Rng {
    let hash: [u8; 32] = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(names).finalize().into();
    ChaCha8Rng::from_seed(hash)
}
