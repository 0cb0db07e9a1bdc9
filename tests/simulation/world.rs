//! Tills, a centre, and what lies between them: a network that loses, delays and doubles, and chance. Time is a number that
//! goes on to whatever happens next. What a seed decides is decided by names (till, customer, number of the request)
//! and not by the order of things, so that a seed plays the same again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use counter::{
    Input,
    machine::{Effect, Event, NotLoaded, Sent},
    state::{AttemptId, Now, Staff, Visit},
};
use profile::{ActivityPage, PreferenceEdit, PreferenceValue, Profile};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use vault::{EditState, QueuedEdit, Theirs};

use crate::{
    centre::{self, Centre, TILLS, beginning},
    following::Told,
    till::{self, Till, act},
};

/// How long things go wrong.
const CHAOS: Duration = Duration::from_hours(1);
/// Two of the longest waits between two tries, and what a request takes.
const CALM: Duration = Duration::from_mins(10);
/// How long a till waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// No request is on its way for longer.
const LONGEST_WAY: Duration = Duration::from_hours(30);
/// More would be a till that never rests.
const MOST_STEPS: u32 = 50_000;
const PREFERENCES: [(&str, &str); 2] = [("care", "note"), ("garden", "plan")];

/// An edit that a person was told is saved.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) till: usize,
    pub(crate) subject: String,
    pub(crate) place: (String, String),
    /// How often it has changed something at the centre.
    pub(crate) applied: u32,
    /// Its place among the edits of all.
    pub(crate) nth: usize,
    /// A person has dropped it, or has sent another one in its place.
    pub(crate) let_go: bool,
}

/// An edit on its way.
struct Request {
    till: usize,
    life: u32,
    customer: Uuid,
    queued: QueuedEdit,
    /// The till has its answer, or has given up.
    is_over: bool,
}

pub(crate) enum Happening {
    /// Somebody does something, or something breaks.
    Fate,
    /// A till is told of something.
    Told(usize, u32, Box<Event>),
    /// A request comes to the centre. What it says may not come back.
    Arrives { request: usize, comes_back: Option<Duration> },
    /// The answer, or none.
    Answered { request: usize, answer: Option<Sent> },
    /// A till asks for a customer's profile.
    Fetches { till: usize, life: u32, attempt: AttemptId, subject: String, back: Duration },
    /// A till follows the centre: its request arrives, or what was told.
    Follows { till: usize, life: u32, told: Option<Told> },
    /// A till is switched on.
    Starts(usize),
}

pub(crate) struct World {
    seed: u64,
    rng: ChaCha8Rng,
    now: Duration,
    /// For the machines, whose clock does not turn back.
    origin: Instant,
    /// What is to come; a number keeps those of one moment in order.
    coming: BinaryHeap<Reverse<(Duration, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next: u64,
    steps: u32,
    /// So many more acts and mishaps.
    fates: u32,
    /// Sends each edit under a new key each time, as no till does.
    careless: bool,
    pub(crate) centre: Centre,
    pub(crate) tills: Vec<Till>,
    requests: Vec<Request>,
    /// Who waits to hear of a change.
    pub(crate) held: Vec<(usize, u32)>,
    pub(crate) customers: Vec<centre::Known>,
    pub(crate) erased: Vec<centre::Known>,
    pub(crate) made: BTreeMap<Uuid, Made>,
    values: u32,
    pub(crate) violations: Vec<String>,
}

impl World {
    pub(crate) fn new(
        seed: u64,
        fates: u32,
        careless: bool,
        centre: Centre,
        customers: Vec<centre::Known>,
        template: &till::Template,
    ) -> Self {
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
            careless,
            centre,
            tills: TILLS.iter().map(|name| Till::new(name, template)).collect(),
            requests: Vec::new(),
            held: Vec::new(),
            customers,
            erased: Vec::new(),
            made: BTreeMap::new(),
            values: 0,
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
        for till in 0..self.tills.len() {
            self.tills[till].cut_until = Duration::ZERO;
            self.tills[till].skew = TimeDelta::zero();
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
        self.centre.at(self.wall());
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

    /// Chance by names.
    fn chance(&self, names: &str) -> ChaCha8Rng {
        let hash: [u8; 32] =
            Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(names).finalize().into();
        ChaCha8Rng::from_seed(hash)
    }

    /// The chance of one more request of a till.
    pub(crate) fn chance_of_request(&mut self, till: usize, what: &str) -> ChaCha8Rng {
        self.tills[till].requests += 1;
        let number = self.tills[till].requests;
        self.chance(&format!("{till} {what} {number}"))
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
            self.note(till, &event);
            let now = Now { wall: self.clock(till), tick: self.origin + self.now };
            let Some(machine) = self.tills[till].machine() else { return };
            for effect in machine.step(event, now) {
                events.extend(self.carry_out(till, effect).await);
            }
        }
    }

    /// What a person was told.
    fn note(&mut self, till: usize, event: &Event) {
        match event {
            Event::EditMended { edit, mended: Some(mended), .. } => {
                self.let_go(*edit);
                self.is_made(till, mended.id, &mended.customer.subject, &mended.edit);
            }
            Event::EditDropped { edit, whose: Some(_), .. } => self.let_go(*edit),
            _ => {}
        }
    }

    fn let_go(&mut self, edit: Uuid) {
        if let Some(made) = self.made.get_mut(&edit) {
            made.let_go = true;
        }
    }

    fn is_made(&mut self, till: usize, id: Uuid, subject: &str, edit: &PreferenceEdit) {
        let (nth, place) = (self.made.len(), (edit.group.clone(), edit.key.clone()));
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
                let answered = !self.is_cut(till);
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
            Effect::LoadProfile { attempt } => {
                self.load(till, attempt);
                Vec::new()
            }
            effect => {
                let saving = match &effect {
                    Effect::SaveEdit { edit, change, .. } => Some((*edit, change.clone())),
                    _ => None,
                };
                let told = self.tills[till].carry_out(&effect, now).await;
                let Some(told) = told else {
                    self.violations.push(format!("nobody carries out {effect:?}"));
                    return Vec::new();
                };
                if let (
                    Some((id, change)),
                    [Event::EditSaved { answer: counter::machine::Saved::Queued { .. }, .. }],
                ) = (saving, &told[..])
                    && let Some(subject) = self.open_subject(till)
                {
                    self.is_made(till, id, &subject, &change);
                }
                told
            }
        }
    }

    fn open_subject(&mut self, till: usize) -> Option<String> {
        match &self.tills[till].machine()?.state().visit {
            Visit::Open(open) => Some(open.customer.subject.clone()),
            _ => None,
        }
    }

    /// Sends the oldest edit of a customer.
    async fn send(&mut self, till: usize, customer: Uuid) -> Vec<Event> {
        let vault = self.tills[till].vault().unwrap().clone();
        let Some(queued) = vault.next_to_send(customer).await.unwrap() else {
            return vec![self.tills[till].answered(customer, None, Sent::Nothing, 0.5).await];
        };
        let mut rng = self.chance_of_request(till, &queued.customer.subject);
        let number = self.requests.len();
        let life = self.tills[till].life;
        self.requests.push(Request { till, life, customer, queued, is_over: false });
        self.later(PATIENCE, Happening::Answered { request: number, answer: None });
        if self.is_cut(till) {
            return Vec::new();
        }
        let way = |rng: &mut ChaCha8Rng| Duration::from_millis(rng.random_range(5..2_000));
        let back = way(&mut rng);
        if !self.is_chaos() {
            let there = way(&mut rng);
            self.later(there, Happening::Arrives { request: number, comes_back: Some(back) });
            return Vec::new();
        }
        if rng.random_bool(0.9) {
            let comes_back = rng.random_bool(0.8).then_some(back);
            let there = if rng.random_bool(0.85) { way(&mut rng) } else { long_way(&mut rng) };
            self.later(there, Happening::Arrives { request: number, comes_back });
        }
        if rng.random_bool(0.15) {
            let again = long_way(&mut rng);
            self.later(again, Happening::Arrives { request: number, comes_back: Some(back) });
        }
        Vec::new()
    }

    fn load(&mut self, till: usize, attempt: AttemptId) {
        let life = self.tills[till].life;
        let Some(subject) = self.open_subject(till) else { return };
        if self.is_cut(till) {
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
                let event = match self.centre.profile(&subject).await {
                    Some(profile) => {
                        Event::Loaded { attempt, profile: Box::new(profile), page: ActivityPage::default() }
                    }
                    None => Event::NotLoaded { attempt, why: NotLoaded::Ever },
                };
                self.later(back, Happening::Told(till, life, Box::new(event)));
            }
            Happening::Follows { till, life, told: None } => self.tells(till, life).await,
            Happening::Follows { till, life, told: Some(told) } => self.is_told(till, life, told).await,
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
        self.tell(till, Event::FeedOffered).await;
        let reached = !self.is_cut(till);
        self.tell(till, Event::Centre { answered: reached, slow: false }).await;
    }

    /// The centre carries a request out.
    async fn arrives(&mut self, number: usize, comes_back: Option<Duration>) {
        let Request { till, queued, .. } = &self.requests[number];
        let (till, queued) = (*till, queued.clone());
        let subject = queued.customer.subject.clone();
        let before = self.centre.revision(&subject).await;
        let (base, name) = (Some(queued.base_revision), self.tills[till].name);
        let key = if self.careless { self.fresh() } else { queued.id };
        let answer = self.centre.change(name, &subject, &queued.edit, base, key).await;
        let after = self.centre.revision(&subject).await;
        if before != after {
            self.has_changed();
            self.has_applied(&queued);
        } else if answer.is_ok() && self.made.get(&queued.id).is_some_and(|made| made.applied == 0) {
            self.violations.push(format!("the centre has said yes to {} and not done it", queued.id));
        }
        if let Some(back) = comes_back {
            self.later(
                back,
                Happening::Answered { request: number, answer: Some(said(answer, &queued.edit)) },
            );
        }
    }

    fn has_applied(&mut self, queued: &QueuedEdit) {
        let Some(made) = self.made.get_mut(&queued.id) else {
            return self.violations.push(format!("nobody was told that {} is saved", queued.id));
        };
        made.applied += 1;
        let (till, nth, applied) = (made.till, made.nth, made.applied);
        let (subject, place) = (made.subject.clone(), made.place.clone());
        if applied > 1 {
            self.violations.push(format!("{} was carried out {applied} times", queued.id));
        }
        let overtaken = self.made.values().any(|other| {
            other.till == till
                && other.subject == subject
                && other.place == place
                && other.nth > nth
                && other.applied > 0
        });
        if overtaken {
            self.violations.push(format!("{} was overtaken by a later edit of the same till", queued.id));
        }
    }

    /// A till hears what became of a request, or has waited for long enough.
    async fn answered(&mut self, number: usize, answer: Option<Sent>) {
        let Request { till, life, customer, queued, is_over } = &mut self.requests[number];
        let (till, customer, queued) = (*till, *customer, queued.clone());
        // Who is cut off hears nothing, and waits on.
        if answer.is_some() && self.now < self.tills[till].cut_until {
            return;
        }
        if *is_over || *life != self.tills[till].life || !self.tills[till].is_on() {
            return;
        }
        *is_over = true;
        let answered = answer.is_some();
        self.tell(till, Event::Centre { answered, slow: false }).await;
        let jitter = self.chance_of_request(till, "jitter").random();
        let now = self.clock(till);
        let answer = answer.unwrap_or(Sent::NoAnswer);
        for event in self.tills[till].noted(customer, &queued, answer, now, jitter).await {
            self.tell(till, event).await;
        }
    }

    /// One act of somebody, or one mishap; and when the next one comes.
    async fn fate(&mut self) {
        if !self.is_chaos() || self.fates == 0 {
            return;
        }
        self.fates -= 1;
        let next = Duration::from_secs(self.rng.random_range(1..600));
        self.later(next, Happening::Fate);
        let till = self.rng.random_range(0..self.tills.len());
        let customer = self.rng.random_range(0..self.customers.len());
        let subject = self.customers[customer].subject.clone();
        match self.rng.random_range(0..100) {
            0..45 => self.visit(till, &subject).await,
            45..57 => {
                let edit = self.edit();
                let id = self.fresh();
                self.centre.change_at_home(&subject, &edit, id).await;
                self.has_changed();
            }
            57..70 => {
                let long = Duration::from_secs(self.rng.random_range(1..2_000));
                self.tills[till].cut_until = self.now + long;
            }
            70..77 => self.tills[till].skew = self.jump(),
            77..85 => {
                let is_killed = self.rng.random_bool(0.7);
                let after = Duration::from_secs(self.rng.random_range(1..300));
                if !self.tills[till].is_on() {
                    return;
                }
                if is_killed {
                    self.tills[till].kill().await;
                } else {
                    self.tills[till].stop().await;
                }
                self.later(after, Happening::Starts(till));
            }
            85..97 => self.look_at_queue(till).await,
            _ => {
                if self.erased.iter().all(|erased| erased.subject != subject) {
                    self.erased.push(self.customers[customer].clone());
                    self.centre.erase(&subject).await;
                    self.has_changed();
                }
            }
        }
    }

    /// Years both ways, days, minutes, or right again.
    fn jump(&mut self) -> TimeDelta {
        match self.rng.random_range(0..4) {
            0 => TimeDelta::days(self.rng.random_range(-1100..1100)),
            1 => TimeDelta::hours(self.rng.random_range(-100..100)),
            2 => TimeDelta::seconds(self.rng.random_range(-600..600)),
            _ => TimeDelta::zero(),
        }
    }

    fn fresh(&mut self) -> Uuid {
        Uuid::from_u128(self.rng.random())
    }

    /// A value that nobody has set before.
    fn value(&mut self) -> PreferenceValue {
        self.values += 1;
        PreferenceValue::Text(format!("value {}", self.values))
    }

    fn edit(&mut self) -> PreferenceEdit {
        let (group, key) = PREFERENCES[self.rng.random_range(0..PREFERENCES.len())];
        PreferenceEdit { group: group.to_owned(), key: key.to_owned(), value: Some(self.value()) }
    }

    /// An associate opens somebody who is remembered, and changes something.
    async fn visit(&mut self, till: usize, subject: &str) {
        if !self.is_served(till) {
            return;
        }
        let Some(id) = self.tills[till].find(subject).await else { return };
        let fresh = self.fresh();
        self.tell(till, act(Input::OpenRemembered { id }, fresh)).await;
        for _ in 0..self.rng.random_range(1..4) {
            let (edit, fresh) = (self.edit(), self.fresh());
            self.tell(till, act(Input::ChangePreference(edit), fresh)).await;
        }
        if self.rng.random_bool(0.7) {
            let fresh = self.fresh();
            self.tell(till, act(Input::EndVisit, fresh)).await;
        }
    }

    fn is_served(&mut self, till: usize) -> bool {
        self.tills[till].is_ready()
            && self.tills[till]
                .machine()
                .is_some_and(|machine| matches!(machine.state().staff, Staff::Unlocked(_)))
    }

    /// An associate decides about what the centre has refused.
    async fn look_at_queue(&mut self, till: usize) {
        if !self.is_served(till) {
            return;
        }
        let vault = self.tills[till].vault().unwrap().clone();
        for unsent in vault.unsent().await.unwrap().edits {
            if !matches!(unsent.state, EditState::Refused { .. }) {
                continue;
            }
            let fresh = self.fresh();
            let seen = unsent.theirs.and_then(|theirs| theirs.preference).map(|preference| preference.value);
            let input = match self.rng.random_range(0..4) {
                0 => Input::DropEdit { edit: unsent.id },
                1 | 2 => Input::MendEdit { edit: unsent.id, value: Some(self.value()), seen },
                _ => continue,
            };
            self.tell(till, act(input, fresh)).await;
        }
    }
}

/// Held back somewhere, for up to a day.
fn long_way(rng: &mut ChaCha8Rng) -> Duration {
    let most = if rng.random_bool(0.2) { LONGEST_WAY } else { Duration::from_mins(5) };
    Duration::from_secs(rng.random_range(3..most.as_secs()))
}

/// What an answer of the centre means for an edit: as in the counter's driver.
fn said(answer: Result<Profile, directory::Error>, edit: &PreferenceEdit) -> Sent {
    match answer {
        Ok(profile) => Sent::Accepted(Box::new(profile)),
        Err(error) if error.is_transient() => Sent::NoAnswer,
        Err(directory::Error::NotAuthorised | directory::Error::OtherSubject) => Sent::NoToken,
        Err(directory::Error::Refused { status, problem }) => {
            let mut conflicts = problem.conflicts.into_iter();
            let conflict = conflicts.find(|one| one.group == edit.group && one.key == edit.key);
            let theirs = problem
                .revision
                .zip(conflict)
                .map(|(revision, conflict)| Theirs { preference: conflict.current, revision });
            Sent::Refused { status, theirs }
        }
        Err(_) => Sent::NoAnswer,
    }
}

impl World {
    pub(crate) fn is_erased(&self, subject: &str) -> bool {
        self.erased.iter().any(|erased| erased.subject == subject)
    }

    /// Whether a customer of a till's memory is erased at the centre.
    pub(crate) async fn is_erased_by_id(&self, till: usize, id: Uuid) -> bool {
        for erased in &self.erased {
            if self.tills[till].find(&erased.subject).await == Some(id) {
                return true;
            }
        }
        false
    }
}
