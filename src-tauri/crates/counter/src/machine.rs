//! The pure state machine of a counter: `step(event, now) -> effects`. It does nothing itself: no clock, no chance, no
//! disk, no network. What it knows of a customer stands in the [`State`] and in [`Sitting`], and both are blanked in one
//! place, [`Machine::close`].

mod associate_sign_in;
mod codes;
mod connection;
mod edits;
mod effect;
mod entering;
mod event;
mod feed;
mod memory;
mod mending;
mod outbox;
mod profile;
mod sign_in;
mod sitting;
mod staff;
mod times_out;
mod trail;

use std::time::{Duration, Instant};

use ::profile::notes;
use chrono::TimeDelta;
use directory::Offers;

use self::{
    codes::Offer,
    connection::{Lately, Probe},
    feed::Following,
    outbox::Outbox,
    sitting::Sitting,
    staff::Checking,
    trail::Shipping,
};
use crate::{
    Input, State,
    state::{
        AccessLeft, Associate, AttemptId, Connection, Ending, Failure, Feed, Memory, Notice, NoticeKind, Now,
        PinState, Queue, Staff, Visit,
    },
};

pub use self::{
    associate_sign_in::CheckedAssociate,
    effect::Effect,
    event::{Code, Event, NotLoaded, OpenedMemory, PinAnswer, Polled, Saved, Sent, ToRemember, Verified},
    feed::{Changes, Followed},
    trail::Shipped,
};

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// An untouched profile closes after this.
    pub profile_idle: Duration,
    /// An untouched till locks itself after this.
    pub lock_idle: Duration,
    /// A match that nobody confirms is given up after this.
    pub match_timeout: Duration,
    /// How long the display says goodbye.
    pub goodbye: Duration,
    /// How long a failure stays.
    pub failure: Duration,
    /// How long a step of the till itself may take.
    pub patience: Duration,
    /// How long fresh codes are shown to somebody who scans none.
    pub offer: Duration,
    /// How long after an associate has signed in at the store's identity provider their PIN is enough; none where a till has
    /// PINs of its own alone.
    pub pin_counts_for: Option<TimeDelta>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile_idle: Duration::from_mins(5),
            lock_idle: Duration::from_mins(15),
            match_timeout: Duration::from_mins(2),
            goodbye: Duration::from_secs(4),
            failure: Duration::from_secs(30),
            patience: Duration::from_secs(30),
            offer: Duration::from_mins(10),
            pin_counts_for: None,
        }
    }
}

/// When a provider that was too slow to end an access is told again. One that is gone is told as soon as it answers.
const REVOKE_AGAIN: Duration = Duration::from_secs(30);

/// How often copies whose date is over are looked for.
const PURGE_EVERY: Duration = Duration::from_hours(1);

/// The machine of one counter.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    state: State,
    /// The last attempt; each sign-in has a number of its own.
    attempts: u64,
    notices: u64,
    associates: Vec<Associate>,
    /// The last sign-in of an associate; each has a number of its own.
    associate_sign_ins: u64,
    /// When it is to be looked at.
    associate_at: Option<Instant>,
    pin_checks: u64,
    checking: Option<Checking>,
    unblock_at: Option<Instant>,
    lock_at: Option<Instant>,
    purge_at: Option<Instant>,
    /// When what waits to be revoked is tried again.
    revoke_at: Option<Instant>,
    reopen_at: Option<Instant>,
    /// When the present stage of the visit is given up, where the state does not say it.
    give_up_at: Option<Instant>,
    sitting: Option<Sitting>,
    /// The codes of the present sign-in.
    offer: Option<Offer>,
    codes: u64,
    outbox: Outbox,
    following: Following,
    shipping: Shipping,
    probe: Probe,
    lately: Lately,
}

type Effects = Vec<Effect>;

impl Machine {
    /// A counter that was just switched on, and what is to be done first.
    pub fn new(settings: Settings) -> (Self, Vec<Effect>) {
        let state = State {
            staff: Staff::Locked { associates: Vec::new(), pin: PinState::Untried },
            associates_sign_in: settings.pin_counts_for.is_some(),
            memory: Memory::Opening,
            connection: Connection::Unknown,
            offers: Offers::everything(),
            at_store: false,
            queue: Queue::default(),
            feed: Feed::Off,
            visit: Visit::Idle,
            recent: Vec::new(),
            notice: None,
            times_out: None,
        };
        let machine = Self {
            settings,
            state,
            attempts: 0,
            notices: 0,
            associates: Vec::new(),
            associate_sign_ins: 0,
            associate_at: None,
            pin_checks: 0,
            checking: None,
            unblock_at: None,
            lock_at: None,
            purge_at: None,
            revoke_at: None,
            reopen_at: None,
            give_up_at: None,
            sitting: None,
            offer: None,
            codes: 0,
            outbox: Outbox::default(),
            following: Following::default(),
            shipping: Shipping::default(),
            probe: Probe::default(),
            lately: Lately::default(),
        };
        (machine, vec![Effect::OpenMemory])
    }

    /// What the windows draw.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// One step. Everything that is due at `now` is done as well.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        let fx = &mut effects;
        match event {
            Event::Tick => {}
            Event::Input { input, fresh } => self.input(input, fresh, now, fx),
            Event::MemoryOpened(opened) => self.memory_opened(*opened, now, fx),
            Event::MemoryFailed(why) => self.memory_failed(why, now),
            Event::Recent(recent) => self.recent(recent),
            Event::AssociateAdded { associate, kept } => self.associate_added(associate, kept, now, fx),
            Event::PinChecked { check, answer } => self.pin_checked(check, answer, now, fx),
            Event::AssociateCode { sign_in, answer } => self.associate_code(sign_in, answer, now),
            Event::AssociatePolled { sign_in, answer, jitter } => {
                self.associate_polled(sign_in, answer, jitter, now, fx);
            }
            Event::AssociateChecked { sign_in, who } => self.associate_checked(sign_in, who, now, fx),
            Event::AssociateKept { sign_in, associate } => self.associate_kept(sign_in, associate, now, fx),
            Event::Centre { answered, slow } => self.centre(answered, slow, now, fx),
            Event::Offers(offers) => self.state.offers = offers,
            Event::OwnAuthority => {
                self.feed_offered(now);
                self.shipping.offered(now.tick);
            }
            Event::Followed { what, jitter } => self.followed(what, jitter, now, fx),
            Event::AuditShipped { what, jitter } => self.shipped(what, jitter, now),
            Event::Probed { jitter } => self.probe.probed(jitter, now.tick),
            Event::CodeReceived { attempt, id, code } => self.code_received(attempt, id, code, now),
            Event::CodeFailed { attempt, id, why } => self.code_failed(attempt, id, why, now, fx),
            Event::Polled { attempt, code, answer, jitter } => {
                self.polled(attempt, code, answer, jitter, now, fx);
            }
            Event::Verified { attempt, who } => self.verified(attempt, *who, now, fx),
            Event::NotVerified { attempt, why } => self.not_verified(attempt, why, now, fx),
            Event::Loaded { attempt, profile, page } => self.loaded(attempt, *profile, page, now, fx),
            Event::NotLoaded { attempt, why } => self.not_loaded(attempt, why, now, fx),
            Event::OlderLoaded { attempt, page } => self.older_loaded(attempt, page),
            Event::CopyRead { attempt, copy } => self.copy_read(attempt, copy, now, fx),
            Event::CopyNotRead { attempt } => self.copy_not_read(attempt, fx),
            Event::Forgotten { id, unsent, tell } => self.forgotten(id, unsent, tell, now, fx),
            Event::NotForgotten => self.notice(NoticeKind::NotForgotten),
            Event::Remembered { attempt, id } => self.remembered(attempt, id, now, fx),
            Event::CustomerAdded { attempt, id, queue } => self.customer_added(attempt, id, queue, now, fx),
            Event::VisitNoted { attempt, customer, queue } => self.visit_noted(attempt, customer, queue, now),
            Event::CustomerSent { customer, again, queue } => {
                self.customer_is_sent(customer, again, queue, now, fx);
            }
            Event::CustomerDropped { customer, whom, queue } => {
                self.customer_dropped(customer, whom, queue, now, fx);
            }
            Event::Entered { attempt, customer, edits } => self.entered(attempt, customer, edits, now, fx),
            Event::EditSaved { attempt, edit, answer } => self.edit_saved(attempt, edit, answer, now),
            Event::EditAnswered { attempt, edit, answer } => self.edit_answered(attempt, edit, answer, fx),
            Event::EditMended { edit, mended, queue } => {
                self.edit_mended(edit, mended.map(|mended| *mended), now);
                self.count_queue(queue, fx);
            }
            Event::EditDropped { edit, whose, queue } => {
                self.edit_dropped(edit, whose, now, fx);
                self.count_queue(queue, fx);
            }
            Event::QueueAnswered { customer, edit, answer, more, queue, jitter } => {
                self.queue_answered(customer, answer, edit, more, jitter, now, fx);
                self.count_queue(queue, fx);
            }
            Event::HandedOver(what) => self.notice(NoticeKind::HandedOver(what)),
            Event::AccessLeft { attempt, left } => self.access_left(attempt, left, now),
        }
        self.do_what_is_due(now, fx);
        self.say_what_times_out(now);
        effects
    }

    /// When [`Event::Tick`] is due at the latest.
    pub fn next_deadline(&self) -> Option<Instant> {
        [
            self.unblock_at,
            self.checking.map(|checking| checking.give_up_at),
            self.lock_at,
            self.associate_at,
            self.purge_at,
            self.revoke_at,
            self.reopen_at,
            self.give_up_at,
            self.visit_deadline(),
            self.warn_at(),
            self.sitting.as_ref().and_then(|sitting| sitting.load_at),
            self.outbox.next_at(self.may_send()),
            self.following.next_at(self.may_send()),
            self.shipping.next_at(self.may_send()),
            self.probe.next_at(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn visit_deadline(&self) -> Option<Instant> {
        match &self.state.visit {
            Visit::AwaitingScan(scan) => Some(scan.next_at()),
            Visit::AwaitingMatch(found) => Some(found.deadline),
            Visit::Open(open) => Some(open.idle_deadline),
            Visit::Ended { until, .. } => Some(*until),
            Visit::Idle
            | Visit::Starting { .. }
            | Visit::Verifying { .. }
            | Visit::LoadingProfile(_)
            | Visit::Failed(_) => None,
        }
    }

    fn do_what_is_due(&mut self, now: Now, fx: &mut Effects) {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now.tick);
        if due(self.unblock_at) {
            self.unblock();
        }
        if due(self.checking.map(|checking| checking.give_up_at)) {
            self.stop_checking();
        }
        if due(self.lock_at) {
            self.lock(now, fx);
        }
        if due(self.associate_at) {
            self.associate_is_due(now, fx);
        }
        if due(self.give_up_at) {
            self.give_up(now, fx);
        }
        self.visit_is_due(now, fx);
        if due(self.sitting.as_ref().and_then(|sitting| sitting.load_at)) {
            self.load_again(fx);
        }
        if due(self.reopen_at) {
            self.reopen(fx);
        }
        if due(self.purge_at) {
            self.purge_at = Some(now.tick + PURGE_EVERY);
            fx.push(Effect::Purge);
            fx.push(Effect::RevokeQueued);
            fx.push(Effect::HandOver);
        }
        if due(self.revoke_at) {
            self.revoke_at = None;
            fx.push(Effect::RevokeQueued);
        }
        if self.may_send() {
            self.outbox.send(now.tick, fx);
            self.follow(now, fx);
            self.ship(now, fx);
        }
        self.say_who_must_sign_in();
        if self.probe.send(now.tick) {
            fx.push(Effect::Probe);
        }
    }

    fn visit_is_due(&mut self, now: Now, fx: &mut Effects) {
        match &self.state.visit {
            Visit::AwaitingScan(_) => self.codes_are_due(now, fx),
            Visit::AwaitingMatch(found) if found.deadline <= now.tick => {
                self.fail(Failure::MatchTimedOut, now, fx);
            }
            Visit::Open(open) if open.idle_deadline <= now.tick => self.end(Ending::Idle, now, fx),
            Visit::Ended { until, .. } if *until <= now.tick => self.state.visit = Visit::Idle,
            _ => {}
        }
    }

    /// A stage that has no deadline in the state took too long, or a failure was looked at for long enough.
    fn give_up(&mut self, now: Now, fx: &mut Effects) {
        self.give_up_at = None;
        match &self.state.visit {
            Visit::Starting { .. } | Visit::Verifying { .. } => self.fail(Failure::Unreachable, now, fx),
            Visit::LoadingProfile(_) => self.fail(Failure::NoProfile, now, fx),
            Visit::Failed(_) => self.state.visit = Visit::Idle,
            Visit::Idle
            | Visit::AwaitingScan(_)
            | Visit::AwaitingMatch(_)
            | Visit::Open(_)
            | Visit::Ended { .. } => {}
        }
    }

    fn input(&mut self, input: Input, fresh: uuid::Uuid, now: Now, fx: &mut Effects) {
        self.touched(now);
        // At a locked till each act looks for itself.
        if let Staff::Unlocked(associate) = &self.state.staff
            && !associate.may().allows(&input)
        {
            return;
        }
        match input {
            Input::SignInAssociate => self.sign_in_associate(now, fx),
            Input::ChoosePin { pin } => self.choose_pin(pin, now, fx),
            Input::EndShift => self.end_shift(now, fx),
            Input::AddAssociate { name, pin } => self.add_associate(name, pin, fx),
            Input::Unlock { associate, pin } => self.unlock(associate, pin, now, fx),
            Input::Lock => self.lock(now, fx),
            Input::SignIn => self.sign_in(now, fx),
            Input::NewCode => self.new_code(now, fx),
            Input::Cancel => self.cancel(now, fx),
            Input::ConfirmMatch => self.confirm(now, fx),
            Input::RefuseMatch => self.refuse(now, fx),
            Input::OpenRemembered { id } => self.open_remembered(id, fx),
            Input::AddCustomer(entry) => self.add_customer(entry, fresh, now, fx),
            Input::SendCustomer { customer } => self.send_customer(customer, fx),
            Input::SignInAs { customer } => self.sign_in_as(customer, now, fx),
            Input::DropCustomer { customer } => self.drop_customer(customer, fx),
            Input::NoteVisit => self.note_visit(fresh, fx),
            Input::ChangePreference(edit) => self.change(edit, fresh, now, fx),
            Input::TakeNote { text } => self.change(notes::note(fresh.simple(), &text), fresh, now, fx),
            Input::AddTag { text } => self.change(notes::tag(&text), fresh, now, fx),
            Input::UndoEdit { edit } => self.undo(edit, fresh, now, fx),
            Input::MendEdit { edit, value, seen } => self.mend(edit, value, seen, fresh, now, fx),
            Input::DropEdit { edit } => self.drop_edit(edit, now, fx),
            Input::ForgetCustomer => self.take_back(fresh, fx),
            Input::PauseSnapshot => self.pause_snapshot(true, now),
            Input::ResumeSnapshot => self.pause_snapshot(false, now),
            Input::OlderActivity => self.older(fx),
            Input::EndVisit => self.end_visit(now, fx),
            Input::Dismiss => self.dismiss(),
            Input::DismissNotice { id } => drop(self.state.notice.take_if(|notice| notice.id == id)),
            Input::Touched => {}
            Input::RetryMemory => self.retry_memory(fx),
            Input::StartAnew => self.start_anew(fx),
        }
    }

    /// Idle deadlines start again.
    fn touched(&mut self, now: Now) {
        if self.is_unlocked() {
            self.lock_at = Some(now.tick + self.settings.lock_idle);
        }
        match &mut self.state.visit {
            Visit::Open(open) => open.idle_deadline = now.tick + self.settings.profile_idle,
            Visit::AwaitingMatch(found) => found.deadline = now.tick + self.settings.match_timeout,
            _ => {}
        }
    }

    fn is_unlocked(&self) -> bool {
        matches!(self.state.staff, Staff::Unlocked(_))
    }

    fn notice(&mut self, what: NoticeKind) {
        // Nothing is said to whoever stands before a locked till.
        if self.is_unlocked() {
            self.notices += 1;
            self.state.notice = Some(Notice { id: self.notices, what });
        }
    }

    /// Takes away what was said about one customer. What is said about the queue stays.
    fn forget_notice(&mut self) {
        let stays = |notice: &Notice| {
            matches!(
                notice.what,
                NoticeKind::QueueSent { .. }
                    | NoticeKind::EditRefused
                    | NoticeKind::EditNotMended
                    | NoticeKind::ForgottenUnsent { .. }
                    | NoticeKind::HandedOver(_)
                    | NoticeKind::AccessLeft(_)
                    | NoticeKind::AssociateAdded { .. }
                    | NoticeKind::AssociateNotAdded
                    | NoticeKind::StartedAnew(_)
                    | NoticeKind::NotForgotten
                    | NoticeKind::MayBeKnown
                    | NoticeKind::CustomerNotAdded
            )
        };
        self.state.notice.take_if(|notice| !stays(notice));
    }

    /// Begins a sign-in. The one before is closed already.
    fn begin(&mut self) -> AttemptId {
        self.attempts += 1;
        let attempt = AttemptId(self.attempts);
        self.sitting = Some(Sitting::new(attempt));
        attempt
    }

    /// The one place where a customer leaves the machine, however the visit ended. The caller says what is shown next.
    fn close(&mut self, how: Option<Ending>, fx: &mut Effects) {
        self.give_up_at = None;
        self.offer = None;
        self.state.visit = Visit::Idle;
        if let Some(sitting) = self.sitting.take() {
            fx.push(Effect::Close { attempt: sitting.attempt, how });
            self.forget_notice();
            if self.state.memory == Memory::Ready && self.may_serve() {
                fx.push(Effect::ReadRecent);
            }
        }
    }

    fn end(&mut self, how: Ending, now: Now, fx: &mut Effects) {
        let attempt = AttemptId(self.attempts);
        self.close(Some(how), fx);
        let until = now.tick + self.settings.goodbye;
        self.state.visit = Visit::Ended { attempt, how, left: None, until };
    }

    /// Said with the goodbye, or after it where that is over. What runs out by itself soon is not worth a notice.
    fn access_left(&mut self, attempt: AttemptId, left: AccessLeft, now: Now) {
        if left == AccessLeft::Queued {
            self.revoke_at = Some(now.tick + REVOKE_AGAIN);
        }
        match &mut self.state.visit {
            Visit::Ended { attempt: ended, left: said, .. } if *ended == attempt => *said = Some(left),
            _ if matches!(left, AccessLeft::RunsOut { .. }) => {}
            _ => self.notice(NoticeKind::AccessLeft(left)),
        }
    }

    fn fail(&mut self, why: Failure, now: Now, fx: &mut Effects) {
        self.close(None, fx);
        self.state.visit = Visit::Failed(why);
        self.give_up_at = Some(now.tick + self.settings.failure);
    }

    fn dismiss(&mut self) {
        if matches!(self.state.visit, Visit::Ended { .. } | Visit::Failed(_)) {
            self.give_up_at = None;
            self.state.visit = Visit::Idle;
        }
    }

    /// Whether an answer belongs to the sign-in of now.
    fn is_current(&self, attempt: AttemptId) -> bool {
        self.sitting.as_ref().is_some_and(|sitting| sitting.attempt == attempt)
    }
}
